"""`agglestone.testing`: the emulator as users have it in their own tests."""

from __future__ import annotations

import inspect
import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest

from agglestone import AuthenticationError, Client, InvalidResponseError, NotFoundError, ServerError, testing
from agglestone.testing import Emulator, EmulatorError

pytest_plugins = ["pytester"]


def test_a_client_is_served_and_its_requests_are_recorded() -> None:
    with Emulator() as emulator, Client(**emulator.client_options()) as client:
        assert client.get_users()["totalRecords"] == 45
        [request] = emulator.requests()
        assert (request["method"], request["status"], request["keySlot"]) == ("GET", 200, "primary")
        assert emulator.key_report()[0]["callers"][0]["requests"] == 1
        assert emulator.primary_api_key not in repr(emulator)


def test_users_and_keys_are_those_given() -> None:
    user = {"userId": "only", "email": "only@example.com"}
    with Emulator(tenant_id="mine", users=[user], primary_api_key="first-key") as emulator:
        assert emulator.environment()["AGGLESTONE_TENANT_ID"] == "mine"
        assert emulator.environment()["AGGLESTONE_API_KEY"] == "first-key"
        with Client(**emulator.client_options()) as client:
            assert [found["userId"] for found in client.get_users()["data"]] == ["only"]
            emulator.put_users([{"userId": "more"}])
            emulator.remove_user("only")
            assert [found["userId"] for found in client.get_users()["data"]] == ["more"]


def test_faults_keys_and_snapshots() -> None:
    with Emulator() as emulator, Client(**emulator.client_options(), max_retries=0) as client:
        emulator.add_fault(
            path="*/Users*", status=503, body={"message": "planned"}, delay=timedelta(milliseconds=1)
        )
        with pytest.raises(ServerError, match="planned"):
            client.get_users()
        emulator.add_fault(body=b"\xff", headers={"content-type": "text/plain"})
        with pytest.raises(InvalidResponseError):
            client.get_users()
        emulator.add_fault(raw=b"\xff\xfe")
        with pytest.raises(InvalidResponseError):
            client.get_users()
        emulator.add_fault(times=0, status=500)
        emulator.clear_faults()
        client.get_users()
        before = emulator.snapshot()
        emulator.set_key("primary", "another-key")
        assert emulator.generate_key("secondary") != emulator.secondary_api_key
        with pytest.raises(AuthenticationError):
            client.get_users()
        emulator.restore(before)
        assert emulator.snapshot() == before
        client.get_users()
        with pytest.raises(EmulatorError, match="no effect"):
            emulator.add_fault()
        with pytest.raises(EmulatorError, match="No such user"):
            emulator.remove_user("a/b")


def test_time_passes_at_once_and_tokens_are_revoked() -> None:
    with Emulator(token_lifetime=60) as emulator, Client(**emulator.client_options()) as client:
        admin = client.get_users()["data"][0]["userId"]
        first = client.exchange_api_key_for_token(admin)
        assert client.exchange_api_key_for_token(admin) == first
        emulator.revoke_tokens(admin)
        client.as_user(admin).get_users()
        assert client.exchange_api_key_for_token(admin) != first
        emulator.advance_clock(3600)
        with pytest.raises(NotFoundError):
            client.get_user("nobody")
        assert emulator.requests()[-1]["time"] > emulator.requests()[0]["time"]


def test_it_serves_https_with_an_authority_of_its_own() -> None:
    with Emulator(tls=True) as emulator, Client(**emulator.client_options()) as client:
        assert emulator.url.startswith("https://")
        assert client.get_users()["totalRecords"] == 45
        assert len(emulator.requests()) == 1


def test_why_it_cannot_start_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(EmulatorError, match="invalid tenant"):
        Emulator(tenant_id="a/b")
    monkeypatch.setenv("AGGLESTONE_EMULATOR", str(tmp_path / "missing"))
    with pytest.raises(EmulatorError, match="set AGGLESTONE_EMULATOR"):
        Emulator()


def test_the_fixture_is_reset_for_each_test(pytester: pytest.Pytester) -> None:
    pytester.makeconftest('pytest_plugins = ["agglestone.testing"]')
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("turn", [1, 2])
        def test_turn(agglestone_emulator, turn):
            assert agglestone_emulator.requests() == []
            agglestone_emulator.set_key("primary", "changed-by-a-test")
            assert agglestone_emulator.primary_api_key != "changed-by-a-test"
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)


def test_it_ends_with_a_parent_that_is_killed() -> None:
    program = "from agglestone.testing import Emulator; print(Emulator().url, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        url = parent.stdout.readline().strip()
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{url}/health").close()
        parent.kill()
    until_refused(url)


def until_refused(url: str) -> None:
    """Returns when nobody listens any more."""
    host, port = url.removeprefix("http://").split(":")
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            socket.create_connection((host, int(port))).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.01)
    raise AssertionError("the emulator goes on")


def test_it_has_the_same_members_as_in_node_and_csharp() -> None:
    vocabulary = json.loads((Path(__file__).parents[2] / "tests/testing.json").read_text())

    def parameters(function: object) -> set[str]:
        return set(inspect.signature(function).parameters) - {"self"}  # type: ignore[arg-type]

    def members(typed: type) -> set[str]:
        return {re.sub("[A-Z]", lambda upper: f"_{upper[0].lower()}", name) for name in typed.__annotations__}

    own = {name for name in vars(Emulator) if not name.startswith("_")}
    assert own == set(vocabulary["methods"])
    assert set(Emulator.__annotations__) == set(vocabulary["properties"])
    assert parameters(Emulator) == set(vocabulary["options"])
    assert parameters(Emulator.add_fault) == set(vocabulary["fault"])
    assert members(testing.RecordedRequest) == set(vocabulary["recorded_request"])
    assert members(testing.KeyReport) == set(vocabulary["key_report"])
    assert members(testing.KeyCaller) == set(vocabulary["key_caller"])
