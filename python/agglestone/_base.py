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
        max_connections: int | None = None,
        io_threads: int | None = None,
        idle_timeout: Seconds | None = None,
        connection_max_age: Seconds | None = None,
        token_cache_size: int | None = None,
        token_store: str | None = None,
        token_store_key: str | None = None,
        audience: str | None = None,
        clock_tolerance: Seconds | None = None,
        verify_cache_size: int | None = None,
        request_log: bool | None = None,
    ) -> None:
        """Every setting is optional: what is not given comes from the environment, then from the default.

        - ``tenant_id``: the tenant, a GUID (``AGGLESTONE_TENANT_ID``)
        - ``api_key``: the key that calls use (``AGGLESTONE_API_KEY``)
        - ``secondary_api_key``: the tenant's other key (``AGGLESTONE_SECONDARY_API_KEY``)
        - ``api_key_file``, ``secondary_api_key_file``: files that hold the keys, as mounted secrets do, read again when they
          change (``AGGLESTONE_API_KEY_FILE``, ``AGGLESTONE_SECONDARY_API_KEY_FILE``)
        - ``key_source``: a function that gives ``(primary, secondary)`` or ``primary``, such as a secret manager's client; asked
          before the first call, unless ``api_key`` is given too, and when every key was refused; called in a thread of its
          own, or, if it is asynchronous, which `AsyncClient` takes too, in the event loop
        - ``base_url``: ``https``, or ``http`` to this machine; default ``https://auth.agglestone.com``
          (``AGGLESTONE_BASE_URL``)
        - ``users_path``: path of the users below the tenant; default ``api/v2.0/Users`` (``AGGLESTONE_USERS_PATH``)
        - ``app_name``: names the application in the User-Agent, such as ``billing/2.1``
        - ``ca_file``: a PEM file of certificates to trust in addition to the platform's, as for a service behind a private CA
          (``AGGLESTONE_CA_FILE``)
        - ``allow_insecure_http``: accept plain ``http`` to another machine, for test servers; default ``False``
          (``AGGLESTONE_ALLOW_INSECURE_HTTP``)
        - ``connect_timeout``, ``timeout``, ``deadline``: seconds or a `timedelta` for connecting (default 5), for one attempt
          (30) and for a whole call (60)
        - ``max_retries``: how often a failed attempt is retried, only when that can't duplicate an action; default 2
        - ``max_connections``: how many connections there may be over HTTP/1.1 (over HTTP/2 one is shared by all); calls beyond it
          wait in line, as long as their ``deadline`` allows; default 128
        - ``io_threads``: how many threads drive the network for `AsyncClient`, shared by the process's clients with the same
          number; default 1, which serves some 60,000 calls a second
        - ``idle_timeout``: how long a connection may be idle, less where the service is seen to close earlier; default 55 seconds
        - ``connection_max_age``: how old a connection may grow, so that a busy client follows DNS; default 300 seconds, 0 for
          never
        - ``token_cache_size``: how many users' tokens are kept, default 10,000
        - ``token_store``: a Valkey or Redis server (6 or newer) over which processes share their users' tokens, so that a whole
          fleet makes one exchange a user: ``rediss://user:password@host:6379/0``; plain ``redis://`` to this machine, or with
          ``allow_insecure_http``; entries are sealed: the server sees neither users nor tokens; no call fails or waits longer than
          100 ms because of it (``AGGLESTONE_TOKEN_STORE``)
        - ``token_store_key``: what its entries are sealed with, the same for the whole fleet: at least 32 characters, 32 random
          bytes in base64 or hex; default: the API keys, under each of which every entry is then written
          (``AGGLESTONE_TOKEN_STORE_KEY``)
        - ``audience``: whom tokens may be meant for: what the claim ``aud`` of a token to verify may hold beside the tenant's id; a
          token without ``aud`` is accepted either way
        - ``clock_tolerance``: how far the clocks of the service and of this machine may be apart when tokens are verified;
          default 5 seconds, 0 to 60
        - ``verify_cache_size``: how many verified tokens are known again, by their SHA-256, until they expire; default 10,000, 0
          for none
        - ``request_log``: whether each attempt (at ``DEBUG``) and each call (at ``INFO``) is logged, with route template, status,
          time and key, and without ids, queries, bodies and secrets; default ``False`` (``AGGLESTONE_REQUEST_LOG``)

        What happens to the keys (a failover, a replacement, a source that fails), and its calls with ``request_log``, goes to the logger ``agglestone``.

        Raises `ConfigurationError` that lists every problem at once, values of another type among them.
        """
        settings = {
            "tenant_id": tenant_id,
            "api_key": api_key,
            "secondary_api_key": secondary_api_key,
            "api_key_file": api_key_file,
            "secondary_api_key_file": secondary_api_key_file,
            "key_source": self._source(key_source),
            "base_url": base_url,
            "users_path": users_path,
            "app_name": app_name,
            "ca_file": ca_file,
            "allow_insecure_http": allow_insecure_http,
            "connect_timeout": connect_timeout,
            "timeout": timeout,
            "deadline": deadline,
            "max_retries": max_retries,
            "max_connections": max_connections,
            "io_threads": io_threads,
            "idle_timeout": idle_timeout,
            "connection_max_age": connection_max_age,
            "token_cache_size": token_cache_size,
            "token_store": token_store,
            "token_store_key": token_store_key,
            "audience": audience,
            "clock_tolerance": clock_tolerance,
            "verify_cache_size": verify_cache_size,
            "request_log": request_log,
        }
        try:
            self._session = Session(RUNTIME, settings)
        finally:
            # A traceback keeps the variables of its frames, and error trackers print them.
            del settings, api_key, secondary_api_key, token_store, token_store_key, key_source

    def _source(self, key_source: Any) -> Any:
        """The source of keys as it is called, in a thread that may wait."""
        return key_source

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
        view.__dict__.update(self.__dict__)
        given = {
            "connect_timeout": connect_timeout,
            "timeout": timeout,
            "deadline": deadline,
            "max_retries": max_retries,
        }
        view._given = {**self._given, **{name: value for name, value in given.items() if value is not None}}
        view._options = Options(view._given)
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
        ``first_used`` and ``last_used``, an aware `datetime` or ``None`` for never; ``None`` for a key that there isn't),
        ``failovers`` and ``replacements``. A fingerprint is the first 8 hex digits of the key's SHA-256.

        >>> usage = client.key_usage()
        >>> usage["primary"]["active"], usage["secondary"], usage["failovers"]
        (True, None, 0)
        """
        return self._session.key_usage()

    def forget_token(self, user_id: str) -> None:
        """Forgets a user's cached token: the next call gets a new one."""
        self._session.forget_token(user_id)

    def forget_tokens(self) -> None:
        """Forgets every cached token."""
        self._session.forget_tokens()

    def token_stats(self) -> TokenStats:
        """How the token cache is doing: a dict with ``size``, ``hits``, ``misses``, ``renewals`` and ``from_others``."""
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
