"""The one definition of what dossiers contribute to the counters, as a statement composed from `measures.MEASURES`.

`contributions(source)` counts a batch, checks the counters and rebuilds them; `membership` serves the drill-down.

The statement groups the dossiers once for each kind of day on which something is counted: the day of receipt, the days of the
end by law and by decision 766, the days on which steps of the internal process ended, and the days on which stocks are entered
and left in between. What is needed of a dossier more than once is a column of the relation that all of these read, computed
once: its days, its number in each family of measures, the terms. Comparing is what costs: so those columns are such that a sum
has to look only whether one is true, or there at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.counting.days import once_received, span
from services.metrics.counting.edges import Edge, Family, Measure, Span
from services.metrics.counting.measures import LIFE, MEASURES
from services.metrics.counting.tables.versions import NEVER, dossier_version
from services.metrics.counting.terms import TERMS, columns_read, over

Expression = sa.ColumnElement[Any]

v = dossier_version.c
COUNTED = sa.and_(sa.not_(v.deleted), sa.or_(v.received_on.is_not(None), v.outcome == "refused"))
"""Which versions contribute at all."""

_FLOWS = {edge: [one for one in MEASURES if one.edge is edge] for edge in (Edge.received, Edge.ended, Edge.closed, Edge.step)}
_STOCKS = {one: one.span for one in MEASURES if one.span is not None}
_LIVES = [one for one, span_ in _STOCKS.items() if span_ is LIFE]
"""Stocks that a dossier is in from receipt to end, whatever happens in between."""
_SPANS = {one: span_ for one, span_ in _STOCKS.items() if span_ is not LIFE}
_FAMILIES = {one.family: [member for member in MEASURES if member.family is one.family] for one in MEASURES if one.family}

_DAYS: dict[Expression, str] = {
    day: f"day_{number}"
    for number, day in enumerate(
        dict.fromkeys(day for span_ in _SPANS.values() for day in (span_.since, span_.cap) if day is not None), 1
    )
}
"""The days on which a dossier enters and leaves stocks before that of its end, and the columns that hold them: NULL where that
is not before the end, and where it was not received or has pauses."""

_HALTS = [one for one in _SPANS if one.family is None or one is _FAMILIES[one.family][0]]
"""One stock for each multirange that a dossier with pauses is in stocks for; that of a family is the first one's."""

_NO_DAYS = sa.literal_column("'{}'", pg.DATEMULTIRANGE)


def kind(measure: Measure) -> sa.types.TypeEngine[int]:
    """The type of the counter."""
    return sa.BigInteger() if measure.wide else sa.Integer()


