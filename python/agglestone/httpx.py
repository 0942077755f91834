"""Requests by ``httpx`` that carry a user's token. ``pip install agglestone[httpx]``.

>>> import httpx
>>> from agglestone import Client
>>> from agglestone.httpx import UserAuth
>>> with Client() as client, httpx.Client(auth=UserAuth(client, user_id)) as http:
...     http.get("https://orders.example/api/orders")
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator

try:
    import httpx
except ImportError as _error:
    raise ImportError("agglestone.httpx needs httpx: pip install agglestone[httpx]") from _error

from ._async_client import AsyncClient
from ._client import Client
from ._user_token import UNAUTHORIZED, header, header_async, renewed_header, renewed_header_async

__all__ = ["UserAuth"]


class UserAuth(httpx.Auth):
    """Carries the token of one user: renewed before it expires, and once more where a service answers 401.

    ``client`` is a `Client` for ``httpx.Client`` and an `AsyncClient` for ``httpx.AsyncClient``; it is not closed. A request
    is repeated only if its body is at hand: bytes, text, JSON or a form, not a stream or a file. Following a redirect,
    httpx sends the token to no other origin. Errors of the exchange are those of `Client.get_token`.
    """

    def __init__(self, client: Client | AsyncClient, user_id: str) -> None:
        """``user_id``: whose token it is (`service.md`, "Token exchange")."""
        self._client = client
        self._user_id = user_id

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """What ``httpx.Client`` calls."""
        if not isinstance(self._client, Client):
            raise TypeError("UserAuth with an AsyncClient is for httpx.AsyncClient; give it a Client")
        request.headers["Authorization"] = sent = header(self._client, self._user_id)
        response = yield request
        if _may_be_repeated(request, response):
            request.headers["Authorization"] = renewed_header(self._client, self._user_id, sent)
            yield request

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """What ``httpx.AsyncClient`` calls."""
        if not isinstance(self._client, AsyncClient):
            raise TypeError("UserAuth with a Client is for httpx.Client; give it an AsyncClient")
        request.headers["Authorization"] = sent = await header_async(self._client, self._user_id)
        response = yield request
        if _may_be_repeated(request, response):
            request.headers["Authorization"] = await renewed_header_async(self._client, self._user_id, sent)
            yield request


def _may_be_repeated(request: httpx.Request, response: httpx.Response) -> bool:
    return response.status_code == UNAUTHORIZED and isinstance(request.stream, httpx.ByteStream)
