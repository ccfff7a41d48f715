"""Statements on revisions of notices: reading them, and the queue of those to be checked and rendered.

As in the queue of notices, all instants are the caller's, and a worker writes only while it holds the revision.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.notices.drafting.store.notices import NoticeRow, Rendering
from services.notices.drafting.store.queue import store_renderings
from services.notices.drafting.tables import notice
from services.notices.figures.caveats import ConfirmedCaveats
from services.notices.inspections.model import JSONObject
from services.notices.inspections.tables import inspection
from services.notices.rendering.model import RenderingFormat
from services.notices.revisions.model import RevisionOrigin, RevisionState
from services.notices.revisions.tables import notice_revision
from shared import leases
from shared.database import Connection
from shared.leases import NOW, WORKER
from shared.statements import Statement, parameter

c, n = notice_revision.c, notice.c
_INSTANT = sa.DateTime(timezone=True)
_NOTICE = parameter("notice_id", sa.BigInteger)
_NUMBER = parameter("number", sa.Integer)
_ONE = sa.and_(c.notice_id == _NOTICE, c.number == _NUMBER)
PENDING = ("queued", "making")


class RevisionRow(NamedTuple):
    """A revision without its content."""

    notice_id: int
    number: int
    origin: RevisionOrigin
    state: RevisionState
    author: str | None
    reason: str | None
    created_at: datetime
    made_at: datetime | None
    base: int
    """The revision whose composed text and figures it has: its own, or the draft or regeneration before it."""
    position: int | None
    inspection_version: int | None
    evidence_version: int | None
    step: str | None
    error: str | None
    attempts: int

    @staticmethod
    def of_draft(row: NoticeRow) -> RevisionRow:
        """The only revision of a notice that nobody has edited: it is stored with the first edit."""
        return RevisionRow(
            notice_id=row.id,
            number=1,
            origin="draft",
            state="made",
            author=None,
            reason=None,
            created_at=row.ordered_at,
            made_at=row.drafted_at,
            base=1,
            position=row.position,
            inspection_version=row.inspection_version,
            evidence_version=row.evidence_version,
            step=None,
            error=None,
            attempts=row.attempts,
        )


_ROWS = sa.select(*(c[name] for name in RevisionRow._fields))
_FIND = Statement(_ROWS.where(_ONE), RevisionRow)
_HOLD = Statement(sa.select(n.id).where(n.id == _NOTICE).with_for_update(), int)


async def hold(tx: Connection, notice_id: int) -> None:
    """Nobody else revises the notice until the transaction ends."""
    await _HOLD.first(tx, notice_id=notice_id)


async def find(tx: Connection, notice_id: int, number: int) -> RevisionRow | None:
    """A stored revision, or None."""
    return await _FIND.first(tx, notice_id=notice_id, number=number)


@cache
def _page(after: bool) -> Statement[RevisionRow]:
    before = [c.number < parameter("before", sa.BigInteger)] if after else []
    limited = _ROWS.where(c.notice_id == _NOTICE, *before).order_by(c.number.desc()).limit(parameter("limit", sa.BigInteger))
    return Statement(limited, RevisionRow)


async def page(tx: Connection, notice_id: int, *, before: int | None, limit: int) -> list[RevisionRow]:
    """Stored revisions, the newest first."""
    given = {} if before is None else {"before": before}
    return await _page(before is not None).all(tx, notice_id=notice_id, limit=limit, **given)


class RevisionText(NamedTuple):
    """What a revision states, each part as JSON; None until it is made."""

    document: str | None
    checks: str | None
    edits: str
    outcomes: str | None


class RevisionBase(NamedTuple):
    """What edits are laid over, each part as JSON."""

    composed: str
    pinned: str
    figures: str


_TEXT = Statement(
    sa.select(*(sa.cast(c[name], sa.Text).label(name) for name in RevisionText._fields)).where(_ONE), RevisionText
)
_BASE = Statement(
    sa.select(*(sa.cast(c[name], sa.Text).label(name) for name in RevisionBase._fields)).where(_ONE), RevisionBase
)


async def text(tx: Connection, notice_id: int, number: int) -> RevisionText:
    """What a stored revision states."""
    return await _TEXT.one(tx, notice_id=notice_id, number=number)


async def base(tx: Connection, notice_id: int, number: int) -> RevisionBase:
    """The composed text and the figures of a draft or regeneration."""
    return await _BASE.one(tx, notice_id=notice_id, number=number)


_DRAFT = {
    "notice_id": n.id,
    "number": sa.literal_column("1"),
    "origin": sa.literal_column("'draft'"),
    "state": sa.literal_column("'made'"),
    "key_id": n.key_id,
    "created_at": n.ordered_at,
    "made_at": n.drafted_at,
    "base": sa.literal_column("1"),
    "as_of": n.as_of,
    "confirmed": n.confirmed,
    "confirmed_reason": n.confirmed_reason,
    "composed": n.document,
    "pinned": n.pinned,
    "figures": n.figures,
    "document": n.document,
    "checks": n.checks,
    "position": n.position,
    "inspection_version": n.inspection_version,
    "evidence_version": n.evidence_version,
    "attempts": n.attempts,
}
_STORE_DRAFT = Statement[None](
    pg.insert(notice_revision)
    .from_select(list(_DRAFT), sa.select(*_DRAFT.values()).where(n.id == _NOTICE))
    .on_conflict_do_nothing(index_elements=[c.notice_id, c.number])
)
_NEWEST = Statement(sa.select(sa.func.max(c.number)).where(c.notice_id == _NOTICE), int)


async def store_draft(tx: Connection, notice_id: int) -> None:
    """Store what was drafted as the first revision, unless it is stored."""
    await _STORE_DRAFT.run(tx, notice_id=notice_id)


async def newest(tx: Connection, notice_id: int) -> int:
    """The number of the newest stored revision."""
    return await _NEWEST.one(tx, notice_id=notice_id)


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


def _claim() -> sa.UpdateBase:
    waiting = notice_revision.alias("waiting")
    w = waiting.c
    oldest = (
        sa.select(w.notice_id, w.number)
        .where(w.state.in_(PENDING), w.due_at <= NOW, sa.or_(leases.is_free(waiting), w.lease_by == WORKER))
        .order_by(w.due_at, w.notice_id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .cte("oldest")
    )
    return (
        leases.acquire(notice_revision)
        .where(c.notice_id == oldest.c.notice_id, c.number == oldest.c.number)
        .where(n.id == c.notice_id, inspection.c.id == n.inspection_id)
        .values(state="making", attempts=c.attempts + 1, lapses=c.lapses + sa.cast(c.state == "making", sa.Integer))
        .returning(
            c.notice_id,
            c.number,
            c.lease_by.label("worker"),
            c.attempts.label("attempt"),
            c.lapses,
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
        )
    )


_CLAIM = Statement(_claim(), RevisionJob)


async def claim(tx: Connection, worker: str, now: datetime, lease: timedelta) -> RevisionJob | None:
    """Lease the revision that waits longest; that of a dead worker can be claimed again once its lease has run out."""
    return await _CLAIM.first(tx, worker=worker, now=now, until=now + lease)


_RENEW = Statement[None](leases.renew(notice_revision).where(_ONE))


async def renew(tx: Connection, job: RevisionJob, now: datetime, lease: timedelta) -> bool:
    """Lengthen the lease; False when it has run out."""
    return await _RENEW.run(tx, notice_id=job.notice_id, number=job.number, worker=job.worker, now=now, until=now + lease) == 1


_PUT_STEP = Statement[None](
    sa.update(notice_revision).where(_ONE, leases.is_held(notice_revision)).values(step=parameter("new_step", sa.Text))
)


async def put_step(tx: Connection, job: RevisionJob, step: str, now: datetime) -> None:
    """Store how far the work is."""
    await _PUT_STEP.run(tx, notice_id=job.notice_id, number=job.number, worker=job.worker, now=now, new_step=step)


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
_COMPLETE = Statement[None](
    leases.release(notice_revision)
    .where(_ONE, c.state == "making")
    .values(
        state="made", error=sa.null(), step=sa.null(), made_at=NOW, **_VERSIONS, **{k: _json(k) for k in MadeRevision._fields}
    )
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
    one: dict[str, Any] = {"notice_id": job.notice_id, "number": job.number, "new_position": position}
    one |= {"new_inspection_version": inspection_version, "new_evidence_version": evidence_version}
    parts = {f"new_{name}": part for name, part in made._asdict().items()}
    if not await _COMPLETE.run(tx, worker=job.worker, now=now, **one, **parts):
        return False
    await _REPLACE_TEXT.run(tx, **one, **{f"new_{name}": parts[f"new_{name}"] for name in _OF_NOTICE})
    await store_renderings(tx, job.notice_id, renderings)
    return True


_RESCHEDULE = Statement[None](
    leases.release(notice_revision)
    .where(_ONE, c.state == "making")
    .values(state="queued", error=parameter("error", sa.Text), due_at=parameter("again_at", _INSTANT))
)
_FAIL = Statement[None](
    leases.release(notice_revision).where(_ONE, c.state == "making").values(state="failed", error=parameter("error", sa.Text))
)
_UNMARK = Statement[None](
    sa.update(notice)
    .where(n.id == _NOTICE, n.pending_revision == _NUMBER)
    .values(pending_revision=sa.null(), revision=n.revision + 1)
)


async def reschedule(tx: Connection, job: RevisionJob, error: str, now: datetime, due_at: datetime) -> None:
    """Store why an attempt failed, and queue the revision again for `due_at`."""
    await _RESCHEDULE.run(
        tx, notice_id=job.notice_id, number=job.number, worker=job.worker, now=now, error=error, again_at=due_at
    )


async def fail(tx: Connection, job: RevisionJob, error: str, now: datetime) -> None:
    """Store why it failed: the notice states what it stated before."""
    one = {"notice_id": job.notice_id, "number": job.number}
    if await _FAIL.run(tx, **one, worker=job.worker, now=now, error=error):
        await _UNMARK.run(tx, **one)
