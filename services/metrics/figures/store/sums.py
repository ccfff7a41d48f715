"""Sums of the counters: the rows that KPIs are computed from, now or as they were known at the end of a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.counting.measures import BY_NAME, FLOWS, STOCKS
from services.metrics.counting.tables.counters import agency_day, agency_month, ledger
from services.metrics.figures.kpis.algebra import EMPTY, CounterRow, When, counter_row
from services.metrics.manual_inputs.model import MANUAL_INPUTS, OF_PETITIONS
from services.metrics.manual_inputs.tables import manual_input
from services.metrics.periods import Cut, Period, cut
from services.metrics.petitions.tables import petition
from services.metrics.provinces.tables import province as province_table
from shared.database import Connection, set_plans
from shared.statements import Statement, parameter

GroupedBy = Literal["agency", "nothing"]
Column = tuple[When, str]
Expression = sa.ColumnElement[Any]

_PROVINCE = parameter("province", sa.Text)
_AGENCIES = parameter("agencies", pg.ARRAY(sa.Integer))
_SINCE, _UNTIL = parameter("since", sa.Date), parameter("until", sa.Date)
_STEPS = parameter("steps", pg.ARRAY(sa.Date))
_AFTER, _UPTO = parameter("after", sa.BigInteger), parameter("upto", sa.BigInteger)

_POSITION = Statement(sa.select(province_table.c.position).where(province_table.c.province == _PROVINCE), int)


@dataclass(frozen=True, slots=True)
class CounterQuery:
    """What to add up: a province, some agencies, a period."""

    province: str
    agencies: Sequence[int]
    period: Period
    by: GroupedBy = "nothing"
    columns: frozenset[Column] | None = None
    """The only columns that will be read; None: all. The others are 0."""


async def now(tx: Connection, query: CounterQuery) -> dict[int, CounterRow]:
    """The rows by group number, as counted now; groups without anything are absent."""
    names = _names_of(query.columns)
    ranges = _ranges(query.period, names)
    return await _rows(tx, _statement(query.by, names, *ranges.shape, None), ranges.days, names, query)


async def as_of(tx: Connection, query: CounterQuery, position: int) -> dict[int, CounterRow]:
    """The rows as they were at the end of the batch at `position`.

    Read from the shorter part of the ledger: what was booked up to then, or the counters of now less what was booked since.
    """
    names = _names_of(query.columns)
    head = await _POSITION.first(tx, province=query.province) or 0
    if position >= head:
        return await now(tx, query)
    await set_plans(tx, "each time")  # reading little of the ledger needs another plan than reading much
    days: dict[str, object] = {"since": query.period.since, "until": query.period.until}
    if position * 2 < head:
        statement = _statement(query.by, names, False, 0, False, 0, "upto")
        return await _rows(tx, statement, days | {"upto": position}, names, query, known=position)
    ranges = _ranges(query.period, names)
    statement = _statement(query.by, names, *ranges.shape, "since")
    return await _rows(tx, statement, {**ranges.days, **days, "after": position}, names, query, known=position)


async def booked(tx: Connection, query: CounterQuery, after: int, upto: int) -> dict[int, CounterRow]:
    """What the batches after `after` up to `upto` added to the rows: the row of a restatement."""
    names = _names_of(query.columns)
    await set_plans(tx, "each time")
    statement = _statement(query.by, names, False, 0, False, 0, "between")
    values = {"since": query.period.since, "until": query.period.until, "after": after, "upto": upto}
    return await _rows(tx, statement, values, names, query, known=upto, after=after)


@cache
def _series(names: tuple[str, ...], taken_back: bool) -> Statement[dict[str, int]]:
    """Sums of the measures by step; `taken_back`: without what was booked after a position."""
    d = agency_day.c
    source: Any = sa.select(d.day, *(d[name] for name in names)).where(
        d.province == _PROVINCE, d.agency_no == sa.any_(_AGENCIES), d.day.between(_SINCE, _UNTIL)
    )
    if taken_back:
        b = ledger.c
        source = sa.union_all(
            source,
            sa.select(b.day, *((-b[name]).label(name) for name in names)).where(
                b.province == _PROVINCE, b.agency_no == sa.any_(_AGENCIES), b.day.between(_SINCE, _UNTIL), b.position > _AFTER
            ),
        )
    counters = source.subquery("counters")
    step = sa.func.width_bucket(counters.c.day, _STEPS).label("step")
    sums = (sa.cast(sa.func.coalesce(sa.func.sum(counters.c[name]), 0), sa.BigInteger).label(name) for name in names)
    keys = ("step", *names)
    return Statement(sa.select(step, *sums).group_by(step), lambda *values: dict(zip(keys, values, strict=True)))


async def series(tx: Connection, query: CounterQuery, steps: Sequence[Period], position: int | None) -> list[CounterRow]:
    """One row per step of a period, as `periods.steps` cuts it, now or as of a batch; stocks run on from step to step."""
    first = replace(query, period=steps[0], by="nothing")
    drilldown_store = (await (now(tx, first) if position is None else as_of(tx, first, position))).get(0, EMPTY)
    names = _names_of(query.columns)
    if position is not None:
        await set_plans(tx, "each time")
    counted = await _series(names, position is not None).all(
        tx,
        province=query.province,
        agencies=list(query.agencies),
        steps=[step.since for step in steps],
        since=steps[0].since,
        until=steps[-1].until,
        **({} if position is None else {"after": position}),
    )
    found = {counts["step"]: counts for counts in counted}
    standing = {name: drilldown_store.at_start(name) for name in STOCKS}
    manual_input = await _read_manual_inputs(tx, query, position, steps)
    rows = []
    for number, _ in enumerate(steps, 1):
        counts = found.get(number, {})
        rows.append(counter_row(counts, standing, counts, manual_input.get(number, {})))
        standing = {name: standing[name] + counts.get(name, 0) for name in STOCKS}
    return rows


Ranges = Literal["within", "before"]


@dataclass(frozen=True, slots=True)
class _Ranges:
    """Ranges of days and months that a statement reads: within the period, and before it when a stock is wanted."""

    shape: tuple[bool, int, bool, int]
    """Whether whole months are read, and how many ranges of single days; the same before the period."""
    days: dict[str, date]
    """Their bounds, by the names of the statement's parameters."""


