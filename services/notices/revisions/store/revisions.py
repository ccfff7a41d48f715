"""Reading revisions of notices; what was drafted is stored as the first of them."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.notices.drafting.store.notices import NoticeRow
from services.notices.drafting.tables import notice
from services.notices.revisions.model import RevisionOrigin, RevisionState
from services.notices.revisions.tables import notice_revision
from shared.database import Connection
from shared.statements import Statement, parameter

c, n = notice_revision.c, notice.c
_NOTICE = parameter("notice_id", sa.BigInteger)
_NUMBER = parameter("number", sa.Integer)
_ONE = sa.and_(c.notice_id == _NOTICE, c.number == _NUMBER)


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


def _parts(row: type[tuple[object, ...]]) -> list[sa.ColumnElement[str]]:
    return [sa.cast(c[name], sa.Text).label(name) for name in row._fields]  # type: ignore[attr-defined]


_TEXT = Statement(sa.select(*_parts(RevisionText)).where(_ONE), RevisionText)
_BASE = Statement(sa.select(*_parts(RevisionBase)).where(_ONE), RevisionBase)
_OF_NOTICE = n.id == _NOTICE
_DRAFTED_TEXT = Statement(
    sa.select(
        sa.cast(n.document, sa.Text).label("document"),
        sa.cast(n.checks, sa.Text).label("checks"),
        sa.literal_column("'[]'").label("edits"),
        sa.cast(sa.null(), sa.Text).label("outcomes"),
    ).where(_OF_NOTICE),
    RevisionText,
)
_DOCUMENT = Statement(sa.select(sa.cast(c.document, sa.Text)).where(_ONE, c.document.is_not(None)), str)
_DRAFTED_DOCUMENT = Statement(sa.select(sa.cast(n.document, sa.Text)).where(_OF_NOTICE), str)
_PINNED = Statement(sa.select(sa.cast(c.pinned, sa.Text)).where(_ONE, c.pinned.is_not(None)), str)
_DRAFTED_PINNED = Statement(sa.select(sa.cast(n.pinned, sa.Text)).where(_OF_NOTICE), str)


async def text(tx: Connection, row: RevisionRow) -> RevisionText:
    """What a revision states."""
    found = await _TEXT.first(tx, notice_id=row.notice_id, number=row.number)
    return found or await _DRAFTED_TEXT.one(tx, notice_id=row.notice_id)


async def document(tx: Connection, row: RevisionRow) -> str | None:
    """The text of a revision as JSON; None: it is not made, or failed."""
    found = await _DOCUMENT.first(tx, notice_id=row.notice_id, number=row.number)
    return await _DRAFTED_DOCUMENT.one(tx, notice_id=row.notice_id) if found is None and row.number == 1 else found


async def pinned(tx: Connection, row: RevisionRow) -> str:
    """The figures of a made revision as JSON, without their values."""
    found = await _PINNED.first(tx, notice_id=row.notice_id, number=row.base)
    return await _DRAFTED_PINNED.one(tx, notice_id=row.notice_id) if found is None else found


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
