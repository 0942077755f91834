"""The integrations for web frameworks: in the frameworks themselves, most behind real servers and over sockets."""

from __future__ import annotations

import asyncio
import json
import re
import runpy
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Emulator, eventually
from django.core.exceptions import ImproperlyConfigured
from django.test import Client as DjangoSite
from fastapi import Depends, FastAPI, WebSocket
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect
from web_sites import (
    ALL,
    AMELIA,
    Serve,
    a_fastapi_dependency,
    an_async_django_view,
    asgi_middleware,
    async_django_middleware,
    django_project,
    flask_app,
    me,
    me_later,
    plain_asgi,
)

from agglestone import AsyncClient, Client, InvalidArgumentError
from agglestone.asgi import BearerMiddleware
from agglestone.django import bearer_required as django_bearer_required
from agglestone.fastapi import Bearer
from agglestone.flask import bearer_required as flask_bearer_required

in_every_framework = pytest.mark.parametrize("serve", ALL, ids=lambda serve: serve.__name__)

MISSING = (401, "Bearer", None)
INVALID = (401, 'Bearer error="invalid_token"', None)


@pytest.fixture
def token(emulator: Emulator) -> str:
    """Amelia's."""
    assert emulator.url
    with Client() as client:
        return client.exchange_api_key_for_token(AMELIA)


@in_every_framework
def test_a_users_token_lets_the_user_in_and_nothing_else_does(serve: Serve, token: str) -> None:
    with serve() as site:
        for header in (f"Bearer {token}", f"bEARER   {token}  "):
            answer = site.get("/me", header)
            assert (answer.status, json.loads(answer.body)) == (200, AMELIA)
        assert site.get("/open").status == 200
        assert site.get("/me")[:3] == MISSING
        for foreign in ("Basic YTpi", "Bearerish x", f"Token {token}", token, ""):
            assert site.get("/me", foreign)[:3] == MISSING, foreign
        forged = f"{token[:-8]}AAAAAAAA"
        for bad in (
            "Bearer",
            "Bearer ",
            "Bearer x",
            f"Bearer {forged}",
            f"Bearer {token},",
            f"Bearer {token} x",
        ):
            answer = site.get("/me", bad)
            assert answer[:3] == INVALID, bad
            body = answer.body.decode().lower()
            assert "token" not in body and "signature" not in body and token[:20].lower() not in body
        assert site.get("/me", f"Bearer {token}", f"Bearer {token}")[:3] == INVALID
        # Servers for WSGI make one of them.
        assert site.get("/me", "", f"Bearer {token}").status == 401


@in_every_framework
def test_a_user_in_none_of_the_groups_is_forbidden(serve: Serve, token: str) -> None:
    with serve(groups=["Nobody", "admin"]) as site:
        assert site.get("/me", f"Bearer {token}")[:3] == (403, 'Bearer error="insufficient_scope"', None)
        assert site.get("/me")[:3] == MISSING
        assert site.get("/me", "Bearer x")[:3] == INVALID
    with serve(groups=["Nobody", "Admin"]) as site:
        assert site.get("/me", f"Bearer {token}").status == 200


@in_every_framework
def test_without_signing_keys_the_application_is_unavailable_for_as_long_as_the_service_says(
    serve: Serve, token: str, emulator: Emulator
) -> None:
    with serve() as site:
        emulator.fault(path="*/openid-configuration", status=503, headers={"Retry-After": "7"}, times=1)
        assert site.get("/me", f"Bearer {token}")[:3] == (503, None, "7")
        emulator.fault(path="*/openid-configuration", status=404, times=1)
        assert site.get("/me", f"Bearer {token}")[:3] == (503, None, None)
        assert site.get("/me", f"Bearer {token}").status == 200


@in_every_framework
def test_the_service_is_asked_about_the_user_where_that_is_wanted(
    serve: Serve, token: str, emulator: Emulator
) -> None:
    with serve(check="service") as site:
        emulator.fault(path="*/Users/*", status=503, times=1)
        assert site.get("/me", f"Bearer {token}")[:3] == (503, None, None)
        emulator.control("DELETE", f"users/{AMELIA}")
        assert site.get("/me", f"Bearer {token}")[:3] == INVALID
    with serve() as site:
        assert site.get("/me", f"Bearer {token}").status == 200


