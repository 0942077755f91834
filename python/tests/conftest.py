"""What every test starts from: an emulator in its first state, and nothing alive when the test is over."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agglestone import AsyncClient, Client, UserClient
from agglestone._native import live_handles

ENOUGH_SECONDS = 20
"""For what ends by itself in a moment: a limit that only a broken build meets."""


def pytest_collection_finish() -> None:
    """Makes the tests those of a program without OpenTelemetry, whatever libraries their modules have imported; its own put it back."""
    sys.modules.pop("opentelemetry.trace", None)


class Emulator:
    """The running emulator, from the environment that `cargo xtask test` sets."""

    def __init__(self) -> None:
        self.url = os.environ["AGG_TEST_EMULATOR_URL"]
        self.tenant = os.environ["AGG_TEST_TENANT_ID"]
        self.primary = os.environ["AGG_TEST_PRIMARY_KEY"]
        self.secondary = os.environ["AGG_TEST_SECONDARY_KEY"]
        self._token = os.environ["AGG_TEST_CONTROL_TOKEN"]

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the control API."""
        request = urllib.request.Request(
            f"{self.url}/_emulator/{path}",
            method=method,
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
            data=None if body is None else json.dumps(body).encode(),
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def fault(self, **fault: Any) -> None:
        """Makes the next matching request go wrong."""
        self.control("POST", "faults", fault)

    def never_answer(self, times: int = 1) -> None:
        """Asked for the user `slow`, the service takes longer than any test."""
        self.fault(path="*/Users/slow", delayMs=300_000, times=times)

    def requests(self) -> list[dict[str, Any]]:
        """The journal."""
        entries: list[dict[str, Any]] = self.control("GET", "requests")
        return entries

    @property
    def settings(self) -> dict[str, Any]:
        """What a client needs to reach it."""
        return {"tenant_id": self.tenant, "api_key": self.primary, "base_url": self.url}


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Waits for what other threads are about to do."""
    end = time.monotonic() + ENOUGH_SECONDS
    while not condition():
        assert time.monotonic() < end, f"never came true: {what}"
        time.sleep(0.002)


def under_way(calls: int, sessions: int = 1) -> None:
    """Waits until that many calls are under way. Asking takes the GIL, so the calls can't be holding it."""
    eventually(lambda: live_handles() == sessions + calls, f"{calls} calls under way")


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """The emulator, which the environment names as a user's would."""
    emulator = Emulator()
    emulator.control("POST", "reset")
    for name in [name for name in os.environ if name.startswith("AGGLESTONE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AGGLESTONE_TENANT_ID", emulator.tenant)
    monkeypatch.setenv("AGGLESTONE_API_KEY", emulator.primary)
    monkeypatch.setenv("AGGLESTONE_BASE_URL", emulator.url)
    return emulator


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Sessions and calls of a test end with it."""
    yield
    gc.collect()
    # A cancelled call is let go by the thread that drives I/O, a moment after its caller went on.
    eventually(lambda: live_handles() == 0, "live handles are 0 after the test")


class Blocking:
    """Either client, used as if it blocked, so that one test speaks for both."""

    def __init__(self, client: Any, run: Callable[[Any], Any]) -> None:
        self.client = client
        self._run = run

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.client, name)
        return lambda *args, **kwargs: self._run(method(*args, **kwargs))

    def users(self, **kwargs: Any) -> list[Any]:
        """All that `iter_users` gives."""
        if isinstance(self.client, (Client, UserClient)):
            return list(self.client.iter_users(**kwargs))
        users = self.client.iter_users(**kwargs)

        async def collect() -> list[Any]:
            return [user async for user in users]

        result: list[Any] = self._run(collect())
        return result


@pytest.fixture(params=["sync", "async"])
def client(request: pytest.FixtureRequest, emulator: Emulator) -> Iterator[Blocking]:
    """Each client in turn."""
    if request.param == "sync":
        with Client() as client:
            yield Blocking(client, lambda value: value)
    else:
        loop = asyncio.new_event_loop()
        asynchronous = AsyncClient()
        yield Blocking(asynchronous, loop.run_until_complete)
        loop.run_until_complete(asynchronous.aclose())
        loop.close()
