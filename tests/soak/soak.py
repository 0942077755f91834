"""Calls until it is told to end, also as a user and cancelled, with clients that are made and dropped.

A line of JSON a second says how it goes, failures by the number of their code.
"""

import asyncio
import json
import signal
from collections import Counter

from agglestone import AgglestoneError, AsyncClient

WORKERS = 4
CALLS_OF_A_CLIENT = 100
SECONDS_BETWEEN_CALLS = 0.05

failures: Counter[str] = Counter()
calls = clients = 0
running = True


async def one(client: AsyncClient, number: int, user_id: str) -> None:
    """One call, of another kind each time."""
    if number % 4 == 0:
        await client.exchange_api_key_for_token(user_id, fresh=True)
    elif number % 4 == 1:
        await client.as_user(user_id).get_user(user_id)
    elif number % 4 == 2:
        call = asyncio.ensure_future(client.get_users())
        await asyncio.sleep(0.001)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
    else:
        await client.get_users()


async def work() -> None:
    """One of several that call at the same time."""
    global calls, clients
    user_id = ""
    while running:
        clients += 1
        async with AsyncClient(timeout=5) as client:
            for number in range(CALLS_OF_A_CLIENT if running else 0):
                try:
                    user_id = user_id or (await client.get_users())["data"][0]["userId"]
                    await one(client, number, user_id)
                except AgglestoneError as error:
                    failures[str(error.code)] += 1
                calls += 1
                await asyncio.sleep(SECONDS_BETWEEN_CALLS)


async def report() -> None:
    """Says how it goes."""
    while running:
        await asyncio.sleep(1)
        print(json.dumps({"calls": calls, "clients": clients, "failures": failures}), flush=True)


def stop(*_: object) -> None:
    """Begins nothing more."""
    global running
    running = False


async def main() -> None:
    """Works until SIGTERM."""
    signal.signal(signal.SIGTERM, stop)
    await asyncio.gather(report(), *(work() for _ in range(WORKERS)))


asyncio.run(main())
