"""A client that was made before a fork works on both sides of it."""

from __future__ import annotations

import asyncio
import gc
import os
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Emulator

from agglestone import AsyncClient, Client, ClosedError

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system can't fork"),
    # Python warns of forks with threads about, which is what these tests are for.
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]


def in_child(work: Callable[[], Any]) -> str:
    """What the work gives in a forked child, as text."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            text = repr(work())
        except BaseException:  # noqa: BLE001
            text = traceback.format_exc()
        os.write(writing, text.encode())
        # Nothing of pytest's may run here.
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return text


def test_a_client_works_in_a_forked_child_and_goes_on_in_the_parent(emulator: Emulator) -> None:
    with Client(**emulator.settings) as client:
        client.get_users()

        def work() -> list[int]:
            again = [client.get_users(n, 1)["pageNumber"] for n in (1, 2, 3)]
            # A grandchild has another parent yet.
            assert in_child(lambda: client.get_users(4, 1)["pageNumber"]) == "4"
            return again

        for _ in range(3):
            assert in_child(work) == "[1, 2, 3]"
            assert client.get_users()["totalRecords"] == 45


def test_an_asyncio_client_works_in_a_forked_child(emulator: Emulator) -> None:
    client = AsyncClient(**emulator.settings)

    async def main() -> int:
        pages = await asyncio.gather(*(client.get_users(n, 1) for n in range(1, 11)))
        return len(pages)

    assert asyncio.run(main()) == 10
    assert in_child(lambda: asyncio.run(main())) == "10"
    assert asyncio.run(main()) == 10
    asyncio.run(client.aclose())


def test_a_loop_that_runs_during_a_fork_does_not_run_in_the_child(emulator: Emulator) -> None:
    async def main() -> str:
        async with AsyncClient(**emulator.settings) as client:
            await client.get_users()

            def work() -> str:
                with pytest.raises(RuntimeError, match="in a running event loop of asyncio"):
                    client.get_users().send(None)
                return "refused"

            seen = in_child(work)
            assert (await client.get_users())["totalRecords"] == 45
            return seen

    assert asyncio.run(main()) == "'refused'"


def test_a_client_that_was_never_used_is_first_used_in_the_child(emulator: Emulator) -> None:
    with Client(**emulator.settings) as client:
        assert in_child(lambda: client.get_users()["totalRecords"]) == "45"


def test_closing_or_dropping_a_client_in_the_child_leaves_the_parents_alone(emulator: Emulator) -> None:
    clients = [Client(**emulator.settings), Client(**emulator.settings)]
    for client in clients:
        client.get_users()

    def work() -> str:
        clients[0].close()
        with pytest.raises(ClosedError):
            clients[0].get_users()
        clients.clear()
        gc.collect()
        return "done"

    assert in_child(work) == "'done'"
    for client in clients:
        assert client.get_users()["totalRecords"] == 45
        client.close()


def test_a_client_closed_before_the_fork_is_closed_after_it(emulator: Emulator) -> None:
    client = Client(**emulator.settings)
    client.get_users()
    client.close()

    def work() -> str:
        with pytest.raises(ClosedError):
            client.get_users()
        return "refused"

    assert in_child(work) == "'refused'"
