"""As in compose: emulator and service on addresses of their own, without a shared file, configured before either starts."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

EMULATOR = os.environ["AGGLESTONE_EMULATOR"]
TENANT = "compose-tenant"
KEY = "known-before-it-starts"
CONTROL = "control-token-of-this-test"


def call(url, headers, body=None, method=None):
    """Status and text of an answer."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", **headers}
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.fixture
def running():
    """Starts programs, hands out the first line of each, and ends them."""
    started = []

    def run(*command, **environment):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})
        started.append(process)
        return process.stdout.readline()

    yield run
    for process in started:
        process.terminate()
        process.wait()


def test_a_service_elsewhere_believes_the_tokens_of_a_user_and_no_others(running):
    emulator = json.loads(
        running(
            EMULATOR,
            AGGLESTONE_EMULATOR_HOST="127.0.0.2",
            AGGLESTONE_EMULATOR_PORT="0",
            AGGLESTONE_EMULATOR_JSON="true",
            AGGLESTONE_EMULATOR_TENANT=TENANT,
            AGGLESTONE_EMULATOR_PRIMARY_API_KEY=KEY,
            AGGLESTONE_EMULATOR_CONTROL_TOKEN=CONTROL,
        )
    )
    tenant = f"{emulator['url']}/tenant/{TENANT}"
    port = running(sys.executable, str(Path(__file__).with_name("service.py")), "127.0.0.3", tenant, TENANT)
    service = f"http://127.0.0.3:{port.strip()}/"

    status, text = call(f"{tenant}/api/v2.0/Users", {"X-API-Key": KEY})
    assert status == 200, text
    user = json.loads(text)["data"][0]["userId"]
    exchange = f"{tenant}/v2.0/Auth/token-exchange"
    token = json.loads(call(exchange, {"X-API-Key": KEY}, {"userId": user})[1])["token"]
    assert call(service, {"Authorization": f"Bearer {token}"}) == (200, user)

    head, payload, signature = token.split(".")
    forged = f"{head}.{payload}.{signature[::-1]}"
    assert call(service, {"Authorization": f"Bearer {forged}"})[0] == 401
    assert call(service, {}) == (401, "DecodeError")

    control = f"{emulator['url']}/_emulator/clock"
    call(control, {"Authorization": f"Bearer {CONTROL}"}, {"advanceSeconds": 3600})
    early = json.loads(call(exchange, {"X-API-Key": KEY}, {"userId": user})[1])["token"]
    assert call(service, {"Authorization": f"Bearer {early}"}) == (401, "ImmatureSignatureError")
