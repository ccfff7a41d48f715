"""Answers that are polled, with key check, correlation id, telemetry and problem layers on.

`kpi_unchanged`: requests of an unchanged answer per second of the server's CPU, against a bare FastAPI route with the same
bytes; `kpi_packed`: the same in gzip, against `kpi_unchanged`; `kpi_304`: when the client has it already; `kpi_unchanged_p99`:
their p99. `commit_to_answer`: p99 from the commit of a batch to its answer, against the 50 ms promised. `watch_200`: p99 from a
commit to its event at 200 clients, against 100 ms. `export_beside`: p99 of unchanged answers while XLSX exports run, against
that without.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from functools import partial
from typing import Any

import httpx

from deploy.local.servers import free_port
from deploy.local.services import Process
from services.metrics.event_stream.api import MAX_WATCHES
from shared.database import Database
from tests.bench import _province as province
from tests.bench._load import Watcher, cpu_seconds, load, request
from tests.bench._rows import Parts, parts, row

SECONDS = 2.0
DOSSIERS = 50_000
WATCHERS = 200
QUESTION = f"province=30&from={province.SINCE}&to={province.UNTIL}&scope=A007" + "".join(
    f"&kpi={kpi}" for kpi in
    (
        "received_online", "received_counter", "received_post", "received_new", "carried_over", "resolved_early",
        "resolved_on_time", "resolved_overdue", "resolved", "in_process_within_limit", "in_process_overdue", "in_process",
        "returned", "online_share", "in_time_share", "digitised_intake", "digitised_result",
    )
)  # fmt: skip


def p99(taken: list[float]) -> float:
    """In milliseconds."""
    return 1_000 * sorted(taken)[min(len(taken) - 1, int(0.99 * len(taken)))]


async def run(runs: int) -> dict[str, dict[str, Any]]:
    """The rows."""
    async with parts() as made:
        url = await made.database("metrics")
        database = Database(url, size=3)
        await province.write(database, "30", DOSSIERS, bulk=False)
        key = await made.key("metrics", url)
        api = made.start("api", "metrics", url)
        address = f"{api.url}/v1/kpis?{QUESTION}"
        async with httpx.AsyncClient(headers={"X-API-Key": key, "Accept-Encoding": "identity"}, timeout=30) as client:
            answer = await client.get(address)
            answer.raise_for_status()
        bare = _bare(made, answer.content)
        rows = await _unchanged(address, key, answer.headers["etag"], api, bare, runs)
        watching = [await made.key("metrics", url) for _ in range(WATCHERS // MAX_WATCHES)]
        rows |= await _moves(database, api.url, address, key, watching)
        rows |= await _exports(api.url, address, key, runs)
        await database.close()
    return rows


def _bare(made: Parts, body: bytes) -> Process:
    port = free_port()
    file = made.folder / "body.json"
    file.write_bytes(body)
    command = [sys.executable, "-m", "uvicorn", "tests.bench._bare:app", "--host=127.0.0.1", f"--port={port}"]
    command += ["--no-access-log", "--log-level=warning", "--no-server-header", "--no-proxy-headers"]
    env = os.environ | {"BARE_BODY": str(file)}
    return made.run(Process("bare", command, env, made.folder / "bare.log", f"http://127.0.0.1:{port}"))


async def _unchanged(address: str, key: str, etag: str, api: Process, bare: Process, runs: int) -> dict[str, dict[str, Any]]:
    floor = f"{bare.url}/v1/kpis"
    calls = {
        "ours": (api, address, request(address, X_API_Key=key), 200),
        "packed": (api, address, request(address, X_API_Key=key, Accept_Encoding="gzip, deflate, br"), 200),
        "not_modified": (api, address, request(address, X_API_Key=key, If_None_Match=etag), 304),
        "bare": (bare, floor, request(floor), 200),
    }
    rates: dict[str, list[float]] = {name: [] for name in calls}
    slowest: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(runs + 1):
        for name, (server, url, call, status) in calls.items():
            assert server.child is not None
            used = cpu_seconds(server.child.pid)
            found = await load(url, call, seconds=SECONDS if turn else 0.3)
            used = cpu_seconds(server.child.pid) - used
            if found.statuses != {status}:
                raise RuntimeError(f"{name}: {found.statuses}")
            if turn:
                rates[name].append(len(found.taken) / used)
                slowest[name].append(found.percentile(0.99))
    unit = "requests per second of the server's CPU"
    return {
        "kpi_unchanged": row(rates["ours"], rates["bare"], unit, "higher"),
        "kpi_packed": row(rates["packed"], rates["ours"], unit, "higher"),
        "kpi_304": row(rates["not_modified"], rates["bare"], unit, "higher"),
        "kpi_unchanged_p99": row(slowest["ours"], slowest["bare"], "ms", "lower"),
    }


async def _moves(database: Database, base: str, address: str, key: str, watching: list[str]) -> dict[str, dict[str, Any]]:
    """From a commit to its answer and to its event, 100 commits each; the `watching` keys share the event streams."""
    items = province.changes(random.Random(3), DOSSIERS + 1, 200, DOSSIERS)
    answers: list[float] = []
    async with httpx.AsyncClient(headers={"X-API-Key": key}, timeout=30) as client:
        for item in items[:100]:
            await province.count_changes(database, "30", [item], 1)
            began = time.perf_counter()
            while (await client.get(address)).json()["position"] < item.position:
                pass
            answers.append(time.perf_counter() - began)
    seen: list[tuple[int, float]] = []
    calls = [request(f"{base}/v1/watch?province=30", X_API_Key=one) for one in watching]
    port = int(base.rpartition(":")[2])

    def see(position: int) -> None:
        seen.append((position, time.perf_counter()))

    watchers = []
    for number in range(WATCHERS):
        call = calls[number % len(calls)]
        _, watcher = await asyncio.get_running_loop().create_connection(partial(Watcher, call, see), "127.0.0.1", port)
        watchers.append(watcher)
    while len(seen) < WATCHERS:
        await asyncio.sleep(0.01)
    waits = []
    for item in items[100:]:
        before = len(seen)
        await province.count_changes(database, "30", [item], 1)
        committed = time.perf_counter()
        while len(seen) < before + WATCHERS:
            await asyncio.sleep(0.002)
        waits += [max(0.0, at - committed) for position, at in seen[before:] if position == item.position]
    for watcher in watchers:
        watcher.transport.close()
    return {
        "commit_to_answer": row([p99(answers)], [50.0], "ms", "lower"),
        "watch_200": row([p99(waits)], [100.0], "ms", "lower"),
    }


async def _exports(base: str, address: str, key: str, runs: int) -> dict[str, dict[str, Any]]:
    """Alone and beside a client, in a process of its own, that takes one new export after another."""
    call = request(address, X_API_Key=key)
    alone, beside = [], []
    for turn in range(runs):
        alone.append(p99((await load(address, call, seconds=SECONDS, connections=2)).taken))
        command = ["-m", "tests.bench._exporter", base, key, "2024-03-01", "2024-05-31", str(500 * turn)]
        exporting = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
        assert exporting.stdout is not None
        await exporting.stdout.readline()  # the first is there
        second = asyncio.ensure_future(exporting.stdout.readline())
        taken: list[float] = []
        while not taken or not second.done():  # a machine that others keep busy needs longer for one
            taken += (await load(address, call, seconds=SECONDS, connections=2)).taken
        beside.append(p99(taken))
        exporting.kill()
        await exporting.wait()
    return {"export_beside": row(beside, alone, "ms", "lower")}
