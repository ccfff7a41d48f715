"""Columns of rates: of which columns they are, by printed formulas, or by what nearly every row shows. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from services.notices.audit.claims.slips import holds_exchanged
from services.notices.audit.claims.tables.reading import Column, ReadTable, Row
from services.notices.audit.groups import DIVIDING
from services.notices.audit.solver import Equation, Form, Term

_ENOUGH = 2
"""Rows that show a pair of columns which the heading of a rate names."""
_ALIKE = 4
"""Rates of several columns that show what the others are of."""
_MANY = 20
"""Shares of smaller counts meet by chance."""


def rates(table: ReadTable) -> Iterator[list[Equation]]:
    """What columns of rates claim of others in each row."""
    counts = [column for column in table.columns if column.counts]
    matches: list[tuple[int, list[Equation]]] = []
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
        named = _named(column, counts)
        if named is not None:
            made = _made(rows, column.number, (named[0],), named[1])
            if _is_meant(table, made):
                yield from ([one] for one in made)
                continue
        for parts, base in _shares(column, counts):
            made = _made(rows, column.number, parts, base)
            held = sum(one.holds() for one in made)
            if made and held > most:
                best, most = made, held
        if best:
            matches.append((column.number, best))
    for number, best in matches:
        if _is_claimed(table, best) or _has_alike_columns(number, best, matches):
            yield from ([one] for one in best)


def _named(column: Column, counts: Sequence[Column]) -> tuple[int, int] | None:
    """The part and the base that the heading of a rate names: `Tỷ lệ đúng hạn` beside `Đúng hạn` and `Tổng số`."""
    divided = {name for name in DIVIDING if name in column.meaning}
    parts = [one for one in counts if divided and all(one.meaning.get(name) == column.meaning[name] for name in divided)]
    bases = [one for one in counts if not any(name in one.meaning for name in DIVIDING) and not one.changes]
    return (parts[0].number, bases[0].number) if len(parts) == len(bases) == 1 else None


def _is_meant(table: ReadTable, made: Sequence[Equation]) -> bool:
    """Whether the rows show that the pair which a heading names is meant; some rows, since the words speak for it."""
    failing = sum(not one.holds() for one in made)
    telling = {one.claimed.value for one in made if one.holds() and one.claimed.value not in (0, 100)}
    return len(telling) >= _ENOUGH and failing <= len(made) - failing and not (failing and _is_explained(table, made))


def _is_claimed(table: ReadTable, made: Sequence[Equation]) -> bool:
    """Whether what nearly every row shows is meant for all: a base that is not printed shows in the sums of rows, too."""
    failing = [one for one in made if not one.holds()]
    telling = {
        one.claimed.value for one in made if one.holds() and one.claimed.value not in (0, 100) and one.base[0].value >= _MANY
    }
    if not failing:
        return True
    if len(failing) == 1 and len(telling) >= _ENOUGH and holds_exchanged(failing[0]):
        return True
    if len(failing) > max(1, len(made) // 3) or len(telling) < max(3, 2 * len(failing)) or _is_explained(table, made):
        return False
    sums = {row.number for row in table.rows if row.total or row.group}
    of_sums = [one for one in failing if one.claimed.figure.cell is not None and one.claimed.figure.cell[1] in sums]
    return len(failing) == 1 or not of_sums


def _has_alike_columns(number: int, made: Sequence[Equation], matches: Sequence[tuple[int, list[Equation]]]) -> bool:
    """Whether columns of rates beside, each of the count right before it and of one base, show what a column of few rows is."""
    alike = [one for other, rows in matches if _shape(other, rows) == _shape(number, made) is not None for one in rows]
    failing = [one for one in alike if not one.holds()]
    telling = {one.claimed.value for one in alike if one.holds() and one.claimed.value not in (0, 100)}
    rows = {one.claimed.figure.cell[1] for one in failing if one.claimed.figure.cell is not None}
    return len(alike) > len(made) and len(rows) == 1 and len(telling) >= max(_ALIKE, len(failing))


def _shape(number: int, made: Sequence[Equation]) -> tuple[int, int] | None:
    """How far before a column of rates its part stands, and which column is its base; None of several parts."""
    part, base = (one[0].figure.cell for one in (made[0].terms, made[0].base))
    return (number - part[2], base[2]) if len(made[0].terms) == 1 and part is not None and base is not None else None


def _is_explained(table: ReadTable, made: Sequence[Equation]) -> bool:
    """Whether all rows hold as soon as the base has one more column, or one less."""
    rows = {row.number: row for row in table.rows}
    for column in table.columns:
        for sign in (1, -1) if column.counts else ():
            if all(_with(one, rows, column.number, sign).holds() for one in made):
                return True
    return False


def _with(one: Equation, rows: dict[int, Row], column: int, sign: int) -> Equation:
    cell = one.claimed.figure.cell
    figure = rows[cell[1]].figures.get(column) if cell is not None else None
    base = one.base if figure is None else (*one.base, Term(figure, sign))
    return Equation("rate", Form.ratio, one.claimed, one.terms, base)


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
