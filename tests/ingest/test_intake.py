"""Intake on a real PostgreSQL: nothing lost, nothing doubled, the same end whatever the order, batching or interruption."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Any, cast

import msgspec
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, seed, settings

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.catalogue.service import put_agencies, put_procedures
from services.ingest.dossiers import service as intake
from services.ingest.dossiers import store as dossiers_store
from services.ingest.dossiers.folding import fold
from services.ingest.dossiers.redating import redate_next
from services.ingest.dossiers.service import MAX_EVENTS, MAX_HISTORY, IntakeCounts, apply_batch, history_of
from services.ingest.events.model import About, Batch, Course, Event, Reason, Rejected, Step
from services.ingest.feed import store as feed_store
from services.ingest.quarantine.store import records as quarantine_store
from shared.agencies import Agency, AgencyKind, reference_structure
from shared.database import Connection, Database
from shared.dossier import Status
from shared.procedures import reference_procedures
from tests.ingest.histories import histories, instant

PROVINCE = "30"


@pytest_asyncio.fixture
async def database(ingest_database: Database) -> AsyncIterator[Database]:
    async with ingest_database.transaction() as tx:
        await put_agencies(tx, PROVINCE, list(reference_structure()))
        await put_procedures(tx, PROVINCE, list(reference_procedures()))
    yield ingest_database


async def take(
    database: Database, rulesets: RulesetCache, events: Sequence[Event], rejected: Sequence[Rejected] = ()
) -> IntakeCounts:
    async def work(tx: Connection) -> IntakeCounts:
        return await apply_batch(tx, PROVINCE, "test", Batch(list(events), list(rejected)), rulesets)

    return await database.run(work)


async def feed(database: Database) -> list[tuple[int, int, dict[str, Any]]]:
    async with database.connection() as connection:
        rows = await feed_store.read_after(connection, PROVINCE, 0, 100_000)
    return [(row[0], row[1], json.loads(row[2])) for row in rows]


async def last_facts(database: Database) -> dict[str, dict[str, Any]]:
    return {facts["code"]: facts for _, number, facts in await feed(database) if number}


def random_history(chance: random.Random, size: int) -> list[Event]:
    """Events from hypothesis' own generator, driven by a seed that the failure shows."""
    drawn: list[Event] = []

    @seed(chance.getrandbits(32))
    @settings(max_examples=size, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(histories)
    def draw(history: list[Event]) -> None:
        drawn.extend(history)

    draw()
    return drawn


async def test_any_order_repetition_and_batching_gives_the_same_facts(new_database: Any) -> None:
    seed = 20231124
    chance = random.Random(seed)
    history = random_history(chance, 30)
    ends = []
    for attempt in range(4):
        owned = Database(await new_database("ingest"), size=2)
        async with owned.transaction() as tx:
            await put_agencies(tx, PROVINCE, list(reference_structure()))
            await put_procedures(tx, PROVINCE, list(reference_procedures()))
        events = history if attempt == 0 else history + chance.choices(history, k=len(history) // 2)
        if attempt:
            chance.shuffle(events)
        rulesets = RulesetCache()
        while events:
            size = chance.choice((1, 2, 7, 50))
            batch, events = events[:size], events[size:]
            tally = await take(owned, rulesets, batch)
            assert tally.served == len(batch), f"seed {seed}"
        versions = await feed(owned)
        assert [position for position, _, _ in versions] == list(range(1, len(versions) + 1))
        ends.append({facts["code"]: facts for _, _, facts in versions})
        await owned.close()
    assert len(ends[0]) == 3
    assert all(end == ends[0] for end in ends), f"seed {seed}"


async def test_every_record_is_accepted_known_superseded_or_in_quarantine(database: Database) -> None:
    rulesets = RulesetCache()
    first = Event("A-1", "test", "1", instant(10), course=Course(Status.processing, instant(1)))
    newer = Event("A-1", "test", "2", instant(20), course=Course(Status.resolved, instant(1), instant(15)))
    older = Event("A-1", "test", "0", instant(5), course=Course(Status.received, instant(1)))
    bad = Rejected(Reason.bad_date, "acceptedDate is not a date.", {"code": "A-2", "acceptedDate": "yesterday"}, "A-2")
    assert (await take(database, rulesets, [first, first], [bad]))[:6] == (1, 1, 0, 1, 1, 1)
    assert (await take(database, rulesets, [newer, first]))[:6] == (1, 1, 0, 0, 2, 1)
    assert (await take(database, rulesets, [older], [bad]))[:6] == (0, 0, 1, 1, 2, 0)
    async with database.connection() as connection:
        (depth,) = await quarantine_store.quarantine_depth(connection)
        assert depth[:5] == ("30", "test", "bad_date", 1, 2)
        row = (await dossiers_store.dossiers_by_code(connection, PROVINCE, ["A-1"]))["A-1"]
    assert history_of(row) == [older, first, newer]


async def test_the_same_id_with_other_content_keeps_both_and_the_newer_version_counts(database: Database) -> None:
    rulesets = RulesetCache()
    old = Event("A-1", "test", "same", instant(10), course=Course(Status.processing, instant(1)))
    new = Event("A-1", "test", "same", instant(11), course=Course(Status.processing, instant(2)))
    await take(database, rulesets, [new])
    await take(database, rulesets, [old])
    async with database.connection() as connection:
        row = (await dossiers_store.dossiers_by_code(connection, PROVINCE, ["A-1"]))["A-1"]
    assert history_of(row) == [old, new]
    assert (await last_facts(database))["A-1"]["received_on"] == "2023-01-02"


async def test_concurrent_intakes_of_one_province_lose_nothing(database: Database) -> None:
    events = [
        Event(f"A-{number % 40}", "test", f"{number}", instant(number), steps=(Step(instant(number), Status.processing),))
        for number in range(800)
    ]
    chance = random.Random(7)
    chance.shuffle(events)
    await asyncio.gather(*(take(database, RulesetCache(), events[start : start + 20]) for start in range(0, 800, 20)))
    async with database.connection() as connection:
        rows = await dossiers_store.dossiers_by_code(connection, PROVINCE, [f"A-{number}" for number in range(40)])
    assert sum(len(history_of(row)) for row in rows.values()) == 800
    versions = await feed(database)
    assert [position for position, _, _ in versions] == list(range(1, len(versions) + 1))


async def test_a_dossier_without_end_stops_growing_and_says_so(database: Database) -> None:
    rulesets = RulesetCache()
    endless = [Event("A-1", "test", str(n), instant(n), steps=(Step(instant(n), Status.processing),)) for n in range(2_100)]
    tally = await take(database, rulesets, endless[:1_500])
    tally = await take(database, rulesets, endless[1_500:])
    assert (tally.accepted, tally.quarantined) == (MAX_EVENTS - 1_500, 100)


def working(number: int, steps: int) -> Event:
    """An event of many steps that no other has."""
    at = instant(number)
    return Event(
        "A-1", "test", str(number), at, steps=tuple(Step(at, Status.processing, step % 2 == 0) for step in range(steps))
    )


async def test_a_history_is_bounded_as_a_whole_however_few_its_events_are(database: Database) -> None:
    rulesets = RulesetCache()
    tally = await take(database, rulesets, [working(number, 500) for number in range(60)])
    assert tally.accepted + tally.quarantined == 60
    assert 0 < tally.accepted < 60
    # A small one may still fit, and does until it is full.
    small = await take(database, rulesets, [working(100 + number, 1) for number in range(MAX_EVENTS)])
    assert small.quarantined > 0
    async with database.connection() as connection:
        row = (await dossiers_store.dossiers_by_code(connection, PROVINCE, ["A-1"]))["A-1"]
        reasons = await connection.fetch("SELECT DISTINCT reason, detail FROM ingest.quarantine")
    assert len(row.history) <= MAX_HISTORY + 3
    ((reason, detail),) = reasons
    assert reason == "history_full"
    assert "256 kB" in detail


async def test_a_row_from_before_the_bound_is_read_and_dated_and_grows_no_more(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rulesets = RulesetCache()
    with monkeypatch.context() as before:
        before.setattr(intake, "MAX_HISTORY", 2**31)
        assert (await take(database, rulesets, [working(number, 500) for number in range(200)])).accepted == 200
    async with database.connection() as connection:
        row = (await dossiers_store.dossiers_by_code(connection, PROVINCE, ["A-1"]))["A-1"]
    assert len(row.history) > 2 * MAX_HISTORY
    assert fold(history_of(row)).status is Status.processing
    decoded = 0

    def counted(history: bytes) -> Any:
        nonlocal decoded
        decoded += 1
        raise AssertionError

    with monkeypatch.context() as now:
        # What has no room is put aside before anything is decoded.
        now.setattr(intake, "decode_history", counted)
        assert (await take(database, rulesets, [working(1_000, 1)])).quarantined == 1
    assert not decoded


async def test_dating_anew_goes_by_bytes_too(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    rulesets = RulesetCache()
    events = [msgspec.structs.replace(working(number, 100), code=f"A-{number}") for number in range(12)]
    await take(database, rulesets, events)
    async with database.connection() as connection:
        size = await connection.fetchval("SELECT max(octet_length(history)) FROM ingest.dossier")
        parts = []
        after = 0
        while rows := await dossiers_store.dossiers_to_date(connection, PROVINCE, after, 100, 100, 3 * size):
            parts.append(len(rows))
            after = rows[-1][0]
        # One that is larger than all that may be read at once is read alone.
        alone = await dossiers_store.dossiers_to_date(connection, PROVINCE, 0, 100, 100, 1)
    assert sum(parts) == 12
    assert max(parts) <= 4
    assert len(alone) == 1


async def test_a_dossier_of_an_unknown_agency_moves_by_itself_when_the_catalogue_knows_it(database: Database) -> None:
    rulesets = RulesetCache()
    event = Event("A-1", "test", "1", instant(10), About("99.NEW", "1.001612"), course=Course(Status.processing, instant(1)))
    await take(database, rulesets, [event])
    assert "agency" not in (await last_facts(database))["A-1"]
    known = list(reference_structure())
    new = Agency("99.NEW", "Xã Mới", "Mới commune", AgencyKind.commune, date(2019, 12, 1), "294", date(2025, 7, 1))
    async with database.transaction() as tx:
        await put_agencies(tx, PROVINCE, [*known, new])
    while await database.run(lambda tx: redate_next(tx, rulesets, instant(10))) is not None:
        pass
    assert (await last_facts(database))["A-1"]["agency"] == new.key
    versions = await feed(database)
    assert [(position, number) for position, number, _ in versions] == [(1, 1), (2, feed_store.CATALOGUE), (3, 1)]


class Died(Exception):
    """The process ended here."""


class DyingConnection:
    """A connection whose process dies at the n-th statement."""

    def __init__(self, connection: Connection, after: int) -> None:
        self._connection = connection
        self.left = after

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._connection, name)
        if name not in ("execute", "executemany", "fetch", "fetchrow", "fetchval", "copy_records_to_table"):
            return method

        async def statement(*words: Any, **named: Any) -> Any:
            if self.left == 0:
                raise Died
            self.left -= 1
            return await method(*words, **named)

        return statement


async def test_dying_at_any_statement_of_the_intake_and_going_on_gives_the_same_end(new_database: Any) -> None:
    history = random_history(random.Random(3), 6)
    half = len(history) // 2
    ends = []
    for after in range(100):
        owned = Database(await new_database("ingest"), size=2)
        async with owned.transaction() as tx:
            await put_agencies(tx, PROVINCE, list(reference_structure()))
            await put_procedures(tx, PROVINCE, list(reference_procedures()))
        rulesets = RulesetCache()
        await take(owned, rulesets, history[:half])
        bad = Rejected(Reason.unreadable, "not a record", {}, None)
        died = False
        try:
            async with owned.transaction() as tx:
                dying = DyingConnection(tx, after)
                await apply_batch(cast(Connection, dying), PROVINCE, "test", Batch(history[half:], [bad]), rulesets)
        except Died:
            died = True
        await take(owned, rulesets, history[half:], [bad])
        ends.append(([row[2] for row in await feed(owned)], died))
        await owned.close()
        if not died:
            break
    assert 6 <= len(ends) < 100
    assert all(end == ends[0][0] for end, _ in ends)
