"""The bridge between the event loop and the threads that drive I/O."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from conftest import Emulator, under_way

from agglestone import AsyncClient, ClosedError, InvalidArgumentError, NotFoundError


class WatchesNothing(asyncio.SelectorEventLoop):
    """A loop like Windows' default one, which can watch no file descriptor for others."""

    def add_reader(self, *_: Any) -> None:  # type: ignore[override]
        raise NotImplementedError


@pytest.fixture(params=[asyncio.new_event_loop, WatchesNothing], ids=["watching", "waiting"])
def run(request: pytest.FixtureRequest, emulator: Emulator) -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Runs a coroutine in a loop of its own, of each kind."""

    def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
        loop = request.param()
        try:
            return loop.run_until_complete(coroutine)
        finally:
            loop.close()

    return run


Run = Callable[[Coroutine[Any, Any, Any]], Any]


def test_200_calls_at_once_are_all_answered(run: Run) -> None:
    async def main() -> None:
        async with AsyncClient() as client:
            pages = await asyncio.gather(*(client.get_users(1 + n % 45, 1) for n in range(200)))
            assert [page["pageNumber"] for page in pages] == [1 + n % 45 for n in range(200)]

    run(main())


def test_successes_and_failures_come_back_to_their_own_callers(run: Run) -> None:
    async def main() -> None:
        async with AsyncClient() as client:
            calls: list[Coroutine[Any, Any, Any]] = [
                client.get_user("nobody") if n % 2 else client.get_users(1, 1) for n in range(40)
            ]
            results: list[Any] = await asyncio.gather(*calls, return_exceptions=True)
            for n, result in enumerate(results):
                assert isinstance(result, NotFoundError) if n % 2 else result["pageSize"] == 1

    run(main())


def test_cancelling_the_task_ends_the_call(run: Run, emulator: Emulator) -> None:
    emulator.never_answer()

    async def main() -> None:
        async with AsyncClient() as client:
            task = asyncio.create_task(client.get_user("slow"))
            await asyncio.to_thread(under_way, 1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.to_thread(under_way, 0)
            assert (await client.get_users())["totalRecords"] == 45

    run(main())


def test_a_timeout_of_the_caller_ends_the_call(run: Run, emulator: Emulator) -> None:
    emulator.never_answer()

    async def main() -> None:
        async with AsyncClient() as client:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.get_user("slow"), 0.05)
            await asyncio.to_thread(under_way, 0)

    run(main())


def test_cancelling_a_call_that_is_just_complete_loses_nothing_else(run: Run) -> None:
    async def main() -> None:
        async with AsyncClient() as client:
            for _ in range(30):
                tasks = [asyncio.create_task(client.get_users(1, 1)) for _ in range(8)]
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in tasks[::2]:
                    task.cancel()
                results = await asyncio.gather(*tasks, return_exceptions=True)
                assert all(isinstance(result, dict) for result in results[1::2])

    run(main())


def test_the_loop_goes_on_while_a_call_waits(run: Run, emulator: Emulator) -> None:
    emulator.never_answer()

    async def main() -> None:
        async with AsyncClient() as client:
            waiting = asyncio.create_task(client.get_user("slow"))
            await asyncio.to_thread(under_way, 1)
            assert (await client.get_users())["totalRecords"] == 45
            assert not waiting.done()
            waiting.cancel()

    run(main())


def test_one_client_serves_several_loops_one_after_another(run: Run) -> None:
    client = AsyncClient()

    async def main() -> None:
        pages = await asyncio.gather(*(client.get_users(1, 1) for _ in range(10)))
        assert len(pages) == 10

    for _ in range(3):
        run(main())
    run(client.aclose())


def test_one_client_serves_loops_in_several_threads(emulator: Emulator) -> None:
    client = AsyncClient()
    done: list[int] = []

    async def main() -> None:
        for _ in range(20):
            pages = await asyncio.gather(*(client.get_users(1, 1) for _ in range(5)))
            done.append(len(pages))

    threads = [threading.Thread(target=asyncio.run, args=(main(),)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [5] * 120
    asyncio.run(client.aclose())


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts file descriptors the Linux way")
def test_loops_that_come_and_go_leave_no_file_descriptors(emulator: Emulator) -> None:
    client = AsyncClient()

    async def main() -> None:
        await client.get_users(1, 1)

    def descriptors() -> int:
        gc.collect()
        return len(os.listdir("/proc/self/fd"))

    asyncio.run(main())
    before = descriptors()
    for _ in range(20):
        asyncio.run(main())
    assert descriptors() <= before + 1
    asyncio.run(client.aclose())


def test_a_closed_client_says_so(run: Run) -> None:
    async def main() -> None:
        client = AsyncClient()
        await client.get_users()
        await client.aclose()
        await client.aclose()
        with pytest.raises(ClosedError):
            await client.get_users()
        with pytest.raises(ClosedError):
            async for _ in client.iter_users():
                pass

    run(main())


def test_closing_ends_the_calls_under_way_and_waits_for_them(run: Run, emulator: Emulator) -> None:
    emulator.never_answer(5)

    async def main() -> None:
        client = AsyncClient()
        tasks = [asyncio.create_task(client.get_user("slow")) for _ in range(5)]
        await asyncio.to_thread(under_way, 5)
        await client.aclose()
        under_way(0, sessions=0)
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(result, ClosedError) for result in results)

    run(main())


def test_a_loop_closed_over_waiting_calls_harms_nobody(run: Run, emulator: Emulator) -> None:
    emulator.never_answer(3)
    client = AsyncClient()
    loop = asyncio.new_event_loop()
    tasks = [loop.create_task(client.get_user("slow")) for _ in range(3)]
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    for task in tasks:
        # Else asyncio reports that they were pending, which is the point here.
        task._log_destroy_pending = False  # type: ignore[attr-defined]

    async def main() -> None:
        assert (await client.get_users())["totalRecords"] == 45
        await client.aclose()

    run(main())
    tasks.clear()


def test_arguments_are_refused_by_the_coroutine(run: Run) -> None:
    async def main() -> None:
        async with AsyncClient() as client:
            call = client.get_users(0)
            with pytest.raises(InvalidArgumentError):
                await call

    run(main())


def test_a_call_outside_a_loop_fails_and_leaves_nothing(emulator: Emulator) -> None:
    client = AsyncClient()
    call = client.get_users()
    with pytest.raises(RuntimeError, match="in a running event loop of asyncio"):
        call.send(None)


def test_a_thread_without_a_loop_is_none_of_the_clients_loop(emulator: Emulator) -> None:
    async def main() -> None:
        async with AsyncClient() as client:
            await client.get_users()

            def elsewhere() -> None:
                with pytest.raises(RuntimeError, match="in a running event loop of asyncio"):
                    client.get_users().send(None)

            await asyncio.to_thread(elsewhere)
            assert (await client.get_users())["totalRecords"] == 45

    asyncio.run(main())


def test_asyncio_is_asked_once_which_loop_runs(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def running_loop() -> asyncio.AbstractEventLoop:
        asked.append(loop := asyncio.get_running_loop())
        return loop

    monkeypatch.setattr("agglestone._async_client.running_loop", running_loop)

    async def main() -> None:
        client = AsyncClient()
        for _ in range(3):
            await client.get_users()

    asyncio.run(main())
    assert len(asked) == 1


def test_an_interpreter_may_end_with_calls_under_way(emulator: Emulator) -> None:
    import subprocess

    emulator.never_answer(2)
    program = """
import asyncio, threading, time
from agglestone import AsyncClient, Client
from agglestone._native import live_handles

client, blocking = AsyncClient(), Client()

async def main():
    global task
    task = asyncio.create_task(client.get_user("slow"))
    threading.Thread(target=blocking.get_user, args=("slow",), daemon=True).start()
    while live_handles() < 4:
        await asyncio.sleep(0.001)

loop = asyncio.new_event_loop()
loop.run_until_complete(main())
print("ends")
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "ends\n"), ended.stderr


def test_clients_that_are_not_closed_are_freed(run: Run) -> None:
    async def main() -> None:
        for _ in range(3):
            await AsyncClient().get_users(1, 1)
        gc.collect()
        under_way(0, sessions=0)

    run(main())
