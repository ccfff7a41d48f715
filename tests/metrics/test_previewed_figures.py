"""The figures that a change of the catalogue would move are told before it applies, and are exactly those that it moves."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest_asyncio

from services.ingest.catalogue import service as catalogue
from services.ingest.previews.service import Rulesets, preview_next
from services.metrics.counting.feed_loop import follow
from services.metrics.counting.ingest_client import Ingest
from services.metrics.previews import service
from services.metrics.previews.service import CountedPreviews
from shared.agencies import Agency, reference_structure
from shared.contracts.previews import PreviewUnfinished
from shared.database import Database
from shared.procedures import reference_procedures
from tests.conftest import NewDatabase, Processes
from tests.ingest.catalogue_door import redated, taken_in
from tests.ingest.test_previews import _dossiers
from tests.patience import PATIENCE, until

JSON = {"Content-Type": "application/json"}
VIEWS: tuple[dict[str, Any], ...] = (
    {"from": "2023-03-01", "to": "2023-03-31"},
    {"from": "2023-03-24", "to": "2023-04-10", "level": "district"},
    {"from": "2023-05-01", "to": "2023-05-31"},
    {"period": "2023-Q1", "scope": "294"},
)
NOTHING = {"from": "2001-01-01", "to": "2001-01-01"}
Figures = dict[str, tuple[Any, Any, Any]]


@dataclass
class Both:
    """Ingest and metrics over one database; their workers' work is done by the test."""

    door: httpx.AsyncClient
    watch: httpx.AsyncClient
    database: Database
    ingest: Ingest
    position: int = 0
    """That is counted."""

    async def counted(self) -> None:
        await redated(self.database)
        await follow(self.database, self.ingest)
        (province,) = (await self.ingest.heads()).provinces
        self.position = province.head

    async def previewed(self, change: dict[str, Any]) -> int:
        asked = await self.door.post("/v1/catalogue/30/previews", content=msgspec.json.encode(change), headers=JSON)
        assert asked.status_code == 202, asked.text
        rulesets = Rulesets()
        while await self.database.run(lambda tx: preview_next(tx, rulesets, datetime.now(UTC))):
            pass
        return int(asked.json()["id"])

    async def get(self, path: str, **words: Any) -> Any:
        response = await self.watch.get(path, params={"province": "30", **words})
        assert response.status_code == 200, response.text
        return response.json()

    async def table(self, path: str, **words: Any) -> list[list[str]]:
        words |= {"province": "30", "format": "csv"}
        response = await self.watch.get(path, params=words, headers={"Accept-Language": "en"})
        assert response.headers["figures-complete"] == "false", "nobody asks ingest here"
        return list(csv.reader(io.StringIO(response.content.decode())))

    async def kpis(self, view: dict[str, Any]) -> dict[str | None, Figures]:
        """Figures by agency; `total` is the whole scope's."""
        # The process is told of a position by the worker, which is not there: it looks by itself a little later.
        found = await until(
            lambda: self.get("/v1/kpis", by="agency", **view), lambda answer: answer["position"] == self.position
        )
        return {"total": _counts(found["total"]["kpis"])} | {row["agency"]: _counts(row["kpis"]) for row in found["rows"]}

    async def subjects(self, view: dict[str, Any]) -> dict[tuple[str, str | None], Figures]:
        """Figures by interlinked procedure, by department and by step."""
        words = {name: value for name, value in view.items() if name != "level"}
        found: dict[tuple[str, str | None], Figures] = {}
        for by, name in (("procedure", "procedure"), ("department", "work"), ("step", "work")):
            rows = (await self.get("/v1/kpis", by=by, **words))["rows"]
            found |= {(by, row[name]): _counts(row["kpis"]) for row in rows}
        return found


def _counts(figures: dict[str, Any]) -> Figures:
    return {kpi: _count(one) for kpi, one in figures.items()}


Subject = tuple[str, str | None]
Moved = dict[tuple[Subject, str], tuple[Any, Any]]


