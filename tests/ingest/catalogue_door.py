"""The catalogue of ingest through its API, and dossiers that it dates."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest_asyncio

from services.ingest.catalogue import service as catalogue
from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers.redating import redate_next
from services.ingest.dossiers.service import apply_batch
from services.ingest.events.model import About, Batch, Course, Event
from shared.agencies import reference_structure
from shared.database import Database
from shared.dossier import Status
from shared.procedures import reference_procedures
from tests.conftest import NewDatabase, Processes
from tests.patience import PATIENCE


@dataclass
class Door:
    """The API over a database with the reference catalogue in province 30."""

    client: httpx.AsyncClient
    database: Database
    url: str

    async def handed_in(self, path: str, body: bytes, media_type: str, **words: Any) -> Any:
        response = await self.client.put(
            f"/v1/catalogue/30/{path}", content=body, headers={"Content-Type": media_type}, params=words
        )
        assert response.status_code == 200, response.text
        return response.json()

    async def version(self) -> int:
        return int((await self.client.get("/v1/catalogue", params={"province": "30"})).json()["version"])


async def _begin(database: Database) -> None:
    async with database.transaction() as tx:
        await catalogue.put_agencies(tx, "30", list(reference_structure()))
        await catalogue.put_procedures(tx, "30", list(reference_procedures()))


@pytest_asyncio.fixture
async def door(processes: Processes, new_database: NewDatabase) -> AsyncIterator[Door]:
    async with _opened(processes, await new_database("ingest")) as opened:
        yield opened


@asynccontextmanager
async def _opened(processes: Processes, url: str, **environment: str) -> AsyncIterator[Door]:
    database = Database(url, size=2)
    await _begin(database)
    process = processes.api("ingest", database_url=url, **environment)
    key = await processes.key("ingest", url, "catalogue:write", "feed:read", "dossiers:read", "sources:manage")
    async with httpx.AsyncClient(base_url=process.url, headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE) as client:
        yield Door(client, database, url)
    await database.close()


def new_dossier(
    number: int, received: str, *, ended: str | None = None, delivered: str | None = None, due: str | None = None
) -> Event:
    def at(text: str | None) -> datetime | None:
        return datetime.fromisoformat(f"{text}+07:00").astimezone(UTC) if text else None

    status = Status.delivered if delivered else Status.resolved if ended else Status.processing
    course = Course(status, at(received), at(ended), at(delivered))
    about = About("10816", "1.004873")
    return Event(f"D-{number}", "test", str(number), datetime(2024, 1, 1, tzinfo=UTC), about, at(due), course=course)


async def taken_in(database: Database, *events: Event) -> None:
    rulesets = RulesetCache()
    async with database.transaction() as tx:
        await apply_batch(tx, "30", "test", Batch(list(events), []), rulesets)


async def redated(database: Database) -> None:
    rulesets = RulesetCache()
    while await database.run(lambda tx: redate_next(tx, rulesets, datetime.now(UTC))) is not None:
        pass
