"""KPIs: the catalogue and its figures."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Annotated, Literal

from fastapi import Query, Request, Response

from services.metrics.figures.api.examples import figures as examples
from services.metrics.figures.api.parameters import Parameters, check_level
from services.metrics.figures.api.rendering import TABLES, deliver
from services.metrics.figures.kpis.algebra import defined
from services.metrics.figures.kpis.catalogue import BALANCES, KPIS
from services.metrics.figures.kpis.live import LIVE
from services.metrics.figures.kpis.worked_example import EXAMPLE
from services.metrics.figures.query import select_step_kpis
from services.metrics.figures.service import (
    NotCountedYet,
    compute_kpis,
    compute_kpis_as_json,
    compute_kpis_by_procedure,
    compute_kpis_by_work,
)
from services.metrics.parameters import Reader
from shared.agencies import AgencyKind
from shared.contracts.definitions import KpiCatalogue
from shared.contracts.kpis import KpiResponse, ProcedureRow, UnitRow, WorkRow
from shared.web.formats import TABLE_HEADERS, TableFormat
from shared.web.operations import Router, operation

router = Router("kpis")


@router.get(
    "/kpis",
    summary="KPIs of a scope, its agencies, interlinked procedures, departments or steps, in a period",
)
@operation(
    response=KpiResponse[UnitRow] | KpiResponse[ProcedureRow] | KpiResponse[WorkRow],
    example=examples.KPIS,
    media=TABLES,
    headers=TABLE_HEADERS,
    problems=(NotCountedYet,),
    unchanged=True,
)
async def read_kpis(
    request: Request,
    principal: Reader,
    parameters: Parameters,
    by: Annotated[
        Literal["none", "agency", "procedure", "department", "step"], Query(description="Rows of the response")
    ] = "none",
    level: Annotated[
        AgencyKind | None, Query(description="With by=agency: rows are the units of this kind, with all below")
    ] = None,
    *,
    wanted: TableFormat,
) -> Response:
    """Counts carry their count in `value`; rates carry numerator, denominator and value, `null` for 0/0.

    `by=department` and `by=step` give the steps of the internal process by who took them, for KPIs that count steps.
    `balance` tells whether received + carried over = resolved + in process in every row; `freshness` what may be missing,
    why (`reasons`) and what to do about it.
    """
    check_level(by, level)
    if by == "procedure":
        linked = partial(compute_kpis_by_procedure, query=parameters.query())
        return await deliver(request, principal, parameters, linked, linked, wanted)
    if by == "department" or by == "step":
        worked = partial(compute_kpis_by_work, query=select_step_kpis(parameters.query()), by=by)
        return await deliver(
            request, principal, replace(parameters, kpis=worked.keywords["query"].kpis), worked, worked, wanted
        )
    query = parameters.query(by, level)
    table = partial(compute_kpis, query=query)
    return await deliver(request, principal, parameters, partial(compute_kpis_as_json, query=query), table, wanted)


@router.get(
    "/kpis/catalogue", summary="Every KPI: names, formula, unit, direction, target, source; and what must hold between them"
)
@operation(example=examples.CATALOGUE)
async def read_catalogue(principal: Reader) -> KpiCatalogue:
    """The one list that all figures come from; terms name measures and how they are taken.

    `parts` and `base` are the KPIs that add up to the numerator and to the denominator, where there are such. `balances` hold
    in every scope and period.
    `live` lists what is known of the moment alone: it stands beside the figures of a response, and has no position.
    """
    return KpiCatalogue([defined(kpi) for kpi in KPIS], list(BALANCES), EXAMPLE, list(LIVE))
