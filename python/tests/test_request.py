"""The general request on the wire, and its answer in Python's terms."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from wire import Wire, serving

from agglestone import Client, InvalidArgumentError, InvalidResponseError
from agglestone._types import Query


@pytest.fixture
def wire() -> Iterator[Wire]:
    with serving() as wire:
        yield wire


@pytest.fixture
def client(wire: Wire) -> Iterator[Client]:
    with Client(**wire.settings) as client:
        yield client


def test_query_headers_and_json_arrive_as_given(client: Client, wire: Wire) -> None:
    query: Query = {"text": "a&b ü", "number": 7, "half": 0.5, "flag": True, "many": ["x", "y"]}
    client.request("post", "echo", query=query, json={"ü": [None, 1.5]}, headers={"X-Trace": "t-1"})
    ((method, target, headers, body),) = wire.requests
    assert (method, body) == ("POST", '{"ü":[null,1.5]}'.encode())
    assert target == "/tenant/t/echo?text=a%26b+%C3%BC&number=7&half=0.5&flag=true&many=x&many=y"
    assert headers["x-trace"] == "t-1"
    assert headers["content-type"] == "application/json"
    assert headers["x-api-key"] == "planted-key"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_each_short_form_sends_its_method(method: str, client: Client, wire: Wire) -> None:
    assert getattr(client, method.lower())("echo", query={"a": "b"}, headers={"X-A": "1"}).status == 200
    ((sent, target, headers, body),) = wire.requests
    assert (sent, target, headers["x-a"], body) == (method, "/tenant/t/echo?a=b", "1", b"")


def test_json_null_and_nothing_are_told_apart_where_it_matters(client: Client, wire: Wire) -> None:
    client.post("echo", json=[])
    client.post("echo", json=False)
    client.post("echo")
    assert [body for *_, body in wire.requests] == [b"[]", b"false", b""]


def test_headers_are_found_in_any_case_and_repeated_ones_kept(client: Client, wire: Wire) -> None:
    wire.answer = (200, [("X-Many", "a"), ("x-many", "b"), ("X-Latin", "caf\xe9")], b"{}")
    headers = client.get("echo").headers
    assert headers["X-MANY"] == headers["x-many"] == "a, b"
    assert headers.get_all("x-Many") == ["a", "b"]
    assert headers["x-latin"] == "caf\xe9"
    assert ("X-mAnY" in headers, "absent" in headers) == (True, False)
    assert "x-many" in list(headers) and len(headers) == len(dict(headers)) == 3
    with pytest.raises(KeyError):
        headers["absent"]


def test_text_follows_the_charset_that_the_answer_names(client: Client, wire: Wire) -> None:
    for content_type, content, text in (
        ("text/plain; charset=latin-1", b"caf\xe9", "caf\xe9"),
        ("text/plain", "caf\xe9".encode(), "caf\xe9"),
        ("text/plain; charset=no-such", b"plain", "plain"),
        ("application/json", b"\xff", "\ufffd"),
    ):
        wire.answer = (200, [("Content-Type", content_type)], content)
        answer = client.get("echo")
        assert (answer.content, answer.text) == (content, text)


@pytest.mark.parametrize("content", [b"", b"<html>", b'{"a":', b"NaN", b"\xff", b"[" * 100_000, b"{} {}"])
def test_json_of_something_else_is_an_invalid_response(content: bytes, client: Client, wire: Wire) -> None:
    wire.answer = (200, [], content)
    answer = client.get("echo")
    assert answer.content == content
    with pytest.raises(InvalidResponseError, match="returned 200 with") as caught:
        answer.json()
    assert (caught.value.status, caught.value.attempts) == (200, 1)
    assert caught.value.__context__ is None, "a chained parser error would show the body in tracebacks"


def test_a_head_request_has_headers_and_no_content(client: Client, wire: Wire) -> None:
    wire.answer = (200, [("X-A", "1")], b"ignored")
    answer = client.request("HEAD", "echo")
    assert (answer.headers["x-a"], answer.content) == ("1", b"")


def test_a_body_that_is_not_json_is_refused_before_it_is_sent(client: Client, wire: Wire) -> None:
    endless: list[object] = []
    endless.append(endless)
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    for body in ({1, 2}, float("nan"), endless, deep, "\ud800", {"\udfff": 1}, {("a",): 1}, b"bytes"):
        with pytest.raises(InvalidArgumentError) as caught:
            client.post("echo", json=body)
        assert caught.value.argument == "json"
        assert caught.value.__context__ is None, "a chained encoder error would show the body in tracebacks"
    assert wire.requests == []
