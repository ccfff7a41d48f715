"""The routes for files: sent as they are, read while they arrive, rehearsed before they are imported."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from fastapi import Depends, Path, Query, Request, Response

from services.ingest.dossiers.unmapped import Unmapped
from services.ingest.files.messages import DuplicateColumns, SheetRead
from services.ingest.imports import store as imports_store
from services.ingest.imports.examples import DISMISSED, IMPORTED, INTERRUPTED, REHEARSED, TAKEN, WITHDRAWN
from services.ingest.imports.page import page_of
from services.ingest.imports.rehearsal import CorrectedCode, DateColumn, Rehearsal, rehearse
from services.ingest.imports.service import dismiss, import_file
from services.ingest.imports.store import ImportRow, ImportState
from services.ingest.imports.withdrawal import withdraw_sent
from services.ingest.parameters import ON_A_PAGE, OfSource, Sender
from services.ingest.quarantine.api import DismissalIn
from services.ingest.quarantine.examples import DISMISSAL
from services.ingest.sources.model import Arrival
from services.ingest.sources.service import sending_source, visible_source
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.database import Connection
from shared.errors import Conflict, NotFound, Unreadable
from shared.fields import RowId
from shared.languages import bilingual
from shared.sandbox.parent import ChildDied
from shared.spreadsheets import XLSX
from shared.web.formats import TEXT, TextFormat
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter, RowNumber
from shared.web.responses import NOT_STORED, json_response
from shared.web.routes import accepts
from shared.web.uploads import while_connected

router = Router("imports")

Importer = Annotated[Principal, Depends(require("sources:manage", "events:write"))]
Manager = Annotated[Principal, Depends(require("sources:manage"))]
Number = Annotated[RowId, Path(description="Number of the import", examples=[7])]
MAX_BYTES = 8 * 1024**3
MAX_CORRECTED = 200
"""Corrected codes that a response lists."""
CURSOR = Cursor[int]("imports", RowNumber)

_FILE = {
    "text/csv": "A CSV with the headings that clerks use, in UTF-8, UTF-16, windows-1258 or TCVN3",
    XLSX: "An XLSX workbook; all visible sheets that have the headings are read",
    "application/vnd.ms-excel": "An XLS workbook, or what is saved as one: HTML and the XML of Excel 2003",
    "application/x-ndjson": "A record of our own shape a line, as `EventIn`",
    "application/octet-stream": "Any of these: what it is shows",
}


class ImportOut(msgspec.Struct, frozen=True, kw_only=True):
    """How far a file has come: row_count = accepted + known + superseded + quarantined, always.

    At its end, lines = row_count + all of `skipped`.
    """

    id: int
    """Its number."""
    source: str
    """Name of the source."""
    province: str
    """The province."""
    state: ImportState
    """An `interrupted` one is resumed by sending the file again with `resume`, or dismissed; of a `failed` one, which cannot be
    read or was withdrawn, no dossier is kept."""
    row_count: int
    """Rows that were taken in so far."""
    accepted: int
    """Taken in as something new."""
    known: int
    """Said before, word for word."""
    superseded: int
    """Older than what is known already; kept with the dossier all the same."""
    quarantined: int
    """Could not be read: they wait in quarantine with their reason."""
    lines: int | None
    """Lines of the file, or rows of the sheets that were read: row_count + all of `skipped`; null before its end."""
    skipped: Mapping[str, int]
    """Lines that hold no dossier, by what they are: titles, headings, groups, totals, signatures, blank ones."""
    started_at: datetime
    """When the file began to come."""
    touched_at: datetime
    """When the last rows were stored."""
    finished_at: datetime | None
    """Null while it is running."""
    last_error: str | None
    """Why it ended before its end, and what to do."""
    dismissed_at: datetime | None
    """When somebody dismissed an interrupted one: the rest of its file need not come; null: nobody did."""
    dismissed_by: str | None
    """Name of the key by which it was dismissed."""
    dismissed_for: str | None
    """The reason that was given."""


class FileTaken(ImportOut, frozen=True, kw_only=True):
    """What became of a file: row_count = accepted + known + superseded + quarantined, always."""

    unmapped: list[Unmapped]
    """Agencies and procedures of accepted rows that the catalogue does not know, the most frequent first, 20 at most: until it
    does, their dossiers count under no agency or have no due date by law. Of a file that was resumed, those of the rest."""
    corrected: list[CorrectedCode]
    """Codes that a spreadsheet had shortened, and what they were taken for. Of a file that was resumed, those of the rest."""
    dates: list[DateColumn]
    """In which order the dates of each column were read."""
    sheets: list[SheetRead]
    """Sheets that were read, and those that were not."""
    duplicates: list[DuplicateColumns]
    """Fields that several columns name."""


class ImportPage(msgspec.Struct, frozen=True):
    """Newest first."""

    imports: list[ImportOut]
    """At most `limit`."""
    next_cursor: str | None
    """Give it as `cursor` for the next page; null: this is the last."""


@router.post("/imports", summary="Send a file: CSV, XLSX, XLS or NDJSON")
@operation(body_media=_FILE, example=TAKEN, problems=(NotFound, Conflict, Unreadable, ChildDied))
@accepts(limit=MAX_BYTES, streamed=True)
async def post_import(
    request: Request,
    source: Sender,
    principal: Importer,
    resume: Annotated[RowId | None, Query(description="An import that was cut off, of the same file")] = None,
) -> FileTaken:
    """The body is the file. It is read while it arrives; GET /v1/imports shows its progress meanwhile.

    Sending a file twice is harmless. The file itself is not kept.
    """
    async with request.app.state.database.connection() as connection:
        row = await sending_source(connection, principal, source, Arrival.imports)
    state = request.app.state
    sandbox = state.sandbox.of(principal.key_id)

    async def notify() -> None:
        await state.notifier.notify("metrics")

    now = datetime.now(UTC)
    done = await while_connected(
        request,
        lambda chunks: import_file(state.database, state.rulesets, sandbox, row, chunks, now, resume=resume, notify=notify),
    )
    return FileTaken(
        **msgspec.structs.asdict(_out(done.row)),
        unmapped=done.unmapped,
        corrected=[CorrectedCode(*one, count) for one, count in done.corrected.items()][:MAX_CORRECTED],
        dates=[DateColumn(*one) for one in done.dates],
        sheets=done.sheets,
        duplicates=done.duplicates,
    )


@router.post("/imports/rehearsal", summary="See how a file would be understood")
@operation(
    response=Rehearsal,
    media=(TEXT,),
    body_media=_FILE,
    example=REHEARSED,
    problems=(NotFound, Unreadable, ChildDied),
)
@accepts(limit=MAX_BYTES, streamed=True)
async def post_rehearsal(request: Request, wanted: TextFormat, source: Sender, principal: Importer) -> Response:
    """A dry run: what the file is, which column is which field, the first rows as understood, problems, and what would change.

    As JSON, or as a page of text for people. Nothing is stored.
    """
    state = request.app.state
    async with state.database.connection() as connection:
        row = await sending_source(connection, principal, source, Arrival.imports)
    sandbox, now = state.sandbox.of(principal.key_id), datetime.now(UTC)
    seen = await while_connected(
        request,
        lambda chunks: rehearse(sandbox, row, chunks, now, database=state.database, rulesets=state.rulesets),
    )
    if wanted.format == "text":
        return Response(page_of(seen, wanted.language), 200, NOT_STORED, wanted.media_type)
    return json_response(seen)


@router.get("/imports", summary="Imports, newest first")
@operation(example={"imports": [IMPORTED], "next_cursor": None}, problems=(NotFound,))
async def read_imports(
    request: Request,
    principal: Importer,
    source: OfSource = None,
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=500, description=ON_A_PAGE)] = 50,
) -> ImportPage:
    """Also those under way."""
    async with request.app.state.database.connection() as connection:
        if source is not None:
            await visible_source(connection, principal, source)
        rows = await imports_store.imports(connection, principal.province, source, CURSOR.decode(cursor), limit + 1)
    page, next_cursor = CURSOR.page(rows, limit, lambda row: row.id)
    return ImportPage([_out(row) for row in page], next_cursor)


@router.get("/imports/{number}", summary="One import")
@operation(example=IMPORTED)
async def read_import(request: Request, number: Number, principal: Importer) -> ImportOut:
    """How far it has come."""
    async with request.app.state.database.connection() as connection:
        return _out(await _visible(connection, principal, number))


@router.post("/imports/{number}/dismiss", summary="Have the rest of a file that was cut off no longer awaited")
@operation(example=DISMISSED, body_example=DISMISSAL, problems=(Conflict,))
async def dismiss_import(request: Request, number: Number, principal: Manager, given: DismissalIn) -> ImportOut:
    """Its rows stay, and figures are no longer incomplete for it. For when the rest came otherwise, or is of no account.

    The dismissal is stored with who and why. Sent again with `resume` it goes on.
    """
    async with request.app.state.database.transaction() as tx:
        await _visible(tx, principal, number)
        await dismiss(tx, number, who=principal.name, why=given.reason)
        return _out(await _visible(tx, principal, number))


@router.post("/imports/{number}/withdraw", summary="Take a file that should not have been sent out again")
@operation(example=WITHDRAWN, body_example=DISMISSAL, problems=(Conflict,))
async def withdraw_import(request: Request, number: Number, principal: Manager, given: DismissalIn) -> ImportOut:
    """Its dossiers are as they would be without it; those that nothing else tells of are gone, and figures follow.

    Files that repeated rows of it are `interrupted`: they are sent again. Should the service stop meanwhile, so is this one:
    withdraw it once more.
    """
    state = request.app.state

    async def notify() -> None:
        await state.notifier.notify("metrics")

    async with state.database.connection() as connection:
        row = await _visible(connection, principal, number)
    await withdraw_sent(state.database, state.rulesets, row, who=principal.name, why=given.reason, notify=notify)
    async with state.database.connection() as connection:
        return _out(await _visible(connection, principal, number))


@router.delete("/imports/{number}/dismissal", summary="Have the rest of a dismissed file awaited again")
@operation(example=INTERRUPTED)
async def await_import(request: Request, number: Number, principal: Manager) -> ImportOut:
    """Nothing else changes; of an import that was not dismissed nothing at all."""
    async with request.app.state.database.transaction() as tx:
        await _visible(tx, principal, number)
        await imports_store.take_back_dismissal(tx, number)
        return _out(await _visible(tx, principal, number))


async def _visible(connection: Connection, principal: Principal, number: int) -> ImportRow:
    return principal.visible(
        await imports_store.imported(connection, number),
        bilingual(
            "There is no import {n}. GET /v1/imports lists them.",
            "Không có lượt nhập {n}. Xem GET /v1/imports.",
            n=number,
        ),
    )


def _out(row: ImportRow) -> ImportOut:
    return ImportOut(**{name: getattr(row, name) for name in ImportOut.__struct_fields__})
