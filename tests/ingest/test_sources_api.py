"""How a source is connected: whose it is, what it stays, and what its settings may hold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest_asyncio

from tests.conftest import NewDatabase, Processes


class Door:
    """The API of ingest with keys of two provinces, and one for both."""

    def __init__(self, url: str, keys: dict[str, str]) -> None:
        self._clients = {
            name: httpx.AsyncClient(base_url=url, headers={"X-API-Key": key}, timeout=30) for name, key in keys.items()
        }

    async def put(self, who: str, name: str, **changes: Any) -> httpx.Response:
        """Connect a source as the province `who` ("30", "31") or as one for "both"."""
        body = {"stream": who, "kind": "own", "settings": {}, **changes}
        return await self._clients[who].put(f"/v1/sources/{name}", json=body)

    async def get(self, who: str, path: str) -> Any:
        return (await self._clients[who].get(path)).json()

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()


@pytest_asyncio.fixture
async def door(processes: Processes, new_database: NewDatabase) -> AsyncIterator[Door]:
    url = await new_database("ingest")
    api = await asyncio.to_thread(processes.api, "ingest", database_url=url)
    keys = {stream: await processes.key("ingest", url, "sources:manage", stream=stream) for stream in ("30", "31")}
    made = Door(api.url, {**keys, "both": await processes.key("ingest", url, "sources:manage")})
    yield made
    await made.close()


async def test_a_source_stays_with_its_province_and_what_it_is(door: Door) -> None:
    assert (await door.put("30", "desk", settings={})).status_code == 200
    before = await door.get("30", "/v1/sources/desk")

    foreign = await door.put("31", "desk")
    assert foreign.status_code == 404
    assert "30" not in foreign.json()["detail"]
    assert (await door.put("30", "desk", stream="31")).status_code == 404
    for change in ({"stream": "31"}, {"stream": "30", "kind": "national"}):
        changed = await door.put("both", "desk", **change)
        assert changed.status_code == 409
        assert "another name" in changed.json()["detail"]
    assert await door.get("30", "/v1/sources/desk") == before

    assert (await door.put("30", "desk", enabled=False, every_seconds=5)).status_code == 200
    after = await door.get("30", "/v1/sources/desk")
    assert (after["stream"], after["kind"], after["enabled"], after["every_seconds"]) == ("30", "own", False, 5)


async def test_two_provinces_that_choose_a_name_at_once_do_not_share_a_source(door: Door) -> None:
    answers = await asyncio.gather(*(door.put(who, "same") for who in ("30", "31", "30", "31")))
    won = (await door.get("both", "/v1/sources/same"))["stream"]
    assert [answer.status_code for answer in answers] == [200 if who == won else 404 for who in ("30", "31", "30", "31")]
