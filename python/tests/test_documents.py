"""The Python of the documents: the blocks of a page are one program, which runs as a reader's would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Emulator

ROOT = Path(__file__).parents[2]
# The fixture takes it out of the environment.
PROGRAM = os.environ.get("AGGLESTONE_EMULATOR", "agglestone-emulator")


def program(page: Path) -> str:
    """Its blocks, from top to bottom."""
    return "\n".join(re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE))


PAGES = [page for page in [*sorted((ROOT / "docs").glob("*.md")), ROOT / "python/README.md"] if program(page)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_blocks_of_a_page_run(page: Path, emulator: Emulator, tmp_path: Path) -> None:
    script = tmp_path / "page.py"
    script.write_text(program(page), "utf-8")
    ended = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        env={**os.environ, "AGGLESTONE_EMULATOR": PROGRAM},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def test_the_pages_are_there() -> None:
    assert len(PAGES) >= 6, PAGES