def _ranges(period: Period, names: Sequence[str]) -> _Ranges:
    within = cut(period.since, period.until)
    # Stocks add up everything before the period.
    before = cut(date(1900, 1, 1), period.since - timedelta(days=1)) if any(name in STOCKS for name in names) else Cut((), None)
    days: dict[str, date] = {}
    for which, one in (("within", within), ("before", before)):
        for number, bounds in enumerate((*one.days, *((one.months,) if one.months else ()))):
            days |= dict(zip(_bounds(which, number), bounds, strict=True))
    return _Ranges((bool(within.months), len(within.days), bool(before.months), len(before.days)), days)


def _bounds(which: str, number: int) -> tuple[str, str]:
    return f"{which}_{number}_since", f"{which}_{number}_until"


def _names_of(columns: frozenset[Column] | None) -> tuple[str, ...]:
    if columns is None:
        return (*FLOWS, *STOCKS)
    wanted = {name for when, name in columns if when is not When.manual_input}
    return tuple(name for name in (*FLOWS, *STOCKS) if name in wanted) or (STOCKS[0],)


@cache
def _statement(
    by: GroupedBy, names: tuple[str, ...], months: bool, days: int, months_before: bool, days_before: int, booked: str | None
) -> Statement[tuple[int, ...]]:
    """The group, the sums of `names` within the period, and those of the stocks among them before it.

    Parts: `w`, sums within the period; `p`, stocks before it; `l`, the same of a part of the ledger. One statement, so that
    all parts belong to one moment.
    """
    stocks = [name for name in names if name in STOCKS]
    parts: dict[str, sa.Subquery] = {}
    if days or months:
        within = _read(by, "within", days, months, names)
        parts["w"] = _grouped(within, {name: _sum(within, name) for name in names}, "w")
        if stocks and (days_before or months_before):
            before = _read(by, "before", days_before, months_before, stocks)
            parts["p"] = _grouped(before, {name: _sum(before, name) for name in stocks}, "p")
    if booked:
        b = ledger.c
        known = {
            "upto": [b.position <= _UPTO],
            "since": [b.position > _AFTER],
            "between": [b.position > _AFTER, b.position <= _UPTO],
        }
        counters = (
            sa.select(_group(ledger, by), b.day, *(b[name] for name in names))
            .where(b.province == _PROVINCE, b.agency_no == sa.any_(_AGENCIES), b.day <= _UNTIL, *known[booked])
            .subquery("counters")
        )
        sums = {name: _sum(counters, name, counters.c.day >= _SINCE) for name in names}
        sums |= {f"before_{name}": _sum(counters, name, counters.c.day < _SINCE) for name in stocks}
        parts["l"] = _grouped(counters, sums, "l")
    taken_away = booked == "since"
    columns = [_total(parts.get("w"), name, parts.get("l"), name, taken_away) for name in names]
    columns += [_total(parts.get("p"), name, parts.get("l"), f"before_{name}", taken_away) for name in stocks]
    first, *others = parts.values()
    joined: sa.FromClause = first
    group: Expression = first.c.g
    for one in others:
        joined = joined.join(one, group == one.c.g, full=True)
        group = sa.func.coalesce(group, one.c.g)
    return Statement(sa.select(group, *columns).select_from(joined), lambda *values: values)


