"""The procedures of a province over time: replaced, merged, or taken over from a portal's own catalogue."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from fastapi import Query, Request, Response

from services.ingest.catalogue import service as catalogue
from services.ingest.catalogue.api.changes import catalogue_version, notify_worker
from services.ingest.catalogue.api.examples import (
    PROCEDURE,
    PROCEDURE_CHANGE,
)
from services.ingest.catalogue.api.parameters import TABLE, DryRun, Merge, Note, Province, Reader, Writer
from services.ingest.catalogue.api.schemas import (
    ProcedureChange,
    ProcedureList,
    ProcedureListIn,
    RowChange,
)
from services.ingest.catalogue.api.spreadsheets import read_table, table_response
from services.ingest.catalogue.store.catalogue import Author
from services.ingest.files.tables import MAX_BYTES
from services.ingest.inquiries import service as inquiries
from services.ingest.inquiries.model import ProcedureOffer
from services.ingest.provinces.service import require_visible
from services.ingest.sources.store import sources as sources_store
from services.ingest.sources.traits import offers_procedures
from shared import fields
from shared import procedures as procedure_table
from shared.civil import civil_day
from shared.database import Database
from shared.errors import Invalid, NotFound, Unavailable
from shared.fields import SourceName
from shared.jsontext import MAX_TOKENS
from shared.languages import bilingual
from shared.procedures import PortalProcedure, Procedure
from shared.spreadsheets import CSV
from shared.web.formats import CsvFormat
from shared.web.operations import Router, operation
from shared.web.routes import accepts

router = Router("catalogue", under="/catalogue")


@router.put("/{province}/procedures", summary="Replace the province's procedures, all rows over time")
@operation(
    body=ProcedureListIn,
    body_media=TABLE,
    body_example={"procedures": [PROCEDURE]},
    example=PROCEDURE_CHANGE,
)
@accepts(limit=2 * MAX_BYTES, tokens=MAX_TOKENS)
async def put_procedures(
    request: Request, province: Province, principal: Writer, dry_run: DryRun = False, merge: Merge = False, note: Note = None
) -> ProcedureChange:
    """Limits, interlinked or not, digitisation and fees required or not, over time. JSON, CSV or XLSX."""
    principal.demand_province(province)
    procedures, unknown = await read_table(request, principal, "procedures", Procedure, procedure_table)
    return await _put_procedures(
        request, province, procedures, unknown, Author(principal.name, note), dry_run=dry_run, merge=merge
    )


@router.post("/{province}/procedures/from-source", summary="Take the procedures from the portal's own catalogue")
@operation(example=PROCEDURE_CHANGE)
async def adopt_procedures(
    request: Request,
    province: Province,
    principal: Writer,
    source: Annotated[SourceName, Query(description="Name of a source that is pulled", examples=["hai-duong"])],
    on: Annotated[fields.Day | None, Query(description="Day from which it is believed; missing: today")] = None,
    dry_run: DryRun = False,
    note: Note = None,
) -> ProcedureChange:
    """What the portal has otherwise begins a new row on that day; what it does not list stays. Use `dry_run` first."""
    database = request.app.state.database
    async with database.transaction() as tx:
        await require_visible(tx, principal, province)
        row = await sources_store.source(tx, source)
        if row is None or row.province != province:
            raise NotFound(
                bilingual(
                    "Province {province} has no source {source}. GET /v1/sources lists them.",
                    "Tỉnh {province} không có nguồn {source}. Xem GET /v1/sources.",
                    province=province,
                    source=source,
                )
            )
        if not offers_procedures(row.kind):
            raise Invalid(
                bilingual(
                    "A source of the kind {kind} has no catalogue of procedures.",
                    "Nguồn loại {kind} không có danh mục thủ tục.",
                    kind=row.kind,
                )
            )
        number = await inquiries.order(tx, "procedures", source, datetime.now(UTC))
    await request.app.state.notifier.notify("ingest", source)
    offered = await _offered(database, number)
    async with database.connection() as connection:
        procedures = await catalogue.adopt_procedures(connection, province, offered, on or civil_day(datetime.now(UTC)))
    return await _put_procedures(request, province, procedures, [], Author(principal.name, note), dry_run=dry_run, merge=True)


async def _offered(database: Database, number: int) -> list[PortalProcedure]:
    """What the worker read from the source; raises `Unavailable` when it read nothing."""
    offer = await inquiries.wait(database, number, ProcedureOffer)
    if offer is None:
        raise Unavailable(
            bilingual(
                "The worker has not read the source's catalogue within {seconds:.0f} s; nothing was changed.",
                "Tiến trình nền chưa đọc danh mục của nguồn trong {seconds:.0f} giây; chưa thay đổi gì.",
                seconds=inquiries.WAIT_SECONDS,
            )
        )
    if offer.procedures is None:
        raise Unavailable(
            bilingual(
                "The source's catalogue could not be read ({failure}); nothing was changed.",
                "Không đọc được danh mục của nguồn ({failure}); chưa thay đổi gì.",
                failure=offer.failure,
            )
        )
    return offer.procedures


@router.get("/{province}/procedures", summary="The province's procedures as JSON or CSV", response_class=Response)
@operation(response=ProcedureList, media=(CSV,), example={"procedures": [PROCEDURE]}, unchanged=True)
async def get_procedures(request: Request, province: Province, principal: Reader, wanted: CsvFormat) -> Response:
    """JSON, or CSV; PUT takes either as it is."""
    principal.demand_province(province)
    async with request.app.state.database.transaction() as tx:
        found = (await catalogue.read(tx, province)).procedures
    rows = procedure_table.to_rows(found)
    return table_response(request, wanted, province, "procedures", procedure_table.COLUMNS, rows, ProcedureList(found))


async def _put_procedures(
    request: Request,
    province: str,
    procedures: list[Procedure],
    unknown: list[str],
    author: Author,
    *,
    dry_run: bool,
    merge: bool,
) -> ProcedureChange:
    async with request.app.state.database.transaction() as tx:
        changes = await catalogue.procedure_changes(tx, province, procedures, merge=merge)
        version = await catalogue_version(tx, province)
        if not dry_run and (changes or not version):
            version = await catalogue.put_procedures(tx, province, procedures, merge=merge, author=author)
    await notify_worker(request, dry_run)
    return ProcedureChange(
        province=province,
        version=version,
        entries=len(procedures),
        dry_run=dry_run,
        differences=[_row_change(change) for change in changes],
        unknown_headings=unknown,
    )


def _row_change(change: procedure_table.ProcedureChange) -> RowChange:
    return msgspec.convert({**msgspec.to_builtins(change), "changes_due_dates": change.changes_due_dates}, RowChange)
