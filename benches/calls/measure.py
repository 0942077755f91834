"""What every program in Python takes and prints; benches/src/measure.rs says it."""

import asyncio
import os
import resource
import sys
import threading
import time

WAY = sys.argv[1]
CALLS, AT_ONCE, WARM_UP = map(int, sys.argv[2:5])
PAGE_SIZE = int(os.environ.get("BENCH_PAGE_SIZE", "10"))


def page_url():
    """The page that the calls ask for, for programs that know nothing of the service."""
    base, tenant = os.environ["AGGLESTONE_BASE_URL"], os.environ["AGGLESTONE_TENANT_ID"]
    return f"{base}/tenant/{tenant}/api/v2.0/Users?pageNumber=1&pageSize={PAGE_SIZE}"


def _share(calls, index):
    return calls // AT_ONCE + (index < calls % AT_ONCE)


def _cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _cpu_so_far():
    return _cpu() if WARM_UP > 0 else 0.0


def _report(start, cpu):
    wall, cpu = time.perf_counter_ns() - start, int((_cpu() - cpu) * 1e9)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f'{{"wallNs":{wall},"cpuNs":{cpu},"peakKb":{peak}}}')


def blocking(call):
    """One call after the other."""

    def run(calls):
        for _ in range(calls):
            call()

    _measure(run)


def in_threads(call):
    """Threads share the calls."""

    def make(calls):
        for _ in range(calls):
            call()

    def run(calls):
        threads = [threading.Thread(target=make, args=(_share(calls, index),)) for index in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    _measure(run)


def _measure(run):
    run(WARM_UP)
    start, cpu = time.perf_counter_ns(), _cpu_so_far()
    run(CALLS)
    _report(start, cpu)


async def awaited(call):
    """Tasks share the calls."""

    async def make(calls):
        for _ in range(calls):
            await call()

    async def run(calls):
        await asyncio.gather(*(make(_share(calls, index)) for index in range(AT_ONCE)))

    await run(WARM_UP)
    start, cpu = time.perf_counter_ns(), _cpu_so_far()
    await run(CALLS)
    _report(start, cpu)
