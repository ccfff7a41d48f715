"""What the tables of the annexes claim by themselves, recomputed from what they print: rows add up to subtotals and totals, and
columns are what the note below says (`Cột 3 = 4 + 5; cột 9 = 7 : 6`). Pure.

As a reader with a pencil does it: by the printed cells alone, whatever figures they are bound to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from services.notices.composition.model import Annex, Cell, NoticeDocument, Row
from services.notices.figures.model import NOT_KNOWN, NOTHING, Figure, FigureUnit, key_parts
from services.notices.quantities import wording

_EQUATION = re.compile(r"[Cc]ột (\d+) = (\d+(?: [+:] \d+)*)(?: = (\d+(?: \+ \d+)*))?")
_COUNT = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})*")
CORRECTED = "corrected"
"""Id of the annex that a corrected notice has: old, new, difference, line by line."""
_FIRST = 2
"""Columns of words: number and name."""


def miscalculated(notice: NoticeDocument, figures: Mapping[str, Figure]) -> Iterator[str]:
    """Where a table does not add up, or prints a number that is bound to no figure of its row and column."""
    for annex in notice.annexes:
        if annex.id == CORRECTED:
            yield from _undiffering(annex)
            continue
        yield from _unbound(annex, figures)
        yield from _unadded(annex)
        yield from _unequal(annex)


def _unbound(annex: Annex, figures: Mapping[str, Figure]) -> Iterator[str]:
    """A column is of one KPI, a row of one agency or procedure, and spreadsheets have the number that is printed."""
    kpis: dict[int, str] = {}
    for place, row in enumerate(annex.rows, 1):
        subject = None
        for column, cell in enumerate(row.cells[_FIRST:], _FIRST + 1):
            figure = figures.get(cell.figure or "")
            if figure is None:
                yield f"{annex.label}, row {place}, column {column}: {cell.text} is no figure"
                continue
            kpi, *whose = key_parts(figure.key)
            subject = whose if subject is None else subject
            if kpis.setdefault(column, kpi) != kpi or whose != subject:
                yield f"{annex.label}, row {place}, column {column}: {figure.key} stands among others"
            if cell.number != _machine_form(figure):
                yield f"{annex.label}, row {place}, column {column}: a spreadsheet has {cell.number}, printed is {cell.text}"


def _machine_form(figure: Figure) -> str | None:
    if figure.value is None:
        return None
    return str(figure.size) if figure.unit is FigureUnit.count else str(figure.value)


def _counted(cell: Cell) -> int | None:
    """The count that a cell prints; None: it prints a rate, or words."""
    return int(cell.text.replace(".", "")) if _COUNT.fullmatch(cell.text) else None


def _added(cell: Cell) -> int | None:
    """What a cell adds to a sum: what is not known nothing."""
    return 0 if cell.text == NOT_KNOWN else _counted(cell)


def _unadded(annex: Annex) -> Iterator[str]:
    units = [row for row in annex.rows if row.kind == "unit"]
    for begin, row in enumerate(annex.rows):
        if row.kind == "unit":
            continue
        summed = units if row.kind == "total" else list(_below(annex.rows[begin + 1 :]))
        for column, cell in enumerate(row.cells[_FIRST:], _FIRST + 1):
            parts = [_added(one.cells[column - 1]) for one in summed]
            printed, counts = _counted(cell), [part for part in parts if part is not None]
            if printed is not None and len(counts) == len(parts) and sum(counts) != printed:
                yield f"{annex.label}, {row.cells[1].text}, column {column}: {cell.text}, its rows add up to {sum(counts)}"


def _below(rows: Sequence[Row]) -> Iterator[Row]:
    for row in rows:
        if row.kind != "unit":
            return
        yield row


def _unequal(annex: Annex) -> Iterator[str]:
    for found in _EQUATION.finditer(annex.note):
        left, *sides = found.groups()
        for side in filter(None, sides):
            for row in annex.rows:
                if not _holds(row.cells, int(left), side):
                    yield f"{annex.label}, {row.cells[1].text}: column {left} is not {side}"


def _holds(cells: Sequence[Cell], left: int, side: str) -> bool:
    """Whether a column is the sum of others, or the printed share of one in another."""
    if " : " in side:
        part, base = (_counted(cells[int(one) - 1]) for one in side.split(" : "))
        if cells[int(side.partition(" : ")[0]) - 1].text == NOT_KNOWN:
            return base is not None and cells[left - 1].text == NOT_KNOWN
        if part is None or base is None:
            return False
        value = wording.percent(part, base)
        return cells[left - 1].text == (NOTHING if value is None else wording.decimal(value))
    counts = [_counted(cells[int(one) - 1]) for one in side.split(" + ")]
    known = [one for one in counts if one is not None]
    return len(known) == len(counts) and _counted(cells[left - 1]) == sum(known)


def _undiffering(annex: Annex) -> Iterator[str]:
    """What is stated now less what was stated is the difference; a share has none."""
    for row in annex.rows:
        old, new, difference = row.cells[3:6]
        before, now, moved = _counted(old), _counted(new), _counted(difference)
        if difference.text and (before is None or now is None or moved is None or now - before != moved):
            yield f"{annex.label}, row {row.cells[0].text}: {old.text} and {new.text} differ by other than {difference.text}"
