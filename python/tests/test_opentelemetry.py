"""Calls as spans and metrics, seen by exporters within the process."""

from __future__ import annotations

import asyncio
import http.server
import json
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterable, Iterator
from typing import Any

import opentelemetry
import pytest
from conftest import Emulator, eventually
from opentelemetry import baggage, context, metrics, propagate, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from agglestone import AgglestoneError, AsyncClient, Client, NotFoundError

USER = "b95816fe-f4ab-49ac-889a-e6a161005339"

SERVER = {"server.address", "server.port"}
ROUTE = {*SERVER, "http.request.method", "url.template", "error.type"}
# What tells series apart: of each there is a bounded number of values.
SERIES = {
    "http.client.request.duration": {*ROUTE, "http.response.status_code"},
    "agglestone.call.duration": {*ROUTE, "agglestone.token"},
    "agglestone.failovers": SERVER,
}

EXPORTER = InMemorySpanExporter()
READER = InMemoryMetricReader()


# The other tests are of a program that does not use it: see `conftest.py`.
IMPORTED = sys.modules.pop("opentelemetry.trace")


@pytest.fixture(scope="module", autouse=True)
def providers() -> Iterator[None]:
    # Another test's library may have imported it once more since, as a second module with providers of its own.
    sys.modules["opentelemetry.trace"] = opentelemetry.trace = IMPORTED
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(EXPORTER))
    trace.set_tracer_provider(provider)
    metrics.set_meter_provider(MeterProvider([READER]))
    yield
    del sys.modules["opentelemetry.trace"]


@pytest.fixture
def spans(emulator: Emulator) -> Iterator[InMemorySpanExporter]:
    EXPORTER.clear()
    yield EXPORTER
    # Of every test: what was exported, and what was counted, names no user and shows no key.
    texts = [span.to_json() for span in EXPORTER.get_finished_spans()]
    data = READER.get_metrics_data()
    texts += [] if data is None else [data.to_json()]
    for name, attributes in SERIES.items():
        for point in points(name):
            assert set(point.attributes) <= attributes, name
            assert all(not exemplar.filtered_attributes for exemplar in point.exemplars), name
    for secret in (emulator.primary, emulator.secondary, USER, "amelia", "pageNumber"):
        assert not any(secret in text for text in texts), secret


def exported(spans: InMemorySpanExporter) -> tuple[ReadableSpan, list[ReadableSpan]]:
    """The span of the one call, and those of its attempts."""
    finished = spans.get_finished_spans()
    [call] = [span for span in finished if span.name.startswith("agglestone")]
    attempts = [span for span in finished if span.kind is SpanKind.CLIENT]
    for attempt in attempts:
        assert attempt.parent is not None and call.context is not None
        assert attempt.parent.span_id == call.context.span_id
        assert call.start_time <= attempt.start_time <= attempt.end_time <= call.end_time  # type: ignore[operator]
    return call, attempts


def of(span: ReadableSpan, *names: str) -> list[Any]:
    return [(span.attributes or {}).get(name) for name in names]


def points(name: str) -> list[Any]:
    data = READER.get_metrics_data()
    assert data is not None
    scopes = [scope for resource in data.resource_metrics for scope in resource.scope_metrics]
    found = [metric for scope in scopes for metric in scope.metrics if metric.name == name]
    return [point for metric in found for point in metric.data.data_points]


def test_a_call_that_is_retried_is_a_span_with_one_for_each_attempt(
    emulator: Emulator, spans: InMemorySpanExporter
) -> None:
    emulator.fault(path="*/Users/*", status=503, times=1)
    with (
        Client(**emulator.settings) as client,
        trace.get_tracer("test").start_as_current_span("ours") as ours,
    ):
        client.get_user(USER)
    call, [first, second] = exported(spans)
    assert call.name == "agglestone GET users/{userId}"
    assert call.parent is not None and call.parent.span_id == ours.get_span_context().span_id
    assert of(call, "agglestone.attempts", "agglestone.failovers", "error.type") == [2, 0, None]
    names = ("http.request.method", "url.template", "http.response.status_code", "http.request.resend_count")
    assert of(first, *names, "error.type") == ["GET", "users/{userId}", 503, None, "503"]
    assert of(second, *names, "error.type") == ["GET", "users/{userId}", 200, 1, None]
    host, port = emulator.url.removeprefix("http://").split(":")
    assert of(second, "server.address", "server.port", "agglestone.credential") == [
        host,
        int(port),
        "primary",
    ]
    assert len(of(second, "agglestone.key.fingerprint")[0]) == 8
    assert isinstance(of(second, "agglestone.connection_wait")[0], float)
    assert (first.status.status_code, second.status.status_code) == (StatusCode.ERROR, StatusCode.UNSET)


