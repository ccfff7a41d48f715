"""The index of decision 766/QĐ-TTg: a scope's points and what costs them, its agencies ranked, what would bring points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Final, NamedTuple

from services.metrics.agencies.model import Group, ListedProcedure, Units
from services.metrics.agencies.store import listed_procedures
from services.metrics.figures import service as figures
from services.metrics.figures.kpis.algebra import rounded
from services.metrics.figures.query import KpiQuery
from services.metrics.figures.service import Result, context_from
from services.metrics.indices import store
from services.metrics.indices.counts import COSTING, COUNTED, counts_of, figure_of, kpis_of
from services.metrics.indices.losses import forecast
from services.metrics.indices.model import Assessment
from services.metrics.indices.publication import in_force, lacking, of_communes, of_procedures
from services.metrics.indices.rules import Component, Ruleset, rules_of, ruleset_on
from services.metrics.indices.scoring import ComponentScore, Counts, PartScore, printed, scored, total
from services.metrics.manual_inputs import store as manual_inputs
from services.metrics.periods import PeriodKind, before, kind_of, with_name
from services.metrics.petitions import store as petitions
from shared.contracts.indices import (
    IndexRanking,
    IndexRow,
    Score,
    ScoredComponent,
    ScoredPart,
)
from shared.contracts.keys import WholeProvince
from shared.contracts.kpis import Kpis, UnitRow
from shared.database import Connection

INDEX: Final = "766"
SHARE_DIGITS = 4


async def score(tx: Connection, query: KpiQuery, units: Units, permitted: frozenset[int] | None) -> Result[Score]:
    """Every component with its points, those lost and the dossiers that cost them, and the total out of what is available."""
    kind, ruleset = kind_of(query.period), ruleset_on(query.period.until)
    result = await figures.compute_kpis(tx, replace(query, by="none", level=None, kpis=kpis_of(kind)), units, permitted)
    found = result.response
    scope = units.scope(query.scope, query.period.until, query.structure_on, permitted)
    span = query.period.since, query.period.until
    has_input = await manual_inputs.has_input(tx, query.province, sorted(scope.members), *span, "feedback")
    stated = await petitions.has_petitions(tx, query.province)
    counts = dict(counts_of(found.total.kpis, kind, stated=stated, has_input=has_input))
    procedures = await procedures_of(tx, query, scope, found.position)
    counts |= of_procedures(procedures)
    counts |= of_communes(units, scope.members, query.period.until)
    made = await store.assessments(tx, query.province, str(scope.scope), INDEX, *span)
    lines = [scored(one, counts) for one in ruleset.component]
    components = [_component(line, ruleset, found.total.kpis, kind, made.get(line.component.id), procedures) for line in lines]
    reached, out_of = total(lines)
    assessed = [one for one in components if one.source == "assessed"]
    reached += sum((Fraction(str(one.points)) for one in assessed), Fraction(0))
    out_of += sum((Fraction(str(one.available)) for one in assessed), Fraction(0))
    scored_points = Score(
        **context_from(found),
        balance=found.balance,
        freshness=found.freshness,
        index=INDEX,
        components=components,
        points=printed(reached) or 0,
        out_of=float(out_of),
        of=ruleset.of,
        share=_quotient(reached, out_of),
        band=None,
        kpis=found.total.kpis,
        period_kind=kind,
        rules=rules_of(ruleset, query.period.until),
        forecast=forecast(ruleset, counts, found, kind),
    )
    return Result(scored_points, result.revision)


async def procedures_of(tx: Connection, query: KpiQuery, scope: Group, position: int) -> list[ListedProcedure]:
    """The procedures in force on the last day, as known at a position; none of a part of the province: the list is its own."""
    if not isinstance(scope.scope, WholeProvince):
        return []
    return in_force(await listed_procedures(tx, query.province, position), query.period.until)


def _quotient(reached: Fraction, out_of: Fraction) -> float | None:
    if not out_of:
        return None
    share = reached / out_of
    return rounded(share.numerator, share.denominator, SHARE_DIGITS)


def _component(
    line: ComponentScore,
    ruleset: Ruleset,
    kpis: Kpis,
    kind: PeriodKind,
    assessment: Assessment | None,
    procedures: Sequence[ListedProcedure],
) -> ScoredComponent:
    component: Component = line.component
    points, available, basis, source = printed(line.points), float(line.out_of), None, "computed"
    if line.points is None:
        source = "not_available"
        if assessment is not None:
            points, available, basis, source = assessment.points, float(component.max), assessment.basis, "assessed"
    return ScoredComponent(
        id=component.id,
        group=ruleset.groups[component.group],
        name=component.name,
        rule=component.rule,
        points=points,
        out_of=component.max,
        source=source,  # type: ignore[arg-type]
        basis=basis,
        available=available,
        lost=None if points is None else printed(Fraction(str(available)) - (line.points or Fraction(str(points)))),
        evidence=component.evidence,
        observations=component.observations,
        parts=[_part(one, kpis, kind, procedures) for one in line.parts],
    )


def _part(one: PartScore, kpis: Kpis, kind: PeriodKind, procedures: Sequence[ListedProcedure]) -> ScoredPart:
    counted, costing = COUNTED.get(one.part.numerator), COSTING.get(one.part.numerator)
    figure = figure_of(counted.kpi, kpis, kind) if counted is not None and one.numerator is not None else None
    cost = figure_of(costing.kpi, kpis, kind) if costing is not None else None
    return ScoredPart(
        counts=one.part.numerator,
        numerator=one.numerator,
        denominator=one.denominator,
        points=printed(one.points),
        out_of=float(one.out_of),
        lost=None if one.points is None else printed(one.out_of - one.points),
        figure=None if figure is None else figure.figure,
        costing=None if cost is None else cost.numerator,
        costing_figure=None if cost is None else cost.figure,
        costing_procedures=lacking(procedures, one.part.numerator) if one.points is not None else [],
    )


class _Total(NamedTuple):
    lines: list[ComponentScore]
    reached: Fraction
    out_of: Fraction

    @property
    def share(self) -> Fraction | None:
        """What ranks; None where nothing is available."""
        return self.reached / self.out_of if self.out_of else None


def _total(row: UnitRow, ruleset: Ruleset, kind: PeriodKind, communes: Counts, *, stated: bool) -> _Total:
    counts = {**counts_of(row.kpis, kind, stated=stated), **communes}
    lines = [scored(one, counts) for one in ruleset.component]
    return _Total(lines, *total(lines))


async def ranking(tx: Connection, query: KpiQuery, units: Units, permitted: frozenset[int] | None) -> Result[IndexRanking]:
    """The agencies of a scope by their share of points, and how it moved against the period before."""
    query = replace(query, by="agency", period=with_name(query.period))
    kind, ruleset = kind_of(query.period), ruleset_on(query.period.until)
    query = replace(query, kpis=kpis_of(kind))
    result = await figures.compute_kpis(tx, query, units, permitted)
    earlier = before(query.period, "previous")
    then = (await figures.compute_kpis(tx, query.over(earlier), units, permitted)).response
    earlier_rules = ruleset_on(earlier.until)
    stated = await petitions.has_petitions(tx, query.province)

    def communes(row: UnitRow, on: date) -> Counts:
        members: frozenset[int] = frozenset()
        if row.agency is not None and query.level is not None:
            members = units.scope([row.agency], on, query.structure_on, permitted).members
        elif row.agency in units.numbers:
            members = frozenset((units.numbers[row.agency],))
        return of_communes(units, members, on)

    shares = {
        row.agency: _total(row, earlier_rules, kind, communes(row, earlier.until), stated=stated).share for row in then.rows
    }
    totals = [
        (row, _total(row, ruleset, kind, communes(row, query.period.until), stated=stated)) for row in result.response.rows
    ]
    totals.sort(key=lambda one: (one[1].share is None, -(one[1].share or 0)))
    rows: list[IndexRow] = []
    for number, (row, made) in enumerate(totals, 1):
        share, was = made.share, shares.get(row.agency)
        equal = bool(rows) and totals[number - 2][1].share == share
        moved = None if share is None or was is None else 100 * (share - was)
        rows.append(
            IndexRow(
                agency=row.agency,
                code=row.code,
                name=row.name,
                kind=row.kind,
                rank=None if share is None else rows[-1].rank if equal else number,
                points=printed(made.reached) or 0,
                out_of=float(made.out_of),
                share=_quotient(made.reached, made.out_of),
                change=printed(moved),
                components={one.component.id: printed(one.points) for one in made.lines},
            )
        )
    found = IndexRanking(
        **context_from(result.response),
        against=earlier.since,
        period_kind=kind,
        rules=rules_of(ruleset, query.period.until),
        rows=rows,
        balance=result.response.balance,
        freshness=result.response.freshness,
    )
    return Result(found, result.revision)
