"""Conformance driver of both Python faces: one JSON command a line in, one JSON answer a line out (see ../README.md)."""

import asyncio
import inspect
import json
import logging
import sys

from opentelemetry import context, propagate
from shown import Observed, Shown, log_everything

import agglestone
from agglestone import AgglestoneError, AsyncClient, Client
from agglestone._native import Operation, live_handles

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
    "attempts",
)

TIMES = {"connect_timeout", "timeout", "deadline", "clock_tolerance"}
TRACE = ("traceparent", "tracestate", "baggage")
CALL_OPTIONS = ("connect_timeout", "timeout", "deadline", "max_retries")


class Events(logging.Handler):
    """Keeps the names and lines of what the client logs."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def emit(self, record):
        line = f"{record.levelname.lower()} {record.agglestone_event}: {record.getMessage()}"
        self.seen.append((record.agglestone_event, line))

    def take(self):
        taken = self.seen[:]
        self.seen.clear()
        return taken


class Driver:
    """Runs commands with either client; `wait` makes a value of a coroutine."""

    def __init__(self, make_client, wait):
        self.make_client = make_client
        self.wait = wait
        self.client = None
        self.shown = Shown()
        self.observed = Observed()
        self.events = Events()
        logger = logging.getLogger("agglestone")
        logger.addHandler(self.events)
        logger.setLevel(logging.DEBUG)

    def answer(self, command):
        name = command["command"]
        try:
            if name == "new_client":
                self.close_client()
                self.events.take()
                self.client = self.make_client(**settings(command.get("settings", {})))
                return {"ok": None}
            if name == "close_client":
                return {"ok": self.close_client()}
            if name == "live_handles":
                return {"ok": live_handles()}
            if name == "events":
                return {"ok": [name for name, _ in self.events.take()]}
            if name == "log":
                return {"ok": [line for _, line in self.events.take()]}
            if name == "observed":
                return {"ok": self.observed.take()}
            if name == "show":
                return {"ok": self.show()}
            args = command.get("args", {})
            headers = {header: args.pop(header) for header in TRACE if header in args}
            token = context.attach(propagate.extract(headers))
            try:
                return {"ok": self.call(name, args)}
            finally:
                context.detach(token)
        except AgglestoneError as error:
            self.shown.add_error(error)
            fields = {name: getattr(error, name, None) for name in (*ATTRIBUTES, "reason")}
            return {"error": {**fields, "class": type(error).__name__}}

    def show(self):
        if self.client is not None:
            self.shown.add(self.client)
        print("-- shown", file=sys.stderr, flush=True)
        return self.shown.take()

    def call(self, name, args):
        client, user_id = self.client, args.pop("as_user", None)
        if options := {option: args.pop(option) for option in CALL_OPTIONS if option in args}:
            client = client.with_options(**options)
        if user_id is not None:
            client = client.as_user(user_id)
        self.shown.add(client)
        if name == "testing_panic":
            return self.panic(client)
        value = self.finish(getattr(client, name)(**args))
        if name == "iter_users":
            return list(value) if isinstance(self.client, Client) else self.wait(collected(value))
        if name == "get_token":
            self.shown.add(value)
            return value.token
        if name == "key_usage":
            return usage(value)
        if name == "token_stats":
            value["fromOthers"] = value.pop("from_others")
            return value
        if not isinstance(value, agglestone.Response):
            return value
        self.shown.add(value)
        body = value.json() if value.content else None
        head = {"status": value.status, "attempts": value.attempts, "headers": dict(value.headers)}
        return {**head, "json": body}

    def panic(self, client):
        operation = Operation.testing_panic()

        async def call():
            await client._call(operation)

        return client._call(operation) if isinstance(client, Client) else self.wait(call())

    def close_client(self):
        # Kept, so that a case can ask what a closed client does.
        if self.client is not None:
            self.finish(self.client.close() if isinstance(self.client, Client) else self.client.aclose())

    def finish(self, value):
        return self.wait(value) if inspect.iscoroutine(value) else value


async def collected(users):
    return [user async for user in users]


def settings(given):
    if "key_source" in given:
        given["key_source"] = key_source(given["key_source"])
    for name in TIMES & set(given):
        # NaN and the infinities are texts, because JSON has none.
        given[name] = float(given[name])
    return given


def usage(report):
    """The report as the core has it: times are milliseconds since 1970."""
    for slot in filter(None, (report["primary"], report["secondary"])):
        for name, ours in (("firstUsed", "first_used"), ("lastUsed", "last_used")):
            time = slot.pop(ours)
            slot[name] = time and round(time.timestamp() * 1000)
    return report


def key_source(answers):
    """A function that gives the answers in turn, the last one again and again."""
    left = list(answers)

    def give():
        answer = left.pop(0) if len(left) > 1 else left[0]
        if "failure" in answer:
            raise RuntimeError(answer["failure"])
        return answer["primary"], answer.get("secondary")

    return give


def main():
    log_everything()
    mode = sys.argv[1:]
    if mode == ["--sync"]:
        serve(Driver(Client, None))
    elif mode == ["--async"]:
        loop = asyncio.new_event_loop()
        loop.set_debug(True)
        serve(Driver(AsyncClient, loop.run_until_complete))
        loop.close()
    else:
        sys.exit("usage: driver.py --sync | --async")


def serve(driver):
    for line in sys.stdin:
        print(json.dumps(driver.answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
