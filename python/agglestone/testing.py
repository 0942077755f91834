"""The service's local stand-in inside your own tests: real answers, real tokens, and failures on demand.

`Emulator` starts the program that ``pip install agglestone-emulator`` brings (or the one that ``AGGLESTONE_EMULATOR``
names, or the one on the ``PATH``) on a free port, and stops it at the end of the block:

>>> from agglestone import Client
>>> from agglestone.testing import Emulator
>>> with Emulator() as emulator, Client(**emulator.client_options()) as client:
...     emulator.add_fault(path="*/Users*", status=503)
...     page = client.get_users()
>>> print(page["totalRecords"])
45

With pytest, ``pytest_plugins = ["agglestone.testing"]`` in ``conftest.py`` gives the fixture ``agglestone_emulator``:
one program for all tests, reset for each. Nothing here is for production.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import IO, Any, Literal, TypedDict, cast

from ._programs import installed
from ._typing import Self

__all__ = ["ClientOptions", "Emulator", "EmulatorError", "KeyCaller", "KeyReport", "RecordedRequest"]

Slot = Literal["primary", "secondary"]


class EmulatorError(Exception):
    """The emulator can't start, or refuses a call to its control API; the text says why."""


class RecordedRequest(TypedDict):
    """A request that reached the emulator. It holds no secret; what is not known is None."""

    time: str
    method: str
    path: str
    query: str | None
    status: int | None
    keySlot: Slot | None
    fingerprint: str | None
    credential: Literal["api-key", "bearer", "both", "none"]
    userAgent: str | None
    requestId: str


class KeyCaller(TypedDict):
    """How often one caller, by its User-Agent, presented one key."""

    userAgent: str | None
    requests: int
    refused: int
    firstUsed: str
    lastUsed: str


class KeyReport(TypedDict):
    """A key, by its fingerprint, and who presented it. What is not known is None."""

    fingerprint: str
    state: Literal["accepted", "replaced", "unknown"]
    slot: Slot | None
    since: str | None
    replacedAt: str | None
    callers: list[KeyCaller]


class _Required(TypedDict):
    tenant_id: str
    api_key: str
    secondary_api_key: str
    base_url: str


class ClientOptions(_Required, total=False):
    """Arguments of `Client` and `AsyncClient`; `ca_file` is there if the emulator serves HTTPS."""

    ca_file: str


