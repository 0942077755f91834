"""Both keys rotated under load, as the guide has it, by files that are replaced: no call fails, no dead key stays in use."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Emulator, eventually

from agglestone import AgglestoneError, AsyncClient, AuthenticationError, Client

CALLERS = 32
ROTATIONS = 6
STEP_SECONDS = 0.45
"""How long callers go on between two steps: twelve steps take more than five seconds."""

EXCHANGE = "v2.0/Auth/token-exchange"
USER = {"userId": "b95816fe-f4ab-49ac-889a-e6a161005339"}


def fingerprint(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:8]


class Mount:
    """A pair of key files, replaced by renaming as mounted secrets are."""

    def __init__(self, folder: Path, emulator: Emulator) -> None:
        self._folder = folder
        self.keys = [emulator.primary, emulator.secondary]
        self.put("primary", emulator.primary)
        self.put("secondary", emulator.secondary)

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "api_key_file": self._folder / "primary",
            "secondary_api_key_file": self._folder / "secondary",
        }

    def put(self, slot: str, key: str) -> None:
        (self._folder / "beside").write_text(key)
        os.replace(self._folder / "beside", self._folder / slot)

    def rotate(self, emulator: Emulator) -> None:
        for slot in ("primary", "secondary"):
            time.sleep(STEP_SECONDS)
            key: str = emulator.control("POST", f"keys/{slot}")["apiKey"]
            self.keys.append(key)
            self.put(slot, key)


def rotate_under_load(
    emulator: Emulator,
    mount: Mount,
    client: Client | AsyncClient,
    counts: list[int],
    stop: Callable[[], None],
) -> None:
    """Rotates while others call and count, then looks whether anybody still uses a dead key."""
    for _ in range(ROTATIONS):
        mount.rotate(emulator)
    newest = [fingerprint(key) for key in mount.keys[-2:]]

    def has_newest() -> bool:
        usage = client.key_usage()
        return [slot["fingerprint"] for slot in (usage["primary"], usage["secondary"]) if slot] == newest

    def turn() -> None:
        before = list(counts)
        eventually(
            lambda: all(count >= old + 2 for count, old in zip(counts, before, strict=True)),
            "every caller goes on",
        )

    eventually(has_newest, "the client has the newest keys")
    turn()
    settled = emulator.requests()[-1]["requestId"]
    turn()
    journal = emulator.requests()
    stop()
    ids = [entry["requestId"] for entry in journal]
    # The journal keeps so many entries only; without the last of before, all of it is later.
    later = journal[ids.index(settled) + 1 :] if settled in ids else journal
    assert len(later) >= CALLERS
    assert [entry for entry in later if entry["status"] == 401 or entry["fingerprint"] not in newest] == []
    usage = client.key_usage()
    assert usage["replacements"] >= ROTATIONS and usage["failovers"] >= 1
    assert not any(key in str(usage) for key in mount.keys)


@pytest.fixture
def mount(emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mount:
    monkeypatch.delenv("AGGLESTONE_API_KEY")
    return Mount(tmp_path, emulator)


def test_threads_see_no_failure_while_both_keys_are_rotated(
    emulator: Emulator, mount: Mount, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="agglestone")
    failures: list[AgglestoneError] = []
    counts = [0] * CALLERS
    stopped = threading.Event()
    with Client(**mount.settings) as client:

        def call(number: int) -> None:
            while not stopped.is_set():
                try:
                    if number % 4:
                        client.get_users(page_size=1)
                    else:
                        client.post(EXCHANGE, json=USER)
                except AgglestoneError as error:
                    failures.append(error)
                counts[number] += 1

        threads = [threading.Thread(target=call, args=(number,)) for number in range(CALLERS)]
        for thread in threads:
            thread.start()
        try:
            rotate_under_load(emulator, mount, client, counts, stopped.set)
        finally:
            stopped.set()
            for thread in threads:
                thread.join()
    assert failures == []
    assert "failover" in {getattr(record, "agglestone_event", "") for record in caplog.records}
    assert not any(key in caplog.text for key in mount.keys)


def test_tasks_see_no_failure_while_both_keys_are_rotated(emulator: Emulator, mount: Mount) -> None:
    failures: list[AgglestoneError] = []
    counts = [0] * CALLERS
    stopped = threading.Event()

    async def main() -> None:
        async with AsyncClient(**mount.settings) as client:

            async def call(number: int) -> None:
                while not stopped.is_set():
                    try:
                        if number % 4:
                            await client.get_users(page_size=1)
                        else:
                            await client.post(EXCHANGE, json=USER)
                    except AgglestoneError as error:
                        failures.append(error)
                    counts[number] += 1

            calls = asyncio.gather(*(call(number) for number in range(CALLERS)))
            try:
                await asyncio.to_thread(rotate_under_load, emulator, mount, client, counts, stopped.set)
            finally:
                stopped.set()
                await calls

    asyncio.run(main())
    assert failures == []


def test_a_single_dead_key_is_asked_once_and_named_by_fingerprint(emulator: Emulator) -> None:
    emulator.control("POST", "keys/primary")
    with Client() as client, pytest.raises(AuthenticationError) as caught:
        client.get_users()
    assert caught.value.attempts == 1 and len(emulator.requests()) == 1
    assert fingerprint(emulator.primary) in str(caught.value) and emulator.primary not in str(caught.value)
