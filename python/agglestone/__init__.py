"""Client for the Agglestone Authentication and User Management Service.

`Client` blocks the calling thread, `AsyncClient` has the same methods as coroutines for asyncio. Both read what they are
not given from the environment (``AGGLESTONE_TENANT_ID``, ``AGGLESTONE_API_KEY``, …):

>>> from agglestone import Client
>>> with Client() as client:
...     page = client.get_users(page_size=20)
>>> print(len(page["data"]), "of", page["totalRecords"])
20 of 45

Importing this package starts no thread and opens no connection.
"""

from __future__ import annotations

try:
    from . import _native as _native
except ImportError as _error:
    # What Python itself says of an interpreter with a GIL of its own, before the module could say more.
    if "does not support loading in subinterpreters" in str(_error):
        raise ImportError(
            f"{_error}: agglestone works in the main interpreter only; use threads or processes"
        ) from None
    raise

from ._client import Client, UserClient
from ._errors import (
    AgglestoneError,
    ApiError,
    AuthenticationError,
    BadRequestError,
    CheckUnavailableError,
    ClosedError,
    ConfigurationError,
    ConflictError,
    DeadlineExceededError,
    InternalError,
    InvalidArgumentError,
    InvalidResponseError,
    InvalidTokenError,
    KeysUnavailableError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    ResponseTooLargeError,
    ServerError,
    TlsError,
    TransportError,
    UnexpectedRedirectError,
)
from ._native import Token, __version__
from ._response import Headers, Response
from ._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._async_client import AsyncClient, AsyncUserClient
    from ._types import CheckedKey, Claims, KeyCheck, KeyUsage, SlotUsage, TokenStats, User, UsersPage

__all__ = [
    "AgglestoneError",
    "ApiError",
    "AsyncClient",
    "AsyncUserClient",
    "AuthenticationError",
    "BadRequestError",
    "CheckUnavailableError",
    "CheckedKey",
    "Claims",
    "Client",
    "ClosedError",
    "ConfigurationError",
    "ConflictError",
    "DeadlineExceededError",
    "Headers",
    "InternalError",
    "InvalidArgumentError",
    "InvalidResponseError",
    "InvalidTokenError",
    "KeyCheck",
    "KeyUsage",
    "KeysUnavailableError",
    "NotFoundError",
    "PermissionDeniedError",
    "RateLimitedError",
    "Response",
    "ResponseTooLargeError",
    "ServerError",
    "SlotUsage",
    "TlsError",
    "Token",
    "TokenStats",
    "TransportError",
    "UnexpectedRedirectError",
    "User",
    "UserClient",
    "UsersPage",
    "__version__",
]


# Where the names are that take longest to import, and that a synchronous program without type hints never uses.
_LATER = {
    "AsyncClient": "_async_client",
    "AsyncUserClient": "_async_client",
    "CheckedKey": "_types",
    "Claims": "_types",
    "KeyCheck": "_types",
    "KeyUsage": "_types",
    "SlotUsage": "_types",
    "TokenStats": "_types",
    "User": "_types",
    "UsersPage": "_types",
}


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(f".{_LATER[name]}", __name__), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
