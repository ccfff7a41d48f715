"""From a decision about one day to the moved KPI: four real processes, no step by hand."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import httpx

from services.ingest.catalogue import service as catalogue
from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers.service import apply_batch
from services.ingest.events.model import About, Batch, Course, Event
from shared.agencies import reference_structure
from shared.database import Database
from shared.dossier import Channel, Status
from shared.procedures import reference_procedures
from tests.conftest import NewDatabase, Processes
from tests.patience import PATIENCE

PERIOD = {"province": "30", "scope": "294", "from": "2023-03-01", "to": "2023-03-31"}


def _dossier(number: int, received_on: str, ended_on: str, due_on: str) -> Event:
    received, ended, due = (
        datetime.fromisoformat(f"{day}T02:00:00").replace(tzinfo=UTC) for day in (received_on, ended_on, due_on)
    )
    about = About("10816", "1.004873", Channel.online)
    course = Course(Status.resolved, received, ended)
    return Event(f"D-{number}", "test", str(number), datetime(2024, 1, 1, tzinfo=UTC), about, due, course=course)


async def _answer(client: httpx.AsyncClient, path: str, **words: Any) -> Any:
    response = await client.get(path, params={**PERIOD, **words})
    assert response.status_code in (200, 404), response.text
    return response.json() if response.status_code == 200 else None


async def _at(client: httpx.AsyncClient, position: int) -> dict[str, Any]:
    """The figures of the district, once metrics has counted up to `position`."""
    deadline = time.monotonic() + PATIENCE
    while True:
        answer = await _answer(client, "/v1/kpis")
        if answer is not None and answer["position"] >= position:
            return {kpi: figure["value"] for kpi, figure in answer["total"]["kpis"].items()}
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def test_a_day_declared_off_moves_the_kpis_it_touches_and_the_restatement_names_the_dossiers(
    processes: Processes, new_database: NewDatabase
) -> None:
    """3 working days: ended a day late by the calendar as it was, in time by the day off that was decided on the Tuesday."""
    url = await new_database("ingest", "metrics")
    database = Database(url, size=2)
    async with database.transaction() as tx:
        await catalogue.put_agencies(tx, "30", list(reference_structure()))
        await catalogue.put_procedures(tx, "30", list(reference_procedures()))
    events = [_dossier(1, "2023-03-06", "2023-03-10", "2023-03-09"), _dossier(2, "2023-03-13", "2023-03-17", "2023-03-16")]
    rulesets = RulesetCache()
    async with database.transaction() as tx:
        await apply_batch(tx, "30", "test", Batch(events, []), rulesets)
    await database.close()
    key = await processes.key("ingest", url, "feed:read", "catalogue:write")
    ingest = processes.api("ingest", database_url=url)
    metrics = processes.api("metrics", database_url=url)
    processes.worker("ingest", database_url=url, poll_seconds="0.2")
    processes.worker("metrics", database_url=url, ingest_url=ingest.url, ingest_key=key, poll_seconds="0.2")
    reader = await processes.key("metrics", url, "figures:read")
    async with (
        httpx.AsyncClient(base_url=ingest.url, headers={"X-API-Key": key}, timeout=PATIENCE) as door,
        httpx.AsyncClient(base_url=metrics.url, headers={"X-API-Key": reader}, timeout=PATIENCE) as watch,
    ):
        before = await _at(watch, 2)
        assert (before["resolved_overdue"], before["overdue_by_portal_only"], before["overdue_staff"]) == (2, 0, 2)
        day = {"day": "2023-03-08", "worked": False, "legal_basis": "Công văn 1/UBND", "known_from": "2023-03-07"}
        (await door.post("/v1/catalogue/30/days", json=[day])).raise_for_status()
        after = await _at(watch, 4)
        assert (after["resolved_overdue"], after["resolved_on_time"], after["overdue_by_portal_only"]) == (1, 1, 1)
        assert (after["overdue_calendar_changed"], after["overdue_staff"]) == (1, 1)
        answer = await door.get("/v1/catalogue/30/redatings")
        assert answer.status_code == 200, answer.text
        redating = answer.json()["redatings"][0]
        assert (redating["changed"], redating["restatement"]) == (1, {"after": 2, "upto": 4})
        moved = await _answer(watch, "/v1/restatements", **redating["restatement"])
        figure = moved["total"]["kpis"]["resolved_overdue"]
        assert (figure["before"]["value"], figure["after"]["value"]) == (2, 1)
        because = await _answer(watch, "/v1/restatements/dossiers", kpi="resolved_overdue", **redating["restatement"])
        assert [(one["code"], one["before"], one["after"]) for one in because["dossiers"]] == [("D-1", 1, 0)]
        (line,) = (await _answer(watch, "/v1/disagreements"))["dossiers"]
        assert (line["code"], line["side"], line["cause"]) == ("D-1", "portal_only", "calendar_changed")
        assert "quyết định sau khi hẹn trả thứ Năm 09/3/2023" in line["text"]["vi"]
