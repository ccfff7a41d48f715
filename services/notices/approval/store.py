"""Statements on what people decided of notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.notices.approval.model import Hand, WaivedObstacle
from services.notices.approval.tables import notice_step
from services.notices.drafting.model import TRANSITIONS, LifeStep, NoticeState
from services.notices.drafting.tables import notice
from services.notices.revisions.tables import notice_revision
from services.notices.tables import api_key
from shared.database import Connection
from shared.statements import Statement, parameter

c, n, r = notice_step.c, notice.c, notice_revision.c
_NOTICE = parameter("notice_id", sa.BigInteger)


class StepRow(NamedTuple):
    """A decision on a notice."""

    notice_id: int
    number: int
    step: LifeStep
    state: NoticeState
    """To which it led."""
    key_id: str
    name: str
    """Of the key: of a person the full name."""
    person: bool
    reason: str | None
    text_revision: int
    """The text that was decided on."""
    waived: str
    """JSON."""
    decided_at: datetime


_COLUMNS = [sa.cast(c.waived, sa.Text).label("waived") if name == "waived" else c[name] for name in StepRow._fields]
_ALL = Statement(sa.select(*_COLUMNS).where(c.notice_id == _NOTICE).order_by(c.number), StepRow)


async def steps(tx: Connection, notice_id: int) -> list[StepRow]:
    """Every decision on a notice, the first one first."""
    return await _ALL.all(tx, notice_id=notice_id)


@cache
def _move(step: LifeStep) -> Statement[int]:
    sources, target, _ = TRANSITIONS[step]
    moved = sa.update(notice).where(n.id == _NOTICE, n.state.in_(sources), n.pending_revision.is_(None))
    return Statement(moved.values(state=target, revision=n.revision + 1).returning(n.text_revision), int)


_NEWEST = Statement(sa.select(sa.func.coalesce(sa.func.max(c.number), 0)).where(c.notice_id == _NOTICE), int)
_GIVEN = ("number", "step", "state", "key_id", "name", "person", "reason", "text_revision", "decided_at")
_INSERT = Statement[None](
    sa.insert(notice_step).values(
        {name: parameter(name, c[name].type) for name in _GIVEN}
        | {"notice_id": _NOTICE, "waived": sa.cast(parameter("waived", sa.Text), pg.JSONB)}
    )
)


async def move(
    tx: Connection,
    notice_id: int,
    step: LifeStep,
    *,
    key_id: str,
    name: str,
    person: bool,
    reason: str | None,
    waived: Sequence[WaivedObstacle],
    now: datetime,
) -> bool:
    """Take a step with a notice that the caller holds, and store who decided it; False: its state does not allow it."""
    text_revision = await _move(step).first(tx, notice_id=notice_id)
    if text_revision is None:
        return False
    await _INSERT.run(
        tx,
        notice_id=notice_id,
        number=await _NEWEST.one(tx, notice_id=notice_id) + 1,
        step=step,
        state=TRANSITIONS[step].target,
        key_id=key_id,
        name=name,
        person=person,
        reason=reason,
        text_revision=text_revision,
        waived=msgspec.json.encode(waived).decode(),
        decided_at=now,
    )
    return True


class _Hand(NamedTuple):
    key_id: str
    name: str | None
    author: str | None


_DRAFTER = (
    sa.select(n.key_id, api_key.c.name, sa.cast(sa.null(), sa.Text).label("author"))
    .join_from(notice, api_key, api_key.c.id == n.key_id, isouter=True)
    .where(n.id == _NOTICE)
)
_EDITOR = (
    sa.select(r.key_id, api_key.c.name, r.author)
    .join_from(notice_revision, notice, sa.and_(n.id == r.notice_id, n.text_revision == r.number))
    .join(api_key, api_key.c.id == r.key_id, isouter=True)
    .where(n.id == _NOTICE)
)
# Who composed it anew since has typed nothing of it: the edits that were laid over are those of the last editor.
_last_edit = (
    sa.select(sa.func.max(r.number))
    .join_from(notice_revision, notice, sa.and_(n.id == r.notice_id, r.number <= n.text_revision))
    .where(n.id == _NOTICE, r.origin == "edit", r.state == "made")
    .scalar_subquery()
)
_LAST_EDITOR = (
    sa.select(r.key_id, api_key.c.name, r.author)
    .join_from(notice_revision, api_key, api_key.c.id == r.key_id, isouter=True)
    .where(r.notice_id == _NOTICE, r.number == _last_edit)
)
_HANDS = Statement(sa.union_all(_DRAFTER, _EDITOR, _LAST_EDITOR), _Hand)


async def hands(tx: Connection, notice_id: int) -> list[Hand]:
    """Who drafted a notice, who composed it anew last, and who edited it last."""
    rows = await _HANDS.all(tx, notice_id=notice_id)
    return [Hand(row.key_id, tuple(name for name in (row.name, row.author) if name is not None)) for row in rows]
