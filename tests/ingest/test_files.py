"""Files as clerks export them: read while they arrive, rehearsed, resumed, and never more in memory than a piece of them."""

from __future__ import annotations

import io
import json
import random
import tracemalloc
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
import xlsxwriter

from services.ingest.dossiers.folding import fold
from services.ingest.events.model import Event, Reason, Rejected
from services.ingest.files.rows import Rows
from services.ingest.files.texts import MAX_ROW
from services.ingest.sources.errors import RecordRejected
from services.ingest.sources.kinds import own
from services.ingest.sources.kinds.files import Settings, decoder
from services.ingest.sources.kinds.files.dates import instant_of
from services.ingest.sources.store.sources import SourceRow
from shared.dossier import Channel, Status
from shared.errors import Problem, TooLarge, Unreadable
from tests.quick import cases

PROVINCE = "30"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE = SourceRow("lists", PROVINCE, "files", {}, None, True, 60, None, NOW, 0, None, None)

TITLES = "UBND HUYỆN THANH HÀ;;;;;;\nDANH SÁCH HỒ SƠ ĐÃ GIẢI QUYẾT;;;;;;\n"
HEADINGS = (
    "STT;Mã hồ sơ;Họ tên người nộp;Mã thủ tục;Đơn vị;Hình thức nộp;Ngày tiếp nhận;"
    "Ngày hẹn trả (dự kiến);Ngày kết thúc;Tình trạng\n"
)
ROWS = (
    "1;000.00.19.H30-230615-0042;Nguyễn Văn An;1.001612.000.00.00.H30;10813;Trực tuyến;15/06/2023 08:00;20/6/2023;"
    "19/06/2023;Đã xử lý xong\n"
    '2;000.00.19.H30-230615-0043;"Trần Thị ""Bé""\nB";1.001612;10813;Trực tiếp;15/06/2023 09:30;20/06/2023;;'
    "Đang xử lý\n"
)


