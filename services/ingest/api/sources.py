"""Sources: how a province is connected, and the pulls that anyone can read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeVar

from fastapi import Depends, Path, Query, Request
from pydantic import BaseModel, Field

from services.ingest import sources as adapters
from services.ingest import store
from services.ingest.store.reconciliation import ReconciliationRow
from services.ingest.store.sources import PullRow, SourceRow
from shared.access import Principal, require
from shared.database import Connection
from shared.errors import Conflict
from shared.fields import BodyModel, Data, SourceName, StreamName
from shared.web.operations import Router
from shared.web.paging import Cursor, CursorParameter, RowNumber

Told = TypeVar("Told", PullRow, ReconciliationRow)

MOST_SOURCES = 50
"""Of one province: no agreement needs more, and each costs a share of the worker."""

router = Router("sources")

Name = Annotated[SourceName, Path(examples=["hai-duong"])]
Manager = Annotated[Principal, Depends(require("sources:manage"))]
Watcher = Annotated[Principal, Depends(require("sources:manage", "ops:read"))]
PULLS = Cursor[int]("pulls", RowNumber)


class SourceIn(BodyModel):
    """How a source is reached. Passwords are never sent here: `secret` names one that the operator gave to the worker."""

    stream: StreamName = Field(examples=["30"])
    kind: Literal["igate", "national", "own", "files"] = Field(description="Which adapter speaks with it")
    settings: Data = Field(description="The adapter's settings; see README, Sources")
    secret: str | None = Field(
        default=None,
        max_length=64,
        pattern=r"^[A-Z][A-Z0-9_]*$",
        examples=["HAI_DUONG"],
        description="Name of a password that the operator gave to the worker and bound to this stream and host",
    )
    every_seconds: float = Field(default=60, ge=0.5, le=86_400, description="Pause between two pulls")
    enabled: bool = True


class SourceOut(BaseModel):
    """A source as it stands; `breaker` is the circuit breaker's state after the last pull."""

    name: str
    stream: str
    kind: str
    settings: Mapping[str, object]
    enabled: bool
    every_seconds: float
    place: Mapping[str, object] | None = Field(description="How far it has been read")
    next_at: datetime
    attempts: int = Field(description="Failed pulls in a row")
    breaker: Mapping[str, object] | None
    total: int | None = Field(description="Dossiers the source says it has")


class PullOut(BaseModel):
    """One pull: served = accepted + known + superseded + quarantined, always."""

    id: int
    source: str
    stream: str
    since: datetime | None = Field(description="Lower edge of the window; null: from the beginning")
    started_at: datetime
    finished_at: datetime | None
    seconds: float
    state: Literal["running", "complete", "interrupted", "failed"]
    pages: int
    calls: int
    served: int
    accepted: int
    known: int
    superseded: int
    quarantined: int
    proof: str | None = Field(description="How it is known that nothing was skipped")
    failure: str | None = Field(description="What went wrong, in a word: away, refuses, unreadable, misconfigured, failed")
    last_error: str | None = Field(description="In a sentence, for keys with the scope sources:manage; null for others")


class Pulls(BaseModel):
    """Newest first."""

    pulls: list[PullOut]
    next_cursor: str | None


@router.put("/sources/{name}", summary="Connect a source, or change how it is read")
async def put_source(request: Request, name: Name, body: SourceIn, principal: Manager) -> SourceOut:
    """The place to which it has been read is kept, and so are its stream and its kind: another one is another source (409)."""
    principal.demand_stream(body.stream)
    adapters.check_source(body.stream, body.kind, body.settings, body.secret)
    async with request.app.state.database.transaction() as tx:
        await store.dossiers.ensure_stream(tx, body.stream)
        known = await store.sources.source(tx, name) is not None
        if not known and await store.sources.number_of_sources(tx, body.stream) >= MOST_SOURCES:
            raise Conflict(
                f"Stream {body.stream} has {MOST_SOURCES} sources, and may have no more. Change one of them, or read several"
                " lists under one source."
            )
        kept = await store.sources.put_source(tx, name=name, **body.model_dump(), now=datetime.now(UTC))
        missing = f"There is no source {name} that this key may change. Choose another name."
        found = principal.visible(await store.sources.source(tx, name), missing)
        if not kept:
            raise Conflict(
                f"The source {name} is of the kind {found.kind} in stream {found.stream}, and stays so: what it has said"
                " belongs there. Connect the other one under another name."
            )
    await request.app.state.doorbell.ring("ingest", name)
    return SourceOut(**found._asdict())


@router.get("/sources", summary="All sources")
async def read_sources(request: Request, principal: Manager) -> dict[str, list[SourceOut]]:
    """With their places and the state of their circuit breakers."""
    async with request.app.state.database.connection() as connection:
        return {"sources": [SourceOut(**row._asdict()) for row in await store.sources.sources(connection, principal.stream)]}


@router.get("/sources/{name}", summary="One source")
async def read_source(request: Request, name: Name, principal: Manager) -> SourceOut:
    """With its place and the state of its circuit breaker."""
    async with request.app.state.database.connection() as connection:
        return SourceOut(**(await source_named(connection, principal, name))._asdict())


@router.post("/sources/{name}/pull", status_code=202, summary="Pull now")
async def pull_now(
    request: Request,
    name: Name,
    principal: Manager,
    whole: Annotated[bool, Query(description="From the beginning; what is known stays known")] = False,
) -> SourceOut:
    """The worker starts within a moment; GET /v1/pulls shows how it goes."""
    async with request.app.state.database.transaction() as tx:
        found = await source_named(tx, principal, name)
        await (store.sources.forget_place if whole else store.sources.make_due)(tx, name, datetime.now(UTC))
    await request.app.state.doorbell.ring("ingest", name)
    return SourceOut(**found._asdict())


@router.get("/pulls", summary="Pulls, newest first")
async def read_pulls(
    request: Request,
    principal: Watcher,
    source: Annotated[SourceName | None, Query()] = None,
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Pulls:
    """Every record a pull was served is accepted, known already, superseded, or in quarantine."""
    async with request.app.state.database.connection() as connection:
        if source is not None:
            await source_named(connection, principal, source)
        rows = await store.sources.pulls(connection, principal.stream, source, PULLS.decode(cursor), limit + 1)
    page, next_cursor = PULLS.page(rows, limit, lambda row: row.id)
    return Pulls(pulls=[PullOut(**without_words(row, principal)._asdict()) for row in page], next_cursor=next_cursor)


async def source_named(connection: Connection, principal: Principal, name: str) -> SourceRow:
    """The source; raises `NotFound` when there is none or the key may not see it."""
    row = await store.sources.source(connection, name)
    return principal.visible(row, f"There is no source {name}. PUT /v1/sources/{name} connects one.")


def without_words(row: Told, principal: Principal) -> Told:
    """A row as a key may see it: how a source answers says what there is at its address, which is for those who manage it."""
    return row if "sources:manage" in principal.scopes else row._replace(last_error=None)
