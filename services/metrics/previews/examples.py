"""Examples of previews."""

from __future__ import annotations

from services.metrics.figures.api.examples.scene import CAM_CHE, COMPLETE, CONTEXT, key
from shared.contracts.comparisons import Difference
from shared.contracts.previews import FigurePreview, PreviewedFigure, PreviewedRow, PreviewedTotal, PreviewedValue
from shared.contracts.restatements import KnownFigure

_RULE = "resolved_overdue@1"
_MOVED = {
    "resolved_overdue": PreviewedFigure(
        KnownFigure(3, None, 3, _RULE.join(key(CAM_CHE).around())),
        PreviewedValue(1, None, 1),
        Difference(-2, "dossiers", -66.7),
        _RULE,
        ["dossiers"],
    )
}
PREVIEW = FigurePreview(
    **CONTEXT,
    preview=3,
    dossiers=118,
    total=PreviewedTotal(_MOVED),
    rows=[PreviewedRow(agency=CAM_CHE.agency, code=CAM_CHE.code, name=CAM_CHE.name, kind=CAM_CHE.kind, kpis=_MOVED)],
    structure_change=None,
    freshness=COMPLETE,
)
