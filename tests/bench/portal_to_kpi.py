"""Events a second from the portal to the visible KPI, beside a bare COPY + INSERT ... ON CONFLICT of the same events.

Ours is everything: the portal's HTTP, the adapter, folding, dating, the feed over HTTP, the counters and a KPI read back over
HTTP. The floor stores rows in one table with their text key, from one process, in transactions that hold what ours hold.
The same journey is told in two units:

- `portal_to_kpi`: an event is a step that the portal has recorded in a dossier's history, about five per dossier, as the storm
  counts them and a province does (10 million a year for 2 million dossiers). The floor has a row per step.
- `portal_to_kpi_records`: an event is a record that the portal serves, 3 kB of a dossier with all its steps. The floor has a
  row per record, which is what ingest keeps of it: some 130 bytes.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import asyncpg
import httpx
import msgspec

from deploy.local.servers import free_port
from deploy.local.services import Process
from deploy.local.stack import portal_access
from deploy.simulator.ledger import moment
from deploy.simulator.random_world import RandomWorld, invented_offerings, invented_offices
from services.ingest.events.model import About, Event, Step, encode
from services.ingest.pulls.service import BATCH_SIZE
from shared.agencies import Agency, AgencyKind
from shared.procedures import Procedure
from shared.workdays import LimitUnit, TimeLimit
from tests.bench._rows import Parts, parts, row

PROVINCE = "99"
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


Row = tuple[str, str, str, datetime, bytes]
"""Province, code, id, version time and canonical event of a row of the floor."""


async def run(runs: int) -> dict[str, dict[str, Any]]:
    """The rows `portal_to_kpi` and `portal_to_kpi_records`."""
    ours: list[float] = []
    floors: dict[str, list[float]] = {"portal_to_kpi": [], "portal_to_kpi_records": []}
    steps = recorded_steps()
    units = {"portal_to_kpi": len(steps) / DOSSIERS, "portal_to_kpi_records": 1.0}
    records: list[Row] = []
    async with parts() as made:
        with serving(made) as portal:
            for _ in range(runs):
                url = await made.database("ingest", "metrics")
                await prepare(made, url)
                ours.append(await journey(made, portal, url))
                records = records or await _records(url)
                for name, rows in (("portal_to_kpi", steps), ("portal_to_kpi_records", records)):
                    floors[name].append(await _floor(made, rows, round(BATCH_SIZE * units[name])))
    return {name: row([units[name] * rate for rate in ours], floor, "events/s", "higher") for name, floor in floors.items()}


def recorded_steps() -> list[Row]:
    """Every step of the portal's own ledger as a canonical event; a dossier's first one says what it is."""
    world = RandomWorld(dossiers=DOSSIERS, agencies=AGENCIES, seed=1, province=PROVINCE, dirt=0)
    rows: list[Row] = []
    for history in world.histories():
        office, offering = world.offices[history.office], world.offerings[history.offering]
        about = About(office.code, offering.code, history.channel, history.digitised_intake, history.digitised_result)
        due = moment(history.promises[0].due_at) if history.promises else None
        for number, step in enumerate(history.steps):
            told = Step(moment(step.at), step.status)
            recorded = moment(step.recorded_at)
            event = Event(history.code, "portal", f"{history.index}-{number}", recorded, steps=(told,))
            if not number:
                event = msgspec.structs.replace(event, about=about, due_at=due)
            rows.append((PROVINCE, event.code, event.id, event.at, encode(event)))
    return rows


@contextmanager
def serving(
    made: Parts, seed: int = 1, *, dossiers: int = DOSSIERS, largest_page: int = 2_000, province: str = PROVINCE
) -> Iterator[str]:
    """The address of a portal that serves an invented world, its rows rendered; its codes bear the number of `province`."""
    portal = f"http://127.0.0.1:{free_port()}"
    words = ["--world", "random", "--dossiers", dossiers, "--agencies", AGENCIES, "--province", province, "--seed", seed]
    words += ["--max-page-size", largest_page]
    command = [sys.executable, "-m", "deploy.simulator", "--port", portal.rsplit(":", 1)[1], "--warm", "--dirt", "0"]
    process = Process("portal", [*command, *map(str, words)], dict(os.environ), made.folder / "portal.log", portal)
    process.start()
    try:
        process.wait_until_ready(120)
        yield portal
    finally:
        process.kill()


def access_to(portal: str) -> dict[str, str]:
    """What ingest is told so that it may read the portal at that address."""
    return portal_access(int(portal.rsplit(":", 1)[1]), PROVINCE)


async def prepare(made: Parts, url: str) -> None:
    """Give a database the invented world's catalogue."""
    key = await made.key("ingest", url)
    ingest = made.start("api", "ingest", url)
    agencies, procedures = catalogue()
    async with httpx.AsyncClient(base_url=ingest.url, headers={"X-API-Key": key}, timeout=60) as door:
        for name, body in (("agencies", agencies), ("procedures", procedures)):
            (await door.put(f"/v1/catalogue/{PROVINCE}/{name}", json={name: body})).raise_for_status()
    made.stop()


