"""Making a notice: pin the figures, compose, check, render, keep.

The row in `notices.notice` is the work. Each attempt stands alone: it pins anew, and stores everything or nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from services.notices.audit.checks import Check, check
from services.notices.composition.kpis import KPIS, asked_of_the_whole, demand_comparable
from services.notices.composition.model import Notice
from services.notices.composition.service import compose
from services.notices.drafting.store import queue as notice_queue
from services.notices.drafting.store.notices import Content, Rendering
from services.notices.drafting.store.queue import Work
from services.notices.figures.caveats import caveats_of, demand_confirmed
from services.notices.figures.metrics_client import Metrics
from services.notices.figures.model import Figure, Pinned
from services.notices.figures.pinning import pin
from services.notices.inspections.model import Inspection
from services.notices.rendering.docx import docx
from services.notices.rendering.model import RenderingFormat
from services.notices.rendering.pdf import pdf
from services.notices.rendering.xlsx import xlsx
from shared.database import Connection
from shared.errors import Guidance, Problem, Unavailable

LEASE = timedelta(seconds=6)
"""How long a worker that went silent keeps a notice from the others; it is renewed while the work goes on."""

LONGEST_PAUSE = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=2)
"""How long after its order a notice waits for a service that is away; after that the order ends."""

MOST_FAULTS = 5
"""Attempts after which a fault of ours ends the matter."""

MOST_LAPSES = 5
"""Workers that may die over a notice; the next one ends the order instead of trying it."""


@dataclass(frozen=True)
class Made:
    """A notice with all that is stored of it."""

    pinned: Pinned
    document: Notice
    figures: dict[str, Figure]
    checks: list[Check]
    renderings: dict[RenderingFormat, bytes]


async def gather(metrics: Metrics, inspection: Inspection, as_of: str | None) -> Pinned:
    """Pin all figures at one position: the one that the first answer gives."""
    catalogue = await metrics.catalogue()
    demand_comparable(inspection, catalogue)
    total = await metrics.kpis(inspection, asked_of_the_whole(inspection, catalogue), by="none", as_of=as_of)
    position = str(total.position)
    by_agency = await metrics.kpis(inspection, KPIS, by="agency", as_of=position)
    by_procedure = await metrics.kpis_by_procedure(inspection, KPIS, as_of=position)
    return pin(catalogue, total, by_agency, by_procedure)


def with_caveats(pinned: Pinned, inspection: Inspection, confirmed: Collection[str], now: datetime) -> Pinned:
    """The figures with what their reader must be told; raises `Unconfirmed` when that has come up since the order."""
    caveats = caveats_of(pinned, inspection.period, now)
    demand_confirmed(caveats, confirmed, exactly=False)
    return msgspec.structs.replace(pinned, caveats=caveats)


def make(inspection: Inspection, pinned: Pinned) -> Made:
    """Compose, check and render: a pure function of what goes in, bytes included. Takes some 0,2 s of one core."""
    document, figures = compose(inspection, pinned)
    made_at = _instant(pinned, inspection)
    with ThreadPoolExecutor(1) as beside:
        # The typesetter lets go of the interpreter, so the rest is done meanwhile.
        printed = beside.submit(pdf, document, figures, made_at=made_at)
        checks = check(document, figures, pinned)
        renderings: dict[RenderingFormat, bytes] = {
            "docx": docx(document, made_at=made_at),
            "xlsx": xlsx(document, made_at=made_at),
            "pdf": printed.result(),
        }
    return Made(pinned, document, figures, checks, renderings)


def _instant(pinned: Pinned, inspection: Inspection) -> datetime:
    """The only date inside the files: when the figures were counted, so that they say what they stand on."""
    if pinned.as_of is not None:
        return pinned.as_of.astimezone(UTC).replace(microsecond=0)
    end = inspection.period.end
    return datetime(end.year, end.month, end.day, tzinfo=UTC)


async def keep(tx: Connection, work: Work, made: Made, now: datetime) -> bool:
    """Store a made notice; say whether it was still ours to make."""
    # Stored once, under `figures`: with those derived and entered beside those pinned.
    pinned = msgspec.structs.replace(made.pinned, figures={})
    content = Content(
        pinned=msgspec.json.encode(pinned).decode(),
        figures=msgspec.json.encode(made.figures).decode(),
        document=msgspec.json.encode(made.document).decode(),
        checks=msgspec.json.encode(made.checks).decode(),
    )
    renderings = {form: Rendering(file, hashlib.sha256(file).digest()) for form, file in made.renderings.items()}
    return await notice_queue.complete(tx, work, position=made.pinned.position, content=content, renderings=renderings, now=now)


class WorkersDied(Problem):
    """Making the notice ends the workers that try it."""

    type = "workers-died"
    title = "The workers died over this notice"
    guidance = Guidance(
        "Tell the operator, with the notice's id: making it ends the workers that try it.",
        "Tiến trình dừng khi lập thông báo",
        "Việc lập thông báo này làm dừng các tiến trình thực hiện.",
        "Báo người vận hành kèm mã thông báo.",
    )


def demand_alive(work: Work) -> None:
    """Raise `WorkersDied` when too many workers have died over the notice."""
    if work.lapses > MOST_LAPSES:
        raise WorkersDied(f"{work.lapses} workers died while they made this notice. Look into their logs and their memory.")


def pause_after(error: Exception, *, attempt: int, waited: timedelta) -> timedelta | None:
    """How long to wait before the next attempt; None when the order has failed.

    What may pass (`Unavailable`) is tried again ever more slowly, until `waited` since the order is `LONGEST_WAIT`. Any other
    `Problem` is final. What nobody foresaw is tried `MOST_FAULTS` times.
    """
    if isinstance(error, Unavailable):
        ended = waited >= LONGEST_WAIT
    elif isinstance(error, Problem):
        ended = True
    else:
        ended = attempt >= MOST_FAULTS
    return None if ended else min(LONGEST_PAUSE, timedelta(seconds=0.25 * 2 ** min(attempt, 10)))


async def put_off(tx: Connection, work: Work, error: Exception, now: datetime) -> None:
    """Note a failure, and either when the notice is tried again or that its order has failed and what to do."""
    detail = error.detail if isinstance(error, Problem) else f"{type(error).__name__}: {error}"
    pause = pause_after(error, attempt=work.attempt, waited=work.waited)
    if pause is None:
        again = f" Mend that, then order it anew: POST /v1/inspections/{work.inspection_id}/notices."
        await notice_queue.fail(tx, work, detail[: 1000 - len(again)] + again, now)
    else:
        await notice_queue.put_off(tx, work, detail[:1000], now, due_at=now + pause)
