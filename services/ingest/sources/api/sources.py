"""Sources: how a province is connected, and the pulls that anyone can read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeVar

import msgspec
from fastapi import Depends, Query, Request
from pydantic import Field

from services.ingest import sources as adapters
from services.ingest.components import SourcePlace
from services.ingest.dossiers import store as dossiers_store
from services.ingest.parameters import ON_A_PAGE, OfSource, SourceName
from services.ingest.reconciliation.store import ReconciliationRow
from services.ingest.sources.api.examples import PULL, SOURCE
from services.ingest.sources.store import sources as sources_store
from services.ingest.sources.store.sources import PullRow, PullState, SourceRow
from shared.access import Principal, require
from shared.database import Connection
from shared.errors import Conflict, Invalid, NotFound
from shared.fields import BodyModel, JsonObject, Line, ProvinceCode
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter, RowNumber

Told = TypeVar("Told", PullRow, ReconciliationRow)

MOST_SOURCES = 50
"""Of one province: no agreement needs more, and each costs a share of the worker."""

RESERVED = frozenset({"kinds"})
"""Names that stand for something else in an address."""

router = Router("sources")

Manager = Annotated[Principal, Depends(require("sources:manage"))]
Watcher = Annotated[Principal, Depends(require("sources:manage", "ops:read"))]
PULLS = Cursor[int]("pulls", RowNumber)


class SourceIn(BodyModel):
    """How a source is reached. Passwords are never sent here: `secret` names one that the operator gave to the worker."""

    province: ProvinceCode = Field(examples=["30"], description="The province that it speaks of")
    kind: Line = Field(max_length=32, description="Which adapter speaks with it: `GET /v1/sources/kinds`")
    settings: JsonObject = Field(description="The adapter's settings; what is left out has its default")
    secret: str | None = Field(
        default=None,
        max_length=64,
        pattern=r"^[A-Z][A-Z0-9_]*$",
        examples=["HAI_DUONG"],
        description="Name of a password that the operator gave to the worker and bound to this province and host",
    )
    every_seconds: float = Field(default=60, ge=0.5, le=86_400, description="Pause between two pulls")
    enabled: bool = Field(default=True, description="Whether it is read; false ends a running pull within seconds")


class Breaker(msgspec.Struct, frozen=True, kw_only=True):
    """The circuit breaker of a source: after many failures in a row it is left alone for a while."""

    state: Literal["closed", "open", "half_open"]
    """`open`: it is not asked; `half_open`: one call tries whether it answers again."""
    since: datetime
    """When it got into this state."""
    failures: int
    """Failures in a row."""
    opened: int
    """How often in a row it was opened; the pause is doubled each time."""
    last_failure: str | None
    """What the last failure was, in a word."""


class SourceOut(msgspec.Struct, frozen=True, kw_only=True):
    """A source as it stands."""

    name: str
    """Its name, which the address chose."""
    province: str
    """The province that it speaks of."""
    kind: str
    """Which adapter speaks with it."""
    settings: Mapping[str, object]
    """The adapter's settings as they were given; what is left out has its default."""
    enabled: bool
    """Whether it is read."""
    every_seconds: float
    """Pause between two pulls, in seconds."""
    place: SourcePlace | None
    """How far it has been read; null: from the beginning, or it sends by itself."""
    next_at: datetime
    """When it is due to be read."""
    attempts: int
    """Failed pulls in a row."""
    breaker: Breaker | None
    """State of its circuit breaker after the last pull; null before the first."""
    total: int | None
    """Dossiers the source says it has; null where it does not say."""


class Sources(msgspec.Struct, frozen=True):
    """By name."""

    sources: list[SourceOut]
    """All that the key may see."""


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
    proof: str | None
    """How it is known that nothing was skipped; null while that is not known."""
    failure: str | None
    """What went wrong, in a word: away, refuses, unreadable, misconfigured, failed."""
    last_error: str | None
    """In a sentence, for keys with the scope sources:manage; null for others."""


class Pulls(msgspec.Struct, frozen=True):
    """Newest first."""

    pulls: list[PullOut]
    """At most `limit`."""
    next_cursor: str | None
    """Give it as `cursor` for the next page; null: this is the last."""


def _connecting() -> dict[str, object]:
    """A body for each kind, by what kind it is."""
    return {
        kind.SUMMARY: {"province": "30", "kind": name, "settings": kind.EXAMPLE_SETTINGS}
        for name, kind in adapters.KINDS.items()
    }


