"""`python -m agglestone`, with the command and without."""

import os
import subprocess
import sys
from pathlib import Path


def run(path: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "agglestone", *arguments]
    environment = {**os.environ, "PATH": str(path)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_without_the_command_it_says_how_to_get_it(tmp_path: Path) -> None:
    ended = run(tmp_path, "doctor")
    assert (ended.returncode, ended.stdout) == (127, "")
    assert ended.stderr == "agglestone: the command is not installed: pip install agglestone-cli\n"


def test_with_the_command_it_is_the_command(tmp_path: Path) -> None:
    command = tmp_path / "agglestone"
    command.write_text('#!/bin/sh\necho "$@"; exit 3\n')
    command.chmod(0o755)
    ended = run(tmp_path, "users", "list", "--json")
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, "users list --json\n", "")
