"""A dependency for FastAPI: the user whose token came with the request. ``pip install agglestone[fastapi]``."""

from __future__ import annotations

from collections.abc import Callable, Iterable

try:
    from fastapi import HTTPException
    from fastapi.openapi.models import HTTPBearer
    from fastapi.openapi.models import SecurityBase as SecurityModel
    from fastapi.requests import HTTPConnection
    from fastapi.security.base import SecurityBase
except ImportError as _error:
    raise ImportError("agglestone.fastapi needs FastAPI: pip install agglestone[fastapi]") from _error

from ._async_client import AsyncClient
from ._bearer import Gate, Refusal
from ._types import Claims, TokenCheck

__all__ = ["Bearer"]


class Bearer(SecurityBase):
    """Gives the claims of the request's token to whatever depends on it, also in a WebSocket's route.

    Without a token, or with one that is not to be believed, the request is answered 401, for a user who is in none of `groups`
    403, and 503 while there are no keys to verify with. OpenAPI shows it as bearer authentication.

    >>> from typing import Annotated
    >>> from fastapi import Depends, FastAPI
    >>> from agglestone import AsyncClient, Claims
    >>> from agglestone.fastapi import Bearer
    >>> app, user = FastAPI(), Bearer(AsyncClient())
    >>> @app.get("/me")
    ... async def me(claims: Annotated[Claims, Depends(user)]):
    ...     return claims["userId"]
    """

    def __init__(
        self,
        client: AsyncClient | Callable[[], AsyncClient],
        *,
        groups: Iterable[str] | None = None,
        check: TokenCheck | None = None,
    ) -> None:
        """A dependency, for as many routes as you like.

        - `client`: an `AsyncClient`, or a function that gives one, which is called for each request; whoever made it closes it
        - `groups`: the user must be in one of them; default: every user of the tenant
        - `check`: ``"service"`` also asks the service whether the user may still, as `verify_token` does; default: not
        """
        self.model: SecurityModel = HTTPBearer(bearerFormat="JWT")
        self.scheme_name = "Agglestone"
        self._gate = Gate(AsyncClient, client, groups, check)

    async def __call__(self, request: HTTPConnection) -> Claims:
        """The claims; FastAPI calls this."""
        admitted = await self._gate.admit_async(request.headers.getlist("authorization"))
        if isinstance(admitted, Refusal):
            raise HTTPException(admitted.status, headers=admitted.headers) from admitted.cause
        return admitted
