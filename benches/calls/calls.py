"""Calls of the client in Python: `blocking`, `threads`, `asyncio`, `cached`, `verified`, `asyncio-cached`."""

import asyncio

import measure


def _blocking():
    from agglestone import Client

    client = Client()
    get_users, size = client.get_users, measure.PAGE_SIZE
    if measure.WAY == "blocking":
        measure.blocking(lambda: get_users(1, size))
    elif measure.WAY == "threads":
        measure.in_threads(lambda: get_users(1, size))
    elif measure.WAY == "cached":
        user_id, get_token = get_users()["data"][0]["userId"], client.exchange_api_key_for_token
        get_token(user_id)
        measure.blocking(lambda: get_token(user_id))
    elif measure.WAY == "verified":
        token, verify = (
            client.exchange_api_key_for_token(get_users()["data"][0]["userId"]),
            client.verify_token,
        )
        verify(token)
        measure.blocking(lambda: verify(token))
    else:
        raise SystemExit(f"no way is called {measure.WAY}")


async def _awaited():
    from agglestone import AsyncClient

    client = AsyncClient()
    get_users, size = client.get_users, measure.PAGE_SIZE
    if measure.WAY == "asyncio":
        await measure.awaited(lambda: get_users(1, size))
    else:
        user_id, get_token = (await get_users())["data"][0]["userId"], client.exchange_api_key_for_token
        await get_token(user_id)
        await measure.awaited(lambda: get_token(user_id))


if measure.WAY.startswith("asyncio"):
    asyncio.run(_awaited())
else:
    _blocking()
