"""A user's token in requests of httpx, requests and aiohttp: carried, renewed once, and sent to nobody else."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import aiohttp
import httpx
import pytest
import requests
from conftest import Emulator

import agglestone.aiohttp
import agglestone.httpx
import agglestone.requests
from agglestone import AsyncClient, Client
from agglestone._user_token import renewed_header

ADMIN = "b95816fe-f4ab-49ac-889a-e6a161005339"
"""May see every user."""


def by_httpx(base: str, method: str, url: str, body: Any = None) -> int:
    with Client() as client:
        auth = agglestone.httpx.UserAuth(client, ADMIN)
        with httpx.Client(auth=auth, follow_redirects=True, trust_env=False) as http:
            client.get_token(ADMIN)
            yield_to(base)
            return http.request(method, url, content=body).status_code


def by_httpx_async(base: str, method: str, url: str, body: Any = None) -> int:
    async def call() -> int:
        async with AsyncClient() as client:
            auth = agglestone.httpx.UserAuth(client, ADMIN)
            async with httpx.AsyncClient(auth=auth, follow_redirects=True, trust_env=False) as http:
                await client.get_token(ADMIN)
                yield_to(base)
                content = asynchronous(body) if isinstance(body, Iterator) else body
                return (await http.request(method, url, content=content)).status_code

    return asyncio.run(call())


def by_requests(base: str, method: str, url: str, body: Any = None) -> int:
    with Client() as client, requests.Session() as session:
        session.trust_env = False
        session.auth = agglestone.requests.UserAuth(client, ADMIN)
        client.get_token(ADMIN)
        yield_to(base)
        return session.request(method, url, data=body).status_code


def by_aiohttp(base: str, method: str, url: str, body: Any = None) -> int:
    async def call() -> int:
        async with AsyncClient() as client:
            auth = agglestone.aiohttp.UserAuth(client, ADMIN, base)
            async with aiohttp.ClientSession(middlewares=[auth]) as session:
                await client.get_token(ADMIN)
                yield_to(base)
                content = asynchronous(body) if isinstance(body, Iterator) else body
                async with session.request(method, url, data=content) as response:
                    return response.status

    return asyncio.run(call())


async def asynchronous(parts: Iterator[bytes]) -> Any:
    for part in parts:
        yield part


BETWEEN: list[Any] = []
"""What happens once the client has a token, and before the request."""


def yield_to(_: str) -> None:
    while BETWEEN:
        BETWEEN.pop()()


@pytest.fixture(params=[by_httpx, by_httpx_async, by_requests, by_aiohttp])
def call(request: pytest.FixtureRequest, emulator: Emulator) -> Any:
    BETWEEN.clear()

    def call(method: str, path: str, body: Any = None) -> int:
        url = path if "://" in path else f"{emulator.url}/tenant/{emulator.tenant}/{path}"
        status: int = request.param(url, method, url, body)
        return status

    return call


def seen(emulator: Emulator) -> list[tuple[str, int]]:
    """Method and status of each request, without what comes before the path below the tenant."""
    return [(entry["path"].rsplit("/", 1)[-1], entry["status"]) for entry in emulator.requests()]


EXCHANGED = ("token-exchange", 200)


def test_a_request_carries_the_token(call: Any, emulator: Emulator) -> None:
    assert call("GET", f"api/v2.0/Users/{ADMIN}") == 200
    assert seen(emulator) == [EXCHANGED, (ADMIN, 200)]


def test_a_refused_token_is_renewed_once(call: Any, emulator: Emulator) -> None:
    BETWEEN.append(lambda: emulator.control("POST", f"users/{ADMIN}/revoke"))
    assert call("POST", "api/v2.0/Users", b'{"email": "jane@example.com"}') in (201, 415)
    statuses = seen(emulator)
    assert statuses[:3] == [EXCHANGED, ("Users", 401), EXCHANGED], statuses
    assert len(statuses) == 4


def test_a_second_refusal_is_the_answer(call: Any, emulator: Emulator) -> None:
    emulator.fault(path="*/Users/*", status=401, times=0)
    assert call("GET", f"api/v2.0/Users/{ADMIN}") == 401
    assert seen(emulator) == [EXCHANGED, (ADMIN, 401), EXCHANGED, (ADMIN, 401)]


@pytest.fixture
def other_origin() -> Iterator[tuple[str, list[str | None]]]:
    """A server elsewhere, which refuses everybody, and the `Authorization` of what it was asked."""
    told: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.append(self.headers["Authorization"])
            self.send_response(401)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_POST(self) -> None:
            # The chunks of a body without a length, to the last, which is empty.
            while self.rfile.readline() != b"0\r\n":
                pass
            self.rfile.readline()
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}/", told
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_stream_is_not_sent_twice(call: Any, other_origin: tuple[str, list[str | None]]) -> None:
    url, told = other_origin
    assert call("POST", url, iter([b"some", b"parts"])) == 401
    assert len(told) == 1 and str(told[0]).startswith("Bearer ")


def test_a_redirect_takes_the_token_nowhere_else(
    call: Any, emulator: Emulator, other_origin: tuple[str, list[str | None]]
) -> None:
    url, told = other_origin
    emulator.fault(path="*/Users", status=302, headers={"location": url}, times=0)
    call("GET", "api/v2.0/Users")
    assert told and set(told) == {None}


def test_of_many_refusals_one_renews(emulator: Emulator) -> None:
    with Client() as client:
        stale = renewed_header(client, ADMIN, None)
        assert {renewed_header(client, ADMIN, stale) for _ in range(3)} != {stale}
    assert seen(emulator) == [EXCHANGED, EXCHANGED]


def test_the_wrong_kind_of_client_is_named() -> None:
    with Client(tenant_id="t", api_key="k") as client:
        auth = agglestone.httpx.UserAuth(client, ADMIN)
        request = httpx.Request("GET", "https://orders.example")
        with pytest.raises(TypeError, match="give it an AsyncClient"):
            asyncio.run(anext(auth.async_auth_flow(request)))


@pytest.mark.parametrize("library", ["httpx", "requests", "aiohttp"])
def test_without_the_library_the_extra_is_named(library: str) -> None:
    code = f"""
import sys
import agglestone
assert {library!r} not in sys.modules
sys.modules[{library!r}] = None
try:
    import agglestone.{library}
except ImportError as error:
    print(error)
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert f"pip install agglestone[{library}]" in said
