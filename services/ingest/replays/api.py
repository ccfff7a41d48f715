"""Reading quarantined records again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from fastapi import Depends, Request

from services.ingest.parameters import OfSource, Province
from services.ingest.quarantine.api import CURSOR, Number, OfReason
from services.ingest.quarantine.service import visible_province, visible_record
from services.ingest.quarantine.store import records as quarantine_store
from services.ingest.replays.examples import REPLAYED
from services.ingest.replays.service import BATCH_SIZE, ReplayResult, replay
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.database import Connection
from shared.web.operations import Router, operation
from shared.web.paging import CursorParameter

router = Router("quarantine")

Manager = Annotated[Principal, Depends(require("sources:manage"))]


class ReplayOut(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay did."""

    replayed: int
    """Records that were read again."""
    released: int
    """Records that were taken in."""
    rejected: int
    """Records that today's rules cannot read either."""
    changed: list[str]
    """Codes of the dossiers that have a new version because of it."""
    next_cursor: str | None = None
    """Where the next call goes on; null: all are through."""


@router.post("/quarantine/{number}/replay", summary="Read one record again")
@operation(example=REPLAYED)
async def replay_one(request: Request, number: Number, principal: Manager) -> ReplayOut:
    """By the source's settings as they are now. Doing it again changes nothing."""
    async with request.app.state.database.connection() as connection:
        row = await visible_record(connection, principal, number)
    return ReplayOut(**(await _replayed(request, row.province, [row.id]))._asdict())


@router.post("/quarantine/replay", summary="Read all waiting records again, a part at a time")
@operation(example=REPLAYED)
async def replay_all(
    request: Request,
    principal: Manager,
    province: Province,
    source: OfSource = None,
    reason: OfReason = None,
    cursor: CursorParameter = None,
) -> ReplayOut:
    """Call again with `cursor` = `next_cursor` until that is null."""
    async with request.app.state.database.connection() as connection:
        await visible_province(connection, principal, province, source)
        rows = await quarantine_store.records(
            connection,
            province=province,
            source_name=source,
            reason=reason.value if reason else None,
            after=CURSOR.decode(cursor) or 0,
            limit=BATCH_SIZE + 1,
        )
    page, next_cursor = CURSOR.page(rows, BATCH_SIZE, lambda row: row.id)
    done = await _replayed(request, province, [row.id for row in page])
    return ReplayOut(**done._asdict(), next_cursor=next_cursor)


async def _replayed(request: Request, province: str, numbers: list[int]) -> ReplayResult:
    state = request.app.state

    async def effect(tx: Connection) -> ReplayResult:
        return await replay(tx, state.rulesets, province, numbers, datetime.now(UTC))

    done: ReplayResult = await state.database.run(effect)
    if done.changed:
        await state.notifier.notify("metrics")
    return done
