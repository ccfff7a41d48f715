"""An API as browsers call it."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from deploy.local.postgres import PostgreSQL
from deploy.local.redis import Redis
from deploy.local.services import Process
from shared.database import Database
from tests.conftest import Processes
from tests.metrics.conftest import count_feed
from tests.metrics.test_kpis_api import received_now
from tests.patience import PATIENCE

PORTAL = "https://portal.example"
SECRET = "a secret that no database of ours ever holds"
QUESTION = "/v1/kpis?province=30&period=7d"


@dataclass
class Metrics:
    """An API of metrics that pages of the portal may call, with a counted dossier of province 30."""

    process: Process
    database: Database
    """As its owner."""
    key: str
    """Of province 30, with the scope figures:read."""


@pytest_asyncio.fixture(scope="session")
async def served(folder: Path, redis: Redis, postgres: PostgreSQL, _templates: Any) -> AsyncIterator[Metrics]:
    processes = Processes(folder / "browsers-logs", redis.url)
    url = postgres.url(await _templates(("metrics",)))
    database = Database(url, size=2)
    await count_feed(database, [received_now(1, 1)], random.Random(1), province="30")
    api = processes.api("metrics", database_url=url, cors_origins=f"{PORTAL}, http://10.0.0.7:3000", session_secret=SECRET)
    yield Metrics(api, database, await processes.key("metrics", url, "figures:read", province="30"))
    api.kill()
    await database.close()


@pytest_asyncio.fixture
async def metrics(served: Metrics) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a key."""
    async with httpx.AsyncClient(base_url=served.process.url, headers={"X-API-Key": served.key}, timeout=PATIENCE) as client:
        yield client
