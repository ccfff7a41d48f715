"""Restatements: what moved in the figures of a period between two positions, by which dossiers and by which structure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from services.metrics.agencies.model import Group
from services.metrics.agencies.service import Reach
from services.metrics.figures.kpis.algebra import EMPTY, CounterRow, added
from services.metrics.figures.query import KpiQuery, key_of_row
from services.metrics.figures.service import (
    QueryState,
    Result,
    ResultPage,
    columns_of,
    context_of,
    figure_freshness,
    resolve_state,
)
from services.metrics.figures.store import sums
from services.metrics.provinces.store import batches
from services.metrics.restatements.changes import changes_of, sums_of
from services.metrics.restatements.sides import Side, groups_of, moves_of, scopes_of, structure_change
from services.metrics.restatements.store import changes as changes_store
from services.metrics.restatements.store import dossiers as dossiers_store
from shared.contracts.restatements import (
    AtPosition,
    ChangedRow,
    ChangedTotal,
    CountedAt,
    KnownFigure,
    MovedDossier,
    MovedDossierPage,
    MovedFigure,
    MovedRow,
    MovedTotal,
    Restatement,
    RestatementChanges,
)
from shared.database import Connection
from shared.errors import Invalid, NotFound

ReachAt = Callable[[Connection, int], Awaitable[Reach]]
"""The units of the province as they were known at a position, and those that the key may see."""


async def restatement(tx: Connection, query: KpiQuery, reach_at: ReachAt, after: int, upto: int | None) -> Result[Restatement]:
    """What moved in a period between two positions: per KPI and agency, before and after, each by the structure known there.

    Each side is what `GET /v1/kpis` gives as of that position. An agency that is permitted at one of them only has no row.
    """
    at = await resolve_state(tx, query)
    first, last = await _between(tx, query.province, at, after, upto)
    sides = [Side(position, *await reach_at(tx, position)) for position in (first, last)]
    (earlier, before), (scope, later) = scopes_of(query, sides)
    counter_query = sums.CounterQuery(query.province, sorted(before | later), query.period, "agency")
    old = await sums.as_of(tx, counter_query, first)
    booked = await sums.booked(tx, counter_query, first, last)
    new = {number: added(row[number] for row in (old, booked) if number in row) for number in old.keys() | booked.keys()}
    rows = []
    for group in groups_of(query, sides, (earlier, scope)):
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
        structure_change=structure_change(*sides),
        freshness=figure_freshness(
            at, key_of_row(query, last, scope.scope), added(new[number] for number in later if number in new)
        ),
    )
    return Result(found, at.province.revision)


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
    around = [key_of_row(query, position, group.scope).around() for group, position in zip(groups, (first, last), strict=True)]
    return {
        move.kpi.id: MovedFigure(
            KnownFigure(*move.before, move.kpi.rule.join(around[0])),
            KnownFigure(*move.after, move.kpi.rule.join(around[1])),
            move.difference,
            move.kpi.rule,
            move.reasons,
            move.by_structure,
        )
        for move in moves_of(query, inside, old, new)
    }


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
    sides = [Side(position, *await reach_at(tx, position)) for position in (first, last)]
    (_, before), (scope, later) = scopes_of(query, sides)
    found = await dossiers_store.moved(
        tx, query.province, (sorted(before), sorted(later)), side, query.period, first, last,
        procedure=None, after_number=after_number, limit=limit + 1,
    )  # fmt: skip
    page = found[:limit]
    counter_query = sums.CounterQuery(query.province, sorted(later), query.period, columns=columns_of(query.kpis))
    total = (await sums.as_of(tx, counter_query, last)).get(0, EMPTY)
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
        freshness=figure_freshness(at, key_of_row(query, last, scope.scope), total),
    )
    return ResultPage(moved, at.province.revision, page[-1].number if len(found) > limit else None)


async def changes(
    tx: Connection, query: KpiQuery, reach_at: ReachAt, after: int, upto: int | None
) -> Result[RestatementChanges]:
    """By which kinds of dossiers figures moved between two positions: in total, by agency, by interlinked procedure."""
    at = await resolve_state(tx, query)
    first, last = await _between(tx, query.province, at, after, upto)
    sides = [Side(position, *await reach_at(tx, position)) for position in (first, last)]
    (earlier, before), (scope, later) = scopes_of(query, sides)
    groups = []
    for group in groups_of(query, sides, (earlier, scope)):
        inside = [side.members(query, group.scope) for side in sides]
        if inside[0] is not None and inside[1] is not None:
            groups.append((group, (inside[0], inside[1])))
    found = await changes_store.changes(
        tx, query.province, (sorted(before), sorted(later)), sums_of(query.kpis), query.period, first, last
    )
    effects = changes_of(query.kpis, found, (before, later), groups)
    counter_query = sums.CounterQuery(query.province, sorted(later), query.period, columns=columns_of(query.kpis))
    total = (await sums.as_of(tx, counter_query, last)).get(0, EMPTY)
    response = RestatementChanges(
        **context_of(query, scope, at),
        after=AtPosition(first),
        upto=AtPosition(last),
        dossiers=effects.dossiers,
        total=ChangedTotal(effects.total),
        rows=[
            ChangedRow(agency=unit.agency, code=unit.code, name=unit.name, kind=unit.kind, kpis=kpis)
            for unit, kpis in ((group.unit, kpis) for group, kpis in effects.rows)
        ],
        procedures={code: ChangedTotal(kpis) for code, kpis in effects.procedures.items()},
        freshness=figure_freshness(at, key_of_row(query, last, scope.scope), total),
    )
    return Result(response, at.province.revision)
