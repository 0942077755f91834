"""A decorator for Flask's views: lets in whoever has a token of the tenant. ``pip install agglestone[flask]``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import ParamSpec, TypeVar

try:
    from flask import Response, current_app, g, request
    from werkzeug.exceptions import default_exceptions
except ImportError as _error:
    raise ImportError("agglestone.flask needs Flask: pip install agglestone[flask]") from _error

from ._bearer import Gate, Refusal
from ._client import Client
from ._types import TokenCheck

__all__ = ["bearer_required"]

P = ParamSpec("P")
R = TypeVar("R")


def bearer_required(
    client: Client | Callable[[], Client],
    *,
    groups: Iterable[str] | None = None,
    check: TokenCheck | None = None,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Verifies the request's token before the view runs; the user's claims are in ``flask.g.claims``.

    Without a token, or with one that is not to be believed, the request is aborted with 401, for a user who is in none of
    `groups` with 403, and with 503 while there are no keys to verify with; error handlers of the application see that. Works on
    an ``async`` view, too, and in ``decorators`` of a `MethodView`.

    - `client`: a `Client`, or a function that gives one, which is called for each request; whoever made it closes it
    - `groups`: the user must be in one of them; default: every user of the tenant
    - `check`: ``"service"`` also asks the service whether the user may still, as `verify_token` does; default: not

    >>> from agglestone import Client
    >>> from agglestone.flask import bearer_required
    >>> signed_in = bearer_required(Client())
    >>> @app.get("/me")
    ... @signed_in
    ... def me():
    ...     return g.claims["userId"]
    """
    gate = Gate(Client, client, groups, check)

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            admitted = gate.admit(request.headers.getlist("Authorization"))
            if isinstance(admitted, Refusal):
                answer = Response(status=admitted.status, headers=admitted.headers)
                raise default_exceptions[admitted.status](response=answer) from admitted.cause
            g.claims = admitted
            result: R = current_app.ensure_sync(view)(*args, **kwargs)
            return result

        return guarded

    return decorate
