"""A corrected reading wins: of what a source states of one moment, the newest reading counts, then what it served last."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers import store as dossiers_store
from services.ingest.dossiers.folding import fold
from services.ingest.dossiers.history import StoredEvent, decode_history, merged, packed, served
from services.ingest.dossiers.service import apply_batch, history_of
from services.ingest.events.model import About, Batch, Course, Event, Step, encode
from services.ingest.provinces import store as provinces_store
from services.ingest.quality import store as quality_store
from services.ingest.quality.service import note_other_readings
from services.ingest.quality.store import SourceMissingRow
from services.ingest.sources.decoding import fetching_of
from services.ingest.sources.store import sources as sources_store
from shared.database import Connection, Database
from shared.dossier import Channel, Status
from tests.ingest.histories import events, instant
from tests.ingest.reconciliation_bench import NOW, PROVINCE, bench
from tests.quick import cases

CODE = "000.00.19.H23-230102-0001"
POST, COUNTER, ONLINE = (About(channel=channel) for channel in (Channel.post, Channel.counter, Channel.online))


def stated(about: About, *, at: int = 10, source: str = "test", identifier: str = "1") -> Event:
    return Event(CODE, source, identifier, instant(at), about, course=Course(Status.processing, instant(1)))


def at(second: int) -> datetime:
    return NOW + timedelta(seconds=second)


def history(*servings: tuple[Event, int, int]) -> list[StoredEvent]:
    """What is stored after servings: event, reading, second."""
    stored: list[StoredEvent] = []
    for event, reading, second in servings:
        stored = merged(stored, served(Batch([event], [], reading=reading, served_at=at(second)))[event.code])
    return stored


def channel_of(entries: Iterable[StoredEvent]) -> Channel | None:
    return fold([entry.event for entry in entries]).about.channel


def test_a_later_reading_counts_whichever_digest_is_larger() -> None:
    for one in (POST, COUNTER, ONLINE):
        for other in (POST, COUNTER, ONLINE):
            assert channel_of(history((stated(one), 1, 0), (stated(other), 2, 60))) is other.channel
            # Also where what was read before is stored after it.
            assert channel_of(history((stated(other), 2, 60), (stated(one), 1, 0))) is other.channel


def test_a_mapping_that_goes_back_to_what_it_was_makes_the_first_reading_count_anew() -> None:
    entries = history((stated(POST), 1, 0), (stated(COUNTER), 2, 60), (stated(POST), 3, 120))
    assert channel_of(entries) is Channel.post
    assert [(entry.event.reading, entry.event.served_at) for entry in entries] == [(2, at(60)), (3, at(120))]


def test_of_one_reading_what_was_served_last_counts() -> None:
    servings = [(stated(one), 1, second) for second, one in enumerate((POST, COUNTER, POST, ONLINE, COUNTER))]
    for end in range(1, len(servings) + 1):
        assert channel_of(history(*servings[:end])) is (servings[end - 1][0].about or About()).channel


def test_of_two_records_of_a_batch_the_later_one_is_the_newer() -> None:
    for pair in ((POST, COUNTER), (COUNTER, POST)):
        (entries,) = served(Batch([stated(one) for one in pair], [], reading=1, served_at=NOW)).values()
        assert channel_of(merged((), entries)) is pair[1].channel


def test_a_newer_version_counts_though_an_older_one_was_read_later() -> None:
    assert channel_of(history((stated(POST, at=20), 1, 0), (stated(COUNTER, at=10), 2, 60))) is Channel.post


def test_what_an_older_reading_made_of_a_record_leaves_nothing_behind() -> None:
    """Fields that the corrected reading does not tell, and steps, which add up over events."""
    wrong = msgspec.structs.replace(stated(POST), steps=(Step(instant(5), Status.suspended),))
    right = stated(About("10813"))
    state = fold([entry.event for entry in history((wrong, 1, 0), (right, 2, 60))])
    assert (state.about, state.pauses, state.findings) == (About("10813"), (), ())


def test_readings_of_two_sources_are_not_compared() -> None:
    entries = history((stated(POST, at=20, source="a"), 1, 0), (stated(COUNTER, source="b"), 9, 60))
    assert channel_of(entries) is Channel.post


@settings(max_examples=cases(60), deadline=None)
@given(st.lists(st.tuples(events, st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=8), st.randoms())
def test_the_history_is_a_function_of_the_set_of_servings(drawn: list[tuple[Event, int, int]], chance: random.Random) -> None:
    one_dossier = [(msgspec.structs.replace(event, code=CODE), reading, second) for event, reading, second in drawn]
    first_servings = list({encode(event): (event, reading, second) for event, reading, second in one_dossier}.values())
    expected = history(*first_servings)
    shuffled = first_servings * 2
    chance.shuffle(shuffled)
    assert history(*shuffled) == expected
    assert decode_history(packed(expected)[1]) == [entry.event for entry in expected]


@settings(max_examples=cases(60), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.booleans()), min_size=1, max_size=14), st.randoms())
def test_storing_a_serving_only_where_it_decides_gives_the_order_of_all_servings(
    drawn: list[tuple[int, int, bool]], chance: random.Random
) -> None:
    """Servings in time, with a reading that only grows; what each moment of the source says is what it served last of it."""
    statements = [stated(About(agency=str(number)), at=10 + number % 2) for number in range(4)]
    reading, servings = 1, []
    for second, (number, _, anew) in enumerate(drawn):
        reading += anew
        servings.append((statements[number], reading, second))
    entries = history(*servings)
    last = {event.about: (event.at, reading, second) for event, reading, second in servings}
    for one, other in pairwise(entry.event for entry in entries):
        assert last[one.about] < last[other.about]


async def take(database: Database, batch: Batch) -> tuple[int, int, int, int]:
    async def effect(tx: Connection) -> tuple[int, int, int, int]:
        await provinces_store.ensure(tx, "30")
        done = await apply_batch(tx, "30", "test", batch, RulesetCache())
        return done.accepted, done.known, done.superseded, done.versions

    return await database.run(effect)


async def row_of(database: Database) -> tuple[str, list[Event]]:
    """The transaction that wrote the dossier's row last, and its history."""
    async with database.connection() as connection:
        written = await connection.fetchval("SELECT xmin::text FROM ingest.dossier WHERE code = $1", CODE)
        row = (await dossiers_store.dossiers_by_code(connection, "30", [CODE]))[CODE]
    return written, history_of(row)


