"""Quarantine: what could not be read, why, and reading it again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from pydantic import BaseModel, Field

from services.ingest import store
from services.ingest.api.feed import stream_named
from services.ingest.api.sources import source_named
from services.ingest.events import Reason
from services.ingest.quarantine import AT_ONCE, Replay, replay
from services.ingest.reasons import wording
from services.ingest.store.quarantine import QuarantinedRow
from shared.access import Principal, require
from shared.database import Connection
from shared.fields import Line, RowId, SourceName, StreamName
from shared.web.operations import Router
from shared.web.paging import Cursor, CursorParameter, RowNumber

router = Router("quarantine")

Manager = Annotated[Principal, Depends(require("sources:manage"))]
Number = Annotated[RowId, Path()]
CURSOR = Cursor[int]("quarantine", RowNumber)


class Quarantined(BaseModel):
    """A record that waits: whitelisted fields only, as the source wrote them."""

    id: int
    stream: str
    source: str
    reason: Reason
    detail: str = Field(description="The field, and what is wrong with it")
    vi: str
    en: str
    todo_vi: str
    todo_en: str
    code: str | None
    fields: Mapping[str, object]
    pull: int | None
    times: int = Field(description="How often it was served")
    first_at: datetime
    last_at: datetime
    released_at: datetime | None = Field(description="When a replay took it in")


class QuarantinePage(BaseModel):
    """By id."""

    records: list[Quarantined]
    next_cursor: str | None


class Depth(BaseModel):
    """How many records wait, by reason."""

    stream: str
    source: str
    reason: Reason
    records: int
    vi: str
    en: str


class ReplayOut(BaseModel):
    """What a replay did; `changed` are the dossiers that have a new version because of it."""

    replayed: int
    released: int
    still: int = Field(description="Records that today's rules cannot read either")
    changed: list[str]
    next_cursor: str | None = Field(default=None, description="Where the next call goes on; null: all are through")


@router.get("/quarantine", summary="Records that could not be read")
async def read_quarantine(
    request: Request,
    principal: Manager,
    stream: Annotated[StreamName | None, Query()] = None,
    source: Annotated[SourceName | None, Query()] = None,
    reason: Reason | None = None,
    code: Annotated[Line | None, Query(max_length=64)] = None,
    released: Annotated[bool, Query(description="Those that a replay took in, in place of those that wait")] = False,
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> QuarantinePage:
    """Each with a sentence on what is wrong and one on what to do, in both languages."""
    async with request.app.state.database.connection() as connection:
        stream = await _reach(connection, principal, stream, source)
        rows = await store.quarantine.records(
            connection,
            stream=stream,
            source_name=source,
            reason=reason.value if reason else None,
            code=code,
            released=released,
            after=CURSOR.decode(cursor) or 0,
            limit=limit + 1,
        )
    page, next_cursor = CURSOR.page(rows, limit, lambda row: row.id)
    return QuarantinePage(records=[_out(row) for row in page], next_cursor=next_cursor)


@router.get("/quarantine/depth", summary="How many records wait, by source and reason")
async def read_depth(request: Request, principal: Manager) -> dict[str, list[Depth]]:
    """The sum is what still has to be made good."""
    async with request.app.state.database.connection() as connection:
        rows = await store.quarantine.quarantine_depth(connection, principal.stream)
    return {"depth": [Depth(**row._asdict(), vi=wording(row.reason).vi, en=wording(row.reason).en) for row in rows]}


@router.get("/quarantine/{number}", summary="One record")
async def read_one(request: Request, number: Number, principal: Manager) -> Quarantined:
    """Its whitelisted fields, shortened."""
    return _out(await _found(request, number, principal))


@router.post("/quarantine/{number}/replay", summary="Read one record again")
async def replay_one(request: Request, number: Number, principal: Manager) -> ReplayOut:
    """By the source's settings as they are now. Doing it again changes nothing."""
    row = await _found(request, number, principal)
    return ReplayOut(**(await _replayed(request, row.stream, [row.id]))._asdict())


@router.post("/quarantine/replay", summary="Read all waiting records again, a part at a time")
async def replay_all(
    request: Request,
    principal: Manager,
    stream: StreamName,
    source: Annotated[SourceName | None, Query()] = None,
    reason: Reason | None = None,
    cursor: CursorParameter = None,
) -> ReplayOut:
    """Call again with `cursor` = `next_cursor` until that is null."""
    async with request.app.state.database.connection() as connection:
        await _reach(connection, principal, stream, source)
        rows = await store.quarantine.records(
            connection,
            stream=stream,
            source_name=source,
            reason=reason.value if reason else None,
            after=CURSOR.decode(cursor) or 0,
            limit=AT_ONCE + 1,
        )
    page, next_cursor = CURSOR.page(rows, AT_ONCE, lambda row: row.id)
    done = await _replayed(request, stream, [row.id for row in page])
    return ReplayOut(**done._asdict(), next_cursor=next_cursor)


async def _replayed(request: Request, stream: str, numbers: list[int]) -> Replay:
    state = request.app.state

    async def effect(tx: Connection) -> Replay:
        return await replay(tx, state.laws, stream, numbers, datetime.now(UTC))

    done: Replay = await state.database.run(effect)
    if done.changed:
        await state.doorbell.ring("metrics")
    return done


async def _found(request: Request, number: int, principal: Principal) -> QuarantinedRow:
    async with request.app.state.database.connection() as connection:
        row = await store.quarantine.quarantined(connection, number)
    return principal.visible(row, f"There is no record {number} in quarantine. GET /v1/quarantine lists them.")


async def _reach(connection: Connection, principal: Principal, stream: str | None, source: str | None) -> str | None:
    """The stream to look in, None for all; raises `NotFound` for a stream or a source that is not there for this key."""
    if stream is not None:
        await stream_named(connection, principal, stream)
    if source is not None:
        await source_named(connection, principal, source)
    return stream or principal.stream


def _out(row: QuarantinedRow) -> Quarantined:
    return Quarantined(**row._asdict(), **wording(row.reason)._asdict())
