"""Changing the catalogue: agencies, procedures, days off and policies of a stream, each change shown before it applies."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import Body, Depends, Path, Query, Request, Response
from pydantic import BaseModel, Field

from services.ingest import catalogue, sources, spreadsheets, store
from services.ingest.api.feed import stream_named
from services.ingest.api.uploads import attended
from services.ingest.catalogue import AgencyChanges
from services.ingest.reading.grids import LARGEST
from services.ingest.store.catalogue import DayOverride, RedatingRow
from shared import agencies as agency_table
from shared import fields
from shared import procedures as procedure_table
from shared.access import Principal, require
from shared.agencies import Agency
from shared.civil import civil_day
from shared.data import by_column
from shared.database import Connection, Database
from shared.errors import Invalid, Malformed, NotFound, Unavailable
from shared.fields import Data, Line, SourceName, StreamName
from shared.jsontext import MAX_TOKENS
from shared.procedures import Offered, Procedure
from shared.spelling import require_members
from shared.spreadsheets import CSV, CSV_UTF8, XLSX, to_csv
from shared.web.answers import as_json, tagged
from shared.web.operations import Router
from shared.web.routes import JSON, takes
from shared.workdays import Policy

router = Router("catalogue", under="/catalogue")
T = TypeVar("T")

OFFER_SECONDS = 60.0
"""How long a caller waits for the source's own catalogue."""
_LOOK_SECONDS = 0.1
_rows = msgspec.json.Decoder(list[dict[str, object]]).decode

Stream = Annotated[StreamName, Path(examples=["30"])]
Writer = Annotated[Principal, Depends(require("catalogue:write"))]
Reader = Annotated[Principal, Depends(require("feed:read"))]
DryRun = Annotated[bool, Query(description="Show what would change, and change nothing")]
Merge = Annotated[
    bool, Query(description="Lay the rows over those that are there, as a plan of a merger is; otherwise they replace all")
]


class Change(BaseModel):
    """The catalogue after a change; the dossiers it touches are dated anew by the worker."""

    stream: str
    version: int = Field(description="Of the catalogue; with a dry run the one that stays")
    entries: int
    dry_run: bool = False
    differences: object = Field(
        default=None,
        description="Agencies: keys added, changed and removed, and the plan they make (what begins, ends, moves where, is left"
        " without a parent, what has to be put right first). Procedures: each row added, removed or changed, field by field.",
    )
    unknown_headings: list[str] = Field(default=[], description="Columns of the file that were not read")


class Day(fields.BodyModel):
    """A day off or a make-up day that was decided."""

    day: fields.Day
    worked: bool = Field(description="true: a make-up day on a day off; false: a day off")
    legal_basis: Line = Field(min_length=3, max_length=300, examples=["Thông báo số 12345/TB-BNV"])
    known_from: fields.Day = Field(description="The day it was decided")


class PoliciesIn(fields.BodyModel):
    """Choices of a province."""

    office_hours: Line | None = Field(
        default=None,
        max_length=300,
        examples=["mon-thu 07:30-11:30 13:30-17:00; fri 07:30-11:30 13:30-16:30"],
        description="For limits in hours and for receipts after closing",
    )
    agency_hours: dict[Annotated[Line, Field(max_length=80)], Annotated[Line, Field(max_length=300)]] = Field(
        default={}, max_length=2_000, description="Code or unit key to its own hours, which hold for all below it too"
    )
    clock: list[Data] = Field(
        default=[],
        max_length=50,
        description="Rules of the deadline clock that replace the published ones from `valid_from` on",
        examples=[
            [
                {
                    "version": "hai-duong@1",
                    "valid_from": "2023-01-01",
                    "supplement": "restart",
                    "stop_event": "result_ready",
                    "legal_basis": "Quyết định 12/2022/QĐ-UBND",
                }
            ]
        ],
    )


def _table_in(example: Mapping[str, object]) -> dict[str, object]:
    """OpenAPI of a body that may be JSON, CSV or XLSX; it is read by hand, so FastAPI does not know."""
    rows = {"type": "array", "items": {"type": "object"}, "maxItems": 50_000}
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": rows, "example": [example]},
                CSV: {"schema": {"type": "string", "format": "binary"}},
                XLSX: {"schema": {"type": "string", "format": "binary"}},
            },
        }
    }


