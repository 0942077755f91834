"""The answer to a general request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ._errors import InvalidResponseError
from ._native import Reply
from ._typing import Any, NoReturn


class Headers(Mapping[str, str]):
    """The headers of an answer, read-only; names are looked up in any letter case.

    A header that came several times has its values joined by ``", "``; `get_all` has them one by one.
    """

    __slots__ = ("_values",)

    def __init__(self, pairs: list[tuple[str, bytes]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name.lower(), []).append(value.decode("latin-1"))

    def __getitem__(self, name: str) -> str:
        return ", ".join(self._values[name.lower()])

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values

    def get_all(self, name: str) -> list[str]:
        """Every value of a header, in the order they came."""
        return list(self._values.get(name.lower(), ()))

    def __repr__(self) -> str:
        return f"<agglestone.Headers {', '.join(self)}>"


class Response:
    """A successful answer (2xx). Anything else was raised as an error.

    Its ``repr`` shows no content, which may be personal data or a token.
    """

    __slots__ = ("attempts", "content", "headers", "status")

    status: int
    """The HTTP status, 200 to 299."""
    headers: Headers
    content: bytes
    """The body as the service sent it, decompressed."""
    attempts: int
    """How many requests the call took."""

    def __init__(self, reply: Reply) -> None:
        self.status = reply.status
        self.headers = Headers(reply.headers)
        self.content = reply.body
        self.attempts = reply.attempts

    @property
    def text(self) -> str:
        """The body as text, in the charset that ``Content-Type`` names, otherwise UTF-8.

        Bytes that are no text become U+FFFD.
        """
        from email.message import Message  # Takes longer to import than this whole package.

        header = Message()
        header["content-type"] = self.headers.get("content-type", "")
        try:
            return self.content.decode(header.get_content_charset("utf-8"), "replace")
        except LookupError:
            return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as Python values: dict, list, str, int, float, bool, None.

        Raises `InvalidResponseError` when the body isn't JSON.
        """
        import json  # A program that asks for users only needs none of it.

        if not self.content:
            raise self._invalid("an empty body")
        try:
            return json.loads(self.content, parse_constant=_refuse_constant)
        except json.JSONDecodeError as error:
            # The parser's own exception holds the whole body, so it goes no further.
            place = f"line {error.lineno}, column {error.colno}"
        except (ValueError, RecursionError):
            place = "characters or numbers that can't be read"
        raise self._invalid(f"a body that is not JSON ({place})")

    def _invalid(self, what: str) -> InvalidResponseError:
        message = f"the service returned {self.status} with {what}"
        return InvalidResponseError(message, status=self.status, attempts=self.attempts)

    def __repr__(self) -> str:
        return f"<agglestone.Response status={self.status}>"


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
