"""The integrations for web frameworks: in the frameworks themselves, most behind real servers and over sockets."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import runpy
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
import flask
import pytest
import uvicorn
from conftest import Emulator, eventually
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.test import Client as DjangoSite
from django.test import override_settings
from django.urls import path as route
from fastapi import Depends, FastAPI, Request, WebSocket
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from agglestone import AsyncClient, Client, InvalidArgumentError
from agglestone.asgi import BearerMiddleware
from agglestone.django import bearer_required as django_bearer_required
from agglestone.fastapi import Bearer
from agglestone.flask import bearer_required as flask_bearer_required

AMELIA = "b95816fe-f4ab-49ac-889a-e6a161005339"
"""Owns the demo tenant, and so is in the group `Admin`."""


class Answer(NamedTuple):
    status: int
    challenge: str | None
    retry_after: str | None
    body: bytes


class Site(NamedTuple):
    """An application that is served, and what closes its client."""

    port: int
    close_client: Callable[[], None]

    def get(self, path: str, *authorization: str) -> Answer:
        """With as many `Authorization` headers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.putrequest("GET", path)
        for value in authorization:
            connection.putheader("Authorization", value)
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return Answer(
            answer.status, answer.getheader("WWW-Authenticate"), answer.getheader("Retry-After"), body
        )


@contextmanager
def over_asgi(make: Callable[[AsyncClient], Any]) -> Iterator[Site]:
    """uvicorn, whose loop makes and closes the client."""
    listener = socket.create_server(("127.0.0.1", 0))
    servers: list[tuple[uvicorn.Server, AsyncClient, asyncio.AbstractEventLoop]] = []

    async def serve() -> None:
        async with AsyncClient(max_retries=0) as client:
            server = uvicorn.Server(uvicorn.Config(make(client), lifespan="off", log_level="critical"))
            servers.append((server, client, asyncio.get_running_loop()))
            await server.serve([listener])

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    eventually(lambda: bool(servers) and servers[0][0].started, "uvicorn serves")
    server, client, loop = servers[0]
    try:
        yield Site(
            listener.getsockname()[1],
            lambda: asyncio.run_coroutine_threadsafe(client.aclose(), loop).result(),
        )
    finally:
        server.should_exit = True
        thread.join()


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def over_wsgi(make: Callable[[Client], Any]) -> Iterator[Site]:
    with (
        Client(max_retries=0) as client,
        make_server("127.0.0.1", 0, make(client), handler_class=Quiet) as server,
    ):
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Site(server.server_port, client.close)
        finally:
            server.shutdown()
            thread.join()


Serve = Callable[..., AbstractContextManager[Site]]


@contextmanager
def a_fastapi_dependency(**options: Any) -> Iterator[Site]:
    def make(client: AsyncClient) -> FastAPI:
        app = FastAPI()
        user = Depends(Bearer(client, **options))

        @app.get("/me")
        async def me(claims: Any = user) -> Any:
            return claims["userId"]

        @app.get("/open")
        async def open_to_all() -> None: ...

        return app

    with over_asgi(make) as site:
        yield site


@contextmanager
def asgi_middleware(**options: Any) -> Iterator[Site]:
    def make(client: AsyncClient) -> BearerMiddleware:
        return BearerMiddleware(plain_asgi(), client, open_paths=["/open"], **options)

    with over_asgi(make) as site:
        yield site


def plain_asgi() -> Any:
    """An application that knows nothing of tokens, and answers what it was told of the user."""
    app = FastAPI()

    @app.get("/me")
    async def me(request: Request) -> Any:
        return request.scope["agglestone.claims"]["userId"]

    @app.get("/open")
    async def open_to_all(request: Request) -> bool:
        return "agglestone.claims" in request.scope

    @app.websocket("/talk")
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(websocket.scope["agglestone.claims"]["userId"])
        await websocket.close()

    return app


def flask_app(client: Client | Callable[[], Client], asynchronous: bool, **options: Any) -> flask.Flask:
    app = flask.Flask("tests")
    signed_in = flask_bearer_required(client, **options)

    def me() -> Any:
        return flask.jsonify(flask.g.claims["userId"])

    async def me_later() -> Any:
        return me()

    app.add_url_rule("/me", "me", signed_in(me_later if asynchronous else me))
    app.add_url_rule("/open", "open", lambda: "")
    return app


@contextmanager
def a_flask_view(**options: Any) -> Iterator[Site]:
    with over_wsgi(lambda client: flask_app(client, False, **options)) as site:
        yield site


@contextmanager
def an_async_flask_view(**options: Any) -> Iterator[Site]:
    with over_wsgi(lambda client: flask_app(client, True, **options)) as site:
        yield site


if not settings.configured:
    settings.configure(ALLOWED_HOSTS=["*"], LOGGING_CONFIG=None)
    django.setup()


def me(request: HttpRequest) -> JsonResponse:
    return JsonResponse(request.claims["userId"], safe=False)


async def me_later(request: HttpRequest) -> JsonResponse:
    return me(request)


def open_to_all(request: HttpRequest) -> JsonResponse:
    return JsonResponse(hasattr(request, "claims"), safe=False)


@contextmanager
def django_project(me: Any, **changed: Any) -> Iterator[None]:
    urls = ModuleType("urls")
    vars(urls)["urlpatterns"] = [route("me", me), route("open", open_to_all)]
    with override_settings(ROOT_URLCONF=urls, AGGLESTONE_OPEN_PATHS=["/open"], **changed):
        yield


def in_settings(options: dict[str, Any]) -> dict[str, Any]:
    return {f"AGGLESTONE_{name.upper()}": value for name, value in options.items()}


@contextmanager
def django_middleware(**options: Any) -> Iterator[Site]:
    def make(client: Client) -> Any:
        settings.AGGLESTONE_CLIENT = client
        return get_wsgi_application()

    middleware = ["agglestone.django.BearerMiddleware"]
    with (
        django_project(me, MIDDLEWARE=middleware, **in_settings(options)),
        over_wsgi(make) as site,
    ):
        yield site


@contextmanager
def async_django_middleware(**options: Any) -> Iterator[Site]:
    def make(client: AsyncClient) -> Any:
        settings.AGGLESTONE_CLIENT = client
        return get_asgi_application()

    middleware = ["agglestone.django.AsyncBearerMiddleware"]
    with (
        django_project(me_later, MIDDLEWARE=middleware, **in_settings(options)),
        over_asgi(make) as site,
    ):
        yield site


@contextmanager
def a_django_view(**options: Any) -> Iterator[Site]:
    clients: list[Client] = []

    def make(client: Client) -> Any:
        clients.append(client)
        return get_wsgi_application()

    view = django_bearer_required(lambda: clients[0], **options)(me)
    with django_project(view, MIDDLEWARE=[]), over_wsgi(make) as site:
        yield site


@contextmanager
def an_async_django_view(**options: Any) -> Iterator[Site]:
    clients: list[AsyncClient] = []

    def make(client: AsyncClient) -> Any:
        clients.append(client)
        return get_asgi_application()

    view = django_bearer_required(lambda: clients[0], **options)(me_later)
    with django_project(view, MIDDLEWARE=[]), over_asgi(make) as site:
        yield site


ALL = [
    a_fastapi_dependency,
    asgi_middleware,
    a_flask_view,
    an_async_flask_view,
    django_middleware,
    async_django_middleware,
    a_django_view,
    an_async_django_view,
]
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
