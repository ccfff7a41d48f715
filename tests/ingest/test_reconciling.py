"""Reconciliations end equal where both sides have the same, go on where they were cut off, and get their turn."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from starlette.requests import Request
from starlette.responses import Response

from deploy.simulator import app as simulator
from deploy.simulator import statistics
from services.ingest.dossiers.service import apply_batch
from services.ingest.events.model import About, Batch, Course, Event
from services.ingest.quality import store as quality_store
from services.ingest.reconciliation import comparing
from services.ingest.reconciliation import store as reconciliation_store
from services.ingest.reconciliation.service import reconcile_next, whole_span
from services.ingest.reconciliation.store import ReconciliationRow
from services.ingest.reconciliation.totals import (
    AgencyTotals,
    SourceTotals,
    Totals,
    _received_means,
    judging_instant,
    result_in_words,
)
from services.ingest.sources.store import sources as sources_store
from shared.database import Connection, Database
from shared.dossier import Status
from tests import patience
from tests.conftest import NewDatabase, Processes, url_of
from tests.ingest.histories import instant
from tests.ingest.portals import access
from tests.ingest.reconciliation_bench import NOW, PROVINCE, Bench, bench, causes, later, lease, silent

REMARKS = {"status_contradicts_steps", "date_shifted"}


def count_new_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the stand-in portal count as received those that were newly received."""
    count = statistics.totals

    def new_alone(*given: object, **more: object) -> dict[int, dict[str, int]]:
        rows = count(*given, **more)  # type: ignore[arg-type]
        for row in rows.values():
            row["received"] = row["receivedOnline"] + row["receivedDirect"]
        return rows

    monkeypatch.setattr(simulator, "totals", new_alone)


async def forget(one: Bench, every: int) -> int:
    """As if no pull had ever brought one dossier in so many; how many they are."""
    async with one.database.transaction() as tx:
        return len(await tx.fetch("DELETE FROM ingest.dossier WHERE number % $1 = 0 RETURNING code", every))


