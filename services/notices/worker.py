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
from services.notices.audit.messages import AuditOrder, Progress
from services.notices.audit.store import AuditJob
from services.notices.drafting import service as drafting
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
from shared.leases import auto_renewed
from shared.logs import logger
from shared.poll_loop import NextPoll
from shared.sandbox.parent import Sandbox
from shared.statements import begun_at
from shared.worker import WorkerContext, WorkerLoop, serve

log = logger("worker")


async def draft_next(database: Database, metrics: Metrics, renderer: Renderer, worker: str) -> bool:
    """Draft the notice that waits longest, leased to `worker`; False when none waits.

    It is claimed in one transaction and stored in another; none is open while metrics is queried.
    """

    async def claim(tx: Connection) -> DraftingJob | None:
        return await notice_queue.claim(tx, worker, await begun_at(tx), drafting.LEASE)

    job = await database.run(claim)
    if job is None:
        return False

    async def renew(tx: Connection) -> bool:
        return await notice_queue.renew(tx, job, await begun_at(tx), drafting.LEASE)

    try:
        drafting.demand_few_lapses(job)
        # Renewed while the work goes on, the lease can be short: no notice waits longer for a dead worker.
        async with auto_renewed(database, drafting.LEASE, renew):
            inspection = read_stored(job.inspection)
            pinned = await drafting.pin_figures(metrics, inspection, job.as_of)
            counts = await drafting.read_counts(metrics, inspection, pinned)
            pinned = drafting.add_caveats(pinned, inspection, job.confirmed, datetime.now(UTC))
            async with database.connection() as connection:
                followed = await recommending.followed_notice(connection, inspection)
                evidence = await evidence_service.read(connection, job.inspection_id, inspection.period.end)
            rendered = await drafting.render(renderer, inspection, pinned, evidence, followed)
            rendered = replace(rendered, counts=counts)
    except Exception as error:
        log.warning("notice not drafted", notice=job.id, attempt=job.attempt, error=type(error).__name__, cause=_cause(error))
        failure = error

        async def reschedule(tx: Connection) -> None:
            await drafting.reschedule(tx, job, failure, await begun_at(tx))

        await database.run(reschedule)
        return True

    async def store(tx: Connection) -> bool:
        return await drafting.store(tx, job, rendered, await begun_at(tx))

    stored = await database.run(store)
    log.info("notice drafted", notice=job.id, position=pinned.position, stored=stored)
    return True


async def revise_next(database: Database, metrics: Metrics, renderer: Renderer, worker: str) -> bool:
    """Make the revision of a notice that waits longest, leased to `worker`; False when none waits."""

    async def claim(tx: Connection) -> RevisionJob | None:
        return await revision_queue.claim(tx, worker, await begun_at(tx), drafting.LEASE)

    job = await database.run(claim)
    if job is None:
        return False

    async def renew(tx: Connection) -> bool:
        return await revision_queue.renew(tx, job, await begun_at(tx), drafting.LEASE)

    async def note(step: revising.Step) -> None:
        async def put(tx: Connection) -> None:
            await revision_queue.put_step(tx, job, step, await begun_at(tx))

        await database.run(put)

    try:
        drafting.demand_lapses(job.lapses)
        async with auto_renewed(database, drafting.LEASE, renew):
            remade = await _remade(database, metrics, renderer, job, note)
    except Exception as error:
        log.warning(
            "notice not revised",
            notice=job.notice_id,
            revision=job.number,
            attempt=job.attempt,
            error=type(error).__name__,
            cause=_cause(error),
        )
        failure = error

        async def reschedule(tx: Connection) -> None:
            await revising.reschedule(tx, job, failure, await begun_at(tx))

        await database.run(reschedule)
        return True

    async def store(tx: Connection) -> bool:
        return await revising.store(tx, job, remade, await begun_at(tx))

    stored = await database.run(store)
    log.info("notice revised", notice=job.notice_id, revision=job.number, stored=stored)
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


def _cause(error: Exception) -> str:
    """Why an attempt failed, for the log; of an unforeseen error where it was raised: its text may be what people wrote."""
    if isinstance(error, Problem | RendererDied | RenderingFailed):
        return str(error)[:300]
    return cause_of(error)


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

    async def claim(tx: Connection) -> AuditJob | None:
        return await auditing.claim(tx, worker, retention, await begun_at(tx))

    job = await database.run(claim)
    if job is None:
        return False

    async def renew(tx: Connection) -> bool:
        return await audits_store.renew(tx, job, await begun_at(tx), auditing.LEASE)

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

    try:
        auditing.demand_few_lapses(job)
        async with auto_renewed(database, auditing.LEASE, renew):
            found = await auditing.finding(sandbox, AuditOrder(job.content_type, job.title), body(), note)
    except Problem as problem:
        refusal = problem

        async def fail(tx: Connection) -> None:
            await auditing.fail(tx, job, refusal, await begun_at(tx))

        await database.run(fail)
        log.info("document not audited", audit=job.id, reason=problem.type)
        return True

    async def complete(tx: Connection) -> bool:
        return await auditing.complete(tx, job, found, await begun_at(tx))

    stored = await database.run(complete)
    log.info("document audited", audit=job.id, stored=stored)
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
