"""The API of notices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from fastapi import FastAPI

import shared.web
from migrations.versions import newest
from services.notices.approval.api import steps
from services.notices.audit import service as auditing
from services.notices.audit.api import audits
from services.notices.drafting.api import batches, documents, excerpts, figures, gauges, notices, orders
from services.notices.drafting.excerpts import ExcerptRenderer
from services.notices.drafting.store import queue as notice_queue
from services.notices.evidence.api import evidence, forms
from services.notices.evidence.forms import service as form_service
from services.notices.figures.metrics_client import Metrics
from services.notices.inspections.api import inspections
from services.notices.issuing.api import gauges as certificate_gauges
from services.notices.issuing.api import issues, readiness
from services.notices.issuing.signer import Signer
from services.notices.previews import api as previews
from services.notices.recommendations.api import recommendations
from services.notices.rendering.renderer import Renderer
from services.notices.revisions.api import revisions
from services.notices.submissions import api as submissions
from services.notices.verification import service as verification
from services.notices.verification.api import verifications
from shared.access.lookups import Lookups
from shared.heartbeat import check_worker
from shared.sandbox.parent import SharedSandbox
from shared.schema import check_version
from shared.settings import settings
from shared.statements import begun_at
from shared.web import create_app

METRICS_PATIENCE = 10.0
"""Seconds that metrics may take while the caller waits for the response to an order."""


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.revision = newest("notices")
    tasks = [asyncio.create_task(gauges.refresh(app.state.database)), asyncio.create_task(certificate_gauges.refresh())]
    config = settings()
    async with (
        Metrics(config.metrics_url, config.metrics_key.get_secret_value(), patience=METRICS_PATIENCE) as metrics,
        AsyncExitStack() as processes,
    ):
        app.state.metrics = metrics
        app.state.sandbox = SharedSandbox(auditing.AT_ONCE, advice=auditing.ADVICE)
        app.state.form_sandbox = SharedSandbox(concurrency=2, advice=form_service.ADVICE)
        app.state.renderer = await processes.enter_async_context(Renderer())
        app.state.signer = await processes.enter_async_context(Signer())
        app.state.issuing = asyncio.Lock()
        app.state.excerpts = await processes.enter_async_context(ExcerptRenderer())
        app.state.page_lookups = Lookups(app.state.database, connections=1)
        app.state.verification_sandbox = SharedSandbox(concurrency=2, advice=verification.ADVICE)
        app.state.audit_bodies = asyncio.Semaphore(auditing.MAX_BODIES)
        app.state.audit_retention = timedelta(days=config.audit_days)
        yield
    for task in tasks:
        task.cancel()


class Ready(shared.web.Ready, frozen=True, kw_only=True):
    """Notices can take orders and draft them."""

    waiting: int
    """Notices that are still to be drafted."""


async def _ready(app: FastAPI) -> Ready:
    async with app.state.database.connection() as connection:
        await check_version(connection, "notices", app.state.revision)
        await check_worker(connection, "notices")
        waiting = (await notice_queue.summary(connection, await begun_at(connection))).waiting
        return Ready(service="notices", waiting=waiting)


app = create_app(
    "notices",
    title="motcua notices",
    description="Composes the conclusion of an inspection from pinned figures, checks its arithmetic and renders it.",
    tags={
        "inspections": "What an inspection is about and what its team found",
        "notices": "Conclusions: drafted, checked, downloaded",
        "audits": "The figures of any notice: read, recomputed, marked",
    },
    ready=_ready,
    lifespan=_lifespan,
)
for routes in (
    submissions,
    inspections,
    evidence,
    forms,
    orders,
    batches,
    notices,
    figures,
    excerpts,
    documents,
    revisions,
    steps,
    issues,
    readiness,
    recommendations,
    verifications,
    previews,
    audits,
):
    app.include_router(routes.router)
app.include_router(verifications.public)