def _moved_subjects(old: dict[Subject, Figures], new: dict[Subject, Figures], empty: Figures) -> Moved:
    return {
        (subject, kpi): (before, after)
        for subject in old.keys() | new.keys()
        for kpi in (old.get(subject) or new[subject])
        if (before := old.get(subject, empty)[kpi]) != (after := new.get(subject, empty)[kpi])
    }


def _subject_figures(previewed: dict[str, Any]) -> dict[tuple[Subject, str], dict[str, Any]]:
    rows = [(("procedure", row["procedure"]), row["kpis"]) for row in previewed["procedures"]]
    rows += [((row["by"], row["work"]), row["kpis"]) for row in previewed["work"]]
    return {(subject, kpi): one for subject, kpis in rows for kpi, one in kpis.items()}


def _previewed_subjects(previewed: dict[str, Any]) -> Moved:
    return {key: (_count(one["before"]), _count(one["after"])) for key, one in _subject_figures(previewed).items()}


def _as_cell(value: float | None) -> str:
    return "" if value is None else str(value)


def _count(figure: dict[str, Any]) -> tuple[Any, Any, Any]:
    return figure["numerator"], figure["denominator"], figure["value"]


@pytest_asyncio.fixture
async def both(processes: Processes, new_database: NewDatabase) -> AsyncIterator[Both]:
    url = await new_database("ingest", "metrics")
    database = Database(url, size=2)
    async with database.transaction() as tx:
        await catalogue.put_agencies(tx, "30", list(reference_structure()))
        await catalogue.put_procedures(tx, "30", list(reference_procedures()))
    key = await processes.key("ingest", url, "feed:read", "catalogue:write")
    reader = await processes.key("metrics", url, "figures:read")
    ingest = processes.api("ingest", database_url=url)
    metrics = processes.api("metrics", database_url=url, ingest_url=ingest.url, ingest_key=key)
    async with (
        httpx.AsyncClient(base_url=ingest.url, headers={"X-API-Key": key}, timeout=PATIENCE) as door,
        httpx.AsyncClient(base_url=metrics.url, headers={"X-API-Key": reader}, timeout=PATIENCE) as watch,
        Ingest(ingest.url, key) as client,
    ):
        yield Both(door, watch, database, client)
    await database.close()


def _changes() -> list[tuple[str, str, dict[str, Any], Any]]:
    slower = [
        msgspec.structs.replace(one, limit=msgspec.structs.replace(one.limit, amount=one.limit.amount + 4))
        if one.limit
        else one
        for one in reference_procedures()
    ]
    commune = "10816@2019-12-01"
    fewer = [one for one in reference_structure() if one.key != commune]
    # The same unit begins on another day: its dossiers go to a key that metrics has never heard of.
    later: list[Agency] = [
        msgspec.structs.replace(one, valid_from=one.valid_from.replace(day=2)) if one.key == commune else one
        for one in reference_structure()
    ]
    day = {"day": "2023-03-16", "worked": False, "legal_basis": "Công văn 1/UBND", "known_from": "2023-03-07"}
    return [
        ("procedures", "put", {"procedures": msgspec.to_builtins(slower)}, None),
        ("days", "post", {"days": [day]}, [day]),
        ("agencies", "put", {"agencies": msgspec.to_builtins(fewer)}, None),
        ("agencies", "put", {"agencies": msgspec.to_builtins(later)}, None),
        ("versions/2/restore", "post", {"version": 2}, {}),
    ]


