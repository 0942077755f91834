"""The Python of the documents: blocks that follow each other are one program, which runs as a reader's would."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Emulator, eventually

ROOT = Path(__file__).parents[2]
# The fixture takes it out of the environment.
PROGRAM = os.environ.get("AGGLESTONE_EMULATOR", "agglestone-emulator")
# A block that gets the client for itself begins a program.
BEGINS = re.compile(r"^from agglestone import .*\bClient\b", re.MULTILINE)


def programs(page: Path) -> list[str]:
    """What is to be put into files."""
    found: list[str] = []
    for block in re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE):
        if BEGINS.search(block) or not found:
            found.append(block)
        else:
            found[-1] += "\n" + block
    return found


PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "python/README.md"]
PROGRAMS = {
    f"{page.relative_to(ROOT)}, {n}": code for page in PAGES for n, code in enumerate(programs(page), 1)
}
LOOPS = [name for name, code in PROGRAMS.items() if "Replace both keys now." in code]


def started(code: str, folder: Path, **environment: str) -> subprocess.Popen[str]:
    """A program, as a file."""
    script = folder / "program.py"
    script.write_text(code, "utf-8")
    return subprocess.Popen(
        [sys.executable, "-W", "error", str(script)],
        env={**os.environ, "AGGLESTONE_EMULATOR": PROGRAM, **environment},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name not in LOOPS])
def test_a_program_runs(name: str, emulator: Emulator, tmp_path: Path) -> None:
    with started(PROGRAMS[name], tmp_path) as process:
        _, errors = process.communicate()
    assert process.returncode == 0, errors


def replaced(slot: Path, emulator: Emulator) -> str:
    """Has a new key in the file of a slot; gives its fingerprint."""
    key: str = emulator.control("POST", f"keys/{slot.name}")["apiKey"]
    slot.write_text(key)
    return hashlib.sha256(key.encode()).hexdigest()[:8]


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_goes_through_a_rotation(
    name: str, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    primary, secondary = tmp_path / "primary", tmp_path / "secondary"
    primary.write_text(emulator.primary)
    secondary.write_text(emulator.secondary)
    monkeypatch.delenv("AGGLESTONE_API_KEY")
    files = {"AGGLESTONE_API_KEY_FILE": str(primary), "AGGLESTONE_SECONDARY_API_KEY_FILE": str(secondary)}
    with started(PROGRAMS[name], tmp_path, **files) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "Replace both keys now.\n"
        new_primary = replaced(primary, emulator)
        eventually(
            lambda: any(request["fingerprint"] == new_primary for request in emulator.requests()),
            "the new primary key is used",
        )
        replaced(secondary, emulator)
        output, errors = process.communicate()
    assert process.returncode == 0, errors
    assert re.fullmatch(r"\d+ calls, none failed\n", output)


def test_the_programs_are_there() -> None:
    assert len(PROGRAMS) >= 10 and len(LOOPS) == 1, PROGRAMS.keys()
