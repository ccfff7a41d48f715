"""The feed: versions of dossiers in order of commit, without a gap."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request, Response

from services.ingest.feed import store as feed_store
from services.ingest.parameters import ON_A_PAGE, Province
from services.ingest.provinces import store as provinces_store
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.contracts.feed import FeedPage
from shared.errors import no_province
from shared.fields import Position
from shared.web.operations import Router, operation
from shared.web.responses import NOT_STORED
from shared.web.routes import JSON

router = Router("feed")

_EXAMPLE = {
    "province": "30",
    "after": 0,
    "head": 1,
    "catalogue": 2,
    "epoch": "7f2c6a1e-3b0d-4c58-9d5e-0a4b8e1c2d3f",
    "after_digest": "",
    "digest": "5d1f0c2b9a8e7d6c",
    "items": [
        {
            "position": 1,
            "number": 1,
            "facts": {
                "code": "000.00.19.H23-230105-0042",
                "status": "resolved",
                "agency": "10813@2019-01-01",
                "received_on": "2023-01-05",
                "due_on": "2023-01-12",
                "ended_on": "2023-01-10",
                "outcome": "resolved",
                "timeliness": "early",
            },
        }
    ],
    "catalogues": [],
}


@router.get(
    "/feed",
    summary="Versions of dossiers after a position",
    response_class=Response,
)
@operation(response=FeedPage, example=_EXAMPLE)
async def read_feed(
    request: Request,
    province: Province,
    principal: Annotated[Principal, Depends(require("feed:read"))],
    after: Annotated[Position, Query(description="The last position that you have; 0: from the beginning")] = 0,
    limit: Annotated[int, Query(ge=1, le=10_000, description=ON_A_PAGE)] = 1_000,
) -> Response:
    """Store the last position in the transaction of your effect, and refuse a gap: everything then counts exactly once.

    A change of the catalogue has a position as well: `GET /v1/catalogue` with that `position` gives what holds from there on.

    Store `epoch` and `digest` with it. If the next page has another epoch, a head below your position, or another
    `after_digest`, ingest was restored or exchanged meanwhile: count nothing of it, and begin anew from 0 if it is
    the one to follow.
    """
    principal.demand_province(province)
    async with request.app.state.database.connection() as connection:
        rows = await feed_store.read_after(connection, province, after, limit)
        # Read after the rows: the head is then never older than the last of them.
        row = await provinces_store.read(connection, province)
        last = rows[-1][0] if rows else after
        epoch, digests = await feed_store.digests(connection, province, after, last)
    if row is None:
        raise no_province(province)
    items = ",".join(
        [f'{{"position":{position},"number":{number},"facts":{facts}}}' for position, number, facts in rows if number]
    )
    catalogues = ",".join(
        [
            f'{{"position":{position},"version":{version}}}'
            for position, number, version in rows
            if number == feed_store.CATALOGUE
        ]
    )
    body = (
        f'{{"province":"{province}","after":{after},"head":{row.head},"catalogue":{row.catalogue},"epoch":"{epoch}",'
        f'"after_digest":"{digests.get(after, "")}","digest":"{digests.get(last, "")}","items":[{items}],'
        f'"catalogues":[{catalogues}]}}'
    )
    return Response(body.encode(), media_type=JSON, headers=NOT_STORED)
