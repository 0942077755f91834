"""Records of requests: their parts, and when they were."""

from __future__ import annotations

import logging

import pytest
from conftest import Emulator

from agglestone import Client, NotFoundError

USER = "b95816fe-f4ab-49ac-889a-e6a161005339"


def test_a_record_has_the_parts_of_its_line_and_the_time_when_it_was(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "agglestone")
    emulator.fault(path="*/Users/*", status=503, times=1)
    with Client(**emulator.settings, request_log=True) as client:
        client.get_user(USER)
        first, second, call = (vars(record) for record in caplog.records)
        with pytest.raises(NotFoundError):
            client.get_user("nobody")
    names = ("event", "method", "route", "status", "error", "attempt")
    for record, status, attempt in ((first, 503, 1), (second, 200, 2)):
        parts = [record[f"agglestone_{name}"] for name in names]
        assert parts == ["request", "GET", "users/{userId}", status, None, attempt]
        assert record["agglestone_credential"] == "primary"
        assert len(record["agglestone_fingerprint"]) == 8
        assert record["agglestone_request_id"]
    assert (call["agglestone_event"], call["agglestone_status"], call["agglestone_attempts"]) == (
        "call",
        200,
        2,
    )
    assert vars(caplog.records[-1])["agglestone_error"] == "NOT_FOUND"
    # All are written when the call is over, and say when they were: the wait before the second attempt lies between.
    waited = call["agglestone_duration"] - first["agglestone_duration"]
    assert call["created"] - first["created"] > waited / 2
    assert abs(first["msecs"] - first["created"] % 1 * 1000) < 1
