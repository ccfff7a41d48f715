"""Grids: what a sheet of a workbook, or a table of a document, is to its readers. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from services.ingest.files.headings import ColumnMapping, Vocabulary, continues, mapping_of, mapping_of_two

HEADING_ROWS = 30
"""So many rows may stand above the headings."""


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
    """The headings among the first rows, in one row or in two; None: there are none."""
    for place, row in enumerate(rows[:HEADING_ROWS]):
        mapping = mapping_of(row, words)
        following = rows[place + 1] if place + 1 < len(rows) else ()
        if mapping is not None:
            if any(following) and continues(mapping, row, following, words):
                both = mapping_of_two(row, following, words)
                assert both is not None, "they continue"
                return Head(both, place, place + 2)
            return Head(mapping, place, place + 1)
        if any(row) and any(following) and continues(mapping_of(following, words), row, following, words):
            both = mapping_of_two(row, following, words)
            assert both is not None, "they continue"
            return Head(both, place, place + 2)
    return None
