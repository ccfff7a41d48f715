"""Statements on audits: those that were made at once, and the queue of those that wait for a worker.

All instants are the caller's, by the database's clock. A worker writes only while it holds the audit (`shared.leased_queues`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.notices.audit.tables import audit
from shared.database import Connection
from shared.leased_queues import LeasedQueue
from shared.leases import NOW
from shared.statements import Statement, parameter

AuditState = Literal["queued", "auditing", "audited", "failed"]
"""`queued`: waits for a worker; `auditing`: a worker reads it; `audited`: its result is there; `failed`: it cannot be read."""

PURGE_BATCH_SIZE = 100
"""Audits that one statement deletes."""

c = audit.c
_WAITING = c.state.in_(("queued", "auditing"))
_NUMBER = c.id == parameter("number", sa.BigInteger)
_INSTANT = sa.DateTime(timezone=True)


class AuditRow(NamedTuple):
    """An audit without what it found."""

    id: int
    province: str | None
    state: AuditState
    title: str | None
    pages_read: int | None
    pages: int | None
    error: dict[str, str] | None
    created_at: datetime
    ended_at: datetime | None


_ROW = [c[name] for name in AuditRow._fields]
_MADE = (c.province, c.key_id, c.title, c.content_type)
_INSERT = Statement(
    sa.insert(audit)
    .values(
        {column: parameter(column.name, column.type) for column in _MADE}
        | {
            c.state: "audited",
            c.created_at: NOW,
            c.ended_at: NOW,
            c.result: sa.cast(parameter("result", sa.Text), pg.JSONB),
            c.page: parameter("page", sa.Text),
            c.figures: sa.cast(parameter("figures", sa.Text), pg.JSONB),
        }
    )
    .returning(*_ROW),
    AuditRow,
)
_QUEUE = Statement(
    sa.insert(audit)
    .values(
        {column: parameter(column.name, column.type) for column in (*_MADE, c.content)} | {c.state: "queued", c.created_at: NOW}
    )
    .returning(*_ROW),
    AuditRow,
)


class AuditContent(NamedTuple):
    """What an audit found."""

    result: str
    """An `Audit` in JSON."""
    page: str
    """The document as HTML."""
    figures: str | None
    """Its `ReadFigure`s in JSON; None of audits that were made before they were stored."""


async def insert(
    tx: Connection,
    content: AuditContent,
    *,
    province: str | None,
    key_id: str,
    title: str | None,
    content_type: str,
    now: datetime,
) -> AuditRow:
    """Store an audit that was made at once."""
    return await _INSERT.one(
        tx, province=province, key_id=key_id, title=title, content_type=content_type, now=now, **content._asdict()
    )


async def queue(
    tx: Connection, *, province: str | None, key_id: str, title: str | None, content_type: str, content: bytes, now: datetime
) -> AuditRow:
    """Store a body that a worker is to audit."""
    return await _QUEUE.one(
        tx, province=province, key_id=key_id, title=title, content_type=content_type, content=content, now=now
    )


_COUNT_WAITING = Statement(
    sa.select(sa.func.count()).select_from(audit).where(_WAITING, c.key_id == parameter("key_id", sa.Text)), int
)


async def count_waiting(tx: Connection, key_id: str) -> int:
    """How many audits of a key wait for a worker, or are read by one."""
    return await _COUNT_WAITING.one(tx, key_id=key_id)


_FIND = Statement(sa.select(*_ROW).where(_NUMBER, c.created_at >= parameter("since", _INSTANT)), AuditRow)


async def find(tx: Connection, number: int, since: datetime) -> AuditRow | None:
    """An audit that was ordered after `since`, or None."""
    return await _FIND.first(tx, number=number, since=since)


_CONTENT = Statement(
    sa.select(sa.cast(c.result, sa.Text).label("result"), c.page, sa.cast(c.figures, sa.Text).label("figures")).where(_NUMBER),
    AuditContent,
)


async def content(tx: Connection, number: int) -> AuditContent:
    """What an audit in the state `audited` found."""
    return await _CONTENT.one(tx, number=number)


# The queue


class AuditJob(NamedTuple):
    """An audit that is to be made, leased to a worker."""

    id: int
    worker: str
    """Who holds it."""
    title: str | None
    content_type: str
    content: bytes
    lapses: int
    """How often its lease ran out because the worker died."""


QUEUE = LeasedQueue(audit, AuditJob, (c.id, c.title, c.content_type, c.content), waiting="queued", working="auditing")
_PROGRESS = QUEUE.noting(pages_read=parameter("new_read", sa.Integer), pages=parameter("new_pages", sa.Integer))


async def put_progress(tx: Connection, job: AuditJob, read: int, pages: int, now: datetime) -> None:
    """Store how many pages were read, and how many there are."""
    await QUEUE.write(tx, _PROGRESS, job, now, new_read=read, new_pages=pages)


_COMPLETE = QUEUE.ending(
    state="audited",
    content=sa.null(),
    ended_at=NOW,
    title=parameter("new_title", sa.Text),
    result=sa.cast(parameter("new_result", sa.Text), pg.JSONB),
    page=parameter("new_page", sa.Text),
    figures=sa.cast(parameter("new_figures", sa.Text), pg.JSONB),
)
_FAIL = QUEUE.ending(state="failed", content=sa.null(), ended_at=NOW, error=sa.cast(parameter("new_error", sa.Text), pg.JSONB))


async def complete(tx: Connection, job: AuditJob, content: AuditContent, *, title: str | None, now: datetime) -> bool:
    """Store what an audit found; False when the lease has run out, and nothing is stored."""
    found = {f"new_{name}": part for name, part in content._asdict().items()}
    return await QUEUE.write(tx, _COMPLETE, job, now, new_title=title, **found)


async def fail(tx: Connection, job: AuditJob, error: str, now: datetime) -> None:
    """Store why a body cannot be audited; `error` is a `Text` in JSON."""
    await QUEUE.write(tx, _FAIL, job, now, new_error=error)


def _purge() -> sa.Delete:
    old = audit.alias("old")
    some = (
        sa.select(old.c.id).where(old.c.created_at < parameter("before", _INSTANT)).limit(PURGE_BATCH_SIZE)
    ).with_for_update(skip_locked=True)
    return sa.delete(audit).where(c.id.in_(some))


_PURGE = Statement[None](_purge())


async def purge(tx: Connection, before: datetime) -> bool:
    """Delete audits that were ordered before an instant, some at a time; whether there may be more."""
    return await _PURGE.run(tx, before=before) == PURGE_BATCH_SIZE
