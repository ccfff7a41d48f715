"""Counters counted anew from the versions, and compared with the ones that grew by differences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.consistency.tables import consistency_check
from services.metrics.counting.measures import COLUMNS, MEASURES
from services.metrics.counting.store import ledgers
from services.metrics.counting.store.contributions import contributions, kind, known_at
from services.metrics.counting.store.recounting import RECOUNTED, Temporary, recount
from services.metrics.counting.tables.counters import agency_day, agency_month, ledger
from services.metrics.counting.tables.versions import dossier_version
from services.metrics.provinces.store.provinces import lock
from services.metrics.provinces.tables import province as province_table
from shared.database import Connection, set_plans
from shared.statements import Statement, parameter

RETENTION = timedelta(days=31)
"""How long an outcome is stored."""

_PROVINCE = parameter("province", sa.Text)
_AGENCY = parameter("agency_no", sa.Integer)


@dataclass(frozen=True, slots=True)
class CheckRow:
    """The outcome of one comparison."""

    province: str
    agency_no: int | None
    """None: all agencies."""
    position: int
    cells: int
    """Cells compared: (agency, day), (agency, month), and the ledger's sums of (agency, day)."""
    differences: int
    seconds: float
    checked_at: datetime


class CheckResult(NamedTuple):
    """How many cells were compared, how many differ, and at which position."""

    cells: int
    differences: int
    position: int


def _one_agency() -> sa.CTE:
    version = dossier_version.alias("version")
    current = sa.select(sa.literal(1).label("sign"), *version.c).where(
        version.c.province == _PROVINCE, version.c.agency_no == _AGENCY, known_at(version)
    )
    return contributions(current.subquery("current")).cte("recounted").prefix_with("MATERIALIZED", dialect="postgresql")


def _month(cells: sa.FromClause) -> sa.ColumnElement[Any]:
    return sa.cast(sa.func.date_trunc("month", cells.c.day), sa.Date)


def _summed(cells: sa.FromClause, key: sa.ColumnElement[Any]) -> sa.Select[Any]:
    sums = (sa.func.sum(cells.c[name]).label(name) for name in COLUMNS)
    return sa.select(cells.c.agency_no, key.label("key"), *sums).group_by(cells.c.agency_no, key)


def _cells(cells: sa.FromClause, key: str) -> sa.Select[Any]:
    return sa.select(cells.c.agency_no, cells.c[key].label("key"), *(cells.c[name] for name in COLUMNS))


def _differing(left: sa.Select[Any], right: sa.Select[Any]) -> sa.Select[Any, Any]:
    ours, theirs = left.subquery("ours"), right.subquery("theirs")
    differs = _values(ours).is_distinct_from(_values(theirs))
    same = sa.and_(ours.c.agency_no == theirs.c.agency_no, ours.c.key == theirs.c.key)
    return sa.select(sa.func.count().label("cells"), sa.func.count().filter(differs).label("differences")).select_from(
        ours.join(theirs, same, full=True)
    )


def _values(cells: sa.FromClause) -> sa.ColumnElement[Any]:
    """A counter of 0 and a missing one are equal."""
    return sa.tuple_(*(sa.func.coalesce(cells.c[name], 0) for name in COLUMNS))


def _compared(only_one: bool) -> sa.Select[Any, Any, Any]:
    recounted = _one_agency() if only_one else RECOUNTED.table

    def stored(table: sa.Table, found: sa.Select[Any]) -> sa.Select[Any]:
        found = found.where(table.c.province == _PROVINCE)
        return found.where(table.c.agency_no == _AGENCY) if only_one else found

    daily = _cells(recounted, "day")
    comparison = sa.union_all(
        _differing(daily, stored(agency_day, _cells(agency_day, "day"))),
        _differing(_summed(recounted, _month(recounted)), stored(agency_month, _cells(agency_month, "month"))),
        _differing(daily, stored(ledger, _summed(ledger, ledger.c.day))),
    ).subquery("comparison")
    position = sa.select(province_table.c.position).where(province_table.c.province == _PROVINCE).scalar_subquery()
    return sa.select(
        sa.cast(sa.func.sum(comparison.c.cells), sa.BigInteger).label("cells"),
        sa.cast(sa.func.sum(comparison.c.differences), sa.BigInteger).label("differences"),
        sa.func.coalesce(position, 0).label("position"),
    )


