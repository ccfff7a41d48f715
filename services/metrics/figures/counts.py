"""What figures are summed of: the counts of each day and agency, so that others can recompute them."""

from __future__ import annotations

from collections import Counter

from services.metrics.agencies.model import Group, Units
from services.metrics.counting.measures import STOCKS
from services.metrics.figures.kpis.algebra import EMPTY, CounterRow, Kpi, When, added, defined
from services.metrics.figures.query import KpiQuery, key_of_row
from services.metrics.figures.service import (
    Result,
    columns_of,
    context_of,
    figure_freshness,
    formulas_of,
    resolve_state,
    rows_of,
)
from services.metrics.figures.store import days as days_store
from services.metrics.figures.store import sums
from shared.contracts.counts import MAX_COUNTED_DAYS, AgencyCounts, CountsByDay, DailyCounts, Formula
from shared.database import Connection
from shared.errors import Invalid


async def counts_by_day(tx: Connection, query: KpiQuery, units: Units, permitted: frozenset[int] | None) -> Result[CountsByDay]:
    """The response of `GET /v1/kpis/counts`; needs a transaction as `service.compute_kpis`."""
    if query.period.days > MAX_COUNTED_DAYS:
        days = f"The period has {query.period.days} days; counts are given of at most {MAX_COUNTED_DAYS}"
        raise Invalid(f"{days}. Take a shorter period.")
    at = await resolve_state(tx, query)
    scope = units.scope(query.scope, query.period.until, query.structure_on, permitted)
    kpis = tuple(kpi for kpi in query.kpis if kpi.percentile is None)
    columns = formulas_of(kpis).columns
    names = tuple(sorted({name for when, name in columns if when is not When.manual_input}))
    entered = tuple(sorted({name for when, name in columns if when is When.manual_input}))
    members = sorted(scope.members)
    counter_query = sums.CounterQuery(query.province, members, query.period, "agency", columns=columns_of(kpis))
    rows = await rows_of(tx, counter_query, at)
    counted = (
        await days_store.by_day(tx, query.province, members, query.period, names, None if at.is_current else at.position)
        if names
        else {}
    )

    def made(group: Group) -> AgencyCounts:
        row = added([rows[number] for number in group.members if number in rows] or [EMPTY])
        daily = [counted[number] for number in group.members if number in counted]
        measures = {name: _merged(name, row, [one[name] for one in daily if name in one]) for name in names}
        inputs = {name: row.manual_input(name) for name in entered}
        return AgencyCounts(
            agency=group.unit.agency,
            code=group.unit.code,
            name=group.unit.name,
            kind=group.unit.kind,
            measures={name: one for name, one in measures.items() if one.before or one.days},
            manual_inputs={name: amount for name, amount in inputs.items() if amount},
        )

    groups = units.rows(scope, None, query.period.since, query.period.until, query.structure_on)
    found = CountsByDay(
        **context_of(query, scope, at),
        formulas=[_formula(kpi) for kpi in kpis],
        rows=[row for group in groups if _is_listed(row := made(group), group, query, units)],
        freshness=figure_freshness(at, key_of_row(query, at.position, scope.scope), added(rows.values())),
    )
    return Result(found, at.province.revision)


def _is_listed(row: AgencyCounts, group: Group, query: KpiQuery, units: Units) -> bool:
    return bool(row.measures or row.manual_inputs) or units.is_expected(group, query.period.since, query.period.until)


def _merged(name: str, row: CounterRow, members: list[days_store.Days]) -> DailyCounts:
    """A measure of a row: mostly of one agency, and of several where they were merged."""
    before = row.at_start(name) if name in STOCKS else 0
    if len(members) == 1:
        return DailyCounts(before, *members[0])
    total: Counter[int] = Counter()
    for days, counts in members:
        total.update(dict(zip(days, counts, strict=True)))
    moved = sorted((day, count) for day, count in total.items() if count)
    return DailyCounts(before, [day for day, _ in moved], [count for _, count in moved])


def _formula(kpi: Kpi) -> Formula:
    shown = defined(kpi)
    return Formula(shown.rule, shown.numerator, shown.denominator, shown.stated, shown.among)
