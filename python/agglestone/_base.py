"""What both clients are made from, and what they do without sending anything."""

from __future__ import annotations

import sys

from ._native import Options, Session
from ._typing import Any, KeySource, KeyUsage, NoReturn, Path, Seconds, Self, TokenStats

RUNTIME = "python/{}.{}.{}".format(*sys.version_info)


class BaseClient:
    """Holds the session. What a client shows of itself is its tenant's URL and nothing else."""

    _session: Session
    # Those of a view.
    _given: dict[str, Any] = {}  # noqa: RUF012
    _options: Options | None = None

    def __init__(
        self,
        *,
        tenant_id: str | None = None,
        api_key: str | None = None,
        secondary_api_key: str | None = None,
        api_key_file: Path | None = None,
        secondary_api_key_file: Path | None = None,
        key_source: KeySource | None = None,
        base_url: str | None = None,
        users_path: str | None = None,
        app_name: str | None = None,
        ca_file: Path | None = None,
        allow_insecure_http: bool | None = None,
        connect_timeout: Seconds | None = None,
        timeout: Seconds | None = None,
        deadline: Seconds | None = None,
        max_retries: int | None = None,
        token_cache_size: int | None = None,
    ) -> None:
        settings = {
            "tenant_id": tenant_id,
            "api_key": api_key,
            "secondary_api_key": secondary_api_key,
            "api_key_file": api_key_file,
            "secondary_api_key_file": secondary_api_key_file,
            "key_source": key_source,
            "base_url": base_url,
            "users_path": users_path,
            "app_name": app_name,
            "ca_file": ca_file,
            "allow_insecure_http": allow_insecure_http,
            "connect_timeout": connect_timeout,
            "timeout": timeout,
            "deadline": deadline,
            "max_retries": max_retries,
            "token_cache_size": token_cache_size,
        }
        try:
            self._session = Session(RUNTIME, settings)
        finally:
            # A traceback keeps the variables of its frames, and error trackers print them.
            del settings, api_key, secondary_api_key, key_source

    def with_options(
        self,
        *,
        connect_timeout: Seconds | None = None,
        timeout: Seconds | None = None,
        deadline: Seconds | None = None,
        max_retries: int | None = None,
    ) -> Self:
        """The same client, whose calls through this view have other times or retries. What is not given stays.

        Both share connections, keys and tokens, and closing either closes both; only a ``connect_timeout`` of its own has
        connections of its own, kept for a few different times. Raises `InvalidArgumentError` for a span or
        a number that makes no sense.

        >>> hasty = client.with_options(timeout=2, max_retries=0)
        """
        view = type(self).__new__(type(self))
        view._session = self._session
        given = {
            "connect_timeout": connect_timeout,
            "timeout": timeout,
            "deadline": deadline,
            "max_retries": max_retries,
        }
        view._given = {**self._given, **{name: value for name, value in given.items() if value is not None}}
        view._options = Options(*(view._given.get(name) for name in given))
        return view

    def set_api_keys(self, primary: str, secondary: str | None = None) -> None:
        """Replaces both keys at once; the next call uses them. Without a secondary there is none from now on.

        Raises `InvalidArgumentError` naming ``primary`` or ``secondary``; then the keys in use stay.
        """
        try:
            self._session.set_api_keys(primary, secondary)
        finally:
            del primary, secondary

    def key_usage(self) -> KeyUsage:
        """What this client did with its keys: what an operator reads before retiring one. Sends nothing.

        A dict with ``primary`` and ``secondary`` (each ``fingerprint``, ``active``, ``requests``, ``refusals``,
        ``firstUsed`` and ``lastUsed`` in milliseconds since 1970; ``None`` for a key that there isn't), ``failovers`` and
        ``replacements``. A fingerprint is the first 8 hex digits of the key's SHA-256.
        """
        return self._session.key_usage()

    def forget_token(self, user_id: str) -> None:
        """Forgets a user's cached token: the next call gets a new one."""
        self._session.forget_token(user_id)

    def forget_tokens(self) -> None:
        """Forgets every cached token."""
        self._session.forget_tokens()

    def token_stats(self) -> TokenStats:
        """How the token cache is doing: a dict with ``size``, ``hits``, ``misses`` and ``renewals``."""
        return self._session.token_stats()

    def __repr__(self) -> str:
        # Also while it is being made: a traceback of that shows the client.
        session = getattr(self, "_session", None)
        return f"<agglestone.{type(self).__name__} {session and session.tenant_url}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"cannot pickle {type(self).__name__}: it holds an API key and connections; "
            "make a client in each process instead"
        )
