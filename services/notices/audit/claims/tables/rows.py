"""Rows that add up others: groups, subtotals and totals, wherever they stand. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from services.notices.audit.claims.tables.reading import Column, ReadTable, Row
from services.notices.audit.solver import Equation, Form, Term

_UNION = re.compile(r"thủ tục|tthc|dịch vụ", re.IGNORECASE)
"""The same may be counted in several rows and once in their total."""
_MARK = re.compile(r"^\s*(?:([IVXL]+)|([A-ZĐ])|(\d+(?:\.\d+)*)|([a-zđ]))(?:[.)]\s*|\s*$)")
_PART = re.compile(r"^\W*(?:trong đó|gồm|bao gồm|của đó|chia ra)\b", re.IGNORECASE)
_PLAIN = 40


@dataclass(slots=True)
class _Node:
    """A row and the rows below it."""

    row: Row
    rank: int
    partial: bool = False
    """Whether not all of what it adds up need stand below it."""
    below: list[_Node] = field(default_factory=list)

    def counted(self) -> list[Row]:
        """What stands for it in a sum: its row, or those below a heading without figures."""
        return [self.row] if self.row.figures else [row for one in self.below for row in one.counted()]

    def leaves(self) -> list[Row]:
        return [row for one in self.below for row in one.leaves()] if self.below and not self.partial else self.counted()


def row_sums(table: ReadTable) -> Iterator[list[Equation]]:
    """What totals and groups claim of the rows that they add up."""
    columns = [column for column in table.columns if column.additive]
    roots = _tree([row for row in table.rows if not row.total])
    yield from _groups(roots, columns)
    totals = [row for row in table.rows if row.total and row.figures]
    flat = len(totals) == 1 and not any(root.below for root in roots)
    for total in totals:
        yield from _total(total, list(_candidates(total, totals, table.rows)), columns, flat=flat)


def _rank(row: Row, *, ordered: bool) -> tuple[int, bool]:
    """How deep a row stands, and whether it names examples."""
    if _PART.match(row.label):
        return 60, True
    if re.match(r"^\s*[-–+•*]", row.label):
        return 70, False
    match = _MARK.match(row.order) or (_MARK.match(row.label) if not row.order else None)
    if match is None:
        return (10 if row.group else 50 if ordered else _PLAIN), False
    roman, letter, number, small = match.groups()
    if number:
        return _PLAIN + number.count("."), False
    return (10 if roman else 0 if letter else 55 if small else _PLAIN), False


def _tree(rows: Sequence[Row]) -> list[_Node]:
    ordered = any(re.match(r"^\s*\d", row.order) for row in rows)
    roots: list[_Node] = []
    stack: list[_Node] = []
    for row in rows:
        rank, partial = _rank(row, ordered=ordered)
        node = _Node(row, rank)
        while stack and stack[-1].rank >= rank:
            stack.pop()
        (stack[-1].below if stack else roots).append(node)
        if partial and stack:
            stack[-1].partial = True
        stack.append(node)
    return roots


def _groups(roots: Sequence[_Node], columns: Sequence[Column]) -> Iterator[list[Equation]]:
    made: list[Equation] = []
    waiting = [root for root in roots if root.below]
    for node in waiting:
        waiting += [one for one in node.below if one.below]
        rows = [row for one in node.below for row in one.counted()]
        for column in columns:
            equation = _added(node.row, rows, column) if len(rows) > 1 and not node.partial else None
            if equation is not None:
                made.append(equation)
    held = sum(one.holds() for one in made)
    for one in made:
        one.certain = held > 0 and held >= len(made) - held
        yield [one]


def _candidates(total: Row, totals: Sequence[Row], rows: Sequence[Row]) -> Iterator[list[Row]]:
    """The rows that a total may add up, the most natural first."""
    at = totals.index(total)
    before = [row for row in rows if row.number < total.number]
    since = [row for row in before if not row.total and (at == 0 or row.number > totals[at - 1].number)]
    after = [row for row in rows if row.number > total.number and (at + 1 == len(totals) or row.number < totals[at + 1].number)]
    others = [row for row in rows if not row.total]
    above = [row for row in before if not row.total]
    for some in (above, others, since, after):
        tree = _tree(some)
        yield [row for node in tree for row in node.counted()]
        yield [row for node in tree for row in node.leaves()]
    yield [*totals[:at], *since]
    yield [*totals[:at]]
    yield [*totals[at + 1 :]]
    yield [row for row in others if row.group and row.figures]
    yield [row for row in others if row.figures]


def _total(total: Row, ways: Sequence[list[Row]], columns: Sequence[Column], *, flat: bool) -> Iterator[list[Equation]]:
    best: list[Equation] = []
    most = -1
    for rows in ways:
        if len(rows) < 2:
            continue
        made = [one for column in columns if (one := _added(total, rows, column)) is not None]
        # Columns of nothing add up in any way.
        held = sum(one.holds() and one.claimed.value != 0 for one in made)
        if held > most and made:
            best, most = made, held
    failing = sum(not one.holds() for one in best)
    for one in best:
        one.certain = failing <= (2 * most if flat else most) or (flat and most + failing == 1)
        one.mistaken = one.certain and most > 1
        yield [one]


def _added(whole: Row, rows: Sequence[Row], column: Column) -> Equation | None:
    """The sum of a column; None where it cannot be meant."""
    claimed = whole.figures.get(column.number)
    terms = tuple(Term(row.figures[column.number]) for row in rows if column.number in row.figures)
    if claimed is None or len(terms) < 2:
        return None
    values = [term.value for term in terms]
    if len(values) > 1 and len({*values, claimed.value}) == 1 and claimed.value:
        return None
    if _UNION.search(column.heading) and max(values) <= claimed.value < sum(values):
        return None
    return Equation("table", Form.total, Term(claimed), terms)
