"""Notices before the real metrics with a counted district: as processes, or with the test as their worker."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import pytest_asyncio

from deploy.local.postgres import PostgreSQL
from deploy.local.redis import Redis
from deploy.local.services import Process
from services.notices.drafting import orders as ordering
from services.notices.drafting.store import notices as notices_store
from services.notices.drafting.store.notices import NoticeRow
from services.notices.figures.caveats import ConfirmedCaveats
from services.notices.figures.metrics_client import Metrics
from services.notices.inspections import service as submissions
from services.notices.inspections.model import Inspection
from services.notices.rendering.renderer import Renderer
from services.notices.worker import draft_next
from shared.database import Database
from tests.certificates import signing_settings
from tests.conftest import Processes
from tests.faults.proxy import LossyProxy
from tests.notices.counted import PERIOD, UNEXPLAINED, count_district
from tests.notices.issued import issued, rendered  # noqa: F401
from tests.notices.metrics_proxy import MetricsProxy, metrics_proxy
from tests.patience import PATIENCE

T = TypeVar("T")


def until(read: Callable[[], T], holds: Callable[[T], bool], within: float = PATIENCE) -> T:
    """What `read` gives once it `holds`."""
    deadline = time.monotonic() + within
    while not holds(value := read()):
        assert time.monotonic() < deadline, value
        time.sleep(0.03)
    return value


@dataclass
class CountedMetrics:
    """The API of metrics as a process, with the district counted."""

    url: str
    key: str
    """May read figures."""
    database_url: str
    """The owner's; it has the schema of notices too."""
    position: int

    def until_complete(self, complete: bool) -> None:
        """Wait until its figures are called complete, or not."""
        query = {"province": "30", "kpi": "received_new", **PERIOD}

        def is_complete() -> object:
            response = httpx.get(f"{self.url}/v1/kpis", params=query, headers={"X-API-Key": self.key}, timeout=PATIENCE)
            return response.json()["freshness"]["complete"]

        until(is_complete, lambda value: value is complete)


@pytest_asyncio.fixture(scope="session")
async def counted_metrics(postgres: PostgreSQL, _templates: Any, redis: Redis, folder: Path) -> AsyncIterator[CountedMetrics]:
    """Metrics for all tests of notices: starting it and counting takes longer than most of them."""
    url = postgres.url(await _templates(("metrics", "notices")))
    position = await count_district(url)
    running = Processes(folder / "notices-metrics-logs", redis.url)
    try:
        metrics = running.api("metrics", database_url=url)
        yield CountedMetrics(metrics.url, await running.key("metrics", url, "figures:read"), url, position)
    finally:
        for process in running.started:
            process.kill()


@dataclass
class Services:
    """Notices as processes, before metrics."""

    http: httpx.Client
    """With a key that reads and writes."""
    worker: Process
    processes: Processes
    database_url: str
    """The owner's."""
    metrics: CountedMetrics
    proxy: MetricsProxy
    """Between notices and metrics."""

    @property
    def position(self) -> int:
        """Of the counted district."""
        return self.metrics.position

    def submit(self, **changes: Any) -> str:
        """The address of an inspection of the counted period."""
        submitted = self.http.post("/v1/inspections", json=UNEXPLAINED | changes)
        assert submitted.status_code == 201, submitted.text
        return submitted.headers["location"]

    def order(self, body: dict[str, Any] | None = None, **changes: Any) -> httpx.Response:
        """The response to an order of a notice of such an inspection."""
        return self.http.post(f"{self.submit(**changes)}/notices", json=body)

    def ended(self, number: int) -> dict[str, Any]:
        """The notice once it is drafted or has failed."""

        def read() -> dict[str, Any]:
            notice: dict[str, Any] = self.http.get(f"/v1/notices/{number}").json()
            return notice

        return until(read, lambda notice: notice["state"] in ("draft", "failed"))

    def drafted(self, body: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
        """A drafted notice of such an inspection."""
        ordered = self.order(body, **changes)
        assert ordered.status_code == 202, ordered.text
        notice = self.ended(ordered.json()["id"])
        assert notice["state"] == "draft", notice["error"]
        return notice


@pytest_asyncio.fixture(scope="session")
async def _services(counted_metrics: CountedMetrics, redis: Redis, folder: Path) -> AsyncIterator[Services]:
    """API and worker of notices for all tests that need processes."""
    url = counted_metrics.database_url
    processes = Processes(folder / "notices-logs", redis.url)
    try:
        with metrics_proxy(counted_metrics.url) as proxy:
            settings = {"metrics_url": proxy.url, "metrics_key": counted_metrics.key, "poll_seconds": "0.2"}
            api = processes.api("notices", database_url=url, **settings)
            worker = processes.worker("notices", database_url=url, **settings)
            key = await processes.key("notices", url, "notices:read", "notices:write")
            with httpx.Client(base_url=api.url, headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE) as http:
                yield Services(http, worker, processes, url, counted_metrics, proxy)
    finally:
        for process in processes.started:
            process.kill()


@pytest_asyncio.fixture
async def services(_services: Services) -> AsyncIterator[Services]:
    """Notices as processes; metrics is itself again after the test."""
    yield _services
    _services.proxy.reset()


@dataclass
class Workbench:
    """Notices without processes: the test is the worker."""

    database: Database
    client: Metrics
    proxy: MetricsProxy
    """Between the client and metrics."""
    renderer: Renderer
    """Of the test."""
    inspection: int = 0

    async def order(self, confirmed: ConfirmedCaveats = ConfirmedCaveats()) -> int:
        """The number of a notice of the counted period that waits to be drafted."""
        async with self.database.transaction() as tx:
            self.inspection = await submissions.submit(tx, Inspection.model_validate(UNEXPLAINED), "key")
            return (await ordering.order(tx, self.inspection, "30", None, confirmed, "key")).number

    async def attempt(self, number: int, *failures: int) -> NoticeRow:
        """The notice after one more attempt at which metrics first fails with these statuses."""
        self.proxy.failures = list(failures)
        async with self.database.transaction() as tx:
            await tx.execute("UPDATE notices.notice SET due_at = now()")
        assert await draft_next(self.database, self.client, self.renderer, "workbench")
        async with self.database.transaction() as tx:
            row = await notices_store.find(tx, number)
        assert row is not None
        return row


@pytest_asyncio.fixture
async def workbench(notices_database: Database, counted_metrics: CountedMetrics) -> AsyncIterator[Workbench]:
    """Notices with an empty database, and the test as its worker."""
    with metrics_proxy(counted_metrics.url) as proxy:
        async with Metrics(proxy.url, counted_metrics.key) as client, Renderer() as renderer:
            yield Workbench(notices_database, client, proxy, renderer)


@pytest.fixture(scope="session")
def commits(postgres: PostgreSQL) -> LossyProxy:
    """Between PostgreSQL and the API that can sign: answers to as many COMMITs are lost as a test says (`left`)."""
    proxy = LossyProxy(postgres.port, rate=1.0, seed=1)
    proxy.left = 0
    return proxy


@pytest_asyncio.fixture
async def signing(services: Services, commits: LossyProxy, postgres: PostgreSQL, tmp_path: Path) -> AsyncIterator[Process]:
    """An API that can sign, and what it was started with."""
    settings = signing_settings(tmp_path) | {"metrics_url": services.proxy.url, "metrics_key": services.metrics.key}
    url = services.database_url.replace(f":{postgres.port}/", f":{commits.port}/")
    api = services.processes.api("notices", database_url=url, **settings)
    yield api
    api.kill()