async def journey(made: Parts, portal: str, url: str, source: str = "portal") -> float:
    """Dossiers a second of one whole pull, to the KPI that has all of it."""
    ingest_key, metrics_key = await made.key("ingest", url), await made.key("metrics", url)
    access = access_to(portal)
    ingest = made.start("api", "ingest", url, **access)
    metrics = made.start("api", "metrics", url)
    made.start("worker", "ingest", url, **access)
    made.start("worker", "metrics", url, ingest_url=ingest.url, ingest_key=ingest_key)
    async with (
        httpx.AsyncClient(base_url=ingest.url, headers={"X-API-Key": ingest_key}, timeout=60) as door,
        httpx.AsyncClient(base_url=metrics.url, headers={"X-API-Key": metrics_key}, timeout=60) as watch,
    ):
        query = {"province": PROVINCE, "from": "2010-01-01", "to": "2025-12-31", "kpi": "received_new"}
        before = await watch.get("/v1/kpis", params=query)
        known = before.json()["total"]["kpis"]["received_new"]["value"] if before.status_code == 200 else 0
        began = time.perf_counter()
        pull = await pulled(door, {"base_url": portal, "page_size": 2000, "rate": 100}, source=source)
        head = (await door.get("/v1/provinces")).json()["provinces"][0]["head"]
        while True:
            answer = await watch.get("/v1/kpis", params=query)
            if answer.status_code == 200 and answer.json()["position"] == head:
                break
            await asyncio.sleep(0.02)
        seconds = time.perf_counter() - began
        counted = answer.json()["total"]["kpis"]["received_new"]["value"] - known
        if not 0 < counted <= DOSSIERS or pull["accepted"] != DOSSIERS:
            raise RuntimeError(f"{counted} received of {pull['accepted']} accepted of {DOSSIERS}")
    made.stop()
    return DOSSIERS / seconds


async def pulled(
    door: httpx.AsyncClient, settings: dict[str, Any], *, source: str = "portal", patience: int = 0, poll_seconds: float = 0.02
) -> dict[str, Any]:
    """Connect the portal and wait for a complete pull, through at most `patience` failed ones; all counts together."""
    body = {"province": PROVINCE, "kind": "igate", "settings": settings, "secret": "PORTAL", "every_seconds": 3600}
    (await door.put(f"/v1/sources/{source}", json=body)).raise_for_status()
    while True:
        pulls = (await door.get("/v1/pulls", params={"source": source})).json()["pulls"]
        if sum(pull["state"] == "failed" for pull in pulls) > patience:
            raise RuntimeError(pulls[0]["last_error"])
        if pulls and pulls[0]["state"] == "complete":
            return {**pulls[0], "accepted": sum(pull["accepted"] for pull in pulls)}
        await asyncio.sleep(poll_seconds)


async def _records(url: str) -> list[Row]:
    connection = await asyncpg.connect(url)
    decode = msgspec.msgpack.Decoder(list[Event]).decode
    histories = [decode(one["history"]) for one in await connection.fetch("SELECT history FROM ingest.dossier ORDER BY number")]
    await connection.close()
    return [(PROVINCE, event.code, event.id, event.at, encode(event)) for history in histories for event in history]


async def _floor(made: Parts, rows: list[Row], at_once: int) -> float:
    connection = await asyncpg.connect(await made.database("ingest"))
    columns = ("province", "code", "id", "at", "body")
    shape = 'province text, code text COLLATE "C", id text COLLATE "C", at timestamptz, body bytea'
    await connection.execute(f"CREATE TABLE public.event ({shape}, PRIMARY KEY (province, code, id))")
    began = time.perf_counter()
    for start in range(0, len(rows), at_once):
        async with connection.transaction():
            await connection.execute(f"CREATE TEMP TABLE batch ({shape}) ON COMMIT DROP")
            await connection.copy_records_to_table("batch", columns=columns, records=rows[start : start + at_once])
            await connection.execute(
                "INSERT INTO public.event SELECT * FROM batch"
                " ON CONFLICT (province, code, id) DO UPDATE SET body = excluded.body"
            )
    seconds = time.perf_counter() - began
    await connection.close()
    return len(rows) / seconds
