"""What spans and metrics add to a call in Python, with exporters within the process.

`off`: nobody watches. `on`: two spans and two measurements a call. `hand`: the same two and two, made by the program around a call
that the client does not watch.
"""

import sys

import measure

from agglestone import Client

if measure.WAY != "off":
    from opentelemetry import metrics, propagate, trace
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


def _watched(get_users):
    def make():
        get_users()
        exporter.clear()

    return make


def _by_hand(get_users):
    # What the client looks for.
    del sys.modules["opentelemetry.trace"]
    tracer = trace.get_tracer("by hand")
    calls, requests = map(metrics.get_meter("by hand").create_histogram, ["calls", "requests"])
    shared = {
        "http.request.method": "GET",
        "url.template": "users",
        "server.address": "127.0.0.1",
        "server.port": 80,
    }
    of_call = {**shared, "agglestone.attempts": 1, "agglestone.failovers": 0}
    of_request = {**shared, "http.response.status_code": 200}
    of_attempt = {
        **of_request,
        "agglestone.credential": "primary",
        "agglestone.key.fingerprint": "2f72fd8f",
        "agglestone.request_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "agglestone.connection_wait": 0.001,
    }

    def make():
        call = tracer.start_span("agglestone", start_time=1_000)
        context = trace.set_span_in_context(call)
        propagate.inject({}, context)
        get_users()
        requests.record(0.001, of_request)
        attempt = tracer.start_span("GET users", context, trace.SpanKind.CLIENT, of_attempt, start_time=1_000)
        attempt.end(2_000)
        calls.record(0.001, shared)
        call.update_name("agglestone GET users")
        call.set_attributes(of_call)
        call.end(2_000)
        exporter.clear()

    return make


client = Client()


def _get_users():
    client.get_users(1, measure.PAGE_SIZE)


ways = {"off": lambda get_users: get_users, "on": _watched, "hand": _by_hand}
measure.blocking(ways[measure.WAY](_get_users))
