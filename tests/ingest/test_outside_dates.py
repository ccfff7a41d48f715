"""Dates from outside can stop nobody: what is no date is none, what cannot be one stays out of every cursor."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers.folding import fold
from services.ingest.dossiers.service import apply_batch_isolated
from services.ingest.events.model import Batch, Course, Event, Reason, Rejected
from services.ingest.files.rows import Rows
from services.ingest.provinces import store as provinces_store
from services.ingest.pulls.service import pull_due
from services.ingest.quarantine.store import records as quarantine_store
from services.ingest.replays.service import replay
from services.ingest.sources.fields.instants import TOLERANCE, is_placeholder, utc
from services.ingest.sources.kinds import files, national, own
from services.ingest.sources.kinds.igate.settings import Settings
from shared.database import Connection, Database
from shared.dossier import Status
from tests.ingest.igate_reading import Capped, Reading, Seen
from tests.ingest.igate_records import LATEST, at, record, task
from tests.ingest.portals import Scripted, answer
from tests.ingest.test_source_contract import national_dossier
from tests.ingest.test_sources_igate_record import decoder

NONE = (
    "0001-01-01T00:00:00.000+0700",
    "0001-01-01T00:00:00.000+0000",
    "0001-01-01T00:00:00",
    "1900-01-01T00:00:00.000+0700",
    "1899-12-30T00:00:00Z",
    "1970-01-01T00:00:00.000+0000",
    "1970-01-01T00:00:00.000+0700",
    "9999-12-31T23:59:59.999+0000",
    "9999-12-31T23:59:59.999-0700",
    "0000-00-00T00:00:00",
    "0000-00-00",
    "0",
    "-",
    "NULL",
    0,
)
"""What software writes for no date."""
FIRST_LOOK = datetime(2023, 6, 15, 1, tzinfo=UTC)


@pytest.mark.parametrize("none", NONE)
def test_a_placeholder_is_no_date_in_any_kind_of_source(none: object) -> None:
    open_ = {"dossierStatus": {"name": "Đang xử lý"}, "completedDate": none, "returnedDate": none, "appointmentDate": none}
    waiting = task("Tạm dừng", "06-16T08:00", None) | {"completedDate": none}
    begun = task("Thụ lý hồ sơ", "06-15T08:00", None) | {"createdDate": none}
    pulled = decoder().decode(record(**open_, task=[begun, waiting]))
    assert isinstance(pulled, Event), pulled
    assert pulled.due_at is None
    assert pulled.pauses is not None
    assert [(one.from_at, one.to_at) for one in pulled.pauses] == [(at("06-16T08:00"), None)]

    sent = own.decoder("x", own.Settings(), LATEST)(
        {
            "code": "HS-2023-0001",
            "id": "1",
            "at": "2023-06-15T09:00:00+07:00",
            "status": "suspended",
            "received_at": "2023-06-15T08:00:00+07:00",
            "ended_at": none,
            "due_at": none,
            "extended_to": none,
            "pauses": [{"from_at": "2023-06-15T09:00:00+07:00", "to_at": none, "kind": "suspended"}],
        }
    )
    assert isinstance(sent, Event), sent
    assert (sent.due_at, sent.extended_to) == (None, None)
    assert sent.course == Course(Status.suspended, FIRST_LOOK)
    assert sent.pauses is not None
    assert sent.pauses[0].to_at is None

    listed = files.decoder("x", files.Settings(), LATEST)(
        {"code": "HS-2023-0001", "received_at": "15/06/2023", "ended_at": none, "due_at": none}
    )
    assert isinstance(listed, Event), listed
    assert fold([listed]).ended_at is None
    assert listed.due_at is None


@pytest.mark.parametrize(
    "none", ["00010101000000", "00010101", "19000101000000", "99991231235959", "00000000000000", "0", "-", "NULL"]
)
def test_a_placeholder_is_no_date_in_the_national_format(none: str) -> None:
    sent = national.decoder("x", national.Settings(), LATEST)(
        national_dossier(
            TrangThaiHoSo="4", NgayTra=none, NgayKetThucXuLy=none, NgayTuChoi=none, NgayHenTra=none, DanhSachHoSoBoSung=[]
        )
    )
    assert isinstance(sent, Event), sent
    assert (sent.at, sent.due_at) == (FIRST_LOOK, None)


def test_what_clerks_lists_hold_for_no_date_is_none() -> None:
    cells = ["00/01/1900", "01/01/1900", "0", "-", "01/01/0001", "NULL", "00/00/0000", "N/A", "chưa có", " ", "31/12/9999"]
    lines = "".join(f"H30-{number};15/06/2023;{cell}\n" for number, cell in enumerate(cells, 1))
    cutting = Rows({}, None, ())
    rows = [*cutting.feed(f"Mã hồ sơ;Ngày tiếp nhận;Ngày kết thúc\n{lines}".encode()), *cutting.end()]
    read = [files.decoder("x", files.Settings(), LATEST)(one.row) for one in rows]
    assert [one.course.status for one in read if isinstance(one, Event) and one.course] == [Status.processing] * len(cells)
    # As cells of a spreadsheet.
    for cell in (0, 1.0, datetime(1899, 12, 31), datetime(1900, 1, 1), date(1900, 1, 1), datetime(1, 1, 1)):  # noqa: DTZ001
        one = files.decoder("x", files.Settings(), LATEST)({"code": "H30-1", "received_at": "15/06/2023", "ended_at": cell})
        assert isinstance(one, Event), (cell, one)
    # Where the row cannot be placed without it, it waits with its reason.
    alone = files.decoder("x", files.Settings(), LATEST)({"code": "H30-1", "received_at": "00/01/1900"})
    assert isinstance(alone, Rejected)
    assert alone.reason is Reason.missing_field


def test_no_instant_that_a_clock_can_write_overflows() -> None:
    for year in (1, 2, 1899, 1900, 1901, 1969, 1970, 2000, 2045, 9998, 9999):
        for month, day in ((1, 1), (12, 31)):
            for offset in (-23, -7, 0, 7, 23):
                known = utc(datetime(year, month, day, tzinfo=UTC).replace(tzinfo=_zone(offset)))
                assert known is None or known.tzinfo is UTC
    assert not is_placeholder("2023-06-15")
    # Seconds and milliseconds of a clock: dates that are not read, and no placeholders.
    assert not any(map(is_placeholder, ("1686792600", "1686792600000", "1012311530", "1686-79-26", "0001-0101")))
    assert not is_placeholder(45096)


def _zone(hours: int) -> timezone:
    return timezone(timedelta(hours=hours))


def rows(*updated: object) -> list[dict[str, Any]]:
    """A list, newest first, whose last rows bear these dates of change."""
    numbers = (3, 1, 4, 8, 5, 2, 7, 6)  # an order that nothing but the changes explains
    good = [
        record(id=f"d{number}", code=f"H-{number}", updatedDate=f"2023-06-20T09:00:{59 - n:02d}.000+0700")
        for n, number in enumerate(numbers, 1)
    ]
    return good + [record(id=f"m{n}", code=f"M-{n}", updatedDate=one) for n, one in enumerate(updated)]


async def pulled(listed: Sequence[dict[str, Any]], seen: Seen, **settings: Any) -> None:
    capped = Capped(listed, 50)
    capped.script = Scripted([capped])
    async with capped.script.serving() as url:
        reading = Reading(url, without_token=True, **settings)
        await reading.pull(seen)
        await reading.client.close()


@pytest.mark.parametrize("none", NONE[:9])
async def test_a_row_without_a_date_of_change_is_of_its_newest_date_and_the_pull_goes_on(none: str) -> None:
    seen = Seen()
    await pulled(rows(none), seen, overlap_seconds=900.0)
    assert seen.complete
    assert set(seen.versions) == {"M-0", *(f"H-{n}" for n in range(1, 9))}
    assert [one for batch in seen.batches for one in batch.rejected] == []
    assert seen.cursor is not None
    assert seen.cursor["since"].startswith("2023-06-20T01:45")
    await pulled(rows(), seen)
    assert seen.complete


async def test_a_list_of_such_rows_alone_moves_no_cursor() -> None:
    seen = Seen()
    await pulled(rows(*NONE[:4])[8:], seen, overlap_seconds=900.0)
    assert seen.complete
    assert seen.cursor is not None
    assert "since" not in seen.cursor


@pytest.mark.parametrize(
    "cursor",
    [
        {"top": "0001-01-01T00:00:00Z", "page": 1, "size": 20, "low": "0001-01-01T00:00:00Z", "rows": 1},
        {"complete": True, "since": "0001-01-01T00:00:00Z"},
        {"complete": True, "since": "9999-12-31T23:59:59Z"},
        {"complete": True, "since": (LATEST + timedelta(days=300)).isoformat()},
        {"top": "2023-06-20T02:00:00Z", "low": "0001-01-01T00:00:00Z", "page": 3, "size": 20},
    ],
)
async def test_a_cursor_that_was_poisoned_heals(cursor: dict[str, Any]) -> None:
    seen = Seen()
    seen.cursor = cursor
    await pulled(rows(), seen)
    assert seen.complete
    assert len(seen.versions) == 8
    assert seen.cursor["since"].startswith("2023-06-20T02:00:58")


async def test_a_portal_whose_clock_is_ahead_does_not_hide_what_changes_until_then() -> None:
    ahead = record(id="a", code="A-1", updatedDate=(LATEST - timedelta(hours=1)).isoformat())
    seen = Seen()
    await pulled([ahead, *rows()], seen)
    assert seen.cursor is not None
    assert datetime.fromisoformat(seen.cursor["since"]) == LATEST - TOLERANCE


def test_a_page_with_a_row_that_makes_reading_fail_is_read_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = decoder()
    whole = reading._event

    def failing(row: Any) -> Event:
        if row.code == "M-0":
            raise ZeroDivisionError("Nguyễn Văn An")
        return whole(row)

    monkeypatch.setattr(reading, "_event", failing)
    page = reading.page(json.dumps({"content": rows("2023-06-20T09:00:00.000+0700"), "totalElements": 9, "size": 20}).encode())
    assert len(page.events) == 8
    (culprit,) = page.rejected
    assert (culprit.reason, culprit.code) == (Reason.unforeseen, "M-0")
    assert "Nguyễn" not in str(culprit)


# --- on a database -------------------------------------------------------------------------------------------------------


async def silent() -> None:
    return None


async def connect(database: Database, **settings: Any) -> None:
    values = {"rate": 100.0, "backoff_seconds": 0.001, "attempts": 2, "without_token": True, **settings}
    msgspec.convert(values, Settings)

    async def effect(tx: Connection) -> None:
        await provinces_store.ensure(tx, "30")
        await tx.execute(
            "INSERT INTO ingest.source (name, province, kind, settings, every_seconds) VALUES ('p', '30', 'igate', $1, 60)",
            json.dumps(values),
        )

    await database.run(effect)


async def newest_pull(database: Database) -> dict[str, Any]:
    async with database.connection() as connection:
        row = await connection.fetchrow(
            "SELECT p.*, s.attempts, s.next_at > now() AS waits, s.lease_by FROM ingest.pull p JOIN ingest.source s"
            " ON s.name = p.source ORDER BY id DESC LIMIT 1"
        )
    assert row is not None
    return dict(row)


async def pull(database: Database) -> dict[str, Any]:
    assert await pull_due(database, RulesetCache(), "me", asyncio.Event(), silent, lambda: datetime.now(UTC))
    return await newest_pull(database)


async def test_the_pulls_row_tells_a_poisoned_row_and_a_healed_place(ingest_database: Database) -> None:
    capped = Capped(rows("0001-01-01T00:00:00.000+0700"), 50)
    capped.script = Scripted([capped])
    async with capped.script.serving() as url:
        await connect(ingest_database, base_url=url)
        async with ingest_database.transaction() as tx:
            await tx.execute('UPDATE ingest.source SET cursor = \'{"complete": true, "since": "0001-01-01T00:00:00Z"}\'')
        row = await pull(ingest_database)
    assert (row["state"], row["last_error"], row["since"]) == ("complete", None, None)
    assert (row["accepted"], row["quarantined"]) == (9, 0)


async def test_a_pull_that_dies_of_anything_says_so_and_backs_off(ingest_database: Database) -> None:
    page = answer(200, json.dumps({"content": [], "totalElements": 0, "size": 20}).encode())
    async with Scripted([page]).serving() as url:
        await connect(ingest_database, base_url=url)
        async with ingest_database.transaction() as tx:
            await tx.execute('UPDATE ingest.source SET breaker = \'{"state": "open", "since": "0912345678"}\'')
        row = await pull(ingest_database)
    assert row["state"] == "failed"
    assert "ValueError" in row["last_error"]
    assert "0912345678" not in row["last_error"]
    assert (row["attempts"], row["waits"], row["lease_by"]) == (1, True, None)


async def test_an_event_that_fails_on_its_way_into_its_dossier_stops_nobody_else(ingest_database: Database) -> None:
    await connect(ingest_database, base_url="http://portal")
    received_at = at("06-15T08:00")
    course = Course(Status.processing, received_at)
    good = [Event(f"H-{n}", "p", "1", at("06-15T09:00"), course=course) for n in range(7)]
    # An instant without a zone is what no reader lets through: comparing it fails.
    bad = Event("H-9", "p", "1", at("06-15T09:00"), course=Course(Status.processing, received_at.replace(tzinfo=None)))
    rulesets = RulesetCache()

    async def effect(tx: Connection) -> Any:
        batch = Batch([*good[:3], bad, *good[3:]], [Rejected(Reason.unreadable, "x", {})])
        return await apply_batch_isolated(tx, "30", "p", batch, rulesets)

    tally = await ingest_database.run(effect)
    assert (tally.served, tally.accepted, tally.quarantined, tally.head, tally.versions) == (9, 7, 2, 7, 7)
    async with ingest_database.connection() as connection:
        (culprit,) = await quarantine_store.records(connection, reason=Reason.unforeseen)
    assert culprit.code == "H-9"
    again = await ingest_database.run(lambda tx: replay(tx, rulesets, "30", [culprit.id], LATEST))
    assert (again.replayed, again.released, again.rejected) == (1, 0, 1)
    async with ingest_database.connection() as connection:
        assert [one.times for one in await quarantine_store.records(connection, reason=Reason.unforeseen)] == [1], (
            "a replay is no serving"
        )
