"""The names that annotations use.

Importing `typing` takes longer than importing all of this package, and only type checkers need it. At run time the names
are what they come down to, so that `typing.get_type_hints` still works on every public function.
"""

from __future__ import annotations

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any, NoReturn, TypeVar

    from typing_extensions import Self

    from ._types import (
        Claims,
        KeyCheck,
        KeySource,
        KeyUsage,
        Path,
        Query,
        RequestHeaders,
        Seconds,
        TokenCheck,
        TokenStats,
        User,
        UsersPage,
    )

    C = TypeVar("C", bound=type)
else:
    Any = KeySource = NoReturn = Self = object
    Claims = KeyCheck = KeyUsage = Query = RequestHeaders = TokenStats = User = UsersPage = dict
    C = type
    Path = TokenCheck = str
    Seconds = float

__all__ = [
    "Any",
    "C",
    "Claims",
    "KeyCheck",
    "KeySource",
    "KeyUsage",
    "NoReturn",
    "Path",
    "Query",
    "RequestHeaders",
    "Seconds",
    "Self",
    "TokenCheck",
    "TokenStats",
    "User",
    "UsersPage",
]
