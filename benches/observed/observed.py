"""What spans and metrics add to a call in Python: what this client does for them, and what the SDK does."""

import json
from time import perf_counter_ns, process_time_ns

from agglestone import Client

ROUNDS = 41
IN_A_ROUND = 100
WARM_UP = 500_000_000


def measure(run):
    """Nanoseconds of processor time a call, round by round."""

    def one_round():
        start = process_time_ns()
        for _ in range(IN_A_ROUND):
            run()
        return (process_time_ns() - start) // IN_A_ROUND

    start = perf_counter_ns()
    while perf_counter_ns() - start < WARM_UP:
        one_round()
    return [one_round() for _ in range(ROUNDS)]


with Client() as client:
    off = measure(client.get_users)

    from opentelemetry import metrics, trace

    # Imported, and nothing set up: spans that nobody records.
    quiet = measure(client.get_users)

    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

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

print(json.dumps({"off": off, "quiet": quiet, "on": on}))
