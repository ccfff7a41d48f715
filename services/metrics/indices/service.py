"""Scoring a scope and period by the criteria of circular 01/2018; see `decision_766` for the index of that decision."""

from __future__ import annotations

from typing import Final

from services.metrics.agencies.model import Units
from services.metrics.figures import service as figures
from services.metrics.figures.kpis.algebra import unrounded
from services.metrics.figures.kpis.catalogue import BY_ID
from services.metrics.figures.query import KpiQuery
from services.metrics.figures.service import Result, context_from
from services.metrics.indices import model as indices
from services.metrics.indices import store
from services.metrics.manual_inputs import store as manual_inputs
from services.metrics.periods import kind_of
from shared.contracts.indices import Score, ScoredComponent
from shared.database import Connection

INDEX: Final = "01-2018"


async def score(tx: Connection, query: KpiQuery, units: Units, permitted: frozenset[int] | None) -> Result[Score]:
    """Every criterion with its rule, its points or why there are none, and the total out of what is available."""
    kpis = tuple(BY_ID[name] for name in indices.kpis_used())
    counter_query = KpiQuery(query.province, query.period, query.scope, "none", kpis, query.as_of, query.structure_on)
    result = await figures.compute_kpis(tx, counter_query, units, permitted)
    found = result.response
    scope = units.scope(query.scope, query.period.until, query.structure_on, permitted)
    values: dict[str, float | None] = {name: unrounded(one) for name, one in found.total.kpis.items()}
    span = query.period.since, query.period.until
    members = sorted(scope.members)
    if await manual_inputs.agencies_with_input(tx, query.province, members, *span, "feedback", found.position):
        values["feedback_recorded"] = 1
    made = await store.assessments(tx, query.province, [str(scope.scope)], INDEX, *span, found.position)
    lines = indices.component_scores(values, made.get(str(scope.scope), {}))
    points, base = indices.total(lines)
    scored = Score(
        **context_from(found),
        balance=found.balance,
        freshness=found.freshness,
        index=INDEX,
        components=[
            ScoredComponent(
                line.component.id,
                line.component.group,
                line.component.name,
                line.component.rule,
                line.points,
                line.component.points,
                line.source,
                line.basis,
            )
            for line in lines
        ],
        points=points,
        out_of=base,
        of=sum(line.component.points for line in lines),
        share=points / base if base else None,
        band=indices.band(lines),
        kpis=found.total.kpis,
        period_kind=kind_of(query.period),
    )
    return Result(scored, result.revision)
