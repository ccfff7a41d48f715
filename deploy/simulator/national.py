"""The routes at which the stand-in for the national portal publishes scores of this portal's dossiers. They need no token."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable
from typing import Annotated, get_args

import msgspec
import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.simulator.habits import Habits
from deploy.simulator.ledger import Snapshot
from deploy.simulator.published import Group, Plants, civil_period, published
from deploy.simulator.world import World


class _Query(msgspec.Struct):
    """For what period it is asked."""

    province: str
    year: Annotated[int, msgspec.Meta(ge=2000, le=2099)]
    quarter: Annotated[int, msgspec.Meta(ge=1, le=4)] | None = None
    month: Annotated[int, msgspec.Meta(ge=1, le=12)] | None = None


class NationalPortal:
    """Publishes by its own count; `plants` make rows of units differ from the world."""

    def __init__(self, world: World, habits: Habits, dossiers: Callable[[], Iterable[Snapshot]]) -> None:
        """`dossiers` gives those of the portal as they are now."""
        self.plants = Plants()
        self._world, self._habits, self._dossiers = world, habits, dossiers
        self.routes = [
            Route("/published/{group:str}", self._published, methods=["POST"]),
            Route("/_truth/plants", self._truth_plants, methods=["GET", "POST"]),
        ]

    async def _published(self, request: Request) -> Response:
        group = request.path_params["group"]
        if group not in get_args(Group):
            raise HTTPException(404, "no such group")
        try:
            query = msgspec.json.decode(await request.body(), type=_Query)
        except msgspec.DecodeError as error:
            raise HTTPException(400, str(error)) from error
        if query.province != self._world.province:
            raise HTTPException(404, "no such province")
        since, until = civil_period(query.year, query.quarter, query.month)
        body = orjson.dumps(published(self._world, self._dossiers(), group, since, until, self.plants))
        if self._habits.as_html:
            return Response(codecs.BOM_UTF8 + body, media_type="text/html")
        return Response(body, media_type="application/json")

    async def _truth_plants(self, request: Request) -> Response:
        if request.method == "POST":
            try:
                self.plants.change(msgspec.json.decode(await request.body(), type=dict[str, object]))
            except ValueError as error:
                raise HTTPException(400, str(error)) from error
        return Response(orjson.dumps(self.plants), media_type="application/json")
