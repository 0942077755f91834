"""Keys from where Python keeps them, and what happens to them in Python's logging."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import logging
import os
import subprocess
import sys
import threading
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import structlog
from conftest import Blocking, Emulator

import agglestone
from agglestone import AsyncClient, AuthenticationError, Client, ClosedError, InvalidArgumentError


def fingerprint(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def names(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Levels and names of what the client logged."""
    caplog.handler.acquire()
    records = [record for record in caplog.records if record.name == "agglestone"]
    caplog.handler.release()
    return [(record.levelname, getattr(record, "agglestone_event", "")) for record in records]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, logger="agglestone")
    return caplog


def test_a_refused_key_fails_over_and_says_so_in_the_log(
    emulator: Emulator, log: pytest.LogCaptureFixture
) -> None:
    with Client(secondary_api_key=emulator.secondary) as client:
        emulator.control("POST", "keys/primary")
        assert client.get_users()["totalRecords"] == 45
        assert names(log) == [("WARNING", "failover")]
        usage = client.key_usage()
    assert usage["failovers"] == 1
    assert usage["primary"] is not None and usage["secondary"] is not None
    assert usage["primary"]["fingerprint"] == fingerprint(emulator.primary)
    assert (usage["primary"]["requests"], usage["primary"]["refusals"]) == (1, 1)
    assert usage["secondary"]["active"] is True
    first, last = usage["secondary"]["first_used"], usage["secondary"]["last_used"]
    assert isinstance(first, datetime) and isinstance(last, datetime)
    assert first.tzinfo is timezone.utc and first <= last <= datetime.now(timezone.utc)
    assert all(name.islower() for name in {*usage, *usage["primary"]})
    assert emulator.primary not in log.text and emulator.secondary not in log.text


def test_the_asyncio_client_logs_before_the_call_returns(
    emulator: Emulator, log: pytest.LogCaptureFixture
) -> None:
    emulator.control("POST", "keys/primary")

    async def main() -> None:
        async with AsyncClient(secondary_api_key=emulator.secondary) as client:
            await client.get_users()
            assert names(log) == [("WARNING", "failover")]

    asyncio.run(main())


def test_keys_are_replaced_for_the_next_call(client: Blocking, emulator: Emulator) -> None:
    fresh = emulator.control("POST", "keys/primary")["apiKey"]
    with pytest.raises(AuthenticationError):
        client.get_users()
    client.client.set_api_keys(fresh, emulator.secondary)
    assert client.get_users()["totalRecords"] == 45
    check = client.check_api_keys()
    assert [check[slot]["accepted"] for slot in ("primary", "secondary")] == [True, True]
    client.client.set_api_keys(fresh)
    assert client.client.key_usage()["secondary"] is None


def test_keys_that_can_not_be_keys_are_refused_by_name(emulator: Emulator) -> None:
    with Client() as client:
        for primary, secondary, argument in (
            (7, None, "primary"),
            ("", None, "primary"),
            ("a\nb", None, "primary"),
            ("\ud800", None, "primary"),
            ("k", b"s", "secondary"),
            ("k", "planted key", "secondary"),
            ("k", "k", "secondary"),
        ):
            with pytest.raises(InvalidArgumentError) as caught:
                client.set_api_keys(primary, secondary)  # type: ignore[arg-type]
            assert caught.value.argument == argument
            assert "planted" not in str(caught.value)
        assert client.get_users()["totalRecords"] == 45
    for call in (client.key_usage, client.forget_tokens, client.token_stats):
        with pytest.raises(ClosedError):
            call()
    assert emulator.requests()[-1]["status"] == 200


