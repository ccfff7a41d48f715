"""The units of a province through time."""

from __future__ import annotations

from fastapi import Request

from services.metrics.agencies import examples
from services.metrics.agencies.service import reach_of
from services.metrics.parameters import ProvinceCode, Reader, reading
from shared.contracts.agencies import AgencyList
from shared.web.operations import Router, operation

router = Router("kpis")


@router.get("/agencies", summary="The units of a province through time")
@operation(example=examples.AGENCIES)
async def read_agencies(request: Request, principal: Reader, province: ProvinceCode) -> AgencyList:
    """All units of all times with their keys."""
    async with reading(request) as tx:
        units, permitted = await reach_of(request.app.state.units, tx, principal, province)
    return AgencyList(province, units.listed(permitted))
