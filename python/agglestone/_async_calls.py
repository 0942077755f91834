"""The calls for asyncio that a client makes with its key and a user makes with a token."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine

from ._native import Operation, Reply
from ._request import request
from ._response import Response
from ._typing import Any, Query, RequestHeaders, User, UsersPage


class AsyncCalls:
    """Each method makes an operation, has it run and gives the reply in Python's terms."""

    def _call(self, operation: Operation) -> Coroutine[Any, Any, Reply]:
        raise NotImplementedError

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
        return self._pages(Operation.get_users(1, page_size))

    async def _pages(self, first: Operation) -> AsyncIterator[User]:
        operation: Operation | None = first
        while operation is not None:
            reply = await self._call(operation)
            for user in reply.json()["data"]:
                yield user
            operation = Operation.get_users_after(reply)

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
        ``headers``, also with ``_`` for ``-``. At most 100 headers, 64 KiB of them, and 32 KiB of path and query are sent.

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
