"""Messages from the child process to its parent: rows by the thousand, then a summary of how the file was read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple

import msgspec
from msgspec.msgpack import Ext

from services.ingest.events.model import Reason, Rejected, Withheld

MAX_TEXT = 1_000
"""Longest text of a cell that is handed on; no field is longer than a fifth of that."""
MAX_CELL = 32_767
"""Longest text of a plain cell: a spreadsheet holds no longer one."""
MAX_ITEMS = 501
"""Longest list that is handed on, so that one above the 500 that are read is seen."""
MAX_LEVELS = 4

Row = dict[str, object] | Rejected
Format = Literal["csv", "ndjson", "sheet", "html", "xml"]
"""`sheet` is XLSX and XLS; `html` and `xml` are what programs save as `.xls` though it is none."""


class ReadOptions(msgspec.Struct, frozen=True):
    """How a list is to be read."""

    columns: dict[str, str]
    """The profile's own headings."""
    delimiter: str | None
    """Of a CSV where it is known."""
    own: tuple[str, ...]
    """The fields of records in our own shape; what else they have is dropped."""
    known: dict[str, tuple[str, ...]] = {}
    """Headings by field of a list that is none of dossiers."""


class RowBatch(msgspec.Struct, frozen=True):
    """Rows of one sheet, with their places in it."""

    sheet: str | None
    """Name of the sheet; None: the file has none."""
    lines: list[int]
    """Line of each row in the file, or its row in the sheet, counted from 1."""
    rows: list[Row]


class SheetRead(msgspec.Struct, frozen=True):
    """A sheet of a workbook, or a table of a page."""

    name: str
    """Its name."""
    read: bool
    """Whether its rows are read."""
    why_not: Literal["hidden", "empty", "no_headings"] | None = None
    """Why it is not read."""
    rows: int = 0
    """Rows of the list in it."""


class DuplicateColumns(msgspec.Struct, frozen=True):
    """Columns that name one field."""

    field: str
    """The field."""
    headings: list[str]
    """Their headings; the first goes before the others, unless it is empty in a row."""


class SkippedRow(msgspec.Struct, frozen=True):
    """A row that holds no dossier, such as a total."""

    sheet: str | None
    """Its sheet."""
    line: int
    """Its line in the file, or its row in the sheet."""
    kind: str
    """What it is."""


class ListSummary(msgspec.Struct, frozen=True):
    """How a list was read; sent after its last row."""

    format: Format | None
    columns: dict[str, str | None]
    """Field by heading; None: the column was dropped."""
    sheets: list[SheetRead] = []
    """Of a workbook or a page."""
    delimiter: str | None = None
    """Of a CSV."""
    encodings: list[str] = []
    """Encodings of its text."""
    duplicates: list[DuplicateColumns] = []
    """Fields that several columns name."""
    lines: int = 0
    """Lines of the file, or rows of the sheets that were read: rows of the list and those that were skipped."""
    skipped: dict[str, int] = {}
    """Lines that hold no dossier, by what they are."""
    skipped_rows: list[SkippedRow] = []
    """The first of them, without titles and blank ones."""


class TableRow(NamedTuple):
    """A row of a small table."""

    number: int
    """Its line in the file, or its row in the sheet."""
    values: dict[str, object]
    """Cells by column."""


class TableSummary(msgspec.Struct, frozen=True):
    """What of a small table was not understood; sent after its last row."""

    unknown: list[str]
    """Headings that are not known."""


def packed(batch: RowBatch) -> bytes:
    """Rows as one message."""
    ready = [
        _values(row)
        if isinstance(row, dict)
        else (row.reason.value, row.detail, row.withheld.text if row.withheld is not None else "")
        for row in batch.rows
    ]
    return _encode((batch.sheet, batch.lines, ready))


def packed_end(summary: ListSummary) -> bytes:
    """The last message about a list."""
    return _encode(summary)


def unpacked(message: bytes) -> RowBatch | ListSummary:
    """A message about a list; raises `msgspec.MsgspecError` or `ValueError` when it is none."""
    decoded = _decode(message)
    if isinstance(decoded, ListSummary):
        return decoded
    sheet, lines, rows = decoded
    if len(lines) != len(rows):
        raise ValueError("not every row has its place")
    return RowBatch(
        sheet,
        lines,
        [row if isinstance(row, dict) else Rejected(Reason(row[0]), row[1], {}, None, Withheld(row[2])) for row in rows],
    )


def packed_rows(rows: Sequence[TableRow]) -> bytes:
    """Rows of a table as one message."""
    return _encode([(row.number, {name: _value(one, MAX_CELL) for name, one in row.values.items()}) for row in rows])


def packed_table_end(summary: TableSummary) -> bytes:
    """The last message about a table."""
    return _encode(summary)


def unpacked_rows(message: bytes) -> list[TableRow] | TableSummary:
    """A message about a table."""
    decoded = _decode_rows(message)
    return decoded if isinstance(decoded, TableSummary) else [TableRow(number, values) for number, values in decoded]


def _values(row: dict[str, object]) -> dict[str, object]:
    for field, value in row.items():
        if (type(value) is str and len(value) <= MAX_TEXT) or type(value) is float or type(value) is bool:
            continue
        row[field] = _value(value, MAX_TEXT)
    return row


def _value(value: object, max_length: int, levels: int = MAX_LEVELS) -> object:
    """A value that a message can hold, of bounded size."""
    if isinstance(value, str):
        return value[:max_length]
    if isinstance(value, int):
        if -(2**63) <= value < 2**63:
            return value
        return str(value) if value.bit_length() < 512 else "a number without end"
    if isinstance(value, datetime | date | time | timedelta):
        return Ext(*_tagged(value))
    if isinstance(value, list | dict) and not levels:
        return "nested too deeply"
    if isinstance(value, list):
        return [_value(one, max_length, levels - 1) for one in value[:MAX_ITEMS]]
    if isinstance(value, dict):
        return {name: _value(one, max_length, levels - 1) for name, one in value.items()}
    return value


def _tagged(value: datetime | date | time | timedelta) -> tuple[int, bytes]:
    if isinstance(value, datetime):
        return 1, value.isoformat().encode()
    if isinstance(value, date):
        return 2, value.isoformat().encode()
    if isinstance(value, time):
        return 3, value.isoformat().encode()
    return 4, repr(value.total_seconds()).encode()


def _untagged(code: int, data: memoryview) -> object:
    text = bytes(data).decode()
    if code == 1:
        return datetime.fromisoformat(text)
    if code == 2:
        return date.fromisoformat(text)
    if code == 3:
        return time.fromisoformat(text)
    return timedelta(seconds=float(text))


_encode = msgspec.msgpack.Encoder().encode
_Rows = tuple[str | None, list[int], list[dict[str, object] | tuple[str, str, str]]]
_decode = msgspec.msgpack.Decoder(_Rows | ListSummary, ext_hook=_untagged).decode
_decode_rows = msgspec.msgpack.Decoder(list[tuple[int, dict[str, object]]] | TableSummary, ext_hook=_untagged).decode
