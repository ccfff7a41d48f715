"""The index of decision 766/QĐ-TTg: a scope's points and what costs them, its agencies ranked, what would bring points."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Final, NamedTuple

from services.metrics.agencies.model import Units
from services.metrics.figures import service as figures
from services.metrics.figures.kpis.algebra import rounded
from services.metrics.figures.kpis.catalogue import BY_ID
from services.metrics.figures.kpis.index_766 import BY_ID_OF_KIND
from services.metrics.figures.query import KpiQuery
from services.metrics.figures.service import Result, context_from
from services.metrics.indices import store
from services.metrics.indices.counts import COSTING, COUNTED, counts_of, figure_of, kpis_of
from services.metrics.indices.model import Assessment
from services.metrics.indices.rules import Component, Ruleset, ruleset_on
from services.metrics.indices.scoring import ComponentScore, PartScore, printed, scored, total
from services.metrics.manual_inputs import store as manual_inputs
from services.metrics.periods import PeriodKind, before, kind_of, with_name
from services.metrics.petitions import store as petitions
from shared.contracts.indices import (
    IndexLosses,
    IndexRanking,
    IndexRow,
    LossRow,
    Score,
    ScoredComponent,
    ScoredPart,
    ScoringRules,
)
from shared.contracts.kpis import Kpis, Text, UnitRow
from shared.database import Connection

INDEX: Final = "766"
SHARE_DIGITS = 4
GAIN_DIGITS = 4
"""Digits of points that single dossiers bring: of a province one brings few."""
_ASSUMPTION = Text(
    "Chỉ các hồ sơ này thay đổi, mẫu số giữ nguyên; phần vượt mức tối đa của tiêu chí không được tính",
    "These dossiers alone change and the base stays; what is beyond the maximum of the component is not counted",
)


def rules_of(ruleset: Ruleset, query: KpiQuery) -> ScoringRules:
    """The rules as a response shows them."""
    return ScoringRules(ruleset.valid_from, ruleset.valid_from <= query.period.until, ruleset.source)


async def score(tx: Connection, query: KpiQuery, units: Units, permitted: frozenset[int] | None) -> Result[Score]:
    """Every component with its points, those lost and the dossiers that cost them, and the total out of what is available."""
    kind, ruleset = kind_of(query.period), ruleset_on(query.period.until)
    result = await figures.compute_kpis(tx, replace(query, by="none", level=None, kpis=kpis_of(kind)), units, permitted)
    found = result.response
    scope = units.scope(query.scope, query.period.until, query.structure_on, permitted)
    span = query.period.since, query.period.until
    has_input = await manual_inputs.has_input(tx, query.province, sorted(scope.members), *span, "feedback")
    stated = await petitions.has_petitions(tx, query.province)
    counts = counts_of(found.total.kpis, kind, stated=stated, has_input=has_input)
    made = await store.assessments(tx, query.province, str(scope.scope), INDEX, *span)
    lines = [scored(one, counts) for one in ruleset.component]
    components = [_component(line, ruleset, found.total.kpis, kind, made.get(line.component.id)) for line in lines]
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
        rules=rules_of(ruleset, query),
    )
    return Result(scored_points, result.revision)


def _quotient(reached: Fraction, out_of: Fraction) -> float | None:
    if not out_of:
        return None
    share = reached / out_of
    return rounded(share.numerator, share.denominator, SHARE_DIGITS)


def _component(
    line: ComponentScore, ruleset: Ruleset, kpis: Kpis, kind: PeriodKind, assessment: Assessment | None
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
        parts=[_part(one, kpis, kind) for one in line.parts],
    )


def _part(one: PartScore, kpis: Kpis, kind: PeriodKind) -> ScoredPart:
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
    )


class _Total(NamedTuple):
    lines: list[ComponentScore]
    reached: Fraction
    out_of: Fraction

    @property
    def share(self) -> Fraction | None:
        """What ranks; None where nothing is available."""
        return self.reached / self.out_of if self.out_of else None


def _total(row: UnitRow, ruleset: Ruleset, kind: PeriodKind, *, stated: bool) -> _Total:
    counts = counts_of(row.kpis, kind, stated=stated)
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
    shares = {row.agency: _total(row, earlier_rules, kind, stated=stated).share for row in then.rows}
    totals = [(row, _total(row, ruleset, kind, stated=stated)) for row in result.response.rows]
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
        rules=rules_of(ruleset, query),
        rows=rows,
        balance=result.response.balance,
        freshness=result.response.freshness,
    )
    return Result(found, result.revision)


async def losses(tx: Connection, query: KpiQuery, units: Units, permitted: frozenset[int] | None) -> Result[IndexLosses]:
    """What costs the scope points, by agency and component, and how many points mending it would bring the scope."""
    kind, ruleset = kind_of(query.period), ruleset_on(query.period.until)
    query = replace(query, by="agency", kpis=kpis_of(kind))
    result = await figures.compute_kpis(tx, query, units, permitted)
    counts = counts_of(result.response.total.kpis, kind, stated=False)
    lines = [scored(one, counts) for one in ruleset.component]
    rows = [
        _loss(row, line, part, kind)
        for row in result.response.rows
        for line in lines
        for part in line.parts
        if part.points is not None and part.part.numerator in COSTING
    ]
    rows = [row for row in rows if row is not None and row.dossiers > 0 and row.gain > 0]
    found = IndexLosses(
        **context_from(result.response),
        period_kind=kind,
        rules=rules_of(ruleset, query),
        assumption=_ASSUMPTION,
        rows=sorted((row for row in rows if row is not None), key=lambda row: -row.gain),
        balance=result.response.balance,
        freshness=result.response.freshness,
    )
    return Result(found, result.revision)


def _loss(row: UnitRow, line: ComponentScore, part: PartScore, kind: PeriodKind) -> LossRow | None:
    costing = COSTING[part.part.numerator]
    figure = figure_of(costing.kpi, row.kpis, kind)
    if figure is None or figure.numerator is None or part.points is None:
        return None
    mended = part.part.reached((part.numerator or 0) + figure.numerator, part.denominator or 0)
    gain = (mended or Fraction(0)) - part.points
    kpi = BY_ID.get(costing.kpi) or BY_ID_OF_KIND[f"{costing.kpi}_{kind}"]
    return LossRow(
        agency=row.agency,
        code=row.code,
        name=row.name,
        kind=row.kind,
        component=line.component.id,
        cause=kpi.id,
        cause_name=kpi.name,
        dossiers=figure.numerator,
        gain=rounded(gain.numerator, gain.denominator, GAIN_DIGITS) or 0,
        mendable=costing.mendable,
        figure=figure.figure,
    )
