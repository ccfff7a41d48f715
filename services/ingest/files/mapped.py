"""Rows below the headings: their mapped cells, or why they are set aside. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from hashlib import blake2b
from typing import NamedTuple

from services.ingest.events.model import Reason, Rejected, Withheld
from services.ingest.files.classification import Classifier, RowKind
from services.ingest.files.grids import MAX_HEAD_ROWS, Head, head_of
from services.ingest.files.headings import DATES, ColumnMapping, Vocabulary, disagrees, is_one_of, unwrapped
from services.ingest.files.messages import Row
from services.ingest.files.tally import Tally
from shared.vietnamese import visible

_NONE: Sequence[Sequence[object]] = ()
DAYS_TO_1904 = 1_462
"""Between the two date systems of spreadsheets."""


class ListRow(NamedTuple):
    """A row of the list with its line."""

    line: int
    row: Row


class MappedRows:
    """Rows below the headings, each one of the list or passed over.

    Further headings that name other columns, as where lists were put together, are followed from there on.
    """

    def __init__(
        self, tally: Tally, mapping: ColumnMapping, words: Vocabulary, *, since_1904: bool = False, width: int | None = None
    ) -> None:
        """`width`: cells beyond it are too many, as where a delimiter in a text moves all that is to the right of it."""
        self._tally = tally
        self._words = words
        self._since_1904 = since_1904
        self.width = width
        """Columns of the list; None: further cells do no harm."""
        self._follow(mapping)

    def _follow(self, mapping: ColumnMapping) -> None:
        """Read the rows to come by these headings."""
        self._mapping = mapping
        if self.width is not None:
            self.width = mapping.width
        self.classifier = Classifier(mapping)
        self._above: Sequence[Sequence[object]] = _NONE
        """Rows just above of which none is surely one of the list."""
        self._unknown = False
        self._single = tuple((field, places[0]) for field, places in mapping.columns if len(places) == 1)
        self._several = tuple((field, places) for field, places in mapping.columns if len(places) > 1)

    def row(self, line: int, cells: Sequence[object]) -> ListRow | None:
        """The row that begins in a line; None: it is passed over."""
        extra = self.width is not None and len(cells) > self.width and _has_extra(cells, self.width)
        if not extra and self.classifier.reads_as_row(cells):
            self._above = _NONE
        else:
            kind = self._headings(cells) or self.classifier.kind(cells)
            if kind is not None:
                self._tally.skip(kind, line)
                return None
            if extra:
                return ListRow(line, unreadable_row(_EXTRA, cells, Reason.extra_cells))
        if self._unknown:
            return ListRow(line, unreadable_row(_UNKNOWN, cells, Reason.unknown_headings))
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

    def _headings(self, cells: Sequence[object]) -> RowKind | None:
        """Whether cells are headings once more, or others, by which the rows to come are read; None: they are none."""
        if self.classifier.has_date_or_code(cells):
            self._above = _NONE
            return None
        above = self._above[1 - MAX_HEAD_ROWS :]
        self._above = (*above, cells)
        fields = {column.field for cell in cells if (column := self._words.column(cell)) is not None}
        if not fields:
            return None
        if is_one_of(self._mapping, cells):
            self._unknown = False
            return RowKind.repeated_heading
        head = head_of([*above, cells], self._words)
        if head is None or head.end <= len(above):
            # The upper of two rows of headings, or headings of which too few are known.
            self._unknown = self._unknown or "code" in fields or disagrees(self._mapping, cells, self._words)
            return RowKind.further_heading if "code" in fields else None
        same = dict(head.mapping.columns) == dict(self._mapping.columns)
        rows = self._above
        self._follow(head.mapping)
        self._above = rows
        self._tally.understood(head.mapping)
        return RowKind.repeated_heading if same else RowKind.further_heading


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


_UNKNOWN = "Above the row stand headings that name other columns, and none names the column of the code."
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
