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

from conftest import Emulator

EXAMPLES = Path(__file__).parents[2] / "examples/python/frameworks"
ADMIN = "b95816fe-f4ab-49ac-889a-e6a161005339"


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


def get(url: str) -> Any:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url) as answer:
        return json.load(answer)


def status(url: str) -> int:
    try:
        get(url)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    return 200


def test_fastapi(emulator: Emulator) -> None:
    ready = r"running on (http://\S+)"
    with running(ready, "uvicorn", "--port", "0", "fastapi_app:app") as url:
        page = get(f"{url}/users?page=2")
        assert (page["pageNumber"], len(page["data"]), page["totalRecords"]) == (2, 20, 45)
        assert get(f"{url}/users/{ADMIN}")["userId"] == ADMIN
        assert [status(f"{url}/users/{path}") for path in ("nobody", "..%2f..%2f")] == [404, 404]
        assert status(f"{url}/users?page=0") == 422
        document = get(f"{url}/openapi.json")
        assert {"User", "UsersPage"} <= set(document["components"]["schemas"])


def test_flask_under_gunicorn(emulator: Emulator) -> None:
    ready = r"Listening at: (http://\S+)"
    options = ["--preload", "--workers", "2", "--bind", "127.0.0.1:0"]
    with running(ready, "gunicorn", *options, "flask_app:app") as url:
        answers = [get(f"{url}/users") for _ in range(20)]
        assert {answer["total"] for answer in answers} == {45}
        assert get(f"{url}/users/{ADMIN}")["userId"] == ADMIN
        assert status(f"{url}/users/nobody") == 404


def test_django(emulator: Emulator) -> None:
    ready = r"Listening at: (http://\S+)"
    with running(ready, "gunicorn", "--bind", "127.0.0.1:0", "django_app:application") as url:
        page = get(f"{url}/users?page=3")
        assert (page["pageNumber"], len(page["data"])) == (3, 5)
        assert status(f"{url}/users/nobody") == 404


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
