"""Requests by ``aiohttp`` that carry a user's token. ``pip install agglestone[aiohttp]``.

>>> import aiohttp
>>> from agglestone import AsyncClient
>>> from agglestone.aiohttp import UserAuth
>>> async with AsyncClient() as client:
...     auth = UserAuth(client, user_id, "https://orders.example")
...     async with aiohttp.ClientSession(middlewares=[auth]) as session:
...         await session.get("https://orders.example/api/orders")
"""

from __future__ import annotations

try:
    from aiohttp import ClientHandlerType, ClientRequest, ClientResponse
    from aiohttp.payload import Payload
    from yarl import URL
except ImportError as _error:
    raise ImportError(
        "agglestone.aiohttp needs aiohttp 3.12.7 or later: pip install agglestone[aiohttp]"
    ) from _error

from ._async_client import AsyncClient
from ._user_token import UNAUTHORIZED, header_async, renewed_header_async

__all__ = ["UserAuth"]


class UserAuth:
    """A middleware that carries the token of one user: renewed before it expires, and once more where a service answers 401.

    The token goes to ``origin`` alone, such as ``https://orders.example``: middlewares also see the requests that
    follow a redirect, wherever it leads. A request is repeated only if its body is at hand, not a stream. ``client`` is not
    closed. Errors of the exchange are those of `AsyncClient.get_token`.
    """

    def __init__(self, client: AsyncClient, user_id: str, origin: str) -> None:
        """``user_id``: whose token it is (`service.md`, "Token exchange"). ``origin``: scheme, host and port; a path is ignored."""
        self._client = client
        self._user_id = user_id
        self._origin = URL(origin).origin()

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """What ``aiohttp`` calls with each request."""
        if request.url.origin() != self._origin:
            return await handler(request)
        request.headers["Authorization"] = sent = await header_async(self._client, self._user_id)
        response = await handler(request)
        body = request.body
        consumed = isinstance(body, Payload) and body.consumed
        if response.status != UNAUTHORIZED or consumed:
            return response
        response.release()
        request.headers["Authorization"] = await renewed_header_async(self._client, self._user_id, sent)
        return await handler(request)
