"""Rows of files of petitions that were set aside: they wait until they are corrected, or somebody dismisses them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.petitions.tables import rejected_petition
from services.metrics.provinces.store.provinces import clock, touch
from services.metrics.provinces.tables import province as province_table
from shared.contracts.petitions import RejectedPetition
from shared.database import Connection
from shared.statements import Statement, parameter

RejectedState = Literal["waiting", "corrected", "dismissed"]

r = rejected_petition.c
_PROVINCE, _FILE, _NOW = (
    parameter("province", sa.Text),
    parameter("file", sa.Text),
    parameter("now", sa.DateTime(timezone=True)),
)
_IS_WAITING = sa.and_(r.corrected_at.is_(None), r.dismissed_at.is_(None))
_COLUMNS: dict[str, sa.types.TypeEngine[Any]] = {
    **dict.fromkeys(("sheet",), sa.Text()),
    "line": sa.Integer(),
    **dict.fromkeys(("code", "reason", "vi", "en"), sa.Text()),
}


def _upsert() -> pg.Insert:
    given = (
        sa.func.unnest(*(parameter(name, pg.ARRAY(kind)) for name, kind in _COLUMNS.items()))
        .table_valued(*(sa.column(name, kind) for name, kind in _COLUMNS.items()), name="given")
        .render_derived()
    )
    columns = {
        "province": _PROVINCE,
        "file": _FILE,
        **{name: given.c[name] for name in _COLUMNS},
        "recorded_by": parameter("by", sa.Text),
        "first_at": _NOW,
        "last_at": _NOW,
    }
    insert = pg.insert(rejected_petition).from_select(list(columns), sa.select(*columns.values()))
    # What was corrected or dismissed stays so while it is wrong in the same way: the same file came once more.
    same = r.reason == insert.excluded.reason
    return insert.on_conflict_do_update(
        index_elements=[r.province, r.file, r.sheet, r.line],
        set_={
            **{name: insert.excluded[name] for name in ("code", "reason", "vi", "en", "last_at")},
            **{name: sa.case((same, r[name])) for name in ("corrected_at", "dismissed_at", "dismissed_by", "dismissed_for")},
        },
    )


_UPSERT = Statement[None](_upsert)
_CORRECT = Statement[None](
    sa.update(rejected_petition)
    .where(
        r.province == _PROVINCE,
        _IS_WAITING,
        sa.or_(
            sa.and_(r.code == sa.any_(parameter("codes", pg.ARRAY(sa.Text))), r.file != _FILE),
            sa.and_(r.file == _FILE, r.last_at < _NOW),
            r.file == parameter("corrects", sa.Text),
        ),
    )
    .values(corrected_at=_NOW)
)


def _recounted() -> sa.Update:
    waiting = sa.and_(r.province == _PROVINCE, _IS_WAITING)
    count = sa.select(sa.func.count()).where(waiting).scalar_subquery()
    since = sa.select(sa.func.min(r.first_at)).where(waiting).scalar_subquery()
    p = province_table.c
    return (
        sa.update(province_table)
        .where(
            p.province == _PROVINCE, sa.or_(p.petitions_rejected != count, p.petitions_rejected_since.is_distinct_from(since))
        )
        .values(petitions_rejected=count, petitions_rejected_since=since)
    )


_RECOUNT = Statement[None](_recounted)


async def _recount(tx: Connection, province: str) -> None:
    """Store how many wait, which responses tell."""
    if await _RECOUNT.run(tx, province=province):
        await touch(tx, province)


async def stated(tx: Connection, province: str, codes: Sequence[str]) -> None:
    """What waits of these petitions is corrected: they were stated."""
    now = await clock(tx)
    if await _CORRECT.run(tx, province=province, codes=list(codes), file="", corrects="", now=now):
        await _recount(tx, province)


async def taken(
    tx: Connection,
    province: str,
    file: str,
    codes: Sequence[str],
    rejected: Sequence[RejectedPetition],
    by: str,
    *,
    corrects: str | None = None,
) -> None:
    """Store what was set aside of a file, and what it corrects.

    Corrected are rows of other files of the petitions in `codes`, and of those that are set aside now, which wait by this file;
    rows of the same file that can be read now; and all rows of the file `corrects`, in whose place this one comes.
    """
    now = await clock(tx)
    rows = [
        {
            "sheet": one.sheet or "",
            "vi": one.what.vi,
            "en": one.what.en,
            "line": one.line,
            "code": one.code,
            "reason": one.reason,
        }
        for one in rejected
    ]
    if rows:
        columns = {name: [row[name] for row in rows] for name in _COLUMNS}
        await _UPSERT.run(tx, province=province, file=file, by=by, now=now, **columns)
    again = [*codes, *(one.code for one in rejected if one.code is not None)]
    replaced = corrects if corrects is not None and corrects != file else ""
    await _CORRECT.run(tx, province=province, codes=again, file=file, corrects=replaced, now=now)
    await _recount(tx, province)


_IS_FILE = Statement(sa.select(sa.exists().where(r.province == _PROVINCE, r.file == _FILE)), bool)


async def is_file(tx: Connection, province: str, file: str) -> bool:
    """Whether rows of this file were set aside."""
    return await _IS_FILE.one(tx, province=province, file=file)


class RejectedRow(NamedTuple):
    """A row that was set aside, with what became of it."""

    id: int
    file: str
    sheet: str
    line: int
    code: str | None
    reason: str
    vi: str
    en: str
    recorded_by: str
    first_at: datetime
    last_at: datetime
    corrected_at: datetime | None
    dismissed_at: datetime | None
    dismissed_by: str | None
    dismissed_for: str | None


_BY_STATE: dict[RejectedState, sa.ColumnElement[bool]] = {
    "waiting": _IS_WAITING,
    "corrected": r.corrected_at.is_not(None),
    "dismissed": sa.and_(r.corrected_at.is_(None), r.dismissed_at.is_not(None)),
}
_LISTS = {
    state: Statement(
        sa.select(*(r[name] for name in RejectedRow._fields))
        .where(r.province == _PROVINCE, found, r.id > parameter("after", sa.BigInteger))
        .order_by(r.id)
        .limit(parameter("limit", sa.Integer)),
        RejectedRow,
    )
    for state, found in _BY_STATE.items()
}


async def select(tx: Connection, province: str, state: RejectedState, *, after: int, limit: int) -> list[RejectedRow]:
    """Rows of a province by id, those after `after`."""
    return await _LISTS[state].all(tx, province=province, after=after, limit=limit)


_NUMBERS = parameter("numbers", pg.ARRAY(sa.BigInteger))
_OF_FILE = parameter("file", sa.Text)
_DISMISS = Statement[None](
    sa.update(rejected_petition)
    .where(
        r.province == _PROVINCE,
        _IS_WAITING,
        sa.or_(_NUMBERS.is_(None), r.id == sa.any_(_NUMBERS)),
        sa.or_(_OF_FILE.is_(None), r.file == _OF_FILE),
    )
    .values(dismissed_at=_NOW, dismissed_by=parameter("who", sa.Text), dismissed_for=parameter("why", sa.Text))
)


async def dismiss(tx: Connection, province: str, numbers: Sequence[int] | None, file: str | None, who: str, why: str) -> int:
    """Have rows wait no longer, of these numbers and of this file (None: of all); how many did."""
    now = await clock(tx)
    given = None if numbers is None else list(numbers)
    done = await _DISMISS.run(tx, province=province, numbers=given, file=file, who=who, why=why, now=now)
    await _recount(tx, province)
    return done
