"""One process of the fleet: asks for users' tokens and makes calls with a key until it is told to end.

A line of JSON a second says how it goes, failures by the number of their code.
"""

import asyncio
import json
import random
import signal
from collections import Counter

from agglestone import AgglestoneError, AsyncClient

USERS = 10_000
TOKENS_A_CALL = 10
SECONDS_BETWEEN_CALLS = 0.03

failures: Counter[str] = Counter()
calls = 0
running = True


async def work(tokens: AsyncClient, client: AsyncClient) -> None:
    """Calls, one after the other."""
    global calls
    while running:
        try:
            for _ in range(TOKENS_A_CALL):
                user = random.randrange(USERS)
                await tokens.exchange_api_key_for_token(f"00000000-0000-4000-8000-{user:012}")
            await client.get_users(page_size=1)
        except AgglestoneError as error:
            failures[str(error.code)] += 1
        calls += TOKENS_A_CALL + 1
        await asyncio.sleep(SECONDS_BETWEEN_CALLS)


def stop(*_: object) -> None:
    """Begins nothing more."""
    global running
    running = False


async def report() -> None:
    """Says how it goes."""
    while running:
        await asyncio.sleep(1)
        print(json.dumps({"calls": calls, "failures": failures}), flush=True)


async def main() -> None:
    """Works until SIGTERM."""
    signal.signal(signal.SIGTERM, stop)
    async with AsyncClient(app_name="tokens") as tokens, AsyncClient(app_name="calls") as client:
        await asyncio.gather(report(), work(tokens, client))


asyncio.run(main())