_COMPARE_ALL = Statement(partial(_compared, only_one=False), CheckResult)
_COMPARE_ONE = Statement(partial(_compared, only_one=True), CheckResult)


async def compare(tx: Connection, province: str, agency_no: int | None) -> CheckResult:
    """Compare the counters of an agency, or of all, at one moment: needs a transaction that sees one state."""
    if agency_no is None:
        await recount(tx, province)
        found = await _COMPARE_ALL.one(tx, province=province)
        await RECOUNTED.drop(tx)
        return found
    await set_plans(tx, "each time")
    return await _COMPARE_ONE.one(tx, province=province, agency_no=agency_no)


def _next() -> sa.Select[Any]:
    counted = sa.select(agency_month.c.agency_no).where(agency_month.c.province == _PROVINCE).distinct().subquery("counted")
    checked = (
        sa.select(consistency_check.c.agency_no, sa.func.max(consistency_check.c.checked_at).label("checked_at"))
        .where(consistency_check.c.province == _PROVINCE)
        .group_by(consistency_check.c.agency_no)
        .subquery("checked")
    )
    return (
        sa.select(counted.c.agency_no)
        .select_from(counted.outerjoin(checked, counted.c.agency_no == checked.c.agency_no))
        .order_by(checked.c.checked_at.nulls_first(), counted.c.agency_no)
        .limit(1)
    )


_NEXT = Statement(_next(), int)


async def next_agency(tx: Connection, province: str) -> int | None:
    """The agency whose last check is the oldest, those never checked first; None when nothing was counted."""
    return await _NEXT.first(tx, province=province)


_RECORD = Statement[None](
    sa.insert(consistency_check)
    .inline()
    .values({name: parameter(name, consistency_check.c[name].type) for name in CheckRow.__slots__})
)
_FORGET = Statement[None](
    sa.delete(consistency_check).where(
        consistency_check.c.province == _PROVINCE,
        consistency_check.c.checked_at < parameter("before", sa.DateTime(timezone=True)),
    )
)


async def record(
    tx: Connection, province: str, agency_no: int | None, compared: CheckResult, seconds: float, now: datetime
) -> None:
    """Keep the outcome, and forget those that are older than `KEPT`."""
    await _RECORD.run(tx, province=province, agency_no=agency_no, **compared._asdict(), seconds=seconds, checked_at=now)
    await _FORGET.run(tx, province=province, before=now - RETENTION)


_LATEST = Statement(
    sa.select(*(consistency_check.c[name] for name in CheckRow.__slots__))
    .where(consistency_check.c.province == _PROVINCE)
    .order_by(consistency_check.c.id.desc())
    .limit(parameter("limit", sa.BigInteger)),
    CheckRow,
)


async def latest(tx: Connection, province: str, limit: int = 50) -> list[CheckRow]:
    """The newest outcomes first."""
    return await _LATEST.all(tx, province=province, limit=limit)


class CheckSummary(NamedTuple):
    """The checks of a province in the last month."""

    province: str
    checked_at: datetime
    """When the last check was made."""
    whole_at: datetime | None
    """When the last one of all agencies was."""
    failed: int
    """How many found differences."""
    checks: int


_SUMMARY = Statement(
    sa.select(
        consistency_check.c.province,
        sa.func.max(consistency_check.c.checked_at).label("checked_at"),
        sa.func.max(consistency_check.c.checked_at).filter(consistency_check.c.agency_no.is_(None)).label("whole_at"),
        sa.func.count().filter(consistency_check.c.differences > 0).label("failed"),
        sa.func.count().label("checks"),
    ).group_by(consistency_check.c.province),
    CheckSummary,
)


async def summary(tx: Connection) -> dict[str, CheckSummary]:
    """By province, the outcomes of its checks in the last month."""
    return {one.province: one for one in await _SUMMARY.all(tx)}


