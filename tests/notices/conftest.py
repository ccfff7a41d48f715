"""Notices beside the real metrics, as processes; and notices alone, with a test as its worker and metrics as it wants it."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio

from deploy.local.postgres import PostgreSQL
from deploy.local.redis import Redis
from services.metrics.provinces.model import IngestHead
from services.metrics.provinces.store import ingest_heads, provinces
from services.notices.drafting import orders as ordering
from services.notices.drafting.store import notices as notices_store
from services.notices.drafting.store.notices import NoticeRow
from services.notices.figures.caveats import ConfirmedCaveats
from services.notices.figures.metrics_client import Metrics
from services.notices.inspections import service as submissions
from services.notices.inspections.model import Inspection
from services.notices.worker import draft_next
from shared.contracts.feed import Quality
from shared.database import Connection, Database
from shared.dossier import Facts, Timeliness
from tests.conftest import Processes, url_of
from tests.metrics.conftest import count_feed
from tests.metrics.worlds import random_feed
from tests.notices import answers
from tests.notices.metrics_stand_in import MetricsStandIn, metrics_stand_in
from tests.notices.reference import inspection_body

PERIOD = {"from": "2023-02-01", "to": "2023-03-15"}

UNEXPLAINED = inspection_body(overdue_causes=[], pending_causes=[])
"""The reference inspection without a word on why dossiers are late."""


def explained(facts: Facts) -> Facts:
    """Facts with a cause as the law gives it: of the office where the law's date has passed, else of the software."""
    pending = facts.ended_on is None and facts.late_from is not None
    by_law = facts.timeliness is Timeliness.overdue or pending
    return msgspec.structs.replace(facts, cause="staff" if by_law else "days_off_counted")


@dataclass
class Services:
    """The real metrics with a counted province, and a real notices that asks it."""

    http: httpx.Client
    metrics_url: str
    metrics_key: str
    database_url: str
    """The owner's."""
    position: int

    def order(self, body: dict[str, Any] | None = None, **changes: Any) -> httpx.Response:
        """Hand in the reference inspection over the counted period, and order its notice."""
        handed = self.http.post("/v1/inspections", json=UNEXPLAINED | {"period": PERIOD} | changes)
        assert handed.status_code == 201, handed.text
        return self.http.post(f"{handed.headers['location']}/notices", json=body)

    def until_complete(self, complete: bool) -> None:
        """Wait until metrics calls its figures complete, or not."""
        deadline = time.monotonic() + 30
        asked = {"province": "30", "kpi": "received_new", "from": "2023-02-01", "to": "2023-03-15"}
        while True:
            answer = httpx.get(f"{self.metrics_url}/v1/kpis", params=asked, headers={"X-API-Key": self.metrics_key}, timeout=30)
            if answer.json()["freshness"]["complete"] is complete:
                return
            assert time.monotonic() < deadline, answer.text
            time.sleep(0.03)

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


async def as_if_all_were_running(tx: Connection, position: int) -> None:
    """What a worker of metrics and an ingest with quiet sources leave behind: figures that count as complete."""
    now, later = datetime.now(UTC), datetime.now(UTC) + timedelta(days=1)
    await tx.execute(
        "INSERT INTO metrics.heartbeat (worker, loop, beat_at, alive_until) VALUES ('test', '', $1, $2)", now, later
    )
    await provinces.set_quality(tx, "30", Quality(0, [], None))
    head = IngestHead(position, "epoch", position, None, False, None, now, later)
    await ingest_heads.set_ingest_heads(tx, {"30": head})


@pytest_asyncio.fixture(scope="session")
async def services(postgres: PostgreSQL, _templates: Any, redis: Redis, folder: Path) -> AsyncIterator[Services]:
    """Both services, running."""
    url = postgres.url(await _templates(("metrics", "notices")))
    counting = Database(url_of("metrics", url), size=2)
    feed = [msgspec.structs.replace(item, facts=explained(item.facts)) for item in random_feed(random.Random(7), 200, 600)]
    await count_feed(counting, feed, random.Random(7))
    await counting.run(lambda tx: as_if_all_were_running(tx, feed[-1].position))
    await counting.close()
    running = Processes(folder / "notices-and-metrics-logs", redis.url)
    metrics = running.api("metrics", database_url=url)
    metrics_key = await running.key("metrics", url, "figures:read")
    away = {"metrics_url": metrics.url, "metrics_key": metrics_key, "poll_seconds": "0.2"}
    notices = running.api("notices", database_url=url, **away)
    running.worker("notices", database_url=url, **away)
    key = await running.key("notices", url, "notices:read", "notices:write")
    with httpx.Client(base_url=notices.url, headers={"Authorization": f"Bearer {key}"}, timeout=30) as http:
        yield Services(http, metrics.url, metrics_key, url, feed[-1].position)
    for process in running.started:
        process.kill()


@pytest.fixture(scope="session")
def stand_in() -> Iterator[MetricsStandIn]:
    """Metrics that fails on demand."""
    with metrics_stand_in() as one:
        yield one


@dataclass
class Bench:
    """Notices without processes of its own: the test is the worker."""

    database: Database
    metrics: Metrics
    stand_in: MetricsStandIn
    inspection: int = 0

    async def order(self, confirmed: ConfirmedCaveats = ConfirmedCaveats()) -> int:
        """A notice of the reference inspection."""
        async with self.database.transaction() as tx:
            self.inspection = await submissions.submit(tx, Inspection.model_validate(inspection_body()), "key")
            return await ordering.order(tx, self.inspection, "30", None, confirmed, "key")

    async def attempt(self, number: int, *failures: int) -> NoticeRow:
        """The notice after one more attempt at which metrics answers `failures` first."""
        self.stand_in.failures = list(failures)
        async with self.database.transaction() as tx:
            await tx.execute("UPDATE notices.notice SET due_at = now()")
        assert await draft_next(self.database, self.metrics, "bench")
        async with self.database.transaction() as tx:
            row = await notices_store.find(tx, number)
        assert row is not None
        return row


@pytest_asyncio.fixture
async def bench(notices_database: Database, stand_in: MetricsStandIn) -> AsyncIterator[Bench]:
    """Notices, with the test as its worker."""
    stand_in.answers, stand_in.catalogue = answers.reference(), answers.catalogue()
    async with Metrics(stand_in.url, stand_in.key) as client:
        yield Bench(notices_database, client, stand_in)
