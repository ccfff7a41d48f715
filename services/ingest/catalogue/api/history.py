"""The whole catalogue of a province over time, for those who follow the feed."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request, Response

from services.ingest.catalogue import service as catalogue
from services.ingest.parameters import Province
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.contracts.feed import Catalogue
from shared.fields import Position
from shared.web.operations import Router, operation
from shared.web.responses import etag_response

router = Router("feed")


@router.get(
    "/catalogue",
    summary="Agencies and procedures of a province over time",
    response_class=Response,
)
@operation(response=Catalogue, example={"province": "30", "version": 2, "agencies": [], "procedures": [], "position": 0})
async def read_catalogue(
    request: Request,
    province: Province,
    principal: Annotated[Principal, Depends(require("feed:read"))],
    position: Annotated[
        Position | None, Query(description="As it was known at this position of the feed; none: as it is", examples=[41234])
    ] = None,
) -> Response:
    """All rows over time. A page of the feed lists the changes of the catalogue with their positions in `catalogues`."""
    principal.demand_province(province)
    async with request.app.state.database.transaction() as tx:
        found = await (catalogue.read(tx, province) if position is None else catalogue.read_at(tx, province, position))
    return etag_response(request, found, etag=f'"catalogue-{province}-{found.version}"')