async def test_a_known_event_is_written_again_only_where_that_decides_something(ingest_database: Database) -> None:
    def batch(second: int, *given: Event, reading: int = 1) -> Batch:
        return Batch(list(given), [], reading=reading, served_at=at(second))

    older, wrong, right = stated(POST, at=5), stated(COUNTER), stated(POST)
    assert await take(ingest_database, batch(0, older, wrong)) == (2, 0, 0, 1)
    written, _ = await row_of(ingest_database)
    # As a pull serves again what it served before, also after a change of settings that changes nothing of it.
    assert await take(ingest_database, batch(1, wrong)) == (0, 1, 0, 0)
    assert await take(ingest_database, batch(2, older, wrong, reading=2)) == (0, 2, 0, 0)
    assert (await row_of(ingest_database))[0] == written
    assert await take(ingest_database, batch(3, right, reading=3)) == (1, 0, 0, 1)
    # What is served again and counts anew is taken in as something new.
    assert await take(ingest_database, batch(4, wrong, reading=4)) == (1, 0, 0, 1)
    _, stored = await row_of(ingest_database)
    assert [(event.about, event.reading, event.served_at) for event in stored[1:]] == [(POST, 3, at(3)), (COUNTER, 4, at(4))]


async def missing(connection: Connection) -> list[SourceMissingRow]:
    return (await quality_store.read(connection, PROVINCE, ["igate"], NOW)).missing


async def test_a_word_mapped_wrong_and_mapped_right_later_mends_every_dossier(ingest_database: Database) -> None:
    async with bench(ingest_database, dossiers=60) as one:

        async def pulled(channels: dict[str, str]) -> dict[str, Channel | None]:
            async with one.database.transaction() as tx:
                source = await sources_store.source(tx, "x")
                assert source is not None
                await sources_store.put_source(
                    tx,
                    **{
                        name: getattr(source, name)
                        for name in ("name", "province", "kind", "secret", "every_seconds", "enabled")
                    },
                    settings={**source.settings, "channels": channels},
                    now=NOW,
                )
                assert [row.reason for row in await missing(tx)] == (["unverified"] if source.read_by else ["late"])
            await one.pull()  # by itself all of it
            async with one.database.connection() as connection:
                assert await missing(connection) == []
                rows = await dossiers_store.dossiers_of_source(connection, PROVINCE, "x", 0, 1_000)
            return {row.code: fold(history_of(row)).about.channel for row in rows}

        right = await pulled({})
        online = {code for code, channel in right.items() if channel is Channel.online}
        assert len(online) > 10
        wrong = await pulled({"Trực tuyến": "post", "Nộp trực tuyến": "post", "Nhận trực tuyến": "post"})
        assert {code for code, channel in wrong.items() if channel is Channel.post} >= online
        assert await pulled({}) == right
        # And by another revision of the decoder, as a release brings one.
        async with one.database.transaction() as tx:
            await tx.execute("UPDATE ingest.source SET read_by = read_by - 1")
            assert [(row.reason, row.since) for row in await missing(tx)] == [("unverified", None)]
            await note_other_readings(tx, NOW)
            assert [row.since for row in await missing(tx)] == [NOW]
        await one.pull()
        async with one.database.connection() as connection:
            assert await missing(connection) == []
            assert await connection.fetch("SELECT since FROM ingest.pull WHERE since IS NOT NULL") == []
        row, _ = await one.reconcile()
        assert all(agency.equal for agency in row.totals)


async def test_a_source_is_read_anew_with_every_change_of_its_settings_that_says_what_records_mean(
    ingest_database: Database,
) -> None:
    async def put(settings: dict[str, object], every_seconds: float = 60, kind: str = "own") -> int:
        async with ingest_database.transaction() as tx:
            await provinces_store.ensure(tx, "30")
            await sources_store.put_source(
                tx, name=kind, province="30", kind=kind, settings=settings, secret=None,
                every_seconds=every_seconds, enabled=True, now=NOW, fetching=fetching_of(kind),
            )  # fmt: skip
            source = await sources_store.source(tx, kind)
        assert source is not None
        return source.reading

    numbered: Sequence[int] = [await put({}), await put({}, 90), await put({"codes": ["A"]}), await put({})]
    assert numbered == [0, 0, 1, 2]
    portal: dict[str, object] = {"base_url": "https://motcua.example", "statuses": {"Chờ": "processing"}}
    changed: list[dict[str, object]] = [
        {},
        {"page_size": 50},
        {"rate": 1.0, "passes": 2},
        {"statuses": {"Chờ": "resolved"}},
        {"statuses": {"Chờ": "resolved"}, "first_page": 1},
        {"username": "other"},
    ]
    assert [await put({**portal, **one}, kind="igate") for one in changed] == [0, 0, 0, 1, 2, 3]