def contributions(source: sa.FromClause, newest: bool = False, cell: str = "agency_no") -> sa.Select[Any]:
    """A SELECT of (agency_no, day, every measure) over `source`, one row per cell that is not all zero.

    `source` has the columns of `dossier_version` and a `sign` (+1: a version that counts now, -1: one that does not any more).
    `newest`: it has no sign, and the last version of each dossier counts, as an index by number and position finds it.
    `cell`: the column by which it is grouped, which the result has as `agency_no`.
    """
    counted = _counted(source, newest, cell)
    c = counted.c
    sign = None if newest else c.sign
    received = {one: _sum(counted, one, sign) for one in (*_FLOWS[Edge.received], *_LIVES)}
    ended = {one: _sum(counted, one, sign) for one in _FLOWS[Edge.ended]}
    # A sum and what is its opposite are one sum to the database if they are written alike.
    ended |= {one: -_sum(counted, one, sign, c.received_on.is_not(None)) for one in _LIVES}
    ended |= {
        one: -_sum(counted, one, sign, *_to_the_end(counted, span_)) for one, span_ in _SPANS.items() if span_.since is not None
    }
    halting = _halting(counted)
    steps = [_grouped(counted, c[day], _steps(counted, day, sign), c[day].is_not(None), _SPANS) for day in _DAYS.values()]
    halts = {one: _halted(halting, one) for one in _SPANS}
    steps.append(_grouped(halting, halting.c.day, halts, halting.c.day < NEVER, _SPANS))
    step = sa.union_all(*steps).subquery("step")
    r = _grouped(counted, c.received_on, received, c.received_on.is_not(None)).subquery("r")
    e = _grouped(counted, c.ended_on, ended, c.ended_on < NEVER).subquery("e")
    closed = {one: _sum(counted, one, sign) for one in _FLOWS[Edge.closed]}
    d = _grouped(counted, c.index_ended_on, closed, c.index_ended_on < NEVER).subquery("d")
    process = _process(counted)
    sums = {one: _sum(process, one, None if newest else process.c.sign) for one in _FLOWS[Edge.step]}
    p = _grouped(process, process.c.day, sums).subquery("p")
    s = _grouped(step, step.c.day, {one: sa.func.sum(step.c[one.name]) for one in _SPANS}).subquery("s")
    agency_no = sa.func.coalesce(r.c.agency_no, e.c.agency_no)
    day = sa.func.coalesce(r.c.day, e.c.day)
    joined = r.join(e, sa.and_(r.c.agency_no == e.c.agency_no, r.c.day == e.c.day), full=True).join(
        s, sa.and_(agency_no == s.c.agency_no, day == s.c.day), full=True
    )
    agency_no, day = sa.func.coalesce(agency_no, s.c.agency_no), sa.func.coalesce(day, s.c.day)
    joined = joined.join(p, sa.and_(agency_no == p.c.agency_no, day == p.c.day), full=True)
    agency_no, day = sa.func.coalesce(agency_no, p.c.agency_no), sa.func.coalesce(day, p.c.day)
    joined = joined.join(d, sa.and_(agency_no == d.c.agency_no, day == d.c.day), full=True)
    totals = {one: _total(one, [side for side in (r, e, s, p, d) if one.name in side.c]) for one in MEASURES}
    return (
        sa.select(
            sa.func.coalesce(agency_no, d.c.agency_no).label("agency_no"),
            sa.func.coalesce(day, d.c.day).label("day"),
            *(sa.cast(sa.func.nullif(total, 0), kind(one)).label(one.name) for one, total in totals.items()),
        )
        .select_from(joined)
        .where(sa.or_(*(total != 0 for total in totals.values())))
    )


def _counted(source: sa.FromClause, newest: bool, cell: str) -> sa.CTE:
    """What all groups read, in such an order that those of the stocks, which are many, find theirs in front."""
    columns: dict[str, Expression] = {
        "sign": sa.literal(1) if newest else source.c.sign,
        "agency_no": source.c[cell],
        **{column: over(_day(day), source) for day, column in _DAYS.items()},
    }
    for edge in (Edge.stock, Edge.received, Edge.ended, Edge.closed):
        for family, members in _FAMILIES.items():
            if members[0].edge is edge:
                columns[_number(family)] = over(_number_of(family), source)
        measures = [one for one in MEASURES if one.edge is edge]
        for name in columns_read(*(one.own for one in measures if one.family is None), *(one.amount for one in measures)):
            columns.setdefault(name, over(TERMS[name], source) if name in TERMS else source.c[name])
        if edge is Edge.stock:
            columns |= {"halts": over(_halts(), source), "ended_on": source.c.ended_on, "received_on": source.c.received_on}
    columns |= {
        "index_ended_on": source.c.index_ended_on,
        "step_days": source.c.step_days,
        "step_minutes": source.c.step_minutes,
    }
    columns["counts"] = over(COUNTED, source)
    version = sa.select(*(one.label(name) for name, one in columns.items()))
    if newest:
        # Versions of a dossier lie near each other: backwards through the index is one way through the table. What is no column
        # of the relation that is kept would have to be taken out of every row once more, so the keys are.
        number, position = source.c.number, source.c.position
        version = version.add_columns(number, position).ext(pg.distinct_on(number)).order_by(number.desc(), position.desc())
    kept = version.subquery("version")
    return sa.select(kept).where(kept.c.counts).cte("counted").prefix_with("MATERIALIZED", dialect="postgresql")