@router.put("/sources/{name}", summary="Connect a source, or change how it is read")
@operation(body_examples=_connecting(), example=SOURCE, problems=(Conflict,))
async def put_source(request: Request, name: SourceName, body: SourceIn, principal: Manager) -> SourceOut:
    """How far it has been read is kept, and so are its province and its kind: another one is another source (409)."""
    principal.demand_province(body.province)
    if name in RESERVED:
        raise Invalid(f"A source cannot be named {name}: GET /v1/sources/{name} is another answer. Choose another name.")
    adapters.check_source(body.province, body.kind, body.settings, body.secret)
    async with request.app.state.database.transaction() as tx:
        await dossiers_store.ensure_province(tx, body.province)
        known = await sources_store.source(tx, name) is not None
        if not known and await sources_store.number_of_sources(tx, body.province) >= MOST_SOURCES:
            raise Conflict(
                f"Province {body.province} has {MOST_SOURCES} sources, and may have no more. Change one of them, or read"
                " several lists under one source."
            )
        kept = await sources_store.put_source(tx, name=name, **body.model_dump(), now=datetime.now(UTC))
        missing = f"There is no source {name} that this key may change. Choose another name."
        found = principal.visible(await sources_store.source(tx, name), missing)
        if not kept:
            raise Conflict(
                f"The source {name} is of the kind {found.kind} in province {found.province}, and stays so: what it has said"
                " belongs there. Connect the other one under another name."
            )
    await request.app.state.notifier.notify("ingest", name)
    return _out(found)


@router.get("/sources", summary="All sources")
@operation(example={"sources": [SOURCE]})
async def read_sources(request: Request, principal: Manager) -> Sources:
    """With their places and the state of their circuit breakers."""
    async with request.app.state.database.connection() as connection:
        return Sources([_out(row) for row in await sources_store.sources(connection, principal.province)])


@router.get("/sources/{name}", summary="One source")
@operation(example=SOURCE)
async def read_source(request: Request, name: SourceName, principal: Manager) -> SourceOut:
    """With its place and the state of its circuit breaker."""
    async with request.app.state.database.connection() as connection:
        return _out(await source_named(connection, principal, name))


@router.post("/sources/{name}/pull", status_code=202, summary="Pull now")
@operation(example=SOURCE)
async def pull_now(
    request: Request,
    name: SourceName,
    principal: Manager,
    whole: Annotated[bool, Query(description="From the beginning; what is known stays known")] = False,
) -> SourceOut:
    """The worker starts within a moment; GET /v1/pulls shows how it goes."""
    async with request.app.state.database.transaction() as tx:
        found = await source_named(tx, principal, name)
        await (sources_store.forget_place if whole else sources_store.make_due)(tx, name, datetime.now(UTC))
    await request.app.state.notifier.notify("ingest", name)
    return _out(found)


@router.get("/pulls", summary="Pulls, newest first")
@operation(example={"pulls": [PULL], "next_cursor": None}, problems=(NotFound,))
async def read_pulls(
    request: Request,
    principal: Watcher,
    source: OfSource = None,
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=500, description=ON_A_PAGE)] = 50,
) -> Pulls:
    """Every record a pull was served is accepted, known already, superseded, or in quarantine."""
    async with request.app.state.database.connection() as connection:
        if source is not None:
            await source_named(connection, principal, source)
        rows = await sources_store.pulls(connection, principal.province, source, PULLS.decode(cursor), limit + 1)
    page, next_cursor = PULLS.page(rows, limit, lambda row: row.id)
    return Pulls([PullOut(**without_words(row, principal)._asdict()) for row in page], next_cursor)


def _out(row: SourceRow) -> SourceOut:
    fields = {name: getattr(row, name) for name in SourceOut.__struct_fields__}
    return SourceOut(**{**fields, "breaker": msgspec.convert(row.breaker, Breaker | None)})


async def source_named(connection: Connection, principal: Principal, name: str) -> SourceRow:
    """The source; raises `NotFound` when there is none or the key may not see it."""
    row = await sources_store.source(connection, name)
    return principal.visible(row, f"There is no source {name}. PUT /v1/sources/{name} connects one.")


def without_words(row: Told, principal: Principal) -> Told:
    """A row as a key may see it: how a source answers says what there is at its address, which is for those who manage it."""
    return row if "sources:manage" in principal.scopes else row._replace(last_error=None)
