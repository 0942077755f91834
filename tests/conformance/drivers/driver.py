"""Conformance driver of both Python faces: one JSON command a line in, one JSON answer a line out (see ../README.md)."""

import asyncio
import json
import sys

import agglestone
from agglestone import AgglestoneError, AsyncClient, Client
from agglestone._native import live_handles

ATTRIBUTES = (
    "code",
    "name",
    "message",
    "status",
    "request_id",
    "retry_after",
    "retryable",
    "argument",
    "service_message",
)


class Driver:
    """Runs commands with either client; `finish` makes a value of what its methods return."""

    def __init__(self, make_client, finish):
        self.make_client = make_client
        self.finish = finish
        self.client = None

    def answer(self, command):
        name = command["command"]
        try:
            if name == "new_client":
                self.close_client()
                self.client = self.make_client(**command.get("settings", {}))
                return {"ok": None}
            if name == "close_client":
                return {"ok": self.close_client()}
            if name == "live_handles":
                return {"ok": live_handles()}
            return {"ok": self.call(name, command.get("args", {}))}
        except AgglestoneError as error:
            fields = {name: getattr(error, name) for name in ATTRIBUTES}
            return {"error": {**fields, "class": type(error).__name__}}

    def call(self, name, args):
        value = self.finish(getattr(self.client, name)(**args))
        if not isinstance(value, agglestone.Response):
            return value
        body = value.json() if value.content else None
        return {"status": value.status, "headers": dict(value.headers), "json": body}

    def close_client(self):
        # Kept, so that a case can ask what a closed client does.
        if isinstance(self.client, AsyncClient):
            self.finish(self.client.aclose())
        elif self.client is not None:
            self.client.close()


def main():
    mode = sys.argv[1:]
    if mode == ["--sync"]:
        serve(Driver(Client, lambda value: value))
    elif mode == ["--async"]:
        loop = asyncio.new_event_loop()
        serve(Driver(AsyncClient, loop.run_until_complete))
        loop.close()
    else:
        sys.exit("usage: driver.py --sync | --async")


def serve(driver):
    for line in sys.stdin:
        print(json.dumps(driver.answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
