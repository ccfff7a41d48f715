"""Pulls, and the days of sources that send: what came, and what became of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from fastapi import Depends, Query, Request

from services.ingest.parameters import ON_A_PAGE, OfSource, SourceName
from services.ingest.pulls import store as pulls_store
from services.ingest.pulls.examples import PULL
from services.ingest.pulls.store import PullRow, PullState
from services.ingest.sources.api.examples import SOURCE
from services.ingest.sources.api.sources import Manager, SourceOut, source_out
from services.ingest.sources.service import error_for, require_readable, visible_source
from services.ingest.sources.store import sources as sources_store
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.errors import Conflict, NotFound
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter, RowNumber

router = Router("sources")

Watcher = Annotated[Principal, Depends(require("sources:manage", "ops:read"))]


CURSOR = Cursor[int]("pulls", RowNumber)


class PullOut(msgspec.Struct, frozen=True, kw_only=True):
    """One pull, or the day of a source that sends: served = accepted + known + superseded + quarantined, always."""

    id: int
    """Its number."""
    source: str
    """Name of the source."""
    province: str
    """The province."""
    since: datetime | None
    """Lower edge of the window; null: from the beginning."""
    started_at: datetime
    """When it began."""
    finished_at: datetime | None
    """Null while it runs."""
    seconds: float
    """From its beginning to its end, or to its last page so far."""
    state: PullState
    """An `interrupted` one is gone on with by the next; a `failed` one says why."""
    pages: int
    """Pages or requests that came."""
    calls: int
    """Calls to the source, tokens included."""
    served: int
    """Records that came."""
    accepted: int
    """Taken in as something new."""
    known: int
    """Said before, word for word."""
    superseded: int
    """Older than what is known already; kept with the dossier all the same."""
    quarantined: int
    """Could not be read: they wait in quarantine with their reason."""
    verification: str | None
    """How it is known that nothing was skipped, or why it is not; null while that is not known."""
    verified: bool | None
    """Whether nothing was skipped; null while that is not known, and of sources that send."""
    failure: str | None
    """What went wrong, in a word: away, refuses, unreadable, misconfigured, failed."""
    last_error: str | None
    """In a sentence, for keys with the scope sources:manage; null for others."""


class PullPage(msgspec.Struct, frozen=True):
    """Newest first."""

    pulls: list[PullOut]
    """At most `limit`."""
    next_cursor: str | None
    """Give it as `cursor` for the next page; null: this is the last."""


@router.post("/sources/{name}/pull", status_code=202, summary="Pull now")
@operation(example=SOURCE, problems=(Conflict,))
async def pull_now(
    request: Request,
    name: SourceName,
    principal: Manager,
    whole: Annotated[bool, Query(description="From the beginning; what is known stays known")] = False,
) -> SourceOut:
    """The worker starts within a moment; GET /v1/pulls shows how it goes. A disabled or retired source is a 409."""
    async with request.app.state.database.transaction() as tx:
        found = await visible_source(tx, principal, name)
        require_readable(found)
        await (sources_store.forget_cursor if whole else sources_store.make_due)(tx, name, datetime.now(UTC))
    await request.app.state.notifier.notify("ingest", name)
    return source_out(found)


@router.get("/pulls", summary="Pulls, newest first")
@operation(example={"pulls": [PULL], "next_cursor": None}, problems=(NotFound,))
async def read_pulls(
    request: Request,
    principal: Watcher,
    source: OfSource = None,
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=500, description=ON_A_PAGE)] = 50,
) -> PullPage:
    """Every record a pull was served is accepted, known already, superseded, or in quarantine."""
    async with request.app.state.database.connection() as connection:
        if source is not None:
            await visible_source(connection, principal, source)
        rows = await pulls_store.pulls(connection, principal.province, source, CURSOR.decode(cursor), limit + 1)
    page, next_cursor = CURSOR.page(rows, limit, lambda row: row.id)
    return PullPage([_out(row, principal) for row in page], next_cursor)


def _out(row: PullRow, principal: Principal) -> PullOut:
    return PullOut(**{**row._asdict(), "last_error": error_for(principal, row.last_error)})
