"""What sources lack, as metrics is told: late, failing, silent, unverified or cut off, also after they are retired."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest_asyncio

from services.ingest.provinces import store as provinces_store
from services.ingest.quality import store as quality_store
from services.ingest.quality.service import plan_verifications
from services.ingest.retirement.store import dismiss_source, retire_source
from services.ingest.sources.decoding import revisions
from services.ingest.sources.store import readings
from services.ingest.sources.store import sources as sources_store
from shared.database import Connection, Database

PROVINCE = "30"
NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest_asyncio.fixture
async def tx(ingest_database: Database) -> AsyncIterator[Connection]:
    async with ingest_database.transaction() as tx:
        await provinces_store.ensure(tx, PROVINCE)
        yield tx


async def connect(tx: Connection, name: str, kind: str, every: float = 3600, expected: float | None = None) -> None:
    await tx.execute(
        "INSERT INTO ingest.source (name, province, kind, settings, every_seconds, expected_every_seconds, created_at)"
        " VALUES ($1, $2, $3, '{}', $4, $5, $6)",
        name,
        PROVINCE,
        kind,
        every,
        expected,
        NOW - 9 * HOUR,
    )


async def pulled(tx: Connection, source: str, ago: timedelta, *, verified: bool | None = True, whole: bool = True) -> None:
    await tx.execute(
        "INSERT INTO ingest.pull (source, province, state, since, touched_at, finished_at, verified)"
        " VALUES ($1, $2, 'complete', $3, $4, $4, $5)",
        source,
        PROVINCE,
        None if whole else NOW - 9 * HOUR,
        NOW - ago,
        verified,
    )


async def imported(tx: Connection, source: str, state: str, ago: timedelta, head: bytes | None = b"head") -> None:
    await tx.execute(
        "INSERT INTO ingest.import (source, province, state, started_at, touched_at, head_digest)"
        " VALUES ($1, $2, $3, $4, $4, $5)",
        source,
        PROVINCE,
        state,
        NOW - ago,
        head,
    )


async def missing(tx: Connection) -> list[tuple[str, str, datetime | None]]:
    found = await quality_store.read(tx, PROVINCE, ["igate"], NOW)
    return [(one.source, one.reason, one.since) for one in found.missing]


async def test_a_source_that_is_switched_off_is_awaited_and_one_that_is_retired_lacks_what_nobody_proved_before(
    tx: Connection,
) -> None:
    await connect(tx, "portal", "igate", every=60)
    await connect(tx, "draft", "igate")
    await connect(tx, "desk", "own", expected=3600)
    await pulled(tx, "portal", HOUR, verified=False)
    await tx.execute("UPDATE ingest.source SET enabled = false")
    lacks = [("desk", "silent"), ("portal", "late"), ("portal", "unverified")]
    assert [one[:2] for one in await missing(tx)] == lacks  # the draft was never read
    # One that is switched off in its first whole pull has told of a part.
    await tx.execute(
        "INSERT INTO ingest.pull (source, province, state, served, accepted) VALUES ('draft', $1, 'interrupted', 7, 7)",
        PROVINCE,
    )
    assert await missing(tx) == [("desk", "silent", NOW - 9 * HOUR), ("draft", "late", None), *(await missing(tx))[2:]]
    assert await plan_verifications(tx, NOW) == 0
    before = await missing(tx)
    for name in ("desk", "portal", "draft"):
        await retire_source(tx, name, who="office", why="closed", now=NOW)
    # What the desk and the portals had until then, nobody knows.
    assert await missing(tx) == before
    known = revisions()["igate"]
    assert await dismiss_source(tx, "desk", revisions()["own"], who="office", why="it had no dossiers", now=NOW)
    assert await missing(tx) == before[1:]
    assert await dismiss_source(tx, "draft", known, who="office", why="a trial", now=NOW)
    assert await missing(tx) == before[2:]
    assert await dismiss_source(tx, "portal", known, who="office", why="looked through", now=NOW)
    assert await missing(tx) == []


async def test_of_a_retired_source_it_counts_how_it_stood_when_it_was_retired(tx: Connection) -> None:
    known = revisions()["igate"]
    for name in ("good", "failing", "off", "reread"):
        await connect(tx, name, "igate", every=60)
        await pulled(tx, name, timedelta(minutes=2))
        await readings.begin(tx, name, known)
    await tx.execute("UPDATE ingest.source SET attempts = 1 WHERE name = 'failing'")
    await tx.execute("UPDATE ingest.source SET reading = 1, reread_since = $1 WHERE name = 'reread'", NOW - HOUR)
    await connect(tx, "desk", "own", expected=3600)
    await tx.execute("UPDATE ingest.source SET created_at = $1 WHERE name = 'desk'", NOW - HOUR / 2)
    for name in ("good", "failing", "off", "reread", "desk"):
        await retire_source(tx, name, who="office", why="closed", now=NOW)

    async def told(after: timedelta, revision: int) -> list[tuple[str, str]]:
        found = await quality_store.read(tx, PROVINCE, ["igate"], NOW + after, revisions={"igate": revision})
        return [one[:2] for one in found.missing]

    # None is late or silent because time goes by since.
    lacks = [("failing", "failing"), ("reread", "unverified")]
    assert await told(9 * HOUR, known) == lacks
    assert await dismiss_source(tx, "reread", known + 1, who="office", why="looked through", now=NOW)
    assert await dismiss_source(tx, "good", known, who="office", why="looked through", now=NOW)
    assert await told(9 * HOUR, known) == lacks[:1]
    # A later release reads its records otherwise, which nobody looked at.
    assert await told(9 * HOUR, known + 1) == [("failing", reason) for reason in ("failing", "unverified")] + [
        (name, "unverified") for name in ("good", "off", "reread")
    ]


async def test_a_source_that_sends_is_unverified_by_another_reading_until_somebody_says_that_it_sent_all_again(
    tx: Connection,
) -> None:
    for name, kind in (("desk", "own"), ("lists", "files"), ("new", "own")):
        await connect(tx, name, kind)
    known = revisions()
    await readings.begin(tx, "desk", known["own"])
    await readings.begin(tx, "lists", known["files"])
    await readings.begin(tx, "lists", known["files"] + 1)  # the first is of all that there is
    assert await missing(tx) == []
    await tx.execute("UPDATE ingest.source SET reading = 1, reread_since = $1 WHERE name = 'lists'", NOW - HOUR)
    assert await missing(tx) == [("lists", "unverified", NOW - HOUR)]
    after = {**known, "own": known["own"] + 1}
    found = await quality_store.read(tx, PROVINCE, ["igate"], NOW, revisions=after)
    assert [(one.source, one.since) for one in found.missing] == [("desk", None), ("lists", NOW - HOUR)]
    await readings.note_others(tx, after, ["igate"], NOW)
    assert await missing(tx) == [("desk", "unverified", NOW), ("lists", "unverified", NOW - HOUR)]
    for name in ("lists", "new"):
        await readings.sent_again(tx, name, known["files"] + 1, who="office", why="sent on Sunday", now=NOW)
    assert await missing(tx) == [("desk", "unverified", NOW)]
    said = await tx.fetch("SELECT name, sent_again_by, sent_again_for FROM ingest.source WHERE sent_again_at = $1", NOW)
    assert [tuple(row) for row in said] == [("lists", "office", "sent on Sunday")]


async def test_a_source_that_sends_is_silent_when_nothing_came_within_the_interval_that_it_declares(tx: Connection) -> None:
    for name, expected in (("quiet", 3600), ("new", 3600), ("steady", 3600), ("undeclared", None)):
        await connect(tx, name, "own", expected=expected)
    await connect(tx, "lists", "files", expected=3600)
    await pulled(tx, "quiet", 2 * HOUR, verified=None)
    await pulled(tx, "steady", HOUR / 2, verified=None)
    await pulled(tx, "undeclared", 8 * HOUR, verified=None)
    await imported(tx, "lists", "complete", 3 * HOUR)
    silent = {"lists": NOW - 3 * HOUR, "new": NOW - 9 * HOUR, "quiet": NOW - 2 * HOUR}
    assert await missing(tx) == [(name, "silent", since) for name, since in silent.items()]
    await imported(tx, "lists", "complete", HOUR / 2)
    assert [name for name, _, _ in await missing(tx)] == ["new", "quiet"]


async def test_a_whole_reading_that_may_have_skipped_something_stays_unverified_until_a_later_one_shows_it(
    tx: Connection,
) -> None:
    await connect(tx, "portal", "igate")
    await pulled(tx, "portal", 2 * HOUR, verified=False)
    await pulled(tx, "portal", HOUR, whole=False)  # proves what came since, and nothing of before
    assert await missing(tx) == [("portal", "unverified", NOW - 2 * HOUR)]
    reconcile = (
        "INSERT INTO ingest.reconciliation (source, province, from_on, to_on, state, planned_at, equal)"
        " VALUES ('portal', $1, $2, $3, 'complete', $4, $5) RETURNING id"
    )
    today = NOW.date()
    for first, last, ago, equal in (
        (date(2001, 1, 1), today, 3, True),  # of before
        (date(2026, 1, 1), today, 1, True),  # of a year
        (date(2001, 1, 1), date(2001, 1, 2), 1, True),  # of days in which there was nothing
        (date(2001, 1, 1), today, 1, False),
    ):
        await tx.fetchval(reconcile, PROVINCE, first, last, NOW - ago * HOUR, equal)
    assert await missing(tx) == [("portal", "unverified", NOW - 2 * HOUR)]
    number = await tx.fetchval(reconcile, PROVINCE, date(2001, 1, 1), today, NOW - HOUR, True)
    assert await missing(tx) == []
    await tx.execute("DELETE FROM ingest.reconciliation WHERE id = $1", number)
    await pulled(tx, "portal", HOUR / 2)
    assert await missing(tx) == []


async def test_what_is_unverified_is_reconciled_at_once_then_in_the_calm_and_closed_by_one_that_fetches_nothing(
    tx: Connection,
) -> None:
    await connect(tx, "portal", "igate")
    await connect(tx, "verified", "igate")
    await pulled(tx, "verified", HOUR)
    await pulled(tx, "portal", HOUR, verified=False)

    async def planned(after: timedelta) -> int:
        return await plan_verifications(tx, NOW + after)

    async def finish(state: str, *, fetched: bool) -> None:
        end = "UPDATE ingest.reconciliation SET state = $1, equal = $1 = 'complete' WHERE state = 'planned' RETURNING id"
        number = await tx.fetchval(end, state)
        if fetched:
            await tx.execute(
                "INSERT INTO ingest.difference (reconciliation, code, cause, applied) VALUES ($1, 'A', 'never_served', true)",
                number,
            )

    minute = timedelta(minutes=1)
    assert await planned(0 * minute) == 1
    assert await planned(0 * minute) == 0  # it is under way
    period = await tx.fetchrow("SELECT from_on, to_on, source FROM ingest.reconciliation")
    assert period is not None
    assert tuple(period) == (date(2001, 1, 1), date(2026, 11, 20), "portal")
    await finish("complete", fetched=True)
    await tx.execute("UPDATE ingest.pull SET accepted = 1, served = 1 WHERE source = 'portal'")
    assert await planned(minute) == 0  # it still moves
    assert [name for name, _, _ in await missing(tx)] == ["portal"]
    await tx.execute("UPDATE ingest.pull SET accepted = 0, served = 0 WHERE source = 'portal'")
    assert await planned(minute) == 1
    await finish("failed", fetched=False)
    await sources_store.set_cursor(tx, "portal", {"complete": True}, 1)
    assert await planned(3 * minute) == 0
    assert await planned(2 * HOUR) == 1
    source = await sources_store.source(tx, "portal")
    assert source is not None
    assert source.cursor is None
    await finish("complete", fetched=False)
    assert await missing(tx) == []
    assert await planned(9 * HOUR) == 0


async def test_a_file_that_is_being_taken_in_is_told_until_it_ends(tx: Connection) -> None:
    await connect(tx, "lists", "files")
    await imported(tx, "lists", "running", HOUR / 60)
    assert await missing(tx) == [("lists", "importing", NOW - HOUR / 60)]
    await tx.execute("UPDATE ingest.import SET state = 'complete'")
    assert await missing(tx) == []


async def test_an_import_that_was_cut_off_is_told_until_its_file_came(tx: Connection) -> None:
    await connect(tx, "lists", "files")
    await imported(tx, "lists", "interrupted", 2 * HOUR)
    await imported(tx, "lists", "running", HOUR, head=b"killed with its process")
    await imported(tx, "lists", "complete", HOUR / 60, head=b"another file")
    assert await missing(tx) == [("lists", "interrupted", NOW - 2 * HOUR)]
    await imported(tx, "lists", "complete", HOUR / 60)
    assert await missing(tx) == [("lists", "interrupted", NOW - HOUR)]
    await tx.execute("UPDATE ingest.import SET state = 'complete' WHERE state = 'running'")
    assert await missing(tx) == []
