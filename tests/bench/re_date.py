"""`re_date`: seconds to date 200.000 dossiers anew after a change of the calendar, against a plain UPDATE of the same rows.

Ours is everything from the decided day to the moved KPI: ingest reads, folds and dates every dossier under its province's lock,
writes the new versions into the feed, and metrics, over HTTP as always, counts the differences into its counters and its
ledger, from which the restatement is read. The world is the worst there is: the day lies in the life of every dossier, so
every one of them gets a new version. The floor moves the dates where they stand in columns: one statement that adds a day to
the dates of the same 200.000 dossiers in `metrics.dossier_version`, without history, counters or figures.
"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import asyncpg
import httpx

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers.service import apply_batch
from services.ingest.events.model import About, Batch, Course, Event
from shared.civil import civil_day
from shared.database import Connection, Database
from shared.dossier import Channel, Status
from shared.workdays import national_calendar
from tests.bench._rows import Parts, parts, row
from tests.bench.portal_to_kpi import PROVINCE, catalogue

DOSSIERS = 200_000
_RECEIVED = datetime(2024, 3, 4, 1, tzinfo=UTC)
_DECIDED = date(2024, 3, 6)
"""Nobody is off on this Wednesday until the bench says so."""
BATCH_SIZE = 10_000
_PLAIN = """
UPDATE metrics.dossier_version SET due_on = due_on {0} 1, late_from = late_from {0} 1,
    due_soon_1 = due_soon_1 {0} 1, due_soon_3 = due_soon_3 {0} 1, due_soon_5 = due_soon_5 {0} 1
WHERE province = $1
"""


async def run(runs: int) -> dict[str, dict[str, Any]]:
    """The row `re_date`."""
    ours, floor = [], []
    async with parts() as made:
        for number in range(runs):
            url = await made.database("ingest", "metrics")
            seconds, plain = await _measured(made, url)
            print(f"  run {number + 1}: {seconds:.1f} s, plain UPDATE {plain:.1f} s", file=sys.stderr, flush=True)
            ours.append(seconds)
            floor.append(plain)
    return {"re_date": row(ours, floor, "s", "lower")}


async def _measured(made: Parts, url: str) -> tuple[float, float]:
    ingest_key, metrics_key = await made.key("ingest", url), await made.key("metrics", url)
    ingest = made.start("api", "ingest", url)
    metrics = made.start("api", "metrics", url)
    agencies, procedures = catalogue()
    async with (
        httpx.AsyncClient(base_url=ingest.url, headers={"X-API-Key": ingest_key}, timeout=60) as door,
        httpx.AsyncClient(base_url=metrics.url, headers={"X-API-Key": metrics_key}, timeout=60) as watch,
    ):
        for name, body in (("agencies", agencies), ("procedures", procedures)):
            (await door.put(f"/v1/catalogue/{PROVINCE}/{name}", json={name: body})).raise_for_status()
        await _take_in(url, agencies, procedures)
        made.start("worker", "ingest", url)
        made.start("worker", "metrics", url, ingest_url=ingest.url, ingest_key=ingest_key)
        await _counted(door, watch)
        plain = await _floor(url)
        day = {"day": _DECIDED.isoformat(), "worked": False, "legal_basis": "bench", "known_from": "2024-03-05"}
        began = time.perf_counter()
        (await door.post(f"/v1/catalogue/{PROVINCE}/days", json=[day])).raise_for_status()
        await _counted(door, watch)
        seconds = time.perf_counter() - began
        redating = (await door.get(f"/v1/catalogue/{PROVINCE}/redatings")).json()["redatings"][0]
        if (redating["examined"], redating["changed"]) != (DOSSIERS, DOSSIERS):
            raise RuntimeError(f"{redating['changed']} of {redating['examined']} dossiers were dated anew, not {DOSSIERS}")
    made.stop()
    return seconds, plain


async def _take_in(url: str, agencies: list[Any], procedures: list[Any]) -> None:
    rng = Random(6)
    offices = [one["code"] for one in agencies if one["kind"] == "commune"]
    limits = {one["code"]: one["limit"]["amount"] for one in procedures if one["limit"]["unit"] == "working_days"}
    offered = [(code, amount) for code, amount in limits.items() if amount >= 3]
    database = Database(url, size=1)
    rulesets = RulesetCache()
    for start in range(0, DOSSIERS, BATCH_SIZE):
        events = [_event(rng, number, offices, offered) for number in range(start, start + BATCH_SIZE)]

        async def work(tx: Connection, events: list[Event] = events) -> None:
            await apply_batch(tx, PROVINCE, "bench", Batch(events, []), rulesets)

        await database.run(work)
    await database.close()


def _event(rng: Random, number: int, offices: list[str], offered: list[tuple[str, int]]) -> Event:
    """A dossier received before the decided day and promised without it; nine in ten have ended, one in twenty of them late."""
    procedure, limit = rng.choice(offered)
    received_at = _RECEIVED + timedelta(minutes=rng.randrange(32 * 60))
    due_on = national_calendar().add_working_days(_day(received_at), limit)
    due_at = datetime(due_on.year, due_on.month, due_on.day, 10, tzinfo=UTC)
    ended_at = None
    if rng.random() < 0.9:
        share = rng.uniform(1.0, 1.5) if rng.random() < 0.05 else rng.uniform(0.1, 1.0)
        ended_at = received_at + (due_at - received_at) * share
    about = About(rng.choice(offices), procedure, Channel.online, True, True)
    course = Course(Status.delivered if ended_at else Status.processing, received_at, ended_at, ended_at)
    code = f"000.00.19.H{number % 90:02d}-240304-{number:06d}"
    return Event(code, "bench", f"{number}", received_at + timedelta(days=40), about, due_at, course=course)


def _day(at: datetime) -> date:
    return civil_day(at)


async def _counted(door: httpx.AsyncClient, watch: httpx.AsyncClient) -> None:
    """Waits until every dossier is dated by the newest catalogue and the last version is in the KPIs."""
    query = {"province": PROVINCE, "from": "2024-01-01", "to": "2024-12-31", "kpi": "received_new"}
    while True:
        redatings = (await door.get(f"/v1/catalogue/{PROVINCE}/redatings")).json()["redatings"]
        if all(one["finished_at"] for one in redatings):
            head = (await door.get("/v1/provinces")).json()["provinces"][0]["head"]
            answer = await watch.get("/v1/kpis", params=query)
            if answer.status_code == 200 and answer.json()["position"] == head:
                return
        await asyncio.sleep(0.2)  # asking costs CPU that the services need


async def _floor(url: str) -> float:
    connection = await asyncpg.connect(url)
    try:
        began = time.perf_counter()
        await connection.execute(_PLAIN.format("+"), PROVINCE)
        seconds = time.perf_counter() - began
        # Undone, so that ours meets the rows as they were.
        await connection.execute(_PLAIN.format("-"), PROVINCE)
        await connection.execute("VACUUM ANALYZE metrics.dossier_version")
        return seconds
    finally:
        await connection.close()
