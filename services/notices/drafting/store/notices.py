"""Inserting and reading notices: their state, their content, and their renderings."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple, get_args

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.notices.drafting.model import PENDING, IssuedState, NoticeState
from services.notices.drafting.tables import notice, rendering
from services.notices.evidence.tables import evidence_version
from services.notices.figures.caveats import ConfirmedCaveats
from services.notices.inspections.tables import inspection, inspection_version
from services.notices.rendering.model import RenderingFormat
from shared.database import Connection
from shared.statements import Statement, parameter

c = notice.c
_NUMBER = parameter("number", sa.BigInteger)

_INSERTED = (c.inspection_id, c.province, c.as_of, c.confirmed, c.confirmed_reason, c.key_id, c.ordered_position)
_INSERT = Statement(
    sa.insert(notice).values({column: parameter(column.name, column.type) for column in _INSERTED}).returning(c.id), int
)


async def insert(
    tx: Connection,
    *,
    inspection_id: int,
    province: str,
    as_of: str | None,
    position: int | None,
    confirmed: ConfirmedCaveats,
    key_id: str,
) -> int:
    """Queue a notice that was ordered with an API key, and give its id. `position`: of the figures when it was ordered."""
    return await _INSERT.one(
        tx,
        inspection_id=inspection_id,
        province=province,
        as_of=as_of,
        confirmed=list(confirmed.kinds),
        confirmed_reason=confirmed.reason,
        key_id=key_id,
        ordered_position=position,
    )


def newest_evidence() -> sa.ColumnElement[int]:
    """The newest version of the evidence of a notice's inspection, in a statement on notices; 0: none was handed in."""
    newest = sa.select(sa.func.coalesce(sa.func.max(evidence_version.c.version), 0))
    return newest.where(evidence_version.c.inspection_id == c.inspection_id).scalar_subquery()


# Read where they are kept: recommendations, and what was issued, are capabilities above this one.
_RECOMMENDATION = sa.table("recommendation", sa.column("id"), sa.column("notice_id"), schema="notices")
_STEP = sa.table("recommendation_step", sa.column("recommendation_id"), schema="notices")
_ISSUED = sa.table(
    "issued_notice",
    *(sa.column("notice_id"), sa.column("corrects"), sa.column("inspection", pg.JSONB)),
    schema="notices",
)


def corrections(first: sa.Select[Any], *, nesting: bool = False) -> sa.CTE:
    """A notice, what was issued in its place, what in the place of that, and so on: `notice_id`, and its `place` from 0 on.

    `first`: selects its id; null: nothing. `nesting`: for a part of a statement whose rows `first` reads.
    """
    number = sa.cast(first.selected_columns[0], sa.BigInteger).label("notice_id")
    start = first.with_only_columns(number, sa.literal(0).label("place"))
    chain = start.cte("corrections", recursive=True, nesting=nesting)
    return chain.union_all(
        sa.select(_ISSUED.c.notice_id, chain.c.place + 1).join_from(_ISSUED, chain, _ISSUED.c.corrects == chain.c.notice_id)
    )


def followed_revision() -> sa.ColumnElement[int | None]:
    """How often the notice that a notice's inspection follows has moved, in a statement on both; null: it follows none.

    It is counted up by what that notice and what was issued in its place ask for, and by each answer and judgement of that.
    """
    followed = notice.alias("followed")
    number = sa.cast(inspection.c.body["follows"].astext, sa.BigInteger)
    chain = corrections(sa.select(number).correlate(inspection), nesting=True)
    steps = sa.select(sa.func.count()).join_from(_STEP, _RECOMMENDATION, _RECOMMENDATION.c.id == _STEP.c.recommendation_id)
    taken = steps.where(_RECOMMENDATION.c.notice_id == followed.c.id).correlate(followed).scalar_subquery()
    moved = sa.cast(sa.func.sum(followed.c.revision + taken), sa.Integer)
    return (
        sa.select(moved).join_from(chain, followed, followed.c.id == chain.c.notice_id).correlate(inspection).scalar_subquery()
    )


_AS_OF, _POSITION = parameter("as_of", sa.Text), parameter("position", sa.BigInteger)
_SAME_VERSIONS = sa.and_(
    c.inspection_version == inspection.c.version,
    c.evidence_version == newest_evidence(),
    c.followed_revision.is_not_distinct_from(followed_revision()),
)
_AS_ORDERED = c.as_of.is_not_distinct_from(_AS_OF)
# Its worker may have pinned the newest figures already: then they are those of this order only if they have not moved since.
_PINNED_ALIKE = sa.or_(c.as_of.is_not(None), c.ordered_position == _POSITION)
_SAME_FIGURES = sa.case(
    (c.state == "queued", _AS_ORDERED),
    (c.state.in_(PENDING), sa.and_(_AS_ORDERED, _PINNED_ALIKE)),
    else_=c.position == _POSITION,
)
_SAME = Statement(
    sa.select(c.id)
    .join_from(notice, inspection, inspection.c.id == c.inspection_id)
    .where(
        c.inspection_id == parameter("inspection_id", sa.BigInteger),
        c.confirmed == parameter("confirmed", c.confirmed.type),
        c.confirmed_reason.is_not_distinct_from(parameter("confirmed_reason", sa.Text)),
        # One that was issued is corrected by another; whoever orders that cannot be given the one that is to be corrected.
        c.state.not_in(("failed", *get_args(IssuedState))),
        _SAME_FIGURES,
        sa.or_(c.state == "queued", _SAME_VERSIONS),
    )
    .order_by(c.id.desc())
    .limit(1),
    int,
)


