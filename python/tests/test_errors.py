"""The classes of the error table, and what each error knows."""

from __future__ import annotations

import asyncio
import copy
import multiprocessing
import pickle
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import Blocking, Emulator

import agglestone
from agglestone import AgglestoneError, Client, _errors, _native

PUBLIC = [
    value
    for value in (getattr(agglestone, name) for name in agglestone.__all__)
    if isinstance(value, type) and issubclass(value, AgglestoneError) and value is not AgglestoneError
]


def test_the_classes_are_the_cores_error_table() -> None:
    core = {(number, name) for number, name, *_ in _native.error_table()}
    ours = {(error.code, error.name) for error in PUBLIC}
    assert core - ours == {(203, "CANCELLED")}, "asyncio has its own class for this one"
    assert ours - core == set()
    assert len(ours) == len(PUBLIC) == len(_errors.CLASSES)


def test_the_classes_fit_into_pythons_own_and_among_each_other() -> None:
    assert all(issubclass(error, AgglestoneError) for error in PUBLIC)
    assert issubclass(agglestone.InvalidArgumentError, ValueError)
    assert issubclass(agglestone.ConfigurationError, ValueError)
    assert issubclass(agglestone.DeadlineExceededError, (TimeoutError, agglestone.TransportError))
    assert issubclass(agglestone.TlsError, agglestone.TransportError)
    # Of a token the client itself thinks so: the service said nothing.
    of_tokens = {
        agglestone.InvalidTokenError,
        agglestone.KeysUnavailableError,
        agglestone.CheckUnavailableError,
    }
    refusals = {error for error in PUBLIC if 300 <= error.code < 400} - of_tokens
    assert refusals == {error for error in PUBLIC if issubclass(error, agglestone.ApiError)}


def test_the_table_in_the_readme_is_the_cores() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    rows = re.findall(r"^\| (?:↳ )?`(\w+)`[^|]*\| (\d+) \| `(\w+)` \|", readme, re.MULTILINE)
    documented = sorted((int(code), name, cls) for cls, code, name in rows)
    classes = _errors.CLASSES
    table = [(code, name) for code, name, _, _ in _native.error_table() if code != _errors.CANCELLED]
    assert documented == sorted((code, name, classes[code].__name__) for code, name in table)
    assert all((cls.code, cls.name) in table for cls in classes.values())


def test_every_row_of_the_table_becomes_its_class() -> None:
    for number, name, retryable, _ in _native.error_table():
        error = _errors.from_native(
            number, "what", 503, "r-1", 1.5, retryable, "arg", "said", 2, "expired", []
        )
        if name == "CANCELLED":
            assert isinstance(error, asyncio.CancelledError)
            continue
        assert isinstance(error, AgglestoneError)
        assert (error.code, error.name, error.retryable, str(error)) == (number, name, retryable, "what")
        assert (error.message, error.status, error.request_id) == ("what", 503, "r-1")
        assert (error.retry_after, error.argument) == (1.5, "arg")
        assert (error.service_message, error.attempts) == ("said", 2)
        if isinstance(error, agglestone.InvalidTokenError):
            assert error.reason == "expired"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, agglestone.BadRequestError),
        (422, agglestone.BadRequestError),
        (401, agglestone.AuthenticationError),
        (403, agglestone.PermissionDeniedError),
        (404, agglestone.NotFoundError),
        (409, agglestone.ConflictError),
        (418, agglestone.ApiError),
        (429, agglestone.RateLimitedError),
        (500, agglestone.ServerError),
        (302, agglestone.UnexpectedRedirectError),
    ],
)
def test_each_status_raises_its_class(
    status: int, expected: type[AgglestoneError], client: Blocking, emulator: Emulator
) -> None:
    headers = {"Retry-After": "3600", "X-Request-Id": "r-77"}
    emulator.fault(path="*/Users*", status=status, headers=headers, body={"message": "No."}, times=20)
    with pytest.raises(AgglestoneError) as caught:
        client.get_users()
    error = caught.value
    assert type(error) is expected
    assert (error.status, error.request_id, error.service_message) == (status, "r-77", "No.")
    assert error.retry_after == 3600.0 and isinstance(error.retry_after, float)
    assert error.attempts >= 1
    assert str(status) in error.message and str(error) == error.message == error.args[0]


def test_a_deadline_is_a_timeout_to_python(client: Blocking, emulator: Emulator) -> None:
    emulator.never_answer(9)
    with Client(timeout=0.05, deadline=0.1) as impatient, pytest.raises(TimeoutError) as caught:
        impatient.get_user("slow")
    assert type(caught.value) is agglestone.DeadlineExceededError
    assert caught.value.retryable is True
    assert client.get_users()["totalRecords"] == 45


def test_no_connection_is_a_transport_error() -> None:
    with (
        Client(tenant_id="t", api_key="k", base_url="http://127.0.0.1:1", deadline=0.5) as client,
        pytest.raises(agglestone.TransportError) as caught,
    ):
        client.get_users()
    assert (type(caught.value), caught.value.retryable) == (agglestone.TransportError, True)


def test_a_success_that_is_not_what_was_promised(client: Blocking, emulator: Emulator) -> None:
    emulator.fault(path="*/Users*", status=200, body={"users": []}, times=1)
    with pytest.raises(agglestone.InvalidResponseError):
        client.get_users()


def test_a_bug_in_the_core_is_an_exception_and_the_client_goes_on(
    client: Blocking, emulator: Emulator
) -> None:
    operation = _native.Operation.testing_panic()

    async def call() -> None:
        await client.client._call(operation)

    for _ in range(3):
        with pytest.raises(agglestone.InternalError) as caught:
            client._call(operation) if isinstance(client.client, Client) else client._run(call())
        assert caught.value.code == 900
        assert client.get_users()["totalRecords"] == 45
    assert len(emulator.requests()) == 3


@pytest.mark.parametrize("error", PUBLIC, ids=lambda error: error.__name__)
def test_errors_survive_pickling_and_copying(error: type[AgglestoneError]) -> None:
    original = error("what", status=429, retry_after=1.5, argument="a", retryable=True, attempts=3)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(original, protocol))
        assert type(again) is error
        assert vars(again) == vars(original)
        assert (str(again), again.args) == ("what", ("what",))
    assert vars(copy.deepcopy(original)) == vars(original)


def call_and_fail(settings: dict[str, Any]) -> None:
    with Client(**settings) as client:
        client.get_user("nobody")


def test_errors_come_back_from_another_process(emulator: Emulator) -> None:
    with (
        multiprocessing.get_context("spawn").Pool(1) as pool,
        pytest.raises(agglestone.NotFoundError) as caught,
    ):
        pool.apply(call_and_fail, (emulator.settings,))
    assert (caught.value.status, caught.value.attempts) == (404, 1)


def test_the_readme_lists_every_class() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    for error in PUBLIC:
        assert f"`{error.__name__}`" in readme and f"`{error.name}`" in readme, error
