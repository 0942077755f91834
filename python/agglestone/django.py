"""Middleware and a decorator for Django: let in whoever has a token of the tenant. ``pip install agglestone[django]``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import wraps
from typing import Any, TypeVar, cast

try:
    from asgiref.sync import iscoroutinefunction, markcoroutinefunction
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase
    from django.utils.module_loading import import_string
except ImportError as _error:
    raise ImportError("agglestone.django needs Django: pip install agglestone[django]") from _error

from ._async_client import AsyncClient
from ._bearer import C, Gate, Refusal, named
from ._client import Client
from ._types import TokenCheck

__all__ = ["AsyncBearerMiddleware", "BearerMiddleware", "bearer_required"]

View = TypeVar("View", bound=Callable[..., Any])


class BearerMiddleware:
    """Verifies the token of each request with a `Client`; the user's claims are in ``request.claims``.

    A request without a token, or with one that is not to be believed, is answered 401, one of a user who is in none of the
    groups 403, and 503 while there are no keys to verify with. Under ASGI take `AsyncBearerMiddleware`, which needs no thread.
    In the project's settings:

    - ``MIDDLEWARE``: ``"agglestone.django.BearerMiddleware"``, before whatever needs the user
    - ``AGGLESTONE_CLIENT``: a `Client`, a function that gives one, which is called for each request, or the dotted path of either;
      whoever made it closes it
    - ``AGGLESTONE_GROUPS``: the user must be in one of them; default: every user of the tenant
    - ``AGGLESTONE_CHECK``: ``"service"`` also asks the service whether the user may still, as `verify_token` does; default: not
    - ``AGGLESTONE_OPEN_PATHS``: are let through as they are; a whole ``request.path`` each
    """

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Reads the settings."""
        self._open = get_response
        self._guarded = _guarded(get_response, _configured(Client))
        self._open_paths = _open_paths()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """One request; Django calls this."""
        return (self._open if request.path in self._open_paths else self._guarded)(request)


class AsyncBearerMiddleware:
    """`BearerMiddleware` for ASGI: the same settings, and ``AGGLESTONE_CLIENT`` is an `AsyncClient`."""

    sync_capable = False
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        """Reads the settings."""
        self._open = get_response
        self._guarded = _guarded_async(get_response, _configured(AsyncClient))
        self._open_paths = _open_paths()
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """One request; Django calls this."""
        return await (self._open if request.path in self._open_paths else self._guarded)(request)


def bearer_required(
    client: Client | AsyncClient | Callable[[], Client] | Callable[[], AsyncClient],
    *,
    groups: Iterable[str] | None = None,
    check: TokenCheck | None = None,
) -> Callable[[View], View]:
    """Verifies the request's token before the view runs, and answers as `BearerMiddleware` does otherwise.

    A class-based view is decorated whole: ``bearer_required(client)(Me.as_view())``.

    - `client`: a `Client`, for an ``async`` view an `AsyncClient`, or a function that gives one, which is called for each
      request; whoever made it closes it
    - `groups`: the user must be in one of them; default: every user of the tenant
    - `check`: ``"service"`` also asks the service whether the user may still, as `verify_token` does; default: not

    >>> from agglestone import Client
    >>> from agglestone.django import bearer_required
    >>> @bearer_required(Client(), groups=["Admin"])
    ... def me(request):
    ...     return JsonResponse(request.claims)
    """

    def decorate(view: View) -> View:
        guarded = (
            _guarded_async(view, Gate(AsyncClient, cast("AsyncClient", client), groups, check))
            if iscoroutinefunction(view)
            else _guarded(view, Gate(Client, cast("Client", client), groups, check))
        )
        return cast("View", wraps(view)(guarded))

    return decorate


def _guarded(view: Callable[..., Any], gate: Gate[Client]) -> Callable[..., Any]:
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        admitted = gate.admit(_authorization(request))
        if isinstance(admitted, Refusal):
            return _refused(admitted)
        request.claims = admitted
        return view(request, *args, **kwargs)

    return guarded


def _guarded_async(view: Callable[..., Any], gate: Gate[AsyncClient]) -> Callable[..., Any]:
    async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        admitted = await gate.admit_async(_authorization(request))
        if isinstance(admitted, Refusal):
            return _refused(admitted)
        request.claims = admitted
        return await view(request, *args, **kwargs)

    return guarded


def _configured(kind: type[C]) -> Gate[C]:
    """What the project's settings say."""
    client = getattr(settings, "AGGLESTONE_CLIENT", None)
    if client is None:
        raise ImproperlyConfigured(
            "AGGLESTONE_CLIENT is missing: the dotted path of a client, or of a function that gives one"
        )
    if isinstance(client, str):
        client = import_string(client)
    return Gate(
        kind,
        client,
        getattr(settings, "AGGLESTONE_GROUPS", None),
        getattr(settings, "AGGLESTONE_CHECK", None),
    )


def _open_paths() -> frozenset[str]:
    return named("AGGLESTONE_OPEN_PATHS", getattr(settings, "AGGLESTONE_OPEN_PATHS", ()))


def _authorization(request: HttpRequest) -> list[str]:
    value = request.META.get("HTTP_AUTHORIZATION")
    return [] if value is None else [value]


def _refused(refusal: Refusal) -> HttpResponse:
    return HttpResponse(status=refusal.status, headers=refusal.headers)
