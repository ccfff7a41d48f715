"""Changing the catalogue: agencies, procedures, days off and policies of a province, each change shown before it applies."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from fastapi import Body, Depends, Path, Query, Request, Response

from services.ingest.catalogue import service as catalogue
from services.ingest.catalogue import store as catalogue_store
from services.ingest.catalogue.api.examples import (
    AGENCY,
    AGENCY_CHANGE,
    CHANGED,
    DAYS,
    POLICIES,
    PROCEDURE,
    PROCEDURE_CHANGE,
    REDATINGS,
)
from services.ingest.catalogue.api.schemas import (
    AgencyChange,
    AgencyList,
    AgencyListIn,
    CatalogueChange,
    DayOverrideIn,
    PoliciesIn,
    ProcedureChange,
    ProcedureList,
    ProcedureListIn,
    Redating,
    RedatingList,
    Restatement,
    RowChange,
)
from services.ingest.catalogue.api.spreadsheets import converted, read_table, table_response
from services.ingest.catalogue.store import DayOverride, RedatingRow
from services.ingest.files.grids import MAX_BYTES
from services.ingest.procedure_offers import store as offers_store
from services.ingest.provinces import store as provinces_store
from services.ingest.provinces.service import require_visible
from services.ingest.sources import store as sources_store
from services.ingest.sources.traits import offers_procedures
from shared import agencies as agency_table
from shared import fields
from shared import procedures as procedure_table
from shared.access.principals import Principal, require
from shared.agencies import Agency
from shared.civil import civil_day
from shared.database import Connection, Database
from shared.errors import Invalid, NotFound, Unavailable
from shared.fields import ProvinceCode, SourceName
from shared.jsontext import MAX_TOKENS
from shared.languages import bilingual
from shared.procedures import PortalProcedure, Procedure
from shared.spreadsheets import CSV, XLSX
from shared.web.formats import CsvFormat
from shared.web.operations import Router, operation
from shared.web.routes import accepts
from shared.workdays import Policy

router = Router("catalogue", under="/catalogue")

OFFER_SECONDS = 60.0
"""How long a caller waits for the source's own catalogue."""
_POLL_SECONDS = 0.1

Province = Annotated[ProvinceCode, Path(description="Province", examples=["30"])]
Writer = Annotated[Principal, Depends(require("catalogue:write"))]
Reader = Annotated[Principal, Depends(require("feed:read"))]
DryRun = Annotated[bool, Query(description="Show what would change, and change nothing")]
Merge = Annotated[
    bool, Query(description="Lay the rows over those that are there, as a plan of a merger is; otherwise they replace all")
]


_TABLE = {
    CSV: "A CSV whose first row names the columns, in Vietnamese or English, as GET gives it",
    XLSX: "An XLSX workbook; its first sheet is read, as a CSV is",
}


@router.put("/{province}/agencies", summary="Replace the province's agencies, all generations")
@operation(
    body=AgencyListIn,
    body_media=_TABLE,
    body_example={"agencies": [AGENCY]},
    example=AGENCY_CHANGE,
)
@accepts(limit=2 * MAX_BYTES, tokens=MAX_TOKENS)
async def put_agencies(
    request: Request, province: Province, principal: Writer, dry_run: DryRun = False, merge: Merge = False
) -> AgencyChange:
    """JSON, CSV or XLSX with headings in Vietnamese or English. Refused as a whole when the structure contradicts itself.

    With `dry_run` a plan of a merger is checked before it takes effect: what moves, what is left without a parent.
    """
    principal.demand_province(province)
    agencies, unknown = await read_table(request, "agencies", Agency, agency_table)
    database = request.app.state.database
    async with database.transaction() as tx:
        changes = await catalogue.agency_changes(tx, province, agencies, merge=merge)
        version = await _version(tx, province)
        if not dry_run:
            version = await catalogue.put_agencies(tx, province, agencies, merge=merge)
    await _notify(request, dry_run)
    return AgencyChange(
        province=province,
        version=version,
        entries=len(agencies),
        dry_run=dry_run,
        differences=changes,
        unknown_headings=unknown,
    )


@router.put("/{province}/procedures", summary="Replace the province's procedures, all generations")
@operation(
    body=ProcedureListIn,
    body_media=_TABLE,
    body_example={"procedures": [PROCEDURE]},
    example=PROCEDURE_CHANGE,
)
@accepts(limit=2 * MAX_BYTES, tokens=MAX_TOKENS)
async def put_procedures(
    request: Request, province: Province, principal: Writer, dry_run: DryRun = False, merge: Merge = False
) -> ProcedureChange:
    """Limits, interlinked or not, digitisation and fees required or not, over time. JSON, CSV or XLSX."""
    principal.demand_province(province)
    procedures, unknown = await read_table(request, "procedures", Procedure, procedure_table)
    return await _put_procedures(request, province, procedures, unknown, dry_run=dry_run, merge=merge)


@router.post("/{province}/procedures/from-source", summary="Take the procedures from the portal's own catalogue")
@operation(example=PROCEDURE_CHANGE)
async def adopt_procedures(
    request: Request,
    province: Province,
    principal: Writer,
    source: Annotated[SourceName, Query(description="Name of a source that is pulled", examples=["hai-duong"])],
    on: Annotated[fields.Day | None, Query(description="Day from which it is believed; missing: today")] = None,
    dry_run: DryRun = False,
) -> ProcedureChange:
    """What the portal says otherwise than we do begins a new row on that day; what it does not list stays. Look first."""
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
        number = await offers_store.insert_query(tx, source, datetime.now(UTC))
    await request.app.state.notifier.notify("ingest", source)
    offered = await _offered(database, number)
    async with database.connection() as connection:
        procedures = await catalogue.adopt_procedures(connection, province, offered, on or civil_day(datetime.now(UTC)))
    return await _put_procedures(request, province, procedures, [], dry_run=dry_run, merge=True)


