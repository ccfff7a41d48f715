"""What costs points of decision 766 and what would bring them back, as a worklist; what the rest of a period may bring."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from services.metrics.agencies.model import Units
from services.metrics.figures import service as figures
from services.metrics.figures.kpis.algebra import rounded
from services.metrics.figures.kpis.catalogue import BY_ID
from services.metrics.figures.kpis.index_766 import BY_ID_OF_KIND
from services.metrics.figures.query import KpiQuery
from services.metrics.figures.service import Result, context_from
from services.metrics.indices import store
from services.metrics.indices.counts import (
    CAUSES,
    COUNTED,
    DUE_NEXT,
    NO_CHANNEL,
    NOT_CLOSED,
    counts_of,
    figure_of,
    kpis_of,
    name_of,
)
from services.metrics.indices.petitions import known_petitions
from services.metrics.indices.rules import Component, Ruleset, rules_of, ruleset_on
from services.metrics.indices.scoring import ComponentScore, Counts, PartScore, printed, scored, total
from services.metrics.indices.store import Ahead
from services.metrics.periods import Period, kind_of
from shared.contracts.indices import IndexForecast, IndexLosses, LossRow, PeriodKind
from shared.contracts.kpis import FigureFreshness, KpiFigure, KpiResponse, Text, UnitRow
from shared.database import Connection

GAIN_DIGITS = 4
"""Digits of points that single dossiers bring: of a province one brings few."""
PROGRESS, ONLINE = "2.1", "3"
"""Components of dossiers that are due, and of the channel by which they came."""
_ASSUMPTION = Text(
    "Chỉ các hồ sơ này thay đổi và chỉ tính điểm của tiêu chí này; hồ sơ sửa danh mục phí ra khỏi mẫu số, còn lại mẫu số giữ"
    " nguyên; phần vượt mức tối đa của tiêu chí không được tính",
    "These dossiers alone change, and the points are those of this component; a corrected fee list leaves the base, which else"
    " stays; what is beyond the maximum of the component is not counted",
)
_FORECAST = Text(
    "Thấp nhất: không hồ sơ nào đang giải quyết mà đến hạn trong kỳ được kết thúc đúng hạn, hồ sơ kỳ trước chuyển sang bị kết"
    " thúc quá hạn; cao nhất: hồ sơ chưa quá hạn được kết thúc đúng hạn, hồ sơ kỳ trước đã quá hạn chưa kết thúc. Hồ sơ tiếp"
    " nhận thêm và các tiêu chí khác giữ tỷ lệ như hiện nay",
    "Lowest: of the dossiers in process that are due within the period none is ended on time, and those carried over end late;"
    " highest: those that are not late are ended on time, and those carried over late are not ended. What is still received,"
    " and all other components, keep the rates of now",
)


def forecast(
    ruleset: Ruleset, counts: Counts, found: KpiResponse[UnitRow], kind: PeriodKind, ahead: Sequence[Ahead]
) -> IndexForecast | None:
    """The points at the end of a period that is not over; None of one that is, and where on time is not known.

    `ahead`: what is in process. Of the period's own dossiers those that are due before its last day count as late already, and
    can only bring points; those carried over count with their end, and can cost some.
    """
    figure = figure_of(NOT_CLOSED, found.total.kpis, kind)
    on_time, base = counts.get("handled_on_time"), counts.get("received_or_handled")
    if figure is None or figure.numerator is None or on_time is None or base is None or _days_left(found.freshness) is None:
        return None
    in_reach, in_time, due, late = (
        sum(getattr(one, name) for one in ahead) for name in ("in_reach", "carried_in_time", "carried_due", "carried_late")
    )

    def points(on_time: int, base: int) -> tuple[Fraction, Fraction]:
        changed = {**counts, "handled_on_time": on_time, "received_or_handled": base}
        return total(scored(one, changed) for one in ruleset.component)

    lowest, out_of = points(on_time, base + due + late)
    highest, _ = points(on_time + in_reach + in_time, base + in_time)
    return IndexForecast(
        lowest=printed(lowest) or 0,
        highest=printed(highest) or 0,
        out_of=float(out_of),
        dossiers=figure.numerator,
        in_reach=in_reach,
        carried_in_time=in_time,
        carried_late=late,
        figure=figure.figure,
        assumption=_FORECAST,
    )


async def in_process(
    tx: Connection, query: KpiQuery, members: Collection[int], freshness: FigureFreshness, position: int
) -> list[Ahead]:
    """By agency what is in process in a period that is not over, looked at today or on its first day; of others nothing."""
    left = _days_left(freshness)
    if left is None:
        return []
    period = query.period
    day = max(period.since, period.until - timedelta(days=left))
    return await store.ahead(tx, query.province, sorted(members), period.since, period.until, day, position)


def _days_left(freshness: FigureFreshness) -> int | None:
    """Days of the period that lie ahead; None: it is over."""
    return next((reason.count for reason in freshness.reasons if reason.kind == "period_not_over"), None)


async def losses(tx: Connection, query: KpiQuery, units: Units, permitted: frozenset[int] | None) -> Result[IndexLosses]:
    """What costs the scope points, by agency and component, and how many points mending it would bring the scope."""
    kind, ruleset = kind_of(query.period), ruleset_on(query.period.until)
    query = replace(query, by="agency", kpis=kpis_of(kind))
    result = await figures.compute_kpis(tx, query, units, permitted)
    scope = units.scope(query.scope, query.period.until, query.structure_on, permitted)
    known = await known_petitions(tx, query, scope, result.response.position)
    counts = counts_of(result.response.total.kpis, kind, known, scope.members)
    lines = [scored(one, counts) for one in ruleset.component]
    rows = [loss for row in result.response.rows for loss in _losses(row, lines, kind)]
    if (day := _today(query.period, result.response.freshness)) is not None:
        due = replace(query.over(Period(day, day)), kpis=(BY_ID[DUE_NEXT],), as_of=result.response.position)
        due_rows = (await figures.compute_kpis(tx, due, units, permitted)).response.rows
        ahead = await in_process(tx, query, scope.members, result.response.freshness, result.response.position)
        groups = {one.key: one for one in units.rows(scope, query.level, day, day, query.structure_on)}
        for row in due_rows:
            members = groups[row.agency].members
            rows += _at_risk(row, lines, [one for one in ahead if one.agency_no in members])
    found = IndexLosses(
        **context_from(result.response),
        period_kind=kind,
        rules=rules_of(ruleset, query.period.until),
        assumption=_ASSUMPTION,
        rows=sorted(rows, key=lambda row: (row.gain is None, -(row.gain or 0))),
        balance=result.response.balance,
        freshness=result.response.freshness,
    )
    return Result(found, result.revision)


def _today(period: Period, freshness: FigureFreshness) -> date | None:
    """The day on which a running period is looked at; None: it is over, or has not begun."""
    left = _days_left(freshness)
    return None if left is None or left >= period.days else period.until - timedelta(days=left)


def _losses(row: UnitRow, lines: list[ComponentScore], kind: PeriodKind) -> Iterator[LossRow]:
    """What costs the scope points at an agency."""
    for line in lines:
        for part in line.parts:
            for cause in CAUSES.get(part.part.numerator, ()) if part.points is not None else ():
                figure = figure_of(cause.kpi, row.kpis, kind)
                dossiers = None if figure is None else figure.numerator
                if figure is not None and dossiers is None:
                    # Others of the scope state it: of an agency that does not, all count as no.
                    counted = figure_of(COUNTED[part.part.numerator].kpi, row.kpis, kind)
                    dossiers = None if counted is None else counted.denominator
                if figure is None or not dossiers:
                    continue
                gain = _gain(part, -dossiers, below=True) if cause.leaves_base else _gain(part, dossiers)
                if gain > 0:
                    name = name_of(cause.kpi, kind)
                    yield _loss(row, line.component, name, figure, gain, dossiers=dossiers, mendable=cause.mendable)
    channel = row.kpis.get(NO_CHANNEL)
    online = next((line.component for line in lines if line.component.id == ONLINE), None)
    if channel is not None and channel.numerator and online is not None:
        yield _loss(row, online, NO_CHANNEL, channel, None, mendable=True)


def _at_risk(row: UnitRow, lines: list[ComponentScore], ahead: Sequence[Ahead]) -> Iterator[LossRow]:
    """What is late by the end of the period unless it ends by the next day."""
    figure = row.kpis.get(DUE_NEXT)
    progress = next((line for line in lines if line.component.id == PROGRESS and line.parts), None)
    if figure is None or not figure.numerator or progress is None:
        return
    part = progress.parts[0]
    if part.numerator is None or part.denominator is None:
        return
    own, carried = sum(one.next_received for one in ahead), sum(one.next_carried for one in ahead)
    base = part.denominator + carried
    in_time, late = part.part.reached(part.numerator + own + carried, base), part.part.reached(part.numerator, base)
    if in_time is not None and late is not None and in_time > late:
        yield _loss(row, progress.component, DUE_NEXT, figure, in_time - late, mendable=True, at_risk=True)


def _gain(part: PartScore, dossiers: int, *, below: bool = False) -> Fraction:
    """Points that so many more above the line would bring, or below it."""
    above, base = part.numerator or 0, part.denominator or 0
    reached = part.part.reached(above, base + dossiers) if below else part.part.reached(above + dossiers, base)
    return (reached or Fraction(0)) - (part.points or Fraction(0))


def _loss(
    row: UnitRow,
    component: Component,
    cause: str,
    figure: KpiFigure,
    gain: Fraction | None,
    *,
    dossiers: int | None = None,
    mendable: bool,
    at_risk: bool = False,
) -> LossRow:
    kpi = BY_ID.get(cause) or BY_ID_OF_KIND[cause]
    return LossRow(
        agency=row.agency,
        code=row.code,
        name=row.name,
        kind=row.kind,
        component=component.id,
        component_name=component.name,
        cause=kpi.id,
        cause_name=kpi.name,
        dossiers=dossiers or figure.numerator or 0,
        gain=None if gain is None else rounded(gain.numerator, gain.denominator, GAIN_DIGITS) or 0,
        mendable=mendable,
        at_risk=at_risk,
        figure=figure.figure,
    )
