"""The guide's calls and the general request, through both clients."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import jwt
import pytest
from conftest import Blocking, Emulator

import agglestone
from agglestone import AsyncClient, Client

AMELIA = "b95816fe-f4ab-49ac-889a-e6a161005339"


def test_a_page_of_users_is_the_dict_that_the_service_sent(client: Blocking) -> None:
    page = client.get_users()
    assert (page["pageNumber"], page["pageSize"], page["totalRecords"]) == (1, 10, 45)
    assert len(page["data"]) == 10
    assert page["data"][0]["userId"] == AMELIA
    assert page["data"][0]["enabled"] is True


def test_page_number_and_size_reach_the_service(client: Blocking) -> None:
    page = client.get_users(3, page_size=20)
    assert (page["pageNumber"], page["pageSize"], len(page["data"])) == (3, 20, 5)


def test_one_user(client: Blocking) -> None:
    assert client.get_user(AMELIA)["email"] == "amelia.hart@example.com"


def test_iter_users_sees_all_of_them_once(client: Blocking, emulator: Emulator) -> None:
    for page_size, requests in ((7, 7), (45, 1), (100, 1)):
        before = len(emulator.requests())
        users = client.users(page_size=page_size)
        assert len({user["userId"] for user in users}) == len(users) == 45
        assert len(emulator.requests()) - before == requests


def test_iter_users_refuses_a_bad_size_before_the_first_step(emulator: Emulator) -> None:
    with Client() as client, pytest.raises(agglestone.InvalidArgumentError):
        client.iter_users(page_size=101)
    with pytest.raises(agglestone.InvalidArgumentError):
        AsyncClient().iter_users(page_size=0)


def test_the_key_is_exchanged_for_a_token_of_the_user(client: Blocking, emulator: Emulator) -> None:
    token = client.exchange_api_key_for_token(AMELIA)
    keys = client.get("v2.0/Auth/.well-known/jwks.json").json()
    key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(token)["kid"]]
    head, payload, signature = token.split(".")
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(
            f"{head}.{payload[:-2]}AA.{signature}", key, algorithms=["RS256"], options={"verify_aud": False}
        )
    claims = jwt.decode(token, key, algorithms=["RS256"], options={"verify_aud": False})
    assert (claims["userId"], claims["tenantId"]) == (AMELIA, emulator.tenant)


def test_claims_are_the_callers_own_each_time(client: Blocking) -> None:
    token = client.exchange_api_key_for_token(AMELIA)
    expected = jwt.decode(token, options={"verify_signature": False})
    for _ in range(5):
        claims = client.verify_token(token)
        assert claims == expected
        claims["groups"].append("Another")
        claims["userId"] = "somebody else"


def test_a_token_object_knows_when_it_expires(client: Blocking) -> None:
    token = client.get_token(AMELIA)
    claims = jwt.decode(token.token, options={"verify_signature": False})
    assert token.expires_at == datetime.fromtimestamp(claims["exp"], timezone.utc)
    assert token.expires_at.utcoffset() == timedelta(0)


def test_the_token_is_accepted_as_the_user(client: Blocking, emulator: Emulator) -> None:
    import urllib.request

    token = client.exchange_api_key_for_token(AMELIA)
    url = f"{emulator.url}/tenant/{emulator.tenant}/api/v2.0/Users/{AMELIA}"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200


def test_a_user_is_created_changed_and_deleted_by_general_requests(client: Blocking) -> None:
    created = client.post("api/v2.0/Users", json={"email": "jane@example.com", "displayName": "Jäne"})
    path = f"api/v2.0/Users/{created.json()['userId']}"
    changed = client.put(path, json={"email": "jane@example.com", "displayName": None})
    assert changed.json()["displayName"] is None
    assert client.get(path).json()["email"] == "jane@example.com"
    assert client.delete(path).status in (200, 204)
    with pytest.raises(agglestone.NotFoundError):
        client.get(path)


def test_what_the_service_sends_is_kept_to_the_last_digit(client: Blocking, emulator: Emulator) -> None:
    body = (
        '{"data":[{"userId":"u","big":123456789012345678901234567890,"share":0.1,"minus":-0.0,"x":{"y":[]}}]}'
    )
    emulator.fault(path="*/Users*", status=200, body=body, headers={"Content-Type": "application/json"})
    page: dict[str, Any] = client.get_users()
    user = page["data"][0]
    assert user["big"] == 123456789012345678901234567890
    assert repr((user["share"], user["minus"], user["x"])) == "(0.1, -0.0, {'y': []})"


def test_the_user_agent_names_application_and_python(emulator: Emulator) -> None:
    with Client(app_name="billing/2.1") as client:
        client.get_users()
    name = emulator.requests()[-1]["userAgent"]
    assert name.startswith(f"billing/2.1 agglestone/{agglestone.__version__} python/3.")
