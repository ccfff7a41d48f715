"""Examples of previews."""

from __future__ import annotations

from services.metrics.figures.api.examples.scene import CAM_CHE, COMPLETE, CONTEXT, key
from shared.contracts.comparisons import Difference
from shared.contracts.kpis import Text
from shared.contracts.previews import (
    FigurePreview,
    PreviewedFigure,
    PreviewedProcedure,
    PreviewedRow,
    PreviewedTotal,
    PreviewedValue,
)
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
    procedures=[
        PreviewedProcedure(
            procedure="2.000986",
            name=Text(
                "Liên thông đăng ký khai sinh, cấp thẻ bảo hiểm y tế cho trẻ em dưới 6 tuổi",
                "Linked: birth registration and health insurance card for a child under six",
            ),
            kpis=_MOVED,
        )
    ],
    work=[],
    structure_change=None,
    freshness=COMPLETE,
)