_AGENCY = {
    "code": "10828",
    "name_vi": "Xã Cẩm Việt",
    "name_en": "Cẩm Việt commune",
    "kind": "commune",
    "parent": "294",
    "valid_from": "2024-12-01",
    "valid_to": "2025-07-01",
    "legal_basis": "Nghị quyết 1250/NQ-UBTVQH15",
}
_PROCEDURE = {
    "code": "1.001193",
    "name_vi": "Đăng ký khai sinh",
    "name_en": "Registration of birth",
    "sector": "HT",
    "level": "full",
    "limit": {"amount": 1, "unit": "working_days"},
    "valid_from": "2019-12-01",
}


class Restatement(BaseModel):
    """Parameters of metrics' GET /v1/restatements: between which positions figures moved."""

    after: int
    upto: int


class Redating(BaseModel):
    """What a change of the catalogue did to the dossiers so far."""

    id: int
    stream: str
    reason: str
    catalogue: int = Field(description="Its version")
    only_unmapped: bool = Field(description="Only dossiers of an agency or procedure that was not known")
    done_to: int = Field(description="Number of the last dossier that was looked at")
    upto: int = Field(description="Number of the last dossier that is to be")
    examined: int
    changed: int = Field(description="Dossiers that got a new version")
    from_position: int | None
    to_position: int | None
    created_at: datetime
    finished_at: datetime | None
    restatement: Restatement | None


@router.put("/{stream}/agencies", summary="Replace the stream's agencies, all generations", openapi_extra=_table_in(_AGENCY))
@takes(limit=2 * LARGEST, tokens=MAX_TOKENS)
async def put_agencies(
    request: Request, stream: Stream, principal: Writer, dry_run: DryRun = False, merge: Merge = False
) -> Change:
    """JSON, CSV or XLSX with headings in Vietnamese or English. Refused as a whole when the structure contradicts itself.

    With `dry_run` a plan of a merger is checked before it takes effect: what moves, what is left without a parent.
    """
    principal.demand_stream(stream)
    agencies, unknown = await _handed_in(request, Agency, agency_table)
    database = request.app.state.database
    async with database.transaction() as tx:
        changes: AgencyChanges = await catalogue.agency_changes(tx, stream, agencies, merge=merge)
        version = await _version(tx, stream)
        if not dry_run:
            version = await catalogue.put_agencies(tx, stream, agencies, merge=merge)
    return await _changed(request, stream, version, len(agencies), dry_run, msgspec.to_builtins(changes), unknown)


@router.put(
    "/{stream}/procedures", summary="Replace the stream's procedures, all generations", openapi_extra=_table_in(_PROCEDURE)
)
@takes(limit=2 * LARGEST, tokens=MAX_TOKENS)
async def put_procedures(
    request: Request, stream: Stream, principal: Writer, dry_run: DryRun = False, merge: Merge = False
) -> Change:
    """Limits, interlinked or not, digitisation and fees required or not, over time. JSON, CSV or XLSX."""
    principal.demand_stream(stream)
    procedures, unknown = await _handed_in(request, Procedure, procedure_table)
    return await _put_procedures(request, stream, procedures, unknown, dry_run=dry_run, merge=merge)


@router.post("/{stream}/procedures/from-source", summary="Take the procedures from the portal's own catalogue")
async def adopt_procedures(
    request: Request,
    stream: Stream,
    principal: Writer,
    source: Annotated[SourceName, Query(examples=["hai-duong"])],
    on: Annotated[fields.Day | None, Query(description="Day from which it is believed; missing: today")] = None,
    dry_run: DryRun = False,
) -> Change:
    """What the portal says otherwise than we do begins a new row on that day; what it does not list stays. Look first."""
    database = request.app.state.database
    async with database.transaction() as tx:
        await stream_named(tx, principal, stream)
        row = await store.sources.source(tx, source)
        if row is None or row.stream != stream:
            raise NotFound(f"Stream {stream} has no source {source}. GET /v1/sources lists them.")
        if row.kind not in sources.PULLED:
            raise Invalid(f"A source of the kind {row.kind} has no catalogue of procedures.")
        number = await store.offers.ask(tx, source, datetime.now(UTC))
    await request.app.state.doorbell.ring("ingest", source)
    offered = await _offered(database, number)
    async with database.connection() as connection:
        procedures = await catalogue.adopt_procedures(connection, stream, offered, on or civil_day(datetime.now(UTC)))
    return await _put_procedures(request, stream, procedures, [], dry_run=dry_run, merge=True)


