"""Keys and tokens are shown by nothing but their own attribute."""

from __future__ import annotations

import base64
import copy
import json
import logging
import pickle
import traceback
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from conftest import Emulator
from wire import Wire, serving

import agglestone
from agglestone import AgglestoneError, AsyncClient, Client

KEY, OTHER = "planted-primary-key", "planted-secondary-key"
JWT = "eyJhbGciOiJub25lIn0.eyJleHAiOjE5MDAwMDAwMDB9.cGxhbnRlZA"


@pytest.fixture
def wire() -> Iterator[Wire]:
    with serving() as wire:
        yield wire


def shown(value: Any) -> str:
    """Everything a debugger or a log would print of an object."""
    parts = [repr(value), str(value), f"{value}", f"{[value]!r}"]
    for name in dir(value):
        if name not in ("token", "content", "text"):
            parts.append(repr(getattr(value, name, None)))
    return "\n".join(parts)


@pytest.mark.parametrize("make", [Client, AsyncClient])
def test_a_client_shows_its_tenant_and_no_key(make: Any, wire: Wire) -> None:
    client = make(**{**wire.settings, "api_key": KEY, "secondary_api_key": OTHER})
    assert repr(client) == f"<agglestone.{make.__name__} {wire.settings['base_url']}/tenant/t/>"
    text = shown(client) + shown(client._session) + repr(vars(client))
    assert "planted" not in text


@pytest.mark.parametrize("make", [Client, AsyncClient])
def test_a_client_is_neither_pickled_nor_copied(make: Any, wire: Wire) -> None:
    client = make(**wire.settings)
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match=f"cannot pickle {make.__name__}: it holds an API key"):
            attempt(client)
    with pytest.raises(TypeError):
        pickle.dumps(client._session)


def test_a_token_shows_itself_only_when_asked(wire: Wire) -> None:
    expires_at = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(minutes=15)
    secret = token_with(f'{{"exp":{int(expires_at.timestamp())}}}')
    wire.answer = (200, [], json.dumps({"token": secret}).encode())
    with Client(**wire.settings) as client:
        token = client.get_token("u")
    assert (token.token, token.expires_at) == (secret, expires_at)
    assert repr(token) == str(token) == f"<agglestone.Token expires_at={expires_at}>"
    assert not any(part in shown(token) for part in secret.split("."))
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="a pickle would show the token"):
            pickle.dumps({"token": token}, protocol)
    with pytest.raises(TypeError):
        json.dumps(token)
    with pytest.raises(TypeError):
        vars(token)
    assert copy.copy(token) is copy.deepcopy(token) is token
    with pytest.raises(AttributeError):
        token.token = "other"  # type: ignore[misc]


def test_a_token_that_names_no_expiry_has_none(wire: Wire) -> None:
    wire.answer = (200, [], json.dumps({"token": token_with("{}")}).encode())
    with Client(**wire.settings) as client:
        token = client.get_token("u")
    assert token.expires_at is None
    assert repr(token) == "<agglestone.Token>"


def token_with(claims: str) -> str:
    parts = ('{"alg":"none"}', claims, "planted signature")
    return ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts)


def test_an_error_never_quotes_a_key_or_a_token_that_the_service_echoed(wire: Wire) -> None:
    wire.answer = (400, [("X-Request-Id", KEY)], json.dumps({"message": f"bad {KEY} {OTHER} {JWT}"}).encode())
    settings = {**wire.settings, "api_key": KEY, "secondary_api_key": OTHER}
    with Client(**settings) as client, pytest.raises(AgglestoneError) as caught:
        client.get_users()
    text = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value)) + shown(caught.value)
    text += pickle.dumps(caught.value).decode("latin-1")
    # The source line of this very test is part of the traceback.
    for secret in (KEY, OTHER, JWT):
        assert secret not in text


def test_an_answer_shows_no_content(wire: Wire) -> None:
    wire.answer = (200, [("X-Secret", "planted")], b'{"token":"planted"}')
    with Client(**wire.settings) as client:
        answer = client.post("v2.0/Auth/token-exchange", json={"userId": "u"})
    assert repr(answer) == "<agglestone.Response status=200>"
    assert "planted" not in repr(answer.headers)


def test_the_log_at_its_loudest_shows_no_key(
    emulator: Emulator, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with Client(**emulator.settings) as client:
        token = client.exchange_api_key_for_token(client.get_users()["data"][0]["userId"])
        with pytest.raises(agglestone.NotFoundError):
            client.get_user("nobody")
    printed = capfd.readouterr()
    for secret in (emulator.primary, token):
        assert secret not in caplog.text + printed.out + printed.err
