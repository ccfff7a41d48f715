"""Scoring a scope and period by the index of decision 766 or the criteria of circular 01/2018."""

from __future__ import annotations

from typing import Any

from services.metrics import figures, indices
from services.metrics.indices import Index
from services.metrics.kpis import BY_ID
from services.metrics.kpis.algebra import Text
from services.metrics.questions import Question, scope_name
from services.metrics.store import evidence
from services.metrics.units import Units
from shared.database import Connection


async def score(
    tx: Connection, question: Question, units: Units, permitted: frozenset[int] | None, index: Index
) -> dict[str, Any]:
    """Every component with its rule, its points or why there are none, and the total out of what is available."""
    kpis = tuple(BY_ID[name] for name in indices.KPIS_USED)
    asked = Question(question.stream, question.period, question.scope, "none", kpis, question.as_of, question.structure_on)
    found = await figures.answer(tx, asked, units, permitted)
    scope = units.scope(question.scope, question.period.until, question.structure_on, permitted)
    values: dict[str, float | None] = {name: one["value"] for name, one in found["total"]["figures"].items()}
    span = question.period.since, question.period.until
    if await evidence.was_entered(tx, question.stream, sorted(scope.members), *span, "feedback"):
        values["feedback_entered"] = 1
    made = await evidence.assessments(tx, question.stream, scope_name(scope, alone=False), index, *span)
    lines = indices.lines(index, values, made)
    points, base = indices.total(lines)
    band = indices.band(lines) if index == "01-2018" else None
    return {
        **{name: value for name, value in found.items() if name not in ("total", "rows")},
        "index": index,
        "components": [
            {
                "id": line.component.id,
                "group": _both(line.component.group),
                "name": _both(line.component.name),
                "rule": _both(line.component.rule),
                "points": line.points,
                "out_of": line.component.points,
                "source": line.source,
                "basis": line.basis,
            }
            for line in lines
        ],
        "points": points,
        "out_of": base,
        "of": sum(line.component.points for line in lines),
        "share": points / base if base else None,
        "band": _both(band) if band else None,
        "figures": found["total"]["figures"],
    }


def _both(text: Text) -> dict[str, str]:
    return {"vi": text.vi, "en": text.en}
