"""A server that keeps every request as it came in and answers what it was told: for what the emulator does not show."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Wire(ThreadingHTTPServer):
    """Each request is kept as `(method, target, headers, body)`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answer: tuple[int, list[tuple[str, str]], bytes] = (200, [], b"{}")

    @property
    def settings(self) -> dict[str, Any]:
        """What a client needs to reach it."""
        url = f"http://127.0.0.1:{self.server_port}"
        return {"tenant_id": "t", "api_key": "planted-key", "base_url": url}


class Handler(BaseHTTPRequestHandler):
    """Answers as the server was told."""

    protocol_version = "HTTP/1.1"
    server: Wire

    def handle_any(self) -> None:
        """Keeps the request, sends the answer."""
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append((self.command, self.path, headers, body))
        status, answered, content = self.server.answer
        self.send_response_only(status)
        for name, value in answered:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def log_message(self, *args: object) -> None:
        """Says nothing."""


@contextmanager
def serving() -> Iterator[Wire]:
    """A server for the time of a test."""
    with Wire() as wire:
        thread = threading.Thread(target=wire.serve_forever, args=(0.01,))
        thread.start()
        yield wire
        wire.shutdown()
        thread.join()