async def _offered(database: Database, number: int) -> list[PortalProcedure]:
    """What the source told the worker, which alone holds the passwords; raises `Unavailable` when it was told nothing."""
    for _ in range(int(OFFER_SECONDS / _POLL_SECONDS)):
        async with database.connection() as connection:
            answered = await offers_store.read_response(connection, number)
        if answered is not None:
            if answered.procedures is None:
                raise Unavailable(
                    bilingual(
                        "The source's catalogue could not be read ({failure}); nothing was changed.",
                        "Không đọc được danh mục của nguồn ({failure}); chưa thay đổi gì.",
                        failure=answered.failure,
                    )
                )
            return answered.procedures
        await asyncio.sleep(_POLL_SECONDS)
    raise Unavailable(
        bilingual(
            "The worker has not read the source's catalogue within {seconds:.0f} s; nothing was changed.",
            "Tiến trình nền chưa đọc danh mục của nguồn trong {seconds:.0f} giây; chưa thay đổi gì.",
            seconds=OFFER_SECONDS,
        )
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


@router.get("/{province}/procedures", summary="The province's procedures as JSON or CSV", response_class=Response)
@operation(response=ProcedureList, media=(CSV,), example={"procedures": [PROCEDURE]}, unchanged=True)
async def get_procedures(request: Request, province: Province, principal: Reader, wanted: CsvFormat) -> Response:
    """JSON, or CSV; PUT takes either as it is."""
    principal.demand_province(province)
    async with request.app.state.database.transaction() as tx:
        found = (await catalogue.read(tx, province)).procedures
    rows = procedure_table.to_rows(found)
    return table_response(request, wanted, province, "procedures", procedure_table.COLUMNS, rows, ProcedureList(found))


@router.post("/{province}/days", summary="Add days off and make-up days")
@operation(body_example=DAYS, example={**CHANGED, "entries": 2})
async def add_days(
    request: Request,
    province: Province,
    principal: Writer,
    body: Annotated[list[DayOverrideIn], Body(min_length=1, max_length=1_000)],
) -> CatalogueChange:
    """A later decision about the same day wins."""
    principal.demand_province(province)
    days = [DayOverride(province, one.day, one.worked, one.legal_basis, one.known_from, one.verified) for one in body]
    async with request.app.state.database.transaction() as tx:
        version = await catalogue.put_days(tx, province, days)
    return await _changed(request, province, version, len(days))


@router.put("/{province}/policies", summary="Replace the province's policies")
@operation(body_example=POLICIES, example=CHANGED)
async def put_policies(request: Request, province: Province, principal: Writer, body: PoliciesIn) -> CatalogueChange:
    """Office hours of the province and of single agencies, and the rules where the law leaves a choice."""
    principal.demand_province(province)
    chosen = catalogue.Policies(body.office_hours, body.agency_hours, tuple(converted(body.clock, Policy, "body.clock")))
    async with request.app.state.database.transaction() as tx:
        version = await catalogue.put_policies(tx, province, chosen)
    return await _changed(request, province, version, 1)


@router.post("/{province}/redatings", summary="Date every dossier of the province anew")
@operation(example={**CHANGED, "entries": 0})
async def redate(request: Request, province: Province, principal: Writer) -> CatalogueChange:
    """After a rule was corrected in the software itself; changes of catalogue, calendar and policies need no asking."""
    principal.demand_province(province)
    async with request.app.state.database.transaction() as tx:
        version = await catalogue.redate_all(tx, province, "asked for")
    return await _changed(request, province, version, 0)


@router.get("/{province}/redatings", summary="What changes of the catalogue did to the dossiers")
@operation(example=REDATINGS)
async def read_redatings(
    request: Request,
    province: Province,
    principal: Writer,
    limit: Annotated[int, Query(ge=1, le=100, description="The newest so many")] = 20,
) -> RedatingList:
    """`changed` dossiers got a new version. What that moved: metrics, GET /v1/restatements with `restatement` as parameters.

    Versions that other events made meanwhile lie between the same positions.
    """
    async with request.app.state.database.connection() as connection:
        await require_visible(connection, principal, province)
        found = await catalogue_store.redatings(connection, province, limit)
    return RedatingList([_redating(row) for row in found])


def _redating(row: RedatingRow) -> Redating:
    first, last = row.from_position, row.to_position
    moved = Restatement(after=first - 1, upto=last) if first is not None and last is not None else None
    return Redating(**row._asdict(), restatement=moved)


async def _put_procedures(
    request: Request, province: str, procedures: list[Procedure], unknown: list[str], *, dry_run: bool, merge: bool
) -> ProcedureChange:
    async with request.app.state.database.transaction() as tx:
        changes = await catalogue.procedure_changes(tx, province, procedures, merge=merge)
        version = await _version(tx, province)
        if not dry_run and (changes or not version):
            version = await catalogue.put_procedures(tx, province, procedures, merge=merge)
    await _notify(request, dry_run)
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


async def _version(tx: Connection, province: str) -> int:
    row = await provinces_store.read(tx, province)
    return row.catalogue if row is not None else 0


async def _changed(request: Request, province: str, version: int, entries: int) -> CatalogueChange:
    await _notify(request, dry_run=False)
    return CatalogueChange(province=province, version=version, entries=entries)


async def _notify(request: Request, dry_run: bool) -> None:
    if not dry_run:
        await request.app.state.notifier.notify("ingest")