def test_a_failover_shows_both_keys(emulator: Emulator, spans: InMemorySpanExporter) -> None:
    emulator.control("POST", "keys/primary")
    with Client(**emulator.settings, secondary_api_key=emulator.secondary) as client:
        client.get_users()
    call, [first, second] = exported(spans)
    assert of(call, "agglestone.failovers") == [1]
    names = ("http.response.status_code", "agglestone.credential")
    assert (of(first, *names), of(second, *names)) == ([401, "primary"], [200, "secondary"])
    assert of(first, "agglestone.key.fingerprint") != of(second, "agglestone.key.fingerprint")
    assert sum(point.value for point in points("agglestone.failovers")) >= 1


def test_a_users_call_has_the_exchange_that_it_began_and_the_next_one_the_cache(
    emulator: Emulator, spans: InMemorySpanExporter
) -> None:
    with Client(**emulator.settings) as client:
        client.as_user(USER).get_user(USER)
        call, [exchange, request] = exported(spans)
        assert of(call, "agglestone.token") == ["exchange"]
        assert exchange.name == "POST v2.0/Auth/token-exchange"
        assert of(exchange, "agglestone.credential") == ["primary"]
        assert of(request, "agglestone.credential", "agglestone.key.fingerprint") == ["token", None]
        spans.clear()
        client.as_user(USER).get_user(USER)
        call, attempts = exported(spans)
        assert (of(call, "agglestone.token"), len(attempts)) == (["cache"], 1)
        # A refused token is replaced within the call.
        spans.clear()
        emulator.fault(path="*/Users/*", status=401, times=1)
        client.as_user(USER).get_user(USER)
        call, attempts = exported(spans)
        statuses = [of(attempt, "http.response.status_code")[0] for attempt in attempts]
        assert (of(call, "agglestone.token"), statuses) == (["exchange"], [401, 200, 200])


def test_a_users_call_says_how_the_token_store_is(emulator: Emulator, spans: InMemorySpanExporter) -> None:
    store: dict[str, Any] = {"token_store": "redis://127.0.0.1:1", "token_store_key": "planted-" * 5}
    for settings, state in (({}, None), (store, "down")):
        with Client(**emulator.settings, **settings) as client:
            client.as_user(USER).get_user(USER)
        assert of(exported(spans)[0], "agglestone.token_store") == [state]
        spans.clear()


def test_a_failed_and_a_timed_out_call_end_their_spans_with_the_error(
    emulator: Emulator, spans: InMemorySpanExporter
) -> None:
    with Client(**emulator.settings, max_retries=0) as client:
        with pytest.raises(NotFoundError):
            client.get_user("amelia-who-is-not-there")
        call, [attempt] = exported(spans)
        assert (of(call, "error.type"), of(attempt, "error.type")) == (["NOT_FOUND"], ["404"])
        assert call.status.status_code is StatusCode.ERROR
        spans.clear()
        emulator.never_answer()
        with pytest.raises(AgglestoneError):
            client.with_options(timeout=0.1).get_user("slow")
        call, [attempt] = exported(spans)
        assert (of(call, "error.type"), of(attempt, "error.type")) == (["TIMEOUT"], ["TIMEOUT"])
        assert of(attempt, "http.response.status_code") == [None]


def test_a_cancelled_call_ends_its_spans_as_cancelled(
    emulator: Emulator, spans: InMemorySpanExporter
) -> None:
    emulator.never_answer()

    async def cancelled() -> None:
        async with AsyncClient(**emulator.settings) as client:
            task = asyncio.create_task(client.get_user("slow"))
            while not emulator.requests():
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(cancelled())
    call, [attempt] = exported(spans)
    assert (of(call, "error.type"), of(attempt, "error.type")) == (["CANCELLED"], ["CANCELLED"])


