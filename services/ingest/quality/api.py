"""What the figures of a province are known to lack."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from fastapi import Depends, Request

from services.ingest.parameters import Province
from services.ingest.provinces.service import require_visible
from services.ingest.quality import service
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.contracts.feed import Quality
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
        "quarantined_since": "2023-07-18T02:00:00Z",
        "missing": [{"source": "hai-duong", "reason": "failing", "since": "2023-07-20T03:15:00Z"}],
        "gap": 3,
        "gap_since": "2023-07-19T18:00:00Z",
        "unmapped": {
            "days": [
                {
                    "day": "2023-07-17",
                    "agency_received": 2,
                    "agency_ended": 0,
                    "procedure_received": 1,
                    "procedure_ended": 0,
                }
            ],
            "others": False,
        },
        "redating": 0,
        "redating_since": None,
        "head": 18_422,
    }
)
async def read_quality(
    request: Request, province: Province, principal: Annotated[Principal, Depends(require("feed:read"))]
) -> ProvinceQuality:
    """Metrics repeats it in every response."""
    async with request.app.state.database.connection() as connection:
        await require_visible(connection, principal, province)
        found = await service.read_quality(connection, province, request.app.state.unmapped, datetime.now(UTC))
    return ProvinceQuality(province=province, **msgspec.structs.asdict(found))
