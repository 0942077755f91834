"""The blocking client among threads, signals and forks."""

from __future__ import annotations

import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import Emulator, under_way

from agglestone import Client, ClosedError


def test_64_threads_share_one_client(emulator: Emulator) -> None:
    with Client() as client, ThreadPoolExecutor(64) as pool:
        start = threading.Barrier(64)

        def work(n: int) -> list[int]:
            start.wait()
            return [client.get_users(1 + (n + i) % 45, 1)["pageNumber"] for i in range(5)]

        for n, pages in enumerate(pool.map(work, range(64))):
            assert pages == [1 + (n + i) % 45 for i in range(5)]


def test_the_gil_is_released_while_a_call_waits(emulator: Emulator) -> None:
    emulator.never_answer()
    client = Client(timeout=300, deadline=600)
    ended: list[Exception] = []

    def wait() -> None:
        try:
            client.get_user("slow")
        except Exception as error:  # noqa: BLE001
            ended.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    # All of this runs Python code while the other thread is inside its call, which only this ends.
    under_way(1)
    client.close()
    thread.join()
    assert [type(error) for error in ended] == [ClosedError]


@pytest.mark.parametrize("calls_before", [0, 1])
def test_ctrl_c_ends_a_waiting_call(calls_before: int, emulator: Emulator) -> None:
    emulator.never_answer()
    main = threading.get_ident()

    def press() -> None:
        under_way(1)
        signal.pthread_kill(main, signal.SIGINT)

    with Client(timeout=300, deadline=600) as client:
        for _ in range(calls_before):
            client.get_users()
        thread = threading.Thread(target=press)
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            client.get_user("slow")
        thread.join()
        under_way(0)
        assert client.get_users()["totalRecords"] == 45


def test_a_closed_client_says_so(emulator: Emulator) -> None:
    client = Client()
    client.get_users()
    client.close()
    client.close()
    for call in (client.get_users, lambda: client.get("api/v2.0/Users"), lambda: list(client.iter_users())):
        with pytest.raises(ClosedError):
            call()


def test_a_with_block_closes_also_when_it_raises(emulator: Emulator) -> None:
    with pytest.raises(KeyError), Client() as client:
        raise KeyError
    with pytest.raises(ClosedError):
        client.get_users()
