"""The doors of ingest for who sends events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import pytest_asyncio

from shared.access.keys import create_key
from tests.conftest import NewDatabase, Processes
from tests.patience import PATIENCE

SESSION_SECRET = "a secret that no database of ours ever holds"


SCOPES = ("events:write", "sources:manage", "dossiers:read", "feed:read", "catalogue:write")


@dataclass
class Door:
    """An ingest API with three sources of province 30, and a key that may do everything here."""

    http: httpx.AsyncClient
    database: asyncpg.Connection
    key: str

    async def own(self, events: list[Any], **headers: str) -> httpx.Response:
        return await self.http.post("/v1/events?source=own", json=events, headers=headers)

    async def national(self, body: Any, **headers: str) -> dict[str, Any]:
        answer = await self.http.post("/v1/national/hai-duong", json=body, headers={"Authorization": "", **headers})
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        return said

    async def enveloped(self, service: str, *data: Any) -> dict[str, Any]:
        session = (await self.national({"username": "hai-duong", "password": self.key}, dstcode="000.00.00.G22"))["session"]
        return await self.national({"session": session, "madonvi": "000.00.19.H30", "service": service, "data": list(data)})

    async def dossier(self, code: str) -> dict[str, Any]:
        answer = await self.http.get(f"/v1/dossiers/{code}?province=30")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def pushes(self, source: str) -> dict[str, Any]:
        (row,) = (await self.http.get(f"/v1/pulls?source={source}")).json()["pulls"]
        found: dict[str, Any] = row
        return found


@pytest_asyncio.fixture
async def door(processes: Processes, new_database: NewDatabase) -> AsyncIterator[Door]:
    url = await new_database("ingest")
    api = await asyncio.to_thread(processes.api, "ingest", database_url=url, session_secret=SESSION_SECRET)
    database = await asyncpg.connect(url)
    key = await create_key(database, "ingest", name="test", scopes=list(SCOPES))
    async with httpx.AsyncClient(base_url=api.url, headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE) as http:
        for name, kind in (("own", "own"), ("hai-duong", "national")):
            answer = await http.put(f"/v1/sources/{name}", json={"province": "30", "kind": kind, "settings": {}})
            assert answer.status_code == 200, answer.text
        yield Door(http, database, key)
    await database.close()


def event(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "code": f"H30-{number}",
        "id": f"v{number}",
        "at": "2023-06-15T09:00:00+07:00",
        "status": "processing",
        "received_at": "2023-06-15T08:00:00+07:00",
        "channel": "online",
        **changes,
    }
