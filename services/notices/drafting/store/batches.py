"""Statements on batches of notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from services.notices.drafting.model import NoticeState, OrderedNotice
from services.notices.drafting.tables import batch_notice, notice, notice_batch
from services.notices.inspections.tables import inspection
from shared.database import Connection
from shared.statements import Statement, parameter

b, m, n = notice_batch.c, batch_notice.c, notice.c
_BATCH = parameter("batch", sa.BigInteger)

_INSERTED = (b.province, b.position, b.key_id, b.without_inspection)
_INSERT = Statement(
    sa.insert(notice_batch).values({column: parameter(column.name, column.type) for column in _INSERTED}).returning(b.id), int
)
_INSERT_NOTICE = Statement[None](sa.insert(batch_notice).values({column: parameter(column.name, column.type) for column in m}))


async def insert(tx: Connection, *, province: str, position: int, key_id: str, without_inspection: Sequence[str]) -> int:
    """Store a batch without notices, and give its number."""
    return await _INSERT.one(
        tx, province=province, position=position, key_id=key_id, without_inspection=list(without_inspection)
    )


async def insert_notices(tx: Connection, batch: int, notices: Sequence[OrderedNotice]) -> None:
    """Store which notices a batch has, in their order."""
    await _INSERT_NOTICE.run_many(
        tx,
        [
            {"batch_id": batch, "number": number, "notice_id": one.number, "existing": one.existing}
            for number, one in enumerate(notices, start=1)
        ],
    )


class BatchRow(NamedTuple):
    """A batch without its notices."""

    id: int
    province: str
    position: int
    ordered_at: datetime
    without_inspection: list[str]


_FIND = Statement(sa.select(*(b[name] for name in BatchRow._fields)).where(b.id == _BATCH), BatchRow)


async def find(tx: Connection, number: int) -> BatchRow | None:
    """A batch, or None."""
    return await _FIND.first(tx, batch=number)


class BatchNoticeRow(NamedTuple):
    """How far a notice of a batch is."""

    inspection: int
    scope: str
    notice: int
    existing: bool
    state: NoticeState
    attempts: int
    error: str | None
    next_attempt_at: datetime | None
    drafted_at: datetime | None
    position: int | None


def _notices() -> sa.Select[tuple[object, ...]]:
    named = {
        "inspection": inspection.c.id.label("inspection"),
        "scope": inspection.c.scope,
        "notice": n.id.label("notice"),
        "existing": m.existing,
        "next_attempt_at": sa.case((n.state == "queued", n.due_at)).label("next_attempt_at"),
    }
    return (
        sa.select(*(named[name] if name in named else n[name] for name in BatchNoticeRow._fields))
        .join_from(batch_notice, notice, n.id == m.notice_id)
        .join(inspection, inspection.c.id == n.inspection_id)
        .where(m.batch_id == _BATCH)
        .order_by(m.number)
    )


_NOTICES = Statement(_notices(), BatchNoticeRow)


async def notices(tx: Connection, number: int) -> list[BatchNoticeRow]:
    """The notices of a batch, in the order of its inspections."""
    return await _NOTICES.all(tx, batch=number)
