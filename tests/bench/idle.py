"""`idle_cpu`, `idle_memory`: what the whole stack costs while nothing happens, the stand-in portal left out.

The three APIs, the three workers, PostgreSQL and Redis, with the settings of `make run` and one province that knows a source.
`idle_cpu` is percent of one core over half a minute, 1.5 are promised; `idle_memory` is resident megabytes, 600 are promised.
Pages that several processes share (PostgreSQL's buffers, the interpreter) count once: the kernel's own share (Pss) is summed.
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from tests.bench._rows import Parts, parts, row

SECONDS = 30.0
SETTLING = 10.0
"""Seconds that are not measured once all are ready: connections are made, statements prepared."""
PROMISED_CPU, PROMISED_MEMORY = 1.5, 600.0
_TICKS = os.sysconf("SC_CLK_TCK")


async def run(runs: int) -> dict[str, dict[str, Any]]:
    """Both rows; the stretches follow one another on one stack."""
    cpu, memory = [], []
    async with parts() as made:
        await _start(made)
        await asyncio.sleep(SETTLING)
        for _ in range(min(runs, 3)):
            before = _seconds_by_name(made)
            await asyncio.sleep(SECONDS)
            used = {name: 100 * (after - before[name]) / SECONDS for name, after in _seconds_by_name(made).items()}
            resident = {name: sum(map(_megabytes, pids)) for name, pids in _processes(made).items()}
            for name in used:
                print(f"  {name:16} {used[name]:6.2f} % {resident[name]:7.0f} MB", file=sys.stderr)
            cpu.append(sum(used.values()))
            memory.append(sum(resident.values()))
    return {
        "idle_cpu": row(cpu, [PROMISED_CPU] * len(cpu), "% of a core", "lower"),
        "idle_memory": row(memory, [PROMISED_MEMORY] * len(memory), "MB", "lower"),
    }


async def _start(made: Parts) -> None:
    url = await made.database()
    ingest_key, metrics_key = await made.key("ingest", url), await made.key("metrics", url)
    ingest = made.start("api", "ingest", url)
    to_ingest = {"ingest_url": ingest.url, "ingest_key": ingest_key}
    metrics = made.start("api", "metrics", url, **to_ingest)
    to_metrics = {"metrics_url": metrics.url, "metrics_key": metrics_key}
    made.start("api", "notices", url, **to_metrics)
    async with httpx.AsyncClient(base_url=ingest.url, headers={"X-API-Key": ingest_key}, timeout=30) as client:
        (await client.put("/v1/sources/own", json={"province": "30", "kind": "own", "settings": {}})).raise_for_status()
    made.start("worker", "ingest", url)
    made.start("worker", "metrics", url, **to_ingest)
    made.start("worker", "notices", url, **to_metrics)
    async with httpx.AsyncClient(timeout=30) as client:
        for process in [process for process in made.running if process.url]:
            while (await client.get(process.url + "/readyz")).status_code != 200:  # its worker has come up too
                await asyncio.sleep(0.5)


def _processes(made: Parts) -> dict[str, list[int]]:
    """Process ids by name, those of the servers' own children beside their parents'."""
    found = {process.name: [process.child.pid] for process in made.running if process.child is not None}
    for name, server in (("PostgreSQL", made.postgres), ("Redis", made.redis)):
        pid = server.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        found[name] = [pid, *map(int, children)]
    return found


def _seconds_by_name(made: Parts) -> dict[str, float]:
    return {name: sum(map(_processor_seconds, pids)) for name, pids in _processes(made).items()}


def _processor_seconds(pid: int) -> float:
    """Of the process and of its children that ended."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / _TICKS
    return 0.0


def _megabytes(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0
