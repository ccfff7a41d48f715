"""The worker of notices: drafts notices and audits documents that were ordered, whenever it is notified and at intervals."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from services.notices.audit import service as auditing
from services.notices.audit import store as audits_store
from services.notices.audit.messages import AuditOrder, Finding, Progress
from services.notices.audit.store import AuditJob
from services.notices.composition.followed import FollowedNotice
from services.notices.drafting import service as drafting
from services.notices.drafting.service import RenderedNotice
from services.notices.drafting.store import queue as notice_queue
from services.notices.drafting.store.queue import DraftingJob
from services.notices.evidence import service as evidence_service
from services.notices.evidence.model import EvidenceSet
from services.notices.figures.metrics_client import Metrics
from services.notices.figures.model import Pinned
from services.notices.inspections.model import Inspection
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
from shared.leased_queues import LeasedQueue, attempt_next
from shared.logs import logger
from shared.poll_loop import NextPoll
from shared.sandbox.parent import Sandbox
from shared.side_by_side import side_by_side
from shared.statements import begun_at
from shared.worker import WorkerContext, WorkerLoop, serve

log = logger("worker")


async def draft_next(database: Database, metrics: Metrics, renderer: Renderer, worker: str) -> bool:
    """Draft the notice that waits longest, leased to `worker`; False when none waits."""

    async def make(job: DraftingJob) -> RenderedNotice:
        found = await _sources(database, metrics, job)
        rendering = drafting.render(renderer, found.inspection, found.pinned, found.evidence, found.followed)
        made, counts = await _with_counts(metrics, found, rendering)
        return replace(made, counts=counts)

    return await _attempt_next(
        database,
        notice_queue.QUEUE,
        worker,
        "drafted",
        lambda job: {"notice": job.id},
        make=make,
        store=drafting.store,
        fail=drafting.reschedule,
    )


async def revise_next(database: Database, metrics: Metrics, renderer: Renderer, worker: str) -> bool:
    """Make the revision of a notice that waits longest, leased to `worker`; False when none waits."""

    async def make(job: RevisionJob) -> revising.Remade:
        async def note(step: revising.Step) -> None:
            async def put(tx: Connection) -> None:
                await revision_queue.put_step(tx, job, step, await begun_at(tx))

            await database.run(put)

        async with database.connection() as connection:
            current = await revisions_store.find(connection, job.notice_id, job.text_revision)
            assert current is not None
            before = await revisions_store.base(connection, job.notice_id, current.base)
        if job.origin == "edit":
            return await revising.revise(renderer, job, read_stored(job.inspection), before, current, note)
        await note("figures")
        found = await _sources(database, metrics, job)
        remaking = revising.regenerate(
            renderer, job, found.inspection, before, found.pinned, found.evidence, found.followed, note
        )
        made, counts = await _with_counts(metrics, found, remaking)
        return replace(made, rendered=replace(made.rendered, counts=counts))

    return await _attempt_next(
        database,
        revision_queue.QUEUE,
        worker,
        "revised",
        lambda job: {"notice": job.notice_id, "revision": job.number},
        make=make,
        store=revising.store,
        fail=revising.reschedule,
    )


J = TypeVar("J", DraftingJob, RevisionJob)
R = TypeVar("R", RenderedNotice, revising.Remade)


async def _attempt_next(
    database: Database,
    queue: LeasedQueue[J],
    worker: str,
    what: str,
    of: Callable[[J], dict[str, int]],
    *,
    make: Callable[[J], Awaitable[R]],
    store: Callable[[Connection, J, R, datetime], Awaitable[bool]],
    fail: Callable[[Connection, J, Exception, datetime], Awaitable[None]],
) -> bool:
    """Make what waits longest in a queue of notices; False when nothing waits. `what` and `of`: how the log calls it."""

    async def unless_lapsed(job: J) -> R:
        drafting.demand_lapses(job.lapses)
        return await make(job)

    done = await attempt_next(
        database, queue, worker, drafting.LEASE, make=unless_lapsed, store=store, fail=fail, caught=Exception
    )
    if done is None:
        return False
    if done.made is None:
        log.warning(f"notice not {what}", **of(done.job), attempt=done.job.attempt, **_failure(done.error))
    else:
        rendered = done.made if isinstance(done.made, RenderedNotice) else done.made.rendered
        log.info(f"notice {what}", **of(done.job), position=rendered.pinned.position, stored=done.stored)
    return True


@dataclass(frozen=True)
class _Sources:
    """What a notice is composed from."""

    inspection: Inspection
    pinned: Pinned
    evidence: EvidenceSet | None
    followed: FollowedNotice | None


async def _sources(database: Database, metrics: Metrics, job: DraftingJob | RevisionJob) -> _Sources:
    """The figures at one position, and what is stored of the inspection of a job."""
    inspection = read_stored(job.inspection)
    pinned = await drafting.pin_figures(metrics, inspection, job.as_of)
    pinned = drafting.add_caveats(pinned, inspection, job.confirmed, datetime.now(UTC))
    async with database.connection() as connection:
        followed = await recommending.followed_notice(connection, inspection)
        evidence = await evidence_service.read(connection, job.inspection_id, inspection.period.end)
    return _Sources(inspection, pinned, evidence, followed)


async def _with_counts(metrics: Metrics, of: _Sources, making: Coroutine[Any, Any, R]) -> tuple[R, str | None]:
    """What is made of figures, and what they are summed of: that is read meanwhile, for nothing of a notice prints it."""
    async with side_by_side() as group:
        counting = group.create_task(drafting.read_counts(metrics, of.inspection, of.pinned))
        made = await group.create_task(making)
    return made, counting.result()


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
