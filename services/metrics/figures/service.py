"""Answering questions about KPIs: figures with numerator, denominator and value, for a scope, its rows, and any period."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Generic, TypedDict, TypeVar

import msgspec

from services.metrics.agencies import store as catalogue
from services.metrics.agencies.model import Group, Units
from services.metrics.figures.kpis import BALANCE
from services.metrics.figures.kpis.algebra import CounterRow, Formulas, Kpi, added, value_of
from services.metrics.figures.query import Question, key_of_row
from services.metrics.figures.store import drilldown as opening
from services.metrics.figures.store import sums
from services.metrics.periods import Period
from services.metrics.provinces.completeness import freshness
from services.metrics.provinces.model import Province
from services.metrics.provinces.store import batches, provinces
from shared.contracts import kpis as contracts
from shared.contracts.keys import RowKey
from shared.contracts.kpis import (
    Balance,
    Break,
    Figure,
    KpiResponse,
    ProcedureRow,
    Text,
    Total,
    Unit,
    UnitRow,
)
from shared.database import Connection
from shared.errors import Conflict, Guidance, no_province
from shared.heartbeat import WorkerOutage, read_outage

AT_ONCE = 16
"""Rows of a table that are made without a pause."""


class NotCountedYet(Conflict):
    """A position in the future."""

    type = "not-counted-yet"
    title = "The position is not counted yet"
    guidance = Guidance(
        "Ask again when the position is counted; `/v1/watch` tells when.",
        "Vị trí chưa được tính",
        "Vị trí này nằm ở tương lai.",
        "Hỏi lại khi vị trí đã được tính; `/v1/watch` báo khi đó.",
    )


@dataclass(frozen=True, slots=True)
class Moment:
    """At which state of knowledge a question is answered."""

    province: Province
    position: int
    """End of a batch; figures of the answer carry it."""
    at: datetime | None
    """When that batch was applied; None before the first."""
    is_current: bool
    outage: WorkerOutage | None
    """What is silent of the worker."""


A = TypeVar("A", covariant=True)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Answered(Generic[A]):
    """An answer, and the generation of the province that it is of: it holds until that moves."""

    answer: A
    generation: int


K = TypeVar("K", covariant=True)


@dataclass(frozen=True, slots=True)
class Page(Answered[A], Generic[A, K]):
    """A page of a list, whose `next_cursor` is to be written from `ended`."""

    ended: K | None
    """What the next page begins after; None: there is none."""


class WrittenRow(Unit, frozen=True, kw_only=True):
    """A `UnitRow` whose figures are JSON already."""

    kpis: msgspec.Raw


async def moment(tx: Connection, question: Question) -> Moment:
    """The state of knowledge that the question asks for; raises `NotFound` for an unknown province."""
    province = await provinces.province(tx, question.province)
    if province is None:
        raise no_province(question.province)
    silent = await read_outage(tx, "metrics")
    if question.as_of is None:
        return Moment(province, province.position, province.applied_at, True, silent)
    if isinstance(question.as_of, int):
        if question.as_of > province.position:
            raise NotCountedYet(
                f"Province {province.province} is counted up to {province.position}. Ask for that or an earlier position."
            )
        position = await batches.batch_at(tx, province.province, question.as_of)
    else:
        position = await batches.batch_on(tx, province.province, question.as_of)
    return Moment(
        province, position, await batches.applied_at(tx, province.province, position), position == province.position, silent
    )


async def rows_of(tx: Connection, asked: sums.Asked, at: Moment) -> dict[int, CounterRow]:
    """The rows by group at a moment."""
    return await (sums.now(tx, asked) if at.is_current else sums.as_of(tx, asked, at.position))


async def answer(
    tx: Connection, question: Question, units: Units, permitted: frozenset[int] | None
) -> Answered[KpiResponse[UnitRow]]:
    """The answer of `GET /v1/kpis` in total or by agency.

    Wants a transaction that sees one state (REPEATABLE READ).
    """
    formulas = formulas_of(question.kpis)

    def made(group: Group, row: CounterRow, key: RowKey) -> UnitRow:
        unit = group.unit
        return UnitRow(agency=unit.agency, code=unit.code, name=unit.name, kind=unit.kind, kpis=figures_of(formulas, row, key))

    return await _answer(tx, question, units, permitted, made)


async def written_answer(
    tx: Connection, question: Question, units: Units, permitted: frozenset[int] | None
) -> Answered[KpiResponse[WrittenRow]]:
    """As `answer`, for whoever only hands it on as JSON: the figures of rows are written already."""
    formulas = formulas_of(question.kpis)

    def made(group: Group, row: CounterRow, key: RowKey) -> WrittenRow:
        unit = group.unit
        before, after = key.around()
        kpis = msgspec.Raw(formulas.as_json(row, _escaped(before), _escaped(after)).encode())
        return WrittenRow(agency=unit.agency, code=unit.code, name=unit.name, kind=unit.kind, kpis=kpis)

    return await _answer(tx, question, units, permitted, made)


async def answer_by_procedure(
    tx: Connection, question: Question, units: Units, permitted: frozenset[int] | None
) -> Answered[KpiResponse[ProcedureRow]]:
    """The answer of `GET /v1/kpis` in total and by interlinked procedure; wants a transaction as `answer`."""
    at = await moment(tx, question)
    scope = units.scope(question.scope, question.period.until, question.structure_on, permitted)
    asked = sums.Asked(question.province, sorted(scope.members), question.period, columns=columns_of(question.kpis))
    total = added((await rows_of(tx, asked, at)).values())
    names = await catalogue.procedures(tx, question.province)
    found = await opening.by_procedure(tx, question.province, sorted(scope.members), question.period, at.position)
    formulas = formulas_of(question.kpis)
    breaks = broken(None, total)
    rows = []
    for code, row in sorted(found.items()):
        breaks += broken(code, row)
        kpis = figures_of(formulas, row, key_of_row(question, at.position, scope.scope, code))
        rows.append(ProcedureRow(procedure=code, name=names.get(code, Text(code, code)), kpis=kpis))
    return _complete(question, scope, at, total, rows, breaks)


async def _answer(
    tx: Connection,
    question: Question,
    units: Units,
    permitted: frozenset[int] | None,
    made: Callable[[Group, CounterRow, RowKey], R],
) -> Answered[KpiResponse[R]]:
    at = await moment(tx, question)
    scope = units.scope(question.scope, question.period.until, question.structure_on, permitted)
    by: sums.GroupedBy = "agency" if question.by == "agency" else "nothing"
    asked = sums.Asked(question.province, sorted(scope.members), question.period, by, columns=columns_of(question.kpis))
    found = await rows_of(tx, asked, at)
    total = added(found.values())
    breaks = broken(None, total)
    rows: list[R] = []
    if question.by == "agency":
        groups = units.rows(scope, question.level, question.period.since, question.period.until, question.structure_on)
        for place, group in enumerate(groups):
            if place % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)  # a table of hundreds of rows must not keep the answers of others waiting
            present = [found[number] for number in group.members if number in found]
            if not any(map(any, present)) and not units.is_expected(group, question.period.since, question.period.until):
                continue
            row = present[0] if len(present) == 1 else added(present)
            breaks += broken(group.key or "unmapped", row)
            rows.append(made(group, row, key_of_row(question, at.position, group.scope)))
    return _complete(question, scope, at, total, rows, breaks)


def _complete(
    question: Question, scope: Group, at: Moment, total: CounterRow, rows: list[R], breaks: list[Break]
) -> Answered[KpiResponse[R]]:
    key = key_of_row(question, at.position, scope.scope)
    return Answered(
        KpiResponse(
            **head_of(question, scope, at),
            total=Total(figures_of(formulas_of(question.kpis), total, key)),
            rows=rows,
            balance=Balance(not breaks, breaks[:100]),
            freshness=freshness(at.province, at.outage),
        ),
        at.province.generation,
    )


class HeadFields(TypedDict):
    """The fields of `shared.contracts.kpis.Head`."""

    province: str
    position: int
    as_of: datetime | None
    period: contracts.Period
    structure: str
    scope: Unit


def head_of(question: Question, scope: Group, at: Moment) -> HeadFields:
    """What was asked, and at which state of knowledge it is answered."""
    return HeadFields(
        province=question.province,
        position=at.position,
        as_of=at.at,
        period=period_of(question.period),
        structure="then" if question.structure_on is None else question.structure_on.isoformat(),
        scope=scope.unit,
    )


def head_again(answer: contracts.Head) -> HeadFields:
    """The head of an answer, for another one made of it."""
    return HeadFields(
        province=answer.province,
        position=answer.position,
        as_of=answer.as_of,
        period=answer.period,
        structure=answer.structure,
        scope=answer.scope,
    )


def period_of(period: Period) -> contracts.Period:
    """A period as answers show it."""
    return contracts.Period(since=period.since, until=period.until, days=period.days, name=period.name)


@lru_cache(maxsize=256)
def formulas_of(kpis: tuple[Kpi, ...]) -> Formulas:
    """The compiled formulas of these KPIs."""
    return Formulas(kpis)


@lru_cache(maxsize=256)
def columns_of(kpis: tuple[Kpi, ...]) -> frozenset[sums.Column] | None:
    """The columns to read for these KPIs and for the balance; None: all of them."""
    wanted = formulas_of(kpis).columns | {(when, name) for side in BALANCE for _, when, name in side.terms}
    return None if len(wanted) > 80 else frozenset(wanted)


def _escaped(text: str) -> str:
    return msgspec.json.encode(text)[1:-1].decode()


def figures_of(formulas: Formulas, row: CounterRow, key: RowKey) -> dict[str, Figure]:
    """The figures of one row by KPI id."""
    before, after = key.around()
    figures = {}
    counts = iter(formulas.counts(row))
    for kpi, rule in zip(formulas.kpis, formulas.rules, strict=True):
        numerator, denominator = next(counts), next(counts)
        value = value_of(kpi, row, numerator, denominator)
        if kpi.percentile is not None:
            numerator = None  # it is no quotient
        figures[kpi.id] = Figure(numerator, denominator, value, rule, before + rule + after)
    return figures


_LEFT, _RIGHT = BALANCE


def broken(where: str | None, row: CounterRow) -> list[Break]:
    """The balance of a row, when it does not hold: received + carried over = resolved + in process."""
    left, right = row.of(_LEFT), row.of(_RIGHT)
    if left == right:
        return []
    return [Break(where, left, right)]
