"""Tables on a page: the lines that are drawn around their cells, and the words in these. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.notices.audit.documents.bounds import check_cells
from services.notices.audit.documents.letters import Word
from services.notices.audit.documents.pages import Ruling, text_of

_NEAR = 3.0
"""Points by which lines that meet may miss one another."""
_MAX_LINES = 400
"""Rows and columns of one table on one page, each."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table."""

    rows: list[list[str]]
    merged: dict[tuple[int, int], tuple[int, int]]
    """By a covered place: the cell that covers it, by row and column."""
    top: float
    words: Sequence[Word] = ()

    @property
    def width(self) -> int:
        """Its columns."""
        return len(self.rows[0])

    def continued(self, other: Grid) -> Grid:
        """This table with the rows of its continuation on the next page, whose repeated head is left out."""
        head = 0
        while head < min(len(self.rows), len(other.rows)) and self.rows[head] == other.rows[head]:
            head += 1
        rows = self.rows
        if head < len(other.rows) and _goes_on(rows[-1], other.rows[head]):
            joined = [f"{above} {below}".strip() for above, below in zip(rows[-1], other.rows[head], strict=True)]
            rows, head = [*rows[:-1], joined], head + 1
        begin = len(rows) - head
        moved = {
            (row + begin, column): (above + begin, left)
            for (row, column), (above, left) in other.merged.items()
            if row >= head and above >= head
        }
        check_cells((begin + len(other.rows)) * self.width)
        return replace(self, rows=[*rows, *other.rows[head:]], merged={**self.merged, **moved})


def _goes_on(row: Sequence[str], following: Sequence[str]) -> bool:
    """Whether the first row of a page is the rest of the one before it: names that go on, and no figure."""
    filled = [(above, below) for above, below in zip(row, following, strict=True) if below]
    names = all(above and below[0].islower() and not any(map(str.isdigit, below)) for above, below in filled)
    return 0 < len(filled) < len(row) and names


def grids(rulings: Sequence[Ruling], words: Sequence[Word]) -> list[Grid]:
    """The tables of a page, from above."""
    across = _merged([one for one in rulings if one.horizontal])
    down = _merged([one for one in rulings if not one.horizontal])
    found = [grid for horizontal, vertical in _joined(across, down) if (grid := _grid(horizontal, vertical, words)) is not None]
    return sorted(found, key=lambda grid: -grid.top)


def _merged(rulings: Sequence[Ruling]) -> list[Ruling]:
    """Lines in order, with those that go on from one another put together."""
    out: list[Ruling] = []
    for one in sorted(rulings, key=lambda one: (round(one.at / _NEAR), one.begin)):
        last = out[-1] if out else None
        # Lines of two tables may be nearly below one another, and then do not touch.
        touch = last is not None and one.begin <= last.end + _NEAR and last.begin <= one.end + _NEAR
        if last is not None and touch and abs(last.at - one.at) <= _NEAR:
            out[-1] = last._replace(begin=min(last.begin, one.begin), end=max(last.end, one.end))
        else:
            out.append(one)
    return out


def _joined(across: list[Ruling], down: list[Ruling]) -> list[tuple[list[Ruling], list[Ruling]]]:
    """Lines that touch one another, group by group."""
    if len(across) > 4 * _MAX_LINES or len(down) > 4 * _MAX_LINES:
        return []
    group = list(range(len(across) + len(down)))

    def root(one: int) -> int:
        while group[one] != one:
            group[one] = group[group[one]]
            one = group[one]
        return one

    for number, vertical in enumerate(down, len(across)):
        for other, horizontal in enumerate(across):
            if (
                horizontal.begin - _NEAR <= vertical.at <= horizontal.end + _NEAR
                and vertical.begin - _NEAR <= horizontal.at <= vertical.end + _NEAR
            ):
                group[root(number)] = root(other)
    groups: dict[int, tuple[list[Ruling], list[Ruling]]] = {}
    for number, one in enumerate((*across, *down)):
        groups.setdefault(root(number), ([], []))[0 if one.horizontal else 1].append(one)
    return [(horizontal, vertical) for horizontal, vertical in groups.values() if len(horizontal) > 1 and len(vertical) > 1]


def _grid(across: list[Ruling], down: list[Ruling], words: Sequence[Word]) -> Grid | None:
    heights = _levels([one.at for one in across])[::-1]
    lefts = _levels([one.at for one in down])
    rows, columns = len(heights) - 1, len(lefts) - 1
    if rows < 1 or columns < 1 or rows * columns < 4 or max(rows, columns) > _MAX_LINES:
        return None
    merged: dict[tuple[int, int], tuple[int, int]] = {}
    for row in range(rows):
        for column in range(columns):
            if (row, column) in merged:
                continue
            wide = 1
            while (
                column + wide < columns
                and (row, column + wide) not in merged
                and not _is_drawn(down, lefts[column + wide], (heights[row] + heights[row + 1]) / 2)
            ):
                wide += 1
            high = 1
            while row + high < rows and not any(
                _is_drawn(across, heights[row + high], (lefts[place] + lefts[place + 1]) / 2)
                for place in range(column, column + wide)
            ):
                high += 1
            for below in range(row, row + high):
                for beside in range(column, column + wide):
                    if (below, beside) != (row, column):
                        merged[below, beside] = row, column
    within: dict[tuple[int, int], list[Word]] = {}
    taken: list[Word] = []
    for word in words:
        line = _between(heights, -(word.bottom + word.top) / 2, -1)
        place = _between(lefts, (word.left + word.right) / 2, 1)
        if line is not None and place is not None:
            cell = merged.get((line, place), (line, place))
            within.setdefault(cell, []).append(word)
            taken.append(word)
    texts = [[text_of(within.get((row, column), ())) for column in range(columns)] for row in range(rows)]
    return Grid(texts, merged, heights[0], taken) if len(within) > (columns < 3) else None


def _levels(values: Sequence[float]) -> list[float]:
    """Places in order; those nearer than lines can be are one."""
    out: list[float] = []
    for value in sorted(values):
        if not out or value - out[-1] > _NEAR:
            out.append(value)
    return out


def _is_drawn(lines: Sequence[Ruling], at: float, through: float) -> bool:
    return any(abs(one.at - at) <= _NEAR and one.begin <= through <= one.end for one in lines)


def _between(levels: Sequence[float], value: float, sign: int) -> int | None:
    """Between which of the levels a value lies; `levels` grow when multiplied by `sign`."""
    for number in range(len(levels) - 1):
        if sign * levels[number] - 1 <= value <= sign * levels[number + 1] + 1:
            return number
    return None
