"""The door for files: sent as they are, read while they arrive, rehearsed before they count."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Depends, Path, Query, Request, Response
from pydantic import BaseModel, Field

from services.ingest import store
from services.ingest.api.events import SourceName, source_of
from services.ingest.api.sources import source_named
from services.ingest.api.uploads import attended
from services.ingest.importing import Rehearsal, rehearse, take_file
from shared import fields
from shared.access import Principal, require
from shared.fields import RowId
from shared.spreadsheets import XLSX
from shared.web.answers import answer
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter, RowNumber
from shared.web.routes import takes

router = Router("imports")

Manager = Annotated[Principal, Depends(require("sources:manage"))]
MAX_BYTES = 8 * 1024**3
CURSOR = Cursor[int]("imports", RowNumber)

_BODY = {
    "required": True,
    "content": {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        "text/csv": {"schema": {"type": "string", "format": "binary"}},
        "application/x-ndjson": {"schema": {"type": "string", "format": "binary"}},
        XLSX: {"schema": {"type": "string", "format": "binary"}},
        "application/vnd.ms-excel": {"schema": {"type": "string", "format": "binary"}},
    },
}


class ImportOut(BaseModel):
    """How far a file has come: row_count = accepted + known + superseded + quarantined, always."""

    id: int
    source: str
    stream: str
    state: Literal["running", "complete", "interrupted", "failed"]
    row_count: int
    accepted: int
    known: int
    superseded: int
    quarantined: int
    started_at: datetime
    touched_at: datetime = Field(description="When the last rows were stored")
    finished_at: datetime | None
    last_error: str | None


class Imports(BaseModel):
    """Newest first."""

    imports: list[ImportOut]
    next_cursor: str | None


@router.post("/imports", summary="Send a file: CSV, XLSX, XLS or NDJSON", openapi_extra={"requestBody": _BODY})
@takes(limit=MAX_BYTES, streamed=True)
async def post_import(
    request: Request,
    source: SourceName,
    principal: Manager,
    resume: Annotated[RowId | None, Query(description="An import that was cut off, of the same file")] = None,
) -> ImportOut:
    """The body is the file. It is read while it arrives; GET /v1/imports shows its progress meanwhile.

    Sending a file twice is harmless. The file itself is not kept.
    """
    row = await source_of(request, source, "files", principal)
    state = request.app.state

    async def ring() -> None:
        await state.doorbell.ring("metrics")

    now = datetime.now(UTC)
    done = await attended(
        request,
        lambda pieces: take_file(state.database, state.laws, state.sandbox, row, pieces, now, resume=resume, ring=ring),
    )
    return ImportOut(**done._asdict())


@router.post(
    "/imports/rehearsal",
    summary="See how a file would be understood",
    openapi_extra={"requestBody": _BODY},
)
@operation(answer=Rehearsal)
@takes(limit=MAX_BYTES, streamed=True)
async def post_rehearsal(request: Request, source: SourceName, principal: Manager) -> Response:
    """A dry run: which column is which field, the first rows as understood, and every problem. Nothing is stored."""
    row = await source_of(request, source, "files", principal)
    sandbox, now = request.app.state.sandbox, datetime.now(UTC)
    return answer(await attended(request, lambda pieces: rehearse(sandbox, row, pieces, now)))


@router.get("/imports", summary="Imports, newest first")
async def read_imports(
    request: Request,
    principal: Manager,
    source: Annotated[fields.SourceName | None, Query()] = None,
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Imports:
    """Also those under way."""
    async with request.app.state.database.connection() as connection:
        if source is not None:
            await source_named(connection, principal, source)
        rows = await store.imports.imports(connection, principal.stream, source, CURSOR.decode(cursor), limit + 1)
    page, next_cursor = CURSOR.page(rows, limit, lambda row: row.id)
    return Imports(imports=[ImportOut(**row._asdict()) for row in page], next_cursor=next_cursor)


@router.get("/imports/{number}", summary="One import")
async def read_import(request: Request, number: Annotated[RowId, Path()], principal: Manager) -> ImportOut:
    """How far it has come."""
    async with request.app.state.database.connection() as connection:
        row = await store.imports.imported(connection, number)
    found = principal.visible(row, f"There is no import {number}. GET /v1/imports lists them.")
    return ImportOut(**found._asdict())
