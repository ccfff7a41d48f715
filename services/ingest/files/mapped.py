"""Rows below the headings: their mapped cells, or why they are set aside. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from hashlib import blake2b
from typing import NamedTuple

from services.ingest.events.model import Reason, Rejected, Withheld
from services.ingest.files.classification import Classifier, RowKind
from services.ingest.files.grids import Head
from services.ingest.files.headings import DATES, ColumnMapping, unwrapped
from services.ingest.files.messages import Row
from services.ingest.files.tally import Tally
from shared.vietnamese import visible

DAYS_TO_1904 = 1_462
"""Between the two date systems of spreadsheets."""


class ListRow(NamedTuple):
    """A row of the list with its line."""

    line: int
    row: Row


class MappedRows:
    """Rows below the headings, each one of the list or passed over."""

    def __init__(self, tally: Tally, mapping: ColumnMapping, *, since_1904: bool = False, width: int | None = None) -> None:
        """`width`: cells beyond it are too many, as where a delimiter in a text moves all that is to the right of it."""
        self._tally = tally
        self._since_1904 = since_1904
        self._width = width
        self.classifier = Classifier(mapping)
        self._single = tuple((field, places[0]) for field, places in mapping.columns if len(places) == 1)
        self._several = tuple((field, places) for field, places in mapping.columns if len(places) > 1)

    def row(self, line: int, cells: Sequence[object]) -> ListRow | None:
        """The row that begins in a line; None: it is passed over."""
        extra = self._width is not None and len(cells) > self._width and _has_extra(cells, self._width)
        if extra or not self.classifier.reads_as_row(cells):
            kind = self.classifier.kind(cells)
            if kind is not None:
                self._tally.skip(kind, line)
                return None
            if extra:
                return ListRow(line, unreadable_row(_EXTRA, cells, Reason.extra_cells))
        size = len(cells)
        row: dict[str, object] = {}
        for field, place in self._single:
            if place < size and (value := cells[place]) not in ("", None):
                row[field] = value
        for field, places in self._several:
            filled = [cells[place] for place in places if place < size and cells[place] not in ("", None)]
            value = _preferred(field, places, cells, filled) if filled else None
            if value is not None:
                row[field] = value
        for field, value in row.items():
            if type(value) is str:
                if not value.isascii():
                    value = row[field] = visible(value)
                if value[:1] in "='\u2019\u2018":
                    row[field] = unwrapped(value)
            elif field in DATES:
                row[field] = _instant(value, since_1904=self._since_1904)
        return ListRow(line, row)


def _preferred(field: str, columns: Sequence[int], cells: Sequence[object], filled: list[object]) -> object:
    """Of several columns for one field the first that is filled.

    A running number is no code where another column was to have that.
    """
    first = cells[columns[0]] if columns[0] < len(cells) else None
    if field == "code" and first in ("", None):
        filled = [value for value in filled if not _is_running_number(value)]
    return filled[0] if filled else None


def _is_running_number(value: object) -> bool:
    text = value.strip() if isinstance(value, str) else value
    return (isinstance(text, str) and text.isdigit() and len(text) < 6) or (
        isinstance(text, int | float) and not isinstance(text, bool) and abs(text) < 100_000
    )


def _instant(value: object, *, since_1904: bool) -> object:
    """A cell of a column of dates as a date of the system of 1900: an amount of hours is a serial number as well."""
    if isinstance(value, timedelta):
        value = value.total_seconds() / 86_400
    if since_1904 and isinstance(value, int | float) and not isinstance(value, bool):
        return value + DAYS_TO_1904 if value else value
    return value


_EXTRA = "The row has a filled cell to the right of the last heading: a delimiter within a text may have moved its cells."


def _has_extra(cells: Sequence[object], width: int) -> bool:
    return any(isinstance(cell, str) and cell.strip() for cell in cells[width:])


def unreadable_row(detail: str, content: object, reason: Reason = Reason.unreadable) -> Rejected:
    """A row of which nothing is kept but a digest by which it is known again."""
    digest = blake2b(repr(content).encode("utf-8", "replace"), digest_size=16).hexdigest()
    return Rejected(reason, detail, {}, None, Withheld(digest))


def kind_above(cells: Sequence[object], index: int, head: Head) -> RowKind:
    """What a row is that stands above the list, or in its headings."""
    if index >= head.begin:
        return RowKind.heading
    return RowKind.above_headings if any(cell not in ("", None) and str(cell).strip() for cell in cells) else RowKind.blank
