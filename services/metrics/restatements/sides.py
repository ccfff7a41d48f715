"""Two states of a province beside each other, each with its structure of agencies: what of the figures is another. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.metrics.agencies.model import Group, Units
from services.metrics.figures.comparisons import difference
from services.metrics.figures.kpis.algebra import CounterRow, Kpi, added, value_of
from services.metrics.figures.query import KpiQuery
from services.metrics.figures.service import formulas_of
from shared.contracts.comparisons import Difference
from shared.contracts.keys import Scope
from shared.contracts.restatements import MoveReason, StructureChange
from shared.errors import NotFound

Counts = tuple[int | None, int | None, float | int | None]
"""Numerator, denominator and value of a figure."""


class Move(NamedTuple):
    """A figure that is another on the later side."""

    kpi: Kpi
    before: Counts
    after: Counts
    difference: Difference | None
    reasons: list[MoveReason]
    by_structure: Difference | None


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two positions, and the structure of agencies that was known there."""

    position: int
    """Of the feed; that of the figures which are compared."""
    units: Units
    permitted: frozenset[int] | None

    def members(self, query: KpiQuery, scope: Scope) -> frozenset[int] | None:
        """The units that a figure of the scope opens to at this position; None: it is not there, or not permitted."""
        try:
            return self.units.members(scope, query.period.until, query.structure_on, self.permitted)
        except NotFound:
            return None

    def scope(self, query: KpiQuery) -> Group | None:
        """The scope of the query; None where its codes name nothing at this position."""
        try:
            return self.units.scope(query.scope, query.period.until, query.structure_on, self.permitted)
        except NotFound:
            return None

    def rows(self, query: KpiQuery, scope: Group) -> list[Group]:
        """The rows of a table at this position."""
        return self.units.rows(scope, query.level, query.period.since, query.period.until, query.structure_on)


def scopes_of(query: KpiQuery, sides: Sequence[Side]) -> list[tuple[Group, frozenset[int]]]:
    """The scope of the query and its units, at both positions; raises `NotFound` where its codes name nothing at either.

    Where they name nothing at one of them, it is what the units of the other one are there.
    """
    found = [side.scope(query) for side in sides]
    named = found[1] or found[0]
    if named is None:
        last = sides[1]
        named = last.units.scope(query.scope, query.period.until, query.structure_on, last.permitted)
    return [
        (group, group.members) if group is not None else (named, side.members(query, named.scope) or frozenset())
        for side, group in zip(sides, found, strict=True)
    ]


def groups_of(query: KpiQuery, sides: Sequence[Side], scopes: Sequence[Group]) -> list[Group]:
    """The rows of both positions, those of the later one first; where both structures are one, they are the same."""
    found = {str(group.scope): group for group in sides[1].rows(query, scopes[1])}
    if sides[0].units is not sides[1].units:
        for group in sides[0].rows(query, scopes[0]):
            found.setdefault(str(group.scope), group)
    return list(found.values())


def structure_change(before: Side, after: Side) -> StructureChange | None:
    """How the list of agencies of the later side differs; None: it does not."""
    if before.units is after.units:
        return None
    old, new = ({one.agency: one for one in side.units.listed(side.permitted)} for side in (before, after))
    changed = sorted(key for key in old.keys() & new.keys() if old[key] != new[key])
    found = StructureChange(sorted(new.keys() - old.keys()), sorted(old.keys() - new.keys()), changed)
    return found if found.added or found.removed or found.changed else None


def moves_of(
    query: KpiQuery,
    inside: tuple[frozenset[int], frozenset[int]],
    old: Mapping[int, CounterRow],
    new: Mapping[int, CounterRow],
) -> Iterator[Move]:
    """The figures of a row that moved; `inside`: its units before and after."""

    def total(counters: Mapping[int, CounterRow], members: frozenset[int]) -> CounterRow:
        return added(counters[number] for number in members if number in counters)

    # What would be known at the later position by the structure of the earlier one lies between the two.
    yield from moves_between(query, total(old, inside[0]), total(new, inside[0]), total(new, inside[1]))


def moves_between(query: KpiQuery, *states: CounterRow) -> Iterator[Move]:
    """The figures that moved between three states: before, with other dossiers, and with another structure too."""
    formulas = formulas_of(query.kpis)
    counts = [formulas.counts(state) for state in states]
    for number, kpi in enumerate(query.kpis):
        before, between, later = (
            _counts(kpi, state, one[2 * number], one[2 * number + 1]) for state, one in zip(states, counts, strict=True)
        )
        if before == later:
            continue
        reasons: list[MoveReason] = []
        if before != between:
            reasons.append("dossiers")
        if between != later:
            reasons.append("structure")
        by_structure = difference(kpi, later[2], between[2]) if between != later else None
        yield Move(kpi, before, later, difference(kpi, later[2], before[2]), reasons, by_structure)


def _counts(kpi: Kpi, row: CounterRow, numerator: int | None, denominator: int | None) -> Counts:
    # A percentile is no quotient, so it has no numerator.
    value = value_of(kpi, row, numerator, denominator)
    return None if kpi.percentile is not None else numerator, denominator, value
