"""What ingest tells metrics that figures lack: counted facts of sources, quarantine, differences and unmapped dossiers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest_asyncio

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.catalogue.service import put_agencies, put_procedures
from services.ingest.dossiers.redating import redate_next
from services.ingest.dossiers.service import apply_batch
from services.ingest.events.model import About, Batch, Course, Event
from services.ingest.provinces import store as provinces_store
from services.ingest.quality import store as quality_store
from services.ingest.quality.model import MAX_UNMAPPED, UnmappedGroup, unmapped_by_day
from services.ingest.quality.service import UnmappedCache, read_quality
from shared.agencies import reference_structure
from shared.contracts.feed import UnmappedDay
from shared.database import Connection, Database
from shared.dossier import Status
from shared.procedures import reference_procedures
from tests.ingest.histories import instant

PROVINCE = "30"
NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest_asyncio.fixture
async def tx(ingest_database: Database) -> AsyncIterator[Connection]:
    async with ingest_database.transaction() as tx:
        await provinces_store.ensure(tx, PROVINCE)
        yield tx


async def test_quality_tells_what_is_late_what_fails_and_what_differs(ingest_database: Database) -> None:
    now = NOW
    async with ingest_database.transaction() as tx:
        await provinces_store.ensure(tx, PROVINCE)
        for name, every, attempts, ago in (
            ("late", 60, 0, 11),
            ("slow", 600, 0, 29),
            ("failing", 60, 1, 1),
            ("new", 60, 0, None),
        ):
            await tx.execute(
                "INSERT INTO ingest.source (name, province, kind, settings, every_seconds, attempts)"
                " VALUES ($1, $2, 'igate', '{}', $3, $4)",
                name,
                PROVINCE,
                every,
                attempts,
            )
            if ago is not None:
                await tx.execute(
                    "INSERT INTO ingest.pull (source, province, state, finished_at) VALUES ($1, $2, 'complete', $3)",
                    name,
                    PROVINCE,
                    now - timedelta(minutes=ago),
                )
        assert (await quality_store.read(tx, PROVINCE, ["igate"], now)).gap.dossiers is None
        for source, codes in (("late", ["A", "B"]), ("slow", ["A", "C"]), ("late", ["Z"])):
            number = await tx.fetchval(
                "INSERT INTO ingest.reconciliation (source, province, from_on, to_on, state)"
                " VALUES ($1, $2, '2023-01-01', '2023-01-31', 'complete') RETURNING id",
                source,
                PROVINCE,
            )
            # Neither a remark nor what waits in quarantine, which is counted there, is a gap.
            entry = "INSERT INTO ingest.difference (reconciliation, code, cause, remark) VALUES ($1, $2, $3, $4)"
            await tx.executemany(entry, [(number, "D", "date_shifted", True), (number, "E", "quarantined", False)])
            for code in codes:
                for cause in ("missing", "stale"):
                    await tx.execute(
                        "INSERT INTO ingest.difference (reconciliation, code, cause, applied) VALUES ($1, $2, $3, $4)",
                        number,
                        code,
                        cause,
                        code == "C",
                    )
        found = await quality_store.read(tx, PROVINCE, ["igate"], now)
    assert [(one.source, one.reason) for one in found.missing] == [("failing", "failing"), ("late", "late"), ("new", "late")]
    assert found.gap.dossiers == 2  # of each source's newest, each dossier once: Z and A, while C was taken in


async def test_a_gap_stands_until_all_its_days_were_compared_again(tx: Connection) -> None:
    await tx.execute(
        "INSERT INTO ingest.source (name, province, kind, settings, every_seconds) VALUES ('portal', $1, 'igate', '{}', 60)",
        PROVINCE,
    )

    async def reconciled(first: date, last: date, day: date, *codes: str) -> tuple[int | None, datetime | None]:
        number = await tx.fetchval(
            "INSERT INTO ingest.reconciliation (source, province, from_on, to_on, state, planned_at, finished_at)"
            " VALUES ('portal', $1, $2, $3, 'complete', $4, $4) RETURNING id",
            PROVINCE,
            first,
            last,
            datetime(day.year, day.month, day.day, 3, tzinfo=UTC),
        )
        for code in codes:
            await tx.execute(
                "INSERT INTO ingest.difference (reconciliation, code, cause) VALUES ($1, $2, 'missing')", number, code
            )
        return await gap()

    async def gap() -> tuple[int | None, datetime | None]:
        return (await quality_store.read(tx, PROVINCE, ["igate"], NOW)).gap

    all_days, year, monday = date(2001, 1, 1), date(2026, 1, 1), date(2026, 11, 16)
    tuesday, wednesday = date(2026, 11, 17), date(2026, 11, 18)
    assert await gap() == (None, None)
    found = datetime(2026, 11, 16, 3, tzinfo=UTC)
    assert await reconciled(all_days, date(2044, 1, 1), monday, "A", "B") == (2, found)
    assert await reconciled(year, tuesday, tuesday) == (2, found)  # the night's, of this year alone
    assert await reconciled(year, wednesday, wednesday, "B", "C") == (3, found)
    assert await reconciled(all_days, wednesday, wednesday) == (0, None)


async def test_quarantine_says_since_when(tx: Connection) -> None:
    for digest, ago, released in ((b"1", 5, True), (b"2", 3, False), (b"3", 1, False)):
        await tx.execute(
            "INSERT INTO ingest.quarantine (province, source, digest, reason, detail, fields, first_at, released_at)"
            " VALUES ($1, 'x', $2, 'unreadable', '', '{}', $3, $4)",
            PROVINCE,
            digest,
            NOW - ago * HOUR,
            NOW if released else None,
        )
    found = await quality_store.read(tx, PROVINCE, ["igate"], NOW)
    assert found.quarantine == (2, NOW - 3 * HOUR)


async def test_dossiers_that_nobody_can_place_are_told_by_the_days_they_were_in_hand(tx: Connection) -> None:
    await put_agencies(tx, PROVINCE, list(reference_structure()))
    await put_procedures(tx, PROVINCE, list(reference_procedures()))
    rulesets, unmapped = RulesetCache(), UnmappedCache()

    def event(code: str, agency: str | None, procedure: str | None, ended: bool) -> Event:
        course = Course(Status.resolved, instant(0), instant(1_440)) if ended else Course(Status.processing, instant(0))
        return Event(code, "test", "1", instant(1_500), About(agency, procedure), course=course)

    async def told() -> dict[date, tuple[int, ...]]:
        found = (await read_quality(tx, PROVINCE, unmapped, NOW)).unmapped
        assert not found.others
        return {
            one.day: (one.agency_received, one.agency_ended, one.procedure_received, one.procedure_ended) for one in found.days
        }

    async def take(*events: Event) -> None:
        await apply_batch(tx, PROVINCE, "test", Batch(list(events), []), rulesets)

    assert await told() == {}
    await take(
        event("A-1", "10813", "1.001193", ended=True),
        event("A-2", "99999", "1.001193", ended=False),
        event("A-3", None, None, ended=True),
    )
    begin, end = instant(0).date(), instant(1_440).date()
    assert await told() == {begin: (2, 0, 1, 0), end: (0, 1, 0, 1)}


async def test_a_change_of_the_catalogue_is_told_until_all_dossiers_are_dated_by_it(tx: Connection) -> None:
    await put_agencies(tx, PROVINCE, list(reference_structure()))
    rulesets, unmapped = RulesetCache(), UnmappedCache()

    async def left() -> tuple[int, bool]:
        found = await read_quality(tx, PROVINCE, unmapped, NOW)
        return found.redating, found.redating_since is not None

    assert await left() == (0, False)  # there are no dossiers
    about, course = About("10813", "1.001193"), Course(Status.processing, instant(0))
    events = [Event(f"A-{number}", "test", "1", instant(1), about, course=course) for number in range(3)]
    await apply_batch(tx, PROVINCE, "test", Batch(events, []), rulesets)
    await put_procedures(tx, PROVINCE, list(reference_procedures()))
    assert await left() == (3, True)
    while await redate_next(tx, rulesets, NOW) is not None:
        pass
    assert await left() == (0, False)


def test_of_more_than_are_counted_by_day_it_is_said_that_there_are_others() -> None:
    day = date(2026, 1, 2)
    few = unmapped_by_day([UnmappedGroup(day, None, MAX_UNMAPPED - 1, 1, 2), UnmappedGroup(None, None, 0, 5, 5)])
    assert (few.days, few.others) == ([UnmappedDay(day, 1, 0, 2, 0)], False)
    assert unmapped_by_day([UnmappedGroup(day, None, MAX_UNMAPPED, 1, 2)]).others
