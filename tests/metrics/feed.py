"""A feed over real HTTP, served from a list: what ingest's border looks like, without ingest."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.agencies import Agency, reference_structure
from shared.contracts.feed import Catalogue, FeedItem, FeedPage, Heads, ProvinceHead
from shared.procedures import Procedure
from tests.metrics.worlds import quiet_quality

KEY = "mc_test_feed"


@dataclass
class Feed:
    """What is served; grow `items` and the next look finds them."""

    items: list[FeedItem] = field(default_factory=list)
    province: str = "30"
    catalogue: int = 1
    agencies: list[Agency] = field(default_factory=lambda: list(reference_structure()))
    procedures: list[Procedure] = field(default_factory=list)
    url: str = ""
    quality: dict[str, Any] = field(default_factory=lambda: msgspec.to_builtins(quiet_quality()))
    status: int = 200
    """Anything but 200 is answered to every call."""
    no_quality: bool = False
    """What the sources lack is not answered, and all else is."""
    epoch: str = "first"
    failing: list[str] = field(default_factory=list)
    """Provinces besides, for which nothing but their heads is answered."""

    def digest(self, position: int) -> str:
        """Of the version at a position."""
        return hashlib.blake2b(repr(self.items[position - 1]).encode()).hexdigest() if 0 < position <= len(self.items) else ""


@asynccontextmanager
async def serving(feed: Feed) -> AsyncIterator[Feed]:
    """Serve `feed` on a port of the loopback; `feed.url` is its address."""

    async def read_feed(request: Request) -> Response:
        after, limit = int(request.query_params["after"]), int(request.query_params["limit"])
        items = feed.items[after : after + limit]
        page = FeedPage(
            feed.province,
            after,
            len(feed.items),
            feed.catalogue,
            feed.epoch,
            feed.digest(after),
            feed.digest(after + len(items)),
            items,
        )
        return answer(request, page)

    async def read_catalogue(request: Request) -> Response:
        return answer(request, Catalogue(feed.province, feed.catalogue, feed.agencies, feed.procedures))

    async def read_provinces(request: Request) -> Response:
        own = ProvinceHead(feed.province, len(feed.items), 0, feed.catalogue)
        return answer(request, Heads(feed.epoch, False, None, [*(ProvinceHead(name, 1, 0, 1) for name in feed.failing), own]))

    async def read_quality(request: Request) -> Response:
        return Response(status_code=503) if feed.no_quality else answer(request, {"province": feed.province, **feed.quality})

    def answer(request: Request, body: object) -> Response:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return Response(status_code=401)
        status = 500 if request.query_params.get("province") in feed.failing else feed.status
        return Response(msgspec.json.encode(body), status, media_type="application/json")

    doors = {"feed": read_feed, "catalogue": read_catalogue, "provinces": read_provinces, "quality": read_quality}
    routes = [Route(f"/v1/{name}", door) for name, door in doors.items()]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), port=0, log_level="error", lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
    feed.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield feed
    finally:
        server.should_exit = True
        with suppress(asyncio.CancelledError):
            await task
