"""The feed: versions of dossiers in order of commit, without a gap."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Query, Request, Response

from services.ingest import sources
from services.ingest.catalogue import service as catalogue
from services.ingest.dossiers import store as dossiers_store
from services.ingest.parameters import ON_A_PAGE, Province
from shared.access import Principal, require
from shared.contracts.feed import Catalogue, FeedPage, Heads, Missing, ProvinceHead, Quality
from shared.database import Connection
from shared.errors import no_province
from shared.fields import Position
from shared.heartbeat import read_outage
from shared.web.operations import Router, operation
from shared.web.responses import NOT_STORED, etag_response, json_response
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
}


async def province_named(connection: Connection, principal: Principal, province: str) -> None:
    """Raise `NotFound` unless there is such a province and the key may see it."""
    principal.demand_province(province)
    if await dossiers_store.province_row(connection, province) is None:
        raise no_province(province)


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

    Store `epoch` and `digest` with it. If the next page has another epoch, a head below your position, or another
    `after_digest`, ingest was restored or exchanged meanwhile: count nothing of it, and begin anew from 0 if it is
    the one to follow.
    """
    principal.demand_province(province)
    async with request.app.state.database.connection() as connection:
        rows = await dossiers_store.feed(connection, province, after, limit)
        # Read after the rows: the head is then never older than the last of them.
        row = await dossiers_store.province_row(connection, province)
        last = rows[-1][0] if rows else after
        epoch, digests = await dossiers_store.digests(connection, province, after, last)
    if row is None:
        raise no_province(province)
    items = ",".join([f'{{"position":{position},"number":{number},"facts":{facts}}}' for position, number, facts in rows])
    body = (
        f'{{"province":"{province}","after":{after},"head":{row.head},"catalogue":{row.catalogue},"epoch":"{epoch}",'
        f'"after_digest":"{digests.get(after, "")}","digest":"{digests.get(last, "")}","items":[{items}]}}'
    )
    return Response(body.encode(), media_type=JSON, headers=NOT_STORED)


@router.get(
    "/catalogue",
    summary="Agencies and procedures of a province over time",
    response_class=Response,
)
@operation(response=Catalogue, example={"province": "30", "version": 2, "agencies": [], "procedures": []})
async def read_catalogue(
    request: Request, province: Province, principal: Annotated[Principal, Depends(require("feed:read"))]
) -> Response:
    """All generations. The feed tells the newest version in `catalogue`."""
    principal.demand_province(province)
    async with request.app.state.database.transaction() as tx:
        found = await catalogue.read(tx, province)
    return etag_response(request, found, etag=f'"catalogue-{province}-{found.version}"')


_HEADS = {
    "epoch": _EXAMPLE["epoch"],
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
        rows = await dossiers_store.provinces(connection, principal.province)
        epoch, _ = await dossiers_store.digests(connection, "")
        silent = await read_outage(connection, "ingest")
    provinces = [ProvinceHead(row.province, row.head, row.numbers, row.catalogue) for row in rows]
    return json_response(Heads(epoch, silent is not None, silent.since if silent else None, provinces))


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
    """Metrics tells it with every answer."""
    async with request.app.state.database.connection() as connection:
        await province_named(connection, principal, province)
        pulled = sources.kinds_that_come(sources.Arrival.pulled)
        found = await dossiers_store.quality(connection, province, pulled, datetime.now(UTC))
    missing = [Missing(**one._asdict()) for one in found.missing]
    return ProvinceQuality(province=province, quarantined=found.quarantined, missing=missing, gap=found.gap)
