"""Figures beside others: series, comparisons, rankings; and what they are summed of."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from fastapi import Query, Request, Response

from services.metrics.figures import comparisons as comparing
from services.metrics.figures import counts as counting
from services.metrics.figures.api.examples import figures as examples
from services.metrics.figures.api.parameters import Level, Parameters, check_level
from services.metrics.figures.api.rendering import TABLES, deliver
from services.metrics.figures.service import NotCountedYet
from services.metrics.parameters import Reader
from services.metrics.periods import Against, Step
from shared.errors import Invalid
from shared.web.formats import TABLE_HEADERS, TableFormat
from shared.web.operations import Router, operation

router = Router("comparisons")


@router.get("/kpis/series", summary="KPIs by day, week or month")
@operation(example=examples.SERIES, media=TABLES, headers=TABLE_HEADERS, problems=(NotCountedYet,), unchanged=True)
async def read_series(
    request: Request,
    principal: Reader,
    parameters: Parameters,
    wanted: TableFormat,
    step: Annotated[Step, Query(description="Length of a step")] = "day",
) -> Response:
    """Flows are those of each step, stocks those at its end; weeks end on Sundays, months are calendar months."""
    use_case = partial(comparing.series, query=parameters.query(), step=step)
    return await deliver(request, principal, parameters, use_case, use_case, wanted)


@router.get("/kpis/counts", summary="What KPIs are summed of, by agency and day")
@operation(example=examples.COUNTS, problems=(NotCountedYet,), unchanged=True)
async def read_counts(request: Request, principal: Reader, parameters: Parameters) -> Response:
    """For whoever recomputes figures without this service: the formulas, and the counts of each day, without what is 0."""
    return await deliver(request, principal, parameters, partial(counting.counts_by_day, query=parameters.query()))


@router.get("/kpis/comparison", summary="KPIs of two periods")
@operation(example=examples.COMPARISON, problems=(NotCountedYet,), unchanged=True)
async def read_comparison(
    request: Request,
    principal: Reader,
    parameters: Parameters,
    against: Annotated[Against, Query(description="The period before, or the same one a year earlier")] = "previous",
    by: Annotated[Literal["none", "agency"], Query(description="Rows of the response")] = "none",
    level: Level = None,
) -> Response:
    """Shares differ in percentage points, anything else absolutely and in per cent; agencies are compared like for like."""
    check_level(by, level)
    use_case = partial(comparing.comparison, query=parameters.query(by, level), against=against)
    return await deliver(request, principal, parameters, use_case)


@router.get("/kpis/ranking", summary="Agencies in the order of one KPI")
@operation(example=examples.RANKING, media=TABLES, headers=TABLE_HEADERS, problems=(NotCountedYet,), unchanged=True)
async def read_ranking(
    request: Request,
    principal: Reader,
    parameters: Parameters,
    wanted: TableFormat,
    minimum: Annotated[int, Query(ge=0, le=10**9, description="Smallest base that gives a rank")] = 1,
    level: Level = None,
) -> Response:
    """The better first; ties share a place; agencies with too small a base are listed in `unranked`. Give exactly one `kpi`."""
    if len(parameters.kpis) != 1:
        raise Invalid("A ranking is by one KPI: give `kpi` exactly once.")
    use_case = partial(comparing.ranking, query=parameters.query("agency", level), minimum=minimum)
    return await deliver(request, principal, parameters, use_case, use_case, wanted)
