"""What a type checker concludes; mypy checks this file, running it shows that the values agree."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from conftest import Emulator

from agglestone import AgglestoneError, AsyncClient, Client, Response, Token, User, UsersPage

if TYPE_CHECKING:
    from typing_extensions import assert_type
else:

    def assert_type(value: Any, expected: Any) -> Any:
        """Does nothing, as the real one."""


def test_results_have_types(emulator: Emulator) -> None:
    with Client(tenant_id=emulator.tenant, timeout=2) as client:
        assert_type(client, Client)
        page = client.get_users(1, page_size=5)
        assert_type(page, UsersPage)
        user = page["data"][0]
        assert_type(user, User)
        assert_type(user.get("displayName"), "str | None")
        assert isinstance(user["userId"], str)
        assert_type(list(client.iter_users()), "list[User]")
        token = client.get_token(user["userId"])
        assert_type(token, Token)
        assert_type(token.expires_at, "datetime | None")
        assert isinstance(token.expires_at, datetime)
        assert_type(client.exchange_api_key_for_token(user["userId"]), str)
        answer = client.get("api/v2.0/Users", query={"pageSize": 1})
        assert_type(answer, Response)
        assert_type(answer.headers["content-type"], str)
    try:
        client.get_users()
    except AgglestoneError as error:
        assert_type(error.retry_after, "float | None")
        assert_type(error.status, "int | None")


async def checked_only() -> None:
    """For the type checker."""
    async with AsyncClient() as client:
        assert_type(client, AsyncClient)
        assert_type(await client.get_users(), UsersPage)
        assert_type([user async for user in client.iter_users()], "list[User]")
        assert_type(await client.request("GET", "a"), Response)
