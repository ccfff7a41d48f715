"""The index of decision 766/QĐ-TTg: the points of a scope and period, and what costs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

from services.metrics.agencies.model import Group, ListedProcedure, Units
from services.metrics.agencies.store import listed_procedures
from services.metrics.figures import service as figures
from services.metrics.figures.kpis.algebra import rounded
from services.metrics.figures.kpis.catalogue import BY_ID
from services.metrics.figures.kpis.index_766 import BY_ID_OF_KIND
from services.metrics.figures.query import KpiQuery
from services.metrics.figures.service import Result, context_from
from services.metrics.indices import store
from services.metrics.indices.counts import CAUSES, COSTING, COUNTED, counts_of, figure_of, kpis_of, name_of
from services.metrics.indices.losses import forecast, in_process
from services.metrics.indices.model import Assessment
from services.metrics.indices.petitions import known_petitions
from services.metrics.indices.publication import in_force, lacking, of_communes, of_procedures
from services.metrics.indices.rules import Component, Ruleset, rules_of, ruleset_on
from services.metrics.indices.scoring import ComponentScore, PartScore, printed, scored, total
from services.metrics.periods import kind_of
from shared.contracts.indices import PeriodKind, Score, ScoredCause, ScoredComponent, ScoredPart
from shared.contracts.keys import WholeProvince
from shared.contracts.kpis import Kpis
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
    known = await known_petitions(tx, query, scope, found.position)
    counts = dict(counts_of(found.total.kpis, kind, known, scope.members))
    procedures = await procedures_of(tx, query, scope, found.position)
    counts |= of_procedures(procedures)
    counts |= of_communes(units, scope.members, query.period.until)
    made = (await store.assessments(tx, query.province, [str(scope.scope)], INDEX, *span, found.position)).get(
        str(scope.scope), {}
    )
    ahead = await in_process(tx, query, scope.members, found.freshness, found.position)
    lines = [scored(one, counts) for one in ruleset.component]
    components = [_component(line, ruleset, found.total.kpis, kind, made.get(line.component.id), procedures) for line in lines]
    reached, out_of = total_with(lines, made)
    scored_points = Score(
        **context_from(found),
        balance=found.balance,
        freshness=found.freshness,
        index=INDEX,
        components=components,
        points=printed(reached) or 0,
        out_of=float(out_of),
        of=ruleset.of,
        share=quotient(reached, out_of),
        band=None,
        kpis=found.total.kpis,
        period_kind=kind,
        rules=rules_of(ruleset, query.period.until),
        forecast=forecast(ruleset, counts, found, kind, ahead),
    )
    return Result(scored_points, result.revision)


async def procedures_of(tx: Connection, query: KpiQuery, scope: Group, position: int) -> list[ListedProcedure]:
    """The procedures in force on the last day, as known at a position; none of a part of the province: the list is its own."""
    if not isinstance(scope.scope, WholeProvince):
        return []
    return in_force(await listed_procedures(tx, query.province, position), query.period.until)


def total_with(lines: Sequence[ComponentScore], made: Mapping[str, Assessment]) -> tuple[Fraction, Fraction]:
    """Points reached and out of how many, with those that people entered where nothing is computed."""
    reached, out_of = total(lines)
    for line in lines:
        assessment = made.get(line.component.id)
        if line.points is None and assessment is not None:
            reached += Fraction(str(assessment.points))
            out_of += line.component.max
    return reached, out_of


def quotient(reached: Fraction, out_of: Fraction) -> float | None:
    """A share of points as it is printed; None where nothing is available."""
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
        # Where no points are known, none are lost by anybody.
        costing=None if cost is None or one.points is None else cost.numerator,
        costing_figure=None if cost is None or one.points is None else cost.figure,
        costing_procedures=lacking(procedures, one.part.numerator) if one.points is not None else [],
        causes=_causes(one, kpis, kind) if one.points is not None else [],
        points_at_full=float(one.part.points),
        full_at=float(one.part.full_at),
        empty=one.part.empty,
        max_points=float(one.part.max),
    )


def _causes(one: PartScore, kpis: Kpis, kind: PeriodKind) -> list[ScoredCause]:
    found = []
    for cause in CAUSES.get(one.part.numerator, ()):
        figure, name = figure_of(cause.kpi, kpis, kind), name_of(cause.kpi, kind)
        if figure is not None and figure.numerator:
            kpi = BY_ID.get(name) or BY_ID_OF_KIND[name]
            found.append(ScoredCause(name, kpi.name, figure.numerator, figure.figure, cause.mendable))
    return sorted(found, key=lambda cause: -cause.dossiers)
