"""Statements on recommendations of issued notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.notices.drafting.store.notices import corrections
from services.notices.drafting.tables import notice
from services.notices.recommendations.model import STEPS, Addressed, RecommendationState, RecommendationStep, StoredState
from services.notices.recommendations.tables import recommendation, recommendation_step
from shared.database import Connection
from shared.statements import Statement, parameter

c, s, n = recommendation.c, recommendation_step.c, notice.c
_ID = parameter("recommendation_id", sa.BigInteger)
_NOTICE = parameter("notice_id", sa.BigInteger)

_OF_NOTICE = ("notice_id", "province", "scope", *Addressed._fields)
_INSERT = Statement[None](sa.insert(recommendation).values({name: parameter(name, c[name].type) for name in _OF_NOTICE}))


async def insert(tx: Connection, rows: Sequence[Addressed], *, notice_id: int, province: str, scope: str) -> None:
    """Store what an issued notice asks of whom."""
    of = {"notice_id": notice_id, "province": province, "scope": scope}
    await _INSERT.run_many(tx, [of | one._asdict() for one in rows])


_before, _repeated = recommendation.alias("before"), recommendation.alias("repeated")
_HAND_ON = Statement[None](
    sa.update(recommendation)
    .where(
        c.notice_id == parameter("corrected", sa.BigInteger),
        _repeated.c.notice_id == _NOTICE,
        _repeated.c.key == c.key,
        _repeated.c.agency.is_not_distinct_from(c.agency),
        _repeated.c.text == c.text,
    )
    .values(carried_to=_repeated.c.id)
)
_CARRIED = sa.and_(c.notice_id == _NOTICE, _before.c.carried_to == c.id)
_CARRY_STATES = Statement[None](sa.update(recommendation).where(_CARRIED).values(state=_before.c.state))
_CARRY_STEPS = Statement[None](
    sa.insert(recommendation_step).from_select(
        [one.name for one in s],
        sa.select(*(c.id if one.name == "recommendation_id" else one for one in s))
        .select_from(recommendation)
        .join(_before, _CARRIED)
        .join(recommendation_step, s.recommendation_id == _before.c.id),
    )
)


async def carry(tx: Connection, notice_id: int, corrected: int) -> None:
    """What was answered and judged of the same recommendations of the notice that this one corrects counts for it too.

    First each of these is given where it is carried to, and held by that: who takes a step meanwhile is waited for, and what
    comes later is taken there (`find`).
    """
    await _HAND_ON.run(tx, notice_id=notice_id, corrected=corrected)
    for statement in (_CARRY_STATES, _CARRY_STEPS):
        await statement.run(tx, notice_id=notice_id)


class RecommendationRow(NamedTuple):
    """A recommendation of a notice that is in force, to one of those whom it asks."""

    id: int
    notice_id: int
    province: str
    scope: str
    key: str
    agency: str | None
    code: str
    name: str
    text: str
    deadline: date | None
    state: StoredState


_ROWS = (
    sa.select(*(c[name] for name in RecommendationRow._fields))
    .join_from(recommendation, notice, n.id == c.notice_id)
    .where(n.state == "issued")
)
_ONE = Statement(_ROWS.where(c.id == _ID), RecommendationRow)
_CARRIED_TO = sa.select(c.carried_to).where(c.id == _ID)
_FOLLOW = Statement[int | None](_CARRIED_TO, lambda following: following)
_HOLD = Statement[int | None](_CARRIED_TO.with_for_update(), lambda following: following)


async def find(tx: Connection, number: int, *, held: bool = False) -> RecommendationRow | None:
    """A recommendation of a notice in force; of one that was corrected the same one of the corrected notice; or None.

    `held`: nobody else takes a step, and it is not carried on, until the transaction ends. Needs READ COMMITTED then: whether
    it was carried on is known only once it is held.
    """
    following: int | None = number
    while following is not None:
        number = following
        following = await (_HOLD if held else _FOLLOW).first(tx, recommendation_id=number)
    return await _ONE.first(tx, recommendation_id=number)


_CORRECTIONS = corrections(sa.select(_NOTICE))
_NEWEST = sa.select(_CORRECTIONS.c.notice_id).order_by(_CORRECTIONS.c.place.desc()).limit(1).scalar_subquery()
_ALL_OF_NEWEST = Statement(
    sa.select(*(c[name] for name in RecommendationRow._fields)).where(c.notice_id == _NEWEST).order_by(c.id), RecommendationRow
)


async def of_newest(tx: Connection, notice_id: int) -> list[RecommendationRow]:
    """All that a notice asks, or what was issued in its place at last, withdrawn or not; of one that was not issued nothing.

    What a corrected notice asked and its correction does not is asked of nobody any more.
    """
    return await _ALL_OF_NEWEST.all(tx, notice_id=notice_id)


_TODAY = parameter("today", sa.Date)
_STATE = sa.case((sa.and_(c.state == "open", c.deadline < _TODAY), "overdue"), else_=c.state)
_PERMITTED = parameter("permitted", pg.ARRAY(sa.Text))
_AGENCY = parameter("agency", sa.Text)
_FILTERS = {
    "province": c.province == parameter("province", sa.Text),
    "agency": sa.or_(c.agency == _AGENCY, c.code == _AGENCY),
    "state": parameter("state", sa.Text) == _STATE,
    "notice": c.notice_id == parameter("notice", sa.BigInteger),
    "permitted": sa.or_(c.agency == sa.any_(_PERMITTED), c.code == sa.any_(_PERMITTED), c.scope == sa.any_(_PERMITTED)),
    "before": c.id < parameter("before", sa.BigInteger),
}


@cache
def _page(filters: frozenset[str]) -> Statement[RecommendationRow]:
    return Statement(
        _ROWS.where(*(condition for name, condition in _FILTERS.items() if name in filters))
        .order_by(c.id.desc())
        .limit(parameter("limit", sa.BigInteger)),
        RecommendationRow,
    )


async def page(
    tx: Connection,
    *,
    province: str | None,
    agency: str | None,
    state: RecommendationState | None,
    notice: int | None,
    permitted: Sequence[str] | None,
    today: date,
    before: int | None,
    limit: int,
) -> list[RecommendationRow]:
    """Recommendations of notices in force, the newest first, older than `before`; None: whatever it is.

    `permitted`: of these agencies, or of notices on one of these as a whole.
    """
    given = {"province": province, "agency": agency, "state": state, "notice": notice, "before": before}
    given["permitted"] = None if permitted is None else list(permitted)  # type: ignore[assignment]
    filters = {name: value for name, value in given.items() if value is not None}
    by_day = {"today": today} if state is not None else {}
    return await _page(frozenset(filters)).all(tx, limit=limit, **filters, **by_day)


class StepRow(NamedTuple):
    """An answer, or the judgement of one."""

    recommendation_id: int
    number: int
    step: RecommendationStep
    text: str | None
    dated: date | None
    reference: str | None
    key_id: str
    name: str
    taken_at: datetime


_STEPS = Statement(
    sa.select(*(s[name] for name in StepRow._fields)).where(s.recommendation_id == _ID).order_by(s.number), StepRow
)
_INSERT_STEP = Statement[None](
    sa.insert(recommendation_step).values({name: parameter(name, s[name].type) for name in StepRow._fields})
)
_MOVE = Statement[None](sa.update(recommendation).where(c.id == _ID).values(state=parameter("target", sa.Text)))


async def steps(tx: Connection, number: int) -> list[StepRow]:
    """What was answered and judged, the first one first."""
    return await _STEPS.all(tx, recommendation_id=number)


async def take(tx: Connection, row: StepRow) -> None:
    """Store a step of a recommendation that the caller holds, which leads to its state."""
    await _INSERT_STEP.run(tx, **row._asdict())
    await _MOVE.run(tx, recommendation_id=row.recommendation_id, target=STEPS[row.step].target)
