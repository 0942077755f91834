"""What the client raises: one class for each row of the error table that all languages share."""

from __future__ import annotations


class AgglestoneError(Exception):
    """Base of everything the client raises. Catch a class, or decide by ``code`` or ``retryable``.

    No error holds an API key or a token, also when the service echoed one. Errors can be pickled.
    """

    code: int = 0
    """The stable number of the class, the same in every language."""
    name: str = ""
    """The stable name of the class, such as ``NOT_FOUND``."""

    message: str
    """What happened, to which call, and what to do next."""
    status: int | None
    """The HTTP status, when there was an answer."""
    request_id: str | None
    """The service's name for the request, when its answer carried one: quote it to the vendor."""
    retry_after: float | None
    """How many seconds the service asked to wait before the next attempt."""
    retryable: bool
    """Whether the same call may well succeed later, with nothing changed."""
    argument: str | None
    """The argument that was refused, with `InvalidArgumentError`."""
    service_message: str | None
    """The service's own words, when it sent some."""
    attempts: int
    """How many requests were sent before the call gave up."""

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        retryable: bool = False,
        argument: str | None = None,
        service_message: str | None = None,
        attempts: int = 0,
    ) -> None:
        # Only the message goes into `args`; the attributes travel in `__dict__`, so pickling needs no help.
        super().__init__(message)
        self.message = message
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after
        self.retryable = retryable
        self.argument = argument
        self.service_message = service_message
        self.attempts = attempts


class InvalidArgumentError(AgglestoneError, ValueError):
    """Invalid argument; ``argument`` names it. Nothing was sent."""

    code = 100
    name = "INVALID_ARGUMENT"


class ConfigurationError(AgglestoneError, ValueError):
    """Invalid configuration; the message lists every problem."""

    code = 101
    name = "INVALID_CONFIG"

    problems: tuple[tuple[str, str], ...] = ()
    """Each problem: the setting's name, and what is wrong with it and what is accepted."""


class ClosedError(AgglestoneError):
    """The client was closed."""

    code = 102
    name = "CLOSED"


class TransportError(AgglestoneError):
    """DNS failure, connection failure, or a connection that closed before the response was complete."""

    code = 200
    name = "CONNECT"


class TlsError(TransportError):
    """TLS handshake or certificate verification failed."""

    code = 201
    name = "TLS"


class DeadlineExceededError(TransportError, TimeoutError):
    """An attempt or the whole call took longer than allowed."""

    code = 202
    name = "TIMEOUT"


class ResponseTooLargeError(AgglestoneError):
    """The response exceeds the size limit: 10 MiB, 1 MiB for a token."""

    code = 204
    name = "TOO_LARGE"


class UnexpectedRedirectError(AgglestoneError):
    """The service returned a redirect, which is never followed: it would send the key elsewhere."""

    code = 205
    name = "UNEXPECTED_REDIRECT"


class ApiError(AgglestoneError):
    """The service refused. Base of the classes for single statuses, itself for a status that has none."""

    code = 399
    name = "UNEXPECTED_STATUS"


class BadRequestError(ApiError):
    """The service returned 400 or 422."""

    code = 300
    name = "BAD_REQUEST"


class AuthenticationError(ApiError):
    """The service returned 401 to every credential."""

    code = 301
    name = "UNAUTHORIZED"


class PermissionDeniedError(ApiError):
    """The service returned 403."""

    code = 303
    name = "FORBIDDEN"


class NotFoundError(ApiError):
    """The service returned 404."""

    code = 304
    name = "NOT_FOUND"


class ConflictError(ApiError):
    """The service returned 409."""

    code = 309
    name = "CONFLICT"


class InvalidTokenError(AgglestoneError):
    """A token that was verified is not to be believed; ``reason`` says why. A web service answers 401."""

    code = 310
    name = "INVALID_TOKEN"

    reason: str = ""
    """``malformed``, ``expired``, ``not_yet_valid``, ``wrong_issuer``, ``wrong_tenant``, ``wrong_audience``,
    ``bad_signature``, ``unknown_key``, ``algorithm`` or ``revoked``. The names are stable."""


class KeysUnavailableError(AgglestoneError):
    """There are no signing keys to verify a token with. A web service answers 503."""

    code = 311
    name = "KEYS_UNAVAILABLE"


class CheckUnavailableError(AgglestoneError):
    """The service can't be asked whether the user of a verified token may still. A web service answers 503."""

    code = 312
    name = "CHECK_UNAVAILABLE"


class RateLimitedError(ApiError):
    """The service returned 429; ``retry_after`` says for how long, where it said so."""

    code = 329
    name = "RATE_LIMITED"


class ServerError(ApiError):
    """The service returned 5xx."""

    code = 350
    name = "SERVER"


class InvalidResponseError(AgglestoneError):
    """A 2xx response with an unexpected body."""

    code = 400
    name = "INVALID_RESPONSE"


class InternalError(AgglestoneError):
    """A bug in this library: please report it."""

    code = 900
    name = "PANIC"


CLASSES: dict[int, type[AgglestoneError]] = {
    error.code: error
    for error in (
        InvalidArgumentError,
        ConfigurationError,
        ClosedError,
        TransportError,
        TlsError,
        DeadlineExceededError,
        ResponseTooLargeError,
        UnexpectedRedirectError,
        BadRequestError,
        AuthenticationError,
        PermissionDeniedError,
        NotFoundError,
        ConflictError,
        InvalidTokenError,
        KeysUnavailableError,
        CheckUnavailableError,
        RateLimitedError,
        ServerError,
        ApiError,
        InvalidResponseError,
        InternalError,
    )
}
"""The class of each code. ``CANCELLED`` has none: that is asyncio's own `CancelledError`."""

CANCELLED = 203


def from_native(
    code: int,
    message: str,
    status: int | None,
    request_id: str | None,
    retry_after: float | None,
    retryable: bool,
    argument: str | None,
    service_message: str | None,
    attempts: int,
    reason: str | None,
    problems: list[tuple[str, str]],
) -> BaseException:
    """The exception for an error of the core; `_native` calls this."""
    if code == CANCELLED:
        from asyncio import CancelledError

        return CancelledError(message)
    error = CLASSES.get(code, AgglestoneError)(
        message,
        status=status,
        request_id=request_id,
        retry_after=retry_after,
        retryable=retryable,
        argument=argument,
        service_message=service_message,
        attempts=attempts,
    )
    if isinstance(error, ConfigurationError):
        error.problems = tuple(problems)
    if isinstance(error, InvalidTokenError):
        error.reason = reason or ""
    return error
