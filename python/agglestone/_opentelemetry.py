"""Calls as spans and metrics of OpenTelemetry.

Imported with the first call of a program that has imported ``opentelemetry.trace``, and never otherwise.
"""

from __future__ import annotations

import asyncio
from time import time_ns

from opentelemetry import metrics, propagate, trace
from opentelemetry.trace import SpanKind, StatusCode

from ._errors import AgglestoneError
from ._native import Observation, __version__
from ._typing import Any, Self

_tracer = trace.get_tracer("agglestone", __version__)
_meter = metrics.get_meter("agglestone", __version__)


def _seconds(name: str, description: str) -> Any:
    # As the conventions want them; the default ones are for milliseconds.
    bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0]
    try:
        return _meter.create_histogram(name, "s", description, explicit_bucket_boundaries_advisory=bounds)
    except TypeError:  # Before 1.30.
        return _meter.create_histogram(name, "s", description)


_requests = _seconds("http.client.request.duration", "Duration of HTTP client requests.")
_calls = _seconds("agglestone.call.duration", "Duration of calls, over all their attempts.")
_failovers = _meter.create_counter(
    "agglestone.failovers", unit="{failover}", description="Calls that went on with the other API key."
)


class Span:
    """The span of one call, in the current one. Its attempts become spans within it when it ends."""

    __slots__ = ("_began", "_context", "_span", "observation")

    def __init__(self) -> None:
        self._began = time_ns()
        self._span = _tracer.start_span("agglestone", start_time=self._began)
        self._context = trace.set_span_in_context(self._span)
        headers: dict[str, str] = {}
        propagate.inject(headers, self._context)
        get = headers.get
        self.observation = Observation(get("traceparent", ""), get("tracestate", ""), get("baggage", ""))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, _trace: object
    ) -> None:
        ended = time_ns()
        method, route, address, port, error, token, failovers, attempts = self.observation.account()
        if raised is not None:
            # The account of a call that was just cancelled may still be open, that of a refused argument is empty.
            error = _name_of(raised)
        shared: dict[str, Any] = {"server.address": address, "server.port": port}
        recording = self._span.is_recording()
        for attempt in attempts:
            self._attempt(attempt, shared, ended, error, recording)
        call = {"http.request.method": method, "url.template": route, **shared}
        if token is not None:
            call["agglestone.token"] = token
        if error is not None:
            call["error.type"] = error
        if method:
            _calls.record((ended - self._began) / 1e9, call)
        if failovers:
            _failovers.add(failovers, shared)
        if recording:
            if method:
                self._span.update_name(f"agglestone {method} {route}")
            if error is not None:
                self._span.set_status(StatusCode.ERROR)
            self._span.set_attributes(
                {**call, "agglestone.attempts": len(attempts), "agglestone.failovers": failovers}
            )
        self._span.end(ended)

    def _attempt(
        self, attempt: Any, shared: dict[str, Any], ended: int, call_error: str | None, recording: bool
    ) -> None:
        method, route, start, duration, wait, resends, status, error, credential, fingerprint, request_id = (
            attempt
        )
        began = self._began + start * 1000
        # One under way was given up with its call.
        over = ended if duration is None else began + duration * 1000
        if duration is None:
            error = call_error
        attributes: dict[str, Any] = {"http.request.method": method, "url.template": route, **shared}
        if status is not None:
            attributes["http.response.status_code"] = status
        if error is not None:
            attributes["error.type"] = error
        _requests.record((over - began) / 1e9, attributes)
        if not recording:
            return
        known = {
            "http.request.resend_count": resends or None,
            "agglestone.credential": credential,
            "agglestone.key.fingerprint": fingerprint,
            "agglestone.request_id": request_id,
            "agglestone.connection_wait": None if wait is None else wait / 1e6,
        }
        attributes.update((name, value) for name, value in known.items() if value is not None)
        span = _tracer.start_span(
            f"{method} {route}", self._context, SpanKind.CLIENT, attributes, start_time=began
        )
        if error is not None:
            span.set_status(StatusCode.ERROR)
        span.end(over)


def _name_of(raised: BaseException) -> str:
    if isinstance(raised, AgglestoneError):
        return raised.name
    if isinstance(raised, asyncio.CancelledError | KeyboardInterrupt | GeneratorExit):
        return "CANCELLED"
    return type(raised).__qualname__
