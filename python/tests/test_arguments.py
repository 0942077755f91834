"""Invalid arguments are refused by name, before anything is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from conftest import Blocking, Emulator

import agglestone
from agglestone import AsyncClient, Client, ConfigurationError, InvalidArgumentError

AMELIA = "b95816fe-f4ab-49ac-889a-e6a161005339"
GIVEN: dict[str, Any] = {"tenant_id": "t", "api_key": "k", "base_url": "http://127.0.0.1:1"}


def test_numbers_that_are_no_page_are_refused(client: Blocking, emulator: Emulator) -> None:
    for bad in (0, -1, True, 1.0, "1", None, 2**32, 2**64, -(2**400), [1], b"1"):
        with pytest.raises(InvalidArgumentError, match="`page_number`") as caught:
            client.get_users(page_number=bad)
        assert caught.value.argument == "page_number"
        with pytest.raises(ValueError, match="`page_size`") as refused:
            client.get_users(page_size=bad)
        assert isinstance(refused.value, InvalidArgumentError) and refused.value.argument == "page_size"
        with pytest.raises(InvalidArgumentError):
            client.users(page_size=bad)
    assert emulator.requests() == []


def test_ids_that_are_no_single_segment_are_refused(client: Blocking, emulator: Emulator) -> None:
    bad_ids = (
        "",
        " ",
        ".",
        "..",
        "%2e%2e",
        "a/../b",
        "a\nb",
        "\ud800",
        "a\udfff",
        7,
        None,
        b"id",
        "x" * 9999,
    )
    for bad in bad_ids:
        for call in (client.get_user, client.exchange_api_key_for_token, client.get_token):
            with pytest.raises(InvalidArgumentError) as caught:
                call(bad)
            assert caught.value.argument == "user_id"
    assert emulator.requests() == []


@pytest.mark.parametrize(
    ("argument", "arguments"),
    [
        ("method", ("TRACE", "a")),
        ("method", (7, "a")),
        ("path", ("GET", "../a")),
        ("path", ("GET", "a?b=c")),
        ("path", ("GET", "https://elsewhere.example/a")),
        ("path", ("GET", "\ud800")),
        ("path", ("GET", None)),
    ],
)
def test_methods_and_paths_are_checked(
    argument: str, arguments: tuple[Any, Any], client: Blocking, emulator: Emulator
) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        client.request(*arguments)
    assert caught.value.argument == argument
    assert emulator.requests() == []


@pytest.mark.parametrize(
    "query",
    [
        "a=b",
        [("a", "b")],
        {"a": None},
        {"a": {}},
        {"a": b"b"},
        {"a": float("nan")},
        {"a": float("inf")},
        {"a": [None]},
        {"a": [["b"]]},
        {"a": "\ud800"},
        {"\udfff": "b"},
        {7: "b"},
        {"a": 10**9999},
    ],
)
def test_queries_are_checked(query: Any, client: Blocking, emulator: Emulator) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        client.get("api/v2.0/Users", query=query)
    assert caught.value.argument == "query"
    assert emulator.requests() == []


@pytest.mark.parametrize(
    "headers",
    [
        "X-A: b",
        {"X-A": 7},
        {"X-A": None},
        {"X-A": "a\r\nX-B: b"},
        {"X A": "b"},
        {"X-A": "\ud800"},
        {b"X-A": "b"},
        {"X-API-Key": "mine"},
        {"authorization": "Bearer x"},
        {"Host": "elsewhere.example"},
    ],
)
def test_headers_are_checked(headers: Any, client: Blocking, emulator: Emulator) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        client.get("api/v2.0/Users", headers=headers)
    assert caught.value.argument == "headers"
    assert emulator.requests() == []


@pytest.mark.parametrize("make", [Client, AsyncClient])
def test_settings_of_another_type_are_refused_by_name(make: Any) -> None:
    for name, values in {
        "tenant_id": (7, b"t", "\ud800"),
        "api_key": (7, b"k", ["k"], "\udfff"),
        "secondary_api_key": (7, "\ud800"),
        "base_url": (7, "http://\ud800"),
        "users_path": (b"api/Users", "\ud800"),
        "app_name": (7, "\ud800"),
        "ca_file": (7, b"ca.pem", "\ud800", "/gone/\udcff.pem", "a\0b"),
        "api_key_file": (7, b"key", "\ud800"),
        "key_source": (7, "k", ("p", "s")),
        "allow_insecure_http": (1, "true"),
        "connect_timeout": ("5", True, [5]),
        "timeout": ("5", False),
        "deadline": ("5", object()),
        "max_retries": (1.0, True, "1", 2**70),
        "token_cache_size": (1.0, True),
    }.items():
        for value in values:
            with pytest.raises(ConfigurationError, match=f"^invalid configuration: `{name}` ") as caught:
                make(**{**GIVEN, name: value})
            assert "missing" not in caught.value.message, value


@pytest.mark.parametrize("make", [Client, AsyncClient])
def test_every_problem_of_a_configuration_is_reported_at_once(make: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make(
            tenant_id="../x",
            api_key="planted key",
            base_url="http://elsewhere.example",
            timeout=-1,
            deadline=10**400,
            connect_timeout=float("nan"),
            max_retries="planted",
            app_name=b"planted",
            key_source="planted",
        )
    assert "9 problems" in caught.value.message
    for name in (
        "tenant_id",
        "api_key",
        "base_url",
        "timeout",
        "deadline",
        "connect_timeout",
        "max_retries",
        "app_name",
        "key_source",
    ):
        assert f"`{name}`" in caught.value.message
    assert "planted" not in caught.value.message


def test_what_is_missing_is_named_with_its_variable(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AGGLESTONE_API_KEY")
    with pytest.raises(ConfigurationError, match="AGGLESTONE_API_KEY"):
        Client()
    with Client(api_key=emulator.primary) as client:
        assert client.get_users()["totalRecords"] == 45


def test_a_view_with_other_options_is_the_same_client(client: Blocking, emulator: Emulator) -> None:
    emulator.never_answer(9)
    hasty = client.client.with_options(timeout=0.05, max_retries=0)
    with pytest.raises(agglestone.DeadlineExceededError) as caught:
        Blocking(hasty, client._run).get_user("slow")
    assert caught.value.attempts == 1
    # What a view has and the next does not give stays.
    again = hasty.with_options(deadline=300)
    with pytest.raises(agglestone.DeadlineExceededError):
        Blocking(again, client._run).get_user("slow")
    assert client.get_users()["totalRecords"] == 45
    token = client.get_token(AMELIA).token
    assert Blocking(again, client._run).get_token(AMELIA).token == token
    assert repr(hasty) == repr(client.client)


def test_options_are_checked_by_name(client: Blocking) -> None:
    for name, values in {
        "connect_timeout": ("2", False, 0),
        "timeout": ("2", True, 0, -1, float("nan"), 10**400, timedelta(days=2)),
        "deadline": ([2], 0),
        "max_retries": (True, 1.0, "1", -1, 11, 2**70),
    }.items():
        for value in values:
            with pytest.raises(InvalidArgumentError) as caught:
                client.client.with_options(**{name: value})
            assert caught.value.argument == name, value


def test_none_is_a_setting_that_was_not_given(emulator: Emulator) -> None:
    with Client(tenant_id=None, timeout=None, allow_insecure_http=None) as client:
        assert client.get_users()["totalRecords"] == 45
    assert len(emulator.requests()) == 1


@pytest.mark.parametrize("span", [2, 2.5, timedelta(seconds=2, milliseconds=500), timedelta(hours=1)])
def test_times_are_seconds_or_timedeltas(span: Any) -> None:
    with Client(**GIVEN, connect_timeout=span, timeout=span, deadline=span):
        pass
    for nonsense in (timedelta(0), timedelta(days=-1), timedelta(days=2), 0, -0.5):
        with pytest.raises(ConfigurationError, match="`timeout` is"):
            Client(**GIVEN, timeout=nonsense)


@pytest.mark.parametrize("make", [Client, AsyncClient])
def test_unknown_and_positional_settings_are_type_errors(make: Any) -> None:
    with pytest.raises(TypeError):
        make(**GIVEN, tenant="t")
    with pytest.raises(TypeError):
        make("t", "k")


def test_subclasses_of_str_and_int_are_taken_for_what_they_are(emulator: Emulator) -> None:
    import enum

    class Size(enum.IntEnum):
        SMALL = 3

    class Id(str):
        pass

    with Client() as client:
        page: agglestone.UsersPage = client.get_users(page_size=Size.SMALL)
        assert client.get_user(Id(page["data"][2]["userId"])) == page["data"][2]
    assert len(emulator.requests()) == 2