async def find_same(
    tx: Connection, *, inspection_id: int, as_of: str | None, position: int | None, confirmed: ConfirmedCaveats
) -> int | None:
    """The newest notice that this order would make again, or None: of the newest versions of the inspection, its evidence and
    the notice that it follows, of the same figures, neither failed nor issued.

    `position`: of the figures now, at `as_of`. What is queued will state the newest versions, and figures at least as new.
    """
    return await _SAME.first(
        tx,
        inspection_id=inspection_id,
        as_of=as_of,
        position=position,
        confirmed=list(confirmed.kinds),
        confirmed_reason=confirmed.reason,
    )


class NoticeRow(NamedTuple):
    """A notice without its content."""

    id: int
    inspection_id: int
    province: str
    state: NoticeState
    revision: int
    as_of: str | None
    position: int | None
    error: str | None
    attempts: int
    ordered_at: datetime
    drafted_at: datetime | None
    scope: str
    period_from: date
    """With `period_to` the period whose figures it states, also when that of its inspection was put right since."""
    period_to: date
    confirmed: list[str]
    confirmed_reason: str | None
    next_attempt_at: datetime | None
    inspection_version: int | None
    evidence_version: int | None
    text_revision: int
    """Which of its revisions it states."""
    pending_revision: int | None
    """The revision that is being made; None: none is."""
    newest_inspection: int
    newest_evidence: int


def _stated_day(name: str, newest: sa.ColumnElement[date]) -> sa.ColumnElement[date]:
    """A day of the period of the inspection in the version that a notice states, in a statement on both.

    It is the newest one of what waits to be drafted, and of what was drafted before versions were stored and is not issued.
    """
    v = inspection_version.c
    issued = sa.select(_ISSUED.c.inspection["period"][name].astext).where(_ISSUED.c.notice_id == c.id)
    replaced = sa.select(v.body["period"][name].astext).where(
        v.inspection_id == c.inspection_id, v.version == c.inspection_version
    )
    stated = sa.func.coalesce(issued.scalar_subquery(), replaced.scalar_subquery())
    # The newest first: then no inspection is read whole.
    is_newest = sa.or_(c.state == "queued", c.inspection_version == inspection.c.version)
    return sa.case((is_newest, newest), else_=sa.func.coalesce(sa.cast(stated, sa.Date), newest)).label(newest.key)


def _rows() -> sa.Select[tuple[object, ...]]:
    further = {
        "scope": inspection.c.scope,
        "period_from": _stated_day("from", inspection.c.period_from),
        "period_to": _stated_day("to", inspection.c.period_to),
        "newest_inspection": inspection.c.version.label("newest_inspection"),
        "newest_evidence": newest_evidence().label("newest_evidence"),
        "next_attempt_at": sa.case((c.state == "queued", c.due_at)).label("next_attempt_at"),
    }
    columns = (further[name] if name in further else c[name] for name in NoticeRow._fields)
    return sa.select(*columns).join_from(notice, inspection, inspection.c.id == c.inspection_id)


_ONE = Statement(_rows().where(c.id == _NUMBER), NoticeRow)


async def find(tx: Connection, number: int) -> NoticeRow | None:
    """A notice, or None."""
    return await _ONE.first(tx, number=number)


_FILTERS = {
    "province": c.province == parameter("province", sa.Text),
    "states": c.state == sa.any_(parameter("states", pg.ARRAY(sa.Text))),
    "before": c.id < parameter("before", sa.BigInteger),
}


@cache
def _page(filters: frozenset[str]) -> Statement[NoticeRow]:
    return Statement(
        _rows()
        .where(*(condition for name, condition in _FILTERS.items() if name in filters))
        .order_by(c.id.desc())
        .limit(parameter("limit", sa.BigInteger)),
        NoticeRow,
    )


async def page(
    tx: Connection, *, province: str | None, states: Collection[NoticeState] | None, before: int | None, limit: int
) -> list[NoticeRow]:
    """Notices in one of `states`, the newest first, older than `before`; None: whatever their province or state."""
    given = {"province": province, "states": None if states is None else list(states), "before": before}
    filters = {name: value for name, value in given.items() if value is not None}
    return await _page(frozenset(filters)).all(tx, limit=limit, **filters)


class Content(NamedTuple):
    """The content of a drafted notice, each part as JSON."""

    pinned: str
    figures: str
    document: str
    checks: str


# As text: whoever reads a part decodes it into its own type.
_CONTENT = Statement(
    sa.select(*(sa.cast(c[name], sa.Text).label(name) for name in Content._fields)).where(c.id == _NUMBER), Content
)


async def content(tx: Connection, number: int) -> Content:
    """The content of a notice in the state `draft`."""
    return await _CONTENT.one(tx, number=number)


class Rendering(NamedTuple):
    """A file of a notice, and its SHA-256."""

    content: bytes
    digest: bytes


_RENDERING = Statement(
    sa.select(rendering.c.content, rendering.c.digest).where(
        rendering.c.notice_id == _NUMBER, rendering.c.format == parameter("format", sa.Text)
    ),
    Rendering,
)


async def find_rendering(tx: Connection, number: int, format_: RenderingFormat) -> Rendering | None:
    """A rendering, or None."""
    return await _RENDERING.first(tx, number=number, format=format_)