@in_every_framework
def test_a_mistake_of_the_application_is_no_refusal(serve: Serve, token: str) -> None:
    with serve() as site:
        site.close_client()
        answer = site.get("/me", f"Bearer {token}")
        assert answer[:3] == (500, None, None)
        assert token.encode() not in answer.body


@pytest.mark.parametrize(
    "serve", [a_fastapi_dependency, asgi_middleware, async_django_middleware, an_async_django_view]
)
def test_a_loop_goes_on_while_a_request_waits_for_keys(serve: Serve, token: str, emulator: Emulator) -> None:
    emulator.fault(path="*/openid-configuration", delayMs=300_000, times=1)
    with serve() as site:
        waiting = threading.Thread(target=site.get, args=("/me", f"Bearer {token}"))
        waiting.start()
        asked = "openid-configuration"
        eventually(lambda: any(asked in entry["path"] for entry in emulator.requests()), "keys are asked for")
        assert site.get("/open").status == 200
        site.close_client()
        waiting.join()


class Extended:
    """A server that can answer a WebSocket's handshake with a response, or not."""

    def __init__(self, app: Any, extensions: dict[str, Any]) -> None:
        self.app, self.extensions = app, extensions

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app({**scope, "extensions": self.extensions}, receive, send)


def websocket_app(client: AsyncClient) -> BearerMiddleware:
    return BearerMiddleware(plain_asgi(), client)


def websocket_route(client: AsyncClient) -> FastAPI:
    app = FastAPI()
    user = Depends(Bearer(client))

    @app.websocket("/talk")
    async def talk(websocket: WebSocket, claims: Any = user) -> None:
        await websocket.accept()
        await websocket.send_text(claims["userId"])
        await websocket.close()

    return app


@pytest.mark.parametrize("make", [websocket_app, websocket_route])
def test_a_websocket_needs_a_token(make: Callable[[AsyncClient], Any], token: str) -> None:
    client = AsyncClient()
    with TestClient(make(client)) as site:
        with site.websocket_connect("/talk", headers={"Authorization": f"Bearer {token}"}) as websocket:
            assert websocket.receive_text() == AMELIA
        with pytest.raises(WebSocketDenialResponse) as refused, site.websocket_connect("/talk"):
            pass
        assert (refused.value.status_code, refused.value.headers["www-authenticate"]) == (401, "Bearer")
    asyncio.run(client.aclose())


def test_a_websocket_is_closed_where_the_server_can_answer_nothing(emulator: Emulator) -> None:
    assert emulator.url
    client = AsyncClient()
    with (
        TestClient(Extended(websocket_app(client), {})) as site,
        pytest.raises(WebSocketDisconnect) as closed,
        site.websocket_connect("/talk"),
    ):
        pass
    assert not isinstance(closed.value, WebSocketDenialResponse)
    asyncio.run(client.aclose())


