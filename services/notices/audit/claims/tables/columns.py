"""Columns that are made up of others: by printed formulas, by their headings, by their meaning, by what every row shows. Pure.

The less is said of it, the more rows have to agree. What does not hold where the columns' own sums hold is no slip: then the
columns mean something else, and nothing is claimed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from itertools import combinations, groupby
from typing import NamedTuple

from services.notices.audit.claims.slips import mends_exchange
from services.notices.audit.claims.tables.reading import Column, ReadTable, Row
from services.notices.audit.groups import DIVIDING
from services.notices.audit.solver import Equation, Form, Term
from services.notices.audit.vocabulary import vocabulary
from services.notices.quantities.exact import Fraction

_INCLUDED = re.compile(r"^\W*(?:trong đó|chia ra|gồm|bao gồm|trong tổng số)\b", re.IGNORECASE)
OF_ROWS = 3
"""Of so many rows one may have more in a part than in its whole and be wrong; of fewer the columns mean something else."""
_MANY = 20
"""Sums of smaller counts meet by chance."""


class Ground(Enum):
    """By what columns are known to belong together."""

    printed = 0
    meaning = 1
    heading = 2
    observed = 3


class Relation(NamedTuple):
    """A column and those that it is made up of, with their signs."""

    whole: int
    terms: tuple[tuple[int, int], ...]
    ground: Ground

    @property
    def columns(self) -> frozenset[int]:
        """All of them."""
        return frozenset((self.whole, *(column for column, _ in self.terms)))


def column_sums(table: ReadTable, slips: Mapping[int, frozenset[Fraction]]) -> Iterator[list[Equation]]:
    """What columns claim of others in each row; `slips`: by how much the sums of columns fail, by each
    column that has any."""
    seen: set[frozenset[int]] = set()
    wholes: set[tuple[int, bool]] = set()
    for relation in _relations(table):
        side = relation.whole, relation.terms[0][0] > relation.whole
        if relation.columns in seen or (relation.ground is Ground.observed and side in wholes):
            continue
        made = list(_equations(table, relation))
        sure = _is_claimed(table, relation, made, slips)
        if sure is None:
            continue
        seen.add(relation.columns)
        wholes.add(side)
        for _, one in made:
            one.certain = sure
            one.mistaken = sure and relation.ground is not Ground.observed
            yield [one]


def included(table: ReadTable) -> Iterator[list[Equation]]:
    """What a column `trong đó` counts is no more than the column it is taken from: the rows in which it is, where others keep
    to it."""
    counts = [column for column in table.columns if column.counts]
    for place, part in enumerate(counts):
        deep = next((number for number, heading in enumerate(part.path) if _INCLUDED.match(heading)), None)
        if deep is None or part.mean:
            continue
        over = [one for one in counts[:place] if not any(_INCLUDED.match(heading) for heading in one.path)]
        over = [one for one in over if one.path[:deep] == part.path[:deep] and one.period == part.period]
        if not over or over[-1].mean:
            continue
        whole = over[-1].number
        made = [
            Equation("bound", Form.at_least, Term(row.figures[whole]), (Term(row.figures[part.number]),))
            for row in table.rows
            if whole in row.figures and part.number in row.figures
        ]
        failing = [one for one in made if not one.holds()]
        if failing and len(failing) * OF_ROWS <= len(made):
            yield from ([one] for one in failing)


def _relations(table: ReadTable) -> Iterator[Relation]:
    counts = [column for column in table.columns if column.counts]
    for formula in table.formulas:
        if formula.base is None:
            yield Relation(formula.whole, formula.terms, Ground.printed)
    for whole, parts in _by_meaning(counts):
        yield Relation(whole, tuple((part, 1) for part in parts), Ground.meaning)
    for whole, parts in _by_heading(table.columns, 0):
        yield Relation(whole, tuple((part, 1) for part in parts), Ground.heading)
    yield from _observed([column.number for column in counts])


def _equations(table: ReadTable, relation: Relation) -> Iterator[tuple[Row, Equation]]:
    """By row; a blank cell counts nothing, but a row of blanks claims nothing."""
    for row in table.rows:
        terms = tuple(Term(row.figures[column], sign) for column, sign in relation.terms if column in row.figures)
        if relation.whole in row.figures and terms:
            yield row, Equation("table", Form.total, Term(row.figures[relation.whole]), terms)


def _is_blank_whole(table: ReadTable, relation: Relation) -> bool:
    """Whether a row has parts, but no whole."""
    return any(
        relation.whole not in row.figures
        and any(column in row.figures and row.figures[column].value for column, _ in relation.terms)
        for row in table.rows
    )


def _is_claimed(
    table: ReadTable, relation: Relation, made: Sequence[tuple[Row, Equation]], slips: Mapping[int, frozenset[Fraction]]
) -> bool | None:
    """Whether rows that fail are wrong; None where nothing is claimed."""
    failing = [(row, one) for row, one in made if not one.holds()]
    ground = relation.ground
    few = len(failing) < 2 or len(failing) * 5 <= len(made) * 2
    if not made or ground is Ground.printed:
        return few if made else None
    if len(made) < 3:
        filled = sum(relation.whole in row.figures for row in table.rows)
        return True if not failing or (ground is Ground.meaning and filled < 3) else None
    if not few or (ground is Ground.observed and (_evidence(made) < 2 or _is_blank_whole(table, relation))):
        return None
    if not failing:
        return True
    if _is_explained(table, relation, made):
        return None
    beyond = all(_off(one) > 0 for _, one in failing)
    if relation.columns & slips.keys():
        slip = _are_slips(relation, failing, slips)
        return slip or (beyond if ground is Ground.meaning else None)
    if ground is Ground.observed and (len(failing) > 2 or not _are_neighbours(table, relation)):
        return None
    exchanged = len(failing) == 1 and len(made) > 2 and mends_exchange(failing[0][1])
    return beyond or exchanged or (False if ground is Ground.meaning else None)


def _are_neighbours(table: ReadTable, relation: Relation) -> bool:
    """Whether the parts stand side by side next to their whole."""
    numbers = [column.number for column in table.columns if column.counts]
    places = sorted(numbers.index(column) for column in relation.columns)
    return (
        relation.whole in (min(relation.columns), max(relation.columns))
        and places[-1] - places[0] == len(places) - 1
        and all(sign > 0 for _, sign in relation.terms)
    )


def _off(equation: Equation) -> Fraction:
    """By how much the parts exceed their whole."""
    return sum((term.value * term.factor for term in equation.terms), Fraction(0)) - equation.claimed.value


def _are_slips(relation: Relation, failing: Sequence[tuple[Row, Equation]], slips: Mapping[int, frozenset[Fraction]]) -> bool:
    """Whether the columns' own sums are off by what the rows are off. Where they add up though rows do not, the columns mean
    something else.
    """
    known = {abs(one) for column in relation.columns for one in slips.get(column, ())}
    plain = sum((_off(one) for row, one in failing if not row.total), Fraction(0))
    return all(abs(_off(one)) in known for _, one in failing) or abs(plain) in known


def _evidence(made: Sequence[tuple[Row, Equation]]) -> Fraction:
    """How many rows tell of a sum: more than one part, and of many."""
    counted: set[tuple[Fraction, ...]] = set()
    out = Fraction(0)
    for row, one in made:
        values = tuple(term.value for term in one.terms)
        if row.total or not one.holds() or values in counted or sum(value > 0 for value in values) < 2:
            continue
        counted.add(values)
        out += 1 if max(values) >= _MANY else Fraction(1, 2)
    return out


def _is_explained(table: ReadTable, relation: Relation, made: Sequence[tuple[Row, Equation]]) -> bool:
    """Whether fewer than half of the rows fail as soon as one more column is added or taken away."""
    failing = sum(not one.holds() for _, one in made)
    signs = {column: (-sign,) for column, sign in relation.terms} if len(relation.terms) > 2 else {}
    for column in table.columns:
        if not column.counts or column.number == relation.whole:
            continue
        if column.number in relation.columns and column.number not in signs:
            continue
        for sign in signs.get(column.number, (1, -1)):
            left = sum(
                _off(one) + sign * (row.figures[column.number].value if column.number in row.figures else 0) != 0
                for row, one in made
            )
            if left * 2 < failing:
                return True
    return False


def _by_meaning(counts: Sequence[Column]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """A column and those whose meanings are all that there are of it."""
    by_meaning: dict[tuple[str, frozenset[tuple[str, str]]], int] = {}
    for column in counts:
        if column.meaning:
            by_meaning.setdefault((column.period, frozenset(column.meaning.items())), column.number)
    seen: set[tuple[int, tuple[int, ...]]] = set()
    for column in counts:
        for dimension in (*DIVIDING, "stage", "progress"):
            name = "stage" if dimension == "progress" else dimension
            rest = {key: value for key, value in column.meaning.items() if key != name}
            best: tuple[int, ...] = ()
            for values in vocabulary().complete.get(dimension, ()):
                options = [by_meaning.get((column.period, frozenset({**rest, name: value}.items()))) for value in values]
                if all(option is not None for option in options) and len(options) > len(best):
                    best = tuple(sorted(option for option in options if option is not None))
            if not best or column.number not in best:
                continue
            stages = ("handled", "received", "") if name == "stage" else (rest.get("stage", ""),)
            for stage in stages:
                wanted = {**rest, "stage": stage} if stage else rest
                whole = by_meaning.get((column.period, frozenset(wanted.items())))
                if whole is not None and whole not in best and (whole, best) not in seen:
                    seen.add((whole, best))
                    yield whole, best
                    break


def _by_heading(columns: Sequence[Column], depth: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Under one heading, a total and what stands beside it; and a column with what is named below `trong đó`."""
    groups = _children(columns, depth)
    before: tuple[int, ...] = ()
    for group in groups:
        parts = _representing(group, depth + 1)
        if _INCLUDED.match(_heading(group[0], depth)) and len(group) > 1:
            inside = tuple(column.number for column in group if column.counts)
            if len(before) == 1 and len(inside) > 1:
                yield before[0], inside
            continue
        before = parts
        if len(group) > 1:
            yield from _by_heading(group, depth + 1)
    if depth == 0:
        return
    for whole in (groups[0], groups[-1]):
        if len(whole) == 1 and whole[0].total and whole[0].counts:
            inside = tuple(
                number
                for group in groups
                if group is not whole and not _INCLUDED.match(_heading(group[0], depth))
                for number in _representing(group, depth + 1)
            )
            if len(inside) > 1:
                yield whole[0].number, inside


