"""The worker of notices: drafts notices and audits documents that were ordered, whenever it is notified and at intervals."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.notices.audit import service as auditing
from services.notices.audit import store as audits_store
from services.notices.audit.messages import AuditOrder, Finding, Progress
from services.notices.audit.store import AuditJob
from services.notices.drafting import service as drafting
from services.notices.drafting.service import RenderedNotice
from services.notices.drafting.store import queue as notice_queue
from services.notices.drafting.store.queue import DraftingJob
from services.notices.evidence import service as evidence_service
from services.notices.figures.metrics_client import Metrics
from services.notices.inspections.service import read_stored
from services.notices.recommendations import service as recommending
from services.notices.rendering.documents import cause_of
from services.notices.rendering.renderer import Renderer, RendererDied, RenderingFailed
from services.notices.revisions import service as revising
from services.notices.revisions.store import queue as revision_queue
from services.notices.revisions.store import revisions as revisions_store
from services.notices.revisions.store.queue import RevisionJob
from shared.database import Connection, Database
from shared.errors import Problem
from shared.leased_queues import attempt_next
from shared.logs import logger
from shared.poll_loop import NextPoll
from shared.sandbox.parent import Sandbox
from shared.statements import begun_at
from shared.worker import WorkerContext, WorkerLoop, serve

log = logger("worker")


async def draft_next(database: Database, metrics: Metrics, renderer: Renderer, worker: str) -> bool:
    """Draft the notice that waits longest, leased to `worker`; False when none waits."""

    async def make(job: DraftingJob) -> RenderedNotice:
        drafting.demand_lapses(job.lapses)
        inspection = read_stored(job.inspection)
        pinned = await drafting.pin_figures(metrics, inspection, job.as_of)
        counts = await drafting.read_counts(metrics, inspection, pinned)
        pinned = drafting.add_caveats(pinned, inspection, job.confirmed, datetime.now(UTC))
        async with database.connection() as connection:
            followed = await recommending.followed_notice(connection, inspection)
            evidence = await evidence_service.read(connection, job.inspection_id, inspection.period.end)
        return replace(await drafting.render(renderer, inspection, pinned, evidence, followed), counts=counts)

    done = await attempt_next(
        database,
        notice_queue.QUEUE,
        worker,
        drafting.LEASE,
        make=make,
        store=drafting.store,
        fail=drafting.reschedule,
        caught=Exception,
    )
    if done is None:
        return False
    if done.made is None:
        log.warning("notice not drafted", notice=done.job.id, attempt=done.job.attempt, **_failure(done.error))
    else:
        log.info("notice drafted", notice=done.job.id, position=done.made.pinned.position, stored=done.stored)
    return True


async def revise_next(database: Database, metrics: Metrics, renderer: Renderer, worker: str) -> bool:
    """Make the revision of a notice that waits longest, leased to `worker`; False when none waits."""

    async def make(job: RevisionJob) -> revising.Remade:
        async def note(step: revising.Step) -> None:
            async def put(tx: Connection) -> None:
                await revision_queue.put_step(tx, job, step, await begun_at(tx))

            await database.run(put)

        drafting.demand_lapses(job.lapses)
        return await _remade(database, metrics, renderer, job, note)

    done = await attempt_next(
        database,
        revision_queue.QUEUE,
        worker,
        drafting.LEASE,
        make=make,
        store=revising.store,
        fail=revising.reschedule,
        caught=Exception,
    )
    if done is None:
        return False
    of = {"notice": done.job.notice_id, "revision": done.job.number}
    if done.made is None:
        log.warning("notice not revised", **of, attempt=done.job.attempt, **_failure(done.error))
    else:
        log.info("notice revised", **of, stored=done.stored)
    return True


class DraftingTurns:
    """Revisions and notices in turn: somebody waits before the screen for a revision, and yet edits keep no notice waiting."""

    def __init__(self, database: Database, metrics: Metrics, renderer: Renderer, worker: str) -> None:
        """The first turn is that of revisions."""
        self._parts = database, metrics, renderer, worker
        self._turn: tuple[_Work, _Work] = (revise_next, draft_next)

    async def next(self) -> bool:
        """Do what waits longest of those whose turn it is, or else of the others; False when nothing waits."""
        first, second = self._turn
        self._turn = (second, first)
        return await first(*self._parts) or await second(*self._parts)


_Work = Callable[[Database, Metrics, Renderer, str], Awaitable[bool]]


def _failure(error: Exception | None) -> dict[str, str]:
    """Why an attempt failed, for the log; of an unforeseen error where it was raised: its text may be what people wrote."""
    assert error is not None
    is_known = isinstance(error, Problem | RendererDied | RenderingFailed)
    return {"error": type(error).__name__, "cause": str(error)[:300] if is_known else cause_of(error)}


async def _remade(
    database: Database, metrics: Metrics, renderer: Renderer, job: RevisionJob, note: revising.Note
) -> revising.Remade:
    inspection = read_stored(job.inspection)
    async with database.connection() as connection:
        current = await revisions_store.find(connection, job.notice_id, job.text_revision)
        assert current is not None
        before = await revisions_store.base(connection, job.notice_id, current.base)
    if job.origin == "edit":
        return await revising.revise(renderer, job, inspection, before, current, note)
    await note("figures")
    pinned = await drafting.pin_figures(metrics, inspection, job.as_of)
    counts = await drafting.read_counts(metrics, inspection, pinned)
    pinned = drafting.add_caveats(pinned, inspection, job.confirmed, datetime.now(UTC))
    async with database.connection() as connection:
        followed = await recommending.followed_notice(connection, inspection)
        evidence = await evidence_service.read(connection, job.inspection_id, inspection.period.end)
    remade = await revising.regenerate(renderer, job, inspection, before, pinned, evidence, followed, note)
    return replace(remade, rendered=replace(remade.rendered, counts=counts))


async def audit_next(database: Database, sandbox: Sandbox, worker: str, retention: timedelta) -> bool:
    """Audit the document that waits longest, leased to `worker`; False when none waits. Audits older than `retention` go."""

    async def purge(tx: Connection, now: datetime) -> None:
        await audits_store.purge(tx, now - retention)

    async def make(job: AuditJob) -> Finding:
        noted = 0.0

        async def note(progress: Progress) -> None:
            nonlocal noted
            if time.monotonic() - noted >= auditing.PROGRESS_SECONDS:
                noted = time.monotonic()

                async def put(tx: Connection) -> None:
                    await audits_store.put_progress(tx, job, progress.read, progress.pages, await begun_at(tx))

                await database.run(put)

        async def body() -> AsyncIterator[bytes]:
            yield job.content

        auditing.demand_few_lapses(job)
        return await auditing.finding(sandbox, AuditOrder(job.content_type, job.title), body(), note)

    done = await attempt_next(
        database,
        audits_store.QUEUE,
        worker,
        auditing.LEASE,
        make=make,
        store=auditing.complete,
        fail=auditing.fail,
        caught=Problem,
        prepare=purge,
    )
    if done is None:
        return False
    if done.error is not None:
        log.info("document not audited", audit=done.job.id, reason=done.error.type)
    else:
        log.info("document audited", audit=done.job.id, stored=done.stored)
    return True


@asynccontextmanager
async def loops(shell: WorkerContext) -> AsyncIterator[list[WorkerLoop]]:
    """The loops of the worker, while the client of metrics is open and the renderer may be started."""
    sandbox = Sandbox(auditing.LATER, advice=auditing.ADVICE)
    retention = timedelta(days=shell.config.audit_days)
    async with (
        Metrics(shell.config.metrics_url, shell.config.metrics_key.get_secret_value()) as metrics,
        Renderer() as renderer,
    ):
        turns = DraftingTurns(shell.database, metrics, renderer, shell.name)

        async def draft() -> NextPoll | None:
            return NextPoll.when(await turns.next())

        async def audit() -> NextPoll | None:
            return NextPoll.when(await audit_next(shell.database, sandbox, shell.name, retention))

        yield [WorkerLoop("drafting", draft), WorkerLoop("auditing", audit)]


if __name__ == "__main__":
    sys.exit(serve("notices", loops, connections=3))
