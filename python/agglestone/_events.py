"""Writes what happened to a client's keys into Python's logging, under the name ``agglestone``."""

from __future__ import annotations


def log(events: list[tuple[str, str, str]]) -> None:
    """Each event is a level, a stable name and a text; the name is the record's attribute ``event``."""
    import logging  # Takes longer to import than this whole package, and most programs never need it here.

    logger = logging.getLogger("agglestone")
    levels = {"info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
    for level, name, text in events:
        logger.log(levels[level], "%s", text, extra={"event": name})
