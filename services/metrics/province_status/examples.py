"""Examples of responses about provinces."""

from __future__ import annotations

from msgspec.structs import asdict

from services.metrics.figures.api.examples.scene import COUNTED_AT, PROVINCE_LACKING
from shared.contracts.consistency import ConsistencySummary
from shared.contracts.provinces import ProvinceList, ProvinceState, ResyncResult

PROVINCES = ProvinceList(
    [
        ProvinceState(
            **asdict(PROVINCE_LACKING),
            province="30",
            position=41234,
            revision=41240,
            catalogue=2,
            open_alerts=1,
            consistency_check=ConsistencySummary(province="30", checked_at=COUNTED_AT, whole_at=None, failed=0, checks=1440),
        )
    ]
)
RESYNCED = ResyncResult("30", 41234)
