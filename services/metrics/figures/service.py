"""Computing KPIs: figures with numerator, denominator and value, in total and by row, for a scope and period."""

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
from services.metrics.counting.store import ledgers
from services.metrics.figures.kpis.algebra import CounterRow, Formulas, Kpi, added, value_of
from services.metrics.figures.kpis.catalogue import BALANCE, BY_ID, CONTRADICTORY
from services.metrics.figures.query import KpiQuery, key_of_row
from services.metrics.figures.store import drilldown as drilldown_store
from services.metrics.figures.store import sums
from services.metrics.periods import Period
from services.metrics.provinces.completeness import freshness
from services.metrics.provinces.model import Province
from services.metrics.provinces.store import batches, provinces
from shared.contracts import kpis as contracts
from shared.contracts.keys import RowKey, WorkGrouping, WorkKey
from shared.contracts.kpis import (
    Balance,
    BalanceBreak,
    FigureFreshness,
    KpiFigure,
    KpiResponse,
    ProcedureRow,
    Text,
    Total,
    Unit,
    UnitRow,
    WorkRow,
)
from shared.database import Connection
from shared.errors import Conflict, Guidance, no_province
from shared.heartbeat import WorkerOutage, read_outage
from shared.vietnamese import sort_key

BATCH_SIZE = 16
"""Rows of a table that are computed before other requests get a turn."""


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
class QueryState:
    """The state of a province that a query is computed at."""

    province: Province
    position: int
    """The end of a batch; the figures of the response carry it."""
    at: datetime | None
    """When that batch was applied; None before the first."""
    is_current: bool
    outage: WorkerOutage | None
    """What the worker does not do; None: nothing."""


A = TypeVar("A", covariant=True)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Result(Generic[A]):
    """A response, and the revision of the province that it was computed at: it is valid until that moves."""

    response: A
    revision: int


K = TypeVar("K", covariant=True)


@dataclass(frozen=True, slots=True)
class ResultPage(Result[A], Generic[A, K]):
    """A page of a list; the route encodes its `next_cursor` from `next_after`."""

    next_after: K | None
    """What the next page begins after; None: there is none."""


class EncodedRow(Unit, frozen=True, kw_only=True):
    """A `UnitRow` whose figures are encoded as JSON already."""

    kpis: msgspec.Raw


async def resolve_state(tx: Connection, query: KpiQuery) -> QueryState:
    """The state that the query names by `as_of`; raises `NotFound` for an unknown province."""
    province = await provinces.province(tx, query.province)
    if province is None:
        raise no_province(query.province)
    silent = await read_outage(tx, "metrics")
    if query.as_of is None:
        return QueryState(province, province.position, province.applied_at, True, silent)
    position = await _batch_of(tx, province, query.as_of)
    return QueryState(
        province, position, await batches.applied_at(tx, province.province, position), position == province.position, silent
    )


async def counted_position(tx: Connection, name: str, as_of: int | datetime | None) -> int | None:
    """The end of the batch whose figures `as_of` names; None: those of now. Raises `NotFound` for an unknown province."""
    if as_of is None:
        return None
    province = await provinces.province(tx, name)
    if province is None:
        raise no_province(name)
    return await _batch_of(tx, province, as_of)


async def _batch_of(tx: Connection, province: Province, as_of: int | datetime) -> int:
    if not isinstance(as_of, int):
        return await batches.batch_on(tx, province.province, as_of)
    if as_of > province.position:
        raise NotCountedYet(
            f"Province {province.province} is counted up to {province.position}. Ask for that or an earlier position."
        )
    return await batches.batch_at(tx, province.province, as_of)


async def rows_of(tx: Connection, counter_query: sums.CounterQuery, at: QueryState) -> dict[int, CounterRow]:
    """The rows by group at a moment."""
    return await (sums.now(tx, counter_query) if at.is_current else sums.as_of(tx, counter_query, at.position))


async def compute_kpis(
    tx: Connection, query: KpiQuery, units: Units, permitted: frozenset[int] | None
) -> Result[KpiResponse[UnitRow]]:
    """The response of `GET /v1/kpis` in total or by agency.

    Needs a transaction that sees one state (REPEATABLE READ).
    """
    formulas = formulas_of(query.kpis)

    def made(group: Group, row: CounterRow, key: RowKey) -> UnitRow:
        unit = group.unit
        return UnitRow(agency=unit.agency, code=unit.code, name=unit.name, kind=unit.kind, kpis=figures_of(formulas, row, key))

    return await _compute(tx, query, units, permitted, made)