class Emulator:
    """A running emulator. It ends with `close`, at the end of a ``with`` block, or with this process, however that ends.

    Its methods may be called from any thread.
    """

    url: str
    """Base URL, without a slash at its end."""
    tenant_id: str
    """The tenant that it serves."""
    primary_api_key: str
    """The primary API key that it started with, and has again after a `reset`."""
    secondary_api_key: str
    """The secondary API key that it started with, and has again after a `reset`."""
    control_token: str
    """Bearer token of the control API."""
    portal_url: str
    """Where its page for people is."""
    ca_file: str | None
    """The authority to trust, if it serves HTTPS with a certificate of its own."""

    def __init__(
        self,
        *,
        binary: str | os.PathLike[str] | None = None,
        tenant_id: str | None = None,
        users: Sequence[Mapping[str, Any]] | None = None,
        primary_api_key: str | None = None,
        secondary_api_key: str | None = None,
        token_lifetime: int | None = None,
        tls: bool = False,
        arguments: Sequence[str] = (),
    ) -> None:
        """Starts the emulator and returns once it answers; without `users`, it has the 45 demo users.

        `token_lifetime` is in seconds (default 900). `arguments` are further ones of the program.

        Raises `EmulatorError` when there is no such program, or it can't start.
        """
        options = {
            "--tenant": tenant_id,
            "--primary-api-key": primary_api_key,
            "--secondary-api-key": secondary_api_key,
            "--token-lifetime": token_lifetime,
            "--tls": "self-signed" if tls else None,
        }
        command = [_program(binary), "--port=0", "--json", "--until-stdin-closes", *arguments]
        command += [f"{name}={value}" for name, value in options.items() if value is not None]
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        with tempfile.NamedTemporaryFile("w", suffix=".json") as seed:
            if users is not None:
                json.dump({"users": list(users)}, seed)
                seed.flush()
                command.append(f"--seed={seed.name}")
            # The tests' own settings of the program would come on top of what is asked for here.
            inherited = {n: v for n, v in os.environ.items() if not n.startswith("AGGLESTONE_EMULATOR_")}
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._stderr, env=inherited
            )
            assert self._process.stdout is not None
            line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            self._stderr.seek(0)
            reason = self._stderr.read().decode(errors="replace").strip()
            self.close()
            raise EmulatorError(reason or "the emulator ended at once")
        ready = json.loads(line)
        self.url = ready["url"]
        self.tenant_id = ready["tenantId"]
        self.primary_api_key = ready["primaryApiKey"]
        self.secondary_api_key = ready["secondaryApiKey"]
        self.control_token = ready["controlToken"]
        self.portal_url = ready["portalUrl"]
        self.ca_file = ready.get("caFile")

    def client_options(self) -> ClientOptions:
        """Arguments for `Client` and `AsyncClient`, with both keys."""
        options: ClientOptions = {
            "tenant_id": self.tenant_id,
            "api_key": self.primary_api_key,
            "secondary_api_key": self.secondary_api_key,
            "base_url": self.url,
        }
        if self.ca_file is not None:
            options["ca_file"] = self.ca_file
        return options

    def environment(self) -> dict[str, str]:
        """The same as environment variables, for programs under test."""
        return {f"AGGLESTONE_{name.upper()}": str(value) for name, value in self.client_options().items()}

    def generate_key(self, slot: Slot) -> str:
        """Replaces a key and returns the new one; the previous key is refused immediately."""
        return cast(str, self._control("POST", f"keys/{slot}")["apiKey"])

    def set_key(self, slot: Slot, key: str) -> None:
        """Makes `key` the key in `slot`; the previous key is refused immediately."""
        self._control("POST", f"keys/{slot}", {"apiKey": key})

    def key_report(self) -> list[KeyReport]:
        """Accepted, replaced and unknown keys by fingerprint, and who presented them."""
        return cast("list[KeyReport]", self._control("GET", "keys")["keys"])

    def requests(self) -> list[RecordedRequest]:
        """The requests that arrived, oldest first."""
        return cast("list[RecordedRequest]", self._control("GET", "requests"))

    def add_fault(
        self,
        *,
        path: str = "*",
        method: str | None = None,
        times: int = 1,
        status: int | None = None,
        headers: Mapping[str, str | int | list[str]] | None = None,
        body: Any = None,
        delay: float | timedelta | None = None,
        drip: float | timedelta | None = None,
        close: Literal["before", "mid-body", "after"] | None = None,
        raw: str | bytes | None = None,
        repeat: int | None = None,
        gzip: bool = False,
        rate_limit: tuple[int, int] | None = None,
    ) -> None:
        """Makes the next `times` matching requests go wrong; 0 is until `clear_faults`.

        `path` is matched whole, without the query; ``*`` stands for anything. `body` is text, bytes, or any other JSON value.
        Times are seconds or a `timedelta`. `rate_limit` is requests and seconds; it stays until `clear_faults`. The emulator's
        README explains each member.

        Raises `EmulatorError` when the fault has no effect, or its members can't go together.
        """
        fault: dict[str, Any] = {
            "path": path,
            "method": method,
            "status": status,
            "close": close,
            "repeat": repeat,
        }
        fault |= {"headers": dict(headers) if headers else None}
        for name, content in (("body", body), ("raw", raw)):
            if isinstance(content, bytes):
                fault[f"{name}Base64"] = base64.b64encode(content).decode()
            else:
                fault[name] = content
        fault |= {"delayMs": _milliseconds(delay), "dripMs": _milliseconds(drip), "gzip": gzip or None}
        if rate_limit is None:
            fault["times"] = times
        else:
            requests, seconds = rate_limit
            fault["rateLimit"] = {"requests": requests, "perSeconds": seconds}
        self._control("POST", "faults", {name: value for name, value in fault.items() if value is not None})

    def clear_faults(self) -> None:
        """Forgets all faults."""
        self._control("DELETE", "faults")

    def advance_clock(self, time: float | timedelta) -> None:
        """Lets whole seconds (or a `timedelta`) pass at once: tokens expire, and new ones are issued at the new time."""
        self._control("POST", "clock", {"advanceSeconds": int(_seconds(time))})

    def put_users(self, users: Sequence[Mapping[str, Any]]) -> None:
        """Adds users, or replaces those with the same `userId`."""
        self._control("POST", "users", {"users": list(users)})

    def remove_user(self, user_id: str) -> None:
        """Removes a user."""
        self._control("DELETE", f"users/{urllib.parse.quote(user_id, safe='')}")

    def revoke_tokens(self, user_id: str) -> None:
        """Refuses every token that the user has at this moment; new ones can be had."""
        self._control("POST", f"users/{urllib.parse.quote(user_id, safe='')}/revoke")

    def snapshot(self) -> dict[str, Any]:
        """Users, keys and signing key, for `restore`. Holds secrets."""
        return cast("dict[str, Any]", self._control("GET", "snapshot"))

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Restores what `snapshot` returned, of this or another emulator of the same tenant."""
        self._control("PUT", "snapshot", dict(snapshot))

    def reset(self) -> None:
        """Back to the keys, users and time that it started with; no faults, no recorded requests."""
        self._control("POST", "reset")

    def close(self) -> None:
        """Stops the emulator. Closing twice is a no-op."""
        self._process.terminate()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._stderr.close()

    def __enter__(self) -> Self:
        """The emulator itself."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Stops it."""
        self.close()

    def __repr__(self) -> str:
        """Address and tenant; no key."""
        return f"Emulator(url={self.url!r}, tenant_id={self.tenant_id!r})"

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self.url}/_emulator/{path}",
            method=method,
            headers={"Authorization": f"Bearer {self.control_token}", "Content-Type": "application/json"},
            data=None if body is None else json.dumps(body).encode(),
        )
        try:
            with self._opener().open(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise EmulatorError(json.load(error)["detail"]) from None

    def _opener(self) -> urllib.request.OpenerDirector:
        # No proxy stands between a test and its own machine.
        handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
        if self.ca_file is not None:
            import ssl

            handlers.append(
                urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=self.ca_file))
            )
        return urllib.request.build_opener(*handlers)


def _program(binary: str | os.PathLike[str] | None) -> str:
    given = binary or os.environ.get("AGGLESTONE_EMULATOR")
    name = "agglestone-emulator"
    found = installed(name) if given is None else shutil.which(given)
    if found is None:
        raise EmulatorError(
            f"no program {os.fspath(given or name)!r}: pip install agglestone-emulator, "
            "or set AGGLESTONE_EMULATOR to the path of one"
        )
    return found


def _seconds(time: float | timedelta) -> float:
    return time.total_seconds() if isinstance(time, timedelta) else time


def _milliseconds(time: float | timedelta | None) -> int | None:
    return None if time is None else round(_seconds(time) * 1000)


try:
    import pytest
except ImportError:
    pass
else:

    @pytest.fixture(scope="session")
    def _agglestone_emulator() -> Iterator[Emulator]:
        with Emulator() as emulator:
            yield emulator

    @pytest.fixture
    def agglestone_emulator(_agglestone_emulator: Emulator) -> Emulator:
        """An emulator in the state that it started in."""
        _agglestone_emulator.reset()
        return _agglestone_emulator
