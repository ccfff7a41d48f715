"""Scoring a scope and period by the index of decision 766 or the criteria of circular 01/2018."""

from __future__ import annotations

from services.metrics.agencies.model import Units
from services.metrics.figures import service as figures
from services.metrics.figures.kpis import BY_ID
from services.metrics.figures.kpis.algebra import unrounded
from services.metrics.figures.query import Question
from services.metrics.figures.service import Answered, head_again
from services.metrics.indices import model as indices
from services.metrics.indices import store
from services.metrics.indices.model import Index
from services.metrics.manual_inputs import store as evidence
from shared.contracts.comparisons import Score, ScoredComponent
from shared.database import Connection


async def score(
    tx: Connection, question: Question, units: Units, permitted: frozenset[int] | None, index: Index
) -> Answered[Score]:
    """Every component with its rule, its points or why there are none, and the total out of what is available."""
    kpis = tuple(BY_ID[name] for name in indices.kpis_used())
    asked = Question(question.province, question.period, question.scope, "none", kpis, question.as_of, question.structure_on)
    answered = await figures.answer(tx, asked, units, permitted)
    found = answered.answer
    scope = units.scope(question.scope, question.period.until, question.structure_on, permitted)
    values: dict[str, float | None] = {name: unrounded(one) for name, one in found.total.kpis.items()}
    span = question.period.since, question.period.until
    if await evidence.was_entered(tx, question.province, sorted(scope.members), *span, "feedback"):
        values["feedback_entered"] = 1
    made = await store.assessments(tx, question.province, str(scope.scope), index, *span)
    lines = indices.lines(index, values, made)
    points, base = indices.total(lines)
    scored = Score(
        **head_again(found),
        balance=found.balance,
        freshness=found.freshness,
        index=index,
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
        band=indices.band(lines) if index == "01-2018" else None,
        kpis=found.total.kpis,
    )
    return Answered(scored, answered.generation)
