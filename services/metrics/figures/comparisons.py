"""Figures beside others: as a series, against another period, ranked, and restated between two positions."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

from msgspec import UNSET

from services.metrics.agencies.model import Units
from services.metrics.figures import service as figures
from services.metrics.figures.kpis.algebra import CounterRow, Kpi, added, over_steps, rounded, unrounded
from services.metrics.figures.kpis.catalogue import BY_ID
from services.metrics.figures.query import KpiQuery, key_of_row
from services.metrics.figures.service import (
    Result,
    columns_of,
    context_from,
    context_of,
    figure_freshness,
    figures_of,
    formulas_of,
    period_of,
    resolve_state,
    rows_of,
)
from services.metrics.figures.store import sums
from services.metrics.periods import Against, Period, Step, before, steps
from services.metrics.provinces.completeness import together
from shared.contracts.comparisons import (
    ComparedFigure,
    ComparedRow,
    ComparedTotal,
    Comparison,
    Difference,
    Distance,
    Earlier,
    Point,
    RankedRow,
    Ranking,
    Series,
    UnrankedRow,
)
from shared.contracts.keys import Subtrees
from shared.contracts.kpis import Balance, KpiFigure, Kpis, Total, UnitRow
from shared.database import Connection
from shared.errors import Invalid

PER_CENT_DIGITS = 2
"""Digits after the point of a difference in per cent."""
MAX_STEPS = 800
"""Pieces of a series at most."""


async def series(tx: Connection, query: KpiQuery, units: Units, permitted: frozenset[int] | None, step: Step) -> Result[Series]:
    """KPIs of a scope, part by part of its period; stocks are those at the end of each part."""
    parts = list(steps(query.period, step))
    if len(parts) > MAX_STEPS:
        raise Invalid(f"That makes {len(parts)} parts; a series has at most {MAX_STEPS}. Take a longer step.")
    at = await resolve_state(tx, query)
    scope = units.scope(query.scope, query.period.until, query.structure_on, permitted)
    formulas = formulas_of(query.kpis)
    points: list[Point] = []
    all_rows: list[CounterRow] = []
    # What is below the scope is read on the last day of each part, as its figures are when they are opened: mostly the same.
    inside = groupby(parts, lambda part: units.members(scope.scope, part.until, query.structure_on, permitted))
    groups = [(members, list(some)) for members, some in inside]
    for members, some in groups:
        whole = Period(some[0].since, some[-1].until)
        counter_query = sums.CounterQuery(query.province, sorted(members), whole, columns=columns_of(query.kpis))
        rows = await sums.series(tx, counter_query, some, None if at.is_current else at.position)
        all_rows += rows
        points += [
            Point(period_of(part), figures_of(formulas, row, key_of_row(query.over(part), at.position, scope.scope)))
            for part, row in zip(some, rows, strict=True)
        ]
    counter_query = sums.CounterQuery(query.province, sorted(scope.members), query.period, columns=columns_of(query.kpis))
    same = [members for members, _ in groups] == [scope.members]
    total = over_steps(all_rows) if same else added((await rows_of(tx, counter_query, at)).values())
    found = Series(
        **context_of(query, scope, at),
        step=step,
        points=points,
        freshness=figure_freshness(at, key_of_row(query, at.position, scope.scope), total),
    )
    return Result(found, at.province.revision)


async def comparison(
    tx: Connection, query: KpiQuery, units: Units, permitted: frozenset[int] | None, against: Against
) -> Result[Comparison]:
    """KPIs of a scope and its agencies in two periods, and how they differ.

    AgencyList are compared like for like: both periods by the structure of the later one's last day, unless a day is named.
    """
    structure_on = query.structure_on
    if query.by == "agency" and structure_on is None:
        structure_on = query.period.until
    counter_query = replace(query, structure_on=structure_on)
    earlier_query = earlier(counter_query, against, units, permitted)
    result = await figures.compute_kpis(tx, counter_query, units, permitted)
    now = result.response
    then = (await figures.compute_kpis(tx, earlier_query, units, permitted)).response
    earlier_rows = {row.agency: row.kpis for row in then.rows}
    moved = structure_on is not None and any(
        old != new for old, new in units.structure.successions(structure_on).items() if _lived(units, old, earlier_query.period)
    )
    found = Comparison(
        **context_from(now),
        against=Earlier(against, then.period),
        like_for_like=moved,
        total=ComparedTotal(_compared(query.kpis, now.total.kpis, then.total.kpis)),
        rows=[
            ComparedRow(
                agency=row.agency,
                code=row.code,
                name=row.name,
                kind=row.kind,
                kpis=_compared(query.kpis, row.kpis, earlier_rows.get(row.agency)),
            )
            for row in now.rows
        ],
        balance=Balance(now.balance.ok and then.balance.ok, now.balance.breaks + then.balance.breaks),
        freshness=together(now.freshness, then.freshness),
    )
    return Result(found, result.revision)


def earlier(query: KpiQuery, against: Against, units: Units, permitted: frozenset[int] | None) -> KpiQuery:
    """The query for the period before, of the same units.

    A code is read on the last day of the later period: before a merger it was another unit's, or nobody's.
    """
    scope = units.scope(query.scope, query.period.until, query.structure_on, permitted).scope
    same = scope.units if isinstance(scope, Subtrees) else query.scope
    return replace(query.over(before(query.period, against)), scope=same)


def _lived(units: Units, key: str, period: Period) -> bool:
    unit = units.structure[key]
    return unit.valid_from <= period.until and (unit.valid_to is None or unit.valid_to > period.since)


def _compared(kpis: tuple[Kpi, ...], now: Kpis, then: Kpis | None) -> dict[str, ComparedFigure]:
    compared = {}
    for kpi in kpis:
        one, other = now[kpi.id], then[kpi.id] if then else None
        moved = difference(kpi, one.value, other.value if other else None)
        compared[kpi.id] = ComparedFigure(
            one.numerator, one.denominator, one.value, one.rule, one.figure, before=other, difference=moved
        )
    return compared


def difference(kpi: Kpi, now: float | None, then: float | None) -> Difference | None:
    """How a value moved: a share in percentage points, anything else absolutely and in per cent; None where one lacks.

    Of values as they are published, so that a reader finds the same.
    """
    if now is None or then is None:
        return None
    # In the last digit that is shown, so that the two values and their difference agree.
    shown = round(now * 10**kpi.digits), round(then * 10**kpi.digits)
    moved = shown[0] - shown[1]
    if kpi.unit == "share":
        return Difference(moved / 10**kpi.decimals, "points", UNSET)
    return Difference(
        moved / 10**kpi.digits if kpi.digits else moved, kpi.unit, rounded(100 * moved, shown[1], PER_CENT_DIGITS)
    )


async def ranking(
    tx: Connection, query: KpiQuery, units: Units, permitted: frozenset[int] | None, minimum: int
) -> Result[Ranking]:
    """The agencies of a scope in the order of one KPI, the better first; equals share a rank, and the next one is left out.

    An agency whose base (the denominator; of a count, the dossiers to handle) is below `minimum` has no rank: see `unranked`.
    """
    (kpi,) = query.kpis
    if kpi.better is None:
        raise Invalid(
            f"{kpi.id} has no better direction, so nobody can be ranked by it. Choose one that has (see the catalogue)."
        )
    result = await figures.compute_kpis(tx, replace(query, by="agency", kpis=(kpi, BY_ID["to_handle"])), units, permitted)
    found = result.response
    valued: list[tuple[float, UnrankedRow]] = []
    unranked: list[UnrankedRow] = []
    for row in found.rows:
        unplaced = _unranked(kpi, row)
        value = unrounded(unplaced.kpis[kpi.id])
        if value is not None and unplaced.volume >= max(1, minimum):
            valued.append((value, unplaced))
        else:
            unranked.append(unplaced)
    valued.sort(key=lambda one: one[0], reverse=kpi.better == "higher")
    ranked: list[RankedRow] = []
    for number, (value, row) in enumerate(valued, 1):
        equal = bool(ranked) and valued[number - 2][0] == value
        ranked.append(
            RankedRow(
                agency=row.agency,
                code=row.code,
                name=row.name,
                kind=row.kind,
                kpis=row.kpis,
                volume=row.volume,
                to_target=row.to_target,
                rank=ranked[-1].rank if equal else number,
            )
        )
    made = Ranking(
        **context_from(found),
        kpi=kpi.id,
        better=kpi.better,
        target=kpi.target,
        minimum=minimum,
        total=Total({kpi.id: found.total.kpis[kpi.id]}),
        rows=ranked,
        unranked=unranked,
        balance=found.balance,
        freshness=found.freshness,
    )
    return Result(made, result.revision)


def _unranked(kpi: Kpi, row: UnitRow) -> UnrankedRow:
    figure, to_handle = row.kpis[kpi.id], row.kpis["to_handle"].numerator
    base = to_handle if figure.denominator is None else figure.denominator
    assert base is not None, "a count has a numerator"
    return UnrankedRow(
        agency=row.agency,
        code=row.code,
        name=row.name,
        kind=row.kind,
        kpis={kpi.id: figure},
        volume=base,
        to_target=to_target(kpi, figure),
    )


def to_target(kpi: Kpi, figure: KpiFigure) -> Distance | None:
    """How far a value is from the KPI's target: positive when it is beyond it in the better direction.

    Whether it is reached is decided by the counts, not by the rounded value.
    """
    exact = unrounded(figure)
    if kpi.target is None or figure.value is None or exact is None:
        return None
    sign = 1 if kpi.better == "higher" else -1
    beyond = sign * (round(figure.value * 10**kpi.digits) - round(kpi.target * 10**kpi.digits))
    reached = sign * (exact - kpi.target) >= 0
    if kpi.unit == "share":
        return Distance(beyond / 10**kpi.decimals, "points", reached)
    return Distance(beyond / 10**kpi.digits, kpi.unit, reached)
