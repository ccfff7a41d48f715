"""A stand-in portal, the ingest that pulled it, and reconciliations of both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from deploy.simulator.app import Portal
from deploy.simulator.clock import PortalClock
from deploy.simulator.faults import Faults
from deploy.simulator.ledger import DAY, History, civil_day
from deploy.simulator.random_world import RandomWorld, live_world
from deploy.simulator.world import LedgerWorld
from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers import store as dossiers_store
from services.ingest.dossiers.folding import fold
from services.ingest.dossiers.service import apply_batch, history_of
from services.ingest.events.model import Batch, Event, Rejected
from services.ingest.provinces import store as provinces_store
from services.ingest.pulls.service import pull_due
from services.ingest.reconciliation import store as reconciliation_store
from services.ingest.reconciliation.model import portal_window
from services.ingest.reconciliation.service import reconcile_next
from services.ingest.reconciliation.store import Difference, ReconciliationRow
from services.ingest.reconciliation.totals import Comparison, Totals
from services.ingest.sources.model import Arrival
from services.ingest.sources.store import sources as sources_store
from services.ingest.sources.store.sources import SourceRow
from services.ingest.sources.traits import kinds_that_come
from shared.database import Connection, Database
from tests.ingest.portals import SECRET, bound_secret, serving

PULLED = kinds_that_come(Arrival.pulled)


PROVINCE = "99"


NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


NOTHING = Comparison([], None, NOW)


def later(seconds: float = 0) -> datetime:
    """So many seconds after `NOW`."""
    return NOW + timedelta(seconds=seconds)


async def silent() -> None:
    return None


@dataclass
class Bench:
    """A portal, a database, and the steps of the worker by hand."""

    world: LedgerWorld
    clock: PortalClock
    portal: Portal
    database: Database
    rulesets: RulesetCache

    async def pull(self) -> None:
        async with self.database.transaction() as tx:
            await sources_store.make_due(tx, "x", NOW)
        for _ in range(30):
            assert await pull_due(self.database, self.rulesets, "me", asyncio.Event(), silent, later)
            async with self.database.connection() as connection:
                source = await sources_store.source(connection, "x")
            assert source is not None
            if (source.cursor or {}).get("complete"):
                return
        raise AssertionError("the pull did not come to its end")

    async def reconcile(self, *, until: int = -10) -> tuple[ReconciliationRow, list[Difference]]:
        """The 200 days before the world's start to `until` days after it."""
        first, last = civil_day(self.world.starts_at - 200 * DAY), civil_day(self.world.starts_at + until * DAY)

        async def plan(tx: Connection) -> int | None:
            return await reconciliation_store.plan_reconciliation(tx, "x", PROVINCE, first, last, NOW)

        number = await self.database.run(plan)
        assert number
        assert await reconcile_next(self.database, self.rulesets, "me", silent, later)
        async with self.database.connection() as connection:
            row = await reconciliation_store.reconciliation(connection, number)
            listed = await reconciliation_store.differences(connection, number, cause=None, agency=None, after="", limit=5000)
        assert row is not None
        assert row.state == "complete", row.last_error
        return row, listed

    async def say(self, *events: Event, rejected: tuple[Rejected, ...] = ()) -> None:
        async def effect(tx: Connection) -> object:
            return await apply_batch(tx, PROVINCE, "x", Batch(list(events), list(rejected)), self.rulesets)

        await self.database.run(effect)

    async def codes(self) -> list[str]:
        """Of dossiers that count in the period, in order."""
        first, last = civil_day(self.world.starts_at - 200 * DAY), civil_day(self.world.starts_at - 10 * DAY)
        window = portal_window(first, last, NOW)
        async with self.database.connection() as connection:
            rows = await dossiers_store.dossiers_of_source(connection, PROVINCE, "x", 0, 100_000)
        return [row.code for row in rows if Totals().add(fold(history_of(row)), window, NOW)]


@asynccontextmanager
async def bench(
    database: Database,
    *,
    faults: Faults | None = None,
    dossiers: int = 700,
    secret: str = "motcua",
    changed: Callable[[History], History] = lambda one: one,
) -> AsyncIterator[Bench]:
    base = live_world(RandomWorld(dossiers=dossiers, province=PROVINCE, dirt=0.1))
    # Nothing vanishes by itself here: what is deleted, a test deletes.
    ledger = [changed(replace(one, deleted_at=None)) for one in base.histories()]
    world = LedgerWorld(
        province=PROVINCE, offices=base.offices, offerings=base.offerings, ledger=ledger, starts_at=base.starts_at
    )
    clock = PortalClock(world.starts_at)
    portal = Portal(world, clock=clock, faults=faults)
    async with serving(portal) as url:
        settings = {
            "base_url": url,
            "without_token": False,
            "rate": 100,
            "page_size": 100,
            "overlap_seconds": 0,
            "backoff_seconds": 0.001,
            "attempts": 30,
            "breaker_failures": 100,
        }

        async def connect(tx: Connection) -> None:
            await provinces_store.ensure(tx, PROVINCE)
            await sources_store.put_source(
                tx,
                name="x",
                province=PROVINCE,
                kind="igate",
                settings=settings,
                secret=SECRET,
                every_seconds=3600,
                enabled=True,
                now=NOW,
            )

        await database.run(connect)
        with bound_secret(url, PROVINCE, secret):
            yield Bench(world, clock, portal, database, RulesetCache())


def causes(listed: list[Difference]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in listed:
        found.setdefault(one.cause, set()).add(one.code)
    return found


async def lease(tx: Connection, worker: str = "puller", now: datetime = NOW) -> SourceRow | None:
    return await sources_store.lease_due(tx, worker, PULLED, max_per_province=1, now=now, until=now + timedelta(minutes=1))
