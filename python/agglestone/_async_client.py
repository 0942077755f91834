"""The client for asyncio."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine

from . import _spans
from ._async_calls import AsyncCalls
from ._base import BaseClient
from ._bridge import Bridge, Home, bridge_of, running_loop
from ._native import Operation, Reply, Token, UserId
from ._public import public
from ._typing import Any, Claims, KeyCheck, Self, TokenCheck


@public
class AsyncClient(BaseClient, AsyncCalls):
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

    _home: Home

    async def exchange_api_key_for_token(self, user_id: str, *, fresh: bool = False) -> str:
        """A JSON Web Token that represents the user: from the cache, or by exchanging the API key for one.

        Send it as ``Authorization: Bearer <token>`` where a call needs a user, and keep it out of logs. One exchange serves
        everyone who asks meanwhile; the token is renewed in the background before it expires. ``fresh`` asks for one that is
        issued now. `get_token` also tells when it expires. Raises like `get_user`.

        >>> token = await client.exchange_api_key_for_token("b95816fe-f4ab-49ac-889a-e6a161005339")
        >>> token.count(".")
        2
        """
        return (await self.get_token(user_id, fresh=fresh)).token

    async def get_token(self, user_id: str, *, fresh: bool = False) -> Token:
        """The token of `exchange_api_key_for_token` as an object: ``.token``, and ``.expires_at``, an aware `datetime`.

        ``expires_at`` is ``None`` for a token that doesn't say when it expires. The object shows the token nowhere but in
        ``.token``.

        >>> token = await client.get_token("b95816fe-f4ab-49ac-889a-e6a161005339")
        >>> token.expires_at.tzname()
        'UTC'
        """
        if fresh:
            return (await self._call(Operation.exchange_api_key_for_fresh_token(user_id))).token()
        token = self._session.cached_token(user_id)
        if token is None:
            token = (await self._call(Operation.exchange_api_key_for_token(user_id))).token()
        return token

    def as_user(self, user_id: str) -> AsyncUserClient:
        """The tenant as a user sees it: calls with the user's token and without the key.

        Raises `InvalidArgumentError` for text that can't be an id. Nothing is sent before the first call.

        >>> page = await client.as_user("b95816fe-f4ab-49ac-889a-e6a161005339").get_users(page_size=1)
        >>> page["totalRecords"]
        45
        """
        return AsyncUserClient(self, user_id)

    async def verify_token(self, token: str, *, check: TokenCheck | None = None) -> Claims:
        """Whether a token of the tenant is to be believed, and what it says, as a dict of its claims.

        Checks signature, issuer, tenant, audience and times, with the service's signing keys, which are fetched when they are
        needed and kept; a token that was verified before costs a lookup. In the dict ``userId`` is always there and ``groups`` is
        always a list; every other claim is as the token has it.

        A token says what was true when it was issued. With ``check="service"`` the service is asked whether its user is there
        and enabled, so that one who was deleted or disabled is refused within a minute: by one ``GET`` of the user, whose answer
        counts for a minute for everyone who asks, and less where this client writes to the users. What the user may do is not
        asked: ``groups`` are as the token has them. Up to ``token_cache_size`` users are remembered.

        Raises `InvalidTokenError` with a ``reason`` for a token that is not to be believed, ``revoked`` for one whose user is
        gone or disabled (a web service answers 401), `KeysUnavailableError` when there are no keys to verify with (503), and
        `CheckUnavailableError` when the service can't be asked or does not say so, also where it refuses the API key (503).

        >>> token = await client.exchange_api_key_for_token("b95816fe-f4ab-49ac-889a-e6a161005339")
        >>> (await client.verify_token(token))["userId"]
        'b95816fe-f4ab-49ac-889a-e6a161005339'
        """
        try:
            claims: Claims | None = self._session.verified_token(token, check)
            if claims is None:
                fetched: Claims = (await self._call(Operation.verify_token(token, check))).json()
                return fetched
            return claims
        finally:
            # A traceback keeps the variables of its frames, and error trackers print them.
            del token

    async def check_api_keys(self) -> KeyCheck:
        """Asks the service with each key once whether it accepts it. Switches nothing.

        A dict with ``primary`` and ``secondary``: each ``fingerprint``, ``accepted`` and ``status``, or ``None`` for a key
        that there isn't.

        >>> (await client.check_api_keys())["primary"]["accepted"]
        True
        """
        check: KeyCheck = (await self._call(Operation.check_api_keys())).json()
        return check

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
        # Never imported here: a program that uses it has.
        if "opentelemetry.trace" in sys.modules:
            return self._observed(operation)
        return self._bridge_of_loop().run(self._session, operation, self._options)

    async def _observed(self, operation: Operation) -> Reply:
        with _spans.begin() as span:
            watched = operation.observed(span.observation)
            return await self._bridge_of_loop().run(self._session, watched, self._options)

    def _bridge_of_loop(self) -> Bridge:
        home = self._home
        bridge = home.bridge
        if bridge is not None and bridge.runs_here():
            return bridge
        loop = running_loop()
        if bridge is None or bridge.loop() is not loop:
            bridge = home.bridge = bridge_of(loop)
            home.limit = self._session.deadline
        return bridge

    def _source(self, key_source: Any) -> Any:
        home = self._home = Home()
        if not callable(key_source):
            return key_source

        # Without the client, which would never be freed.
        def ask() -> Any:
            given = key_source()
            return home.wait_for(given) if hasattr(given, "__await__") else given

        return ask

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.aclose()


@public
class AsyncUserClient(AsyncCalls):
    """The tenant as one user sees it, made by `AsyncClient.as_user`. The user's own rights apply.

    Its calls raise `PermissionDeniedError` where the user lacks a right. It lives as long as its client.
    """

    def __init__(self, client: AsyncClient, user_id: str) -> None:
        self._client = client
        self._user_id = UserId(user_id)

    def _call(self, operation: Operation) -> Coroutine[Any, Any, Reply]:
        return self._client._call(operation.as_user(self._user_id))
