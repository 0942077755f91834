"""Makes a general request of Python's values; invalid arguments are refused by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ._errors import InvalidArgumentError
from ._native import Operation
from ._typing import Any, Query, RequestHeaders


def request(
    method: str, path: str, query: Query | None, json: Any, headers: RequestHeaders | None
) -> Operation:
    """The operation; `method`, `path` and all texts are checked by the core."""
    return Operation.request(method, path, _query(query), _body(json), _headers(headers))


def _query(query: Query | None) -> list[tuple[str, str]]:
    if query is None:
        return []
    pairs = []
    for name, value in _items("query", query):
        several = isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray))
        pairs += [(name, _query_value(item)) for item in (value if several else (value,))]
    return pairs


def _query_value(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _number("query", value)
    if isinstance(value, float) and value - value == 0:
        return repr(value)
    found = repr(value) if isinstance(value, float) else type(value).__name__
    raise _refused("query", f"values must be str, int, bool, finite float or a sequence of them, not {found}")


def _number(argument: str, value: int) -> str:
    try:
        return int.__repr__(value)
    except ValueError:
        raise _refused(argument, "contains a number of too many digits") from None


def _headers(headers: RequestHeaders | None) -> list[tuple[str, str]]:
    return [] if headers is None else list(_items("headers", headers))


def _items(argument: str, mapping: Mapping[str, Any]) -> Any:
    if not isinstance(mapping, Mapping):
        raise _refused(argument, f"must be a mapping, not {type(mapping).__name__}")
    return mapping.items()


def _body(value: Any) -> bytes | None:
    if value is None:
        return None
    import json  # A program that asks for users only needs none of it.

    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        # A lone surrogate has no UTF-8 form, so it fails here.
        return text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        # A chained exception would show the value in tracebacks.
        reason = type(error).__name__ if isinstance(error, UnicodeError) else str(error)
    raise _refused("json", f"can't be written as JSON: {reason}")


def _refused(argument: str, what: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"`{argument}` {what}", argument=argument)
