"""Middleware for ASGI applications (Starlette, FastAPI, Quart, Litestar, …): lets in whoever has a token of the tenant."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from ._async_client import AsyncClient
from ._bearer import Gate, Refusal, named
from ._types import TokenCheck

__all__ = ["BearerMiddleware"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class BearerMiddleware:
    """Verifies the token of each HTTP request and each WebSocket; the user's claims are in ``scope["agglestone.claims"]``.

    A request without a token, or with one that is not to be believed, is answered 401, one of a user who is in none of
    `groups` 403, and 503 while there are no keys to verify with; the application doesn't see it. A WebSocket is refused before
    it is accepted.

    >>> from agglestone import AsyncClient
    >>> from agglestone.asgi import BearerMiddleware
    >>> app = BearerMiddleware(app, AsyncClient(), open_paths=["/health"])
    """

    def __init__(
        self,
        app: Application,
        client: AsyncClient | Callable[[], AsyncClient],
        *,
        groups: Iterable[str] | None = None,
        check: TokenCheck | None = None,
        open_paths: Iterable[str] = (),
    ) -> None:
        """Wraps `app`.

        - `client`: an `AsyncClient`, or a function that gives one, which is called for each request; whoever made it closes it
        - `groups`: the user must be in one of them; default: every user of the tenant
        - `check`: ``"service"`` also asks the service whether the user may still, as `verify_token` does; default: not
        - `open_paths`: these are let through as they are; a whole ``scope["path"]`` each
        """
        self._app = app
        self._gate = Gate(AsyncClient, client, groups, check)
        self._open_paths = named("open_paths", open_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection, as ASGI has it."""
        if scope["type"] in ("http", "websocket") and scope["path"] not in self._open_paths:
            headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
            admitted = await self._gate.admit_async(
                value.decode("latin-1") for name, value in headers if name.lower() == b"authorization"
            )
            if isinstance(admitted, Refusal):
                await _refuse(admitted, scope, send)
                return
            scope = {**scope, "agglestone.claims": admitted}
        await self._app(scope, receive, send)


async def _refuse(refusal: Refusal, scope: Scope, send: Send) -> None:
    kind = "http.response"
    if scope["type"] == "websocket":
        kind = "websocket.http.response"
        if kind not in scope.get("extensions", ()):
            # The server answers 403: it can be told nothing else.
            await send({"type": "websocket.close"})
            return
    headers = [(name.lower().encode(), value.encode()) for name, value in refusal.headers.items()]
    headers.append((b"content-length", b"0"))
    await send({"type": f"{kind}.start", "status": refusal.status, "headers": headers})
    await send({"type": f"{kind}.body", "body": b""})