async def pieces(body: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for place in range(0, len(body), size):
        yield body[place : place + size]


def rows_of(body: bytes, size: int = 7, **settings: Any) -> list[Any]:
    cutting = Rows(settings.get("columns", {}), settings.get("delimiter"), own.FIELDS)
    rows: list[Any] = []
    for place in range(0, len(body), size):
        rows += cutting.feed(body[place : place + size])
    rows += cutting.end()
    summary = cutting.summary()
    assert summary.lines == len(rows) + sum(summary.skipped.values())
    return [one.row for one in rows]


def read(row: Any, **settings: Any) -> Event | Rejected:
    return decoder("lists", Settings(**settings), NOW)(row)


def sheet(*rows: tuple[Any, ...]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    page = book.add_worksheet()
    as_date = book.add_format({"num_format": "dd/mm/yyyy"})
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, datetime | date):
                page.write_datetime(number, column, value, as_date)
            else:
                page.write(number, column, value)
    book.close()
    return buffer.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_clerks_list_is_read_in_every_encoding(encoding: str, ends: str) -> None:
    body = (TITLES + HEADINGS + ROWS).replace("\n", ends).encode(encoding)
    first, second = rows_of(body)
    assert set(first) == {"code", "procedure", "agency", "channel", "received_at", "due_at", "ended_at", "status"}
    assert "Nguyễn" not in str(first)
    done, open_ = read(first), read(second)
    assert isinstance(done, Event)
    assert isinstance(open_, Event)
    assert done.about is not None
    assert (done.about.procedure, done.about.agency, done.about.channel) == ("1.001612", "10813", Channel.online)
    state = fold([done])
    assert state.received_at == datetime(2023, 6, 15, 1, 0, tzinfo=UTC)
    assert state.ended_at == datetime(2023, 6, 18, 17, 0, tzinfo=UTC)
    assert state.due_at == datetime(2023, 6, 19, 17, 0, tzinfo=UTC)
    assert fold([open_]).status is Status.processing


def test_a_list_in_the_old_vietnamese_code_page_is_read() -> None:
    # The code page writes tones as combining marks after the letter.
    import unicodedata

    def old(text: str) -> bytes:
        out = b""
        for letter in text:
            try:
                out += letter.encode("cp1258")
            except UnicodeEncodeError:
                base = unicodedata.normalize("NFD", letter)
                marks = [mark for mark in base[1:] if mark in "\u0300\u0301\u0303\u0309\u0323"]
                letter = unicodedata.normalize("NFC", base[0] + "".join(mark for mark in base[1:] if mark not in marks))
                out += letter.encode("cp1258") + b"".join(mark.encode("cp1258") for mark in marks)
        return out

    first, second = rows_of(old(TITLES + HEADINGS + ROWS))
    assert isinstance(read(first), Event)
    assert isinstance(read(second), Event)
    assert first["status"] == "Đã xử lý xong"


def test_a_spreadsheet_is_read_with_its_dates_and_numbers() -> None:
    body = sheet(
        ("DANH SÁCH",),
        ("STT", "Số hồ sơ", "Ngày nhận", "Hẹn trả", "Ngày có kết quả", "Đơn vị"),
        (
            1,
            "H30-1",
            datetime(2023, 6, 15, 8, 0),  # noqa: DTZ001
            date(2023, 6, 20),
            45096.5,
            10813,
        ),
        (2, 123456, "15/06/2023", "20/06/2023", None, "10813"),
    )
    first, second = (read(row) for row in rows_of(body, 4096))
    assert isinstance(first, Event)
    assert isinstance(second, Event)
    assert first.course is not None
    assert first.course.received_at == datetime(2023, 6, 15, 1, 0, tzinfo=UTC)
    assert first.course.ended_at == datetime(2023, 6, 19, 5, 0, tzinfo=UTC)
    assert first.about is not None
    assert first.about.agency == "10813"
    assert second.code == "123456"


def test_ndjson_is_read_with_our_names_and_in_our_own_shape() -> None:
    lines = [
        {"code": "H30-1", "received_at": "2023-06-15T08:00:00+07:00", "status": "processing", "note": "Nguyễn Văn An"},
        {"Mã hồ sơ": "H30-2", "Ngày tiếp nhận": "15/06/2023", "Họ tên": "Nguyễn Văn An"},
        {"code": "H30-3", "id": "1", "at": "2023-06-15T08:00:00+07:00", "status": "suspended"},
    ]
    own = {"code": "H30-4", "id": "1", "at": "2023-06-15T08:00:00+07:00"}
    lines += [own | {"staus": "Nguyễn Văn An"}, own | {"Nguyễn Văn An": "x"}]
    body = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode() + b"\n{broken\n[1]\n"
    rows = rows_of(body)
    events = [read(row) for row in rows[:5]]
    assert [one.code for one in events if isinstance(one, Event)] == ["H30-1", "H30-2", "H30-3"]
    assert "Nguyễn" not in str(rows[:5])
    assert [(one.reason, one.code) for one in events if isinstance(one, Rejected)] == [(Reason.unknown_field, "H30-4")] * 2
    assert [one.reason for one in rows[5:]] == [Reason.unreadable, Reason.wrong_type]


@pytest.mark.parametrize(
    ("cell", "instant"),
    [
        ("15/06/2023", "2023-06-15T00:00+07:00"),
        ("5/6/2023 7:05", "2023-06-05T07:05+07:00"),
        ("15-06-2023 17:00:30", "2023-06-15T17:00:30+07:00"),
        ("08:00 15/06/2023", "2023-06-15T08:00+07:00"),
        ("15/06/2023 02:30 CH", "2023-06-15T14:30+07:00"),
        ("15/06/2023 12:00 SA", "2023-06-15T00:00+07:00"),
        ("31/12/2024 24:00", "2025-01-01T00:00+07:00"),
        ("15/06/2023 24:00:00", "2023-06-16T00:00+07:00"),
        ("15/6/2023 8h", "2023-06-15T08:00+07:00"),
        ("\xa015/06/2023\xa0\u20078:30\u202f", "2023-06-15T08:30+07:00"),
        ("15/06/2023\n08:30", "2023-06-15T08:30+07:00"),
        ("ngày 15 tháng 6 năm 2023", "2023-06-15T00:00+07:00"),
        ("08 giờ 30 phút, ngày 15 tháng 06 năm 2023", "2023-06-15T08:30+07:00"),
        ("Ngày 15 Tháng 6, năm 2023", "2023-06-15T00:00+07:00"),
        ("2023-06-15 08:00", "2023-06-15T08:00+07:00"),
        ("2023-06-15T08:00:00.000+0000", "2023-06-15T08:00+00:00"),
        (45092, "2023-06-15T00:00+07:00"),
        (45092.354166666664, "2023-06-15T08:30+07:00"),
        ("45092.5", "2023-06-15T12:00+07:00"),
    ],
)
def test_dates_are_read_as_clerks_write_them(cell: object, instant: str) -> None:
    assert instant_of(cell, "x") == datetime.fromisoformat(instant)


@pytest.mark.parametrize(
    "cell",
    [
        "31/02/2023",
        "15/13/2023",
        "06/2023",
        "15/06/23",
        "hôm qua",
        "25:00 15/06/2023",
        "15/06/2023 24:01",
        "31 tháng 2 năm 2023",
        "20230615",
        7,
        float("nan"),
        "١٥/٠٦/٢٠٢٣",
    ],
)
def test_what_could_be_any_date_is_none(cell: object) -> None:
    with pytest.raises(RecordRejected) as caught:
        instant_of(cell, "x")
    assert caught.value.reason is Reason.bad_date


def test_a_profile_names_columns_words_and_agencies() -> None:
    body = "Ref|Khâu|Nơi làm|Nhận\nH30-1|Chờ thuế|Phòng TNMT|15/06/2023\n".encode()
    profile: dict[str, Any] = {
        "columns": {"ref": "code", "khâu": "status", "nơi làm": "agency", "nhận": "received_at"},
        "statuses": {"chờ thuế": "payment_requested"},
        "agencies": {"phòng tnmt": "294.TNMT"},
    }
    (row,) = rows_of(body, columns=profile["columns"])
    event = decoder("lists", msgspec.convert(profile, Settings), NOW)(row)
    assert isinstance(event, Event)
    assert event.about is not None
    assert event.about.agency == "294.TNMT"
    assert event.course is not None
    assert event.course.status is Status.payment_requested
    with pytest.raises(ValueError, match="unknown fields"):
        Settings(columns={"x": "applicant"})


@pytest.mark.parametrize(
    "body",
    [b"", b"\n\n\n", b"a,b\n1,2\n" * 50, b"PK\x03\x04" + b"x" * 100, b"\xd0\xcf\x11\xe0" + b"x" * 600, bytes(range(256)) * 40],
)
def test_what_is_no_list_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(Unreadable):
        rows_of(body, 100)


def test_a_spreadsheet_bomb_is_seen_before_it_goes_off() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 300_000_000)
    tracemalloc.start()
    with pytest.raises(TooLarge, match="unpacks"):
        rows_of(buffer.getvalue(), 65536)
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_a_quote_that_is_never_closed_loses_its_line_and_not_the_file() -> None:
    good = "".join(f"H30-{number},15/06/2023\n" for number in range(60_000))
    body = ("Mã hồ sơ,Ngày nhận\n" + 'H30-x,"15/06/2023\n' + good).encode()
    rows = rows_of(body, 65536)
    assert sum(isinstance(row, Rejected) for row in rows) <= 2
    assert sum(isinstance(row, dict) for row in rows) >= 60_000 - 2


