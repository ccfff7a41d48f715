"""Examples of responses about consistency checks."""

from __future__ import annotations

from services.metrics.figures.api.examples.scene import CAM_CHE, COUNTED_AT
from shared.contracts.consistency import ConsistencyCheck, ConsistencyCheckPage, ConsistencyResult, RebuildResult

CHECKS = ConsistencyCheckPage(
    "30",
    [
        ConsistencyCheck(
            whole=False,
            position=41234,
            cells=812,
            differences=0,
            seconds=0.04,
            checked_at=COUNTED_AT,
            agency=CAM_CHE.agency,
        )
    ],
)
CHECKED = ConsistencyResult("30", 96_120, 0, True)
REBUILT = RebuildResult("30", 0)
