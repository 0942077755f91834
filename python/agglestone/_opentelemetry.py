"""Calls as spans and metrics of OpenTelemetry.

Imported with the first call of a program that has imported ``opentelemetry.trace``, and never otherwise.
"""

from __future__ import annotations

import asyncio
from time import time_ns

from opentelemetry import metrics, propagate, trace
from opentelemetry.trace import SpanKind, Status, StatusCode

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


_ERROR = Status(StatusCode.ERROR)


class Span:
    """The span of one call, in the current one. Its attempts become spans within it when it ends."""

    __slots__ = ("_began", "_context", "_span", "observation")

    def __init__(self) -> None:
        self._began = time_ns()
        self._span = _tracer.start_span("agglestone", start_time=self._began)
        self._context = trace.set_span_in_context(self._span)
        headers: dict[str, str] = {}
        propagate.inject(headers, self._context)
        self.observation = Observation(headers)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, _trace: object
    ) -> None:
        ended = time_ns()
        # The account of a call that was just cancelled may still be open, that of a refused argument is empty.
        known = None if raised is None else _name_of(raised)
        name, error, attributes, metric, failovers, attempts = self.observation.account(known)
        span = self._span
        recording = span.is_recording()
        for attempt in attempts:
            self._attempt(attempt, ended, recording)
        if name is not None:
            _calls.record((ended - self._began) / 1e9, metric)
        if failovers:
            _failovers.add(failovers, {of: metric[of] for of in ("server.address", "server.port")})
        if recording:
            if name is not None:
                span.update_name(name)
            if error is not None:
                span.set_status(_ERROR)
            span.set_attributes(attributes)
        span.end(ended)

    def _attempt(self, attempt: Any, ended: int, recording: bool) -> None:
        name, start, duration, error, attributes, metric = attempt
        began = self._began + start * 1000
        over = ended if duration is None else began + duration * 1000
        _requests.record((over - began) / 1e9, metric)
        if not recording:
            return
        span = _tracer.start_span(name, self._context, SpanKind.CLIENT, attributes, start_time=began)
        if error is not None:
            span.set_status(_ERROR)
        span.end(over)


def _name_of(raised: BaseException) -> str:
    if isinstance(raised, AgglestoneError):
        return raised.name
    if isinstance(raised, asyncio.CancelledError | KeyboardInterrupt | GeneratorExit):
        return "CANCELLED"
    return type(raised).__qualname__