async def _offered(database: Database, number: int) -> list[Offered]:
    """What the source told the worker, which alone holds the passwords; raises `Unavailable` when it was told nothing."""
    for _ in range(int(OFFER_SECONDS / _LOOK_SECONDS)):
        async with database.connection() as connection:
            answered = await store.offers.answered(connection, number)
        if answered is not None:
            if answered.procedures is None:
                raise Unavailable(f"The source's catalogue could not be read ({answered.failure}); nothing was changed.")
            return answered.procedures
        await asyncio.sleep(_LOOK_SECONDS)
    raise Unavailable(f"The worker has not read the source's catalogue within {OFFER_SECONDS:.0f} s; nothing was changed.")


@router.get("/{stream}/agencies", summary="The stream's agencies as JSON or CSV", response_class=Response)
async def get_agencies(request: Request, stream: Stream, principal: Reader) -> Response:
    """By `Accept`: application/json, or text/csv in the form that can be handed in again."""
    principal.demand_stream(stream)
    async with request.app.state.database.transaction() as tx:
        found = (await catalogue.read(tx, stream)).agencies
    return _handed_out(request, stream, "agencies", agency_table.COLUMNS, agency_table.to_rows(found), found)


@router.get("/{stream}/procedures", summary="The stream's procedures as JSON or CSV", response_class=Response)
async def get_procedures(request: Request, stream: Stream, principal: Reader) -> Response:
    """By `Accept`: application/json, or text/csv in the form that can be handed in again."""
    principal.demand_stream(stream)
    async with request.app.state.database.transaction() as tx:
        found = (await catalogue.read(tx, stream)).procedures
    return _handed_out(request, stream, "procedures", procedure_table.COLUMNS, procedure_table.to_rows(found), found)


@router.post("/{stream}/days", summary="Add days off and make-up days")
async def add_days(
    request: Request, stream: Stream, principal: Writer, body: Annotated[list[Day], Body(min_length=1, max_length=1_000)]
) -> Change:
    """A later decision about the same day wins."""
    principal.demand_stream(stream)
    days = [DayOverride(stream, one.day, one.worked, one.legal_basis, one.known_from) for one in body]
    async with request.app.state.database.transaction() as tx:
        version = await catalogue.put_days(tx, stream, days)
    return await _changed(request, stream, version, len(days))


@router.put("/{stream}/policies", summary="Replace the stream's policies")
async def put_policies(request: Request, stream: Stream, principal: Writer, body: PoliciesIn) -> Change:
    """Office hours of the province and of single agencies, and the rules where the law leaves a choice."""
    principal.demand_stream(stream)
    chosen = catalogue.Policies(body.office_hours, body.agency_hours, tuple(_converted(body.clock, Policy, "body.clock")))
    async with request.app.state.database.transaction() as tx:
        version = await catalogue.put_policies(tx, stream, chosen)
    return await _changed(request, stream, version, 1)


@router.post("/{stream}/redatings", summary="Date every dossier of the stream anew")
async def redate(request: Request, stream: Stream, principal: Writer) -> Change:
    """After a rule was corrected in the software itself; changes of catalogue, calendar and policies need no asking."""
    principal.demand_stream(stream)
    async with request.app.state.database.transaction() as tx:
        version = await catalogue.redate_all(tx, stream, "asked for")
    return await _changed(request, stream, version, 0)


