"""What changed between two positions: figures, and the dossiers that changed one."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from fastapi import Query, Request, Response

from services.metrics.agencies.model import Units
from services.metrics.agencies.service import reach_of
from services.metrics.figures.api.parameters import Level, Parameters
from services.metrics.figures.api.rendering import deliver
from services.metrics.figures.service import NotCountedYet, Result
from services.metrics.parameters import Reader
from services.metrics.restatements import examples, service
from shared.access.principals import Principal
from shared.contracts.restatements import MovedDossierPage, Restatement, RestatementChanges
from shared.database import Connection
from shared.errors import Invalid
from shared.fields import Position
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter, RowNumber

router = Router("comparisons")

CURSOR = Cursor[int]("restatements", RowNumber)


@router.get("/restatements", summary="What moved between two positions")
@operation(example=examples.RESTATEMENT, problems=(NotCountedYet,), unchanged=True)
async def read_restatement(
    request: Request,
    principal: Reader,
    parameters: Parameters,
    after: Annotated[Position, Query(description="The earlier position")],
    upto: Annotated[Position | None, Query(description="The later position; none: now")] = None,
    level: Level = None,
) -> Response:
    """Per KPI and agency, the figures of the period as known at both positions; only what moved is listed.

    Each position has the structure of agencies that was known there: what a change of that moved is a reason of its own.
    """
    query, reach_at = parameters.query("agency", level), _reach_at(request, principal, parameters.province)

    async def use_case(tx: Connection, units: Units, permitted: frozenset[int] | None) -> Result[Restatement]:
        return await service.restatement(tx, query, reach_at, after, upto)

    return await deliver(request, principal, parameters, use_case)


def _reach_at(request: Request, principal: Principal, province: str) -> service.ReachAt:
    return lambda tx, position: reach_of(request.app.state.units, tx, principal, province, position)


@router.get("/restatements/dossiers", summary="The dossiers that moved a KPI between two positions")
@operation(example=examples.MOVED_DOSSIERS, problems=(NotCountedYet,), unchanged=True)
async def read_restated_dossiers(
    request: Request,
    principal: Reader,
    parameters: Parameters,
    after: Position,
    upto: Position | None = None,
    part: Literal["numerator", "denominator"] = "numerator",
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """What each contributed before and after; the differences of all pages add up to the figure's. Give exactly one `kpi`."""
    if len(parameters.kpis) != 1:
        raise Invalid("Name the KPI that moved: give `kpi` exactly once.")
    query, after_number = parameters.query(), CURSOR.decode(cursor) or 0
    reach_at = _reach_at(request, principal, parameters.province)

    async def use_case(tx: Connection, units: Units, permitted: frozenset[int] | None) -> Result[MovedDossierPage]:
        page = await service.restated_dossiers(
            tx, query, reach_at, after, upto,
            denominator=part == "denominator", after_number=after_number, limit=limit,
        )  # fmt: skip
        following = None if page.next_after is None else CURSOR.encode(page.next_after)
        return Result(msgspec.structs.replace(page.response, next_cursor=following), page.revision)

    return await deliver(request, principal, parameters, use_case)


@router.get("/restatements/changes", summary="By which kinds of dossiers KPIs moved between two positions")
@operation(example=examples.CHANGES, problems=(NotCountedYet,), unchanged=True)
async def read_restated_changes(
    request: Request,
    principal: Reader,
    parameters: Parameters,
    after: Annotated[Position, Query(description="The earlier position")],
    upto: Annotated[Position | None, Query(description="The later position; none: now")] = None,
    level: Level = None,
) -> Response:
    """Of each KPI that dossiers moved, how many of each kind: in total, by agency and by interlinked procedure.

    What they moved adds up to the figure's difference; what manual inputs moved is no dossier's.
    """
    query, reach_at = parameters.query("agency", level), _reach_at(request, principal, parameters.province)

    async def use_case(tx: Connection, units: Units, permitted: frozenset[int] | None) -> Result[RestatementChanges]:
        return await service.changes(tx, query, reach_at, after, upto)

    return await deliver(request, principal, parameters, use_case)
