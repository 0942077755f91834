"""The vendor guide's own script, as a program with httpx would have it, gets the same answers as the client."""

from __future__ import annotations

import os

import httpx
import jwt
from conftest import Emulator

from agglestone import Client


def list_users(page_number: int, page_size: int) -> dict[str, object]:
    """List users with the API key."""
    base = f"{os.environ['AGGLESTONE_BASE_URL']}/tenant/{os.environ['AGGLESTONE_TENANT_ID']}"
    response = httpx.get(
        f"{base}/api/v2.0/Users",
        params={"pageNumber": page_number, "pageSize": page_size},
        headers={"X-API-Key": os.environ["AGGLESTONE_API_KEY"]},
    )
    response.raise_for_status()
    page: dict[str, object] = response.json()
    return page


def exchange(user_id: str) -> str:
    """Exchange the API key for the user's token."""
    base = f"{os.environ['AGGLESTONE_BASE_URL']}/tenant/{os.environ['AGGLESTONE_TENANT_ID']}"
    response = httpx.post(
        f"{base}/v2.0/Auth/token-exchange",
        json={"userId": user_id},
        headers={"X-API-Key": os.environ["AGGLESTONE_API_KEY"]},
    )
    response.raise_for_status()
    token: str = response.json()["token"]
    return token


def test_the_guides_script_and_the_client_see_the_same(emulator: Emulator) -> None:
    with Client() as client:
        for number in (1, 2, 3, 4):
            assert list_users(number, 20) == client.get_users(number, 20)
        user_id = client.get_users()["data"][0]["userId"]
        tokens = exchange(user_id), client.exchange_api_key_for_token(user_id)
    theirs, ours = (jwt.decode(token, options={"verify_signature": False}) for token in tokens)
    for changing in ("iat", "nbf", "exp", "jti"):
        theirs.pop(changing), ours.pop(changing)
    assert theirs == ours
    assert theirs["userId"] == user_id
    slots = {entry["keySlot"] for entry in emulator.requests()}
    assert slots == {"primary"}