def _group(table: sa.FromClause, by: GroupedBy) -> Expression:
    return (table.c.agency_no if by == "agency" else sa.literal(0)).label("g")


def _read(by: GroupedBy, which: Ranges, days: int, months: bool, names: Sequence[str]) -> sa.Subquery:
    """The counters of all ranges: those of days first, then that of months."""
    tables = [*((agency_day, agency_day.c.day),) * days, *(((agency_month, agency_month.c.month),) if months else ())]
    steps = []
    for number, (table, day) in enumerate(tables):
        since, until = (parameter(name, sa.Date) for name in _bounds(which, number))
        steps.append(
            sa.select(_group(table, by), *(table.c[name] for name in names)).where(
                table.c.province == _PROVINCE, table.c.agency_no == sa.any_(_AGENCIES), day.between(since, until)
            )
        )
    return sa.union_all(*steps).subquery("counters") if len(steps) > 1 else steps[0].subquery("counters")


def _sum(counters: sa.FromClause, name: str, condition: Expression | None = None) -> Expression:
    summed: Expression = sa.func.sum(counters.c[name])
    if condition is not None:
        summed = sa.func.sum(counters.c[name]).filter(condition)
    # The sum of integers is a bigint; the sum of bigints a numeric, which costs more to read.
    return sa.cast(summed, sa.BigInteger) if BY_NAME[name].wide else summed


def _grouped(counters: sa.Subquery, sums: Mapping[str, Expression], name: str) -> sa.Subquery:
    return sa.select(counters.c.g, *(one.label(key) for key, one in sums.items())).group_by(counters.c.g).subquery(name)


def _total(main: sa.Subquery | None, name: str, booked: sa.Subquery | None, booked_name: str, taken_away: bool) -> Expression:
    total: Expression = sa.literal(0) if main is None else sa.func.coalesce(main.c[name], 0)
    if booked is None:
        return total
    change = sa.func.coalesce(booked.c[booked_name], 0)
    return total - change if taken_away else total + change


async def _rows(
    tx: Connection,
    statement: Statement[tuple[int, ...]],
    given: Mapping[str, object],
    names: Sequence[str],
    query: CounterQuery,
    known: int | None = None,
    after: int = -1,
) -> dict[int, CounterRow]:
    flows = [name for name in names if name in FLOWS]
    stocks = [name for name in names if name in STOCKS]
    whole = len(flows) == len(FLOWS) and len(stocks) == len(STOCKS)
    first, last = 1 + len(flows), 1 + len(flows) + len(stocks)
    found = await statement.all(tx, province=query.province, agencies=list(query.agencies), **given)
    manual_input = await _read_manual_inputs(tx, query, known, [query.period], after)
    rows: dict[int, CounterRow] = {}
    for values in found:
        group, changes, starts = values[0], values[first:last], values[last:]
        if whole and group not in manual_input:  # as most rows are, and hundreds of them at once: several times as fast
            rows[group] = CounterRow(values[1:first] + starts + tuple(map(int.__add__, starts, changes)) + _NO_MANUAL_INPUTS)
        else:
            counts = dict(zip(names, values[1:last], strict=True))
            rows[group] = counter_row(counts, dict(zip(stocks, starts, strict=True)), counts, manual_input.get(group, {}))
    for group in manual_input.keys() - rows.keys():
        rows[group] = counter_row({}, {}, {}, manual_input[group])
    return rows


_NO_MANUAL_INPUTS = (0,) * len(MANUAL_INPUTS)


class _ManualInput(NamedTuple):
    g: int
    measure: str
    amount: int