def _process(counted: sa.CTE) -> sa.Subquery:
    """Steps of the internal process, of the dossiers that have such."""
    c = counted.c
    steps = steps_of(c.step_days, c.step_minutes)
    return (
        sa.select(c.agency_no, c.sign, steps.c.day, steps.c.minutes_over)
        .select_from(counted, steps)
        .where(c.step_days.is_not(None))
        .subquery("process")
    )


def steps_of(*arrays: Expression) -> sa.TableValuedAlias:
    """The steps of a version: its days, its minutes over and, where they are given, its departments and names."""
    columns = (
        sa.column("day", sa.Date),
        sa.column("minutes_over", sa.Integer),
        sa.column("department", sa.Text),
        sa.column("step", sa.Text),
    )
    return sa.func.unnest(*arrays).table_valued(*columns[: len(arrays)], name="process_step").render_derived()


def _halting(counted: sa.CTE) -> sa.CTE:
    """Days on which dossiers with pauses enter and leave stocks, and of which halt."""
    c = counted.c
    halted = (
        sa.func.unnest(c.halts)
        .table_valued(sa.column("spans", pg.DATEMULTIRANGE), with_ordinality="halt", name="halted")
        .render_derived()
    )
    spanned = sa.func.unnest(halted.c.spans).table_valued(sa.column("span", pg.DATERANGE), name="spanned").render_derived()
    span_ = spanned.c.span
    edge = (
        sa.values(sa.column("day", sa.Date), sa.column("change", sa.Integer), name="edge")
        .data([(sa.func.lower(span_), c.sign), (sa.func.upper(span_), -c.sign)])
        .lateral()
    )
    return (
        sa.select(c.agency_no, edge.c.day, halted.c.halt, *(c[_number(family)] for family in _FAMILIES), edge.c.change)
        .select_from(counted, halted, spanned, edge)
        .where(c.halts.is_not(None))
        .cte("halting")
    )


def _grouped(
    source: sa.FromClause,
    day: Expression,
    sums: Mapping[Measure, Expression],
    where: Expression | None = None,
    columns: Iterable[Measure] | None = None,
) -> sa.Select[Any]:
    """Sums by agency and day; `columns`: all of these in their order, as integers, whose sum is a bigint and no numeric."""
    named = [one.label(measure.name) for measure, one in sums.items()]
    if columns is not None:
        named = [sa.cast(sums.get(one, sa.null()), sa.Integer).label(one.name) for one in columns]
    found = sa.select(source.c.agency_no, day.label("day"), *named).group_by(source.c.agency_no, day)
    return found if where is None else found.where(where)


def _sum(relation: sa.FromClause, measure: Measure, sign: Expression | None, *also: Expression) -> Expression:
    """`sign`: the column that says which versions count against the others; None when all count."""
    amounts = [one for one in (sign, None if measure.amount is None else over(measure.amount, relation)) if one is not None]
    conditions = [one for one in (*also, _is_one(relation, measure)) if one is not None]
    summed = sa.func.sum(reduce(lambda left, right: left * right, amounts)) if amounts else sa.func.count()
    return summed.filter(*conditions) if conditions else summed


def _is_one(relation: sa.FromClause, measure: Measure) -> Expression | None:
    if measure.family is None:
        return None if measure.own is None else over(measure.own, relation)
    return relation.c[_number(measure.family)] == _FAMILIES[measure.family].index(measure) + 1


def _to_the_end(relation: sa.FromClause, span_: Span) -> list[Expression]:
    """Whether a dossier leaves a stock on the day of its end: it came before, and was not out of it again."""
    assert span_.since is not None
    since = relation.c[_DAYS[span_.since]].is_not(None)
    return [since] if span_.cap is None else [since, relation.c[_DAYS[span_.cap]].is_(None)]


