"""Waits for calls as gevent waits for sockets: the other greenlets of the thread run meanwhile.

Used where a program has patched the standard library, as gunicorn's and Celery's gevent workers do.
"""

from __future__ import annotations

import itertools
import os
import weakref

from gevent import get_hub  # type: ignore[import-untyped]
from gevent.event import AsyncResult  # type: ignore[import-untyped]

from ._native import Operation, Options, Queue, Reply, Session
from ._typing import Any

_READ = 1


class Bridge:
    """The calls of one hub, which is one thread's loop."""

    __slots__ = ("_ids", "_queue", "_waiting", "_watcher")

    def __init__(self, hub: Any) -> None:
        self._ids = itertools.count()
        self._waiting: dict[int, Any] = {}
        self._queue = Queue(watched=True)
        self._watcher = hub.loop.io(self._queue.fileno(), _READ)

    def run(self, session: Session, operation: Operation, options: Options | None) -> Reply:
        """Runs an operation. Killing the greenlet, or a `gevent.Timeout`, cancels the call."""
        result: Any = AsyncResult()
        call_id = next(self._ids)
        call = session.start(operation, options, self._queue, call_id)
        # Only while something is waited for: a watcher keeps the hub from seeing that it has nothing left to do.
        if not self._waiting:
            self._watcher.start(self._drain)
        self._waiting[call_id] = result
        try:
            reply: Reply = result.get()
            return reply
        finally:
            # Still there: the greenlet was killed.
            if self._waiting.pop(call_id, None) is not None:
                call.cancel()
            if not self._waiting:
                self._watcher.stop()
            session.log_events()

    def _drain(self) -> None:
        for call_id, reply, error in self._queue.drain():
            result = self._waiting.pop(call_id, None)
            if result is None:
                continue
            if error is None:
                result.set(reply)
            else:
                result.set_exception(error)


_bridges: weakref.WeakKeyDictionary[Any, Bridge] = weakref.WeakKeyDictionary()

if hasattr(os, "register_at_fork"):
    # A child's hub goes on with the parent's objects, and the queue would be one for both.
    os.register_at_fork(after_in_child=_bridges.clear)


def run(session: Session, operation: Operation, options: Options | None) -> Reply:
    """Runs an operation in the hub of this thread."""
    hub = get_hub()
    bridge = _bridges.get(hub)
    if bridge is None:
        try:
            bridge = _bridges[hub] = Bridge(hub)
        except NotImplementedError:  # No file descriptors to watch, as on Windows: the hub's threads wait.
            reply: Reply = hub.threadpool.apply(session.call, (operation, options))
            return reply
    return bridge.run(session, operation, options)
