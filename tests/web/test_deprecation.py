"""An operation that is to be left says so in its documents and in each of its answers."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import msgspec
from fastapi import FastAPI

from shared.web.openapi import describe
from shared.web.operations import Deprecated, Router, operation


class Day(msgspec.Struct, frozen=True):
    """A day."""

    number: int
    """Which."""


router = Router("days")
OLD = Deprecated(
    datetime(2026, 11, 1, tzinfo=UTC), sunset=datetime(2027, 6, 30, 17, tzinfo=UTC), see="https://motcua.example/changes"
)


@router.get("/days/old", summary="A day, as it was asked for")
@operation(deprecated=OLD)
async def old_day() -> Day:
    """It is to be left."""
    return Day(1)


@router.get("/days/new", summary="A day")
async def new_day() -> Day:
    """It stays."""
    return Day(1)


app = FastAPI()
app.include_router(router)
describe(app, origin="http://127.0.0.1:8101", tags={"days": "Days"})


async def test_a_deprecated_operation_says_so_in_its_answers_and_in_the_document() -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door") as client:
        old, new = await client.get("/v1/days/old"), await client.get("/v1/days/new")
    assert old.headers["deprecation"] == "@1793491200"
    assert old.headers["sunset"] == "Wed, 30 Jun 2027 17:00:00 GMT"
    assert old.headers["link"] == '<https://motcua.example/changes>; rel="deprecation"'
    assert not {"deprecation", "sunset", "link"} & set(new.headers)
    paths = app.openapi()["paths"]
    assert paths["/v1/days/old"]["get"]["deprecated"] is True
    assert set(paths["/v1/days/old"]["get"]["responses"]["200"]["headers"]) == {"Deprecation", "Sunset", "Link"}
    assert "deprecated" not in paths["/v1/days/new"]["get"]
