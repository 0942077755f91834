"""What every web framework's integration does with a request's ``Authorization`` header: the rules of ``docs/web.md``."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ._async_client import AsyncClient
from ._client import Client
from ._errors import AgglestoneError, InvalidTokenError
from ._native import Operation
from ._types import Claims, TokenCheck

C = TypeVar("C", Client, AsyncClient)


@dataclass(frozen=True)
class Refusal:
    """How a request is answered that is not let in. Nothing tells why, which would help attackers."""

    status: int
    headers: dict[str, str]
    cause: AgglestoneError | None = None
    """For the application's own log."""

    @classmethod
    def challenge(
        cls, status: int, error: str | None = None, cause: AgglestoneError | None = None
    ) -> Refusal:
        """As RFC 6750, section 3, has it; without credentials there is no error to tell."""
        return cls(status, {"WWW-Authenticate": f'Bearer error="{error}"' if error else "Bearer"}, cause)

    @classmethod
    def of(cls, error: AgglestoneError) -> Refusal:
        """For a verification that failed. What is not the token's fault, nor will pass, is raised as it is."""
        if isinstance(error, InvalidTokenError):
            return cls.challenge(401, "invalid_token", error)
        if not error.retryable:
            raise error
        wait = error.retry_after
        return cls(503, {} if wait is None else {"Retry-After": str(math.ceil(wait))}, error)


class Gate(Generic[C]):
    """Who is let in, by which client: `admit` or, with an `AsyncClient`, `admit_async` gives the claims, or how to refuse."""

    def __init__(
        self,
        kind: type[C],
        client: C | Callable[[], C],
        groups: Iterable[str] | None,
        check: TokenCheck | None,
    ) -> None:
        self._client: Callable[[], C] = _giver(kind, client)
        self._groups = None if groups is None else named("groups", groups)
        if self._groups is not None and not self._groups:
            raise ValueError("groups names no group: leave it out to let in every user of the tenant")
        # Refuses a check that there isn't, now and not with each request.
        Operation.verify_token("", check)
        self._check = check

    def admit(self: Gate[Client], authorization: Iterable[str]) -> Claims | Refusal:
        """By the values of ``Authorization``."""
        token = _token_in(authorization)
        if isinstance(token, Refusal):
            return token
        try:
            return self._let_in(self._client().verify_token(token, check=self._check))
        except AgglestoneError as error:
            return Refusal.of(error)
        finally:
            # A traceback keeps the variables of its frames, and error trackers print them.
            del token, authorization

    async def admit_async(self: Gate[AsyncClient], authorization: Iterable[str]) -> Claims | Refusal:
        """The same, for asyncio."""
        token = _token_in(authorization)
        if isinstance(token, Refusal):
            return token
        try:
            return self._let_in(await self._client().verify_token(token, check=self._check))
        except AgglestoneError as error:
            return Refusal.of(error)
        finally:
            del token, authorization

    def _let_in(self, claims: Claims) -> Claims | Refusal:
        if self._groups is not None and self._groups.isdisjoint(claims["groups"]):
            return Refusal.challenge(403, "insufficient_scope")
        return claims


def _token_in(authorization: Iterable[str]) -> str | Refusal:
    """The token of the one ``Authorization`` header that there has to be."""
    values = list(authorization)
    if len(values) > 1:
        return Refusal.challenge(401, "invalid_token")
    scheme, _, token = "".join(values).partition(" ")
    return token.strip(" ") if scheme.lower() == "bearer" else Refusal.challenge(401)


def _giver(kind: type[C], client: C | Callable[[], C]) -> Callable[[], C]:
    if isinstance(client, kind):
        return lambda: client
    if not callable(client):
        given = type(client).__name__
        raise TypeError(f"client must be {kind.__name__} or a function that gives one, not {given}")
    return client


def named(argument: str, names: Iterable[str]) -> frozenset[str]:
    """The names in an argument that one name alone would be taken apart by."""
    if isinstance(names, str):
        raise TypeError(f"{argument} must be several names, such as [{names!r}], not one str")
    return frozenset(names)
