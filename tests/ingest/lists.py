"""Lists for the tests of files: read by the reader and by the decoder of a source, without a process."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from services.ingest.events.model import Event, Reason, Rejected
from services.ingest.files.encodings import _TCVN3
from services.ingest.files.messages import ListSummary
from services.ingest.files.rows import Rows
from services.ingest.sources.kinds import own
from services.ingest.sources.kinds.files import RowDecoder, Settings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
_CLOCK = timedelta(hours=7)


class Seen(NamedTuple):
    """A file as it was read."""

    read: list[Event | Rejected]
    summary: ListSummary
    places: list[tuple[str | None, int]]

    @property
    def events(self) -> list[Event]:
        return [one for one in self.read if isinstance(one, Event)]

    @property
    def codes(self) -> list[str]:
        return [one.code for one in self.events]

    @property
    def reasons(self) -> list[Reason]:
        return [one.reason for one in self.read if isinstance(one, Rejected)]


def seen(body: bytes | str, size: int = 10_000, **settings: Any) -> Seen:
    """Read a file as an import does; its lines are counted."""
    body = body.encode() if isinstance(body, str) else body
    known = Settings(**settings)
    cutting = Rows(known.columns, known.delimiter, own.FIELDS)
    rows = []
    places = []
    for begin in range(0, len(body), size):
        for one in cutting.feed(body[begin : begin + size]):
            rows.append(one)
            places.append((cutting.sheet, one.line))
    for one in cutting.end():
        rows.append(one)
        places.append((cutting.sheet, one.line))
    summary = cutting.summary()
    assert summary.lines == len(rows) + sum(summary.skipped.values()), "every line is a row or was passed over"
    decode = RowDecoder("lists", known, NOW)
    for one in rows:
        if isinstance(one.row, dict):
            decode.observe(one.row)
    decode.dates.settle()
    return Seen([one.row if isinstance(one.row, Rejected) else decode(one.row) for one in rows], summary, places)


def day(at: datetime | None) -> str | None:
    """An instant on the clock of Việt Nam, without a midnight."""
    return None if at is None else (at + _CLOCK).strftime("%Y-%m-%d %H:%M:%S").removesuffix(" 00:00:00")


def received(event: Event) -> str | None:
    assert event.course is not None
    return day(event.course.received_at)


def ended(event: Event) -> str | None:
    assert event.course is not None
    return day(event.course.ended_at)


def tcvn3(text: str) -> bytes:
    """A text as the fonts `.VnTime` write it."""
    of_letter = {letter: 0x80 + place for place, letter in enumerate(_TCVN3)}
    return bytes(of_letter.get(letter, ord(letter) if letter.isascii() else 0x3F) for letter in text)


def workbook(
    *sheets: Sequence[Sequence[object]], hidden: Sequence[int] = (), merged: Sequence[str] = (), mac: bool = False
) -> bytes:
    """An XLSX; `merged` ranges are of its first sheet."""
    book = openpyxl.Workbook()
    if mac:
        book.epoch = CALENDAR_MAC_1904
    for number, rows in enumerate(sheets):
        page: Any = book.active if not number else book.create_sheet()
        page.title = f"Trang {number + 1}"
        for row in rows:
            page.append([None if cell == "" else cell for cell in row])
        if number in hidden:
            page.sheet_state = "hidden"
    first: Any = book.worksheets[0]
    for area in merged:
        first.merge_cells(area)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
