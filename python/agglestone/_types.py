"""The service's records as it sends them, and what arguments may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TypedDict


class User(TypedDict, total=False):
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


class UsersPage(TypedDict, total=False):
    """One page of users, as the service sent it. ``data`` is always there; members not listed here are kept too."""

    data: list[User]
    pageNumber: int
    """This page's number, counted from 1."""
    pageSize: int
    """How many users a page holds at most."""
    totalRecords: int
    """How many users there are in all."""


Seconds = float | timedelta
"""A span of time: a number of seconds or a `timedelta`."""

QueryValue = str | int | float | bool
Query = Mapping[str, QueryValue | Sequence[QueryValue]]
"""Query parameters. A sequence repeats the name once for each item; ``True`` is sent as ``true``."""

RequestHeaders = Mapping[str, str]
