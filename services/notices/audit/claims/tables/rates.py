"""Columns of rates: of which columns they are, by printed formulas, or by what nearly every row shows. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from services.notices.audit.claims.tables.reading import Column, ReadTable, Row
from services.notices.audit.groups import DIVIDING
from services.notices.audit.solver import Equation, Form, Term


def rates(table: ReadTable) -> Iterator[list[Equation]]:
    """What columns of rates claim of others in each row."""
    counts = [column for column in table.columns if column.counts]
    printed = {formula.whole: formula for formula in table.formulas if formula.base is not None}
    for column in table.columns:
        if not column.rate:
            continue
        rows = [row for row in table.rows if column.number in row.figures]
        formula = printed.get(column.number)
        if formula is not None and formula.base is not None:
            made = _made(rows, column.number, tuple(number for number, _ in formula.terms), formula.base)
            failing = sum(not one.holds() for one in made)
            for one in made:
                one.certain = failing <= max(1, len(made) // 3)
                yield [one]
            continue
        best: list[Equation] = []
        most = -1
        for parts, base in _shares(column, counts):
            made = _made(rows, column.number, parts, base)
            held = sum(one.holds() for one in made)
            if made and held > most:
                best, most = made, held
        telling = {one.claimed.value for one in best if one.holds() and one.claimed.value not in (0, 100)}
        if len(best) - most > max(1, len(best) // 3) or (len(best) > most and (most * 2 <= len(best) or len(telling) < 2)):
            continue
        for one in best:
            yield [one]


def _made(rows: Sequence[Row], rate: int, parts: tuple[int, ...], base: int) -> list[Equation]:
    return [
        _share(row, rate, parts, base)
        for row in rows
        if base in row.figures and all(part in row.figures for part in parts) and row.figures[base].value
    ]


def _share(row: Row, rate: int, parts: tuple[int, ...], base: int) -> Equation:
    terms = tuple(Term(row.figures[part]) for part in parts)
    return Equation("rate", Form.ratio, Term(row.figures[rate]), terms, (Term(row.figures[base]),))


def _shares(column: Column, counts: Sequence[Column]) -> Iterator[tuple[tuple[int, ...], int]]:
    """Which columns a rate may be of, the most natural first."""
    before = [one for one in counts if one.number < column.number]
    by = {frozenset(one.meaning.items()): one.number for one in reversed(counts) if one.meaning}
    for dimension in DIVIDING:
        if dimension in column.meaning:
            rest = frozenset((name, value) for name, value in column.meaning.items() if name != dimension)
            part, base = by.get(frozenset(column.meaning.items())), by.get(rest)
            if part is not None and base is not None:
                yield (part,), base
    for part_column, base_column in sorted(
        ((one, other) for one in counts for other in counts if one is not other),
        key=lambda pair: (abs(pair[0].number - column.number), pair[1].number),
    ):
        yield (part_column.number,), base_column.number
    for one, other in combinations(before[-6:], 2):
        for base_column in counts:
            if base_column not in (one, other):
                yield (one.number, other.number), base_column.number