def test_a_key_comes_from_a_file_by_any_path(emulator: Emulator, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.delenv("AGGLESTONE_API_KEY")
    file = tmp_path / "api-key"
    file.write_text(emulator.primary + "\n")
    for path in (file, str(file)):
        with Client(api_key_file=path) as client:
            assert client.get_users()["totalRecords"] == 45


def test_a_refused_key_is_read_again_from_its_file(
    emulator: Emulator, tmp_path: Path, monkeypatch: Any, log: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("AGGLESTONE_API_KEY")
    file = tmp_path / "api-key"
    file.write_text(emulator.primary)
    with Client(api_key_file=file) as client:
        client.get_users()
        file.write_text(emulator.control("POST", "keys/primary")["apiKey"])
        assert client.get_users()["totalRecords"] == 45
    assert names(log) == [("INFO", "keys_replaced")]


def test_a_function_is_asked_in_a_thread_of_its_own(client: Blocking, emulator: Emulator) -> None:
    asked: list[int] = []

    def keys() -> tuple[str, str | None]:
        asked.append(threading.get_ident())
        return emulator.primary, emulator.secondary

    make = type(client.client)
    other = Blocking(make(api_key=None, key_source=keys), client._run)
    assert other.get_users()["totalRecords"] == 45
    assert other.get_users()["totalRecords"] == 45
    assert len(asked) == 1 and asked[0] != threading.get_ident()


def test_a_function_is_asked_again_when_its_key_is_refused(emulator: Emulator) -> None:
    given = [emulator.primary]
    with Client(key_source=lambda: given[-1]) as client:
        client.get_users()
        given.append(emulator.control("POST", "keys/primary")["apiKey"])
        assert client.get_users()["totalRecords"] == 45


@pytest.mark.parametrize("given", [7, None, ("a",), ("a", 7), ("a", "b", "c"), [], b"key", "\ud800"])
def test_a_function_that_gives_no_keys_is_told_in_the_error_and_the_log(
    given: Any, emulator: Emulator, log: pytest.LogCaptureFixture, monkeypatch: Any
) -> None:
    monkeypatch.delenv("AGGLESTONE_API_KEY")
    with Client(key_source=lambda: given) as client, pytest.raises(agglestone.AgglestoneError):
        client.get_users()
    assert ("WARNING", "source_failed") in names(log)
    assert emulator.requests() == []


def test_a_function_that_raises_harms_no_call_that_has_a_key(
    emulator: Emulator, log: pytest.LogCaptureFixture
) -> None:
    def fail() -> str:
        raise LookupError("the secret manager is away")

    with Client(api_key=emulator.primary, key_source=fail) as client:
        assert client.get_users()["totalRecords"] == 45
        emulator.control("POST", "keys/primary")
        with pytest.raises(AuthenticationError):
            client.get_users()
    assert "LookupError: the secret manager is away" in log.text


def test_plain_http_to_another_machine_is_warned_of(log: pytest.LogCaptureFixture) -> None:
    settings = {"tenant_id": "t", "api_key": "planted-key"}
    Client(**settings, base_url="http://emulator.example", allow_insecure_http=True).close()  # type: ignore[arg-type]
    assert names(log) == [("WARNING", "insecure_http")]
    assert "planted" not in log.text
    Client(**settings, base_url="http://127.0.0.1:1", allow_insecure_http=True).close()  # type: ignore[arg-type]
    assert len(names(log)) == 1


def test_structlog_renders_the_message_and_the_name_of_the_event(emulator: Emulator) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logger = logging.getLogger("agglestone")
    logger.addHandler(handler)
    try:
        with Client(api_key="outdated", secondary_api_key=emulator.secondary) as client:
            client.get_users()
    finally:
        logger.removeHandler(handler)
    rendered = json.loads(stream.getvalue())
    assert rendered["agglestone_event"] == "failover"
    assert len(rendered["agglestone_from"]) == len(rendered["agglestone_to"]) == 8
    assert "was refused" in rendered["event"] and rendered["level"] == "warning"


def test_a_program_without_logging_has_nothing_on_its_standard_error(emulator: Emulator) -> None:
    program = f"""
from agglestone import Client
with Client(api_key="outdated", secondary_api_key={emulator.secondary!r}) as client:
    print(client.get_users()["totalRecords"], client.key_usage()["failovers"])
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.stderr) == ("45 1\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system can't fork")
def test_keys_replaced_before_a_fork_are_those_of_the_child(emulator: Emulator) -> None:
    program = f"""
import os, warnings
from agglestone import Client
warnings.simplefilter("ignore", DeprecationWarning)
client = Client(api_key="outdated")
client.set_api_keys({emulator.primary!r})
client.get_users()
if os.fork() == 0:
    print("child", client.get_users()["totalRecords"], flush=True)
    os._exit(0)
os.wait()
print("parent", client.get_users()["totalRecords"])
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ended.stdout == "child 45\nparent 45\n", ended.stderr
