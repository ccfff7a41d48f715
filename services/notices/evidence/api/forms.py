"""Routes of forms of evidence: given out as XLSX for an agency, and read back."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import Query, Request, Response

from services.notices.evidence import service as evidence_service
from services.notices.evidence import store as evidence_store
from services.notices.evidence.api import examples
from services.notices.evidence.api.evidence import stored_response
from services.notices.evidence.api.inspected import InspectionChanged, inspected
from services.notices.evidence.api.schemas import StoredEvidence
from services.notices.evidence.forms import service as form_service
from services.notices.evidence.forms.writing import form
from services.notices.evidence.service import EvidenceChange, EvidenceOutdated
from services.notices.evidence.templates import template_of
from services.notices.figures.metrics_client import MetricsAway, MetricsClosed
from services.notices.inspections.api.inspections import Reader, Writer, held_inspection, visible_inspection
from services.notices.inspections.api.parameters import InspectionNumber
from services.notices.inspections.service import read_stored
from shared.database import Connection
from shared.errors import NotFound, PreconditionFailed, TooLarge, Unreadable
from shared.fields import Line
from shared.sandbox.parent import ChildDied
from shared.spreadsheets import XLSX
from shared.web.operations import Router, operation
from shared.web.responses import ETAG, NOT_STORED
from shared.web.uploads import while_connected

router = Router("inspections")


@router.get("/inspections/{number}/evidence-form", summary="The form of an agency, to be filled in", response_class=Response)
@operation(media=[XLSX], problems=(NotFound, MetricsAway, MetricsClosed))
async def read_form(
    request: Request,
    principal: Reader,
    number: InspectionNumber,
    agency: Annotated[
        Line | None,
        Query(
            max_length=60,
            description="Code or unit key; left out: the form of what is established by level and for the whole",
            examples=["10864"],
        ),
    ] = None,
) -> Response:
    """The items of the template with what is known of them; grey cells are not filled in. Send it to `.../evidence-files`."""
    async with request.app.state.database.transaction() as tx:
        row = await visible_inspection(tx, principal, number)
        inspection = read_stored(row.body)
        evidence = await evidence_service.read_answering(tx, number, inspection.period.end)
        newest = await evidence_store.newest(tx, number)
    dated_at: datetime = row.created_at if newest is None else newest.created_at
    subject = None
    if agency is not None:
        subject = form_service.agency_of(agency, (await inspected(request, principal, number)).agencies)
    content = form(number, evidence, subject, title=f"Phiếu kiểm tra năm {inspection.year}", dated_at=dated_at)
    name = subject.code if subject is not None else "chung"
    headers = {**NOT_STORED, "Content-Disposition": f'attachment; filename="phieu-{number}-{name}.xlsx"'}
    return Response(content, 200, headers, XLSX)


@router.post("/inspections/{number}/evidence-files", summary="Hand in evidence as a form that was filled in")
@operation(
    response=StoredEvidence,
    example=examples.PATCHED,
    headers={ETAG: "Of the newest version"},
    body_media={XLSX: "A form of GET .../evidence-form with white cells filled in"},
    problems=(
        *(NotFound, PreconditionFailed, InspectionChanged, EvidenceOutdated),
        *(TooLarge, Unreadable, ChildDied, MetricsAway, MetricsClosed),
    ),
)
async def post_file(request: Request, principal: Writer, number: InspectionNumber) -> Response:
    """Rows without a result, and rows as they were given out, change nothing; others replace what stands for the same item,
    agency and `about`. What does not fit is listed by sheet and cell, and nothing is stored. Where another has changed the
    same since the form was given out, it is a 412 that names the rows. A form of the template of another period, because the
    inspection was corrected since, is taken as far as that of its period now has the same; what it has not is named, too.
    """
    read = await inspected(request, principal, number)
    template = template_of(read.inspection.period.end)
    sandbox = request.app.state.form_sandbox.of(principal.key_id)
    sheets = await while_connected(request, lambda chunks: form_service.sheets(sandbox, chunks))
    versions = form_service.versions_of(sheets, number)
    # What stood in a version never changes, so it is read before anybody has to wait.
    async with request.app.state.database.connection() as connection:
        newest = await evidence_store.newest(connection, number)
        upto = 0 if newest is None else newest.version
        given = {one: await evidence_service.stood_in(connection, number, one) for one in versions if 0 <= one <= upto}

    async def store(tx: Connection) -> EvidenceChange:
        read.demand_unchanged(await held_inspection(tx, principal, number))
        present = await evidence_service.read_present(tx, number)
        items = await asyncio.to_thread(
            form_service.items_of, sheets, number, read.inspection, read.agencies, present=present, given=given
        )
        return await evidence_service.patch(tx, number, items, (), template=template, key_id=principal.key_id)

    return stored_response(number, await request.app.state.database.run(store))
