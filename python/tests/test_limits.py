"""What a host runs out of, and what no request can hold: an error of ours that `except Exception` catches, never a panic."""

from __future__ import annotations

import subprocess
import sys

import pytest
from conftest import Blocking, Emulator

from agglestone import InvalidArgumentError


def test_more_headers_than_a_request_can_hold_are_refused(client: Blocking, emulator: Emulator) -> None:
    for count in (10_001, 33_000):
        with pytest.raises(InvalidArgumentError) as caught:
            client.get("a", headers={f"x-{number}": "v" for number in range(count)})
        assert caught.value.argument == "headers"
    assert emulator.requests() == []


NO_THREADS = """
import asyncio, resource, sys
import agglestone

def limited(call):
    # No room for another thread's stack.
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(open("/proc/self/statm").read().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + (1 << 20), hard))
    try:
        call()
    except Exception as error:
        return error
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    return None
"""

PROGRAMS = {
    "the blocking client": """
with agglestone.Client() as client:
    # Such a call needs no other thread.
    error = limited(client.get_users)
    assert error is None, repr(error)
    print(client.get_users()["totalRecords"])
""",
    "the client for asyncio": """
async def main():
    async with agglestone.AsyncClient() as client:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(0)
        call = client.get_users()
        # Run to its first wait, within the limit.
        error = limited(lambda: call.send(None))
        call.close()
        assert error is None or isinstance(error, agglestone.AgglestoneError), repr(error)
        print((await client.get_users())["totalRecords"])
asyncio.run(main())
""",
    "a token": """
with agglestone.Client() as client:
    error = limited(lambda: client.get_token("b95816fe-f4ab-49ac-889a-e6a161005339"))
    assert isinstance(error, agglestone.TransportError) and error.retryable, repr(error)
    print(45 if client.get_token("b95816fe-f4ab-49ac-889a-e6a161005339").token else 0)
""",
}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits memory the Linux way")
@pytest.mark.parametrize("who", PROGRAMS)
def test_without_room_for_a_thread_a_call_that_needs_one_fails_and_works_later(
    who: str, emulator: Emulator
) -> None:
    assert emulator.url
    command = [sys.executable, "-c", NO_THREADS + PROGRAMS[who]]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "45\n"), ended.stderr
