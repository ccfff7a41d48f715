"""Restatements: what moved in the figures of a period between two positions, by which dossiers and by which structure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from services.metrics.agencies.model import Group, Units
from services.metrics.agencies.service import Reach
from services.metrics.figures.comparisons import difference
from services.metrics.figures.kpis.algebra import CounterRow, added, value_of
from services.metrics.figures.query import KpiQuery, key_of_row
from services.metrics.figures.service import (
    QueryState,
    Result,
    ResultPage,
    context_of,
    figure_freshness,
    formulas_of,
    resolve_state,
)
from services.metrics.figures.store import sums
from services.metrics.provinces.store import batches
from services.metrics.restatements import store
from shared.contracts.keys import Scope
from shared.contracts.restatements import (
    AtPosition,
    CountedAt,
    KnownFigure,
    MovedDossier,
    MovedDossierPage,
    MovedFigure,
    MovedRow,
    MovedTotal,
    MoveReason,
    Restatement,
    StructureChange,
)
from shared.database import Connection
from shared.errors import Invalid, NotFound

ReachAt = Callable[[Connection, int], Awaitable[Reach]]
"""The units of the province as they were known at a position, and those that the key may see."""


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two positions, and the structure of agencies that was known there."""

    position: int
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


async def restatement(tx: Connection, query: KpiQuery, reach_at: ReachAt, after: int, upto: int | None) -> Result[Restatement]:
    """What moved in a period between two positions: per KPI and agency, before and after, each by the structure known there.

    Each side is what `GET /v1/kpis` gives as of that position. An agency that is permitted at one of them only has no row.
    """
    at = await resolve_state(tx, query)
    first, last = await _between(tx, query.province, at, after, upto)
    sides = [_Side(position, *await reach_at(tx, position)) for position in (first, last)]
    (earlier, before), (scope, later) = _scopes(query, sides)
    counter_query = sums.CounterQuery(query.province, sorted(before | later), query.period, "agency")
    old = await sums.as_of(tx, counter_query, first)
    booked = await sums.booked(tx, counter_query, first, last)
    new = {number: added(row[number] for row in (old, booked) if number in row) for number in old.keys() | booked.keys()}
    rows = []
    for group in _groups(query, sides, (earlier, scope)):
        inside = [side.members(query, group.scope) for side in sides]
        if inside[0] is None or inside[1] is None:
            continue
        moves = _moves(query, (group, group), (inside[0], inside[1]), old, new, first, last)
        if moves:
            unit = group.unit
            rows.append(MovedRow(agency=unit.agency, code=unit.code, name=unit.name, kind=unit.kind, kpis=moves))
    found = Restatement(
        **context_of(query, scope, at),
        after=CountedAt(first, await batches.applied_at(tx, query.province, first)),
        upto=CountedAt(last, await batches.applied_at(tx, query.province, last)),
        total=MovedTotal(_moves(query, (earlier, scope), (before, later), old, new, first, last)),
        rows=rows,
        structure_change=_structure_change(*sides),
        freshness=figure_freshness(
            at, key_of_row(query, last, scope.scope), added(new[number] for number in later if number in new)
        ),
    )
    return Result(found, at.province.revision)


def _scopes(query: KpiQuery, sides: Sequence[_Side]) -> list[tuple[Group, frozenset[int]]]:
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


def _groups(query: KpiQuery, sides: Sequence[_Side], scopes: Sequence[Group]) -> list[Group]:
    """The rows of both positions, those of the later one first; where both structures are one, they are the same."""
    found = {str(group.scope): group for group in sides[1].rows(query, scopes[1])}
    if sides[0].units is not sides[1].units:
        for group in sides[0].rows(query, scopes[0]):
            found.setdefault(str(group.scope), group)
    return list(found.values())


def _structure_change(before: _Side, after: _Side) -> StructureChange | None:
    if before.units is after.units:
        return None
    old, new = ({one.agency: one for one in side.units.listed(side.permitted)} for side in (before, after))
    changed = sorted(key for key in old.keys() & new.keys() if old[key] != new[key])
    found = StructureChange(sorted(new.keys() - old.keys()), sorted(old.keys() - new.keys()), changed)
    return found if found.added or found.removed or found.changed else None


