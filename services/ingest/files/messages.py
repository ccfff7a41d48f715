"""Messages from the child process to its parent: rows by the thousand, then a summary of how the file was read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal

import msgspec
from msgspec.msgpack import Ext

from services.ingest.events.model import Reason, Rejected

MAX_TEXT = 1_000
"""Longest text of a cell that is handed on; no field is longer than a fifth of that."""
MAX_CELL = 32_767
"""Longest text of a plain cell: a spreadsheet holds no longer one."""
MAX_ITEMS = 501
"""Longest list that is handed on, so that one above the 500 that are read is seen."""
MAX_LEVELS = 4

Row = dict[str, object] | Rejected
Format = Literal["csv", "ndjson", "sheet"]


class ReadOptions(msgspec.Struct, frozen=True):
    """How a list is to be read."""

    columns: dict[str, str]
    """The profile's own headings."""
    delimiter: str | None
    """Of a CSV where it is known."""
    own: tuple[str, ...]
    """The fields of records in our own shape; what else they have is dropped."""


class ListSummary(msgspec.Struct, frozen=True):
    """How a list was read; sent after its last row."""

    format: Format | None
    columns: dict[str, str | None]
    """Field by heading; None: the column was dropped."""


def packed(rows: list[Row]) -> bytes:
    """Rows as one message."""
    ready = [_values(row) if isinstance(row, dict) else (row.reason.value, row.detail) for row in rows]
    return _encode(ready)


def packed_end(summary: ListSummary) -> bytes:
    """The last message about a list."""
    return _encode(summary)


def unpacked(message: bytes) -> list[Row] | ListSummary:
    """A message about a list; raises `msgspec.MsgspecError` or `ValueError` when it is none."""
    decoded = _decode(message)
    if isinstance(decoded, ListSummary):
        return decoded
    return [row if isinstance(row, dict) else Rejected(Reason(row[0]), row[1], {}) for row in decoded]


def packed_cells(rows: Iterable[Sequence[object]]) -> bytes:
    """Rows of plain cells as one message."""
    return _encode([[_value(cell, MAX_CELL) for cell in row] for row in rows])


def unpacked_cells(message: bytes) -> list[list[object]]:
    """Rows of plain cells."""
    return _decode_cells(message)


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
_decode = msgspec.msgpack.Decoder(list[dict[str, object] | tuple[str, str]] | ListSummary, ext_hook=_untagged).decode
_decode_cells = msgspec.msgpack.Decoder(list[list[object]], ext_hook=_untagged).decode
