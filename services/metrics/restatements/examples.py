"""Examples of responses about what changed between two positions."""

from __future__ import annotations

from datetime import UTC, datetime

from services.metrics.figures.api.examples.scene import CAM_CHE, COMPLETE, CONTEXT, COUNTED_AT, key
from shared.contracts.comparisons import Difference
from shared.contracts.restatements import (
    AtPosition,
    ChangedKpis,
    ChangedRow,
    ChangedTotal,
    CountedAt,
    DossierEffect,
    KnownFigure,
    MovedDossier,
    MovedDossierPage,
    MovedFigure,
    MovedRow,
    MovedTotal,
    Restatement,
    RestatementChanges,
)


def _known(numerator: int, position: int) -> KnownFigure:
    return KnownFigure(numerator, None, numerator, "resolved_overdue@1".join(key(CAM_CHE, position).around()))


_MOVED = {
    "resolved_overdue": MovedFigure(
        _known(5, 41100), _known(3, 41234), Difference(-2, "dossiers", -40.0), "resolved_overdue@1", ["dossiers"], None
    )
}
RESTATEMENT = Restatement(
    **CONTEXT,
    after=CountedAt(41100, datetime(2026, 11, 23, 3, tzinfo=UTC)),
    upto=CountedAt(41234, COUNTED_AT),
    total=MovedTotal(_MOVED),
    rows=[MovedRow(agency=CAM_CHE.agency, code=CAM_CHE.code, name=CAM_CHE.name, kind=CAM_CHE.kind, kpis=_MOVED)],
    structure_change=None,
    freshness=COMPLETE,
)

MOVED_DOSSIERS = MovedDossierPage(
    **CONTEXT,
    kpi="resolved_overdue",
    part="numerator",
    after=AtPosition(41100),
    upto=AtPosition(41234),
    dossiers=[
        MovedDossier(
            number=42,
            code="000.00.19.H23-230428-0042",
            before=1,
            after=0,
            position=41201,
            reason="dossiers",
            agency_before=CAM_CHE.agency,
            agency_after=CAM_CHE.agency,
        )
    ],
    next_cursor=None,
    freshness=COMPLETE,
)

_CHANGED: ChangedKpis = {"resolved_overdue": {"redated": DossierEffect(2, -2, None)}}
CHANGES = RestatementChanges(
    **CONTEXT,
    after=AtPosition(41100),
    upto=AtPosition(41234),
    dossiers={"redated": 2},
    total=ChangedTotal(_CHANGED),
    rows=[ChangedRow(agency=CAM_CHE.agency, code=CAM_CHE.code, name=CAM_CHE.name, kind=CAM_CHE.kind, kpis=_CHANGED)],
    procedures={},
    freshness=COMPLETE,
)
