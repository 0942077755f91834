"""The examples with web frameworks and Celery, in servers and workers of their own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import Emulator

from agglestone import Client

EXAMPLES = Path(__file__).parents[2] / "examples/python/frameworks"
ADMIN = "b95816fe-f4ab-49ac-889a-e6a161005339"
PLAIN_USER = "98685d54-c262-4143-affd-5b6e1d8c5d77"


@contextmanager
def running(ready: str, *module: str, **environment: str) -> Iterator[str]:
    """A server or worker, from when it says that it is ready until the test is over; what stands in the group of `ready`."""
    process = subprocess.Popen(
        [sys.executable, "-m", *module],
        cwd=EXAMPLES,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = []
    try:
        for line in process.stdout:
            said.append(line)
            if found := re.search(ready, line):
                yield found[found.lastindex or 0]
                break
        else:
            raise AssertionError("".join(said))
    finally:
        process.terminate()
        process.stdout.read()
        process.wait()
        process.stdout.close()


@pytest.fixture
def token(emulator: Emulator) -> str:
    """A token of a user in the group `Admin`."""
    return token_of(ADMIN)


def token_of(user_id: str) -> str:
    with Client() as client:
        return client.exchange_api_key_for_token(user_id)


def get(url: str, token: str | None) -> Any:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(url, headers=headers)) as answer:
        return json.load(answer)


def status(url: str, token: str | None) -> int:
    try:
        get(url, token)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    return 200


def only_users_are_let_in(url: str, token: str) -> None:
    """What is everyone's wants a token, what is the administrators' one of theirs."""
    assert get(f"{url}/me", token)["userId"] == ADMIN
    plain = token_of(PLAIN_USER)
    assert get(f"{url}/me", plain)["userId"] == PLAIN_USER
    assert [status(f"{url}/{path}", plain) for path in ("users", f"users/{ADMIN}")] == [403, 403]
    for path in ("me", "users", f"users/{ADMIN}"):
        assert [status(f"{url}/{path}", wrong) for wrong in (None, token[:-8])] == [401, 401]


def test_fastapi(token: str) -> None:
    ready = r"running on (http://\S+)"
    with running(ready, "uvicorn", "--port", "0", "fastapi_app:app") as url:
        page = get(f"{url}/users?page=2", token)
        assert (page["pageNumber"], len(page["data"]), page["totalRecords"]) == (2, 20, 45)
        assert get(f"{url}/users/{ADMIN}", token)["userId"] == ADMIN
        assert [status(f"{url}/users/{path}", token) for path in ("nobody", "..%2f..%2f")] == [404, 404]
        assert status(f"{url}/users?page=0", token) == 422
        only_users_are_let_in(url, token)
        document = get(f"{url}/openapi.json", None)
        assert {"User", "UsersPage"} <= set(document["components"]["schemas"])


def test_flask_under_gunicorn(token: str) -> None:
    ready = r"Listening at: (http://\S+)"
    options = ["--preload", "--workers", "2", "--bind", "127.0.0.1:0"]
    with running(ready, "gunicorn", *options, "flask_app:app") as url:
        answers = [get(f"{url}/users", token) for _ in range(20)]
        assert {answer["total"] for answer in answers} == {45}
        assert get(f"{url}/users/{ADMIN}", token)["userId"] == ADMIN
        assert status(f"{url}/users/nobody", token) == 404
        only_users_are_let_in(url, token)


def test_django(token: str) -> None:
    ready = r"Listening at: (http://\S+)"
    with running(ready, "gunicorn", "--bind", "127.0.0.1:0", "django_app:application") as url:
        page = get(f"{url}/users?page=3", token)
        assert (page["pageNumber"], len(page["data"])) == (3, 5)
        assert status(f"{url}/users/nobody", token) == 404
        only_users_are_let_in(url, token)


def test_a_celery_task(emulator: Emulator, tmp_path: Path) -> None:
    folder = str(tmp_path)
    options = ["--app", "celery_app", "worker", "--concurrency", "2", "--loglevel", "info"]
    with running(r"ready\.", "celery", *options, CELERY_FOLDER=folder):
        ask = f"from celery_app import email_of; print(email_of.delay({ADMIN!r}).get(timeout=60))"
        ended = subprocess.run(
            [sys.executable, "-c", ask],
            cwd=EXAMPLES,
            env={**os.environ, "CELERY_FOLDER": folder},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.stdout.strip().endswith("@example.com"), ended.stderr
    assert len(emulator.requests()) == 1
