"""The dossiers behind a figure, exactly, as they were known at its position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache, reduce
from typing import Annotated, Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.counting.edges import Edge, Measure
from services.metrics.counting.measures import BY_NAME, MEASURES
from services.metrics.counting.store.contributions import COUNTED, Expression, known_at, membership, steps_of
from services.metrics.counting.tables.versions import NEVER, dossier_version
from services.metrics.counting.terms import over
from services.metrics.figures.kpis.algebra import COLUMNS, CounterRow, Sum, When, counter_row
from services.metrics.manual_inputs.model import MANUAL_INPUTS
from services.metrics.periods import Period
from shared.contracts.keys import WorkGrouping, WorkKey
from shared.database import Connection, set_plans
from shared.fields import INT4, INT8
from shared.statements import Statement, parameter

v = dossier_version.c

_PROVINCE = parameter("province", sa.Text)
_AGENCIES = parameter("agencies", pg.ARRAY(sa.Integer))
_PROCEDURE = parameter("procedure", sa.Text)
_SINCE, _UNTIL, _BEFORE = (parameter(name, sa.Date) for name in ("since", "until", "before"))
_POSITION = parameter("position", sa.BigInteger)

# What parameters alone decide the planner ignores on its own, and an empty period has nothing.
SOME_DAYS = sa.and_(_SINCE <= _UNTIL, _BEFORE < _SINCE)


def contribution_to(terms: Sequence[tuple[int, When, str]], work: WorkGrouping | None = None) -> Expression:
    """What a version contributes to a sum, over the columns of `dossier_version`.

    `work`: only by its steps whose department or name is the parameter `work`.
    """
    return reduce(lambda left, right: left + right, (_contribution(*term, work) for term in terms))


def _contribution(factor: int, when: When, name: str, work: WorkGrouping | None = None) -> Expression:
    measure = BY_NAME[name]
    if measure.edge is Edge.step:
        return factor * _steps_within(measure, work)
    amount: Expression = sa.literal(factor)
    if measure.amount is not None:
        amount = factor * sa.cast(measure.amount, sa.BigInteger)
    return sa.case((_counts(when, name), amount), else_=0)


def _counts(when: When, name: str) -> Expression:
    measure = BY_NAME[name]
    if measure.edge is Edge.stock:
        return membership(measure, _BEFORE if when is When.start else _UNTIL)
    day = {Edge.received: v.received_on, Edge.ended: v.ended_on, Edge.closed: v.index_ended_on}[measure.edge]
    return sa.and_(day.between(_SINCE, _UNTIL), *([] if measure.condition is None else [measure.condition]))


def _steps_within(measure: Measure, work: WorkGrouping | None) -> Expression:
    """What the steps of a version that ended in the period count."""
    steps = _steps()
    amount: Expression = sa.literal(1) if measure.amount is None else over(measure.amount, steps)
    condition = [] if measure.own is None else [over(measure.own, steps)]
    if work is not None:
        condition.append(work_of(steps, work) == parameter("work", sa.Text))
    counted = sa.select(sa.func.coalesce(sa.func.sum(amount), 0)).where(steps.c.day.between(_SINCE, _UNTIL), *condition)
    return sa.cast(counted.scalar_subquery(), sa.BigInteger)


def _steps() -> sa.TableValuedAlias:
    return steps_of(v.step_days, v.step_minutes, v.step_departments, v.step_names)


def work_of(steps: sa.TableValuedAlias, by: WorkGrouping) -> Expression:
    """What a step is grouped under; empty where it is not known."""
    return sa.func.coalesce(steps.c[by], "")


def _reach(terms: Sequence[tuple[int, When, str]]) -> tuple[Expression, Expression]:
    """What holds of all dossiers that contribute: the first day on which they can have ended, and what else."""
    edges = {BY_NAME[name].edge for _, _, name in terms}
    if edges == {Edge.received}:
        return _SINCE, v.received_on <= _UNTIL
    if edges == {Edge.ended}:
        return _SINCE, v.ended_on <= _UNTIL
    if edges == {Edge.stock}:
        earliest = _BEFORE if any(when is When.start for _, when, _ in terms) else _UNTIL
        return earliest + 1, v.received_on <= _UNTIL
    if Edge.closed in edges:
        # Its source may have closed it long after its end by law, by which the index goes.
        return sa.literal_column("'-infinity'", sa.Date), v.received_on <= _UNTIL
    # Whoever contributes to any mixture was received by the end and not ended before the period; refusals need no receipt.
    return _SINCE, sa.or_(v.received_on.is_(None), v.received_on <= _UNTIL)


class DossierRow(NamedTuple):
    """A dossier behind a figure, as it was known then, and what it contributes."""

    number: int
    code: str
    position: int
    procedure: str | None
    status: str
    channel: str | None
    received_on: date | None
    due_on: date | None
    ended_on: date | None
    outcome: str | None
    timeliness: str | None
    portal_timeliness: str | None
    cause: str | None
    contradictions: list[str] | None
    contradiction_sources: list[str] | None
    supplements: int | None
    portal_due_on: date | None
    contribution: int
    agency: int


class DossierCursor(NamedTuple):
    """Where a page ended: what the next one begins after."""

    agency_no: Annotated[int, msgspec.Meta(ge=0, le=INT4)]
    day: date
    number: Annotated[int, msgspec.Meta(ge=0, le=INT8)]


@dataclass(frozen=True, slots=True)
class DossierPage:
    """A page of dossiers, each with what it contributes to the figure; its `agency` is a number."""

    dossiers: list[DossierRow]
    next: DossierCursor | None


async def select_dossiers(
    tx: Connection,
    province: str,
    agencies: Sequence[int],
    total: Sum,
    period: Period,
    position: int,
    *,
    procedure: str | None,
    work: WorkKey | None = None,
    after: DossierCursor | None,
    limit: int,
) -> DossierPage:
    """The dossiers that contribute to `total`, a page of at most `limit`; contributions of all pages add up to the figure."""
    if all(when is When.manual_input for _, when, _ in total.terms):
        return DossierPage([], None)
    given: dict[str, object] = {}
    if procedure is not None:
        await set_plans(tx, "each time")
        given["procedure"] = procedure
    if work is not None:
        await set_plans(tx, "each time")
        given["work"] = work.name
    if after is not None:
        given |= {"after_agency": after.agency_no, "after_day": after.day, "after_number": after.number}
    rows = await _page(total, procedure is not None, work.by if work else None, after is None, limit).all(
        tx,
        province=province,
        agencies=[number for number in agencies if after is None or number >= after.agency_no],
        **days_of(period),
        position=position,
        **given,
    )
    page = rows[:limit]
    last = page[-1] if len(rows) > limit else None
    # "Never" is shown as nothing; it is the last of all days.
    return DossierPage(page, DossierCursor(last.agency, last.ended_on or date.max, last.number) if last else None)


def days_of(period: Period) -> dict[str, date]:
    """The days of a period as the parameters of a statement."""
    return {"since": period.since, "until": period.until, "before": period.since - timedelta(days=1)}


@lru_cache(1_000)
def _page(total: Sum, one_procedure: bool, work: WorkGrouping | None, is_first: bool, limit: int) -> Statement[DossierRow]:
    """The statement that finds a page and one dossier more."""
    terms = [term for term in total.terms if term[1] is not When.manual_input]
    version = dossier_version.alias("version")
    c = version.c
    contribution = over(contribution_to(terms, work), version)
    first, further = _reach(terms)
    shown = {name: c[name] for name in DossierRow._fields if name in c} | {
        "ended_on": sa.func.nullif(c.ended_on, NEVER, type_=sa.Date),
        "portal_due_on": sa.case((c.portal_late_from < NEVER, c.portal_late_from - 1)),
        "contribution": sa.cast(contribution, sa.BigInteger),
        "agency": c.agency_no,
    }
    # The column `ended_on`, not what is shown under its name: its index gives the order. This is planned once for all figures,
    # and must not seem then to find next to nothing, which would be read whole and sorted. The planner takes two
    # bounds of a day for a narrow range, but not one of day and number.
    statement = (
        sa.select(*(shown[name].label(name) for name in DossierRow._fields))
        .where(
            c.province == _PROVINCE,
            c.agency_no == sa.any_(_AGENCIES),
            over(COUNTED, version),
            SOME_DAYS,
            sa.tuple_(c.ended_on, c.number) > sa.tuple_(first, sa.literal(0)),
            over(further, version),
            contribution != 0,
            known_at(version, _POSITION),
        )
        .order_by(c.agency_no, c.ended_on, c.number)
        .limit(limit + 1)
    )
    if work is not None:
        statement = statement.where(c.step_days.is_not(None))
    if one_procedure:
        statement = statement.where(c.interlinked, c.procedure == _PROCEDURE)
    if not is_first:
        after = (
            parameter("after_agency", sa.Integer),
            parameter("after_day", sa.Date),
            parameter("after_number", sa.BigInteger),
        )
        statement = statement.where(sa.tuple_(c.agency_no, c.ended_on, c.number) > sa.tuple_(*after))
    return Statement(statement, DossierRow)


_COUNTED_COLUMNS = [(when, name) for when, name in COLUMNS if when is not When.manual_input]


def _by_procedure() -> sa.Select[Any]:
    version = dossier_version.alias("version")
    c = version.c
    sums = (
        sa.cast(sa.func.coalesce(sa.func.sum(over(_contribution(1, when, name), version)), 0), sa.BigInteger)
        for when, name in _COUNTED_COLUMNS
    )
    return (
        sa.select(c.procedure, *sums)
        .where(
            c.province == _PROVINCE,
            c.agency_no == sa.any_(_AGENCIES),
            c.interlinked,
            c.procedure.is_not(None),
            over(COUNTED, version),
            sa.or_(_PROCEDURE.is_(None), c.procedure == _PROCEDURE),
            sa.or_(c.received_on.is_(None), c.received_on <= _UNTIL),
            sa.or_(c.ended_on >= _SINCE, c.index_ended_on >= _SINCE),
            _BEFORE < _SINCE,
            known_at(version, _POSITION),
        )
        .group_by(c.procedure)
    )


_BY_PROCEDURE = Statement(_by_procedure, lambda procedure, *sums: (procedure, sums))


async def by_procedure(
    tx: Connection, province: str, agencies: Sequence[int], period: Period, position: int, procedure: str | None = None
) -> dict[str, CounterRow]:
    """The rows of sums by interlinked procedure, or of one of them, read off the versions: interlinked dossiers are few."""
    await set_plans(tx, "each time")
    rows = await _BY_PROCEDURE.all(
        tx, province=province, agencies=list(agencies), procedure=procedure, **days_of(period), position=position
    )
    no_manual_inputs = (0,) * len(MANUAL_INPUTS)
    return {code: CounterRow((*sums, *no_manual_inputs)) for code, sums in rows}


STEP_MEASURES = [one for one in MEASURES if one.edge is Edge.step]
"""What is counted of steps of the internal process."""


@cache
def _by_work(by: WorkGrouping) -> Statement[tuple[str, dict[str, int]]]:
    version = dossier_version.alias("version")
    c = version.c
    steps = steps_of(c.step_days, c.step_minutes, c.step_departments, c.step_names)
    group = work_of(steps, by)

    def counted(one: Measure) -> Expression:
        summed: Expression = sa.func.count() if one.amount is None else sa.func.sum(over(one.amount, steps))
        found = summed if one.own is None else summed.filter(over(one.own, steps))
        return sa.cast(sa.func.coalesce(found, 0), sa.BigInteger).label(one.name)

    statement = (
        sa.select(group.label("work"), *(counted(one) for one in STEP_MEASURES))
        .select_from(version, steps)
        .where(
            c.province == _PROVINCE,
            c.agency_no == sa.any_(_AGENCIES),
            c.step_days.is_not(None),
            over(COUNTED, version),
            # Steps end between the receipt and the end of their dossier.
            c.received_on <= _UNTIL,
            c.ended_on >= _SINCE,
            steps.c.day.between(_SINCE, _UNTIL),
            known_at(version, _POSITION),
        )
        .group_by(group)
    )
    names = [one.name for one in STEP_MEASURES]
    return Statement(statement, lambda work, *sums: (work, dict(zip(names, sums, strict=True))))


async def by_work(
    tx: Connection, province: str, agencies: Sequence[int], period: Period, position: int, by: WorkGrouping
) -> dict[str, CounterRow]:
    """The rows of sums by department or name of the steps that ended in the period; "" for what is not known."""
    await set_plans(tx, "each time")
    days = {"since": period.since, "until": period.until}
    rows = await _by_work(by).all(tx, province=province, agencies=list(agencies), **days, position=position)
    return {work: counter_row(sums, {}, {}, {}) for work, sums in rows}
