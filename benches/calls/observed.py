"""What spans and metrics add to a call in Python, with exporters within the process.

`off`: nobody watches. `on`: two spans and two measurements a call. `hand`: the same two and two, made by the program around a call
that the client does not watch.
"""

import sys
from time import time_ns

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

    def of_call():
        return {
            "http.request.method": "GET",
            "url.template": "users",
            "server.address": "127.0.0.1",
            "server.port": 80,
        }

    def of_request():
        attributes = of_call()
        attributes["http.response.status_code"] = 200
        return attributes

    def make():
        started = time_ns()
        call = tracer.start_span("agglestone", start_time=started)
        context = trace.set_span_in_context(call)
        propagate.inject({}, context)
        get_users()
        ended = time_ns()
        requests.record((ended - started) / 1e9, of_request())
        attributes = of_request()
        attributes["agglestone.credential"] = "primary"
        attributes["agglestone.key.fingerprint"] = "2f72fd8f"
        attributes["agglestone.request_id"] = "4bf92f3577b34da6a3ce929d0e0e4736"
        attributes["agglestone.connection_wait"] = 0.001
        attempt = tracer.start_span(
            "GET users", context, trace.SpanKind.CLIENT, attributes, start_time=started
        )
        attempt.end(ended)
        calls.record((ended - started) / 1e9, of_call())
        call.update_name("agglestone GET users")
        attributes = of_call()
        attributes["agglestone.attempts"] = 1
        attributes["agglestone.failovers"] = 0
        call.set_attributes(attributes)
        call.end(ended)
        exporter.clear()

    return make


client = Client()


def _get_users():
    client.get_users(1, measure.PAGE_SIZE)


ways = {"off": lambda get_users: get_users, "on": _watched, "hand": _by_hand}
measure.blocking(ways[measure.WAY](_get_users))
