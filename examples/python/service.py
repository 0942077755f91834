"""A service that runs until it is told to end: lists users, gets a fresh token now and then, says how it goes.

Reads AGGLESTONE_TENANT_ID, AGGLESTONE_API_KEY_FILE and AGGLESTONE_SECONDARY_API_KEY_FILE (and AGGLESTONE_BASE_URL,
where it is not the vendor's). There is nothing about rotating keys in here: replacing the files is all it takes.
"""

import asyncio
import json
import signal
import sys

from agglestone import AgglestoneError, AsyncClient

WORKERS = 4
SECONDS_BETWEEN_CALLS = 0.02
SECONDS_BETWEEN_REPORTS = 0.25


class Service:
    """Calls all the time, and counts."""

    def __init__(self, client: AsyncClient, user_id: str) -> None:
        """Has called nothing yet."""
        self.client, self.user_id = client, user_id
        self.calls = self.failures = 0
        self.running = True

    async def work(self) -> None:
        """One of several that call at the same time."""
        while self.running:
            try:
                if self.calls % 10 == 0:
                    await self.client.exchange_api_key_for_token(self.user_id, fresh=True)
                else:
                    await self.client.get_users()
            except AgglestoneError as error:
                self.failures += 1
                print(error, file=sys.stderr)
            self.calls += 1
            await asyncio.sleep(WORKERS * SECONDS_BETWEEN_CALLS)

    async def report(self) -> None:
        """Says how it goes, a few times a second."""
        while self.running:
            await asyncio.sleep(SECONDS_BETWEEN_REPORTS)
            self.say()

    def say(self) -> None:
        """One line of JSON; the fingerprint tells which key is in use."""
        usage = self.client.key_usage()
        keys = [key for key in (usage["primary"], usage["secondary"]) if key]
        active = next(key["fingerprint"] for key in keys if key["active"])
        counts = {"calls": self.calls, "failures": self.failures, "failovers": usage["failovers"]}
        print(json.dumps({**counts, "key": active}), flush=True)

    def stop(self, *_: object) -> None:
        """Begins no more calls."""
        self.running = False


async def main() -> None:
    """Works until SIGTERM or Ctrl-C."""
    async with AsyncClient(app_name="example-service-python/1.0") as client:
        page = await client.get_users(page_size=1)
        service = Service(client, page["data"][0]["userId"])
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, service.stop)
        await asyncio.gather(service.report(), *(service.work() for _ in range(WORKERS)))
        service.say()


asyncio.run(main())
