"""Routes of inspections: read by whoever prepares the notice, in any version."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Response

from services.notices.inspections import store as inspections_store
from services.notices.inspections.api import examples
from services.notices.inspections.api.parameters import InspectionNumber, Limit, ProvinceCode, Version
from services.notices.inspections.api.schemas import InspectionPage, InspectionSummary, StoredInspection
from services.notices.inspections.store import InspectionRow
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.database import Connection
from shared.errors import NotFound
from shared.languages import bilingual
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter, RowNumber
from shared.web.responses import etag_response

router = Router("inspections")

Reader = Annotated[Principal, Depends(require("notices:read"))]
Writer = Annotated[Principal, Depends(require("notices:write"))]
CURSOR = Cursor[int]("inspections", RowNumber)


@router.get("/inspections", summary="Inspections, the newest first")
@operation(example=examples.INSPECTIONS, unchanged=True)
async def list_inspections(
    request: Request, principal: Reader, province: ProvinceCode = None, cursor: CursorParameter = None, limit: Limit = 50
) -> Response:
    """Without their findings; ask for one by its number."""
    if province is not None:
        principal.demand_province(province)
    async with request.app.state.database.connection() as connection:
        rows = await inspections_store.page(
            connection, province=province or principal.province, before=CURSOR.decode(cursor), limit=limit + 1
        )
    page, next_cursor = CURSOR.page(rows, limit, lambda row: row.id)
    return etag_response(request, InspectionPage([InspectionSummary(*row) for row in page], next_cursor))


@router.get(
    "/inspections/{number}",
    summary="An inspection in its newest version, or in an earlier one",
)
@operation(
    example=StoredInspection(7, 1, examples.SUBMITTED_AT, examples.SUBMITTED_AT, examples.INSPECTION.stored()), unchanged=True
)
async def read_inspection(request: Request, principal: Reader, number: InspectionNumber, version: Version = None) -> Response:
    """With all its findings, so that it can be corrected: change it, and PUT it with this ETag in `If-Match`."""
    async with request.app.state.database.connection() as connection:
        row = await visible_inspection(connection, principal, number)
        if version is not None and version != row.version:
            replaced = await inspections_store.find_replaced(connection, number, version)
            if replaced is None:
                raise NotFound(
                    bilingual(
                        "Inspection {n} has no version {version}; the newest is {newest}.",
                        "Cuộc kiểm tra {n} không có phiên bản {version}; phiên bản mới nhất là {newest}.",
                        n=number,
                        version=version,
                        newest=row.version,
                    )
                )
            row = replaced
    return etag_response(request, stored_inspection(row), etag=inspection_tag(row))


def inspection_tag(row: InspectionRow) -> str:
    """The ETag of a version of an inspection."""
    return f'"inspection-{row.id}-{row.version}"'


def stored_inspection(row: InspectionRow) -> StoredInspection:
    """A version of an inspection as it is returned."""
    return StoredInspection(row.id, row.version, row.created_at, row.changed_at or row.created_at, row.body)


async def visible_inspection(connection: Connection, principal: Principal, number: int) -> InspectionRow:
    """The inspection; raises `NotFound` when there is none or the key may not see it."""
    return _visible(await inspections_store.find(connection, number), principal, number)


async def held_inspection(tx: Connection, principal: Principal, number: int) -> InspectionRow:
    """The same, held until the transaction ends; whoever may not see it waits for nobody."""
    await visible_inspection(tx, principal, number)
    return _visible(await inspections_store.hold(tx, number), principal, number)


def _visible(row: InspectionRow | None, principal: Principal, number: int) -> InspectionRow:
    return principal.visible(
        row,
        bilingual(
            "There is no inspection {n}. GET /v1/inspections lists those there are.",
            "Không có cuộc kiểm tra {n}. Xem GET /v1/inspections.",
            n=number,
        ),
    )
