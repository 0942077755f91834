"""The same page by Python's other clients; the way is the client's name.

`httpx`, `requests`, `urllib3`, `pyreqwest-blocking` one after the other or, with `threads-` before the name, by threads;
`aiohttp`, `httpx-async`, `pyreqwest` under asyncio.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "calls"))
import measure

URL = measure.page_url()
HEADERS = {"X-API-Key": os.environ["AGGLESTONE_API_KEY"]}
CA_FILE = os.environ.get("AGGLESTONE_CA_FILE")
# With more under way than a pool holds, connections would be closed and opened all the time.
POOL = max(measure.AT_ONCE, 10)


def _context():
    import ssl

    return ssl.create_default_context(cafile=CA_FILE)


def _httpx(name):
    import httpx

    limits = httpx.Limits(max_connections=POOL, max_keepalive_connections=POOL)
    verify = _context() if CA_FILE else True
    return getattr(httpx, name)(
        headers=HEADERS, limits=limits, verify=verify, http2="BENCH_HTTP2" in os.environ
    )


def _requests():
    import requests
    from requests.adapters import HTTPAdapter

    session = requests.Session()
    session.headers.update(HEADERS)
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=POOL))

    def call():
        # What a session trusts gives way to the environment; what a call trusts does not.
        answer = session.get(URL, verify=CA_FILE or True)
        answer.raise_for_status()
        return answer.json()

    return call


def _urllib3():
    import urllib3

    pool = urllib3.PoolManager(maxsize=POOL, headers=HEADERS, **({"ca_certs": CA_FILE} if CA_FILE else {}))

    def call():
        answer = pool.request("GET", URL)
        assert answer.status == 200
        return json.loads(answer.data)

    return call


def _pyreqwest(name):
    import pyreqwest.client

    builder = getattr(pyreqwest.client, name)().error_for_status(True).default_headers(HEADERS)
    if CA_FILE:
        builder = builder.add_root_certificate_pem(Path(CA_FILE).read_bytes())
    return builder.build()


def _httpx_blocking():
    client = _httpx("Client")
    return lambda: client.get(URL).raise_for_status().json()


def _pyreqwest_blocking():
    client = _pyreqwest("SyncClientBuilder")
    return lambda: client.get(URL).build().send().json()


BLOCKING = {
    "httpx": _httpx_blocking,
    "requests": _requests,
    "urllib3": _urllib3,
    "pyreqwest-blocking": _pyreqwest_blocking,
}


async def _aiohttp():
    import aiohttp

    connector = aiohttp.TCPConnector(limit=POOL, ssl=_context() if CA_FILE else True)
    async with aiohttp.ClientSession(connector=connector, headers=HEADERS, raise_for_status=True) as session:

        async def call():
            async with session.get(URL) as answer:
                return await answer.json()

        await measure.awaited(call)


async def _httpx_async():
    async with _httpx("AsyncClient") as client:

        async def call():
            return (await client.get(URL)).raise_for_status().json()

        await measure.awaited(call)


async def _pyreqwest_async():
    async with _pyreqwest("ClientBuilder") as client:

        async def call():
            return await (await client.get(URL).build().send()).json()

        await measure.awaited(call)


ASYNC = {"aiohttp": _aiohttp, "httpx-async": _httpx_async, "pyreqwest": _pyreqwest_async}

if measure.WAY in ASYNC:
    asyncio.run(ASYNC[measure.WAY]())
elif measure.WAY.startswith("threads-"):
    measure.in_threads(BLOCKING[measure.WAY.removeprefix("threads-")]())
else:
    measure.blocking(BLOCKING[measure.WAY]())
# pyreqwest's threads may crash an interpreter that ends.
sys.stdout.flush()
os._exit(0)