def _steps(relation: sa.FromClause, day: str, sign: Expression | None) -> dict[Measure, Expression]:
    """Sums of those who enter and leave stocks on a day that is before the day of the end."""
    steps = {}
    c = relation.c
    for one, span_ in _SPANS.items():
        since = None if span_.since is None else _DAYS[span_.since]
        cap = None if span_.cap is None else _DAYS[span_.cap]
        if since == day:
            steps[one] = _sum(relation, one, sign, *([(c[day] < c[cap]).is_not(sa.false())] if cap else []))
        elif since and cap == day:
            steps[one] = -_sum(relation, one, sign, c[since] < c[day])
    return steps


def _halted(halting: sa.CTE, measure: Measure) -> Expression:
    first = measure if measure.family is None else _FAMILIES[measure.family][0]
    conditions = [halting.c.halt == _HALTS.index(first) + 1]
    if measure.family is not None:
        is_one = _is_one(halting, measure)
        assert is_one is not None
        conditions.append(is_one)
    return sa.func.sum(halting.c.change).filter(*conditions)


def _total(measure: Measure, sides: Sequence[sa.FromClause]) -> Expression:
    named: list[Expression] = [side.c[measure.name] for side in sides]
    if len(named) == 1:
        return named[0]
    return reduce(lambda left, right: left + right, (sa.func.coalesce(one, 0) for one in named))


def _day(day: Expression) -> Expression:
    is_before_end = sa.and_(v.pauses.is_(None), day < v.ended_on, v.received_on < v.ended_on)
    return sa.case((is_before_end, once_received(day)))


def _number(family: Family) -> str:
    return f"number_in_{family.name}"


def _number_of(family: Family) -> Expression:
    """Which member of a family a dossier is: its number from 1."""
    members = _FAMILIES[family]
    found = sa.case(*((one.own, number) for number, one in enumerate(members, 1) if one.own is not None))
    span_ = members[0].span
    shared = family.condition
    if span_ is not None:
        assert span_.since is not None
        shared = sa.or_(v.pauses.is_not(None), span_.since < v.ended_on)
    return found if shared is None else sa.case((shared, found))


def _halts() -> Expression:
    spans = [days(one) if one.family is None else _SPANS[one].paused for one in _HALTS]
    return sa.case(
        (sa.and_(v.pauses.is_not(None), v.received_on.is_not(None)), pg.array([one for one in spans if one is not None]))
    )


def days(measure: Measure) -> Expression:
    """The multirange of days on which a dossier with pauses is in the stock `measure`."""
    assert measure.span is not None
    spanned = measure.span.paused
    if spanned is None:
        spanned = span(measure.span.first, measure.span.until)
    return spanned if measure.condition is None else sa.case((measure.condition, spanned), else_=_NO_DAYS)


def membership(measure: Measure, day: Expression) -> Expression:
    """Whether a dossier is in the stock `measure` at the end of `day` (of type date)."""
    assert measure.span is not None
    plain: Expression = sa.false()
    if measure.span.since is not None:
        plain = sa.and_(measure.span.first <= day, measure.span.until > day)
    if measure.span.paused is not None:
        plain = sa.case((v.pauses.is_(None), plain), else_=measure.span.paused.op("@>", return_type=sa.Boolean())(day))
    return sa.and_(v.received_on.is_not(None), plain, *([] if measure.condition is None else [measure.condition]))


def known_at(version: sa.FromClause, position: Expression | None = None) -> Expression:
    """Whether `version` is the last one of its dossier up to a position, or of all.

    A subquery (`OFFSET 0` keeps it one) and no anti-join: of a province that the statistics do not know yet the planner expects
    one row, and would compare every version with every other.
    """
    later = dossier_version.alias("later")
    others: sa.Select[Any] = (
        sa.select(sa.literal_column("1"))
        .where(
            later.c.province == version.c.province,
            later.c.number == version.c.number,
            later.c.position > version.c.position,
        )
        .offset(0)
        .correlate(version)
    )
    if position is None:
        return sa.not_(sa.exists(others))
    # Most versions are of before, but the planner takes a bound that it does not know for one that a third keep.
    others = others.where(later.c.position <= position)
    return sa.case((version.c.position <= position, sa.not_(sa.exists(others))), else_=sa.false())