async def compute_kpis_as_json(
    tx: Connection, query: KpiQuery, units: Units, permitted: frozenset[int] | None
) -> Result[KpiResponse[EncodedRow]]:
    """As `compute_kpis`, for responses in JSON: the figures of rows are encoded already, which is several times as fast."""
    formulas = formulas_of(query.kpis)

    def made(group: Group, row: CounterRow, key: RowKey) -> EncodedRow:
        unit = group.unit
        before, after = key.around()
        kpis = msgspec.Raw(formulas.as_json(row, _escaped(before), _escaped(after)).encode())
        return EncodedRow(agency=unit.agency, code=unit.code, name=unit.name, kind=unit.kind, kpis=kpis)

    return await _compute(tx, query, units, permitted, made)


async def compute_kpis_by_procedure(
    tx: Connection, query: KpiQuery, units: Units, permitted: frozenset[int] | None
) -> Result[KpiResponse[ProcedureRow]]:
    """The response of `GET /v1/kpis` in total and by interlinked procedure; needs a transaction as `compute_kpis`."""
    at = await resolve_state(tx, query)
    scope = units.scope(query.scope, query.period.until, query.structure_on, permitted)
    counter_query = sums.CounterQuery(query.province, sorted(scope.members), query.period, columns=columns_of(query.kpis))
    total = added((await rows_of(tx, counter_query, at)).values())
    names = await catalogue.procedures(tx, query.province, at.position)
    found = await drilldown_store.by_procedure(tx, query.province, sorted(scope.members), query.period, at.position)
    formulas = formulas_of(query.kpis)
    breaks = balance_breaks(None, total)
    rows = []
    for code, row in sorted(found.items()):
        breaks += balance_breaks(code, row)
        kpis = figures_of(formulas, row, key_of_row(query, at.position, scope.scope, code))
        rows.append(ProcedureRow(procedure=code, name=names.get(code, Text(code, code)), kpis=kpis))
    return _complete(query, scope, at, total, rows, breaks)


_NOT_KNOWN: dict[WorkGrouping, Text] = {
    "department": Text("Chưa xác định bộ phận", "Department not known"),
    "step": Text("Chưa xác định bước xử lý", "Step not known"),
}


def work_name(by: WorkGrouping, work: str) -> Text:
    """What people read of a department or step; `work` is empty where it is not known."""
    return Text(work, work) if work else _NOT_KNOWN[by]


async def compute_kpis_by_work(
    tx: Connection, query: KpiQuery, units: Units, permitted: frozenset[int] | None, by: WorkGrouping
) -> Result[KpiResponse[WorkRow]]:
    """The response of `GET /v1/kpis` in total and by department or step; needs a transaction as `compute_kpis`.

    All KPIs of the query count steps. Rows are in alphabetical order, what is not known last.
    """
    at = await resolve_state(tx, query)
    scope = units.scope(query.scope, query.period.until, query.structure_on, permitted)
    counter_query = sums.CounterQuery(query.province, sorted(scope.members), query.period, columns=columns_of(query.kpis))
    total = added((await rows_of(tx, counter_query, at)).values())
    found = await drilldown_store.by_work(tx, query.province, sorted(scope.members), query.period, at.position, by)
    formulas = formulas_of(query.kpis)
    rows = []
    for work, row in sorted(found.items(), key=lambda one: (not one[0], sort_key(one[0]))):
        key = key_of_row(query, at.position, scope.scope, work=WorkKey(by, work))
        rows.append(WorkRow(work=work or None, name=work_name(by, work), kpis=figures_of(formulas, row, key)))
    return _complete(query, scope, at, total, rows, balance_breaks(None, total))


async def _compute(
    tx: Connection,
    query: KpiQuery,
    units: Units,
    permitted: frozenset[int] | None,
    made: Callable[[Group, CounterRow, RowKey], R],
) -> Result[KpiResponse[R]]:
    at = await resolve_state(tx, query)
    scope = units.scope(query.scope, query.period.until, query.structure_on, permitted)
    by: sums.GroupedBy = "agency" if query.by == "agency" else "nothing"
    counter_query = sums.CounterQuery(query.province, sorted(scope.members), query.period, by, columns=columns_of(query.kpis))
    found = await rows_of(tx, counter_query, at)
    total = added(found.values())
    breaks = balance_breaks(None, total)
    rows: list[R] = []
    if query.by == "agency":
        groups = units.rows(scope, query.level, query.period.since, query.period.until, query.structure_on)
        for number, group in enumerate(groups):
            if number % BATCH_SIZE == BATCH_SIZE - 1:
                await asyncio.sleep(0)  # a table of hundreds of rows must not block other requests
            present = [found[number] for number in group.members if number in found]
            if not any(map(any, present)) and not units.is_expected(group, query.period.since, query.period.until):
                continue
            row = present[0] if len(present) == 1 else added(present)
            breaks += balance_breaks(group.key or "unmapped", row)
            rows.append(made(group, row, key_of_row(query, at.position, group.scope)))
    return _complete(query, scope, at, total, rows, breaks)


