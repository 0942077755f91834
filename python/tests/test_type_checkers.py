"""The examples as type checkers and pydantic see them, on every Python that the package supports."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pydantic
import pytest
from conftest import Emulator
from fastapi import FastAPI
from fastapi.testclient import TestClient

import agglestone
from agglestone import Client, KeyUsage, TokenStats, User, UsersPage

ROOT = Path(__file__).parents[2]
VERSIONS = ["3.10", "3.11", "3.12", "3.13", "3.14"]


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example programs, those of the README, and what a reader makes of them."""
    folder = tmp_path_factory.mktemp("examples")
    for example in (ROOT / "examples/python").glob("*.py"):
        (folder / example.name).write_text(example.read_text())
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "python/README.md").read_text(), re.DOTALL)
    assert len(blocks) >= 2
    for number, block in enumerate(blocks):
        (folder / f"readme_{number}.py").write_text(block)
    (folder / "user.py").write_text(
        """
from agglestone import Client, User, UsersPage

def names(page: UsersPage) -> list[str]:
    return [user["displayName"] or user["email"] or user["userId"] for user in page["data"]]

def may_sign_in(user: User) -> bool:
    return bool(user["enabled"]) and not user["requirePasswordReset"]

with Client() as client:
    page = client.get_users(page_size=20)
    print(names(page), page["pageNumber"], page["pageSize"], page["totalRecords"])
    print([user["lastLoggedIn"] for user in client.iter_users() if may_sign_in(user)])
"""
    )
    # The package as it is installed, not the sources beside the examples.
    (folder / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "strict"}))
    return folder


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False
    )


# The oldest, where a `TypedDict` is another one from, and the newest: each takes pyright seconds.
@pytest.mark.parametrize("version", ["3.10", "3.12", "3.14"])
def test_pyright_strict_has_no_complaint(version: str, examples: Path) -> None:
    checked = run(examples, "pyright", "--pythonpath", sys.executable, "--pythonversion", version)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "0 errors, 0 warnings" in checked.stdout


@pytest.mark.parametrize("version", VERSIONS)
def test_mypy_strict_has_no_complaint(version: str, examples: Path) -> None:
    checked = run(examples, "mypy", "--strict", "--python-version", version, ".")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_pydantic_takes_the_records_as_the_service_sends_them(emulator: Emulator) -> None:
    assert emulator.url
    with Client() as client:
        page = client.get_users()
        user = client.get_user(page["data"][0]["userId"])
        for kind, value in (
            (UsersPage, page),
            (User, user),
            (KeyUsage, client.key_usage()),
            (TokenStats, client.token_stats()),
        ):
            checked: Any = pydantic.TypeAdapter(kind).validate_python(value)
            assert checked == value, kind


def test_every_record_is_one_for_pydantic() -> None:
    for name in ("CheckedKey", "KeyCheck", "KeyUsage", "SlotUsage", "TokenStats", "User", "UsersPage"):
        schema = pydantic.TypeAdapter(getattr(agglestone, name)).json_schema()
        assert schema["type"] == "object", name


def test_fastapi_answers_with_a_page(emulator: Emulator) -> None:
    assert emulator.url
    app = FastAPI()

    # Not by annotation: this file's are texts, and `UsersPage` is what is tested.
    @app.get("/users", response_model=UsersPage)
    def users() -> Any:
        with Client() as client:
            return client.get_users(page_size=3)

    with Client() as client:
        assert TestClient(app).get("/users").json() == client.get_users(page_size=3)
