"""A worker that was stopped, hangs or was never started cannot look healthy: real processes, really stopped."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from deploy.local.services import Process
from shared.heartbeat import PROCESS, Beat, WorkerOutage, find_outage
from shared.settings import SERVICES, Service
from tests.conftest import NewDatabase, Processes
from tests.metrics.feed import KEY, Feed, serving
from tests.patience import PATIENCE

QUICK = {"heartbeat_seconds": "0.1", "worker_timeout_seconds": "1", "poll_seconds": "0.1"}
NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)


def beat(worker: str, loop: str, alive_for: float, beaten_before: float = 5) -> Beat:
    return Beat(worker, loop, NOW - timedelta(seconds=beaten_before), NOW + timedelta(seconds=alive_for))


@pytest.mark.parametrize(
    ("beats", "found"),
    [
        ([], WorkerOutage([], None)),
        ([beat("a", PROCESS, 15), beat("a", "following", 295)], None),
        ([beat("a", PROCESS, -1, 21), beat("a", "following", 279)], WorkerOutage([], NOW - timedelta(seconds=21))),
        ([beat("a", PROCESS, -1, 21), beat("b", PROCESS, 15)], None),
        (
            [beat("a", PROCESS, 15), beat("a", "following", -9, 309), beat("a", "noting", 295)],
            WorkerOutage(["following"], NOW - timedelta(seconds=309)),
        ),
        ([beat("a", PROCESS, 15), beat("a", "following", -9), beat("b", PROCESS, 15), beat("b", "following", 295)], None),
        (
            [beat("a", PROCESS, 15), beat("a", "following", -9, 309), beat("b", PROCESS, -1), beat("b", "following", 279)],
            WorkerOutage(["following"], NOW - timedelta(seconds=309)),
        ),
    ],
    ids=["never", "alive", "dead", "another lives", "stuck loop", "not stuck elsewhere", "the one not stuck is dead"],
)
def test_what_is_silent_follows_from_the_beats(beats: list[Beat], found: WorkerOutage | None) -> None:
    assert find_outage(beats, NOW) == found


async def until_ready(url: str, status: int) -> dict[str, Any]:
    """What `/readyz` says once it answers `status`."""
    async with asyncio.timeout(PATIENCE), httpx.AsyncClient(base_url=url, timeout=PATIENCE) as client:
        while True:
            answer = await client.get("/readyz")
            assert (await client.get("/healthz")).status_code == 200
            if answer.status_code == status:
                found: dict[str, Any] = answer.json()
                return found
            await asyncio.sleep(0.05)


def send(process: Process, number: int) -> None:
    assert process.child is not None
    os.kill(process.child.pid, number)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_is_ready_only_while_its_worker_lives(
    processes: Processes, new_database: NewDatabase, service: Service
) -> None:
    url = await new_database(service)
    api = processes.api(service, database_url=url)
    alone = await until_ready(api.url, 503)
    assert alone["type"].endswith("/worker-silent")
    assert f"services.{service}.worker" in alone["detail"]
    assert alone["since"] is None
    worker = processes.worker(service, database_url=url, **QUICK)
    await until_ready(api.url, 200)
    send(worker, signal.SIGSTOP)
    frozen = await until_ready(api.url, 503)
    assert frozen["detail"].startswith("No worker is alive since 2")
    send(worker, signal.SIGCONT)
    await until_ready(api.url, 200)
    worker.stop()
    assert (await until_ready(api.url, 503))["since"] is None


async def test_a_loop_that_hangs_shows_although_the_others_go_on(processes: Processes, new_database: NewDatabase) -> None:
    url = await new_database("metrics")
    api = processes.api("metrics", database_url=url)
    blocker = await asyncpg.connect(url)
    async with serving(Feed()) as feed:
        address = {"ingest_url": feed.url, "ingest_key": KEY}
        async with blocker.transaction():
            await blocker.execute("LOCK TABLE metrics.alert_rule")
            processes.worker("metrics", database_url=url, **QUICK, **address, loop_timeout_seconds="2")
            while (hanging := await until_ready(api.url, 503))["loops"] != ["alerting"]:
                await asyncio.sleep(0.05)
            assert hanging["detail"].startswith("The loop alerting of the worker makes no progress since 2")
        await until_ready(api.url, 200)
    await blocker.close()


async def test_a_loop_that_only_fails_shows_too(processes: Processes, new_database: NewDatabase) -> None:
    url = await new_database("metrics")
    api = processes.api("metrics", database_url=url)
    processes.worker("metrics", database_url=url, **QUICK, ingest_url="http://127.0.0.1:9", loop_timeout_seconds="2")
    while (await until_ready(api.url, 503))["loops"] != ["following", "noting"]:
        await asyncio.sleep(0.05)
