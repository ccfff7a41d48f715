"""What a portal writes gets into no cursor, total or offer as it is: it may be a name, megabytes, or what no table holds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.inquiries import service as inquiries
from services.ingest.inquiries.model import ProcedureOffer
from services.ingest.inquiries.procedures import read_offer
from services.ingest.inquiries.store import read_response
from services.ingest.provinces import store as provinces_store
from services.ingest.pulls import store as pulls_store
from services.ingest.pulls.service import pull_due
from services.ingest.reconciliation import store as reconciliation_store
from services.ingest.reconciliation.service import reconcile_next
from services.ingest.sources.kinds.igate.cursor import REVISION, ListCursor
from services.ingest.sources.store import sources as sources_store
from shared.database import Connection, Database
from tests.conftest import NewDatabase, url_of
from tests.ingest.igate_records import LATEST, record
from tests.ingest.portals import Scripted, answer

NAME = "Nguyễn Văn An"
IDS = {"a NUL": f"{NAME}\0", "a name": NAME, "megabytes": NAME * 100_000, "half a character": f"{NAME}\ud800"}


class Listing(Scripted):
    """A portal with two pages of two dossiers, whose second bears the id that a test says, one procedure and one agency."""

    def __init__(self, identifier: str) -> None:
        super().__init__([self._reply])
        rows = [
            record(
                id=identifier if index == 1 else f"6390000{index}",
                code=f"H30-{index}",
                updatedDate=f"2023-06-2{9 - index}T09:00:00.000+0700",
            )
            for index in range(4)
        ]
        self._pages = [rows[:2], rows[2:]]
        self._named = identifier
        self.ends_early = False
        """Only its first page is answered."""

    async def _reply(self, writer: asyncio.StreamWriter) -> None:
        asked = urlsplit(self.asked[-1][1])
        said: Any = {"content": [{"code": "1.001612", "name": self._named, "sector": {"code": self._named}}], "last": True}
        if "statistic" in asked.path:
            said = [{"agency": {"id": self._named, "code": self._named}, self._named: 1, "received": 10**400}]
        elif asked.path.endswith("search"):
            if self.ends_early and "page=0" not in asked.query:
                await answer(404, b"{}")(writer)
                return
            wanted = {name: int(value[0]) for name, value in parse_qs(asked.query).items() if name in ("page", "size")}
            rows = self._pages[wanted["page"]] if wanted["page"] < len(self._pages) else []
            said = {"content": rows, "totalElements": 4, "size": 2}
        await answer(200, json.dumps(said).encode())(writer)


@pytest.fixture
async def database(new_database: NewDatabase) -> AsyncIterator[Database]:
    opened = Database(url_of("ingest", await new_database("ingest")), size=4)
    yield opened
    await opened.close()


async def connected(database: Database, portal: str) -> None:
    async def connect(tx: Connection) -> None:
        await provinces_store.ensure(tx, "30")
        settings = {"base_url": portal, "without_token": True, "page_size": 2, "rate": 100, "attempts": 1}
        await sources_store.put_source(
            tx,
            name="x",
            province="30",
            kind="igate",
            settings=settings,
            secret=None,
            every_seconds=60,
            enabled=True,
            now=LATEST,
        )

    await database.run(connect)


async def notify() -> None:
    return None


def clock() -> datetime:
    return LATEST


async def cursor_of(database: Database) -> Mapping[str, Any]:
    source = await database.run(lambda tx: sources_store.source(tx, "x"))
    assert source is not None
    assert source.cursor is not None
    return source.cursor


@pytest.mark.parametrize("identifier", IDS.values(), ids=IDS)
async def test_no_id_stops_its_source_or_is_in_its_cursor(database: Database, identifier: str) -> None:
    portal = Listing(identifier)
    async with portal.serving() as url:
        await connected(database, url)
        portal.ends_early = True
        assert await pull_due(database, RulesetCache(), "me", asyncio.Event(), notify, clock)
        # In the middle, where the row in question is the lowest that was read.
        place = await cursor_of(database)
        assert [len(tie) for tie in place["ties"]] == [16]
        assert NAME not in json.dumps(place, ensure_ascii=False)
        portal.ends_early = False
        await database.run(lambda tx: sources_store.make_due(tx, "x", LATEST))
        assert await pull_due(database, RulesetCache(), "me", asyncio.Event(), notify, clock)
    assert (await cursor_of(database))["verification"].startswith("counted: 4 different dossiers")


async def test_a_cursor_from_before_that_holds_ids_begins_its_pass_again(database: Database) -> None:
    portal = Listing("63900001")
    async with portal.serving() as url:
        await connected(database, url)
        low = datetime(2023, 6, 28, 2, tzinfo=UTC)
        before = ListCursor(REVISION, top=low, page=1, size=2, total=4, low=low, ties=[NAME], rows=2).as_json()
        await database.run(lambda tx: sources_store.set_cursor(tx, "x", before, 4))
        assert await pull_due(database, RulesetCache(), "me", asyncio.Event(), notify, clock)
    assert (await cursor_of(database))["verification"].startswith("counted: 4 different dossiers")


@pytest.mark.parametrize("identifier", IDS.values(), ids=IDS)
async def test_no_name_stops_a_catalogue_or_a_reconciliation(database: Database, identifier: str) -> None:
    if "\ud800" in identifier:
        pytest.skip("No whole answer of these two holds half a character: they are not read row by row.")
    async with Listing(identifier).serving() as url:
        await connected(database, url)
        question = await database.run(lambda tx: inquiries.order(tx, "procedures", "x", LATEST))
        assert await inquiries.respond_next(database, "procedures", read_offer, LATEST)
        said = await database.run(lambda tx: read_response(tx, question, ProcedureOffer))
        number = await database.run(
            lambda tx: reconciliation_store.plan_reconciliation(tx, "x", "30", LATEST.date(), LATEST.date(), LATEST)
        )
        assert number is not None
        assert await reconcile_next(database, RulesetCache(), "me", notify, clock)
        done = await database.run(lambda tx: reconciliation_store.reconciliation(tx, number))
    assert said is not None
    assert said.procedures is not None
    assert len(said.procedures[0].name_vi or "") <= 1_000
    assert done is not None
    assert done.state == "complete", done
    assert len(json.dumps(done, default=str)) < 5_000


@pytest.mark.parametrize("total", [-1, 2**31, 10**30])
async def test_no_total_stops_its_source_by_a_fault_of_ours(database: Database, total: int) -> None:
    body = json.dumps({"content": [record()], "totalElements": total}).encode()
    async with Scripted([answer(200, body)]).serving() as url:
        await connected(database, url)
        assert await pull_due(database, RulesetCache(), "me", asyncio.Event(), notify, clock)
    (pull,) = await database.run(lambda tx: pulls_store.pulls(tx, None, "x", None, 10))
    assert pull.failure == "unreadable", pull.last_error
