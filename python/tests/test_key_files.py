"""Files of keys and certificates that keep a reader waiting: other threads run meanwhile, and a signal ends the wait."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Emulator

PROGRAM = """
import os, sys, threading
import agglestone

pipe, setting = sys.argv[1:]
os.mkfifo(pipe)
threading.Thread(target=lambda: agglestone.Client(**{setting: pipe}), daemon=True).start()
# Waits for the reader, which waits for what is never written.
writer = os.open(pipe, os.O_WRONLY)
print("others run", flush=True)
os._exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("setting", ["api_key_file", "ca_file"])
def test_a_pipe_that_is_read_holds_up_no_other_thread(
    setting: str, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert emulator.url
    if setting == "api_key_file":
        monkeypatch.delenv("AGGLESTONE_API_KEY")
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "pipe"), setting]
    # A reader that holds the interpreter never ends.
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout) == (0, "others run\n"), ended.stderr


INTERRUPTED = """
import os, signal, sys
import agglestone

pipe, setting = sys.argv[1:]
os.mkfifo(pipe)

def interrupt(*_):
    raise KeyboardInterrupt

signal.signal(signal.SIGALRM, interrupt)
signal.setitimer(signal.ITIMER_REAL, 0.2)
try:
    agglestone.Client(**{setting: pipe})
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("setting", ["api_key_file", "ca_file"])
def test_a_signal_ends_the_wait_for_a_pipe_that_nobody_writes_to(
    setting: str, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert emulator.url
    if setting == "api_key_file":
        monkeypatch.delenv("AGGLESTONE_API_KEY")
    command = [sys.executable, "-c", INTERRUPTED, str(tmp_path / "pipe"), setting]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout) == (0, "interrupted\n"), ended.stderr


LOCALE = """
import os, sys
import agglestone

folder = os.environb[b"FOLDER"] + b"/schl\\xc3\\xbcssel"
# As the command line and the environment give it, and as a program writes it.
client = agglestone.Client(api_key_file=os.fsdecode(folder))
print(client.get_users(page_size=1)["pageSize"])
try:
    agglestone.Client(api_key_file=os.fsdecode(os.environb[b"FOLDER"]) + "/schl\\u00fcssel")
except agglestone.ConfigurationError as error:
    print("PYTHONUTF8" in str(error), sys.getfilesystemencoding())
"""


@pytest.mark.skipif(os.name != "posix", reason="file names are bytes on POSIX systems alone")
def test_a_locale_of_ascii_takes_names_that_are_not(emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "schlüssel").write_text(os.environ["AGGLESTONE_API_KEY"])
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "FOLDER": str(tmp_path)}
    environment = {name: value for name, value in os.environ.items() if name != "AGGLESTONE_API_KEY"} | locale
    ended = subprocess.run(
        [sys.executable, "-c", LOCALE], env=environment, capture_output=True, text=True, check=False
    )
    assert emulator.url
    assert (ended.returncode, ended.stdout) == (0, "1\nTrue ascii\n"), ended.stderr
