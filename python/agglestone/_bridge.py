"""Brings completed calls back to an event loop: one queue a loop, emptied in one wake however many calls it holds.

The threads that drive I/O put plain data on the queue and never take the GIL.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import threading
import weakref

from ._native import Operation, Options, Queue, Reply, Session


class Bridge:
    """The calls of one event loop. Used in that loop's thread only."""

    __slots__ = ("__weakref__", "_ids", "_queue", "_waiting", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        # The loop holds the bridge; the other way round, neither would ever be freed.
        self.loop = weakref.ref(loop)
        self._ids = itertools.count()
        self._waiting: dict[int, tuple[asyncio.Future[Reply], Session]] = {}
        try:
            self._queue = Queue(watched=True)
            loop.add_reader(self._queue.fileno(), self._drain)
        except NotImplementedError:
            self._queue = Queue(watched=False)
            _start_waiter(loop, self)

    async def run(self, session: Session, operation: Operation, options: Options | None) -> Reply:
        """Runs an operation. Cancelling the coroutine cancels the call."""
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        call_id = next(self._ids)
        call = session.start(operation, options, self._queue, call_id)
        # Nothing completes before this: the queue is drained by the loop, which is running this line.
        self._waiting[call_id] = future, session
        try:
            return await future
        finally:
            # Still there: the task was cancelled, or the loop is being taken down.
            if self._waiting.pop(call_id, None) is not None:
                call.cancel()
            session.log_events()

    def calls_of(self, session: Session) -> list[asyncio.Future[Reply]]:
        """What a session has under way."""
        return [future for future, owner in self._waiting.values() if owner is session]

    def _drain(self) -> None:
        for call_id, reply, error in self._queue.drain():
            waiting = self._waiting.pop(call_id, None)
            if waiting is None or waiting[0].done():
                continue
            future = waiting[0]
            if reply is not None:
                future.set_result(reply)
            elif isinstance(error, asyncio.CancelledError):
                future.cancel()
            elif error is not None:
                future.set_exception(error)


_bridges: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Bridge] = weakref.WeakKeyDictionary()
_making = threading.Lock()


def _after_fork() -> None:
    # Another thread of the parent may have held it, and is not here to let go.
    global _making
    _making = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def bridge_of(loop: asyncio.AbstractEventLoop) -> Bridge:
    """The bridge of a running loop, made on first use. It lives as long as the loop."""
    with _making:
        bridge = _bridges.get(loop)
        if bridge is None:
            bridge = _bridges[loop] = Bridge(loop)
        return bridge


def _start_waiter(loop: asyncio.AbstractEventLoop, bridge: Bridge) -> None:
    """Wakes a loop that can't watch file descriptors, such as Windows' default one, from a thread of Python's own."""
    queue = bridge._queue
    # The thread must not keep the loop; the loop's end is the thread's end.
    weak_loop, weak_bridge = weakref.ref(loop), weakref.ref(bridge)
    weakref.finalize(loop, queue.close)

    def wait() -> None:
        while queue.wait():
            loop, bridge = weak_loop(), weak_bridge()
            if loop is None or bridge is None:
                return
            try:
                loop.call_soon_threadsafe(bridge._drain)
            except RuntimeError:  # The loop is closed.
                return
            del loop, bridge

    threading.Thread(target=wait, name="agglestone-wake", daemon=True).start()
