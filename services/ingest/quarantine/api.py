"""Quarantine: what could not be read, why, and dismissing it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from fastapi import Depends, Path, Query, Request
from pydantic import Field, StringConstraints

from services.ingest.components import RecordFields
from services.ingest.events.model import Reason
from services.ingest.events.reasons import wording
from services.ingest.parameters import ON_A_PAGE, OfProvince, OfSource, Province
from services.ingest.quarantine.examples import DEPTH, DISMISSAL, QUARANTINED
from services.ingest.quarantine.model import ReleasedBy
from services.ingest.quarantine.service import visible_province, visible_record, visible_sources
from services.ingest.quarantine.store import records as quarantine_store
from services.ingest.quarantine.store.records import QuarantinedRow, RecordState, WaitingRow
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.errors import NotFound
from shared.fields import BodyModel, Line, RowId
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter, RowNumber

router = Router("quarantine")

Viewer = Annotated[Principal, Depends(require("sources:manage", "events:write"))]
Manager = Annotated[Principal, Depends(require("sources:manage"))]
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
    """How often it was served. Equal records of one file, request or page are records of their own."""
    first_at: datetime
    """When it was served first."""
    last_at: datetime
    """When it was served last."""
    released_at: datetime | None
    """When it was made good; null: it was not."""
    released_by: ReleasedBy | None
    """`read`: its dossier was read cleanly later; `replayed`: a replay took it in; `gone`: a whole reading of its source did
    not serve it any more, or nothing is kept of the file that it was in."""
    dismissed_at: datetime | None
    """When somebody dismissed it; null: nobody did."""
    dismissed_by: str | None
    """Name of the key by which it was dismissed."""
    dismissed_for: str | None
    """The reason that was given."""


class DismissalIn(BodyModel):
    """Why records need not be read, or files not be there."""

    reason: Annotated[Line, StringConstraints(strip_whitespace=True)] = Field(
        min_length=1,
        max_length=500,
        description="It is stored with who did it",
        examples=["Test dossiers of the software's vendor"],
    )


class DismissalResult(msgspec.Struct, frozen=True):
    """What a dismissal did."""

    dismissed: int
    """Records that wait no longer."""


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
    servings: int
    """How often they were served."""
    since: datetime
    """When the first of them was served first."""
    vi: str
    """What is wrong, in Vietnamese."""
    en: str
    """What is wrong, in English."""


class ProvinceDepth(msgspec.Struct, frozen=True, kw_only=True):
    """How many records of a province wait."""

    province: str
    """The province."""
    records: int
    """How many wait."""
    servings: int
    """How often they were served."""
    since: datetime
    """When the first of them was served first."""


class QuarantineDepth(msgspec.Struct, frozen=True):
    """How many records wait."""

    depth: list[WaitingRecords]
    """By source and reason; empty when nothing waits."""
    provinces: list[ProvinceDepth]
    """By province."""


@router.get("/quarantine", summary="Records that could not be read")
@operation(example={"records": [QUARANTINED], "next_cursor": None}, problems=(NotFound,))
async def read_quarantine(
    request: Request,
    principal: Viewer,
    province: OfProvince = None,
    source: OfSource = None,
    reason: OfReason = None,
    code: Annotated[Line | None, Query(max_length=64, description="Of the dossier with this code")] = None,
    state: Annotated[
        RecordState, Query(description="Those that wait, that were made good, or that somebody dismissed")
    ] = "waiting",
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
            state=state,
            sources=await visible_sources(connection, principal),
            after=CURSOR.decode(cursor) or 0,
            limit=limit + 1,
        )
    page, next_cursor = CURSOR.page(rows, limit, lambda row: row.id)
    return QuarantinePage(records=[_out(row) for row in page], next_cursor=next_cursor)


@router.get("/quarantine/depth", summary="How many records wait")
@operation(example=DEPTH, problems=(NotFound,))
async def read_depth(request: Request, principal: Viewer, province: OfProvince = None) -> QuarantineDepth:
    """By source and reason, and by province: what still has to be made good."""
    async with request.app.state.database.connection() as connection:
        province = await visible_province(connection, principal, province, None)
        names = await visible_sources(connection, principal)
        rows = await quarantine_store.quarantine_depth(connection, province, names)
    by_province: dict[str, list[WaitingRow]] = {}
    for row in rows:
        by_province.setdefault(row.province, []).append(row)
    worded = ((row, wording(row.reason)) for row in rows)
    return QuarantineDepth(
        [WaitingRecords(**{**row._asdict(), "reason": Reason(row.reason)}, vi=words.vi, en=words.en) for row, words in worded],
        [
            ProvinceDepth(
                province=name,
                records=sum(row.records for row in of_one),
                servings=sum(row.servings for row in of_one),
                since=min(row.since for row in of_one),
            )
            for name, of_one in by_province.items()
        ],
    )


@router.post("/quarantine/dismiss", summary="Have waiting records wait no longer")
@operation(example={"dismissed": 223}, body_example=DISMISSAL, problems=(NotFound,))
async def dismiss_all(
    request: Request,
    principal: Manager,
    province: Province,
    given: DismissalIn,
    source: OfSource = None,
    reason: OfReason = None,
) -> DismissalResult:
    """Those of a province, of a source of it, for a reason. The dismissal is stored with who and why.

    What is served again as it was stays dismissed; with other content it waits anew.
    """
    async with request.app.state.database.transaction() as tx:
        await visible_province(tx, principal, province, source)
        dismissed = await quarantine_store.dismiss(
            tx,
            province,
            who=principal.name,
            why=given.reason,
            now=datetime.now(UTC),
            source_name=source,
            reason=reason.value if reason else None,
        )
    return DismissalResult(dismissed)


@router.post("/quarantine/{number}/dismiss", summary="Have one record wait no longer")
@operation(example=QUARANTINED, body_example=DISMISSAL)
async def dismiss_one(request: Request, number: Number, principal: Manager, given: DismissalIn) -> QuarantinedRecord:
    """The dismissal is stored with who and why. Served again as it was, the record stays dismissed."""
    async with request.app.state.database.transaction() as tx:
        row = await visible_record(tx, principal, number)
        await quarantine_store.dismiss(
            tx, row.province, who=principal.name, why=given.reason, now=datetime.now(UTC), number=row.id
        )
        return _out(await visible_record(tx, principal, number))


@router.delete("/quarantine/{number}/dismissal", summary="Have a dismissed record wait again")
@operation(example=QUARANTINED)
async def take_back_dismissal(request: Request, number: Number, principal: Manager) -> QuarantinedRecord:
    """Nothing else changes; of a record that was not dismissed nothing at all."""
    async with request.app.state.database.transaction() as tx:
        row = await visible_record(tx, principal, number)
        await quarantine_store.take_back_dismissal(tx, row.id)
        return _out(await visible_record(tx, principal, number))


@router.get("/quarantine/{number}", summary="One record")
@operation(example=QUARANTINED)
async def read_one(request: Request, number: Number, principal: Viewer) -> QuarantinedRecord:
    """Its whitelisted fields, shortened."""
    async with request.app.state.database.connection() as connection:
        return _out(await visible_record(connection, principal, number))


def _out(row: QuarantinedRow) -> QuarantinedRecord:
    return QuarantinedRecord(**{**row._asdict(), "reason": Reason(row.reason)}, **wording(row.reason)._asdict())
