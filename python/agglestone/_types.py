"""The service's records as it sends them, and what arguments may be."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from os import PathLike
from typing import Literal

# Before 3.12 pydantic, and with it FastAPI, takes no other.
if sys.version_info >= (3, 12):
    from typing import TypedDict
else:
    from typing_extensions import TypedDict


class User(TypedDict):
    """A user, as the service sent it. Members not listed here are kept too."""

    userId: str
    """The user's id, a GUID."""
    email: str | None
    displayName: str | None
    userType: str | None
    """The kind of user; only ``Standard`` is documented."""
    enabled: bool | None
    """Whether the user may sign in."""
    lastLoggedIn: str | None
    """When the user last signed in, ISO 8601 in UTC."""
    lastTokenRefresh: str | None
    """When the user's token was last renewed, ISO 8601 in UTC."""
    owner: bool | None
    """Whether the user owns the tenant."""
    requirePasswordReset: bool | None
    """Whether the user must choose a new password."""


class UsersPage(TypedDict):
    """One page of users, as the service sent it. Members not listed here are kept too."""

    data: list[User]
    pageNumber: int
    """This page's number, counted from 1."""
    pageSize: int
    """How many users a page holds at most."""
    totalRecords: int
    """How many users there are in all."""


class SlotUsage(TypedDict):
    """What a client did with one key since it has it."""

    fingerprint: str
    """First 8 hex digits of the key's SHA-256."""
    active: bool
    """Whether new calls use it."""
    requests: int
    refusals: int
    """How many of the requests the service refused with 401."""
    first_used: datetime | None
    """First use, in UTC; ``None`` for never."""
    last_used: datetime | None


class KeyUsage(TypedDict):
    """What a client did with its keys."""

    primary: SlotUsage | None
    secondary: SlotUsage | None
    failovers: int
    """How often a refused key made the other one the key in use."""
    replacements: int
    """How often the keys were replaced."""


class CheckedKey(TypedDict):
    """What the service said of one key."""

    fingerprint: str
    accepted: bool
    status: int
    """The HTTP status it answered."""


class KeyCheck(TypedDict):
    """Which of a client's keys the service accepts."""

    primary: CheckedKey | None
    secondary: CheckedKey | None


class Claims(TypedDict):
    """What a verified token says. Claims not listed here are kept too."""

    userId: str
    """The user that the token represents: its claim ``userId``, or else ``sub``."""
    groups: list[str]
    """The groups that the user is in; empty when the token names none."""
    iss: str
    """Who issued the token."""
    tenantId: str
    exp: float
    """When the token expires, in seconds since 1970."""


class TokenStats(TypedDict):
    """How a client's token cache is doing."""

    size: int
    """How many users' tokens it holds."""
    hits: int
    misses: int
    renewals: int
    """How often a token was renewed in the background."""
    from_others: int
    """How many tokens another process had exchanged, got from the token store."""


Path = str | PathLike[str]

Keys = str | tuple[str, str | None]
"""The primary key, or both."""

KeySource = Callable[[], Keys | Awaitable[Keys]]
"""Gives the keys; only `AsyncClient` awaits them."""

Seconds = float | timedelta
"""A span of time: a number of seconds or a `timedelta`."""

TokenCheck = Literal["service"]
"""What a verdict on a token may rest on besides: the service's word on its user."""

QueryValue = str | int | float | bool
Query = Mapping[str, QueryValue | Sequence[QueryValue]]
"""Query parameters. A sequence repeats the name once for each item; ``True`` is sent as ``true``."""

RequestHeaders = Mapping[str, str]
