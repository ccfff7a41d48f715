"""How a page of a PDF is laid out: its tables and lines in the order of reading, without what pages repeat. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

from services.notices.audit.documents.columns import columns_of
from services.notices.audit.documents.grids import Grid, grids
from services.notices.audit.documents.pages import Line, Page
from services.notices.audit.documents.ruled import ruled_tables, unruled_tables

AROUND = 2
"""Pages before and behind one that are looked at for lines that they repeat: left and right pages may have their own."""
_EDGE = 3
"""Lines at the top and at the bottom of a page that may be repeated."""
_INDENT = 20.0
"""Points by which a column that goes on from another stands further right, at least."""
_SAME = 1.5
"""Points by which what pages repeat stands higher or lower."""
_WIDER = 1.2
"""Of the space between lines of the text there is more beside what pages repeat."""
_LONG = 60
"""Characters of a repeated line in which no number may grow with the pages."""
_FEW = 40
"""Characters of a page that is a picture with a stamp or a number on it."""
_NUMBER = re.compile(r"^\s*(?:trang\s*)?[-–—]?\s*\d{1,4}\s*(?:/\s*\d{1,4})?\s*[-–—]?\s*$", re.IGNORECASE)
_PARTED = re.compile(r"(?<![\d.,])(\d{1,3})(?: \.|\. )(\d{3})(?![\d.,]*\d)")
"""Thousands that a program which recognises letters set apart."""
_DIGITS = re.compile(r"(\d+)")


@dataclass(slots=True)
class LaidOut:
    """A page that is to be read."""

    number: int
    """From 1."""
    columns: list[list[Line | Grid]]
    """What stands below one another, in the order of reading."""
    unread: list[str]
    """What of it cannot be read."""
    height: float
    """Points."""
    apart: frozenset[int] = frozenset()
    """Those of `columns` in which no sentence of the one before goes on."""
    repeated: set[int] = field(default_factory=set)
    """Its lines that pages around it have, too, by their identity."""

    def edge(self, position: int) -> Line | None:
        """The line so far from the top, or from the bottom for positions below naught; None for a table."""
        column = self.columns[0] if position >= 0 else self.columns[-1]
        found = column[position] if -len(column) <= position < len(column) else None
        return found if isinstance(found, Line) else None

    @property
    def left_out(self) -> bool:
        """Whether lines with figures beside the page's number are not read, because pages repeat them."""
        lines = [one for column in self.columns for one in column if id(one) in self.repeated and isinstance(one, Line)]
        return self.number > 1 and any(not _NUMBER.match(one.text) and len(_DIGITS.findall(one.text)) > 1 for one in lines)

    def parts(self) -> Iterator[Line | Grid | None]:
        """What is read of it: a heading of all pages on the first one alone, and no number of the page.

        None stands where no sentence goes on: beside headings of all pages, and above and below columns.
        """
        alone = sum(map(len, self.columns)) == 1
        for begin, column in enumerate(self.columns):
            if begin in self.apart:
                yield None
            for place, one in enumerate(column):
                first = begin == 0 and place < _EDGE
                last = begin == len(self.columns) - 1 and place >= len(column) - _EDGE
                if isinstance(one, Line) and (first or last):
                    if id(one) in self.repeated and not (first and self.number == 1 and not _NUMBER.match(one.text)):
                        continue
                    outer = (begin == 0 and place == 0) or (begin == len(self.columns) - 1 and place == len(column) - 1)
                    if outer and not alone and _NUMBER.match(one.text):
                        continue
                    if id(one) in self.repeated:
                        yield from (None, one, None)
                        continue
                yield one