def test_a_line_without_end_is_put_aside_in_bounded_memory() -> None:
    cutting = Rows({}, None)
    tracemalloc.start()
    found = list(cutting.feed(b"ma ho so,ngay nhan\nH30-1,15/06/2023\n"))
    for _ in range(200):
        found += cutting.feed(b"x" * 262_144)
    found += cutting.feed(b"\nH30-2,15/06/2023\n")
    found += cutting.end()
    rows = [one.row for one in found]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * MAX_ROW
    assert [row["code"] for row in rows if isinstance(row, dict) and str(row.get("code")).startswith("H")] == ["H30-1", "H30-2"]
    assert any(isinstance(row, Rejected) for row in rows)


def test_any_bytes_are_rows_or_a_stated_refusal() -> None:
    chance = random.Random(5)
    good = (TITLES + HEADINGS + ROWS * 5).encode()
    events = 0
    for _ in range(cases(1500)):
        body = bytearray(good)
        for _ in range(chance.choice((1, 3, 10))):
            place = chance.randrange(len(body))
            body[place : place + chance.choice((0, 1, 20))] = bytes(
                chance.choices(b';"\n\r\x00\xff0aN\t,', k=chance.choice((0, 1, 3)))
            )
        try:
            rows = rows_of(bytes(body), chance.choice((1, 50, 5000)))
        except Problem:
            continue
        for row in rows:
            one = row if isinstance(row, Rejected) else read(row)
            events += isinstance(one, Event)
    assert events > cases(3000)
