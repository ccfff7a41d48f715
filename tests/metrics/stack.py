"""Ingest with a database of its own and metrics, as real processes that tests stop, exchange and ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx

from deploy.local.servers import free_port
from deploy.local.services import Process
from tests.conftest import NewDatabase, Processes
from tests.patience import PATIENCE

QUICK = {"poll_seconds": "0.1", "heartbeat_seconds": "0.2", "worker_timeout_seconds": "3", "ingest_poll_seconds": "0.3"}
PERIOD = {"from": "2023-06-15", "to": "2023-06-30", "kpi": "received_new"}

AGENCY = {"code": "10813", "name_vi": "Xã Liên Mạc", "name_en": "Lien Mac", "kind": "commune", "valid_from": "2000-01-01"}
PROCEDURE = {
    "code": "1.001193",
    "name_vi": "Đăng ký khai sinh",
    "name_en": "Registration of birth",
    "sector": "HT",
    "limit": {"amount": 5, "unit": "working_days"},
    "valid_from": "2000-01-01",
}


def kinds_in(answer: dict[str, Any]) -> list[str]:
    """Why an answer is not complete."""
    return [reason["kind"] for reason in answer["freshness"]["reasons"]]


@dataclass
class Stack:
    """Ingest with a database of its own that can be copied and swapped, and metrics, as real processes."""

    ingest: Process
    ingest_worker: Process
    metrics: Process
    worker: Process
    door: httpx.AsyncClient
    watch: httpx.AsyncClient
    admin: Any
    name: str
    """Of ingest's database."""
    ingest_url: str
    """Of ingest's database, as its owner."""
    metrics_url: str
    """Of metrics' database, as its owner."""

    async def push(self, province: str, first: int, last: int) -> None:
        events = [
            {
                "code": f"H{province}-{number}",
                "id": "1",
                "at": "2023-06-15T09:00:00+07:00",
                "status": "processing",
                "received_at": "2023-06-15T08:00:00+07:00",
                "channel": "online",
                "agency": AGENCY["code"],
                "procedure": PROCEDURE["code"],
            }
            for number in range(first, last + 1)
        ]
        (await self.door.post("/v1/events", params={"source": f"own-{province}"}, json=events)).raise_for_status()

    async def offline(self, *statements: str) -> None:
        """Run statements while ingest is down."""
        self.ingest.stop()
        self.ingest_worker.stop()
        for statement in statements:
            await self.admin.execute(statement)
        self.ingest.start()
        self.ingest_worker.start()
        await asyncio.to_thread(self.ingest.wait_until_ready)

    async def until(self, province: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The answer about a province, once it is so."""
        async with asyncio.timeout(PATIENCE):
            while True:
                answer = await self.watch.get("/v1/kpis", params={"province": province, **PERIOD})
                if answer.status_code == 200 and holds(answer.json()):
                    found: dict[str, Any] = answer.json()
                    return found
                await asyncio.sleep(0.1)

    async def until_alerts(self, province: str, reasons: list[str]) -> None:
        """Wait until these reasons, and no others, have open alerts."""
        async with asyncio.timeout(PATIENCE):
            while True:
                answer = await self.watch.get("/v1/alerts", params={"province": province, "only_open": True})
                if sorted(one["reason"] for one in answer.json()["alerts"]) == reasons:
                    return
                await asyncio.sleep(0.1)

    async def until_gauge(self, line: str) -> None:
        """Wait until metrics' page for Prometheus has this line: its gauges are set every few seconds."""
        async with asyncio.timeout(PATIENCE):
            while line not in (await self.watch.get("/metrics")).text:
                await asyncio.sleep(0.1)

    async def counted(self, province: str, position: int) -> float:
        """How many dossiers are counted as received, at a position."""
        answer = await self.until(province, lambda answer: answer["position"] == position)
        value: float = answer["total"]["kpis"]["received_new"]["value"]
        return value


@asynccontextmanager
async def running(
    processes: Processes,
    new_database: NewDatabase,
    settings: Mapping[str, str] = QUICK,
    portals: Mapping[str, str] | None = None,
) -> AsyncIterator[Stack]:
    """The stack, with the provinces 30 and 31 connected; `portals` are variables with which ingest may read them."""
    portals = portals or {}
    ingest_url, metrics_url = await new_database("ingest"), await new_database("metrics")
    key = await processes.key("ingest", ingest_url, "feed:read", "events:write", "sources:manage", "catalogue:write")
    reader = await processes.key("metrics", metrics_url, "figures:read", "figures:write", "ops:read")
    port = free_port()
    address = {"ingest_url": f"http://127.0.0.1:{port}", "ingest_key": key}
    ingest, metrics = await asyncio.gather(
        asyncio.to_thread(processes.api, "ingest", port, database_url=ingest_url, **portals),
        asyncio.to_thread(processes.api, "metrics", database_url=metrics_url, **settings, **address),
    )
    ports = [str(free_port()), str(free_port())]
    ingest_worker = processes.worker("ingest", database_url=ingest_url, worker_metrics_port=ports[0], **settings, **portals)
    worker = processes.worker("metrics", database_url=metrics_url, worker_metrics_port=ports[1], **settings, **address)
    admin = await asyncpg.connect(ingest_url.rpartition("/")[0] + "/postgres")
    async with (
        httpx.AsyncClient(base_url=ingest.url, headers={"X-API-Key": key}, timeout=PATIENCE) as door,
        httpx.AsyncClient(base_url=metrics.url, headers={"X-API-Key": reader}, timeout=PATIENCE) as watch,
    ):
        for province in ("30", "31"):
            source: dict[str, object] = {"province": province, "kind": "own", "settings": {}}
            (await door.put(f"/v1/sources/own-{province}", json=source)).raise_for_status()
            for kind, row in (("agencies", AGENCY), ("procedures", PROCEDURE)):
                (await door.put(f"/v1/catalogue/{province}/{kind}", json={kind: [row]})).raise_for_status()
        name = ingest_url.rpartition("/")[2]
        yield Stack(ingest, ingest_worker, metrics, worker, door, watch, admin, name, ingest_url, metrics_url)
    await admin.close()
