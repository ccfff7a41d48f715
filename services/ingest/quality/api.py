"""What the figures of a province are known to lack."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from services.ingest.parameters import Province
from services.ingest.provinces.service import require_visible
from services.ingest.quality import store as quality_store
from services.ingest.sources.model import Arrival
from services.ingest.sources.traits import kinds_that_come
from shared.access.principals import Principal, require
from shared.contracts.feed import Missing, Quality
from shared.web.operations import Router, operation

router = Router("feed")


class ProvinceQuality(Quality, frozen=True, kw_only=True):
    """What the figures of a province are known to lack."""

    province: str
    """The province."""


@router.get("/quality", summary="What the figures of a province are known to lack")
@operation(
    example={
        "province": "30",
        "quarantined": 12,
        "missing": [{"source": "hai-duong", "reason": "failing", "since": "2023-07-20T03:15:00Z"}],
        "gap": 3,
    }
)
async def read_quality(
    request: Request, province: Province, principal: Annotated[Principal, Depends(require("feed:read"))]
) -> ProvinceQuality:
    """Metrics repeats it in every response."""
    async with request.app.state.database.connection() as connection:
        await require_visible(connection, principal, province)
        pulled = kinds_that_come(Arrival.pulled)
        found = await quality_store.read(connection, province, pulled, datetime.now(UTC))
    missing = [Missing(**one._asdict()) for one in found.missing]
    return ProvinceQuality(province=province, quarantined=found.quarantined, missing=missing, gap=found.gap)
