"""Writes what happened to a client's keys, and its calls where that is wanted, into Python's logging, under the name ``agglestone``.

Imported with the first event: `logging` takes longer to import than this whole package, and most programs never need it here.
"""

from __future__ import annotations

import logging

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

logger = logging.getLogger("agglestone")
# A program that configures no logging sees none of ours.
logger.addHandler(logging.NullHandler())


def log(events: list[tuple[str, str, str]]) -> None:
    """Each event is a level, a stable name and a text; the name is the record's attribute ``agglestone_event``.

    Not ``event``, which is the message itself where structlog renders the record.
    """
    for level, name, text in events:
        logger.log(LEVELS[level], "%s", text, extra={"agglestone_event": name})
