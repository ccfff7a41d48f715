"""Quarantine: what could not be read, why, and reading it again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import Depends, Path, Query, Request

from services.ingest.components import RecordFields
from services.ingest.events.model import Reason
from services.ingest.events.reasons import wording
from services.ingest.parameters import ON_A_PAGE, OfProvince, OfSource
from services.ingest.quarantine import store as quarantine_store
from services.ingest.quarantine.examples import DEPTH, QUARANTINED
from services.ingest.quarantine.service import visible_province, visible_record, visible_sources
from services.ingest.quarantine.store import QuarantinedRow
from shared.access.principals import Principal, require
from shared.errors import NotFound
from shared.fields import Line, RowId
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter, RowNumber

router = Router("quarantine")

Viewer = Annotated[Principal, Depends(require("sources:manage", "events:write"))]
Number = Annotated[RowId, Path(description="Number of the record in quarantine", examples=[1702])]
OfReason = Annotated[Reason | None, Query(description="Of those that wait for this reason")]
CURSOR = Cursor[int]("quarantine", RowNumber)


class QuarantinedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record that waits: whitelisted fields only, as the source wrote them."""

    id: int
    """Its number in quarantine."""
    province: str
    """The province."""
    source: str
    """Who sent it."""
    reason: Reason
    """Why it cannot be read."""
    detail: str
    """The field, and what is wrong with it."""
    vi: str
    """What is wrong, in Vietnamese."""
    en: str
    """What is wrong, in English."""
    todo_vi: str
    """What to do about it, in Vietnamese."""
    todo_en: str
    """What to do about it, in English."""
    code: str | None
    """Code of its dossier; null where it has none, or what stands there may be none."""
    fields: RecordFields
    """Those of its fields that may be kept, as the source wrote them, shortened."""
    pull: int | None
    """Number of the pull, or of the day of a source that sends, in which it came last; null: it came in a file."""
    times: int
    """How often it was served."""
    first_at: datetime
    """When it was served first."""
    last_at: datetime
    """When it was served last."""
    released_at: datetime | None
    """When a replay took it in; null while it waits."""


class QuarantinePage(msgspec.Struct, frozen=True):
    """By id."""

    records: list[QuarantinedRecord]
    """At most `limit`."""
    next_cursor: str | None
    """Give it as `cursor` for the next page; null: this is the last."""


class WaitingRecords(msgspec.Struct, frozen=True, kw_only=True):
    """How many records of a source wait for one reason."""

    province: str
    """The province."""
    source: str
    """Who sent them."""
    reason: Reason
    """Why they cannot be read."""
    records: int
    """How many wait."""
    vi: str
    """What is wrong, in Vietnamese."""
    en: str
    """What is wrong, in English."""


class QuarantineDepth(msgspec.Struct, frozen=True):
    """How many records wait, by source and reason."""

    depth: list[WaitingRecords]
    """Empty when nothing waits."""


@router.get("/quarantine", summary="Records that could not be read")
@operation(example={"records": [QUARANTINED], "next_cursor": None}, problems=(NotFound,))
async def read_quarantine(
    request: Request,
    principal: Viewer,
    province: OfProvince = None,
    source: OfSource = None,
    reason: OfReason = None,
    code: Annotated[Line | None, Query(max_length=64, description="Of the dossier with this code")] = None,
    released: Annotated[bool, Query(description="Those that a replay took in, in place of those that wait")] = False,
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=1000, description=ON_A_PAGE)] = 100,
) -> QuarantinePage:
    """Each with a sentence on what is wrong and one on what to do, in both languages.

    A key that may only send (`events:write`) sees the records of sources that send.
    """
    async with request.app.state.database.connection() as connection:
        province = await visible_province(connection, principal, province, source)
        rows = await quarantine_store.records(
            connection,
            province=province,
            source_name=source,
            reason=reason.value if reason else None,
            code=code,
            released=released,
            sources=await visible_sources(connection, principal),
            after=CURSOR.decode(cursor) or 0,
            limit=limit + 1,
        )
    page, next_cursor = CURSOR.page(rows, limit, lambda row: row.id)
    return QuarantinePage(records=[_out(row) for row in page], next_cursor=next_cursor)


@router.get("/quarantine/depth", summary="How many records wait, by source and reason")
@operation(example=DEPTH)
async def read_depth(request: Request, principal: Viewer) -> QuarantineDepth:
    """The sum is what still has to be made good."""
    async with request.app.state.database.connection() as connection:
        names = await visible_sources(connection, principal)
        rows = await quarantine_store.quarantine_depth(connection, principal.province, names)
    worded = ((row, wording(row.reason)) for row in rows)
    return QuarantineDepth(
        [WaitingRecords(**{**row._asdict(), "reason": Reason(row.reason)}, vi=words.vi, en=words.en) for row, words in worded]
    )


@router.get("/quarantine/{number}", summary="One record")
@operation(example=QUARANTINED)
async def read_one(request: Request, number: Number, principal: Viewer) -> QuarantinedRecord:
    """Its whitelisted fields, shortened."""
    async with request.app.state.database.connection() as connection:
        return _out(await visible_record(connection, principal, number))


def _out(row: QuarantinedRow) -> QuarantinedRecord:
    return QuarantinedRecord(**{**row._asdict(), "reason": Reason(row.reason)}, **wording(row.reason)._asdict())
