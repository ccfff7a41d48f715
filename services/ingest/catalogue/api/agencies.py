"""The agencies of a province over time: replaced or merged, shown before they apply."""

from __future__ import annotations

from fastapi import Request, Response

from services.ingest.catalogue import service as catalogue
from services.ingest.catalogue.api.changes import catalogue_version, notify_worker
from services.ingest.catalogue.api.examples import (
    AGENCY,
    AGENCY_CHANGE,
)
from services.ingest.catalogue.api.parameters import TABLE, DryRun, Merge, Note, Province, Reader, Writer
from services.ingest.catalogue.api.schemas import (
    AgencyChange,
    AgencyList,
    AgencyListIn,
)
from services.ingest.catalogue.api.spreadsheets import read_table, table_response
from services.ingest.catalogue.store.catalogue import Author
from services.ingest.files.tables import MAX_BYTES
from shared import agencies as agency_table
from shared.agencies import Agency
from shared.jsontext import MAX_TOKENS
from shared.spreadsheets import CSV
from shared.web.formats import CsvFormat
from shared.web.operations import Router, operation
from shared.web.routes import accepts

router = Router("catalogue", under="/catalogue")


@router.put("/{province}/agencies", summary="Replace the province's agencies, all rows over time")
@operation(
    body=AgencyListIn,
    body_media=TABLE,
    body_example={"agencies": [AGENCY]},
    example=AGENCY_CHANGE,
)
@accepts(limit=2 * MAX_BYTES, tokens=MAX_TOKENS)
async def put_agencies(
    request: Request, province: Province, principal: Writer, dry_run: DryRun = False, merge: Merge = False, note: Note = None
) -> AgencyChange:
    """JSON, CSV or XLSX with headings in Vietnamese or English. Refused as a whole when the structure contradicts itself.

    With `dry_run` a plan of a merger is checked before it takes effect: what moves, what is left without a parent.
    """
    principal.demand_province(province)
    agencies, unknown = await read_table(request, principal, "agencies", Agency, agency_table)
    database = request.app.state.database
    async with database.transaction() as tx:
        changes = await catalogue.agency_changes(tx, province, agencies, merge=merge)
        version = await catalogue_version(tx, province)
        if not dry_run:
            version = await catalogue.put_agencies(tx, province, agencies, merge=merge, author=Author(principal.name, note))
    await notify_worker(request, dry_run)
    return AgencyChange(
        province=province,
        version=version,
        entries=len(agencies),
        dry_run=dry_run,
        differences=changes,
        unknown_headings=unknown,
    )


@router.get("/{province}/agencies", summary="The province's agencies as JSON or CSV", response_class=Response)
@operation(response=AgencyList, media=(CSV,), example={"agencies": [AGENCY]}, unchanged=True)
async def get_agencies(request: Request, province: Province, principal: Reader, wanted: CsvFormat) -> Response:
    """JSON, or CSV; PUT takes either as it is."""
    principal.demand_province(province)
    async with request.app.state.database.transaction() as tx:
        found = (await catalogue.read(tx, province)).agencies
    return table_response(
        request, wanted, province, "agencies", agency_table.COLUMNS, agency_table.to_rows(found), AgencyList(found)
    )
