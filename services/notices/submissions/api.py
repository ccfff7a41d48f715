"""Routes by which a team submits an inspection and corrects it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Body, Request, Response
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from services.notices.figures.metrics_client import MetricsAway, MetricsClosed
from services.notices.inspections import service as inspections
from services.notices.inspections.api import examples
from services.notices.inspections.api.inspections import (
    Writer,
    held_inspection,
    inspection_tag,
    stored_inspection,
    visible_inspection,
)
from services.notices.inspections.api.parameters import InspectionNumber
from services.notices.inspections.api.schemas import CreatedInspection, StoredInspection
from services.notices.inspections.model import Identifier, Inspection, TeamFindings
from services.notices.inspections.outline import unknown_section, with_findings
from services.notices.inspections.store import InspectionRow
from services.notices.submissions.service import demand_known
from shared.database import Connection
from shared.errors import NotFound, PreconditionFailed, PreconditionRequired
from shared.idempotency import idempotent, stored_response
from shared.web.idempotency import IdempotencyKey, always_keyed
from shared.web.operations import Router, operation
from shared.web.preconditions import IfMatch, demand_match
from shared.web.responses import ETAG, json_response
from shared.web.schemas import Json

router = Router("inspections")


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
    problems=(NotFound, MetricsAway, MetricsClosed),
)
async def create_inspection(
    request: Request,
    principal: Writer,
    inspection: Annotated[InspectionBody, Body()],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """What the team found, whom it covers and who signs: all that a conclusion states besides the figures.

    Words may be written freely, quantities may not: declare each under `counts` and write its name in braces. A province or
    scope that metrics does not know in the period is refused; while metrics is away the response is 503, and nothing is stored.
    """
    principal.demand_province(inspection.province)
    once_only = await always_keyed(request, principal, idempotency_key)
    database = request.app.state.database
    number = await database.run(lambda tx: stored_response(tx, "notices", once_only, int))
    if number is None:
        await demand_known(request.app.state.metrics, inspection)

        async def submit(tx: Connection) -> int:
            return await idempotent(
                tx, "notices", once_only, datetime.now(UTC), int, lambda: inspections.submit(tx, inspection, principal.key_id)
            )

        number = await database.run(submit)
    created = CreatedInspection(number, inspection.province, inspection.scope)
    return json_response(created, status=201, headers={"Location": f"/v1/inspections/{number}"})


@router.put("/inspections/{number}", summary="Correct an inspection")
@operation(
    response=StoredInspection,
    example=StoredInspection(7, 2, examples.SUBMITTED_AT, examples.SUBMITTED_AT, examples.INSPECTION.stored()),
    headers={ETAG: "Of the new version"},
    body_example=examples.INSPECTION,
    problems=(NotFound, PreconditionFailed, PreconditionRequired, MetricsAway, MetricsClosed),
)
async def put_inspection(
    request: Request,
    principal: Writer,
    number: InspectionNumber,
    inspection: Annotated[InspectionBody, Body()],
    if_match: IfMatch = None,
) -> Response:
    """The whole of it anew, under the ETag with which it was read. The version before stays readable, and notices state on
    which version they stand; province and scope stay. What equals the present version changes nothing, whatever the ETag: so a
    request may be repeated whose response was lost.
    """
    database = request.app.state.database
    async with database.connection() as connection:
        present = await visible_inspection(connection, principal, number)
    demand_match(if_match, inspection_tag(present), done=inspections.stands(present, inspection))
    inspections.demand_same_scope(present, inspection)
    await demand_known(request.app.state.metrics, inspection)

    async def replace(tx: Connection) -> InspectionRow:
        row = await held_inspection(tx, principal, number)
        demand_match(if_match, inspection_tag(row), done=inspections.stands(row, inspection))
        return await inspections.replace(tx, row, inspection, principal.key_id)

    row = await database.run(replace)
    return json_response(stored_inspection(row), etag=inspection_tag(row))