async def test_the_figures_that_a_preview_names_are_those_that_the_change_moves(both: Both) -> None:
    await taken_in(both.database, *_dossiers(random.Random(4), 40))
    await both.counted()
    empty = (await both.kpis(NOTHING))["total"]
    reasons: set[str] = set()
    seen: set[str] = set()
    for path, method, change, body in _changes():
        number = await both.previewed(change)
        before = [await both.kpis(view) for view in VIEWS]
        subjects = [await both.subjects(view) for view in VIEWS]
        position = both.position
        previews = [await both.get(f"/v1/catalogue-previews/{number}", **view) for view in VIEWS]
        tables = [await both.table(f"/v1/catalogue-previews/{number}", **view) for view in VIEWS]
        assert [await both.kpis(view) for view in VIEWS] == before, "a preview changes nothing"
        content = msgspec.json.encode(change if body is None else body)
        applied = await both.door.request(method, f"/v1/catalogue/30/{path}", content=content or None, headers=JSON)
        assert applied.status_code == 200, applied.text
        await both.counted()
        for view, old, known, previewed, table in zip(VIEWS, before, subjects, previews, tables, strict=True):
            new = await both.kpis(view)
            by_subject = _moved_subjects(known, await both.subjects(view), empty)
            assert by_subject == _previewed_subjects(previewed)
            seen.update(by for (by, _), _ in by_subject)
            moved = {
                (agency, kpi): (old.get(agency, empty)[kpi], new.get(agency, empty)[kpi])
                for agency in old.keys() | new.keys()
                for kpi in empty
                if old.get(agency, empty)[kpi] != new.get(agency, empty)[kpi]
            }
            told = {("total", kpi): one for kpi, one in previewed["total"]["kpis"].items()} | {
                (row["agency"], kpi): one for row in previewed["rows"] for kpi, one in row["kpis"].items()
            }
            assert moved == {cell: (_count(one["before"]), _count(one["after"])) for cell, one in told.items()}
            reasons.update(reason for one in told.values() for reason in one["reasons"])
            restated = await both.get("/v1/restatements", after=position, **view)
            sides = [
                {
                    kpi: (_count(one["before"]), _count(one["after"]), one["difference"])
                    for kpi, one in found["total"]["kpis"].items()
                }
                for found in (previewed, restated)
            ]
            assert sides[0] == sides[1]
            assert previewed["structure_change"] == restated["structure_change"]
            listed = [*told.values(), *_subject_figures(previewed).values()]
            assert len(table) == 1 + len(listed)
            assert sorted(row[3:5] for row in table[1:]) == sorted(
                [_as_cell(one[side]["value"]) for side in ("before", "after")] for one in listed
            )
        again = await both.watch.get(f"/v1/catalogue-previews/{number}", params={"province": "30", **VIEWS[0]})
        assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (409, "preview-outdated")
    assert reasons == {"dossiers", "structure"}
    assert seen == {"procedure", "department", "step"}


async def test_a_preview_is_counted_in_parts_and_answers_only_when_it_is_whole(both: Both, monkeypatch: Any) -> None:
    await taken_in(both.database, *_dossiers(random.Random(4), 40))
    await both.counted()
    _, _, change, _ = _changes()[0]
    asked = await both.door.post("/v1/catalogue/30/previews", content=msgspec.json.encode(change), headers=JSON)
    path, words = f"/v1/catalogue-previews/{asked.json()['id']}", {"province": "30", **VIEWS[0]}
    early = await both.watch.get(path, params=words)
    assert (early.status_code, early.json()["type"].rpartition("/")[2]) == (409, "preview-unfinished")
    missing = await both.watch.get("/v1/catalogue-previews/99", params=words)
    assert missing.status_code == 404
    number = await both.previewed(change)
    monkeypatch.setattr(service, "PAGE", 3)
    monkeypatch.setattr(service, "MAX_PAGES", 2)
    whole, parts = CountedPreviews(), CountedPreviews()
    requests = 0
    while True:
        requests += 1
        try:
            counted = await parts.read(both.database, both.ingest, "30", number)
            break
        except PreviewUnfinished:
            assert requests < 20
    monkeypatch.setattr(service, "PAGE", 1_000)
    once = await whole.read(both.database, both.ingest, "30", number)
    assert requests == -(-once.dossiers // 6) > 1
    assert sorted(counted.changes, key=repr) == sorted(once.changes, key=repr)
