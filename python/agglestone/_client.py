"""The client whose calls block the calling thread."""

from __future__ import annotations

from collections.abc import Iterator

from ._base import BaseClient
from ._native import Operation, Token
from ._request import request
from ._response import Response
from ._typing import Any, Query, RequestHeaders, Self, User, UsersPage


class Client(BaseClient):
    """A client whose calls block the calling thread and let other threads run meanwhile.

    Share one between threads: it keeps a pool of connections. Ctrl-C ends a waiting call. Use it as a context manager, or
    `close` it when done; dropping it is enough, too. In asyncio, take `AsyncClient`.

    Every setting is optional: what is not given comes from the environment, then from the default.

    - ``tenant_id``: the tenant, a GUID (``AGGLESTONE_TENANT_ID``)
    - ``api_key``: the key that calls use (``AGGLESTONE_API_KEY``)
    - ``secondary_api_key``: the tenant's other key (``AGGLESTONE_SECONDARY_API_KEY``)
    - ``base_url``: ``https``, or ``http`` to this machine; default ``https://auth.agglestone.com``
      (``AGGLESTONE_BASE_URL``)
    - ``users_path``: path of the users below the tenant; default ``api/v2.0/Users`` (``AGGLESTONE_USERS_PATH``)
    - ``app_name``: names the application in the User-Agent, such as ``billing/2.1``
    - ``allow_insecure_http``: accept plain ``http`` to another machine, for test servers; default ``False``
      (``AGGLESTONE_ALLOW_INSECURE_HTTP``)
    - ``connect_timeout``, ``timeout``, ``deadline``: seconds or a `timedelta` for connecting (default 5), for one attempt
      (30) and for a whole call (60)

    Raises `ConfigurationError` that lists every problem at once, `InvalidArgumentError` for a value of another type.

    >>> from agglestone import Client
    >>> with Client(app_name="billing/2.1") as client:
    ...     first = client.get_users()["data"][0]
    >>> first["email"]
    'amelia.hart@example.com'
    """

    def get_users(self, page_number: int = 1, page_size: int = 10) -> UsersPage:
        """One page of the tenant's users.

        ``page_number`` counts from 1; ``page_size`` is 1 to 100. Answers the page as the service sent it, a dict with
        ``data`` (a list of users), ``pageNumber``, ``pageSize`` and ``totalRecords``; members unknown to this version are
        kept.

        Raises `InvalidArgumentError` before anything is sent, any other `AgglestoneError` after.

        >>> page = client.get_users(page_number=2, page_size=20)
        >>> len(page["data"]), page["totalRecords"]
        (20, 45)
        """
        page: UsersPage = self._session.call(Operation.get_users(page_number, page_size)).json()
        return page

    def get_user(self, user_id: str) -> User:
        """One user, a dict as the service sent it.

        Raises `NotFoundError` when there is none with this id, `InvalidArgumentError` for text that can't be one segment
        of a path, any other `AgglestoneError`.

        >>> client.get_user("b95816fe-f4ab-49ac-889a-e6a161005339")["displayName"]
        'Amelia Hart'
        """
        user: User = self._session.call(Operation.get_user(user_id)).json()
        return user

    def iter_users(self, page_size: int = 100) -> Iterator[User]:
        """All users, fetched page by page as the iteration gets to them.

        A user created or deleted meanwhile can shift the pages, so that one is missed or seen twice. Raises like
        `get_users`, at the page that fails.

        >>> emails = [user["email"] for user in client.iter_users()]
        >>> len(emails)
        45
        """
        return self._pages(Operation.get_users(1, page_size), page_size)

    def _pages(self, operation: Operation, page_size: int) -> Iterator[User]:
        while True:
            reply = self._session.call(operation)
            yield from reply.json()["data"]
            if reply.next_page is None:
                return
            operation = Operation.get_users(reply.next_page, page_size)

    def exchange_api_key_for_token(self, user_id: str) -> str:
        """Exchanges the API key for a JSON Web Token that represents the user.

        Send it as ``Authorization: Bearer <token>`` where a call needs a user, and keep it out of logs. `get_token` also
        tells when it expires. Raises like `get_user`.

        >>> token = client.exchange_api_key_for_token("b95816fe-f4ab-49ac-889a-e6a161005339")
        >>> token.count(".")
        2
        """
        return self.get_token(user_id).token

    def get_token(self, user_id: str) -> Token:
        """The token of `exchange_api_key_for_token` as an object: ``.token``, and ``.expires_at``, an aware `datetime`.

        ``expires_at`` is ``None`` for a token that doesn't say when it expires. The object shows the token nowhere but in
        ``.token``.

        >>> token = client.get_token("b95816fe-f4ab-49ac-889a-e6a161005339")
        >>> token.expires_at.tzname()
        'UTC'
        """
        return self._session.call(Operation.exchange_api_key_for_token(user_id)).token()

    def request(
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

        >>> answer = client.request("GET", "api/v2.0/Users", query={"pageSize": 1})
        >>> answer.status, len(answer.json()["data"])
        (200, 1)
        """
        return Response(self._session.call(request(method, path, query, json, headers)))

    def get(
        self, path: str, *, query: Query | None = None, headers: RequestHeaders | None = None
    ) -> Response:
        """`request` with ``GET``."""
        return self.request("GET", path, query=query, headers=headers)

    def post(
        self,
        path: str,
        *,
        query: Query | None = None,
        json: Any = None,
        headers: RequestHeaders | None = None,
    ) -> Response:
        """`request` with ``POST``."""
        return self.request("POST", path, query=query, json=json, headers=headers)

    def put(
        self,
        path: str,
        *,
        query: Query | None = None,
        json: Any = None,
        headers: RequestHeaders | None = None,
    ) -> Response:
        """`request` with ``PUT``."""
        return self.request("PUT", path, query=query, json=json, headers=headers)

    def patch(
        self,
        path: str,
        *,
        query: Query | None = None,
        json: Any = None,
        headers: RequestHeaders | None = None,
    ) -> Response:
        """`request` with ``PATCH``."""
        return self.request("PATCH", path, query=query, json=json, headers=headers)

    def delete(
        self,
        path: str,
        *,
        query: Query | None = None,
        json: Any = None,
        headers: RequestHeaders | None = None,
    ) -> Response:
        """`request` with ``DELETE``."""
        return self.request("DELETE", path, query=query, json=json, headers=headers)

    def close(self) -> None:
        """Closes the connections. Calls under way in other threads and calls after it raise `ClosedError`.

        Closing again does nothing.
        """
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()
