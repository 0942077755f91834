"""Sub-interpreters, as mod_wsgi and uWSGI make one for each application: refused with what to do, and never a crash."""

from __future__ import annotations

import subprocess
import sys

import pytest
from conftest import Emulator

START = f"""
import sys
sys.path[:] = {sys.path!r}
try:
    import _interpreters
    create = lambda own_gil=False: _interpreters.create("isolated" if own_gil else "legacy")
    def run(interpreter, code):
        failed = _interpreters.exec(interpreter, code)
        return failed and f"{{failed.type.__name__}}: {{failed.msg}}"
    destroy = _interpreters.destroy
except ImportError:
    import _xxsubinterpreters
    # Before 3.12 there is one GIL for all; from then on the flag decides.
    create = lambda own_gil=False: _xxsubinterpreters.create(isolated=own_gil)
    def run(interpreter, code):
        try:
            _xxsubinterpreters.run_string(interpreter, code)
        except _xxsubinterpreters.RunFailedError as failed:
            return str(failed).replace("<class 'ImportError'>", "ImportError")
    destroy = _xxsubinterpreters.destroy
CODE = "import sys; sys.path[:] = %r; import agglestone" % sys.path
"""

IN_MAIN = """
import agglestone
with agglestone.Client() as client:
    assert client.get_users()["totalRecords"] == 45
    try:
        client.get_user("nobody")
    except agglestone.NotFoundError:
        print("main works")
"""

PROGRAMS = {
    "after the main one": IN_MAIN + "print(run(create(), CODE)); print(run(create(), CODE))" + IN_MAIN,
    "before the main one": "print(run(create(), CODE)); print(run(create(), CODE))" + IN_MAIN,
    "after one was destroyed": """
for _ in range(3):
    one = create()
    print(run(one, CODE))
    destroy(one)
"""
    + IN_MAIN,
    "with a GIL of its own": "print(run(create(own_gil=True), CODE))" + IN_MAIN,
}


@pytest.mark.parametrize("when", PROGRAMS)
def test_a_sub_interpreter_is_told_what_to_do(when: str, emulator: Emulator) -> None:
    assert emulator.url
    command = [sys.executable, "-X", "faulthandler", "-c", START + PROGRAMS[when]]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    refused = [line for line in lines if line != "main works"]
    assert refused and all(line.startswith("ImportError: ") for line in refused), ended.stdout
    for line in refused:
        assert "agglestone works in the main interpreter only" in line
        assert "threads or processes" in line
        if "GIL" not in when:
            assert "WSGIApplicationGroup %{GLOBAL}" in line and "single-interpreter" in line
    assert lines[-1] == "main works"
