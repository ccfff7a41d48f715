"""`portal_to_kpi`: events a second from the portal to the visible KPI, beside a bare COPY + INSERT ... ON CONFLICT of them.

Ours is everything: the portal's HTTP, the adapter, folding, dating, the feed over HTTP, the counters and a KPI read back over
HTTP. The floor stores the same canonical events, as ingest keeps them, in one table with their text key, in batches of the
same size, from one process.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import asyncpg
import httpx
import msgspec

from deploy.local.servers import free_port
from deploy.local.services import Process
from deploy.portal.random_world import invented_offerings, invented_offices
from services.ingest.events import Event, encode
from services.ingest.pulling import AT_ONCE
from shared.agencies import Agency, AgencyKind
from shared.procedures import Procedure
from shared.workdays import LimitUnit, TimeLimit
from tests.bench._rows import Parts, parts, row

STREAM = "99"
DOSSIERS = 120_000
AGENCIES = 20
"""15 dossiers per agency and day over the world's 400 days: what a province of 300 agencies and 2 million a year has."""


def catalogue() -> tuple[list[Any], list[Any]]:
    """The invented world's agencies and procedures as ingest takes them."""
    since = date(2000, 1, 1)
    offices = invented_offices(AGENCIES)
    agencies = [
        Agency(one.code, one.name_vi, one.name_en, AgencyKind(one.level), one.valid_from, one.parent) for one in offices
    ]
    procedures = [
        Procedure(
            code=one.code,
            name_vi=one.name_vi,
            name_en=one.name_en,
            sector=one.sector,
            valid_from=since,
            limit=TimeLimit(one.amount, LimitUnit(one.unit)),
            interlinked=one.interlinked,
            digitisation_required=one.digitisation_required,
            fee_required=one.fee_required,
        )
        for one in invented_offerings()
    ]
    return msgspec.to_builtins(agencies), msgspec.to_builtins(procedures)


async def run(runs: int) -> dict[str, dict[str, Any]]:
    """The row `portal_to_kpi`."""
    ours, floor = [], []
    async with parts() as made:
        with serving(made) as portal:
            events: list[tuple[str, str, str, Any, bytes]] = []
            for _ in range(runs):
                url = await made.database("ingest", "metrics")
                await prepare(made, url)
                ours.append(await journey(made, portal, url))
                if not events:
                    events = await _events(url)
                floor.append(await _floor(made, events))
    return {"portal_to_kpi": row(ours, floor, "events/s", "higher")}


@contextmanager
def serving(made: Parts, seed: int = 1, *, dossiers: int = DOSSIERS, largest_page: int = 2_000) -> Iterator[str]:
    """The address of a portal that serves an invented world, its rows rendered."""
    portal = f"http://127.0.0.1:{free_port()}"
    words = ["--world", "random", "--dossiers", dossiers, "--agencies", AGENCIES, "--stream", STREAM, "--seed", seed]
    words += ["--largest-page", largest_page]
    command = [sys.executable, "-m", "deploy.portal", "--port", portal.rsplit(":", 1)[1], "--warm", "--dirt", "0"]
    process = Process("portal", [*command, *map(str, words)], dict(os.environ), made.folder / "portal.log", portal)
    process.start()
    try:
        process.wait_until_ready(120)
        yield portal
    finally:
        process.kill()


async def prepare(made: Parts, url: str) -> None:
    """Give a database the invented world's catalogue."""
    key = await made.key("ingest", url)
    ingest = made.start("api", "ingest", url)
    agencies, procedures = catalogue()
    async with httpx.AsyncClient(base_url=ingest.url, headers={"X-API-Key": key}, timeout=60) as door:
        for name, body in (("agencies", agencies), ("procedures", procedures)):
            (await door.put(f"/v1/catalogue/{STREAM}/{name}", json=body)).raise_for_status()
    made.stop()


