"""Times a function in rounds; `cargo xtask bench verify` makes a table of the lines that are printed."""

import json
from time import perf_counter_ns

ROUNDS = 101
# Short, so that most rounds are undisturbed by whatever else the machine does.
IN_A_ROUND = 200
WARM_UP = 500_000_000


def measure(verify):
    """Nanoseconds a time, round by round."""

    def one_round():
        start = perf_counter_ns()
        for _ in range(IN_A_ROUND):
            verify()
        return (perf_counter_ns() - start) // IN_A_ROUND

    start = perf_counter_ns()
    while perf_counter_ns() - start < WARM_UP:
        one_round()
    return [one_round() for _ in range(ROUNDS)]


def show(library, seen, anew):
    """Prints a line for the table."""
    print(json.dumps({"library": library, "seen": seen, "anew": anew}))