def test_openapi_shows_bearer_authentication(emulator: Emulator) -> None:
    assert emulator.url
    client = AsyncClient()
    schemes = websocket_and_http(client).openapi()["components"]["securitySchemes"]
    assert schemes == {"Agglestone": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    asyncio.run(client.aclose())


def websocket_and_http(client: AsyncClient) -> FastAPI:
    app = websocket_route(client)
    app.add_api_route("/me", lambda claims: None, dependencies=[Depends(Bearer(client))])
    return app


def test_flasks_error_handlers_see_a_refusal_and_its_cause(token: str) -> None:
    with Client() as client:
        app = flask_app(client, False)

        @app.errorhandler(401)
        def refused(error: Any) -> Any:
            answer = error.get_response()
            answer.data = getattr(error.__cause__, "reason", "nothing")
            return answer

        site = app.test_client()
        answer = site.get("/me", headers={"Authorization": f"Bearer {token[:-8]}AAAAAAAA"})
        assert (answer.status_code, answer.data) == (401, b"bad_signature")
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
        assert site.get("/me").data == b"nothing"


def test_a_client_may_come_from_a_function(token: str) -> None:
    with Client() as client:
        site = flask_app(lambda: client, False).test_client()
        assert site.get("/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    asynchronous = AsyncClient()
    with TestClient(BearerMiddleware(plain_asgi(), lambda: asynchronous)) as other:
        assert other.get("/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    asyncio.run(asynchronous.aclose())


def test_a_client_may_be_named_in_djangos_settings(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    middleware = ["agglestone.django.BearerMiddleware"]
    with Client() as client, django_project(me, MIDDLEWARE=middleware, AGGLESTONE_CLIENT="test_web.named"):
        monkeypatch.setattr(sys.modules[__name__], "named", client, raising=False)
        answer = DjangoSite().get("/me", headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()) == (200, AMELIA)
    with (
        django_project(me, MIDDLEWARE=middleware),
        pytest.raises(ImproperlyConfigured, match="AGGLESTONE_CLIENT"),
    ):
        DjangoSite().get("/me")


def test_what_can_not_be_meant_is_refused_at_once(emulator: Emulator) -> None:
    assert emulator.url
    wrong: Any
    with Client() as client:
        for wrong in (lambda: Bearer(client), lambda: BearerMiddleware(plain_asgi(), client)):  # type: ignore[arg-type]
            with pytest.raises(
                TypeError, match="^client must be AsyncClient or a function that gives one, not Client$"
            ):
                wrong()
        with pytest.raises(TypeError, match="^client must be AsyncClient"):
            django_bearer_required(client)(me_later)
        with pytest.raises(TypeError, match="^client must be Client or a function that gives one, not str$"):
            flask_bearer_required("client")  # type: ignore[arg-type]
        with pytest.raises(
            TypeError, match=r"^groups must be several names, such as \['Admin'\], not one str$"
        ):
            flask_bearer_required(client, groups="Admin")
        with pytest.raises(InvalidArgumentError, match="^`check`"):
            flask_bearer_required(client, check="servce")  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="^groups names no group"):
            flask_bearer_required(client, groups=[])
    with pytest.raises(TypeError, match="^open_paths must be several names"):
        BearerMiddleware(plain_asgi(), AsyncClient, open_paths="/open")


@pytest.mark.parametrize("framework", ["django", "fastapi", "flask"])
def test_a_framework_that_is_not_installed_is_asked_for_by_name(framework: str) -> None:
    program = f"""
import sys
import agglestone
assert not {{"django", "fastapi", "flask", "starlette", "asgiref"}} & set(sys.modules)
import agglestone.asgi
assert not {{"django", "fastapi", "flask", "starlette", "asgiref"}} & set(sys.modules)
sys.modules[{framework!r}] = None
import agglestone.{framework}
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert f"pip install agglestone[{framework}]" in ran.stderr and "ImportError: agglestone." in ran.stderr


def readme_example(folder: Path, name: str) -> dict[str, Any]:
    """The program of the README that has this in it, after it ran."""
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    (block,) = (
        block for block in re.findall(r"```python\n(.*?)```", readme, re.DOTALL) if f"import {name}" in block
    )
    program = folder / "example.py"
    program.write_text(block)
    return runpy.run_path(str(program))


def test_the_readmes_application_with_fastapi_works(token: str, tmp_path: Path) -> None:
    example = readme_example(tmp_path, "Bearer")
    header = {"Authorization": f"Bearer {token}"}
    with TestClient(example["app"]) as site:
        assert site.get("/me").status_code == 401
        assert site.get("/me", headers=header).json() == {"userId": AMELIA}
        assert site.get("/users", headers=header).json() == 45


def test_the_readmes_application_with_flask_works(token: str, tmp_path: Path) -> None:
    example = readme_example(tmp_path, "bearer_required")
    site = example["app"].test_client()
    assert site.get("/me").status_code == 401
    assert site.get("/me", headers={"Authorization": f"Bearer {token}"}).json == {"userId": AMELIA}
    example["client"].close()