async def test_remarks_and_another_clock_are_no_difference(ingest_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench(ingest_database) as one:
        await one.pull()
        ordered, listed = await one.reconcile()
        assert (ordered.equal, ordered.differences, ordered.received_means) == (True, 0, "with_carried_over")
        assert ordered.remarks == len(listed) > 0
        assert set(causes(listed)) <= REMARKS
        # As the night's reconciliation of a portal whose clock stands in another year: it judges lateness by that.
        night, _ = await one.reconcile(until=400)
        portal_now = datetime.fromtimestamp(one.world.starts_at, UTC)
        assert (night.equal, night.differences) == (True, 0)
        assert sum(agency.source.unresolved_overdue or 0 for agency in night.totals) > 0
        assert all(agency.late_alike for agency in night.totals)
        assert night.judged_at is not None
        assert portal_now <= night.judged_at < portal_now + timedelta(days=31)
        async with ingest_database.connection() as connection:
            assert (await quality_store.read(connection, PROVINCE, ["igate"], NOW)).gap == (0, None)
        count_new_alone(monkeypatch)
        new, _ = await one.reconcile()
        assert (new.equal, new.differences, new.received_means) == (True, 0, "new")


async def test_what_is_missing_is_fetched_and_the_source_is_verified_by_all_its_days_alone(ingest_database: Database) -> None:
    async with bench(ingest_database) as one:
        await one.pull()
        missing = await forget(one, 20)
        # Another system of the province told of one of ours first: it is the portal's all the same.
        async with ingest_database.transaction() as tx:
            code = await tx.fetchval("SELECT code FROM ingest.dossier WHERE number = 1")
            await tx.execute("UPDATE ingest.dossier SET source = 'ministry' WHERE number = 1")
            await tx.execute(
                "INSERT INTO ingest.source (name, province, kind, settings, every_seconds)"
                " VALUES ('ministry', $1, 'own', '{}', 60)",
                PROVINCE,
            )
            word = Event(
                code, "ministry", "1", instant(1), About("other"), course=Course(Status.resolved, instant(0), instant(1))
            )
            await apply_batch(tx, PROVINCE, "ministry", Batch([word], []), one.rulesets)
            await tx.execute("UPDATE ingest.pull SET verified = false, finished_at = $1", NOW - timedelta(hours=1))
        row, listed = await one.reconcile()
        assert (row.equal, row.differences, row.applied) == (True, len(causes(listed)["never_served"]), row.differences)
        assert await unverified(one)  # a year's totals say nothing of what was closed before
        whole = await reconcile_whole(one)
        assert (whole.equal, whole.differences - whole.applied) == (True, 0)
        assert not await unverified(one)
        async with ingest_database.connection() as connection:
            assert await connection.fetchval("SELECT count(*) FROM ingest.dossier") == len([*one.world.at(one.world.starts_at)])
            assert await connection.fetchval("SELECT applied FROM ingest.difference WHERE cause = 'never_served' LIMIT 1")
        assert missing == await ingested(one, "never_served")


async def reconcile_whole(one: Bench) -> ReconciliationRow:
    async with one.database.transaction() as tx:
        number = await reconciliation_store.plan_reconciliation(tx, "x", PROVINCE, *whole_span(NOW), NOW)
    assert number
    assert await reconcile_next(one.database, one.rulesets, "me", silent, later)
    async with one.database.connection() as connection:
        row = await reconciliation_store.reconciliation(connection, number)
    assert row is not None
    assert row.state == "complete", row.last_error
    return row


async def unverified(one: Bench) -> bool:
    async with one.database.connection() as connection:
        missing = (await quality_store.read(connection, PROVINCE, ["igate"], NOW)).missing
    return "unverified" in {entry.reason for entry in missing}


async def ingested(one: Bench, cause: str) -> int:
    async with one.database.connection() as connection:
        found: int = await connection.fetchval("SELECT count(DISTINCT code) FROM ingest.difference WHERE cause = $1", cause)
    return found


async def test_a_source_that_is_pulled_without_a_pause_is_reconciled_in_its_turn(ingest_database: Database) -> None:
    async with bench(ingest_database, dossiers=50) as one:
        await one.pull()

        async def release(tx: Connection, worker: str) -> None:
            await sources_store.release_source(tx, "x", worker, NOW, next_at=NOW, failed=False, breaker=None)

        async with one.database.transaction() as tx:
            await sources_store.make_due(tx, "x", NOW)
            assert await lease(tx) is not None
            await reconciliation_store.plan_reconciliation(tx, "x", PROVINCE, *whole_span(NOW), NOW)
        assert not await reconcile_next(one.database, one.rulesets, "me", silent, later)
        async with one.database.transaction() as tx:
            await release(tx, "puller")
            assert await lease(tx) is None  # its turn is the reconciliation's
            assert await lease(tx, now=later(31)) is not None  # that never came
            await sources_store.release_source(tx, "x", "puller", later(31), next_at=NOW, failed=False, breaker=None)
        assert await reconcile_next(one.database, one.rulesets, "me", silent, later)
        async with one.database.transaction() as tx:
            assert await lease(tx) is not None


async def test_a_long_reconciliation_leaves_its_source_to_the_pulls_and_goes_on(
    ingest_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(ingest_database, dossiers=300) as one:
        await one.pull()
        await forget(one, 10)
        monkeypatch.setattr(comparing, "TURN", timedelta(seconds=-1))
        await one.database.run(lambda tx: sources_store.make_due(tx, "x", NOW))
        number = await one.database.run(
            lambda tx: reconciliation_store.plan_reconciliation(tx, "x", PROVINCE, *whole_span(NOW), NOW)
        )
        assert number
        row = None
        for turn in range(10):
            now = later(turn * 61)
            assert await reconcile_next(one.database, one.rulesets, "me", silent, partial(later, turn * 61))
            async with one.database.transaction() as tx:
                row = await reconciliation_store.reconciliation(tx, number)
                assert row is not None
                assert row.last_error is None
                if row.state == "complete":
                    break
                assert await lease(tx, now=now) is not None
                await sources_store.release_lease(tx, "x", "puller", now)
        assert turn >= 1
        assert row is not None
        assert row.equal


async def test_a_worker_that_is_killed_leaves_a_reconciliation_that_goes_on_where_it_was(
    processes: Processes, new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = await new_database("ingest")
    database = Database(url_of("ingest", url), size=4)
    pages: list[int] = []
    held, freed = asyncio.Event(), asyncio.Event()
    search = simulator.Portal._search

    async def held_at_the_last_page(portal: simulator.Portal, request: Request) -> Response:
        if pulled and not {"1"} & {request.query_params["size"]}:
            pages.append(int(request.query_params["page"]))
            if pages[-1] == 2 and not freed.is_set():
                held.set()
                await freed.wait()
        return await search(portal, request)

    pulled = False
    monkeypatch.setattr(simulator.Portal, "_search", held_at_the_last_page)
    async with bench(database, dossiers=600) as one:
        await one.pull()
        await forget(one, 10)
        pulled = True
        at = datetime.now(UTC)

        async def plan(tx: Connection) -> int | None:
            one_at_a_time = "settings || '{\"concurrency\": 1}'"
            await tx.execute(f"UPDATE ingest.source SET next_at = $1, settings = {one_at_a_time}", at + timedelta(days=1))
            return await reconciliation_store.plan_reconciliation(tx, "x", PROVINCE, *whole_span(at), at)

        number = await database.run(plan)
        assert number
        async with database.connection() as connection:
            source = await sources_store.source(connection, "x")
        assert source is not None
        given = access(str(source.settings["base_url"]), PROVINCE)
        worker = await asyncio.to_thread(processes.worker, "ingest", database_url=url, **given)
        await asyncio.wait_for(held.wait(), patience.PATIENCE)
        # What was read before is stored while the next page is on its way.
        saved = "SELECT progress->'cursor'->>'page' FROM ingest.reconciliation WHERE id = $1"
        async with database.connection() as connection:
            await patience.until(partial(connection.fetchval, saved, number), lambda page: page == "2")
        worker.kill()
        freed.set()
        assert pages == [0, 1, 2]
        # By another worker, when the lease of the first has run out.
        taken = await reconcile_next(database, one.rulesets, "other", silent, lambda: datetime.now(UTC) + comparing.LEASE * 2)
        assert taken
        assert 0 not in pages[3:]
        async with database.connection() as connection:
            row = await reconciliation_store.reconciliation(connection, number)
            there = await connection.fetchval("SELECT count(*) FROM ingest.dossier")
        assert row is not None
        assert (row.state, row.equal) == ("complete", True)
        assert there == len([*one.world.at(one.world.starts_at)])
        # What the first had listed was not taken for gone.
        assert await ingested(one, "gone_there") == 0
    await database.close()


def test_by_which_instant_a_source_judges_follows_from_its_counts() -> None:
    dates = {"A": [instant(1), instant(5)], "B": [instant(3)]}
    assert judging_instant({"A": 1, "B": 1}, dates, instant(4)) == instant(4)
    assert judging_instant({"A": 1, "B": 1}, dates, instant(9)) == instant(5)  # none that is due then is late
    assert judging_instant({"A": 2, "B": 1}, dates, instant(4)) == instant(5) + timedelta(microseconds=1)
    assert judging_instant({"A": 0, "B": 1}, dates, instant(4)) is None
    assert judging_instant({"A": 3}, dates, instant(4)) is None
    assert judging_instant({"A": 1, "B": None}, dates, instant(2)) == instant(2)
    assert judging_instant({}, {}, instant(2)) == instant(2)


@pytest.mark.parametrize(
    ("rows", "means"),
    [
        ([(5, 3, 2, 4, 3, 0), (1, 1, 0, 0, 1, 0)], "new"),
        ([(7, 3, 2, 4, 3, 0), (1, 1, 0, 0, 1, 0)], "with_carried_over"),
        ([(5, 3, 2, 4, 1, 0)], None),
        ([(9, 3, 2, 4, 1, 0)], None),
        ([(5, 3, 2, None, None, None)], "new"),
        ([(5, None, None, 4, 1, 0)], "with_carried_over"),
        ([], None),
    ],
)
def test_what_received_counts_is_told_by_the_columns(rows: list[tuple[int | None, ...]], means: str | None) -> None:
    fields = ("received", "received_online", "received_direct", "resolved", "unresolved", "cancelled")
    assert _received_means([SourceTotals(**dict(zip(fields, row, strict=True))) for row in rows]) == means


def test_a_result_is_said_in_both_languages() -> None:
    def agency(equal: bool, late_alike: bool = True) -> AgencyTotals:
        return AgencyTotals("A", "1", SourceTotals(), Totals(), Totals(), equal, late_alike)

    said = {
        result_in_words([agency(*given)], differences, 0)
        for given, differences in (((True,), 0), ((True, False), 0), ((False,), 2), ((False,), 0))
    }
    assert len(said) == 4
    assert all("{" not in one.vi + one.en and one.vi.endswith(".") for one in said)
