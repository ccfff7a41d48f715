"""Notices beside the real metrics: a counted province, both APIs and the worker as processes."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from deploy.local.servers import PostgreSQL, Redis
from shared.database import Database
from tests.conftest import Processes, url_of
from tests.metrics.conftest import count_feed
from tests.metrics.worlds import random_feed
from tests.notices.reference import inspection_body

PERIOD = {"from": "2023-02-01", "to": "2023-03-15"}


@dataclass
class Services:
    """The real metrics with a counted province, and a real notices that asks it."""

    http: httpx.Client
    metrics_url: str
    metrics_key: str
    position: int

    def order(self, body: dict[str, Any] | None = None, **changes: Any) -> httpx.Response:
        """Hand in the reference inspection over the counted period, and order its notice."""
        handed = self.http.post("/v1/inspections", json=inspection_body(period=PERIOD) | changes)
        assert handed.status_code == 201, handed.text
        return self.http.post(f"{handed.headers['location']}/notices", json=body)

    def ended(self, number: int) -> dict[str, Any]:
        """The notice once it is made or has failed."""
        return ended(self.http, number)


def ended(http: httpx.Client, number: int, within: float = 30) -> dict[str, Any]:
    """The notice once it is made or has failed."""
    deadline = time.monotonic() + within
    while True:
        notice: dict[str, Any] = http.get(f"/v1/notices/{number}").json()
        if notice["state"] in ("draft", "failed"):
            return notice
        assert time.monotonic() < deadline, notice
        time.sleep(0.03)


@pytest_asyncio.fixture(scope="session")
async def services(postgres: PostgreSQL, _templates: Any, redis: Redis, folder: Path) -> AsyncIterator[Services]:
    """Both services, running."""
    url = postgres.url(await _templates(("metrics", "notices")))
    counting = Database(url_of("metrics", url), size=2)
    feed = random_feed(random.Random(7), 200, 600)
    await count_feed(counting, feed, random.Random(7))
    await counting.close()
    running = Processes(folder / "notices-and-metrics-logs", redis.url)
    metrics = running.api("metrics", database_url=url)
    metrics_key = await running.key("metrics", url, "figures:read")
    away = {"metrics_url": metrics.url, "metrics_key": metrics_key, "look_seconds": "0.2"}
    notices = running.api("notices", database_url=url, **away)
    running.worker("notices", database_url=url, **away)
    key = await running.key("notices", url, "notices:read", "notices:write")
    with httpx.Client(base_url=notices.url, headers={"Authorization": f"Bearer {key}"}, timeout=30) as http:
        yield Services(http, metrics.url, metrics_key, feed[-1].position)
    for process in running.started:
        process.kill()
