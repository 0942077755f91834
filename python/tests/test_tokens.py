"""Cached tokens, and calls made as a user."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import Blocking, Emulator

from agglestone import AsyncClient, Client, InvalidArgumentError, NotFoundError, PermissionDeniedError

AMELIA = "b95816fe-f4ab-49ac-889a-e6a161005339"


def exchanges(emulator: Emulator) -> int:
    return sum(entry["path"].endswith("token-exchange") for entry in emulator.requests())


def test_a_token_is_exchanged_once_and_again_only_when_asked(client: Blocking, emulator: Emulator) -> None:
    first = client.exchange_api_key_for_token(AMELIA)
    assert client.exchange_api_key_for_token(AMELIA) == client.get_token(AMELIA).token == first
    assert exchanges(emulator) == 1
    fresh = client.exchange_api_key_for_token(AMELIA, fresh=True)
    assert fresh != first and client.get_token(AMELIA).token == fresh
    assert client.get_token(AMELIA, fresh=True).token != fresh
    client.client.forget_token(AMELIA)
    client.get_token(AMELIA)
    client.client.forget_tokens()
    client.get_token(AMELIA)
    assert exchanges(emulator) == 5
    stats = client.client.token_stats()
    assert (stats["size"], stats["hits"]) == (1, 3)


def test_many_callers_for_one_user_make_one_exchange(emulator: Emulator) -> None:
    async def main() -> set[str]:
        async with AsyncClient() as client:
            return set(
                await asyncio.gather(*(client.exchange_api_key_for_token(AMELIA) for _ in range(1000)))
            )

    assert len(asyncio.run(main())) == 1
    assert exchanges(emulator) == 1


def test_a_thousand_threads_for_one_user_make_one_exchange(emulator: Emulator) -> None:
    emulator.fault(path="*/token-exchange", delayMs=300, times=1)
    with Client() as client, ThreadPoolExecutor(1000) as pool:
        assert len(set(pool.map(client.exchange_api_key_for_token, [AMELIA] * 1000))) == 1
    assert exchanges(emulator) == 1


def test_one_caller_who_gives_up_does_not_take_the_token_from_others(emulator: Emulator) -> None:
    emulator.fault(path="*/token-exchange", delayMs=200, times=1)

    async def main() -> None:
        async with AsyncClient() as client:
            one, other = (asyncio.create_task(client.get_token(AMELIA)) for _ in range(2))
            await asyncio.sleep(0)
            one.cancel()
            assert (await other).token.count(".") == 2
            assert one.cancelled()

    asyncio.run(main())
    assert exchanges(emulator) == 1


def test_a_user_sees_the_tenant_by_token_and_without_the_key(client: Blocking, emulator: Emulator) -> None:
    user = Blocking(client.client.as_user(AMELIA), client._run)
    assert user.get_users(page_size=1)["totalRecords"] == 45
    assert user.get_user(AMELIA)["userId"] == AMELIA
    assert len(user.users(page_size=45)) == 45
    assert user.get("api/v2.0/Users", query={"pageSize": 2}).json()["pageSize"] == 2
    calls = [entry for entry in emulator.requests() if not entry["path"].endswith("token-exchange")]
    assert len(calls) == 4
    assert {(entry["keySlot"], entry["credential"]) for entry in calls} == {(None, "bearer")}
    assert exchanges(emulator) == 1


def test_what_the_user_may_not_is_refused(client: Blocking, emulator: Emulator) -> None:
    emulator.fault(path="*/Users*", status=403, times=1)
    with pytest.raises(PermissionDeniedError):
        Blocking(client.client.as_user(AMELIA), client._run).get_users()


def test_ids_are_checked_before_anything_is_sent(client: Blocking, emulator: Emulator) -> None:
    for bad in ("", "..", 7, None, "\ud800"):
        for call in (client.client.as_user, client.client.forget_token):
            with pytest.raises(InvalidArgumentError) as caught:
                call(bad)
            assert caught.value.argument == "user_id"
    assert emulator.requests() == []


def test_a_user_that_is_not_there_has_no_token(client: Blocking) -> None:
    for _ in range(2):
        with pytest.raises(NotFoundError):
            client.get_token("nobody")
        with pytest.raises(NotFoundError):
            Blocking(client.client.as_user("nobody"), client._run).get_users()


def test_the_size_of_the_cache_is_a_setting(emulator: Emulator) -> None:
    with Client(token_cache_size=1) as client:
        ids = [user["userId"] for user in client.get_users(page_size=2)["data"]]
        for user_id in ids * 2:
            client.get_token(user_id)
        assert client.token_stats()["size"] == 1
    assert exchanges(emulator) == 4