_DROP = Statement[None](sa.delete(consistency_check).where(consistency_check.c.province == _PROVINCE))


async def drop(tx: Connection, province: str) -> None:
    """Drop all outcomes of a province."""
    await _DROP.run(tx, province=province)


_MONTHLY = Temporary("recounted_month", "month")


def _monthly() -> sa.Select[Any]:
    day = RECOUNTED.table
    sums = (sa.cast(sa.func.sum(day.c[one.name]), kind(one)).label(one.name) for one in MEASURES)
    return sa.select(day.c.agency_no, _month(day).label("month"), *sums).group_by(day.c.agency_no, _month(day))


_SUM_UP = _MONTHLY.filled(_monthly)


class _Wrong(NamedTuple):
    """An agency with cells that are not as they were recounted, and how many."""

    agency_no: int
    cells: int


class _Mending:
    """Makes counters equal to those that were recounted, by agencies.

    What differs is read first and then written by the agencies' numbers: no write joins the counters with a table of the
    transaction's own, which is on one server when they are on several.
    """

    def __init__(self, counter: sa.Table, recounted: Temporary) -> None:
        key = recounted.columns[1]
        ours = sa.select(*counter.c).where(counter.c.province == _PROVINCE).subquery("ours")
        theirs = recounted.table.alias("theirs")
        same = sa.and_(ours.c.agency_no == theirs.c.agency_no, ours.c[key] == theirs.c[key])
        stored, made = (sa.tuple_(*(cells.c[name] for name in COLUMNS)) for cells in (ours, theirs))
        agency_no = sa.func.coalesce(ours.c.agency_no, theirs.c.agency_no)
        self._wrong = Statement(
            sa.select(agency_no.label("agency_no"), sa.func.count().label("cells"))
            .select_from(ours.join(theirs, same, full=True))
            .where(sa.or_(ours.c.agency_no.is_(None), theirs.c.agency_no.is_(None), stored != made))
            .group_by(agency_no),
            _Wrong,
        )
        agencies = parameter("agencies", pg.ARRAY(sa.Integer))
        self._drop = Statement[None](
            sa.delete(counter).where(counter.c.province == _PROVINCE, counter.c.agency_no == sa.any_(agencies))
        )
        anew = (
            sa.select(_PROVINCE, *(theirs.c[name] for name in recounted.columns))
            .where(theirs.c.agency_no == sa.any_(agencies))
            .order_by(theirs.c.agency_no, theirs.c[key])  # an agency's days, read together, are written together
        )
        self._add = Statement[None](sa.insert(counter).from_select(["province", *recounted.columns], anew))

    async def mend(self, tx: Connection, province: str) -> int:
        """Write the cells of all agencies that have wrong ones; returns how many were wrong."""
        wrong = await self._wrong.all(tx, province=province)
        if wrong:
            agencies = [one.agency_no for one in wrong]
            await self._drop.run(tx, province=province, agencies=agencies)
            await self._add.run(tx, province=province, agencies=agencies)
        return sum(one.cells for one in wrong)


_MONTHS, _DAYS = _Mending(agency_month, _MONTHLY), _Mending(agency_day, RECOUNTED)


async def rebuild(tx: Connection, province: str, second: Connection | None = None) -> int:
    """Count the province's counters anew from its versions and mend those that differ; returns how many cells of days did.

    `second`: a connection that counts chunks at the same time, from committed versions. Agencies whose cells are right are not
    written; cells that come to 0 are dropped, and count as mended. The ledger stays, which holds what was known when, unless it
    was made by another definition of the counters: then it is made anew as well.
    """
    # Whoever counts a batch holds this row to the commit: what is read from here on is the same for both connections, and
    # nobody else writes counters.
    await lock(tx, province)
    await recount(tx, province, second)
    await _MONTHLY.make(tx)
    await _SUM_UP.run(tx)
    await _MONTHS.mend(tx, province)
    mended = await _DAYS.mend(tx, province)
    await RECOUNTED.drop(tx)
    await _MONTHLY.drop(tx)
    if await ledgers.is_outdated(tx, province):
        await ledgers.remake(tx, province)
    return mended
