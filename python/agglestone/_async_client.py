"""The client for asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine

from ._base import BaseClient
from ._bridge import Bridge, bridge_of
from ._native import Operation, Reply, Token
from ._request import request
from ._response import Response
from ._typing import Any, Query, RequestHeaders, Self, User, UsersPage


class AsyncClient(BaseClient):
    """A client for asyncio, with the methods of `Client` as coroutines.

    Make one for the whole program: it keeps a pool of connections and works in any event loop, also in several one after
    another. Cancelling a task cancels its call. Use it as an asynchronous context manager, or await `aclose` when done.

    The settings are those of `Client`, and so are the errors; a cancelled call raises asyncio's `CancelledError`.

    >>> from agglestone import AsyncClient
    >>> async with AsyncClient(app_name="billing/2.1") as client:
    ...     first = (await client.get_users())["data"][0]
    >>> first["email"]
    'amelia.hart@example.com'
    """

    # That of the loop which used the client last.
    _bridge: Bridge | None = None

    async def get_users(self, page_number: int = 1, page_size: int = 10) -> UsersPage:
        """One page of the tenant's users.

        ``page_number`` counts from 1; ``page_size`` is 1 to 100. Answers the page as the service sent it, a dict with
        ``data`` (a list of users), ``pageNumber``, ``pageSize`` and ``totalRecords``; members unknown to this version are
        kept.

        Raises `InvalidArgumentError` before anything is sent, any other `AgglestoneError` after.

        >>> page = await client.get_users(page_number=2, page_size=20)
        >>> len(page["data"]), page["totalRecords"]
        (20, 45)
        """
        page: UsersPage = (await self._call(Operation.get_users(page_number, page_size))).json()
        return page

    async def get_user(self, user_id: str) -> User:
        """One user, a dict as the service sent it.

        Raises `NotFoundError` when there is none with this id, `InvalidArgumentError` for text that can't be one segment
        of a path, any other `AgglestoneError`.

        >>> user = await client.get_user("b95816fe-f4ab-49ac-889a-e6a161005339")
        >>> user["displayName"]
        'Amelia Hart'
        """
        user: User = (await self._call(Operation.get_user(user_id))).json()
        return user

    def iter_users(self, page_size: int = 100) -> AsyncIterator[User]:
        """All users, fetched page by page as the iteration gets to them.

        A user created or deleted meanwhile can shift the pages, so that one is missed or seen twice. Raises like
        `get_users`, at the page that fails.

        >>> emails = [user["email"] async for user in client.iter_users()]
        >>> len(emails)
        45
        """
        return self._pages(Operation.get_users(1, page_size), page_size)

    async def _pages(self, operation: Operation, page_size: int) -> AsyncIterator[User]:
        while True:
            reply = await self._call(operation)
            for user in reply.json()["data"]:
                yield user
            if reply.next_page is None:
                return
            operation = Operation.get_users(reply.next_page, page_size)

    async def exchange_api_key_for_token(self, user_id: str) -> str:
        """Exchanges the API key for a JSON Web Token that represents the user.

        Send it as ``Authorization: Bearer <token>`` where a call needs a user, and keep it out of logs. `get_token` also
        tells when it expires. Raises like `get_user`.

        >>> token = await client.exchange_api_key_for_token("b95816fe-f4ab-49ac-889a-e6a161005339")
        >>> token.count(".")
        2
        """
        return (await self.get_token(user_id)).token

    async def get_token(self, user_id: str) -> Token:
        """The token of `exchange_api_key_for_token` as an object: ``.token``, and ``.expires_at``, an aware `datetime`.

        ``expires_at`` is ``None`` for a token that doesn't say when it expires. The object shows the token nowhere but in
        ``.token``.

        >>> token = await client.get_token("b95816fe-f4ab-49ac-889a-e6a161005339")
        >>> token.expires_at.tzname()
        'UTC'
        """
        return (await self._call(Operation.exchange_api_key_for_token(user_id))).token()

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        json: Any = None,
        headers: RequestHeaders | None = None,
    ) -> Response:
        """Any other call to the tenant.

        ``method`` is ``GET``, ``HEAD``, ``POST``, ``PUT``, ``PATCH`` or ``DELETE``; ``path`` is relative to the tenant and
        has no query. ``query`` maps names to ``str``, ``int``, ``float``, ``bool`` or a sequence of them. ``json`` is
        anything `json.dumps` takes; ``None`` sends no body. Credentials, ``Host`` and ``Content-Length`` can't be set by
        ``headers``.

        Answers a `Response` for 2xx; every other status is raised as an error.

        >>> answer = await client.request("GET", "api/v2.0/Users", query={"pageSize": 1})
        >>> answer.status, len(answer.json()["data"])
        (200, 1)
        """
        return Response(await self._call(request(method, path, query, json, headers)))

    async def get(
        self, path: str, *, query: Query | None = None, headers: RequestHeaders | None = None
    ) -> Response:
        """`request` with ``GET``."""
        return await self.request("GET", path, query=query, headers=headers)

    async def post(
        self,
        path: str,
        *,
        query: Query | None = None,
        json: Any = None,
        headers: RequestHeaders | None = None,
    ) -> Response:
        """`request` with ``POST``."""
        return await self.request("POST", path, query=query, json=json, headers=headers)

    async def put(
        self,
        path: str,
        *,
        query: Query | None = None,
        json: Any = None,
        headers: RequestHeaders | None = None,
    ) -> Response:
        """`request` with ``PUT``."""
        return await self.request("PUT", path, query=query, json=json, headers=headers)

    async def patch(
        self,
        path: str,
        *,
        query: Query | None = None,
        json: Any = None,
        headers: RequestHeaders | None = None,
    ) -> Response:
        """`request` with ``PATCH``."""
        return await self.request("PATCH", path, query=query, json=json, headers=headers)

    async def delete(
        self,
        path: str,
        *,
        query: Query | None = None,
        json: Any = None,
        headers: RequestHeaders | None = None,
    ) -> Response:
        """`request` with ``DELETE``."""
        return await self.request("DELETE", path, query=query, json=json, headers=headers)

    async def aclose(self) -> None:
        """Closes the connections. Calls under way and calls after it raise `ClosedError`.

        Closing again does nothing.
        """
        self._session.close()
        # Those of another loop are left to it.
        under_way = self._bridge_of_loop().calls_of(self._session)
        if under_way:
            await asyncio.wait(under_way)

    def _call(self, operation: Operation) -> Coroutine[Any, Any, Reply]:
        return self._bridge_of_loop().run(self._session, operation)

    def _bridge_of_loop(self) -> Bridge:
        loop = asyncio.get_running_loop()
        bridge = self._bridge
        if bridge is None or bridge.loop() is not loop:
            bridge = self._bridge = bridge_of(loop)
        return bridge

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.aclose()
