"""Restatements: what the batches between two positions changed in the figures of a period, and by which dossiers."""

from __future__ import annotations

from services.metrics.agencies.model import Group, Units
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
from shared.contracts.restatements import (
    AtPosition,
    CountedAt,
    KnownFigure,
    MovedDossier,
    MovedDossierPage,
    MovedFigure,
    MovedRow,
    MovedTotal,
    Restatement,
)
from shared.database import Connection
from shared.errors import Invalid, NotFound


async def restatement(
    tx: Connection, query: KpiQuery, units: Units, permitted: frozenset[int] | None, after: int, upto: int | None
) -> Result[Restatement]:
    """What the batches between two positions moved in a period: per KPI and agency, before and after."""
    at = await resolve_state(tx, query)
    first, last = await _between(tx, query.province, at, after, upto)
    scope = units.scope(query.scope, query.period.until, query.structure_on, permitted)
    counter_query = sums.CounterQuery(query.province, sorted(scope.members), query.period, "agency")
    booked = await sums.booked(tx, counter_query, first, last)
    old = await sums.as_of(tx, counter_query, first)
    rows, total_old, total_new = [], [], []
    for group in units.rows(scope, query.level, query.period.since, query.period.until, query.structure_on):
        then = added(old[number] for number in group.members if number in old)
        now = added([then, *(booked[number] for number in group.members if number in booked)])
        total_old.append(then)
        total_new.append(now)
        moves = _moves(query, group, then, now, first, last)
        if moves:
            unit = group.unit
            rows.append(MovedRow(agency=unit.agency, code=unit.code, name=unit.name, kind=unit.kind, kpis=moves))
    found = Restatement(
        **context_of(query, scope, at),
        after=CountedAt(first, await batches.applied_at(tx, query.province, first)),
        upto=CountedAt(last, await batches.applied_at(tx, query.province, last)),
        total=MovedTotal(_moves(query, scope, added(total_old), added(total_new), first, last)),
        rows=rows,
        freshness=figure_freshness(at, key_of_row(query, last, scope.scope), added(total_new)),
    )
    return Result(found, at.province.revision)


async def _between(tx: Connection, province: str, at: QueryState, after: int, upto: int | None) -> tuple[int, int]:
    last = at.position if upto is None else await batches.batch_at(tx, province, upto)
    first = await batches.batch_at(tx, province, after)
    if first > last:
        raise Invalid(f"A restatement goes from an earlier to a later position; {first} is after {last}.")
    return first, last


def _moves(query: KpiQuery, group: Group, then: CounterRow, now: CounterRow, first: int, last: int) -> dict[str, MovedFigure]:
    formulas = formulas_of(query.kpis)
    old, new = formulas.counts(then), formulas.counts(now)
    sides = [key_of_row(query, position, group.scope).around() for position in (first, last)]
    moves = {}
    for number, kpi in enumerate(query.kpis):
        pair = slice(2 * number, 2 * number + 2)
        if old[pair] == new[pair] and (kpi.percentile is None or value_of(kpi, then, None, 1) == value_of(kpi, now, None, 1)):
            continue
        before_value, after_value = value_of(kpi, then, *old[pair]), value_of(kpi, now, *new[pair])
        moves[kpi.id] = MovedFigure(
            KnownFigure(old[pair][0], old[pair][1], before_value, kpi.rule.join(sides[0])),
            KnownFigure(new[pair][0], new[pair][1], after_value, kpi.rule.join(sides[1])),
            difference(kpi, after_value, before_value),
            kpi.rule,
        )
    return moves


async def restated_dossiers(
    tx: Connection,
    query: KpiQuery,
    units: Units,
    permitted: frozenset[int] | None,
    after: int,
    upto: int | None,
    *,
    denominator: bool,
    after_number: int,
    limit: int,
) -> ResultPage[MovedDossierPage, int]:
    """The dossiers that moved one KPI of a scope between two positions, with what each contributed before and after."""
    (kpi,) = query.kpis
    at = await resolve_state(tx, query)
    first, last = await _between(tx, query.province, at, after, upto)
    scope = units.scope(query.scope, query.period.until, query.structure_on, permitted)
    side = kpi.denominator if denominator else kpi.numerator
    if side is None:
        raise NotFound(f"{kpi.id} is a count: it has a numerator only.")
    found = await store.moved(
        tx, query.province, sorted(scope.members), side, query.period, first, last,
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
                agency_before=units.seen(row.agency_before, permitted),
                agency_after=units.seen(row.agency_after, permitted),
            )
            for row in page
        ],
        next_cursor=None,
    )
    return ResultPage(moved, at.province.revision, page[-1].number if len(found) > limit else None)
