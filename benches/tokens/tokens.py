"""What a token costs in Python: one that the client has at hand, and one that it exchanges its key for.

Prints the measurements of every round; `cargo xtask bench tokens` runs this and makes the table.
"""

import asyncio
import json
from time import perf_counter_ns

from agglestone import AsyncClient, Client

ROUNDS = 101
# Short, so that most rounds are undisturbed by whatever else the machine does.
CACHED_IN_A_ROUND = 2_000
FRESH_IN_A_ROUND = 3
WARM_UP = 500_000_000


def blocking(client, user_id):
    """One call after the other."""

    def get(fresh, times):
        start = perf_counter_ns()
        if fresh:
            for _ in range(times):
                client.exchange_api_key_for_token(user_id, fresh=True)
        else:
            for _ in range(times):
                client.exchange_api_key_for_token(user_id)
        return (perf_counter_ns() - start) // times

    start = perf_counter_ns()
    while perf_counter_ns() - start < WARM_UP:
        get(False, CACHED_IN_A_ROUND)
    cached = [get(False, CACHED_IN_A_ROUND) for _ in range(ROUNDS)]
    fresh = [get(True, FRESH_IN_A_ROUND) for _ in range(ROUNDS)]
    print(json.dumps({"way": "blocking", "cached": cached, "fresh": fresh}))


async def awaited(client, user_id):
    """One await after the other."""

    async def get(fresh, times):
        start = perf_counter_ns()
        if fresh:
            for _ in range(times):
                await client.exchange_api_key_for_token(user_id, fresh=True)
        else:
            for _ in range(times):
                await client.exchange_api_key_for_token(user_id)
        return (perf_counter_ns() - start) // times

    start = perf_counter_ns()
    while perf_counter_ns() - start < WARM_UP:
        await get(False, CACHED_IN_A_ROUND)
    cached = [await get(False, CACHED_IN_A_ROUND) for _ in range(ROUNDS)]
    fresh = [await get(True, FRESH_IN_A_ROUND) for _ in range(ROUNDS)]
    print(json.dumps({"way": "asyncio", "cached": cached, "fresh": fresh}))


with Client() as client:
    user_id = next(user["userId"] for user in client.get_users()["data"] if user["enabled"])
    blocking(client, user_id)
    asyncio.run(awaited(AsyncClient(), user_id))
