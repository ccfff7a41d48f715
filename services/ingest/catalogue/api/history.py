"""The whole catalogue of a province over time, for those who follow the feed."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Response

from services.ingest.catalogue import service as catalogue
from services.ingest.parameters import Province
from shared.access.principals import Principal, require
from shared.contracts.feed import Catalogue
from shared.web.operations import Router, operation
from shared.web.responses import etag_response

router = Router("feed")


@router.get(
    "/catalogue",
    summary="Agencies and procedures of a province over time",
    response_class=Response,
)
@operation(response=Catalogue, example={"province": "30", "version": 2, "agencies": [], "procedures": []})
async def read_catalogue(
    request: Request, province: Province, principal: Annotated[Principal, Depends(require("feed:read"))]
) -> Response:
    """All rows over time. A page of the feed has the newest version in `catalogue`."""
    principal.demand_province(province)
    async with request.app.state.database.transaction() as tx:
        found = await catalogue.read(tx, province)
    return etag_response(request, found, etag=f'"catalogue-{province}-{found.version}"')
