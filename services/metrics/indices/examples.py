"""Examples of responses about indices."""

from __future__ import annotations

from services.metrics.figures.api.examples.scene import BALANCED, COMPLETE, CONTEXT, DISTRICT, THANH_HA, figures, key
from services.metrics.indices import model as indices
from shared.contracts.indices import AssessmentRecorded, Score, ScoredComponent

_PROGRESS = next(one for one in indices.DECISION_766 if one.id == "progress")
_PUBLICATION = next(one for one in indices.DECISION_766 if one.id == "publication")
SCORE = Score(
    **CONTEXT,
    balance=BALANCED,
    freshness=COMPLETE,
    index="766",
    components=[
        ScoredComponent(
            _PROGRESS.id, _PROGRESS.group, _PROGRESS.name, _PROGRESS.rule, 19.9, _PROGRESS.points, "computed", None
        ),
        ScoredComponent(
            *(_PUBLICATION.id, _PUBLICATION.group, _PUBLICATION.name, _PUBLICATION.rule),
            *(None, _PUBLICATION.points, "not_available", None),
        ),
    ],
    points=19.9,
    out_of=20,
    of=100,
    share=0.995,
    band=None,
    kpis=figures(DISTRICT, key(THANH_HA), "in_time_share"),
)
ASSESSED = AssessmentRecorded("766", "publication", 10.5)
