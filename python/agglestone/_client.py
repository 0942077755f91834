"""The client whose calls block the calling thread."""

from __future__ import annotations

import sys

from . import _spans
from ._base import BaseClient
from ._calls import Calls
from ._native import Operation, Reply, Token, UserId
from ._public import public
from ._typing import Claims, KeyCheck, Self, TokenCheck


@public
class Client(BaseClient, Calls):
    """A client whose calls block the calling thread and let other threads run meanwhile.

    Share one between threads: it keeps a pool of connections. Ctrl-C ends a waiting call. Use it as a context manager, or
    `close` it when done; dropping it is enough, too. In asyncio, take `AsyncClient`. Where gevent has patched the standard
    library, other greenlets run while a call waits. Every setting is a keyword argument.

    >>> from agglestone import Client
    >>> with Client(app_name="billing/2.1") as client:
    ...     first = client.get_users()["data"][0]
    >>> first["email"]
    'amelia.hart@example.com'
    """

    def exchange_api_key_for_token(self, user_id: str, *, fresh: bool = False) -> str:
        """A JSON Web Token that represents the user: from the cache, or by exchanging the API key for one.

        Send it as ``Authorization: Bearer <token>`` where a call needs a user, and keep it out of logs. One exchange serves
        everyone who asks meanwhile; the token is renewed in the background before it expires. ``fresh`` asks for one that is
        issued now. `get_token` also tells when it expires. Raises like `get_user`.

        >>> token = client.exchange_api_key_for_token("b95816fe-f4ab-49ac-889a-e6a161005339")
        >>> token.count(".")
        2
        """
        return self.get_token(user_id, fresh=fresh).token

    def get_token(self, user_id: str, *, fresh: bool = False) -> Token:
        """The token of `exchange_api_key_for_token` as an object: ``.token``, and ``.expires_at``, an aware `datetime`.

        ``expires_at`` is ``None`` for a token that doesn't say when it expires. The object shows the token nowhere but in
        ``.token``.

        >>> token = client.get_token("b95816fe-f4ab-49ac-889a-e6a161005339")
        >>> token.expires_at.tzname()
        'UTC'
        """
        if fresh:
            return self._call(Operation.exchange_api_key_for_fresh_token(user_id)).token()
        token = self._session.cached_token(user_id)
        if token is None:
            token = self._call(Operation.exchange_api_key_for_token(user_id)).token()
        return token

    def as_user(self, user_id: str) -> UserClient:
        """The tenant as a user sees it: calls with the user's token and without the key.

        Raises `InvalidArgumentError` for text that can't be an id. Nothing is sent before the first call.

        >>> client.as_user("b95816fe-f4ab-49ac-889a-e6a161005339").get_users(page_size=1)["totalRecords"]
        45
        """
        return UserClient(self, user_id)

    def verify_token(self, token: str, *, check: TokenCheck | None = None) -> Claims:
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

        >>> token = client.exchange_api_key_for_token("b95816fe-f4ab-49ac-889a-e6a161005339")
        >>> client.verify_token(token)["userId"]
        'b95816fe-f4ab-49ac-889a-e6a161005339'
        """
        try:
            claims: Claims | None = self._session.verified_token(token, check)
            if claims is None:
                fetched: Claims = self._call(Operation.verify_token(token, check)).json()
                return fetched
            return claims
        finally:
            # A traceback keeps the variables of its frames, and error trackers print them.
            del token

    def check_api_keys(self) -> KeyCheck:
        """Asks the service with each key once whether it accepts it. Switches nothing.

        A dict with ``primary`` and ``secondary``: each ``fingerprint``, ``accepted`` and ``status``, or ``None`` for a key
        that there isn't.

        >>> client.check_api_keys()["primary"]["accepted"]
        True
        """
        check: KeyCheck = self._call(Operation.check_api_keys()).json()
        return check

    def _call(self, operation: Operation) -> Reply:
        # Never imported here: a program that uses it has.
        if "opentelemetry.trace" in sys.modules:
            with _spans.begin() as span:
                return self._run(operation.observed(span.observation))
        return self._run(operation)

    def _run(self, operation: Operation) -> Reply:
        gevent = sys.modules.get("gevent.monkey")
        if gevent is not None and gevent.is_module_patched("socket"):
            from ._gevent import run

            return run(self._session, operation, self._options)
        return self._session.call(operation, self._options)

    def close(self) -> None:
        """Closes the connections. Calls under way in other threads and calls after it raise `ClosedError`.

        Closing again does nothing.
        """
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()


@public
class UserClient(Calls):
    """The tenant as one user sees it, made by `Client.as_user`. The user's own rights apply.

    Its calls raise `PermissionDeniedError` where the user lacks a right. It lives as long as its client.
    """

    def __init__(self, client: Client, user_id: str) -> None:
        self._client = client
        self._user_id = UserId(user_id)

    def _call(self, operation: Operation) -> Reply:
        return self._client._call(operation.as_user(self._user_id))
