"""Sources and provinces of which nothing comes any more."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Request

from services.ingest.parameters import SourceName
from services.ingest.retirement import service
from services.ingest.sources.api.examples import SOURCE
from services.ingest.sources.api.sources import Manager, SourceList, SourceOut, source_out
from shared.errors import Conflict, NotFound
from shared.fields import ProvinceCode
from shared.web.operations import Router, operation

router = Router("sources")

_Province = Annotated[ProvinceCode, Path(description="Province", examples=["30"])]
_RETIRED = {**SOURCE, "enabled": False, "retired_at": "2025-07-01T01:00:00Z"}


@router.post("/sources/{name}/retire", summary="Expect nothing of a source any more")
@operation(example=_RETIRED, problems=(NotFound,))
async def retire_source(request: Request, name: SourceName, principal: Manager) -> SourceOut:
    """It is neither read nor sent to. Its dossiers stay counted; its silence makes no answer incomplete.

    What it sent and could not be counted still does, until it is replayed or somebody dismisses it with a reason: `POST
    /v1/quarantine/dismiss` of records, `POST /v1/imports/{number}/dismiss` of a file that was cut off, `POST
    /v1/reconciliations/{number}/dismiss` of what its reconciliation found.
    `PUT /v1/sources/{name}` connects it again.
    """
    async with request.app.state.database.transaction() as tx:
        found = await service.retire_source(tx, principal, name, datetime.now(UTC))
    return source_out(found)


@router.delete("/sources/{name}", status_code=204, summary="Delete a source of which nothing ever came")
@operation(problems=(NotFound, Conflict))
async def delete_source(request: Request, name: SourceName, principal: Manager) -> None:
    """With its pulls and its records in quarantine. One of which dossiers came is retired instead (409)."""
    async with request.app.state.database.transaction() as tx:
        await service.delete_source(tx, principal, name)


@router.post("/provinces/{province}/retire", summary="Expect nothing of a province's sources any more")
@operation(example={"sources": [_RETIRED]}, problems=(NotFound,))
async def retire_province(request: Request, province: _Province, principal: Manager) -> SourceList:
    """All its sources are retired; its figures stay."""
    async with request.app.state.database.transaction() as tx:
        found = await service.retire_province(tx, principal, province, datetime.now(UTC))
    return SourceList([source_out(row) for row in found])


@router.delete("/provinces/{province}", status_code=204, summary="Delete a province without sources and dossiers")
@operation(problems=(NotFound, Conflict))
async def delete_province(request: Request, province: _Province, principal: Manager) -> None:
    """With its catalogue. One with sources or dossiers is retired instead (409)."""
    async with request.app.state.database.transaction() as tx:
        await service.delete_province(tx, principal, province)
