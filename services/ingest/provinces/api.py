"""Which provinces there are, and how far their feeds reach."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Response

from services.ingest.provinces import store as provinces_store
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.contracts.feed import Heads, ProvinceHead
from shared.heartbeat import read_outage
from shared.web.operations import Router, operation
from shared.web.responses import json_response

router = Router("feed")

_HEADS = {
    "epoch": "7f2c6a1e-3b0d-4c58-9d5e-0a4b8e1c2d3f",
    "worker_silent": False,
    "worker_since": None,
    "provinces": [{"province": "30", "head": 41234, "numbers": 32220, "catalogue": 2}],
}


@router.get(
    "/provinces",
    summary="The provinces there are and how far they are",
    response_class=Response,
)
@operation(response=Heads, example=_HEADS)
async def read_provinces(request: Request, principal: Annotated[Principal, Depends(require("feed:read"))]) -> Response:
    """`head` is the newest position, `numbers` how many dossiers there are; and whether ingest's worker reads its sources."""
    async with request.app.state.database.connection() as connection:
        rows = await provinces_store.read_all(connection, principal.province)
        epoch = await provinces_store.epoch(connection)
        silent = await read_outage(connection, "ingest")
    provinces = [ProvinceHead(row.province, row.head, row.numbers, row.catalogue) for row in rows]
    return json_response(Heads(epoch, silent is not None, silent.since if silent else None, provinces))
