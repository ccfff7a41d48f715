"""The queue of notices to be drafted: rows of `notice`, each leased to one worker at a time.

A worker writes only while it holds the notice (`shared.leased_queues`), and moves it only by the steps of `model.TRANSITIONS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, get_args

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.notices.drafting.model import PENDING, TRANSITIONS, NoticeState, WorkerStep
from services.notices.drafting.store.notices import Content, Rendering, followed_revision, newest_evidence
from services.notices.drafting.tables import notice, rendering
from services.notices.inspections.model import JSONObject
from services.notices.inspections.tables import inspection
from services.notices.rendering.model import RenderingFormat
from shared.database import Connection
from shared.leased_queues import LeasedQueue
from shared.leases import NOW
from shared.statements import Statement, parameter

c = notice.c
_INSTANT = sa.DateTime(timezone=True)
_CLAIMED = TRANSITIONS["claim"]


class DraftingJob(NamedTuple):
    """A notice that is to be drafted, leased to a worker."""

    id: int
    worker: str
    """Who holds it."""
    attempt: int
    lapses: int
    """How often its lease ran out because the worker died."""
    waited: timedelta
    """Since it was ordered."""
    as_of: str | None
    confirmed: list[str]
    """Kinds of caveats that whoever ordered it confirmed."""
    inspection_id: int
    inspection: JSONObject
    inspection_version: int
    """Of that inspection."""


QUEUE = LeasedQueue(
    notice,
    DraftingJob,
    (
        c.id,
        c.attempts.label("attempt"),
        (NOW - c.ordered_at).label("waited"),
        c.as_of,
        c.confirmed,
        c.inspection_id,
        inspection.c.body.label("inspection"),
        inspection.c.version.label("inspection_version"),
    ),
    waiting="queued",
    working=_CLAIMED.target,
    claimed={
        "attempts": c.attempts + 1,
        "revision": c.revision + 1,
        "inspection_version": inspection.c.version,
        "evidence_version": newest_evidence(),
        "followed_revision": followed_revision(),
    },
    joined=(inspection.c.id == c.inspection_id,),
)


def _end_of_attempt(step: WorkerStep, **values: sa.ColumnElement[Any]) -> Statement[None]:
    return QUEUE.ending(state=TRANSITIONS[step].target, revision=c.revision + 1, **values)


_COMPLETE = _end_of_attempt(
    "complete",
    error=sa.null(),
    position=parameter("new_position", sa.BigInteger),
    inspection_version=parameter("new_inspection_version", sa.Integer),
    evidence_version=parameter("new_evidence_version", sa.Integer),
    drafted_at=NOW,
    **{name: sa.cast(parameter(f"new_{name}", sa.Text), pg.JSONB) for name in Content._fields},
)
_RENDERED = pg.insert(rendering).values({column: parameter(column.name, column.type) for column in rendering.c})
_STORE_RENDERING = Statement[None](
    _RENDERED.on_conflict_do_update(
        index_elements=[rendering.c.notice_id, rendering.c.format],
        set_={"content": _RENDERED.excluded.content, "digest": _RENDERED.excluded.digest},
    )
)


async def complete(
    tx: Connection,
    job: DraftingJob,
    *,
    position: int,
    evidence_version: int,
    content: Content,
    renderings: dict[RenderingFormat, Rendering],
    now: datetime,
) -> bool:
    """Store a rendered notice whole; False when its lease has run out, and nothing is stored."""
    parts: dict[str, object] = {f"new_{name}": part for name, part in content._asdict().items()}
    parts |= {"new_inspection_version": job.inspection_version, "new_evidence_version": evidence_version}
    if not await QUEUE.write(tx, _COMPLETE, job, now, new_position=position, **parts):
        return False
    await store_renderings(tx, job.id, renderings)
    return True


async def store_renderings(tx: Connection, number: int, renderings: dict[RenderingFormat, Rendering]) -> None:
    """Store the files of a notice, in place of those that it has."""
    await _STORE_RENDERING.run_many(
        tx, [{"notice_id": number, "format": name, **one._asdict()} for name, one in sorted(renderings.items())]
    )


_RESCHEDULE = _end_of_attempt("reschedule", error=parameter("reason", sa.Text), due_at=parameter("again_at", _INSTANT))
_FAIL = _end_of_attempt("fail", error=parameter("reason", sa.Text))


async def reschedule(tx: Connection, job: DraftingJob, error: str, now: datetime, due_at: datetime) -> None:
    """Store why an attempt failed, and queue the notice again for `due_at`."""
    await QUEUE.write(tx, _RESCHEDULE, job, now, reason=error, again_at=due_at)


async def fail(tx: Connection, job: DraftingJob, error: str, now: datetime) -> None:
    """Store why the order failed."""
    await QUEUE.write(tx, _FAIL, job, now, reason=error)


@dataclass(frozen=True)
class QueueSummary:
    """State of the queue: notices by state, seconds since the oldest that waits was ordered, and drafts of the
    last 30 days with a failed check."""

    by_state: dict[str, int]
    waiting_seconds: float
    unsound: int

    @property
    def waiting(self) -> int:
        """Notices still to be drafted."""
        return sum(self.by_state[state] for state in PENDING)


class _States(NamedTuple):
    state: NoticeState
    notices: int


class _Recent(NamedTuple):
    waiting_seconds: float
    unsound: int


_STATES = Statement(sa.select(c.state, sa.func.count().label("notices")).group_by(c.state), _States)


_A_FAILED_CHECK = sa.cast(sa.literal('[{"ok": false}]', sa.Text), pg.JSONB)


def _recent() -> sa.Select[tuple[float, int]]:
    to_be_made = c.state.in_(PENDING)
    waiting = sa.extract("epoch", NOW - sa.func.min(c.ordered_at).filter(to_be_made))
    return sa.select(
        sa.cast(sa.func.coalesce(waiting, 0), sa.Double).label("waiting_seconds"),
        sa.func.count().filter(c.checks.contains(_A_FAILED_CHECK)).label("unsound"),
    ).where(sa.or_(c.ordered_at > parameter("since", _INSTANT), to_be_made))


_RECENT = Statement(_recent(), _Recent)


async def summary(tx: Connection, now: datetime) -> QueueSummary:
    """State of the queue."""
    by_state = dict.fromkeys(get_args(NoticeState), 0) | dict(await _STATES.all(tx))
    recent = await _RECENT.one(tx, now=now, since=now - timedelta(days=30))
    return QueueSummary(by_state, recent.waiting_seconds, recent.unsound)
