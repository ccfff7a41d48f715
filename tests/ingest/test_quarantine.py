"""Quarantine shows what waits: each record counts once, and leaves it when its cause is gone or somebody dismisses it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import pytest_asyncio

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers.service import apply_batch
from services.ingest.events.model import Batch, Course, Event, Reason, Rejected
from services.ingest.events.repetitions import Repetitions
from services.ingest.imports import reading
from services.ingest.imports.service import import_file
from services.ingest.provinces import store as provinces_store
from services.ingest.pulls.service import pull_due
from services.ingest.pushes.service import decode_records, push
from services.ingest.quarantine.model import CleanReading, WaitingRecord, is_made_good
from services.ingest.quarantine.store import records as quarantine_store
from services.ingest.quarantine.store.records import RecordState
from services.ingest.replays.service import replay
from services.ingest.sources.kinds.igate.record import Decoder
from services.ingest.sources.kinds.igate.settings import Settings
from services.ingest.sources.store import sources as sources_store
from shared.database import Database
from shared.dossier import Status
from shared.sandbox.parent import Sandbox
from tests.ingest.histories import instant
from tests.ingest.igate_reading import Capped
from tests.ingest.portals import Scripted

PROVINCE = "30"
NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
HEADINGS = "Mã hồ sơ;Trạng thái;Ngày tiếp nhận"


async def nobody() -> None:
    return None


@dataclass
class Ground:
    """A database with a source of each kind."""

    database: Database
    rulesets: RulesetCache

    async def push(self, source: str, *records: Mapping[str, object]) -> None:
        """Send records at once."""
        async with self.database.transaction() as tx:
            row = await sources_store.source(tx, source)
            assert row is not None
            await push(tx, self.rulesets, row, decode_records(row, list(records), datetime.now(UTC)), datetime.now(UTC))

    async def file(self, *rows: str) -> None:
        """Send a list."""
        async with self.database.connection() as connection:
            row = await sources_store.source(connection, "lists")
        assert row is not None

        async def chunks() -> AsyncIterator[bytes]:
            yield "\n".join((HEADINGS, *rows, "")).encode()

        await import_file(self.database, self.rulesets, Sandbox(), row, chunks(), datetime.now(UTC), notify=nobody)

    async def serve(self, *events: Event, rejected: Sequence[Rejected] = (), source: str = "x") -> None:
        """Take in what a pull served."""
        batch = Batch(list(events), list(rejected))
        await self.database.run(lambda tx: apply_batch(tx, PROVINCE, source, batch, self.rulesets))

    async def rows(self, state: RecordState = "waiting") -> list[tuple[str, str | None, int]]:
        """Source, code and servings of the records in a state."""
        async with self.database.connection() as connection:
            found = await quarantine_store.records(connection, state=state)
        return [(one.source, one.code, one.times) for one in found]


@pytest_asyncio.fixture
async def ground(ingest_database: Database) -> Ground:
    async with ingest_database.transaction() as tx:
        await provinces_store.ensure(tx, PROVINCE)
        for name, kind in (("own", "own"), ("national", "national"), ("lists", "files"), ("x", "igate")):
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
    return Ground(ingest_database, RulesetCache())


def own(number: int = 1, **changes: object) -> dict[str, object]:
    return {
        "code": f"H30-{number}",
        "id": f"v{number}",
        "at": "2023-06-15T09:00:00+07:00",
        "status": "processing",
        "received_at": "2023-06-15T08:00:00+07:00",
        **changes,
    }


def national(status: str, **changes: object) -> dict[str, object]:
    return {"MaHoSo": "H30-1", "TrangThaiHoSo": status, "NgayTiepNhan": "20230615080000", **changes}


def event(at: int, source: str = "x", code: str = "H30-1") -> Event:
    return Event(code, source, str(at), instant(at), course=Course(Status.processing, instant(0)))


def unread(at: int | None, code: str = "H30-1") -> Rejected:
    version_at = None if at is None else instant(at)
    return Rejected(Reason.unknown_status, "Nobody knows it.", {"code": code, "at": at}, code, version_at=version_at)


async def test_a_corrected_record_of_the_same_code_releases_what_waited_by_push_file_and_pull(ground: Ground) -> None:
    await ground.push("own", own(received_at="yesterday"))
    await ground.push("own", own(2))
    assert await ground.rows() == [("own", "H30-1", 1)]
    await ground.push("own", own(id="v2"))
    assert (await ground.rows(), await ground.rows("released")) == ([], [("own", "H30-1", 1)])

    await ground.file("H30-3;Đang xử lý;15/06/2023", "H30-4;Đang xử lý;15/13/2023")
    assert await ground.rows() == [("lists", "H30-4", 1)]
    await ground.file("H30-3;Đang xử lý;15/06/2023", "H30-4;Đang xử lý;15/12/2023")
    assert await ground.rows() == []

    # Of a pull, with the newer version that a corrected row has, or by a mapping that knows the word now.
    await ground.serve(rejected=[unread(20), unread(20, "H30-6")])
    await ground.serve(event(20), event(30, code="H30-6"))
    assert await ground.rows() == []


async def test_what_bears_a_later_version_than_was_read_waits_on(ground: Ground) -> None:
    await ground.push("own", own())
    await ground.push("own", own(id="v2", at="2023-06-16T09:00:00+07:00", status="unheard of"))
    await ground.push("own", own())  # the version before, sent once more
    await ground.push("own", own(id="v1b", at="2023-06-15T10:00:00+07:00"))
    assert await ground.rows() == [("own", "H30-1", 1)]
    await ground.push("own", own(id="v3", at="2023-06-17T09:00:00+07:00"))
    assert await ground.rows() == []


async def test_a_source_without_version_times_takes_its_word_back_by_repeating_an_earlier_record(ground: Ground) -> None:
    await ground.push("national", national("4"))
    await ground.push("national", national("77"))
    assert await ground.rows() == [("national", "H30-1", 1)]
    await ground.push("national", national("4"))
    assert await ground.rows() == []


@pytest.mark.parametrize(
    ("version_at", "reading", "made_good"),
    [
        (None, CleanReading("x", instant(9), True, False), True),
        (None, CleanReading("x", instant(9), False, False), False),  # an old record, sent again by who tells versions
        (None, CleanReading("x", instant(9), False, True), True),
        (None, CleanReading("other", instant(9), True, False), True),
        (None, CleanReading("other", instant(9), False, True), False),  # what another source says all the time is no news
        (10, CleanReading("x", instant(9), True, True), False),
        (9, CleanReading("x", instant(9), True, True), True),
    ],
)
def test_what_makes_a_record_good(version_at: int | None, reading: CleanReading, made_good: bool) -> None:
    waiting = WaitingRecord(1, "x", "H30-1", None, None if version_at is None else instant(version_at), NOW, "unreadable")
    assert is_made_good(waiting, reading, None) == made_good
    assert is_made_good(waiting, reading, NOW + timedelta(seconds=1)) == made_good
    assert not is_made_good(waiting, reading, NOW)


def test_the_same_again_does_not_make_a_fault_of_ours_good() -> None:
    waiting = WaitingRecord(1, "x", "H30-1", None, instant(9), NOW, "unforeseen")
    assert not is_made_good(waiting, CleanReading("x", instant(9), False, True), None)
    assert is_made_good(waiting, CleanReading("x", instant(9), True, True), None)


async def test_equal_rows_of_one_file_count_each_and_the_same_file_again_adds_servings_alone(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH_SIZE", 2)
    rows = ["H30-1;Nobody knows;15/06/2023"] * 3 + ["Nguyễn Văn A 0912345678;Đang xử lý;15/06/2023"] * 2
    # A clean row of the same file, of the same code, makes none of them good.
    rows.append("H30-1;Đang xử lý;15/06/2023")
    for servings in (1, 2):
        await ground.file(*rows)
        found = [("lists", "H30-1", servings)] * 3 + [("lists", None, servings)] * 2
        assert Counter(await ground.rows()) == Counter(found)
    # Other rows before them move them down, and they are the same.
    await ground.file("H30-9;Đang xử lý;15/06/2023", *rows)
    assert {times for _, _, times in await ground.rows()} == {3}


async def test_rows_of_which_nothing_may_be_kept_are_told_apart(ground: Ground) -> None:
    rows = ('{"x": NaN}', '{"x": NaN}', '{"y": 1}', "5", "null")
    decoder = Decoder("x", Settings(base_url="http://portal"), NOW)
    page = decoder.page(f'{{"content": [{", ".join(rows)}]}}'.encode())
    numbered = [*map(Repetitions().numbered, page.rejected)]
    for _ in range(3):
        await ground.serve(rejected=numbered)
    found = await ground.rows()
    assert len(found) == 5
    assert {times for _, _, times in found} == {3}
    await ground.push("own", *({"x": 1}, {"x": 2}, {"x": 2}))
    assert len(await ground.rows()) == 8


def test_a_serving_remembers_a_bounded_number_of_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.ingest.events.repetitions.MAX_REMEMBERED", 2)
    repetitions = Repetitions()
    numbers = [repetitions.numbered(Rejected(Reason.bad_code, "", {"n": n})).repetition for n in (0, 1, 2, 0, 1, 2, 2)]
    assert numbers == [0, 0, 0, 1, 1, 0, 0]


async def test_what_stood_in_the_place_of_a_code_is_released_when_it_is_known_to_be_one(ground: Ground) -> None:
    await ground.push("own", own(code="TNMT/7 x"))
    assert await ground.rows() == [("own", None, 1)]
    later = msgspec.structs.replace(event(20, "own", "TNMT/7 x"), at=NOW)
    await ground.serve(later, source="own")
    assert (await ground.rows(), await ground.rows("released")) == ([], [("own", None, 1)])


async def test_a_whole_reading_releases_what_its_source_does_not_serve_any_more(ground: Ground) -> None:
    good = {
        "id": "1",
        "code": "H30-1",
        "updatedDate": "2023-06-15T09:00:00.000+0700",
        "dossierStatus": {"name": "Đang xử lý"},
        "acceptedDate": "2023-06-15T08:00:00.000+0700",
    }
    both, one = [Capped(rows, 50) for rows in ([good, "no object"], [good])]  # type: ignore[arg-type]
    portal = Scripted([])
    async with portal.serving() as url:
        async with ground.database.transaction() as tx:
            await tx.execute("UPDATE ingest.source SET settings = jsonb_set(settings, '{base_url}', to_jsonb($1::text))", url)
            await tx.execute("UPDATE ingest.source SET enabled = false WHERE name <> 'x'")
        for listed, waiting in ((both, 1), (one, 0)):
            listed.script = portal
            portal.replies = [listed]
            if not waiting:
                await ground.database.run(lambda tx: sources_store.forget_cursor(tx, "x", NOW))
            async with ground.database.transaction() as tx:
                await sources_store.make_due(tx, "x", NOW)
            assert await pull_due(ground.database, ground.rulesets, "me", asyncio.Event(), nobody, lambda: NOW)
            assert len(await ground.rows()) == waiting
    async with ground.database.connection() as connection:
        (gone,) = await quarantine_store.records(connection, state="released")
    assert gone.released_by == "gone"


async def test_a_dismissed_record_waits_again_only_with_other_content_or_when_it_is_taken_back(ground: Ground) -> None:
    bad = own(received_at="yesterday")
    await ground.push("own", bad, own(2, received_at="tomorrow"))

    async with ground.database.transaction() as tx:
        (first,) = await quarantine_store.records(tx, code="H30-1")
        assert await quarantine_store.dismiss(tx, PROVINCE, who="a key", why="A test.", now=NOW, number=first.id) == 1
        assert await quarantine_store.dismiss(tx, PROVINCE, who="other", why="Again.", now=NOW, number=first.id) == 0
    await ground.push("own", bad)
    assert (await ground.rows(), await ground.rows("dismissed")) == ([("own", "H30-2", 1)], [("own", "H30-1", 2)])
    async with ground.database.connection() as connection:
        (dismissed,) = await quarantine_store.records(connection, state="dismissed")
    assert (dismissed.dismissed_at, dismissed.dismissed_by, dismissed.dismissed_for) == (NOW, "a key", "A test.")
    await ground.push("own", own(received_at="the day before"))
    assert await ground.rows() == [("own", "H30-2", 1), ("own", "H30-1", 1)]

    async with ground.database.transaction() as tx:
        assert await quarantine_store.dismiss(tx, PROVINCE, who="a key", why="All.", now=NOW, source_name="own") == 2
        assert await quarantine_store.quarantine_depth(tx) == []
        await quarantine_store.take_back_dismissal(tx, first.id)
        assert [one.id for one in await quarantine_store.records(tx)] == [first.id]
        # Read again, it is released, whoever dismissed it.
        await quarantine_store.dismiss(tx, PROVINCE, who="a key", why="All.", now=NOW)
        await tx.execute("UPDATE ingest.quarantine SET fields = fields || $1", '{"received_at": "2023-06-15T08:00:00+07:00"}')
        assert (await replay(tx, ground.rulesets, PROVINCE, [first.id], NOW)).released == 1
        (released,) = await quarantine_store.records(tx, state="released")
        assert (released.id, released.released_by, released.dismissed_at) == (first.id, "replayed", None)
