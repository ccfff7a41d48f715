"""Routes of inspections: submitted by the team, read by whoever prepares the notice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Body, Depends, Request, Response
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from services.notices.inspections import service as submissions
from services.notices.inspections import store as inspections_store
from services.notices.inspections.api import examples
from services.notices.inspections.api.parameters import InspectionNumber, Limit, ProvinceCode, Version
from services.notices.inspections.api.schemas import CreatedInspection, InspectionPage, InspectionSummary, StoredInspection
from services.notices.inspections.model import Identifier, Inspection, TeamFindings
from services.notices.inspections.outline import unknown_section, with_findings
from services.notices.inspections.store import InspectionRow
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.database import Connection
from shared.errors import NotFound, PreconditionFailed, PreconditionRequired
from shared.idempotency import idempotent
from shared.languages import bilingual
from shared.web.idempotency import IdempotencyKey, keyed
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter, RowNumber
from shared.web.preconditions import IfMatch, demand_match
from shared.web.responses import ETAG, etag_response, json_response
from shared.web.schemas import Json

router = Router("inspections")

Reader = Annotated[Principal, Depends(require("notices:read"))]
Writer = Annotated[Principal, Depends(require("notices:write"))]
CURSOR = Cursor[int]("inspections", RowNumber)


def _by_section(schema: Json) -> None:
    """Name each section in place of the pattern of their ids."""
    (section_schema,) = schema.pop("patternProperties").values()
    schema["properties"] = {
        section.id: section_schema | {"title": section.id, "description": f"Stated under the heading `{section.title}`."}
        for section in with_findings().values()
    }
    schema["additionalProperties"] = False


def _known(name: str) -> str:
    if (problem := unknown_section(name)) is not None:
        raise PydanticCustomError("unknown_section", "{problem}", {"problem": problem})
    return name


SectionName = Annotated[Identifier, AfterValidator(_known)]


class InspectionBody(Inspection):
    """All that a conclusion needs besides the figures."""

    findings: Annotated[dict[SectionName, TeamFindings], Field(max_length=100)] = Field(
        default_factory=dict, json_schema_extra=_by_section
    )
    """What the team found, by the section of the conclusion that states it."""


@router.post(
    "/inspections",
    summary="Submit an inspection",
    status_code=201,
    response_class=Response,
)
@operation(
    example=CreatedInspection(7, "30", "294"),
    headers={"Location": "Where the inspection is read"},
    body_example=examples.INSPECTION,
    problems=(NotFound,),
)
async def create_inspection(
    request: Request,
    principal: Writer,
    inspection: Annotated[InspectionBody, Body()],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """What the team found, whom it covers and who signs: all that a conclusion states besides the figures.

    Words may be written freely, quantities may not: declare each under `counts` and write its name in braces. Metrics is not
    queried yet: that is done when the notice is ordered.
    """
    principal.demand_province(inspection.province)
    once_only = await keyed(request, principal, idempotency_key)

    async def submit(tx: Connection) -> int:
        return await idempotent(
            tx, "notices", once_only, datetime.now(UTC), int, lambda: submissions.submit(tx, inspection, principal.key_id)
        )

    number = await request.app.state.database.run(submit)
    created = CreatedInspection(number, inspection.province, inspection.scope)
    return json_response(created, status=201, headers={"Location": f"/v1/inspections/{number}"})


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


@router.put("/inspections/{number}", summary="Correct an inspection")
@operation(
    response=StoredInspection,
    example=StoredInspection(7, 2, examples.SUBMITTED_AT, examples.SUBMITTED_AT, examples.INSPECTION.stored()),
    headers={ETAG: "Of the new version"},
    body_example=examples.INSPECTION,
    problems=(NotFound, PreconditionFailed, PreconditionRequired),
)
async def put_inspection(
    request: Request,
    principal: Writer,
    number: InspectionNumber,
    inspection: Annotated[InspectionBody, Body()],
    if_match: IfMatch = None,
) -> Response:
    """The whole of it anew, under the ETag with which it was read. The version before stays readable, and notices state on
    which version they stand; province and scope stay. What equals the present version changes nothing.
    """

    async def replace(tx: Connection) -> InspectionRow:
        row = await held_inspection(tx, principal, number)
        demand_match(if_match, inspection_tag(row))
        return await submissions.replace(tx, row, inspection, principal.key_id)

    row = await request.app.state.database.run(replace)
    return json_response(stored_inspection(row), etag=inspection_tag(row))


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
    """The same, held until the transaction ends."""
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