def _complete(
    query: KpiQuery, scope: Group, at: QueryState, total: CounterRow, rows: list[R], breaks: list[BalanceBreak]
) -> Result[KpiResponse[R]]:
    key = key_of_row(query, at.position, scope.scope)
    return Result(
        KpiResponse(
            **context_of(query, scope, at),
            total=Total(figures_of(formulas_of(query.kpis), total, key)),
            rows=rows,
            balance=Balance(not breaks, breaks[:100]),
            freshness=figure_freshness(at, key, total),
        ),
        at.province.revision,
    )


class ContextFields(TypedDict):
    """The fields of `shared.contracts.kpis.QueryContext`."""

    province: str
    position: int
    as_of: datetime | None
    period: contracts.Period
    structure: str
    scope: Unit


def context_of(query: KpiQuery, scope: Group, at: QueryState) -> ContextFields:
    """The query as it was understood, and the position it was computed at."""
    return ContextFields(
        province=query.province,
        position=at.position,
        as_of=at.at,
        period=period_of(query.period),
        structure="then" if query.structure_on is None else query.structure_on.isoformat(),
        scope=scope.unit,
    )


def context_from(response: contracts.QueryContext) -> ContextFields:
    """The context of a response, for another one made of it."""
    return ContextFields(
        province=response.province,
        position=response.position,
        as_of=response.as_of,
        period=response.period,
        structure=response.structure,
        scope=response.scope,
    )


def period_of(period: Period) -> contracts.Period:
    """A period as responses show it."""
    return contracts.Period(since=period.since, until=period.until, days=period.days, name=period.name)


@lru_cache(maxsize=256)
def formulas_of(kpis: tuple[Kpi, ...]) -> Formulas:
    """The compiled formulas of these KPIs."""
    return Formulas(kpis)


@lru_cache(maxsize=256)
def columns_of(kpis: tuple[Kpi, ...]) -> frozenset[sums.Column] | None:
    """The columns to read for these KPIs, for the balance and for what is doubtful; None: all of them."""
    sums_of_all = (*BALANCE, BY_ID[CONTRADICTORY].numerator)
    wanted = formulas_of(kpis).columns | {(when, name) for one in sums_of_all for _, when, name in one.terms}
    return None if len(wanted) > 80 else frozenset(wanted)


def _escaped(text: str) -> str:
    return msgspec.json.encode(text)[1:-1].decode()


def figures_of(formulas: Formulas, row: CounterRow, key: RowKey) -> dict[str, KpiFigure]:
    """The figures of one row by KPI id."""
    before, after = key.around()
    figures = {}
    counts = iter(formulas.counts(row))
    for kpi, rule in zip(formulas.kpis, formulas.rules, strict=True):
        numerator, denominator = next(counts), next(counts)
        value = value_of(kpi, row, numerator, denominator)
        if kpi.percentile is not None:
            numerator = None  # it is no quotient
        figures[kpi.id] = KpiFigure(numerator, denominator, value, rule, before + rule + after)
    return figures


def figure_freshness(at: QueryState, key: RowKey, total: CounterRow) -> FigureFreshness:
    """How far the figures of a scope and period reach, what may be missing from them, and how many dossiers are doubtful.

    `key` and `total` are of the whole scope and period.
    """
    kpi = BY_ID[CONTRADICTORY]
    before, after = key.around()
    period = Period(key.since, key.until)
    return FigureFreshness(
        **msgspec.structs.asdict(freshness(at.province, at.outage, period, at.position, definition=ledgers.revision())),
        doubtful=total.of(kpi.numerator),
        doubtful_figure=before + kpi.rule + after,
    )


_LEFT, _RIGHT = BALANCE


def balance_breaks(where: str | None, row: CounterRow) -> list[BalanceBreak]:
    """The balance of a row, when it does not hold: received + carried over = resolved + in process."""
    left, right = row.of(_LEFT), row.of(_RIGHT)
    if left == right:
        return []
    return [BalanceBreak(where, left, right)]
