"""The API of metrics: its routes, what runs beside them in the process, and whether it is ready."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Self

import msgspec
from fastapi import FastAPI

import shared.web
from migrations.versions import newest
from services.metrics.agencies import api as agencies
from services.metrics.agencies.service import KnownUnits
from services.metrics.alerts import api as alerts
from services.metrics.alerts.store import newest as newest_alerts
from services.metrics.consistency import api as consistency
from services.metrics.counting.ingest_client import Ingest
from services.metrics.counting.store import ledgers
from services.metrics.disagreements import api as disagreements
from services.metrics.event_stream import api as watching
from services.metrics.figures.api import comparisons, kpis
from services.metrics.figures.api import drilldown as figures
from services.metrics.figures.api.schemas import SCHEMAS
from services.metrics.figures.api.table_processes import TableProcesses
from services.metrics.indices import api as indices
from services.metrics.manual_inputs import api as manual_inputs
from services.metrics.monitoring import gauges, incomplete, ingest_probe
from services.metrics.petitions import api as petitions
from services.metrics.polling.api import CachedResponses
from services.metrics.polling.cache import Cache
from services.metrics.polling.positions import Positions
from services.metrics.polling.release import release
from services.metrics.previews import api as previews
from services.metrics.previews.service import CountedPreviews
from services.metrics.province_status import api as province_status
from services.metrics.provinces.store import provinces
from services.metrics.restatements import api as restatements
from shared.errors import Guidance, Unavailable
from shared.heartbeat import check_worker
from shared.schema import check_version
from shared.settings import settings
from shared.web import Api, create_app
from shared.web.operations import operation


class RestoredProvince(msgspec.Struct, frozen=True):
    """Which province's feed is another one."""

    province: str
    """The province."""
    since: datetime
    """When that was seen first."""


class IngestRestored(Unavailable):
    """Ingest was restored from a backup, or another one stands in its place."""

    type = "ingest-restored"
    title = "Ingest's feed is not the one that was counted"
    guidance = Guidance(
        "The operator points INGEST_URL back, or follows the new feed: `POST /v1/provinces/<province>/resync`.",
        "Dòng dữ liệu của ingest không phải dòng đã tính",
        "Ingest được khôi phục từ bản sao lưu, hoặc đã bị thay bằng hệ thống khác.",
        "Người vận hành trỏ lại INGEST_URL, hoặc theo dòng mới: `POST /v1/provinces/<province>/resync`.",
    )

    @classmethod
    def example(cls) -> Self:
        """Of a backup that is some versions older than what was counted."""
        return cls(
            "Ingest's feed of province 30 is not the one that was counted up to position 41234: it ends at 40100. Nothing of it"
            " is counted. Point INGEST_URL back to the one that was followed, or count the new one from the beginning:"
            " POST /v1/provinces/30/resync.",
            members=RestoredProvince("30", datetime(2026, 11, 24, 3, tzinfo=UTC)),
        )


@asynccontextmanager
async def _lifespan(app: Api) -> AsyncIterator[None]:
    config = settings()
    app.state.revision = newest("metrics")
    app.state.units = KnownUnits()
    app.state.previews = CountedPreviews()
    app.state.tables = TableProcesses(config.database_of("metrics"))
    app.state.watchers = watching.Watchers()
    app.state.positions = Positions(app.state.database, newest_alerts, ledgers.revision())
    release()  # read before the first request waits for it
    app.state.cache = Cache(app.state.positions)
    app.fast_path = CachedResponses(app.state.cache, app.state.access)
    ingest = Ingest(config.ingest_url, config.ingest_key.get_secret_value(), patience=config.ingest_poll_seconds)
    app.state.ingest = ingest
    background = (
        asyncio.create_task(app.state.positions.run()),
        asyncio.create_task(app.state.watchers.end_invalid(app.state.database)),
        asyncio.create_task(
            ingest_probe.poll_ingest(app.state.database, ingest, config.ingest_poll_seconds, config.worker_timeout_seconds)
        ),
        asyncio.create_task(incomplete.open_alerts(app.state.database, app.state.positions)),
        asyncio.create_task(gauges.update(app.state.database, app.state.positions)),
    )
    try:
        async with ingest:
            yield
    finally:
        app.state.tables.close()
        for task in background:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


class ReadyProvince(msgspec.Struct, frozen=True):
    """How far a province is counted."""

    position: int
    """Of the feed, up to which its versions are counted."""
    behind: int | None
    """Versions that ingest has and that are not counted; null: not known."""


class Ready(shared.web.Ready, frozen=True, kw_only=True):
    """Metrics is ready; the `freshness` of each response states what is missing from its figures."""

    provinces: dict[str, ReadyProvince]
    """Every province, by its key."""


@operation(problems=(IngestRestored,))
async def _ready(app: FastAPI) -> Ready:
    async with app.state.database.connection() as connection:
        await check_version(connection, "metrics", app.state.revision)
        await check_worker(connection, "metrics")
        known = await provinces.all_provinces(connection)
    for province in known.values():
        if province.other_feed is not None:
            why, since = province.other_feed
            raise IngestRestored(
                f"Ingest's feed of province {province.province} is not the one that was counted up to position"
                f" {province.position}: {why}. Nothing of it is counted. Point INGEST_URL back to the one that was followed, or"
                f" count the new one from the beginning: POST /v1/provinces/{province.province}/resync.",
                members=RestoredProvince(province.province, since),
            )
    provinces_known = {name: ReadyProvince(one.position, one.lag) for name, one in known.items()}
    return Ready(service="metrics", provinces=provinces_known)


app = create_app(
    "metrics",
    title="motcua metrics",
    description="Counts the feed of dossier versions and computes every KPI, for any period, now or as known then.",
    tags={
        "kpis": "KPIs of a scope and a period, now or as they were known",
        "figures": "The dossiers behind a figure",
        "comparisons": "Series, comparisons, rankings and restatements",
        "operations": "Provinces, consistency checks, alerts, and manual inputs",
        "watching": "Events when something changes",
    },
    ready=_ready,
    lifespan=_lifespan,
    plans=settings().reading_plans,
    schemas=SCHEMAS,
)
for part in (
    *(kpis, agencies, comparisons, restatements, previews, indices, figures, disagreements),
    *(province_status, consistency, alerts, manual_inputs, petitions, watching),
):
    app.include_router(part.router)