def _heading(column: Column, depth: int) -> str:
    return column.path[depth] if depth < len(column.path) else ""


def _children(columns: Sequence[Column], depth: int) -> list[list[Column]]:
    """Columns by the heading at a depth; those whose headings end there stand alone."""
    out: list[list[Column]] = []
    for _, run in groupby(columns, lambda column: _heading(column, depth)):
        some = list(run)
        deeper = all(len(column.path) > depth + 1 for column in some)
        out += [some] if deeper else [[column] for column in some]
    return out


def _representing(group: Sequence[Column], depth: int) -> tuple[int, ...]:
    """The columns that together count what a heading counts."""
    if len(group) == 1:
        return (group[0].number,) if group[0].counts else ()
    children = _children(group, depth)
    for child in children:
        if len(child) == 1 and child[0].total and child[0].counts:
            return (child[0].number,)
    return tuple(
        number
        for child in children
        if not _INCLUDED.match(_heading(child[0], depth))
        for number in _representing(child, depth + 1)
    )


def _observed(numbers: Sequence[int]) -> Iterator[Relation]:
    """Columns that may add up: neighbours first, then balances, then any two."""
    for position, whole in enumerate(numbers):
        runs = [numbers[position + 1 : position + 1 + many] for many in range(12, 1, -1)]
        runs += [numbers[max(0, position - many) : position] for many in range(12, 1, -1)]
        for run in runs:
            if len(run) > 1:
                yield Relation(whole, tuple((part, 1) for part in run), Ground.observed)
    for start in range(len(numbers) - 3):
        carried, new, done, left = numbers[start : start + 4]
        yield Relation(left, ((carried, 1), (new, 1), (done, -1)), Ground.observed)
    if len(numbers) <= 14:
        for whole in numbers:
            for one, other in combinations([number for number in numbers if number != whole], 2):
                yield Relation(whole, ((one, 1), (other, 1)), Ground.observed)
