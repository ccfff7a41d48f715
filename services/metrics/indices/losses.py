"""What costs points of decision 766 and what would bring them back, as a worklist; what the rest of a period may bring."""

from __future__ import annotations

from collections.abc import Iterator
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
from services.metrics.indices.counts import CAUSES, DUE_NEXT, NO_CHANNEL, NOT_CLOSED, counts_of, figure_of, kpis_of
from services.metrics.indices.petitions import known_petitions
from services.metrics.indices.rules import Ruleset, rules_of, ruleset_on
from services.metrics.indices.scoring import ComponentScore, Counts, PartScore, printed, scored, total
from services.metrics.periods import Period, kind_of
from shared.contracts.indices import IndexForecast, IndexLosses, LossRow, PeriodKind
from shared.contracts.kpis import FigureFreshness, KpiFigure, KpiResponse, Text, UnitRow
from shared.database import Connection

GAIN_DIGITS = 4
"""Digits of points that single dossiers bring: of a province one brings few."""
PROGRESS, ONLINE = "2.1", "3"
"""Components of dossiers that are due, and of the channel by which they came."""
_ASSUMPTION = Text(
    "Chỉ các hồ sơ này thay đổi, mẫu số giữ nguyên; phần vượt mức tối đa của tiêu chí không được tính",
    "These dossiers alone change and the base stays; what is beyond the maximum of the component is not counted",
)
_FORECAST = Text(
    "Thấp nhất: không hồ sơ nào đang giải quyết mà đến hạn trong kỳ được kết thúc thêm; cao nhất: tất cả được kết thúc đúng"
    " hạn. Hồ sơ tiếp nhận thêm và các tiêu chí khác giữ tỷ lệ như hiện nay",
    "Lowest: none of the dossiers in process that are due within the period is ended any more; highest: all of them are ended"
    " on time. What is still received, and all other components, keep the rates of now",
)


def forecast(ruleset: Ruleset, counts: Counts, found: KpiResponse[UnitRow], kind: PeriodKind) -> IndexForecast | None:
    """The points at the end of a period that is not over; None of one that is, and where on time is not known.

    What is in process counts as late once it is due before the last day: so the points of now are the lowest.
    """
    figure = figure_of(NOT_CLOSED, found.total.kpis, kind)
    on_time = counts.get("handled_on_time")
    if figure is None or figure.numerator is None or on_time is None or _days_left(found.freshness) is None:
        return None
    lines = [scored(one, counts) for one in ruleset.component]
    (lowest, out_of) = total(lines)
    best = {**counts, "handled_on_time": on_time + figure.numerator}
    (highest, _) = total(scored(one, best) for one in ruleset.component)
    return IndexForecast(
        lowest=printed(lowest) or 0,
        highest=printed(highest) or 0,
        out_of=float(out_of),
        dossiers=figure.numerator,
        figure=figure.figure,
        assumption=_FORECAST,
    )


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
        ahead = (await figures.compute_kpis(tx, due, units, permitted)).response.rows
        rows += [loss for row in ahead for loss in _at_risk(row, lines)]
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
                if figure is not None and figure.numerator and (gain := _gain(part, figure.numerator)) > 0:
                    name = cause.kpi if cause.kpi in BY_ID else f"{cause.kpi}_{kind}"
                    yield _loss(row, line.component.id, name, figure, gain, mendable=cause.mendable)
    channel = row.kpis.get(NO_CHANNEL)
    if channel is not None and channel.numerator:
        yield _loss(row, ONLINE, NO_CHANNEL, channel, None, mendable=True)


def _at_risk(row: UnitRow, lines: list[ComponentScore]) -> Iterator[LossRow]:
    """What costs points from the next working day on."""
    figure = row.kpis.get(DUE_NEXT)
    part = next((part for line in lines if line.component.id == PROGRESS for part in line.parts), None)
    if figure is None or not figure.numerator or part is None or part.points is None:
        return
    if (gain := _gain(part, -min(figure.numerator, part.numerator or 0))) < 0:
        yield _loss(row, PROGRESS, DUE_NEXT, figure, -gain, mendable=True, at_risk=True)


def _gain(part: PartScore, dossiers: int) -> Fraction:
    """Points that so many more above the line would bring."""
    reached = part.part.reached((part.numerator or 0) + dossiers, part.denominator or 0)
    return (reached or Fraction(0)) - (part.points or Fraction(0))


def _loss(
    row: UnitRow, component: str, cause: str, figure: KpiFigure, gain: Fraction | None, *, mendable: bool, at_risk: bool = False
) -> LossRow:
    kpi = BY_ID.get(cause) or BY_ID_OF_KIND[cause]
    return LossRow(
        agency=row.agency,
        code=row.code,
        name=row.name,
        kind=row.kind,
        component=component,
        cause=kpi.id,
        cause_name=kpi.name,
        dossiers=figure.numerator or 0,
        gain=None if gain is None else rounded(gain.numerator, gain.denominator, GAIN_DIGITS) or 0,
        mendable=mendable,
        at_risk=at_risk,
        figure=figure.figure,
    )
