"""The provinces and how far they are counted; and a resync, which counts one from the beginning."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request

from services.metrics.agencies.service import reach_of
from services.metrics.alerts import store as alerts
from services.metrics.consistency import store as checks
from services.metrics.counting.store import ledgers
from services.metrics.parameters import Overseer, Rebuilder, reading
from services.metrics.province_status import examples, service
from services.metrics.provinces.completeness import freshness
from services.metrics.provinces.model import Province
from services.metrics.provinces.store import provinces
from shared import fields
from shared.contracts.consistency import ConsistencySummary
from shared.contracts.kpis import Freshness
from shared.contracts.provinces import ProvinceList, ProvinceState, ResyncResult
from shared.heartbeat import read_outage
from shared.web.operations import Router, operation

router = Router("operations")


@router.get("/provinces", summary="The provinces and how far they are counted")
@operation(example=examples.PROVINCES)
async def read_provinces(request: Request, principal: Overseer) -> ProvinceList:
    """Position, head of the feed, freshness, open alerts and consistency checks of each province."""
    async with reading(request) as tx:
        known = await provinces.all_provinces(tx)
        silent = await read_outage(tx, "metrics")
        checked = await checks.summary(tx)
        open_ = await alerts.open_counts(tx)
    states = [
        _state(one, freshness(one, silent, definition=ledgers.revision()), open_.get(name, 0), checked.get(name))
        for name, one in sorted(known.items())
        if principal.province in (None, name)
    ]
    return ProvinceList(states)


def _state(province: Province, current: Freshness, open_alerts: int, checked: checks.CheckSummary | None) -> ProvinceState:
    return ProvinceState(
        head=current.head,
        behind=current.behind,
        applied_at=current.applied_at,
        quarantined=current.quarantined,
        gap=current.gap,
        missing=current.missing,
        complete=current.complete,
        reasons=current.reasons,
        province=province.province,
        position=province.position,
        revision=province.revision,
        catalogue=province.catalogue,
        open_alerts=open_alerts,
        consistency_check=None if checked is None else ConsistencySummary(**checked._asdict()),
    )


@router.post(
    "/provinces/{province}/resync", summary="Forget what was counted of a province, and count its feed from the beginning"
)
@operation(example=examples.RESYNCED)
async def resync(
    request: Request, principal: Rebuilder, province: Annotated[fields.ProvinceCode, Path(description="Province")]
) -> ResyncResult:
    """For when ingest was restored from a backup and the restored feed is the one to follow (`ingest_restored`).

    Positions begin anew, so an `as_of` or a figure id of before means nothing any more; notices keep the figures they were made
    of. What people entered stays. Takes seconds per million versions; responses are not complete until all is counted.
    """
    async with request.app.state.database.transaction() as tx:
        await reach_of(request.app.state.units, tx, principal, province)
        forgotten = await service.resync(tx, province)
    await request.app.state.notifier.notify("metrics")
    return ResyncResult(province, forgotten)
