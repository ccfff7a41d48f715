"""Grids: what a sheet of a workbook, or a table of a document, is to its readers. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from services.ingest.files.classification import Classifier, is_dated
from services.ingest.files.headings import (
    DATES,
    ColumnMapping,
    Vocabulary,
    compared,
    continues,
    mapping_of,
    mapping_of_two,
    stacked,
)

HEADING_ROWS = 30
"""So many rows may stand above the headings."""
MAX_HEAD_ROWS = 3
"""Rows that headings may have."""


class GridRow(NamedTuple):
    """A row of cells with its number, as a spreadsheet shows it."""

    number: int
    cells: Sequence[object]


@dataclass(slots=True)
class Grid:
    """One sheet, to be read once."""

    name: str
    hidden: bool
    rows: Iterator[GridRow]
    since_1904: bool = False
    """Its serial numbers count days from 1904."""


class Head(NamedTuple):
    """The headings of a grid, and where they are among its first rows."""

    mapping: ColumnMapping
    begin: int
    """Index of the first row of headings."""
    end: int
    """Index of the first row below them."""


def first_rows(grid: Iterator[GridRow]) -> list[GridRow]:
    """Rows among which headings are looked for."""
    return list(islice(grid, HEADING_ROWS + 2))


def head_of(rows: Sequence[Sequence[object]], words: Vocabulary) -> Head | None:
    """The headings among the first rows, in one row, in two or in three; None: there are none."""
    for place, row in enumerate(rows[:HEADING_ROWS]):
        mapping = mapping_of(row, words)
        second, third = (rows[at] if at < len(rows) else () for at in (place + 1, place + 2))
        both = None
        if any(second) and (mapping is not None or any(row)):
            alone = mapping if mapping is not None else mapping_of(second, words)
            both = mapping_of_two(row, second, words) if continues(alone, row, second, words) else None
            if both is not None and not _are_headings(both, (row, second), words):
                both = None
        found = both or mapping
        if found is None:
            continue
        if words.required and any(second) and any(third) and continues(found, upper := stacked(row, second), third, words):
            three = mapping_of_two(upper, third, words)
            assert three is not None, "they continue"
            if _are_headings(three, (row, second, third), words):
                rows_of = tuple(tuple(map(compared, one)) for one in (row, second, third))
                return Head(three._replace(rows=rows_of), place, place + 3)
        return Head(found, place, place + (1 if both is None else 2))
    return None


def _are_headings(mapping: ColumnMapping, rows: Sequence[Sequence[object]], words: Vocabulary) -> bool:
    """Whether no row of what seems to be a head is one of the list, which would be lost with it.

    In the column of the code stands a heading or nothing, and above its heading what it belongs to; no row has a date in a
    column of dates, and none reads as a row.
    """
    columns = dict(mapping.columns)
    codes = columns.get(words.required or "", ())
    dates = [place for field in DATES for place in columns.get(field, ())]
    reads_as_row = Classifier(mapping).reads_as_row
    for number, row in enumerate(rows):
        named = [place for place in range(len(row)) if words.column(row[place])]
        below = rows[number + 1] if not number else ()
        for place in codes:
            text = str(row[place]).strip() if place < len(row) and row[place] is not None else ""
            if not text or place in named:
                continue
            headed = place < len(below) and words.column(below[place]) is not None
            if not headed or any(character.isdigit() for character in text):
                return False
        if any(place < len(row) and place not in named and is_dated(row[place]) for place in dates):
            return False
        if words.required == "code" and not named and reads_as_row(row):
            return False
    return True