async def journey(made: Parts, portal: str, url: str, source: str = "portal") -> float:
    """Events a second of one whole pull, to the KPI that has all of it."""
    ingest_key, metrics_key = await made.key("ingest", url), await made.key("metrics", url)
    ingest = made.start("api", "ingest", url)
    metrics = made.start("api", "metrics", url)
    made.start("worker", "ingest", url, portal_secret="motcua")
    made.start("worker", "metrics", url, ingest_url=ingest.url, ingest_key=ingest_key)
    async with (
        httpx.AsyncClient(base_url=ingest.url, headers={"X-API-Key": ingest_key}, timeout=60) as door,
        httpx.AsyncClient(base_url=metrics.url, headers={"X-API-Key": metrics_key}, timeout=60) as watch,
    ):
        question = {"stream": STREAM, "from": "2010-01-01", "to": "2025-12-31", "kpi": "received_new"}
        before = await watch.get("/v1/kpis", params=question)
        known = before.json()["total"]["figures"]["received_new"]["value"] if before.status_code == 200 else 0
        began = time.perf_counter()
        pull = await pulled(door, {"base_url": portal, "page_size": 2000, "rate": 1000}, source=source)
        head = (await door.get("/v1/streams")).json()["streams"][0]["head"]
        while True:
            answer = await watch.get("/v1/kpis", params=question)
            if answer.status_code == 200 and answer.json()["position"] == head:
                break
            await asyncio.sleep(0.02)
        seconds = time.perf_counter() - began
        counted = answer.json()["total"]["figures"]["received_new"]["value"] - known
        if not 0 < counted <= DOSSIERS or pull["accepted"] != DOSSIERS:
            raise RuntimeError(f"{counted} received of {pull['accepted']} accepted of {DOSSIERS}")
    made.stop()
    return DOSSIERS / seconds


async def pulled(
    door: httpx.AsyncClient, settings: dict[str, Any], *, source: str = "portal", patience: int = 0
) -> dict[str, Any]:
    """Connect the portal and wait for a complete pull, through at most `patience` failed ones; all counts together."""
    body = {"stream": STREAM, "kind": "igate", "settings": settings, "secret_env": "PORTAL_SECRET", "every_seconds": 3600}
    (await door.put(f"/v1/sources/{source}", json=body)).raise_for_status()
    while True:
        pulls = (await door.get("/v1/pulls", params={"source": source})).json()["pulls"]
        if sum(pull["state"] == "failed" for pull in pulls) > patience:
            raise RuntimeError(pulls[0]["last_error"])
        if pulls and pulls[0]["state"] == "complete":
            return {**pulls[0], "accepted": sum(pull["accepted"] for pull in pulls)}
        await asyncio.sleep(0.02)


async def _events(url: str) -> list[tuple[str, str, str, Any, bytes]]:
    connection = await asyncpg.connect(url)
    decode = msgspec.msgpack.Decoder(list[Event]).decode
    histories = [decode(one["history"]) for one in await connection.fetch("SELECT history FROM ingest.dossier ORDER BY number")]
    await connection.close()
    return [(STREAM, event.code, event.id, event.at, encode(event)) for history in histories for event in history]


async def _floor(made: Parts, events: list[tuple[str, str, str, Any, bytes]]) -> float:
    connection = await asyncpg.connect(await made.database("ingest"))
    columns = ("stream", "code", "id", "at", "body")
    shape = 'stream text, code text COLLATE "C", id text COLLATE "C", at timestamptz, body bytea'
    await connection.execute(f"CREATE TABLE public.event ({shape}, PRIMARY KEY (stream, code, id))")
    began = time.perf_counter()
    for start in range(0, len(events), AT_ONCE):
        async with connection.transaction():
            await connection.execute(f"CREATE TEMP TABLE batch ({shape}) ON COMMIT DROP")
            await connection.copy_records_to_table("batch", columns=columns, records=events[start : start + AT_ONCE])
            await connection.execute(
                "INSERT INTO public.event SELECT * FROM batch ON CONFLICT (stream, code, id) DO UPDATE SET body = excluded.body"
            )
    seconds = time.perf_counter() - began
    await connection.close()
    return len(events) / seconds
