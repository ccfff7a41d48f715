"""Answers about provinces."""

from __future__ import annotations

from msgspec.structs import asdict

from services.metrics.figures.api.examples.scene import COUNTED_AT, LACKING
from shared.contracts.operations import ConsistencySummary, Provinces, ProvinceState, Resynced

PROVINCES = Provinces(
    [
        ProvinceState(
            **asdict(LACKING),
            province="30",
            position=41234,
            generation=41240,
            catalogue=2,
            open_alerts=1,
            proof=ConsistencySummary(province="30", checked_at=COUNTED_AT, whole_at=None, failed=0, proofs=1440),
        )
    ]
)
RESYNCED = Resynced("30", 41234)