def test_each_task_and_each_thread_has_its_own_trace(emulator: Emulator, spans: InMemorySpanExporter) -> None:
    tracer = trace.get_tracer("test")
    traces: dict[str, int] = {}

    async def within(client: AsyncClient, name: str) -> None:
        with tracer.start_as_current_span(name) as span:
            traces[name] = span.get_span_context().trace_id
            await asyncio.gather(client.get_users(), client.get_users())

    async def all_of_them() -> None:
        async with AsyncClient(**emulator.settings) as client:
            await asyncio.gather(within(client, "a"), within(client, "b"))

    asyncio.run(all_of_them())

    with Client(**emulator.settings) as client:

        def in_thread(name: str) -> None:
            with tracer.start_as_current_span(name) as span:
                traces[name] = span.get_span_context().trace_id
                client.get_users()

        threads = [threading.Thread(target=in_thread, args=(name,)) for name in "cd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    by_trace: dict[int, int] = {}
    for span in spans.get_finished_spans():
        if span.kind is SpanKind.CLIENT and span.context is not None:
            by_trace[span.context.trace_id] = by_trace.get(span.context.trace_id, 0) + 1
    assert by_trace == {traces["a"]: 2, traces["b"]: 2, traces["c"]: 1, traces["d"]: 1}


def test_requests_are_counted_with_bounded_attributes(
    emulator: Emulator, spans: InMemorySpanExporter
) -> None:
    with Client(**emulator.settings) as client:
        for user in client.get_users(page_size=20)["data"]:
            client.get_user(user["userId"])
            client.request("GET", f"api/v2.0/Users/{user['userId']}")
        with pytest.raises(AgglestoneError):
            client.request("GET", "api/v2.0/Users", query={"pageNumber": str(user["email"])})
    seen = points("http.client.request.duration")
    routes = {dict(point.attributes)["url.template"] for point in seen}
    assert {"users", "users/{userId}", "api/v2.0/Users/{id}"} <= routes
    assert all("@" not in route and len(route) < 60 for route in routes)
    allowed = {
        "http.request.method",
        "url.template",
        "server.address",
        "server.port",
        "http.response.status_code",
        "error.type",
    }
    assert all(set(point.attributes) <= allowed for point in seen)
    assert sum(point.count for point in seen) >= 41
    # In seconds, with buckets to match.
    assert seen[0].explicit_bounds[0] == 0.005 and all(point.max < 60 for point in seen)
    assert points("agglestone.call.duration")


def lower_case(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers}


class Second(http.server.BaseHTTPRequestHandler):
    """A second service behind the client, with tracing of its own: what the client calls."""

    def do_GET(self) -> None:
        parent = propagate.extract(lower_case(self.headers.items()))
        with trace.get_tracer("second").start_as_current_span("second service", context=parent) as span:
            span.set_attribute("shop", str(baggage.get_baggage("shop", parent)))
            body = json.dumps({"data": [], "totalRecords": 0}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_one_trace_crosses_a_service_the_client_and_a_second_service(
    emulator: Emulator, spans: InMemorySpanExporter
) -> None:
    second = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Second)
    client = Client(**{**emulator.settings, "base_url": f"http://127.0.0.1:{second.server_port}"})

    class First(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            token = context.attach(propagate.extract(lower_case(self.headers.items())))
            with trace.get_tracer("first").start_as_current_span("first service"):
                client.get_users()
            context.detach(token)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    first = http.server.ThreadingHTTPServer(("127.0.0.1", 0), First)
    for server in (first, second):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    with trace.get_tracer("test").start_as_current_span("browser") as browser:
        headers: dict[str, str] = {}
        propagate.inject(headers, baggage.set_baggage("shop", "eu", context.get_current()))
        urllib.request.urlopen(
            urllib.request.Request(f"http://127.0.0.1:{first.server_port}", headers=headers)
        )
    eventually(lambda: len(spans.get_finished_spans()) == 5, "five spans")
    for server in (first, second):
        server.shutdown()
        server.server_close()
    client.close()
    by_name = {span.name: span for span in spans.get_finished_spans()}
    call = by_name["agglestone GET users"]
    parents = {
        "first service": by_name["browser"],
        "agglestone GET users": by_name["first service"],
        "GET users": call,
        "second service": call,
    }
    for name, parent in parents.items():
        span = by_name[name]
        assert span.parent is not None and parent.context is not None
        assert span.parent.span_id == parent.context.span_id, name
        assert span.context is not None and span.context.trace_id == browser.get_span_context().trace_id
    assert of(by_name["second service"], "shop") == ["eu"]


def test_a_program_without_opentelemetry_never_imports_it(emulator: Emulator) -> None:
    program = """
import sys
from agglestone import Client
with Client() as client:
    client.get_users()
print(sorted(name for name in sys.modules if "opentelemetry" in name))
"""
    environment = {
        "AGGLESTONE_TENANT_ID": emulator.tenant,
        "AGGLESTONE_API_KEY": emulator.primary,
        "AGGLESTONE_BASE_URL": emulator.url,
    }
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, env=environment, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
