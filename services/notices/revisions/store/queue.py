"""The queue of revisions to be checked and rendered.

As in the queue of notices, a worker writes only while it holds the revision.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.notices.drafting.store.notices import Rendering, followed_revision
from services.notices.drafting.store.queue import store_renderings
from services.notices.drafting.tables import notice
from services.notices.figures.caveats import ConfirmedCaveats
from services.notices.inspections.model import JSONObject
from services.notices.inspections.tables import inspection
from services.notices.rendering.model import RenderingFormat
from services.notices.revisions.model import RevisionOrigin
from services.notices.revisions.tables import notice_revision
from shared.database import Connection
from shared.leased_queues import LeasedQueue
from shared.leases import NOW
from shared.statements import Statement, parameter

c, n = notice_revision.c, notice.c
_INSTANT = sa.DateTime(timezone=True)
_NOTICE = parameter("notice_id", sa.BigInteger)
_NUMBER = parameter("number", sa.Integer)

_INSERTED = ("notice_id", "number", "origin", "author", "reason", "key_id", "base", "as_of", "confirmed", "confirmed_reason")
_INSERT = Statement[None](
    sa.insert(notice_revision).values(
        {name: parameter(name, c[name].type) for name in _INSERTED}
        | {"state": sa.literal_column("'queued'"), "edits": sa.cast(parameter("edits", sa.Text), pg.JSONB)}
    )
)
_MARK_PENDING = Statement[None](
    sa.update(notice).where(n.id == _NOTICE).values(pending_revision=_NUMBER, revision=n.revision + 1)
)


async def insert(
    tx: Connection,
    *,
    notice_id: int,
    number: int,
    origin: RevisionOrigin,
    author: str,
    reason: str,
    key_id: str,
    base: int,
    as_of: str | None,
    confirmed: ConfirmedCaveats,
    edits: str,
) -> None:
    """Queue a revision of a notice that the caller holds."""
    await _INSERT.run(
        tx,
        notice_id=notice_id,
        number=number,
        origin=origin,
        author=author,
        reason=reason,
        key_id=key_id,
        base=base,
        as_of=as_of,
        confirmed=list(confirmed.kinds),
        confirmed_reason=confirmed.reason,
        edits=edits,
    )
    await _MARK_PENDING.run(tx, notice_id=notice_id, number=number)


class RevisionJob(NamedTuple):
    """A revision that is to be made, leased to a worker."""

    notice_id: int
    number: int
    worker: str
    attempt: int
    lapses: int
    waited: timedelta
    origin: RevisionOrigin
    base: int
    as_of: str | None
    confirmed: list[str]
    edits: str
    """JSON."""
    text_revision: int
    """The revision of the notice until this one is made."""
    inspection_id: int
    inspection: JSONObject
    inspection_version: int
    followed_revision: int | None
    """Of the notice that the inspection follows; None: it follows none."""


QUEUE = LeasedQueue(
    notice_revision,
    RevisionJob,
    (
        c.notice_id,
        c.number,
        c.attempts.label("attempt"),
        (NOW - c.created_at).label("waited"),
        c.origin,
        c.base,
        c.as_of,
        c.confirmed,
        sa.cast(c.edits, sa.Text).label("edits"),
        n.text_revision,
        n.inspection_id,
        inspection.c.body.label("inspection"),
        inspection.c.version.label("inspection_version"),
        followed_revision().label("followed_revision"),
    ),
    waiting="queued",
    working="making",
    claimed={"attempts": c.attempts + 1},
    joined=(n.id == c.notice_id, inspection.c.id == n.inspection_id),
)
_PUT_STEP = QUEUE.noting(step=parameter("new_step", sa.Text))


async def put_step(tx: Connection, job: RevisionJob, step: str, now: datetime) -> None:
    """Store how far the work is."""
    await QUEUE.write(tx, _PUT_STEP, job, now, new_step=step)


class MadeRevision(NamedTuple):
    """What is stored of a revision, each part as JSON."""

    document: str
    checks: str
    outcomes: str
    composed: str | None
    """None of an edit, as what follows: it stands on that of its base."""
    pinned: str | None
    figures: str | None


def _json(name: str) -> sa.ColumnElement[Any]:
    return sa.cast(parameter(f"new_{name}", sa.Text), pg.JSONB)


_VERSIONS = {
    "position": parameter("new_position", sa.BigInteger),
    "inspection_version": parameter("new_inspection_version", sa.Integer),
    "evidence_version": parameter("new_evidence_version", sa.Integer),
}
_COMPLETE = QUEUE.ending(
    state="made", error=sa.null(), step=sa.null(), made_at=NOW, **_VERSIONS, **{k: _json(k) for k in MadeRevision._fields}
)
_OF_NOTICE = {
    name: sa.func.coalesce(_json(name), n[name]) if name in ("pinned", "figures") else _json(name)
    for name in ("document", "checks", "pinned", "figures")
}
_REPLACE_TEXT = Statement[None](
    sa.update(notice)
    .where(n.id == _NOTICE)
    .values(text_revision=_NUMBER, pending_revision=sa.null(), revision=n.revision + 1, **_VERSIONS, **_OF_NOTICE)
)
_ORDERED = ("as_of", "confirmed", "confirmed_reason")
_REPLACE_ORDER = Statement[None](
    sa.update(notice)
    .where(n.id == _NOTICE, c.notice_id == n.id, c.number == _NUMBER, c.origin == "regeneration")
    .values({name: c[name] for name in _ORDERED} | {"followed_revision": parameter("followed_revision", sa.Integer)})
)


async def complete(
    tx: Connection,
    job: RevisionJob,
    made: MadeRevision,
    renderings: dict[RenderingFormat, Rendering],
    *,
    position: int,
    inspection_version: int | None,
    evidence_version: int | None,
    now: datetime,
) -> bool:
    """Make it what the notice states, with its documents; False when the lease has run out, and nothing is stored."""
    one = {"notice_id": job.notice_id, "number": job.number}
    versions: dict[str, Any] = {"new_position": position, "new_inspection_version": inspection_version}
    versions["new_evidence_version"] = evidence_version
    parts = {f"new_{name}": part for name, part in made._asdict().items()}
    if not await QUEUE.write(tx, _COMPLETE, job, now, **versions, **parts):
        return False
    await _REPLACE_TEXT.run(tx, **one, **versions, **{f"new_{name}": parts[f"new_{name}"] for name in _OF_NOTICE})
    await _REPLACE_ORDER.run(tx, **one, followed_revision=job.followed_revision)
    await store_renderings(tx, job.notice_id, renderings)
    return True


_REASON = parameter("failure", sa.Text)
_RESCHEDULE = QUEUE.ending(state="queued", error=_REASON, due_at=parameter("again_at", _INSTANT))
_FAIL = QUEUE.ending(state="failed", error=_REASON)
_UNMARK = Statement[None](
    sa.update(notice)
    .where(n.id == _NOTICE, n.pending_revision == _NUMBER)
    .values(pending_revision=sa.null(), revision=n.revision + 1)
)


async def reschedule(tx: Connection, job: RevisionJob, error: str, now: datetime, due_at: datetime) -> None:
    """Store why an attempt failed, and queue the revision again for `due_at`."""
    await QUEUE.write(tx, _RESCHEDULE, job, now, failure=error, again_at=due_at)


async def fail(tx: Connection, job: RevisionJob, error: str, now: datetime) -> None:
    """Store why it failed: the notice states what it stated before."""
    if await QUEUE.write(tx, _FAIL, job, now, failure=error):
        await _UNMARK.run(tx, notice_id=job.notice_id, number=job.number)