def laid_out(number: int, page: Page) -> LaidOut:
    """The page of this number, its tables told from its lines."""
    unread = []
    characters = sum(len(word.text) for word in page.words)
    if page.garbled:
        unread.append("phông chữ không cho biết ký tự")
    if not characters:
        unread.append(f"không có chữ ({'bản quét' if page.pictured else 'trang trắng, hoặc chữ được vẽ thành hình'})")
    elif characters < _FEW and page.pictured:
        unread.append(f"hình quét, chỉ đọc được {characters} ký tự")
    elif page.recognised:
        unread.append("chữ do máy nhận dạng từ hình quét, có thể sai")
    if page.noted:
        unread.append(f"{page.noted} ghi chú, ô biểu mẫu có số: không được đọc")
    found = grids(page.rulings, page.words)
    inside = {id(word) for grid in found for word in grid.words}
    columns = []
    for words in columns_of([word for word in page.words if id(word) not in inside]):
        tables: list[Grid] = []
        taken: set[int] = set()
        for tell in (partial(ruled_tables, page.rulings), unruled_tables):
            further = list(tell([word for word in words if id(word) not in taken]))
            tables += further
            taken |= {id(word) for grid in further for word in grid.words}
        lines = page.lines([word for word in words if id(word) not in taken])
        if page.recognised:
            lines = [line._replace(text=_PARTED.sub(r"\1.\2", line.text)) for line in lines]
        columns.append(_ordered(lines, tables))
    if not columns or len(columns) == 1:
        columns = [_ordered([one for column in columns for one in column], found)]
    else:
        for grid in found:
            # A table over all columns stands before, between or behind them.
            place = next((at for at, column in enumerate(columns) if column and column[0].top < grid.top), len(columns))
            columns.insert(place, [grid])
    apart = frozenset(place for place in range(1, len(columns)) if _left(columns[place]) <= _left(columns[place - 1]) + _INDENT)
    return LaidOut(number, columns, unread, page.height, apart)


def _left(column: Sequence[Line | Grid]) -> float:
    return min((one.left for one in column if isinstance(one, Line)), default=0.0)


def _ordered(lines: Sequence[Line | Grid], tables: Sequence[Grid]) -> list[Line | Grid]:
    return sorted([*lines, *tables], key=lambda one: -one.top)


def note_repeated(pages: Sequence[LaidOut]) -> None:
    """Note of the last of some pages, and of those before it, which lines at their edges are those of one another."""
    last = pages[-1]
    for other in pages[-1 - AROUND : -1]:
        top, bottom = _run(last, other, top=True), _run(last, other, top=False)
        fewest = min(sum(map(len, page.columns)) for page in (last, other))
        if len(bottom) >= fewest:
            continue  # pages of the same text
        if len(top) + len(bottom) >= fewest:
            top = []
        for own, its in (*top, *bottom):
            last.repeated.add(id(own))
            other.repeated.add(id(its))


def _run(page: LaidOut, other: LaidOut, *, top: bool) -> list[tuple[Line, Line]]:
    """The lines at an edge of two pages that are alike, and in the same place."""
    found: list[tuple[Line, Line]] = []
    for place in range(_EDGE):
        own, its = (one.edge(place if top else -1 - place) for one in (page, other))
        if own is None or its is None or not _is_alike(its.text, own.text, page.number - other.number):
            break
        if abs(own.top - its.top - (page.height - other.height if top else 0.0)) > _SAME:
            break
        found.append((own, its))
    while found:
        told = {_is_set_apart(one, len(found), top=top) for one in (page, other)}
        if False not in told and (True in told or len(found) == 1):
            break
        found.pop()
    return found


def _is_set_apart(page: LaidOut, count: int, *, top: bool) -> bool | None:
    """Whether between so many lines at an edge and the next one there is more space than between those of the text.

    None where the text has too few lines to tell.
    """
    column = page.columns[0 if top else -1]
    if count < len(column) and isinstance(column[count if top else -1 - count], Grid):
        return True
    tops = [one.top for one in (column if top else column[::-1]) if isinstance(one, Line)]
    if len(tops) < count + 2:
        return None
    gaps = sorted(abs(above - below) for above, below in pairwise(tops[count:]))
    return abs(tops[count - 1] - tops[count]) > _WIDER * gaps[len(gaps) // 4]


def _is_alike(one: str, other: str, further: int) -> bool:
    """Whether two lines are the same but for the number of their page, which is so much higher in the second."""
    if one == other:
        return True
    if len(one) > _LONG:
        return False
    parts, others = _DIGITS.split(one), _DIGITS.split(other)
    if len(parts) != len(others) or parts[::2] != others[::2]:
        return False
    unlike = [(int(mine), int(its)) for mine, its in zip(parts[1::2], others[1::2], strict=True) if mine != its]
    return len(unlike) == 1 and unlike[0][1] - unlike[0][0] == further and unlike[0][0] < 10_000
