"""`hostile_beside`: p99 of a client's small requests while others attack the same process, against that of a quiet run.

Two connections ask `GET /v1/provinces` of ingest again and again. Beside them, from a process of its own, come four attacks a
second, two of three by strangers: bodies of 16 MB that are deep, long, or no JSON, texts of 600 MB, headers of 200 MB, and,
by a client with a key, the same bodies, and files that burst when they are read. At most 2 is promised.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import httpx

from tests.bench._load import load, request
from tests.bench._rows import parts, row

SECONDS = 8.0
RATE = 4.0


async def run(runs: int) -> dict[str, dict[str, Any]]:
    """The row."""
    async with parts() as made:
        url = await made.database("ingest")
        key = await made.key("ingest", url)
        api = made.start("api", "ingest", url)
        async with httpx.AsyncClient(base_url=api.url, headers={"X-API-Key": key}, timeout=30) as client:
            for name, kind in (("own", "own"), ("lists", "files")):
                source = {"province": "30", "kind": kind, "settings": {}}
                (await client.put(f"/v1/sources/{name}", json=source)).raise_for_status()
        address = f"{api.url}/v1/provinces"
        call = request(address, X_API_Key=key)
        await load(address, call, seconds=1.0, connections=2)
        quiet, attacked = [], []
        for _ in range(runs):
            quiet.append(await _p99(address, call))
            command = ["-m", "tests.bench._attacker", api.url, key, str(RATE)]
            attacker = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
            try:
                assert attacker.stdout is not None
                await attacker.stdout.readline()
                attacked.append(await _p99(address, call))
            finally:
                attacker.kill()
                await attacker.wait()
    return {"hostile_beside": row(attacked, quiet, "ms", "lower")}


async def _p99(address: str, call: bytes) -> float:
    found = await load(address, call, seconds=SECONDS, connections=2)
    if found.statuses != {200}:
        raise RuntimeError(f"a client was answered {found.statuses}")
    return found.percentile(0.99)
