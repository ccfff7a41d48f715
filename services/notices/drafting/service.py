"""Drafting a notice: pin the figures, compose, check, render, store.

The row in `notices.notice` is the job. Each attempt is independent: it pins the figures again, and stores everything or
nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import msgspec

from services.notices.audit.checks import Check
from services.notices.composition.followed import FollowedNotice
from services.notices.composition.kpis import (
    BY_STEP,
    KPIS,
    KPIS_BY_AGENCY,
    STEPS,
    counted_comparisons,
    demand_comparable,
    kpis_of_whole,
)
from services.notices.composition.model import NoticeDocument
from services.notices.composition.service import compose
from services.notices.drafting.store import counts as counts_store
from services.notices.drafting.store import queue as notice_queue
from services.notices.drafting.store.notices import Content, Rendering
from services.notices.drafting.store.queue import DraftingJob
from services.notices.evidence.model import EvidenceSet
from services.notices.figures.caveats import caveats_of, demand_confirmed
from services.notices.figures.counts import counted_days
from services.notices.figures.index_figures import with_index
from services.notices.figures.index_periods import index_period
from services.notices.figures.metrics_client import Metrics
from services.notices.figures.model import EarlierShares, Figure, Pinned
from services.notices.figures.pinning import demand_position, demand_totals, pin, with_doubt, with_earlier
from services.notices.inspections.model import Inspection, Period
from services.notices.rendering.documents import RenderingOrder
from services.notices.rendering.model import RenderingFormat
from services.notices.rendering.renderer import Renderer
from shared.contracts.counts import MAX_COUNTED_DAYS
from shared.contracts.kpis import KpiResponse, UnitRow
from shared.database import Connection
from shared.errors import Guidance, NotFound, Problem, Unavailable
from shared.side_by_side import side_by_side

LEASE = timedelta(seconds=6)
"""How long a silent worker holds a notice before another may claim it; the lease is renewed while the work goes on."""

MAX_RETRY_DELAY = timedelta(seconds=30)
MAX_WAIT = timedelta(hours=2)
"""How long after its order a notice waits for an unavailable service; after that the order has failed."""

MAX_FAULTS = 5
"""Attempts after which an unforeseen error fails the order."""

MAX_LAPSES = 5
"""Leases of a notice that may lapse because workers died; after that the order fails instead of being tried again."""


@dataclass(frozen=True)
class RenderedNotice:
    """A notice with all that is stored of it."""

    pinned: Pinned
    document: NoticeDocument
    figures: dict[str, Figure]
    checks: list[Check]
    renderings: dict[RenderingFormat, bytes]
    evidence_version: int = 0
    """Of the evidence that it states; 0: none was handed in."""
    counts: str | None = None
    """What its figures are summed of, as JSON; None: metrics did not tell, or it has those of before."""


async def pin_figures(metrics: Metrics, inspection: Inspection, as_of: str | None) -> Pinned:
    """Pin all figures at one position: that of the first response.

    Raises what reading metrics raises, for any of them, and `Unavailable` where the figures moved meanwhile.
    """
    catalogue = await metrics.catalogue()
    demand_comparable(inspection, catalogue)
    total = await metrics.kpis(inspection, kpis_of_whole(inspection, catalogue), by="none", as_of=as_of)
    position = str(total.position)
    period = index_period(inspection.period.start, inspection.period.end)
    async with side_by_side() as group:
        by_agency = group.create_task(metrics.kpis(inspection, KPIS_BY_AGENCY, by="agency", as_of=position))
        by_procedure = group.create_task(metrics.kpis_by_procedure(inspection, KPIS, as_of=position))
        by_department = group.create_task(metrics.kpis_by_work(inspection, STEPS, by="department", as_of=position))
        by_step = group.create_task(metrics.kpis_by_work(inspection, BY_STEP, by="step", as_of=position))
        earlier = [
            group.create_task(_earlier(metrics, inspection, days, kpis, position))
            for days, kpis in counted_comparisons(inspection).items()
        ]
        index = None if period is None else group.create_task(metrics.index(inspection, period, as_of=position))
    agencies, procedures, departments, steps = (
        by_agency.result(),
        by_procedure.result(),
        by_department.result(),
        by_step.result(),
    )
    demand_totals(total.total, agencies.total, procedures.total, departments.total, steps.total)
    pinned = pin(catalogue, total, agencies, procedures, departments, steps)
    for one in earlier:
        found = one.result()
        pinned = with_doubt(pinned, found) if isinstance(found, EarlierShares) else with_earlier(pinned, found)
    return pinned if period is None or index is None else with_index(pinned, period, *index.result())


async def _earlier(
    metrics: Metrics, inspection: Inspection, days: Period, kpis: tuple[str, ...], position: str
) -> KpiResponse[UnitRow] | EarlierShares:
    """The shares of earlier days; why there are none where there was no such scope."""
    try:
        return await metrics.kpis_of_days(inspection, days, kpis, as_of=position)
    except NotFound:
        return EarlierShares(kpis, "unknown_scope")


async def read_counts(metrics: Metrics, inspection: Inspection, pinned: Pinned) -> str | None:
    """What pinned figures are summed of, by agency and day, as it is attached to an issued notice.

    None where metrics is of a release that does not tell it yet, and of periods that are too long for it. Raises what reading
    metrics raises, and `Unavailable` where it answers for another position.
    """
    if (inspection.period.end - inspection.period.start).days >= MAX_COUNTED_DAYS:
        return None
    try:
        found = await metrics.counts(inspection, kpis_of_whole(inspection, pinned.catalogue), as_of=str(pinned.position))
    except NotFound:
        return None
    demand_position(pinned.position, found.position)
    return msgspec.json.encode(counted_days(found)).decode()


def add_caveats(pinned: Pinned, inspection: Inspection, confirmed: Collection[str], now: datetime) -> Pinned:
    """The figures with their caveats; raises `CaveatsNotConfirmed` when one has come up since the order."""
    caveats = caveats_of(pinned, inspection.period, now)
    demand_confirmed(caveats, confirmed, exactly=False)
    return msgspec.structs.replace(pinned, caveats=caveats)


async def render(
    renderer: Renderer,
    inspection: Inspection,
    pinned: Pinned,
    evidence: EvidenceSet | None = None,
    followed: FollowedNotice | None = None,
) -> RenderedNotice:
    """Compose, check and render: the same input gives the same bytes. Takes some 0,2 s of one core.

    `evidence`: what the team established; None: nothing. `followed`: the earlier notice that it followed up.
    Raises what composing raises, `Unprintable`, `RendererDied` and `RenderingFailed`.
    """
    document, figures = await asyncio.to_thread(compose, inspection, pinned, evidence, followed)
    rendered = await render_document(renderer, inspection, pinned, document, figures)
    return replace(rendered, evidence_version=evidence.version if evidence else 0)


async def render_document(
    renderer: Renderer, inspection: Inspection, pinned: Pinned, document: NoticeDocument, figures: dict[str, Figure]
) -> RenderedNotice:
    """Check and render what is composed. Raises `Unprintable`, `RendererDied` and `RenderingFailed`."""
    by = msgspec.structs.replace(pinned, figures={})
    rendered = await renderer.render(RenderingOrder(document, figures, by, document_date(pinned, inspection)))
    return RenderedNotice(pinned, document, figures, rendered.checks, rendered.files)


def files_of(renderings: Mapping[RenderingFormat, bytes]) -> dict[RenderingFormat, Rendering]:
    """The files with their digests, as they are stored."""
    return {name: Rendering(file, hashlib.sha256(file).digest()) for name, file in renderings.items()}


def document_date(pinned: Pinned, inspection: Inspection) -> datetime:
    """The only date inside the files: when the figures were counted."""
    if pinned.as_of is not None:
        return pinned.as_of.astimezone(UTC).replace(microsecond=0)
    end = inspection.period.end
    return datetime(end.year, end.month, end.day, tzinfo=UTC)


async def store(tx: Connection, job: DraftingJob, rendered: RenderedNotice, now: datetime) -> bool:
    """Store a rendered notice; False when the lease was lost, and nothing is stored."""
    # All figures are stored once, in the column `figures`.
    pinned = msgspec.structs.replace(rendered.pinned, figures={})
    content = Content(
        pinned=msgspec.json.encode(pinned).decode(),
        figures=msgspec.json.encode(rendered.figures).decode(),
        document=msgspec.json.encode(rendered.document).decode(),
        checks=msgspec.json.encode(rendered.checks).decode(),
    )
    completed = await notice_queue.complete(
        tx,
        job,
        position=rendered.pinned.position,
        evidence_version=rendered.evidence_version,
        content=content,
        renderings=files_of(rendered.renderings),
        now=now,
    )
    if completed:
        await counts_store.put(tx, job.id, rendered.counts)
    return completed


class WorkersDied(Problem):
    """Workers die when they draft the notice."""

    type = "workers-died"
    title = "The workers died over this notice"
    guidance = Guidance(
        "Tell the operator, with the notice's id: making it ends the workers that try it.",
        "Tiến trình dừng khi lập thông báo",
        "Việc lập thông báo này làm dừng các tiến trình thực hiện.",
        "Báo người vận hành kèm mã thông báo.",
    )


def demand_lapses(lapses: int) -> None:
    """Raise `WorkersDied` when more than `MAX_LAPSES` workers have died over a notice."""
    if lapses > MAX_LAPSES:
        raise WorkersDied(f"{lapses} workers died while they made this notice. Look into their logs and their memory.")


def retry_delay(error: Exception, *, attempt: int, waited: timedelta, max_wait: timedelta = MAX_WAIT) -> timedelta | None:
    """How long to wait before the next attempt; None when the order has failed.

    What may pass (`Unavailable`) is tried again with growing delays, until `waited` since the order is `max_wait`. Any other
    `Problem` is final. An unforeseen error is tried `MAX_FAULTS` times.
    """
    if isinstance(error, Unavailable):
        ended = waited >= max_wait
    elif isinstance(error, Problem):
        ended = True
    else:
        ended = attempt >= MAX_FAULTS
    return None if ended else min(MAX_RETRY_DELAY, timedelta(seconds=0.25 * 2 ** min(attempt, 10)))


async def reschedule(tx: Connection, job: DraftingJob, error: Exception, now: datetime) -> None:
    """Store why an attempt failed, and when the notice is tried again; or fail its order, with what to do."""
    detail = error.detail if isinstance(error, Problem) else f"{type(error).__name__}: {error}"
    delay = retry_delay(error, attempt=job.attempt, waited=job.waited)
    if delay is None:
        guidance = f" Mend that, then order it anew: POST /v1/inspections/{job.inspection_id}/notices."
        await notice_queue.fail(tx, job, detail[: 1000 - len(guidance)] + guidance, now)
    else:
        await notice_queue.reschedule(tx, job, detail[:1000], now, due_at=now + delay)
