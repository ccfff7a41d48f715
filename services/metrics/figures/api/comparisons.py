"""Figures beside others: series, comparisons, rankings, restatements, indices."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

import msgspec
from fastapi import Query, Request, Response

from services.metrics.agencies.model import Units
from services.metrics.figures import comparisons as comparing
from services.metrics.figures.api.asking import Asked, Reader
from services.metrics.figures.api.examples import figures as examples
from services.metrics.figures.api.examples.dossiers import MOVED_DOSSIERS
from services.metrics.figures.api.rendering import TABLE_HEADERS, TABLES, deliver
from services.metrics.figures.periods import Against, Step
from services.metrics.figures.service import Answered, NotCountedYet
from services.metrics.indices import service as scoring
from services.metrics.indices.model import Index
from shared.agencies import AgencyKind
from shared.contracts.dossiers import MovedDossiers
from shared.database import Connection
from shared.errors import Invalid
from shared.fields import Position
from shared.web.formats import TableFormat
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter, RowNumber

router = Router("comparisons")

MOVED = Cursor[int]("restatements", RowNumber)
Level = Annotated[AgencyKind | None, Query(description="Rows are the units of this kind, each with all below it")]


@router.get("/kpis/series", summary="KPIs by day, week or month")
@operation(example=examples.SERIES, media=TABLES, headers=TABLE_HEADERS, problems=(NotCountedYet,), unchanged=True)
async def read_series(
    request: Request,
    principal: Reader,
    asked: Asked,
    wanted: TableFormat,
    step: Annotated[Step, Query(description="Length of a piece")] = "day",
) -> Response:
    """Flows are those of each piece, stocks those at its end; weeks end on Sundays, months are calendar months."""
    ask = partial(comparing.series, question=asked.question(), step=step)
    return await deliver(request, principal, asked, ask, ask, wanted)


@router.get("/kpis/comparison", summary="KPIs of two periods")
@operation(example=examples.COMPARISON, problems=(NotCountedYet,), unchanged=True)
async def read_comparison(
    request: Request,
    principal: Reader,
    asked: Asked,
    against: Annotated[Against, Query(description="The period before, or the same one a year earlier")] = "previous",
    by: Annotated[Literal["none", "agency"], Query(description="Rows of the answer")] = "none",
    level: Level = None,
) -> Response:
    """Shares differ in percentage points, anything else absolutely and in per cent; agencies are compared like for like."""
    ask = partial(comparing.comparison, question=asked.question(by, level), against=against)
    return await deliver(request, principal, asked, ask)


@router.get("/kpis/ranking", summary="Agencies in the order of one KPI")
@operation(example=examples.RANKING, media=TABLES, headers=TABLE_HEADERS, problems=(NotCountedYet,), unchanged=True)
async def read_ranking(
    request: Request,
    principal: Reader,
    asked: Asked,
    wanted: TableFormat,
    minimum: Annotated[int, Query(ge=0, le=10**9, description="Smallest base that gives a place")] = 1,
    level: Level = None,
) -> Response:
    """The better first; ties share a place; whoever has too small a base is listed apart. Give exactly one `kpi`."""
    if len(asked.kpis) != 1:
        raise Invalid("A ranking is by one KPI: give `kpi` exactly once.")
    ask = partial(comparing.ranking, question=asked.question("agency", level), minimum=minimum)
    return await deliver(request, principal, asked, ask, ask, wanted)


@router.get("/restatements", summary="What moved between two positions")
@operation(example=examples.RESTATEMENT, problems=(NotCountedYet,), unchanged=True)
async def read_restatement(
    request: Request,
    principal: Reader,
    asked: Asked,
    after: Annotated[Position, Query(description="The earlier position")],
    upto: Annotated[Position | None, Query(description="The later position; none: now")] = None,
    level: Level = None,
) -> Response:
    """Per KPI and agency, the figures of the period as known at both positions; only what moved is listed."""
    ask = partial(comparing.restatement, question=asked.question("agency", level), after=after, upto=upto)
    return await deliver(request, principal, asked, ask)


@router.get("/restatements/dossiers", summary="The dossiers that moved a KPI between two positions")
@operation(example=MOVED_DOSSIERS, problems=(NotCountedYet,), unchanged=True)
async def read_restated_dossiers(
    request: Request,
    principal: Reader,
    asked: Asked,
    after: Position,
    upto: Position | None = None,
    part: Literal["numerator", "denominator"] = "numerator",
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """What each contributed before and after; the differences of all pages add up to the figure's. Give exactly one `kpi`."""
    if len(asked.kpis) != 1:
        raise Invalid("Name the KPI whose movement is asked for: give `kpi` exactly once.")
    question, after_number = asked.question(), MOVED.decode(cursor) or 0

    async def ask(tx: Connection, units: Units, permitted: frozenset[int] | None) -> Answered[MovedDossiers]:
        page = await comparing.restated_dossiers(
            tx, question, units, permitted, after, upto,
            denominator=part == "denominator", after_number=after_number, limit=limit,
        )  # fmt: skip
        following = None if page.ended is None else MOVED.encode(page.ended)
        return Answered(msgspec.structs.replace(page.answer, next_cursor=following), page.generation)

    return await deliver(request, principal, asked, ask)


@router.get("/indices/{index}", summary="The index of decision 766, or the criteria of circular 01/2018")
@operation(example=examples.SCORE, problems=(NotCountedYet,), unchanged=True)
async def read_index(request: Request, principal: Reader, asked: Asked, index: Index) -> Response:
    """Each component with its rule and points; what is not available, and the total out of what is."""
    ask = partial(scoring.score, question=asked.question(), index=index)
    return await deliver(request, principal, asked, ask)
