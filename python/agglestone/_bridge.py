"""Brings completed calls back to an event loop: one queue a loop, emptied in one wake however many calls it holds.

The threads that drive I/O put plain data on the queue and never take the GIL.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import itertools
import os
import sys
import threading
import weakref

from ._native import Operation, Options, Queue, Reply, Session
from ._typing import Any


class Bridge:
    """The calls of one event loop. Used in that loop's thread only."""

    __slots__ = ("__weakref__", "_ids", "_inherited", "_queue", "_waiting", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        # The loop holds the bridge; the other way round, neither would ever be freed.
        self.loop = weakref.ref(loop)
        self._inherited = False
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
        loop = self.loop()
        # It is running this line.
        assert loop is not None
        future: asyncio.Future[Reply] = loop.create_future()
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

    def runs_here(self) -> bool:
        """Whether its loop is the one that runs in this thread; ``False`` also where only asyncio can tell.

        Before 3.12 asyncio asks for the process id each time, which is a system call. A running loop sets its own hooks for
        asynchronous generators in its thread, and those are at hand.
        """
        loop = self.loop()
        hook = sys.get_asyncgen_hooks()[0]
        return loop is not None and not self._inherited and getattr(hook, "__self__", None) is loop

    def left_behind(self) -> None:
        """This process is a forked child, in which its parent's loop runs no longer, whatever its hooks say."""
        self._inherited = True

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


class Home:
    """Where a client is used, for all its views."""

    __slots__ = ("bridge", "limit")

    def __init__(self) -> None:
        self.bridge: Bridge | None = None
        """That of the loop which used the client last."""
        self.limit = 0.0
        """How many seconds a whole call may take."""

    def wait_for(self, awaitable: Any) -> Any:
        """Has the loop await something, for a thread that may wait."""

        async def wait() -> Any:
            return await awaitable

        loop = None if self.bridge is None else self.bridge.loop()
        waiting = wait()
        try:
            if loop is None:
                raise RuntimeError("the event loop has ended")
            future = asyncio.run_coroutine_threadsafe(waiting, loop)
        except RuntimeError:
            waiting.close()
            if hasattr(awaitable, "close"):
                awaitable.close()
            raise
        try:
            return future.result(self.limit)
        except concurrent.futures.TimeoutError:
            future.cancel()
            raise TimeoutError(f"no answer within {self.limit:g} s") from None


def running_loop() -> asyncio.AbstractEventLoop:
    """The event loop that runs in this thread. Raises RuntimeError with what to do where another library's does."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        pass
    hint = "await its methods there, or use Client"
    found = "there is none here"
    for library, in_thread, runs in (
        ("trio", "trio.to_thread.run_sync", _trio_runs),
        ("curio", "curio.run_in_thread", _curio_runs),
    ):
        module = sys.modules.get(library)
        if module is not None and runs(module):
            found = f"this is {library}"
            hint = f"use Client, each call in {in_thread}, or asyncio; with anyio, its asyncio backend"
    raise RuntimeError(f"AsyncClient works in a running event loop of asyncio, and {found}: {hint}")


def _trio_runs(trio: Any) -> bool:
    try:
        trio.lowlevel.current_task()
    except RuntimeError:
        return False
    return True


def _curio_runs(curio: Any) -> bool:
    return bool(curio.meta.curio_running())


_bridges: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Bridge] = weakref.WeakKeyDictionary()
_making = threading.Lock()


def _after_fork() -> None:
    # Another thread of the parent may have held it, and is not here to let go.
    global _making
    _making = threading.Lock()
    for bridge in list(_bridges.values()):
        bridge.left_behind()


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
