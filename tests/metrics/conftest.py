"""Counted worlds, and the API of metrics as the tests ask it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest_asyncio

from deploy.local.postgres import PostgreSQL
from deploy.local.redis import Redis
from migrations.upgrade import upgrade
from services.metrics.agencies import store as catalogue
from services.metrics.counting import service as rollup
from shared.agencies import reference_structure
from shared.contracts.feed import Catalogue, FeedItem
from shared.database import Connection, Database
from tests.conftest import NewDatabase, Processes
from tests.metrics.stack import Stack, running
from tests.metrics.worlds import random_feed
from tests.patience import PATIENCE, until


@dataclass
class World:
    """A feed that was counted in batches of random sizes."""

    feed: list[FeedItem]
    ends: list[int] = field(default_factory=list)
    """Positions at the ends of batches."""


async def count_feed(
    database: Database, feed: list[FeedItem], random: random.Random, largest: int = 120, province: str = "30"
) -> World:
    """Count `feed` in random batches, under the reference catalogue."""
    world = World(feed)

    async def begin(tx: Connection) -> None:
        await rollup.apply(tx, province, [], 0)
        await catalogue.take_catalogue(tx, Catalogue(province, 1, list(reference_structure()), []))

    await database.run(begin)
    done = 0
    while done < len(feed):
        chunk = feed[done : done + random.randint(1, largest)]

        async def work(tx: Connection, chunk: list[FeedItem] = chunk) -> None:
            await rollup.apply(tx, province, chunk, feed[-1].position)

        await database.run(work)
        done += len(chunk)
        world.ends.append(chunk[-1].position)
    return world


@pytest_asyncio.fixture
async def counted(metrics_database: Database) -> Callable[..., Awaitable[World]]:
    """Makes a random world and counts it in `metrics_database`."""

    async def make(seed: int, dossiers: int = 150, versions: int = 500) -> World:
        source = random.Random(seed)
        return await count_feed(metrics_database, random_feed(source, dossiers, versions), source)

    return make


OF_NO_PROVINCE = ("/v1/kpis/catalogue", "/v1/figures/")
"""Paths that take no province: all have one, or it stands in the path."""


@dataclass
class Api:
    """The API of metrics as a real process, with a key that may read figures."""

    client: httpx.AsyncClient
    database: Database
    """The database behind it, under the service's own role."""
    owner_url: str
    key: str
    province: str
    """Each test has a province of its own."""

    async def count(self, feed: list[FeedItem], source: random.Random | None = None, largest: int = 120) -> World:
        """Count a feed in random batches of at most `largest`, under the reference catalogue."""
        return await count_feed(self.database, feed, source or random.Random(1), largest, self.province)

    async def get(self, path: str, **words: Any) -> Any:
        """The JSON of an answer that must be 200; `since` stands for `from`."""
        words = {"from" if name == "since" else name: value for name, value in words.items()}
        if not path.startswith(OF_NO_PROVINCE):
            words = {"province": self.province, **words}
        response = await self.client.get(path, params=words)
        assert response.status_code == 200, response.text
        return response.json()

    async def until(self, position: int, path: str, **words: Any) -> Any:
        """The answer, once the process has been told of `position`."""
        return await until(lambda: self.get(path, **words), lambda answer: answer["position"] >= position)


@pytest_asyncio.fixture(scope="session")
async def served(postgres: PostgreSQL, redis: Redis, folder: Path) -> AsyncIterator[tuple[str, str, str]]:
    """One API for all tests that ask it: its URL, its database and a key. Each test counts a province of its own."""
    admin = await asyncpg.connect(postgres.url("postgres"))
    await admin.execute("CREATE DATABASE metrics_api")
    await admin.close()
    url = postgres.url("metrics_api")
    await asyncio.to_thread(upgrade, "metrics", url)
    running = Processes(folder / "metrics-api-logs", redis.url)
    process = running.api("metrics", database_url=url)
    key = await running.key("metrics", url, "figures:read", "figures:write", "ops:read")
    yield process.url, url, key
    process.kill()


_numbers = count(1)


@pytest_asyncio.fixture
async def api(served: tuple[str, str, str]) -> AsyncIterator[Api]:
    """The API with an empty province."""
    address, url, key = served
    database = Database(url, size=4)
    async with httpx.AsyncClient(base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE) as client:
        yield Api(client, database, url, key, f"s{next(_numbers)}")
    await database.close()


@pytest_asyncio.fixture
async def stack(processes: Processes, new_database: NewDatabase) -> AsyncIterator[Stack]:
    """Ingest and metrics with their workers, each with a database of its own."""
    async with running(processes, new_database) as made:
        yield made