@router.get("/{stream}/redatings", summary="What changes of the catalogue did to the dossiers")
async def read_redatings(
    request: Request, stream: Stream, principal: Writer, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> dict[str, list[Redating]]:
    """`changed` dossiers got a new version. What that moved: metrics, GET /v1/restatements with `restatement` as parameters.

    Versions that other events made meanwhile lie between the same positions.
    """
    async with request.app.state.database.connection() as connection:
        await stream_named(connection, principal, stream)
        found = await store.catalogue.redatings(connection, stream, limit)
    return {"redatings": [_told(row) for row in found]}


def _told(row: RedatingRow) -> Redating:
    first, last = row.from_position, row.to_position
    moved = Restatement(after=first - 1, upto=last) if first is not None and last is not None else None
    return Redating(**row._asdict(), restatement=moved)


async def _put_procedures(
    request: Request, stream: str, procedures: list[Procedure], unknown: list[str], *, dry_run: bool, merge: bool
) -> Change:
    async with request.app.state.database.transaction() as tx:
        changes = await catalogue.procedure_changes(tx, stream, procedures, merge=merge)
        version = await _version(tx, stream)
        if not dry_run and (changes or not version):
            version = await catalogue.put_procedures(tx, stream, procedures, merge=merge)
    shown = [{**msgspec.to_builtins(change), "moves_due_dates": change.moves_due_dates} for change in changes]
    return await _changed(request, stream, version, len(procedures), dry_run, shown, unknown)


async def _version(tx: Connection, stream: str) -> int:
    row = await store.dossiers.stream_row(tx, stream)
    return row.catalogue if row is not None else 0


async def _changed(
    request: Request,
    stream: str,
    version: int,
    entries: int,
    dry_run: bool = False,
    differences: object = None,
    unknown: list[str] | None = None,
) -> Change:
    if not dry_run:
        await request.app.state.doorbell.ring("ingest")
    return Change(
        stream=stream,
        version=version,
        entries=entries,
        dry_run=dry_run,
        differences=differences,
        unknown_headings=unknown or [],
    )


async def _handed_in(request: Request, kind: type[T], table: Any) -> tuple[list[T], list[str]]:
    """The rows of the body as `kind`, and headings nobody knows; `table` is the module with its columns and `from_rows`."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == "application/json":
        try:
            rows = _rows(await request.body() or b"null")
        except msgspec.ValidationError as error:
            raise Malformed("The body must be a list of objects, one for each row.") from error
        except (msgspec.DecodeError, ValueError) as error:
            raise Malformed(f"The body is not JSON in UTF-8: {error}.") from error
        return _converted(rows, kind, "body"), []
    sandbox = request.app.state.sandbox
    grid = await attended(request, lambda pieces: spreadsheets.grid_of(sandbox, pieces, media_type))
    # In a thread: thousands of rows are looked at, and others wait for their answers.
    return await asyncio.to_thread(_rows_of, grid, table)


def _rows_of(grid: list[list[object]], table: Any) -> tuple[list[Any], list[str]]:
    rows, unknown = by_column(grid, table.COLUMNS, table.HEADINGS)
    if not rows:
        raise Invalid(f"No rows were found. The first row must name the columns: {', '.join(table.COLUMNS)}.")
    return table.from_rows(rows), unknown


def _handed_out(
    request: Request,
    stream: str,
    name: str,
    columns: tuple[str, ...],
    rows: list[dict[str, str]],
    found: Sequence[msgspec.Struct],
) -> Response:
    if CSV in request.headers.get("accept", ""):
        table = to_csv([columns, *([row[column] for column in columns] for row in rows)])
        return tagged(request, table, CSV_UTF8, headers={"Content-Disposition": f'attachment; filename="{name}-{stream}.csv"'})
    return tagged(request, as_json({name: found}), JSON)


def _converted(body: Sequence[object], kind: type[T], at: str) -> list[T]:
    """The entries of a list that stands `at` a place of the request; raises `Invalid` for the first that is not as agreed."""
    converted = []
    for place, one in enumerate(body):
        require_members(one, kind, f"{at}.{place}")
        try:
            converted.append(msgspec.convert(one, kind))
        except msgspec.ValidationError as error:
            raise Invalid(f"Entry {place + 1}: {error}. Nothing was changed.") from error
    return converted
