"""Portals that do with their lists other than they say: no dossier is missing, or the figures say so until none is.

Each portal is pulled as the worker does it, over HTTP; then two minutes of the worker's time pass. Writes reports/portals.json;
SIZE=full takes lists of three thousand dossiers in pages of 100, and every rung: some minutes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec
import pytest

from deploy.simulator.app import Portal
from deploy.simulator.clock import PortalClock
from deploy.simulator.faults import Faults
from deploy.simulator.habits import Habits
from deploy.simulator.ledger import DAY, moment
from deploy.simulator.random_world import RandomWorld, live_world
from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers import store as dossiers_store
from services.ingest.dossiers.service import history_of
from services.ingest.provinces import store as provinces_store
from services.ingest.pulls.service import pull_due
from services.ingest.quality import store as quality_store
from services.ingest.quality.service import plan_verifications
from services.ingest.reconciliation.service import reconcile_next
from services.ingest.sources.store import sources as sources_store
from shared.database import Connection, Database
from tests.conftest import NewDatabase, url_of
from tests.ingest.portals import SECRET, access, serving
from tests.quick import FULL

DOSSIERS, PAGE = (3_000, 100) if FULL else (220, 20)
REPORT = Path("reports/portals.json")
CALM_SECONDS = 120
"""Within so long after the list has come to rest nothing may be missing."""
STEP_SECONDS = 15
AT_ONCE = 4
"""Portals that are pulled at once, each into a database of its own."""
_FAULTS = {"backoff_seconds": 0.001, "attempts": 30, "breaker_failures": 100, "patience_seconds": 5}


@dataclass
class Rung:
    """A habit, or a bad day, and the settings of the source."""

    habits: dict[str, object] = field(default_factory=dict)
    faults: dict[str, float] = field(default_factory=dict)
    settings: Mapping[str, object] = field(default_factory=dict)
    deleted_one_in: int = 1_000_000


CAP = PAGE // 3 + 1
MOVING = 12 * DAY if not FULL else DAY // 2
RUNGS = {
    "as it should be": Rung(),
    "capped total": Rung({"total_cap": 2 * PAGE}),
    "capped list": Rung({"total_cap": 5 * PAGE, "list_cap": 5 * PAGE}),
    "no total": Rung({"without_total": True}),
    "total that drifts": Rung({"total_drift": 5}, settings={"passes": 2}),
    "ordered by receipt": Rung({"order": "receipt"}),
    "ordered by code": Rung({"order": "code"}),
    "not ordered": Rung({"order": "none"}),
    "oldest change first": Rung({"order": "oldest_change"}),
    "untold page cap": Rung({"page_cap": CAP}),
    "untold page cap, offset of the size asked": Rung({"page_cap": CAP, "offset_uncapped": True}),
    "page size changed midway": Rung({"page_cap": CAP, "page_cap_after": 3}),
    "page size changed midway, offset of the size asked": Rung({"page_cap": CAP, "page_cap_after": 3, "offset_uncapped": True}),
    "ties": Rung({"tie_seconds": 20 * DAY}),
    "moving rows": Rung({"seconds_per_search": MOVING}),
    "moving rows, ordered by receipt": Rung({"seconds_per_search": MOVING, "order": "receipt"}),
    "moving rows, oldest change first": Rung({"seconds_per_search": MOVING, "order": "oldest_change"}),
    "rows deleted during a pull": Rung({"seconds_per_search": MOVING}, deleted_one_in=4),
    "rows deleted during a pull, not ordered": Rung({"seconds_per_search": MOVING, "order": "none"}, deleted_one_in=4),
    "rows that leave and come, in ties": Rung({"seconds_per_search": MOVING // 8, "tie_seconds": 20 * DAY}, deleted_one_in=2),
    "rows that leave and come, ordered by code": Rung({"seconds_per_search": MOVING // 8, "order": "code"}, deleted_one_in=2),
    "rows listed twice": Rung({"twice_one_in": 7}),
    "empty page in the midst": Rung({"empty_page": 2}),
    "last page for ever": Rung({"last_page_again": True}),
    "last page for ever and capped total": Rung({"last_page_again": True, "total_cap": 2 * PAGE}),
    "first page always": Rung({"first_page_always": True}, settings={"passes": 2}),
    "pages from 1": Rung({"first_page": 1}, settings={"first_page": 1}),
    "pages from 1, unknown": Rung({"first_page": 1}),
    "days of the statistics exclusive": Rung({"filter_exclusive": True, "total_cap": 2 * PAGE}),
    "days of the statistics seven hours off": Rung({"filter_shift_seconds": 7 * 3600, "total_cap": 2 * PAGE}),
    "JSON called HTML, numbers as texts": Rung({"as_html": True, "text_numbers": True}),
    "429 in bursts": Rung(faults={"p429": 0.3, "retry_after": 0}, settings=_FAULTS),
    "cut bodies": Rung(faults={"cut": 0.3}, settings=_FAULTS),
    "HTML with 200": Rung(faults={"html": 0.3}, settings=_FAULTS),
    "pages that begin too late": Rung(faults={"skip": 0.2}),
}
UNREADABLE = {"first page always"}
"""Nothing brings what such a portal shows to nobody: it has to be said for ever."""
ONLY_FULL = {
    "as it should be",
    "ordered by code",
    "untold page cap",
    "page size changed midway, offset of the size asked",
    "total that drifts",
    "last page for ever",
    "pages from 1, unknown",
    "days of the statistics exclusive",
    "moving rows, ordered by receipt",
    "rows deleted during a pull, not ordered",
    "rows that leave and come, in ties",
    "429 in bursts",
    "cut bodies",
    "HTML with 200",
    "pages that begin too late",
}
"""Brothers of others, or tried elsewhere."""


class Result(msgspec.Struct):
    """How a rung ended."""

    missing_at_once: int
    skipped_at_once: int
    """Missing though they stood still while the list was read."""
    complete_at_once: bool
    missing: int
    complete: bool
    seconds_after_calm: int
    calls: int


class Pulled:
    """One portal, its source, and a worker whose time passes as the test lets it."""

    def __init__(self, database: Database, rulesets: RulesetCache, name: str, province: str, rung: Rung) -> None:
        self.database, self.rulesets, self.name, self.province, self.rung = database, rulesets, name, province, rung
        world = RandomWorld(dossiers=DOSSIERS, province=province, agencies=DOSSIERS // 10, dirt=0.1)
        self.world = live_world(world, deletions=rung.deleted_one_in < DOSSIERS, one_in=rung.deleted_one_in)
        self.clock = PortalClock(self.world.starts_at)
        habits = Habits()
        habits.change(rung.habits)
        faults = Faults()
        faults.change(rung.faults)
        self.portal = Portal(self.world, clock=self.clock, habits=habits, faults=faults)
        self.secret = f"{SECRET}_{province}"
        self.began = datetime.now(UTC)
        self.passed = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.passed

    async def connect(self, tx: Connection, url: str) -> None:
        await tx.execute("UPDATE ingest.source SET enabled = false")
        await provinces_store.ensure(tx, self.province)
        settings = {"base_url": url, "rate": 100, "page_size": PAGE, "overlap_seconds": 0, **self.rung.settings}
        await sources_store.put_source(
            tx,
            name=self.name,
            province=self.province,
            kind="igate",
            settings=settings,
            secret=self.secret,
            every_seconds=60,
            enabled=True,
            now=self.now(),
        )

    async def work(self) -> None:
        """What a worker does that looks once."""

        async def notify() -> None:
            return None

        while await pull_due(self.database, self.rulesets, "me", asyncio.Event(), notify, self.now):
            pass
        await self.database.run(lambda tx: plan_verifications(tx, self.now()))
        while await reconcile_next(self.database, self.rulesets, "me", notify, self.now):
            pass

    def there(self) -> dict[str, datetime]:
        """When each dossier that the portal shows changed last."""
        change_at = self.portal.habits.change_at
        # What a list that is read in parts never shows and no statistics count, since it was not received yet, is in no figure.
        only_received = self.portal.habits.list_cap > 0 or self.portal.habits.first_page_always
        return {
            one.history.code: moment(change_at(one.updated_at))
            for one in self.world.at(self.clock.now())
            if one.received_at is not None or not only_received
        }

    async def missing(self, before: Mapping[str, datetime] | None = None) -> int:
        """Dossiers that the portal has and we have not, or in an earlier state; with `before` only those that are as then."""
        async with self.database.connection() as connection:
            rows = await dossiers_store.dossiers_of_source(connection, self.province, self.name, 0, 100_000)
        ours = {row.code: max(event.at for event in history_of(row)) for row in rows}
        there = {code: at for code, at in self.there().items() if before is None or before.get(code) == at}
        return sum(code not in ours or ours[code] < at for code, at in there.items())

    async def complete(self) -> bool:
        """Whether figures would say nothing of this source."""
        async with self.database.connection() as connection:
            found = await quality_store.read(connection, self.province, ["igate"], self.now())
        return not found.missing

    async def settle(self) -> int:
        """Let time pass until nothing is missing and that is known; the seconds it took, or those after which we give up."""
        for seconds in range(0, CALM_SECONDS + 1, STEP_SECONDS):
            await self.work()
            if not await self.missing() and await self.complete():
                return seconds
            self.passed += timedelta(seconds=STEP_SECONDS)
        return CALM_SECONDS


async def climbed(pulled: Pulled) -> Result:
    """A first pull while the list moves, rest, two days of changes, rest."""
    before = pulled.there()
    await pulled.work()
    missing, skipped, complete = await pulled.missing(), await pulled.missing(before), await pulled.complete()
    moved = pulled.portal.habits.seconds_per_search
    pulled.portal.habits.seconds_per_search = 0
    first = await pulled.settle()
    pulled.clock.skip(2 * DAY if not moved else DAY)
    if moved:
        # Once more while it moves, on the way to an edge.
        pulled.portal.habits.seconds_per_search = moved // 4
        pulled.passed += timedelta(seconds=60)
        await pulled.work()
        pulled.portal.habits.seconds_per_search = 0
    second = await pulled.settle()
    calls = len(pulled.portal.calls.arrivals)
    return Result(missing, skipped, complete, await pulled.missing(), await pulled.complete(), max(first, second), calls)


async def test_whatever_a_portal_does_with_its_list_nothing_is_missing_or_the_figures_say_so(
    new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = [(number, what) for number, what in enumerate(RUNGS) if FULL or what not in ONLY_FULL]
    results: dict[str, Result] = {}

    async def climb(database: Database, rulesets: RulesetCache) -> None:
        """One after another, while others do so at other databases: most of the time goes to waits for the next call."""
        while waiting:
            number, what = waiting.pop(0)
            pulled = Pulled(database, rulesets, f"portal-{number}", f"{10 + number}", RUNGS[what])
            async with serving(pulled.portal) as url:
                for variable, value in access(url, pulled.province).items():
                    monkeypatch.setenv(variable.replace(SECRET, pulled.secret), value)
                await database.run(partial(pulled.connect, url=url))
                results[what] = await climbed(pulled)

    databases = [Database(url_of("ingest", await new_database("ingest")), size=4) for _ in range(AT_ONCE)]
    async with asyncio.TaskGroup() as group:
        for database in databases:
            group.create_task(climb(database, RulesetCache()))
    for database in databases:
        await database.close()
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1))
    lost = {what: one for what, one in results.items() if one.missing and (one.complete or what not in UNREADABLE)}
    assert not lost
    # What stood still while the list was read may not be missing from what is called complete, not even for a moment.
    assert not {what: one for what, one in results.items() if one.complete_at_once and one.skipped_at_once}
