"""Applications behind each integration of a web framework, in servers of their own."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import ModuleType
from typing import Any, NamedTuple
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
import flask
import uvicorn
from conftest import eventually
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.test import override_settings
from django.urls import path as route
from fastapi import Depends, FastAPI, Request, WebSocket

from agglestone import AsyncClient, Client
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