async def _between(tx: Connection, province: str, at: QueryState, after: int, upto: int | None) -> tuple[int, int]:
    last = at.position if upto is None else await batches.batch_at(tx, province, upto)
    first = await batches.batch_at(tx, province, after)
    if first > last:
        raise Invalid(f"A restatement goes from an earlier to a later position; {first} is after {last}.")
    return first, last


def _moves(
    query: KpiQuery,
    groups: tuple[Group, Group],
    inside: tuple[frozenset[int], frozenset[int]],
    old: Mapping[int, CounterRow],
    new: Mapping[int, CounterRow],
    first: int,
    last: int,
) -> dict[str, MovedFigure]:
    """The figures that moved; `groups` and `inside`: the row and its units, before and after."""

    def total(counters: Mapping[int, CounterRow], members: frozenset[int]) -> CounterRow:
        return added(counters[number] for number in members if number in counters)

    formulas = formulas_of(query.kpis)
    # What would be known at the later position by the structure of the earlier one lies between the two.
    states = total(old, inside[0]), total(new, inside[0]), total(new, inside[1])
    counts = [formulas.counts(state) for state in states]
    around = [key_of_row(query, position, group.scope).around() for group, position in zip(groups, (first, last), strict=True)]
    moves = {}
    for number, kpi in enumerate(query.kpis):
        sides = [(one[2 * number], one[2 * number + 1]) for one in counts]
        before, between, later = ((*pair, value_of(kpi, state, *pair)) for pair, state in zip(sides, states, strict=True))
        if before == later:
            continue
        reasons: list[MoveReason] = []
        if before != between:
            reasons.append("dossiers")
        if between != later:
            reasons.append("structure")
        moves[kpi.id] = MovedFigure(
            KnownFigure(before[0], before[1], before[2], kpi.rule.join(around[0])),
            KnownFigure(later[0], later[1], later[2], kpi.rule.join(around[1])),
            difference(kpi, later[2], before[2]),
            kpi.rule,
            reasons,
            difference(kpi, later[2], between[2]) if between != later else None,
        )
    return moves


async def restated_dossiers(
    tx: Connection,
    query: KpiQuery,
    reach_at: ReachAt,
    after: int,
    upto: int | None,
    *,
    denominator: bool,
    after_number: int,
    limit: int,
) -> ResultPage[MovedDossierPage, int]:
    """The dossiers that moved one KPI of a scope between two positions, with what each contributed before and after.

    Those too that have no new version and are inside or outside since the structure is another.
    """
    (kpi,) = query.kpis
    at = await resolve_state(tx, query)
    first, last = await _between(tx, query.province, at, after, upto)
    side = kpi.denominator if denominator else kpi.numerator
    if side is None:
        raise NotFound(f"{kpi.id} is a count: it has a numerator only.")
    sides = [_Side(position, *await reach_at(tx, position)) for position in (first, last)]
    (_, before), (scope, later) = _scopes(query, sides)
    found = await store.moved(
        tx, query.province, (sorted(before), sorted(later)), side, query.period, first, last,
        procedure=None, after_number=after_number, limit=limit + 1,
    )  # fmt: skip
    page = found[:limit]
    moved = MovedDossierPage(
        **context_of(query, scope, at),
        kpi=kpi.id,
        part="denominator" if denominator else "numerator",
        after=AtPosition(first),
        upto=AtPosition(last),
        dossiers=[
            MovedDossier(
                number=row.number,
                code=row.code,
                before=row.before,
                after=row.after,
                position=row.position,
                reason="dossiers" if row.position > first else "structure",
                agency_before=sides[0].units.seen(row.agency_before, sides[0].permitted),
                agency_after=sides[1].units.seen(row.agency_after, sides[1].permitted),
            )
            for row in page
        ],
        next_cursor=None,
    )
    return ResultPage(moved, at.province.revision, page[-1].number if len(found) > limit else None)
