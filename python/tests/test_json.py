"""Users come as `json.loads` would give them, whatever else the service puts into them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from wire import Wire, serving

from agglestone import Client

TEXTS = ["", "a", "Amelia Hart", "é", "ÿĀ", "中文", "😀", 'q"\\/', "\0\x1f\x7f\n", "x" * 300]
NUMBERS = [0, -1, 45, 2**63 - 1, -(2**63), 2**63, 2**200, 0.1, -0.0, 1e22, 5e-324, 1.7976931348623157e308]
AS_THEY_STAND = [
    b"-0",
    b"-0.0",
    b"1E+2",
    b"12345678901234567890.5e-3",
    b"1" * 305,
    b"0.1000000000000000055511151231257827",
    rb'"\ud83d\ude00\u00e9\u0041\b\f\/"',
    rb'{"\u0061":1,"\n":2,"b\u00e9":{"\u0061":[]}}',
    b" [ ] ",
    b'{ "a" :\t[ 1 ,\r\n { } ] }',
    b"[" * 120 + b"]" * 120,
    # More names than are kept, and longer ones; then the first again.
    json.dumps([{f"name{n}": n for n in range(200)}] * 2 + [{"n" * 1000: 1}, {"name0": 1}]).encode(),
    # Records whose names come in another order, or not at all.
    b'[{"a":1,"b":2,"c":3},{"a":4,"c":5},{"c":6,"b":7,"a":8},{},{"b":9,"d":{"a":1,"b":2}},{"a":1,"b":2,"c":3}]',
]


@pytest.fixture
def wire() -> Iterator[Wire]:
    with serving() as wire:
        yield wire


def shown(client: Client, wire: Wire, body: bytes) -> str:
    """What the client makes of a body: `repr` tells -0.0 from 0, 1 from 1.0 and one order from another."""
    wire.answer = (200, [], body)
    return repr(client.get_user("u"))


def anything(chance: random.Random, depth: int) -> Any:
    """A value that JSON can hold."""
    kind = chance.randrange(8 if depth else 6)
    if kind == 6:
        return [anything(chance, depth - 1) for _ in range(chance.randrange(5))]
    if kind == 7:
        names = chance.choices([*TEXTS, "userId", "email", "a", "b", "c"], k=chance.randrange(6))
        return {name: anything(chance, depth - 1) for name in names}
    return chance.choice([None, True, False, chance.choice(TEXTS), chance.choice(NUMBERS), chance.random()])


@pytest.mark.parametrize("text", AS_THEY_STAND, ids=range(len(AS_THEY_STAND)))
def test_values_are_those_of_json_loads(text: bytes, wire: Wire) -> None:
    body = b'{"userId":"u","x":' + text + b"}"
    with Client(**wire.settings) as client:
        assert shown(client, wire, body) == repr(json.loads(body))


def test_values_of_all_sorts_are_those_of_json_loads(wire: Wire) -> None:
    with Client(**wire.settings) as client:
        for seed in range(300):
            chance = random.Random(seed)
            value = {"userId": "u", "x": anything(chance, 4), "y": anything(chance, 2)}
            indent = chance.choice([None, None, 2])
            body = json.dumps(value, ensure_ascii=chance.random() < 0.5, indent=indent).encode()
            assert shown(client, wire, body) == repr(json.loads(body)), body


def test_what_was_read_before_is_no_part_of_what_comes_after(wire: Wire) -> None:
    with Client(**wire.settings) as client:
        for value in ("first", "second", None):
            for name in ("email", "other"):
                body = json.dumps({"userId": "u", name: value}).encode()
                assert shown(client, wire, body) == repr(json.loads(body))
