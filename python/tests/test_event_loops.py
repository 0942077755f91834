"""An asynchronous source of keys, and event loops that are not asyncio's."""

from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest
import trio
from conftest import Emulator

from agglestone import AgglestoneError, AsyncClient, AuthenticationError, Client


def test_an_asynchronous_source_is_awaited_in_the_loop_of_the_call(emulator: Emulator) -> None:
    seen: list[object] = []

    async def keys() -> tuple[str, str | None]:
        seen.append(asyncio.get_running_loop())
        await asyncio.sleep(0)
        return emulator.primary, None

    async def main(client: AsyncClient) -> None:
        assert (await client.get_users())["totalRecords"] == 45
        assert seen[-1] is asyncio.get_running_loop()

    async def all_of_it() -> None:
        async with AsyncClient(key_source=keys) as client:
            await main(client.with_options(timeout=20))
            emulator.control("POST", "keys/primary")
            with pytest.raises(AuthenticationError):
                await client.get_users()
            assert seen == [asyncio.get_running_loop()] * 2

    asyncio.run(all_of_it())


def test_an_asynchronous_source_follows_its_client_to_another_loop(emulator: Emulator) -> None:
    loops: list[object] = []

    class Keys:
        async def __call__(self) -> str:
            loops.append(asyncio.get_running_loop())
            return emulator.primary

    client = AsyncClient(key_source=Keys())
    asyncio.run(client.get_users())
    emulator.control("POST", "keys/primary")

    async def again() -> None:
        with pytest.raises(AuthenticationError):
            await client.get_users()
        await client.aclose()

    asyncio.run(again())
    assert len(loops) == 2 and loops[0] is not loops[1]


def test_what_an_asynchronous_source_raises_is_told(emulator: Emulator) -> None:
    async def keys() -> str:
        raise LookupError("the secret manager is away")

    async def main() -> None:
        async with AsyncClient(key_source=keys) as client:
            with pytest.raises(AgglestoneError, match="LookupError: the secret manager is away"):
                await client.get_users()

    asyncio.run(main())
    assert emulator.requests() == []


def test_an_asynchronous_source_that_never_answers_ends_with_the_call(emulator: Emulator) -> None:
    cancelled = asyncio.Event()

    async def keys() -> str:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return ""

    async def main() -> None:
        async with AsyncClient(key_source=keys, deadline=0.2) as client:
            with pytest.raises(AgglestoneError):
                await client.get_users()
            await cancelled.wait()

    asyncio.run(main())
    assert emulator.requests() == []


def test_a_plain_function_for_the_asyncio_client_may_block(emulator: Emulator) -> None:
    async def main() -> None:
        async with AsyncClient(key_source=lambda: emulator.primary) as client:
            assert (await client.get_users())["totalRecords"] == 45

    asyncio.run(main())


@pytest.mark.filterwarnings("error")
def test_the_blocking_client_says_who_takes_an_asynchronous_source(emulator: Emulator) -> None:
    async def keys() -> str:
        return emulator.primary

    with Client(key_source=keys) as client, pytest.raises(AgglestoneError) as caught:
        client.get_users()
    assert "AsyncClient awaits" in str(caught.value) and "plain function" in str(caught.value)
    gc.collect()
    assert emulator.requests() == []


def test_a_client_with_a_source_of_keys_is_freed(emulator: Emulator) -> None:
    class Owner:
        def __init__(self) -> None:
            self.client = AsyncClient(key_source=lambda: emulator.primary)

    owner = Owner()
    client = weakref.ref(owner.client)
    del owner
    gc.collect()
    assert client() is None


def in_trio(function: Callable[[], Awaitable[Any]]) -> Any:
    return trio.run(function)


def in_curio(function: Callable[[], Awaitable[Any]]) -> Any:
    import curio

    return curio.run(function)


def in_anyio_over_trio(function: Callable[[], Awaitable[Any]]) -> Any:
    return anyio.run(function, backend="trio")


@pytest.mark.parametrize(
    ("run", "name"),
    [
        (in_trio, "trio"),
        pytest.param(
            in_curio,
            "curio",
            marks=pytest.mark.skipif(sys.version_info >= (3, 12), reason="curio 1.6 imports on none later"),
        ),
        (in_anyio_over_trio, "trio"),
    ],
)
def test_other_event_loops_are_named_with_what_to_do(run: Any, name: str, emulator: Emulator) -> None:
    client = AsyncClient()
    with pytest.raises(RuntimeError) as caught:
        run(client.get_users)
    text = str(caught.value)
    assert f"this is {name}" in text and "use Client" in text and "anyio" in text
    assert emulator.requests() == []


def test_anyio_works_over_asyncio_and_no_loop_is_said(emulator: Emulator) -> None:
    assert emulator.url
    client = AsyncClient()

    async def users() -> Any:
        page = await client.get_users()
        await client.aclose()
        return page["totalRecords"]

    assert anyio.run(users) == 45
    coroutine = client.get_users()
    with pytest.raises(RuntimeError, match="running event loop of asyncio, and there is none here"):
        coroutine.send(None)
