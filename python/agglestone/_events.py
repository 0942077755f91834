"""Writes what happened to a client's keys, and its calls where that is wanted, into Python's logging, under the name ``agglestone``.

Imported with the first event: `logging` takes longer to import than this whole package, and most programs never need it here.
"""

from __future__ import annotations

import logging

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

logger = logging.getLogger("agglestone")
# A program that configures no logging sees none of ours.
logger.addHandler(logging.NullHandler())


def log(events: list[tuple[str, str, float, dict[str, object]]]) -> None:
    """Each event is a level, a text, when it was (seconds since 1970), and further attributes of the record.

    One of them is ``agglestone_event``, the name: not ``event``, which is the message itself where structlog renders the record.
    """
    for level, text, created, attributes in events:
        number = LEVELS[level]
        if logger.isEnabledFor(number):
            record = logger.makeRecord(
                logger.name, number, __file__, 0, "%s", (text,), None, extra=attributes
            )
            # It is written by whoever comes along with the GIL: for the attempts of a call, when that is over.
            record.relativeCreated += (created - record.created) * 1000
            record.created, record.msecs = created, created % 1 * 1000
            logger.handle(record)
