"""Programs that gevent has patched: calls let the other greenlets of the thread run."""

from __future__ import annotations

import subprocess
import sys

import pytest
from conftest import Emulator

START = """
from gevent import monkey
monkey.patch_all()
import gevent, json, os, urllib.request
import agglestone

def control(method, path, body=None):
    request = urllib.request.Request(
        os.environ["AGG_TEST_EMULATOR_URL"] + "/_emulator/" + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": "Bearer " + os.environ["AGG_TEST_CONTROL_TOKEN"],
            "Content-Type": "application/json",
        },
    )
    return json.load(urllib.request.urlopen(request))

def never_answer():
    control("POST", "faults", {"path": "*/Users/slow", "delayMs": 300_000, "times": 0})

def under_way(count):
    while len(control("GET", "requests")) < count:
        gevent.sleep(0.01)

client = agglestone.Client()
"""

PROGRAMS = {
    "calls of many greenlets are under way together, and closing ends them": """
never_answer()
calls = [gevent.spawn(client.get_user, "slow") for _ in range(30)]
under_way(30)
client.close()
gevent.joinall(calls)
assert {type(call.exception) for call in calls} == {agglestone.ClosedError}
""",
    "answers and errors reach the greenlet that asked": """
calls = [gevent.spawn(client.get_users, page) for page in (1, 2, 3)]
nobody = gevent.spawn(client.get_user, "nobody")
gevent.joinall([*calls, nobody])
assert [call.value["pageNumber"] for call in calls] == [1, 2, 3]
assert type(nobody.exception) is agglestone.NotFoundError
assert len(list(client.iter_users(page_size=20))) == 45
assert client.as_user(calls[0].value["data"][0]["userId"]).get_users()["totalRecords"] == 45
""",
    "a killed greenlet and a timeout of gevent's cancel their calls": """
never_answer()
killed = gevent.spawn(client.get_user, "slow")
under_way(1)
killed.kill()
try:
    with gevent.Timeout(0.01):
        client.get_user("slow")
except gevent.Timeout:
    pass
while agglestone._native.live_handles() > 1:
    gevent.sleep(0.01)
assert client.get_users()["totalRecords"] == 45
""",
    "a native thread has a hub of its own": """
pool = gevent.get_hub().threadpool
assert pool.apply(client.get_users)["totalRecords"] == 45
assert client.get_users()["totalRecords"] == 45
""",
    "a forked child works": """
assert client.get_users()["totalRecords"] == 45
child = os.fork()
if child == 0:
    calls = [gevent.spawn(client.get_users) for _ in range(3)]
    gevent.joinall(calls)
    os._exit(0 if all(call.value["totalRecords"] == 45 for call in calls) else 1)
assert os.waitpid(child, 0)[1] == 0
assert client.get_users()["totalRecords"] == 45
""",
    "where no file can be watched, the threads of the hub wait": """
import agglestone._gevent

def unsupported(watched):
    raise NotImplementedError

agglestone._gevent.Queue = unsupported
never_answer()
calls = [gevent.spawn(client.get_user, "slow") for _ in range(5)]
under_way(5)
client.close()
gevent.joinall(calls)
assert {type(call.exception) for call in calls} == {agglestone.ClosedError}
""",
    "a hub with nothing left to do ends": """
client.get_users()
assert gevent.wait(timeout=None) is True
""",
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_under_gevent(program: str, emulator: Emulator) -> None:
    assert emulator.url
    code = f"{START}\n{PROGRAMS[program]}\nprint('done')"
    # One that holds its thread never ends by itself.
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert (ended.returncode, ended.stdout) == (0, "done\n"), ended.stderr


def test_without_its_patches_gevent_changes_nothing(emulator: Emulator) -> None:
    assert emulator.url
    code = """
import gevent.monkey, sys, agglestone
assert agglestone.Client().get_users()["totalRecords"] == 45
assert "agglestone._gevent" not in sys.modules
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
