"""Consistency checks of the counters, and their rebuild."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request

from services.metrics.agencies.model import Units
from services.metrics.agencies.service import reach_of
from services.metrics.consistency import examples
from services.metrics.consistency import service as consistency_service
from services.metrics.consistency import store as checks
from services.metrics.parameters import Operator, ProvinceCode, Rebuilder, reading
from shared.contracts.consistency import ConsistencyCheck, ConsistencyCheckPage, ConsistencyResult, RebuildResult
from shared.errors import Conflict
from shared.web.operations import Router, operation

router = Router("operations")


@router.get("/consistency-checks", summary="Consistency checks of the counters, newest first")
@operation(example=examples.CHECKS)
async def read_checks(
    request: Request, principal: Operator, province: ProvinceCode, limit: Annotated[int, Query(ge=1, le=1000)] = 50
) -> ConsistencyCheckPage:
    """Counters counted anew from the versions against those that grew by differences: `differences` must be 0."""
    async with reading(request) as tx:
        units, _ = await reach_of(request.app.state.units, tx, principal, province)
        found = await checks.latest(tx, province, limit)
    return ConsistencyCheckPage(province, [_check(one, units) for one in found])


def _check(found: checks.CheckRow, units: Units) -> ConsistencyCheck:
    return ConsistencyCheck(
        whole=found.agency_no is None,
        position=found.position,
        cells=found.cells,
        differences=found.differences,
        seconds=found.seconds,
        checked_at=found.checked_at,
        agency=units.keys.get(found.agency_no or 0),
    )


@router.post("/consistency-checks", summary="Check all counters of a province now")
@operation(example=examples.CHECKED)
async def check_now(request: Request, principal: Operator, province: ProvinceCode) -> ConsistencyResult:
    """Every cell of every agency, day, month and of the ledger; takes seconds per million versions."""
    async with request.app.state.database.transaction(snapshot=True) as tx:
        await reach_of(request.app.state.units, tx, principal, province)
        found = await consistency_service.check(tx, province, None)
    return ConsistencyResult(province, found.cells, found.differences, found.differences == 0)


@router.post("/rebuilds", summary="Count a province's counters anew from its versions, and mend those that differ")
@operation(example=examples.REBUILT, problems=(Conflict,))
async def rebuild_now(request: Request, principal: Rebuilder, province: ProvinceCode) -> RebuildResult:
    """For when a check found differences. Takes seconds per million versions, in which new batches wait and reads do not."""
    principal.demand_province(province)
    return RebuildResult(province, await consistency_service.rebuild(request.app.state.database, province))
