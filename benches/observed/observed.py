"""What spans and metrics add to a call in Python, beside what the SDK takes for the same spans and measurements alone."""

import json
import sys
from time import perf_counter_ns

from agglestone import Client

ROUNDS = 41
IN_A_ROUND = 100
WARM_UP = 500_000_000


def measure(run):
    """Nanoseconds a time, round by round."""

    def one_round():
        start = perf_counter_ns()
        for _ in range(IN_A_ROUND):
            run()
        return (perf_counter_ns() - start) // IN_A_ROUND

    start = perf_counter_ns()
    while perf_counter_ns() - start < WARM_UP:
        one_round()
    return [one_round() for _ in range(ROUNDS)]


with Client() as client:
    off = measure(client.get_users)

    from opentelemetry import metrics, propagate, trace
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    assert "agglestone._opentelemetry" not in sys.modules
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    metrics.set_meter_provider(MeterProvider([InMemoryMetricReader()]))

    def observed():
        """A call with two spans and two measurements."""
        client.get_users()
        exporter.clear()

    on = measure(observed)

tracer = trace.get_tracer("alone")
durations = metrics.get_meter("alone").create_histogram("alone", "s")
attributes = {"http.request.method": "GET", "url.template": "users", "server.address": "a", "server.port": 1}


def alone():
    """The same spans and measurements without a call."""
    call = tracer.start_span("call")
    context = trace.set_span_in_context(call)
    propagate.inject({}, context)
    status = {**attributes, "http.response.status_code": 200}
    durations.record(0.001, status)
    durations.record(0.001, attributes)
    more = {**status, "agglestone.credential": "primary", "agglestone.key.fingerprint": "00000000"}
    tracer.start_span("GET users", context, trace.SpanKind.CLIENT, more).end()
    call.set_attributes(attributes)
    call.end()
    exporter.clear()


print(json.dumps({"off": off, "on": on, "alone": measure(alone)}))
