"""`freshness_p95`, `freshness_p99`: seconds from a push being sent to its dossiers being in the KPIs, at 1.000 events a second.

The floors are the promises (0,3 s and 1 s). The clock starts when the request is sent, before the commit, and stops when the
metrics API announces the position on its stream of events, which it does once the figures of that position can be asked for.
"""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.bench._rows import parts, row
from tests.bench.portal_to_kpi import AGENCIES, PROVINCE, catalogue

PER_SECOND = 1_000
BATCH_SIZE = 50
SECONDS = 8.0


async def run(runs: int) -> dict[str, dict[str, Any]]:
    """Both rows."""
    p95, p99 = [], []
    async with parts() as made:
        url = await made.database("ingest", "metrics")
        ingest_key, metrics_key = await made.key("ingest", url), await made.key("metrics", url)
        ingest = made.start("api", "ingest", url)
        metrics = made.start("api", "metrics", url)
        made.start("worker", "metrics", url, ingest_url=ingest.url, ingest_key=ingest_key)
        async with (
            httpx.AsyncClient(base_url=ingest.url, headers={"X-API-Key": ingest_key}, timeout=30) as door,
            httpx.AsyncClient(base_url=metrics.url, headers={"X-API-Key": metrics_key}, timeout=None) as watch,
        ):
            source = {"province": PROVINCE, "kind": "own", "settings": {}}
            (await door.put("/v1/sources/own", json=source)).raise_for_status()
            agencies, procedures = catalogue()
            for name, body in (("agencies", agencies), ("procedures", procedures)):
                (await door.put(f"/v1/catalogue/{PROVINCE}/{name}", json={name: body})).raise_for_status()
            await _push(door, 0, [])
            seen: list[tuple[float, int]] = []
            watching = asyncio.create_task(_watch(watch, seen))
            while not seen:
                await asyncio.sleep(0.05)
            for number in range(runs):
                lags = sorted(await _lags(door, seen, number + 1))
                p95.append(lags[int(len(lags) * 0.95)])
                p99.append(lags[int(len(lags) * 0.99)])
            watching.cancel()
    return {
        "freshness_p95": row(p95, [0.3] * runs, "s", "lower"),
        "freshness_p99": row(p99, [1.0] * runs, "s", "lower"),
    }


async def _lags(door: httpx.AsyncClient, seen: list[tuple[float, int]], run_number: int) -> list[float]:
    pushes: list[tuple[float, int]] = []
    began = time.perf_counter()
    tasks = []
    for number in range(int(SECONDS * PER_SECOND / BATCH_SIZE)):
        await asyncio.sleep(max(0.0, began + number * BATCH_SIZE / PER_SECOND - time.perf_counter()))
        tasks.append(asyncio.create_task(_push(door, run_number * 1_000_000 + number, pushes)))
    await asyncio.gather(*tasks)
    last = max(head for _, head in pushes)
    while seen[-1][1] < last:
        await asyncio.sleep(0.01)
    return [next(at for at, position in seen if position >= head) - sent for sent, head in pushes]


async def _push(door: httpx.AsyncClient, number: int, pushes: list[tuple[float, int]]) -> None:
    at = datetime(2023, 3, 1, 2, tzinfo=UTC) + timedelta(seconds=number % 100_000)
    events = [
        {
            "code": f"F-{number}-{place}",
            "id": "1",
            "at": at.isoformat(),
            "status": "processing",
            "received_at": at.isoformat(),
            "agency": f"V{(number + place) % AGENCIES:04d}",
            "procedure": "9.000001",
            "channel": "online",
        }
        for place in range(BATCH_SIZE)
    ]
    sent = time.perf_counter()
    answer = await door.post("/v1/events", params={"source": "own"}, json=events)
    answer.raise_for_status()
    if answer.json()["accepted"] != BATCH_SIZE:
        raise RuntimeError(answer.text)
    pushes.append((sent, answer.json()["head"]))


async def _watch(watch: httpx.AsyncClient, seen: list[tuple[float, int]]) -> None:
    async with watch.stream("GET", "/v1/watch", params={"province": PROVINCE}) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data:"):
                told = json.loads(line[5:])
                if "position" in told:
                    seen.append((time.perf_counter(), told["position"]))
