"""Files are rehearsed, taken in, and go on where they were cut off."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers import store as dossiers_store
from services.ingest.dossiers.folding import fold
from services.ingest.dossiers.service import history_of
from services.ingest.events.model import Reason, Rejected
from services.ingest.files.messages import MAX_TEXT, RowBatch, packed, unpacked
from services.ingest.imports import store as imports_store
from services.ingest.imports import withdrawal as imports_withdrawal
from services.ingest.imports.rehearsal import rehearse
from services.ingest.imports.service import MIN_RECOGNISED, import_file
from services.ingest.provinces import store as provinces_store
from services.ingest.quality import store as quality_store
from services.ingest.sources.store import sources as sources_store
from shared.database import Connection, Database
from shared.errors import Conflict, Unreadable
from shared.sandbox.parent import Sandbox
from tests.conftest import NewDatabase, url_of
from tests.ingest.test_files import NOW, PROVINCE, SOURCE, pieces, sheet


async def connect(database: Database) -> None:
    async def effect(tx: Connection) -> None:
        await provinces_store.ensure(tx, PROVINCE)
        await sources_store.put_source(
            tx, name="lists", province=PROVINCE, kind="files", settings={}, secret=None, every_seconds=60, enabled=True, now=NOW
        )

    await database.run(effect)


def big(rows: int) -> bytes:
    """A list of so many rows; every 100th cannot be read."""
    lines = ["Mã hồ sơ,Họ tên,Mã thủ tục,Đơn vị,Hình thức nộp,Ngày tiếp nhận,Ngày hẹn trả,Ngày kết thúc\n"]
    for number in range(rows):
        received = "xx/06/2023" if number % 100 == 99 else f"{1 + number % 28:02d}/06/2023 08:{number % 60:02d}"
        lines.append(f"H30-{number},Nguyễn Văn An,1.001612,10813,Trực tuyến,{received},30/06/2023,29/06/2023\n")
    return "".join(lines).encode()


async def silent() -> None:
    return None


async def test_a_rehearsal_shows_columns_first_rows_and_every_problem_and_stores_nothing(ingest_database: Database) -> None:
    await connect(ingest_database)
    seen = await rehearse(Sandbox(), SOURCE, pieces(big(1000)), NOW)
    assert (seen.rows, seen.readable, seen.reasons) == (1000, 990, {"bad_date": 10})
    assert seen.columns["Họ tên"] is None
    assert seen.columns["Ngày tiếp nhận"] == "received_at"
    assert seen.first[0].code == "H30-0"
    assert [problem.row for problem in seen.problems][:2] == [100, 200]
    async with ingest_database.connection() as connection:
        assert await imports_store.imports(connection, None, None, None, 10) == []


async def test_long_lines_wide_rows_and_deep_records_lose_themselves_only() -> None:
    deep = b'{"code":"H30-1","id":"1","at":"2023-06-15T08:00:00+07:00","steps":' + b"[" * 900 + b"]" * 900 + b"}\n"
    number = b'{"code":"H30-2","id":' + b"9" * 400 + b',"at":"2023-06-15T08:00:00+07:00"}\n'
    good = b'{"code":"H30-3","id":"1","at":"2023-06-15T08:00:00+07:00"}\n'
    seen = await rehearse(Sandbox(), SOURCE, pieces(deep + number + good), NOW)
    assert (seen.rows, [row.code for row in seen.first]) == (3, ["H30-2", "H30-3"])
    rows = [b"ma ho so,ngay nhan", b"H30-1,15/06/2023", b"x" * 3_000_000, b"H30-2,15/06/2023", b"," * 20_000, b""]
    seen = await rehearse(Sandbox(), SOURCE, pieces(b"\n".join(rows), 100_000), NOW)
    assert [row.code for row in seen.first] == ["H30-1", "H30-2"]
    assert any("more than 16384 columns" in problem.detail for problem in seen.problems)


def test_what_a_sheet_holds_crosses_to_the_parent_unchanged() -> None:
    dated = {"code": 10**30, "received_at": datetime(2023, 6, 15, 8), "due_at": date(2023, 6, 20), "agency": 1.5}  # noqa: DTZ001
    timed = {"code": "x" * 5000, "digitised_intake": True, "ended_at": timedelta(hours=3), "delivered_at": time(8, 30)}
    rejected = Rejected(Reason.too_long, "The row is long.", {})
    crossed = unpacked(packed(RowBatch("A", [2, 3, 9], [dict(dated), dict(timed), rejected])))
    assert isinstance(crossed, RowBatch)
    assert (crossed.sheet, crossed.lines) == ("A", [2, 3, 9])
    assert crossed.rows[:2] == [{**dated, "code": str(10**30)}, {**timed, "code": "x" * MAX_TEXT}]
    assert isinstance(crossed.rows[2], Rejected)
    assert (crossed.rows[2].reason, crossed.rows[2].detail) == (rejected.reason, rejected.detail)


async def test_a_file_is_taken_in_counted_and_known_the_second_time(ingest_database: Database) -> None:
    await connect(ingest_database)
    rulesets = RulesetCache()
    body = big(6000)
    done = (await import_file(ingest_database, rulesets, Sandbox(), SOURCE, pieces(body, 50_000), NOW, notify=silent)).row
    assert (done.state, done.row_count, done.accepted, done.quarantined) == ("complete", 6000, 5940, 60)
    again = (await import_file(ingest_database, rulesets, Sandbox(), SOURCE, pieces(body, 50_000), NOW, notify=silent)).row
    assert (again.row_count, again.known, again.accepted) == (6000, 5940, 0)
    async with ingest_database.connection() as connection:
        kept = await connection.fetchval("SELECT string_agg(fields::text, '') FROM ingest.quarantine")
    assert "Nguyễn" not in kept


async def test_an_import_that_was_cut_off_goes_on_where_it_was(ingest_database: Database) -> None:
    await connect(ingest_database)
    rulesets = RulesetCache()
    body = big(12_000)

    async def torn() -> AsyncIterator[bytes]:
        async for piece in pieces(body[: len(body) * 2 // 3], 50_000):
            yield piece
        raise ConnectionResetError

    numbers: list[int] = []
    with pytest.raises(ConnectionResetError):
        await import_file(ingest_database, rulesets, Sandbox(), SOURCE, torn(), NOW, notify=silent, began=numbers.append)
    async with ingest_database.connection() as connection:
        half = await imports_store.imported(connection, numbers[0])
    assert half is not None
    assert (half.state, half.row_count) == ("interrupted", 5000)
    with pytest.raises(Conflict, match="another file"):
        await import_file(ingest_database, rulesets, Sandbox(), SOURCE, pieces(big(500)), NOW, resume=numbers[0], notify=silent)
    done = (
        await import_file(
            ingest_database, rulesets, Sandbox(), SOURCE, pieces(body, 50_000), NOW, resume=numbers[0], notify=silent
        )
    ).row
    assert (done.id, done.row_count, done.known, done.accepted) == (numbers[0], 12_000, 0, 11_880)
    with pytest.raises(Conflict, match="complete"):
        await import_file(ingest_database, rulesets, Sandbox(), SOURCE, pieces(body), NOW, resume=numbers[0], notify=silent)


async def test_a_small_file_that_was_cut_off_before_a_row_was_read_is_interrupted_too(ingest_database: Database) -> None:
    await connect(ingest_database)
    rulesets = RulesetCache()
    body = big(20)

    async def torn(beginning: bytes) -> AsyncIterator[bytes]:
        if beginning:
            yield beginning
        raise ConnectionResetError

    for beginning in (b"", body[:500]):
        with pytest.raises(ConnectionResetError):
            await import_file(ingest_database, rulesets, Sandbox(), SOURCE, torn(beginning), NOW, notify=silent)
    async with ingest_database.connection() as connection:
        (cut_off,) = await imports_store.imports(connection, None, SOURCE.name, None, 5)
        found = await quality_store.read(connection, SOURCE.province, ["igate"], datetime.now(UTC))
    assert (cut_off.state, cut_off.row_count) == ("interrupted", 0)
    assert f"resume={cut_off.id}" in (cut_off.last_error or "")
    assert [(one.source, one.reason) for one in found.missing] == [(SOURCE.name, "interrupted")]
    # Another file of the source is not the one that was cut off.
    await import_file(ingest_database, rulesets, Sandbox(), SOURCE, pieces(b"\n" + body), NOW, notify=silent)
    async with ingest_database.connection() as connection:
        found = await quality_store.read(connection, SOURCE.province, ["igate"], datetime.now(UTC))
    assert [(one.source, one.reason) for one in found.missing] == [(SOURCE.name, "interrupted")]
    with pytest.raises(Conflict):
        await import_file(
            ingest_database, rulesets, Sandbox(), SOURCE, pieces(b"\n" + body), NOW, resume=cut_off.id, notify=silent
        )
    done = (
        await import_file(ingest_database, rulesets, Sandbox(), SOURCE, pieces(body), NOW, resume=cut_off.id, notify=silent)
    ).row
    assert (done.id, done.state, done.row_count) == (cut_off.id, "complete", 20)


async def test_a_small_file_that_was_cut_off_is_known_again_when_it_comes_anew(ingest_database: Database) -> None:
    await connect(ingest_database)
    rulesets, body = RulesetCache(), big(100)

    async def torn() -> AsyncIterator[bytes]:
        yield body[:MIN_RECOGNISED]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await import_file(ingest_database, rulesets, Sandbox(), SOURCE, torn(), NOW, notify=silent)
    await import_file(ingest_database, rulesets, Sandbox(), SOURCE, pieces(body), NOW, notify=silent)
    async with ingest_database.connection() as connection:
        found = await quality_store.read(connection, SOURCE.province, ["igate"], datetime.now(UTC))
    assert found.missing == []


async def test_a_list_that_begins_as_one_that_was_cut_off_is_not_taken_for_it(ingest_database: Database) -> None:
    await connect(ingest_database)
    rulesets, june = RulesetCache(), big(300)
    july = june.replace(b"/06/2023", b"/07/2023")

    async def torn() -> AsyncIterator[bytes]:
        yield june[: june.index(b"\n") + 20]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await import_file(ingest_database, rulesets, Sandbox(), SOURCE, torn(), NOW, notify=silent)
    await import_file(ingest_database, rulesets, Sandbox(), SOURCE, pieces(july), NOW, notify=silent)
    async with ingest_database.connection() as connection:
        found = await quality_store.read(connection, SOURCE.province, ["igate"], datetime.now(UTC))
        cut_off = next(
            one for one in await imports_store.imports(connection, None, SOURCE.name, None, 5) if one.state != "complete"
        )
    assert [(one.source, one.reason) for one in found.missing] == [(SOURCE.name, "interrupted")]
    done = await import_file(ingest_database, rulesets, Sandbox(), SOURCE, pieces(june), NOW, resume=cut_off.id, notify=silent)
    assert (done.row.id, done.row.state, done.row.row_count) == (cut_off.id, "complete", 300)


async def test_a_workbook_that_was_cut_off_is_known_again_by_its_number_alone(ingest_database: Database) -> None:
    await connect(ingest_database)
    rulesets = RulesetCache()
    rows = [(f"H30-{number}", "Nguyễn Văn An", date(2023, 6, 1 + number % 28)) for number in range(1500)]
    book = sheet(("Mã hồ sơ", "Họ tên", "Ngày tiếp nhận"), *rows)

    async def torn() -> AsyncIterator[bytes]:
        yield book[: 2 * MIN_RECOGNISED]
        raise ConnectionResetError

    assert len(book) > 2 * MIN_RECOGNISED
    with pytest.raises(ConnectionResetError):
        await import_file(ingest_database, rulesets, Sandbox(), SOURCE, torn(), NOW, notify=silent)
    for resume, missing in ((None, 1), (1, 0)):
        await import_file(ingest_database, rulesets, Sandbox(), SOURCE, pieces(book), NOW, resume=resume, notify=silent)
        async with ingest_database.connection() as connection:
            found = await quality_store.read(connection, SOURCE.province, ["igate"], datetime.now(UTC))
        assert len(found.missing) == missing


async def test_a_withdrawal_that_is_cut_off_loses_no_row_of_the_file_that_comes_again(
    ingest_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await connect(ingest_database)
    rulesets = RulesetCache()
    days = [f"H30-{number},1.001612,10813,{1 + number % 12:02d}/06/2023" for number in range(12_000)]
    body = "\n".join(["Mã hồ sơ,Mã thủ tục,Đơn vị,Ngày tiếp nhận", *days, ""]).encode()

    async def gone(*_: object, **__: object) -> int | None:
        raise ConnectionResetError

    unreadable = body + b"H30-x,1.001612,10813,06/15/2023\n"  # the order of days and months was another one
    with monkeypatch.context() as broken:
        broken.setattr(imports_withdrawal, "withdraw", gone)
        with pytest.raises(ConnectionResetError):
            await import_file(ingest_database, rulesets, Sandbox(), SOURCE, pieces(unreadable), NOW, notify=silent)
    async with ingest_database.connection() as connection:
        (cut_off,) = await imports_store.imports(connection, None, SOURCE.name, None, 5)
        found = await quality_store.read(connection, SOURCE.province, ["igate"], datetime.now(UTC))
    assert (cut_off.state, cut_off.row_count) == ("interrupted", 0)
    assert [one.reason for one in found.missing] == ["interrupted"]
    done = await import_file(ingest_database, rulesets, Sandbox(), SOURCE, pieces(body), NOW, resume=cut_off.id, notify=silent)
    assert (done.row.state, done.row.row_count) == ("complete", 12_000)


async def test_a_withdrawal_that_is_made_again_reopens_what_came_between(
    ingest_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await connect(ingest_database)
    rulesets = RulesetCache()
    body = "Mã hồ sơ,Mã thủ tục,Đơn vị,Ngày tiếp nhận\nH30-1,1.001612,10813,15/06/2023\n".encode()

    async def gone(*_: object, **__: object) -> int | None:
        raise ConnectionResetError

    async def withdrawn(number: int) -> None:
        async with ingest_database.connection() as connection:
            row = await imports_store.imported(connection, number)
        assert row is not None
        await imports_withdrawal.withdraw_sent(ingest_database, rulesets, row, who="office", why="Gửi nhầm", notify=silent)

    first = await import_file(ingest_database, rulesets, Sandbox(), SOURCE, pieces(body), NOW, notify=silent)
    with monkeypatch.context() as broken:
        broken.setattr(imports_withdrawal, "withdraw", gone)
        with pytest.raises(ConnectionResetError):
            await withdrawn(first.row.id)
    between = await import_file(ingest_database, rulesets, Sandbox(), SOURCE, pieces(body), NOW, notify=silent)
    assert (between.row.state, between.row.known) == ("complete", 1)
    await withdrawn(first.row.id)
    async with ingest_database.connection() as connection:
        states = {row.id: row.state for row in await imports_store.imports(connection, None, SOURCE.name, None, 5)}
    assert states == {first.row.id: "failed", between.row.id: "interrupted"}


async def test_a_row_corrected_in_a_later_file_counts(ingest_database: Database) -> None:
    await connect(ingest_database)
    rulesets = RulesetCache()
    head = "Mã hồ sơ,Ngày nhận,Hẹn trả\n"
    for due in ("20/06/2023", "21/06/2023", "20/06/2023"):
        await import_file(
            ingest_database, rulesets, Sandbox(), SOURCE, pieces(f"{head}H30-1,15/06/2023,{due}\n".encode()), NOW, notify=silent
        )
        await asyncio.sleep(0.002)
    async with ingest_database.connection() as connection:
        rows = await dossiers_store.dossiers_by_code(connection, PROVINCE, ["H30-1"])
    # The third says what the first said: it was known, and the correction after it stands.
    assert fold(history_of(rows["H30-1"])).due_at == datetime(2023, 6, 20, 17, tzinfo=UTC)


async def test_a_file_of_no_rows_fails_with_a_sentence(ingest_database: Database) -> None:
    await connect(ingest_database)
    with pytest.raises(Unreadable, match="headings"):
        await import_file(ingest_database, RulesetCache(), Sandbox(), SOURCE, pieces(b"a,b\n1,2\n"), NOW, notify=silent)
    async with ingest_database.connection() as connection:
        (row,) = await imports_store.imports(connection, PROVINCE, "lists", None, 10)
    assert row.state == "failed"


async def test_the_command_takes_a_file_in_and_rehearses_it(new_database: NewDatabase, redis_url: str, tmp_path: Path) -> None:
    url = await new_database("ingest")
    database = Database(url_of("ingest", url), size=1)
    await connect(database)
    await database.close()
    file = tmp_path / "danh-sach.csv"
    file.write_bytes(big(300))
    environment = os.environ | {"INGEST_DATABASE_URL": url_of("ingest", url), "REDIS_URL": redis_url}

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "services.ingest.imports", *words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    dry = await asyncio.to_thread(command, str(file), "--source", "lists", "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert "Lines: 301 = 300 rows of the list + 1 passed over" in dry.stdout
    assert "Rows: 300 = 297 can be read + 3 would wait in quarantine" in dry.stdout
    done = await asyncio.to_thread(command, str(file), "--source", "lists")
    assert done.returncode == 0, done.stderr
    assert "300 rows = 297 accepted + 0 known + 0 superseded + 3 in quarantine" in done.stdout
    none = await asyncio.to_thread(command, str(file), "--source", "nobody")
    assert none.returncode == 2
