"""The province's row is locked before anything else, whoever comes; so nobody waits for it with something in hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from services.ingest.catalogue import service as catalogue
from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.catalogue.service import put_agencies
from services.ingest.dossiers.redating import redate_next
from services.ingest.dossiers.service import apply_batch
from services.ingest.events.model import About, Batch, Course, Event, Reason, Rejected
from services.ingest.feed import store as feed_store
from services.ingest.imports import service as importing
from services.ingest.imports import store as imports_store
from services.ingest.imports.reading import DecodedRow
from services.ingest.provinces import store as provinces_store
from services.ingest.pulls import service as pulling
from services.ingest.pulls import store as pulls_store
from services.ingest.pushes import service as pushing
from services.ingest.reconciliation import store as reconciliation_store
from services.ingest.reconciliation.comparing import Reconciling
from services.ingest.reconciliation.store import Difference, LeasedReconciliation
from services.ingest.replays.service import replay
from services.ingest.sources.store import sources as sources_store
from services.ingest.sources.store.sources import SourceRow
from shared.agencies import Agency, AgencyKind, reference_structure
from shared.database import Connection, Database
from shared.dossier import Status
from shared.idempotency import keyed_request
from tests.ingest.histories import instant
from tests.patience import PATIENCE

PROVINCE = "30"
NOW = datetime(2090, 1, 1, tzinfo=UTC)
UNTIL = datetime(2091, 1, 1, tzinfo=UTC)
EVENT = Event("A-1", "x", "1", instant(10), About("99.NEW", "1.001612"), course=Course(Status.processing, instant(1)))
NEW = Agency("99.NEW", "Xã Mới", "Mới commune", AgencyKind.commune, date(2019, 12, 1), "294", date(2025, 7, 1))


@dataclass
class Ground:
    """A province with sources that one worker holds, a record in quarantine and an open redating."""

    database: Database
    rulesets: RulesetCache
    sources: dict[str, SourceRow]
    pull: int
    number: int
    """Of the import."""
    plan: LeasedReconciliation
    """The reconciliation."""
    waiting: int
    """The record in quarantine."""


async def silent() -> None:
    return None


async def prepared(database: Database) -> Ground:
    rulesets = RulesetCache()
    sources: dict[str, SourceRow] = {}
    async with database.transaction() as tx:
        await put_agencies(tx, PROVINCE, list(reference_structure()))
        for name, kind in (("x", "igate"), ("own", "own"), ("lists", "files"), ("office", "igate")):
            await sources_store.put_source(
                tx,
                name=name,
                province=PROVINCE,
                kind=kind,
                settings={"base_url": "http://portal", "without_token": True} if kind == "igate" else {},
                secret=None,
                every_seconds=60,
                enabled=True,
                now=NOW,
            )
            found = await sources_store.source(tx, name)
            assert found is not None
            sources[name] = found
        await reconciliation_store.plan_reconciliation(tx, "office", PROVINCE, NOW.date(), NOW.date(), NOW)
        number = (await imports_store.open_import(tx, "lists", PROVINCE)).id
        pull = await pulls_store.open_pull(tx, "x", PROVINCE, None, NOW)
        await sources_store.lease_source(tx, "x", "me", UNTIL)
        plan = await reconciliation_store.lease_reconciliation(tx, "me", now=NOW, until=UNTIL)
        assert plan is not None
        bad = Rejected(Reason.bad_date, "not a date", {"code": "A-2"}, "A-2")
        await apply_batch(tx, PROVINCE, "own", Batch([], [bad]), rulesets)
        waiting = await tx.fetchval("SELECT id FROM ingest.quarantine")
    return Ground(database, rulesets, sources, pull, number, plan, waiting)


async def a_pull(ground: Ground) -> object:
    return await pulling._stored(
        ground.database, ground.rulesets, "me", ground.sources["x"], ground.pull, [Batch([EVENT], [])], lambda: NOW
    )


async def a_push(ground: Ground) -> object:
    source = ground.sources["own"]
    sent = pushing.decode_records(source, [{"code": "A-3"}], NOW)
    return await ground.database.run(lambda tx: pushing.push(tx, ground.rulesets, source, sent, NOW))


async def a_push_that_is_to_have_its_effect_once(ground: Ground) -> object:
    once = keyed_request("key", "1", "POST", b"/v1/events", b"[]")
    source = ground.sources["lists"]
    sent = pushing.decode_records(source, [], NOW)
    return await ground.database.run(lambda tx: pushing.push_once(tx, ground.rulesets, source, sent, NOW, once))


async def a_part_of_a_file(ground: Ground) -> object:
    source = ground.sources["lists"]
    rows = [DecodedRow(1, None, 2, EVENT)]
    async with ground.database.connection() as connection:
        plan = await imports_store.imported(connection, ground.number)
    assert plan is not None
    totals = importing._Totals()
    return await importing._stored(ground.database, ground.rulesets, source, plan, 0, rows, totals, NOW)


async def a_replay(ground: Ground) -> object:
    return await ground.database.run(lambda tx: replay(tx, ground.rulesets, PROVINCE, [ground.waiting], NOW))


async def a_redating(ground: Ground) -> object:
    return await ground.database.run(lambda tx: redate_next(tx, ground.rulesets, NOW))


async def a_part_of_a_reconciliation(ground: Ground) -> object:
    found = Difference("A-1", "missing_here", None, None, None, True)
    one = Reconciling(ground.database, ground.rulesets, "me", silent, ground.plan, ground.sources["office"], lambda: NOW)
    await one._stored([found], events=[EVENT], save=True)
    return None


async def a_change_of_the_catalogue(ground: Ground) -> object:
    return await ground.database.run(lambda tx: put_agencies(tx, PROVINCE, [*reference_structure(), NEW]))


async def a_redating_that_is_asked_for(ground: Ground) -> object:
    return await ground.database.run(lambda tx: catalogue.redate_all(tx, PROVINCE, "asked for"))


async def a_new_release(ground: Ground) -> object:
    return await ground.database.run(lambda tx: catalogue.renew(tx, PROVINCE))


COMERS: tuple[Callable[[Ground], Awaitable[object]], ...] = (
    a_pull,
    a_push,
    a_push_that_is_to_have_its_effect_once,
    a_part_of_a_file,
    a_replay,
    a_redating,
    a_part_of_a_reconciliation,
    a_change_of_the_catalogue,
    a_redating_that_is_asked_for,
    a_new_release,
)


@asynccontextmanager
async def kept_waiting(database: Database, holder: Connection, come: Awaitable[object]) -> AsyncIterator[bool]:
    """`come` waits for what `holder` has locked; whether it has locked or written anything itself."""
    task = asyncio.ensure_future(come)
    pid = holder.get_server_pid()
    waiting = None
    async with database.connection() as watching:
        for _ in range(6000):
            # A transaction gets its id with the first row that it locks or writes.
            waiting = await watching.fetchrow(
                "SELECT backend_xid IS NOT NULL AS laden FROM pg_stat_activity WHERE $1 = ANY(pg_blocking_pids(pid))", pid
            )
            if waiting is not None or task.done():
                break
            await asyncio.sleep(0.01)
    assert waiting is not None, "it did not wait"
    yield waiting["laden"]
    await asyncio.wait_for(task, PATIENCE)


async def test_nobody_waits_for_the_province_with_something_in_hand(ingest_database: Database) -> None:
    ground = await prepared(ingest_database)
    for come in COMERS:
        async with ingest_database.connection() as holder:
            changing = holder.transaction()
            await changing.start()
            await provinces_store.lock(holder, PROVINCE)
            async with kept_waiting(ingest_database, holder, come(ground)) as laden:
                await changing.rollback()
        assert not laden, come.__name__


@pytest.mark.parametrize("come", [a_pull, a_part_of_a_file, a_part_of_a_reconciliation])
async def test_who_waits_for_a_change_of_the_catalogue_goes_by_what_it_made(
    ingest_database: Database, come: Callable[[Ground], Awaitable[object]]
) -> None:
    ground = await prepared(ingest_database)
    async with ingest_database.connection() as connection:
        await ground.rulesets.of(connection, PROVINCE)
        changing = connection.transaction()
        await changing.start()
        await put_agencies(connection, PROVINCE, [*reference_structure(), NEW])
        async with kept_waiting(ingest_database, connection, come(ground)):
            await changing.commit()
        facts = [body for _, _, body in await feed_store.read_after(connection, PROVINCE, 0, 10)]
    assert len(facts) == 1
    assert f'"agency":"{NEW.key}"' in facts[0]
