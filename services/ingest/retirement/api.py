"""Sources and provinces of which nothing comes any more."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Request
from pydantic import Field, StringConstraints

from services.ingest.parameters import SourceName
from services.ingest.quarantine.api import DismissalIn
from services.ingest.retirement import service
from services.ingest.sources.api.examples import SOURCE
from services.ingest.sources.api.sources import Manager, SourceList, SourceOut, source_out
from shared.errors import Conflict, NotFound
from shared.fields import BodyModel, Line, ProvinceCode
from shared.web.operations import Router, operation

router = Router("sources")

_Province = Annotated[ProvinceCode, Path(description="Province", examples=["30"])]
_WHY = "Cổng cũ đã đóng từ 01/7/2025; dữ liệu chuyển sang cổng mới"
_RETIRED = {
    **SOURCE,
    "enabled": False,
    "retired_at": "2025-07-01T01:00:00Z",
    "retired_by": "văn phòng",
    "retired_for": _WHY,
}
_DISMISSAL = {"reason": "Đã đối chiếu danh sách in của cổng cũ tại đơn vị"}
_DISMISSED = {
    **_RETIRED,
    "dismissed_at": "2025-07-02T02:00:00Z",
    "dismissed_by": "văn phòng",
    "dismissed_for": _DISMISSAL["reason"],
}


class RetirementIn(BodyModel):
    """Why nothing is expected any more."""

    reason: Annotated[Line, StringConstraints(strip_whitespace=True)] = Field(
        min_length=1,
        max_length=500,
        description="It is stored with who did it",
        examples=["The portal was closed when the province was merged"],
    )


@router.post("/sources/{name}/retire", summary="Expect nothing of a source any more")
@operation(example=_RETIRED, body_example={"reason": _WHY}, problems=(NotFound,))
async def retire_source(request: Request, name: SourceName, principal: Manager, given: RetirementIn) -> SourceOut:
    """It is neither read nor sent to. Its dossiers stay counted; its silence since then makes no answer incomplete.

    What it sent and could not be counted still does, until it is replayed or somebody dismisses it with a reason: `POST
    /v1/quarantine/dismiss` of records, `POST /v1/imports/{number}/dismiss` of a file that was cut off, `POST
    /v1/reconciliations/{number}/dismiss` of what its reconciliation found. So does what nobody proved of it: that it failed,
    was late or silent, that a pull may have skipped something, that it was to be read anew. `POST
    /v1/sources/{name}/dismiss` dismisses that; `PUT /v1/sources/{name}` connects the source again. Who retired it and why is
    stored; of one that is retired already nothing changes.
    """
    async with request.app.state.database.transaction() as tx:
        found = await service.retire_source(tx, principal, name, given.reason, datetime.now(UTC))
    return source_out(found)


@router.post("/sources/{name}/dismiss", summary="Have what nobody proved of a retired source awaited no longer")
@operation(example=_DISMISSED, body_example=_DISMISSAL, problems=(NotFound, Conflict))
async def dismiss_source(request: Request, name: SourceName, principal: Manager, given: DismissalIn) -> SourceOut:
    """Figures are no longer incomplete for it. Of a source in use nothing is dismissed: it is read, or reconciled.

    The dismissal is stored with who and why. A release by which its records would be read otherwise makes it `unverified`
    again.
    """
    async with request.app.state.database.transaction() as tx:
        return source_out(await service.dismiss_source(tx, principal, name, given.reason, datetime.now(UTC)))


@router.delete("/sources/{name}/dismissal", summary="Have what was dismissed of a retired source awaited again")
@operation(example=_RETIRED, problems=(NotFound,))
async def await_source(request: Request, name: SourceName, principal: Manager) -> SourceOut:
    """Nothing else changes; of one that was not dismissed nothing at all."""
    async with request.app.state.database.transaction() as tx:
        return source_out(await service.await_source(tx, principal, name))


@router.delete("/sources/{name}", status_code=204, summary="Delete a source of which nothing ever came")
@operation(problems=(NotFound, Conflict))
async def delete_source(request: Request, name: SourceName, principal: Manager) -> None:
    """With its pulls and its records in quarantine. One of which dossiers came is retired instead (409)."""
    async with request.app.state.database.transaction() as tx:
        await service.delete_source(tx, principal, name)


@router.post("/provinces/{province}/retire", summary="Expect nothing of a province's sources any more")
@operation(example={"sources": [_RETIRED]}, body_example={"reason": _WHY}, problems=(NotFound,))
async def retire_province(request: Request, province: _Province, principal: Manager, given: RetirementIn) -> SourceList:
    """All its sources are retired, each for this reason; its figures stay, and what nobody proved of them stays lacking."""
    async with request.app.state.database.transaction() as tx:
        found = await service.retire_province(tx, principal, province, given.reason, datetime.now(UTC))
    return SourceList([source_out(row) for row in found])


@router.delete("/provinces/{province}", status_code=204, summary="Delete a province without sources and dossiers")
@operation(problems=(NotFound, Conflict))
async def delete_province(request: Request, province: _Province, principal: Manager) -> None:
    """With its catalogue. One with sources or dossiers is retired instead (409)."""
    async with request.app.state.database.transaction() as tx:
        await service.delete_province(tx, principal, province)