@cache
def _manual_inputs(by: GroupedBy, steps_apart: bool, bounded: bool) -> Statement[_ManualInput]:
    """What was entered and what petitions count, as known up to a position less what was known at the one before.

    Where an agency has petitions of a month, what was entered for that month of what they count does not count: so any
    period is the sum of its parts, whatever was known when.
    """
    e, known = manual_input.c, _petitions(bounded).cte("known")
    month = sa.func.date_trunc("month", known.c.received_on)
    months = (
        sa.select(
            known.c.agency_no,
            month.label("month"),
            sa.func.bool_or(known.c.counts_now).label("now"),
            sa.func.bool_or(known.c.counted_then).label("then"),
        )
        .group_by(known.c.agency_no, month)
        .cte("months")
    )
    replaces = sa.and_(
        months.c.agency_no == e.agency_no, months.c.month == sa.func.date_trunc("month", e.day), e.measure.in_(OF_PETITIONS)
    )
    counts_now: Expression = months.c.now.is_not(sa.true())
    if bounded:
        counts_now = sa.and_(counts_now, e.position <= _UPTO)
    counted_then = sa.and_(months.c.then.is_not(sa.true()), e.position <= _AFTER)
    entered = (
        sa.select(e.agency_no, e.day, e.measure, (e.amount * _sign(counts_now, counted_then)).label("amount"))
        .select_from(manual_input.outerjoin(months, replaces))
        .where(e.province == _PROVINCE, e.agency_no == sa.any_(_AGENCIES), e.day.between(_SINCE, _UNTIL))
    )
    until: Expression = _UNTIL
    if steps_apart:  # each is judged on its own last day
        ends = sa.func.unnest(parameter("step_ends", pg.ARRAY(sa.Date))).table_valued(sa.column("day", sa.Date), name="ends")
        ends = ends.render_derived()
        until = sa.select(sa.func.min(ends.c.day)).where(ends.c.day >= known.c.received_on).scalar_subquery()
    in_time = sa.and_(sa.not_(known.c.late), known.c.late_from > until)
    satisfied = sa.and_(in_time, known.c.liked.is_not(sa.false()), sa.not_(known.c.repeated))
    sign = _sign(known.c.counts_now, known.c.counted_then)
    counted = (
        sa.select(known.c.agency_no, known.c.received_on, sa.literal(name), sa.case((holds, sign), else_=0)).where(
            known.c.received_on.between(_SINCE, _UNTIL)
        )
        for name, holds in zip(
            (*OF_PETITIONS, "petitions", "petitions_satisfied"), (sa.true(), in_time, sa.true(), satisfied), strict=True
        )
    )
    counts = sa.union_all(entered, *counted).subquery("counts")
    group = sa.func.width_bucket(counts.c.day, _STEPS).label("g") if steps_apart else _group(counts, by)
    statement = (
        sa.select(group, counts.c.measure, sa.cast(sa.func.sum(counts.c.amount), sa.BigInteger).label("amount"))
        .group_by(sa.literal_column("1"), sa.literal_column("2"))
        .order_by(sa.literal_column("1"), sa.literal_column("2"))
    )
    return Statement(statement, _ManualInput)


def _sign(counts_now: Expression, counted_then: Expression) -> Expression:
    return sa.cast(counts_now, sa.Integer) - sa.cast(counted_then, sa.Integer)


def _petitions(bounded: bool) -> sa.Select[Any]:
    """Versions of petitions received in the months of the period, and whether each is the newest now and was so `after`."""

    def newest(limit: Expression | None) -> Expression:
        later = petition.alias("later")
        conditions = [later.c.province == petition.c.province, later.c.code == petition.c.code, later.c.id > petition.c.id]
        conditions += [] if limit is None else [later.c.position <= limit]
        own: Expression = sa.true() if limit is None else petition.c.position <= limit
        return sa.and_(own, ~sa.exists().where(*conditions))

    p = petition.c
    columns = (p.agency_no, p.received_on, p.late, p.late_from, p.liked, p.repeated)
    month_after = sa.func.date_trunc("month", _UNTIL) + sa.literal_column("interval '1 month'")
    return sa.select(
        *columns,
        newest(_UPTO if bounded else None).label("counts_now"),
        newest(_AFTER).label("counted_then"),
    ).where(
        p.province == _PROVINCE,
        p.agency_no == sa.any_(_AGENCIES),
        p.received_on >= sa.cast(sa.func.date_trunc("month", _SINCE), sa.Date),
        p.received_on < sa.cast(month_after, sa.Date),
    )


async def _read_manual_inputs(
    tx: Connection, query: CounterQuery, known: int | None, steps: Sequence[Period], after: int = -1
) -> dict[int, dict[str, int]]:
    """Manual inputs by group, recorded at positions after `after` up to `known` (None: now)."""
    if query.columns is not None and not any(when is When.manual_input for when, _ in query.columns):
        return {}
    apart = len(steps) > 1
    rows = await _manual_inputs(query.by, apart, known is not None).all(
        tx,
        province=query.province,
        agencies=list(query.agencies),
        since=steps[0].since,
        until=steps[-1].until,
        after=after,
        **({"steps": [step.since for step in steps], "step_ends": [step.until for step in steps]} if apart else {}),
        **({} if known is None else {"upto": known}),
    )
    found: dict[int, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.g, {})[row.measure] = row.amount
    return found
