"""Sources: how each of a province is connected and read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from fastapi import Depends, Request
from pydantic import Field, StringConstraints

from services.ingest.components import Example, SourceCursor
from services.ingest.parameters import SourceName
from services.ingest.provinces.service import ensured
from services.ingest.sources.api.examples import SENT_AGAIN, SENT_AGAIN_FOR, SOURCE
from services.ingest.sources.decoding import fetching_of, reading_of
from services.ingest.sources.kinds import KINDS
from services.ingest.sources.model import Arrival
from services.ingest.sources.service import visible_source
from services.ingest.sources.settings import check_settings
from services.ingest.sources.store import readings
from services.ingest.sources.store import sources as sources_store
from services.ingest.sources.store.sources import SourceRow
from services.ingest.sources.traits import is_pulled, kinds_that_come
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.errors import Conflict, FieldFault, Invalid, NotFound
from shared.fields import BodyModel, JsonObject, Line, ProvinceCode
from shared.languages import Bilingual, bilingual
from shared.web.operations import Router, operation

MAX_SOURCES = 50
"""Of one province: no agreement needs more, and each costs a share of the worker."""

RESERVED = frozenset({"kinds"})
"""Names that stand for something else in an address."""

router = Router("sources")

Manager = Annotated[Principal, Depends(require("sources:manage"))]


_PULLED = Bilingual(
    "This source is pulled: `every_seconds` says how often. Leave `expected_every_seconds` out.",
    "Nguồn này do hệ thống tự kéo: `every_seconds` cho biết tần suất. Bỏ `expected_every_seconds`.",
)


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
    expected_every_seconds: float | None = Field(
        default=None,
        ge=60,
        le=366 * 86_400,
        examples=[86_400],
        description="Of a source that sends or comes in files: how often something comes of it; silent for longer, figures are"
        " not complete. None: nobody says. A pulled one has `every_seconds`",
    )
    enabled: bool = Field(
        default=True,
        description="Whether it is read; false ends a running pull within seconds; what it has is awaited until it is retired",
    )


class SentAgainIn(BodyModel):
    """How it is known that a source sent everything again."""

    reason: Annotated[Line, StringConstraints(strip_whitespace=True)] = Field(
        min_length=1,
        max_length=500,
        description="It is stored with who said so",
        examples=["The software's vendor sent all dossiers since 2020 on Sunday"],
    )


class Breaker(msgspec.Struct, frozen=True, kw_only=True):
    """The circuit breaker of a source: after many failures in a row it is left alone for a while."""

    state: Literal["closed", "open", "half_open"]
    """`open`: it is not asked; `half_open`: one call tries whether it answers again."""
    since: datetime
    """When it got into this state."""
    failures: int
    """Failures in a row."""
    times_opened: int
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
    secret: str | None
    """Name of its password, which the operator gave to the worker: never the password; null: it needs none."""
    reading: int
    """By which reading its records are read now: moves with its settings and with the software. Events bear theirs."""
    reread_since: datetime | None
    """Since when dossiers of it are of another reading than now: a portal is being read whole again, another one has to send
    everything again; null: none are."""
    sent_again_at: datetime | None
    """When somebody said that it had sent everything again; null: nobody did."""
    sent_again_by: str | None
    """Name of the key by which it was said."""
    sent_again_for: str | None
    """How it was known."""
    enabled: bool
    """Whether it is read."""
    retired_at: datetime | None
    """Since when nothing is expected of it any more; null: it is in use."""
    retired_by: str | None
    """Name of the key by which it was retired; null: it is in use, or nobody was asked."""
    retired_for: str | None
    """Why."""
    dismissed_at: datetime | None
    """When somebody dismissed what nobody proved of it before it was retired; null: nobody did."""
    dismissed_by: str | None
    """Name of the key by which it was dismissed."""
    dismissed_for: str | None
    """Why."""
    every_seconds: float
    """Pause between two pulls, in seconds."""
    expected_every_seconds: float | None
    """Of a source that sends or comes in files: how often something comes of it, in seconds; null: nobody says."""
    cursor: SourceCursor | None
    """How far it has been read; null: from the beginning, or it sends by itself."""
    next_at: datetime
    """When it is due to be read."""
    attempts: int
    """Failed pulls in a row."""
    breaker: Breaker | None
    """State of its circuit breaker after the last pull; null before the first."""
    total: int | None
    """Dossiers the source says it has; null where it does not say."""


class SourceList(msgspec.Struct, frozen=True):
    """By name."""

    sources: list[SourceOut]
    """All that the key may see."""


def example_body(name: str) -> Example:
    """What connects a source of a kind."""
    kind = KINDS[name]
    body: Example = {"province": "30", "kind": name, "settings": kind.EXAMPLE_SETTINGS}
    if is_pulled(name):
        return {**body, "secret": "HAI_DUONG", "every_seconds": 60}
    return {**body, "expected_every_seconds": 86_400}


def _connecting() -> dict[str, object]:
    """A body for each kind, by what kind it is."""
    return {kind.SUMMARY: example_body(name) for name, kind in KINDS.items()}


@router.put("/sources/{name}", summary="Connect a source, or change how it is read")
@operation(body_examples=_connecting(), example=SOURCE, problems=(Conflict,))
async def put_source(request: Request, name: SourceName, body: SourceIn, principal: Manager) -> SourceOut:
    """Its province and its kind are kept: another one is another source (409). How far it has been read is kept as well.

    Unless the new settings make something else of its records (words, clock, codes, address): then figures are `unverified`
    until all of it was read by them. A portal is read whole again by itself; one that sends is asked to send everything
    again, and `POST /v1/sources/{name}/sent-again` says that it did.
    """
    principal.demand_province(body.province)
    if name in RESERVED:
        raise Invalid(
            bilingual(
                "A source cannot be named {name}: GET /v1/sources/{name} is another route. Choose another name.",
                "Không thể đặt tên nguồn là {name}: GET /v1/sources/{name} là địa chỉ khác. Chọn tên khác.",
                name=name,
            )
        )
    check_settings(body.province, body.kind, body.settings, body.secret)
    if body.expected_every_seconds is not None and body.kind in kinds_that_come(Arrival.pulled):
        raise Invalid.of_fields([FieldFault("body.expected_every_seconds", _PULLED, "not_applicable")])
    async with request.app.state.database.transaction() as tx:
        await ensured(tx, body.province)
        known = await sources_store.source(tx, name) is not None
        if not known and await sources_store.number_of_sources(tx, body.province) >= MAX_SOURCES:
            raise Conflict(
                bilingual(
                    "Province {province} has {n} sources, and may have no more. Change one of them, or read several lists"
                    " under one source.",
                    "Tỉnh {province} đã có {n} nguồn, là mức tối đa. Sửa một nguồn có sẵn, hoặc đọc nhiều danh sách trong một"
                    " nguồn.",
                    province=body.province,
                    n=MAX_SOURCES,
                )
            )
        kept = await sources_store.put_source(
            tx, name=name, **body.model_dump(), now=datetime.now(UTC), fetching=fetching_of(body.kind)
        )
        missing = bilingual(
            "There is no source {name} that this key may change. Choose another name.",
            "Không có nguồn {name} mà khóa này được sửa. Chọn tên khác.",
            name=name,
        )
        found = principal.visible(await sources_store.source(tx, name), missing)
        if not kept:
            raise Conflict(
                bilingual(
                    "The source {name} is of the kind {kind} in province {province}, and stays so: its records belong there."
                    " Connect the other one"
                    " under another name.",
                    "Nguồn {name} thuộc loại {kind} của tỉnh {province} và không đổi được: dữ liệu của nó thuộc về đó. Kết"
                    " nối nguồn kia bằng tên"
                    " khác.",
                    name=name,
                    kind=found.kind,
                    province=found.province,
                )
            )
    await request.app.state.notifier.notify("ingest", name)
    return source_out(found)


@router.get("/sources", summary="All sources")
@operation(example={"sources": [SOURCE]})
async def read_sources(request: Request, principal: Manager) -> SourceList:
    """With their places and the state of their circuit breakers."""
    async with request.app.state.database.connection() as connection:
        return SourceList([source_out(row) for row in await sources_store.sources(connection, principal.province)])


@router.get("/sources/{name}", summary="One source")
@operation(example=SOURCE)
async def read_source(request: Request, name: SourceName, principal: Manager) -> SourceOut:
    """With its cursor and the state of its circuit breaker."""
    async with request.app.state.database.connection() as connection:
        return source_out(await visible_source(connection, principal, name))


@router.post("/sources/{name}/sent-again", summary="Say that a source sent everything again")
@operation(example=SENT_AGAIN, body_example=SENT_AGAIN_FOR, problems=(NotFound, Conflict))
async def confirm_sent_again(request: Request, name: SourceName, principal: Manager, given: SentAgainIn) -> SourceOut:
    """Since its settings, or the software, make something else of its records: figures are no longer `unverified` for it.

    Of a portal nobody says so (409): the worker reads it whole again, and knows. Where it is not awaited nothing happens.
    """
    async with request.app.state.database.transaction() as tx:
        found = await visible_source(tx, principal, name)
        if is_pulled(found.kind):
            raise Conflict(
                bilingual(
                    "The source {name} is pulled: the worker reads it whole again by itself."
                    " GET /v1/pulls?source={name} shows how far it is.",
                    "Nguồn {name} do hệ thống tự kéo và tự đọc lại toàn bộ. Xem tiến độ: GET /v1/pulls?source={name}.",
                    name=name,
                )
            )
        await readings.sent_again(tx, name, reading_of(found), who=principal.name, why=given.reason, now=datetime.now(UTC))
        return source_out(await visible_source(tx, principal, name))


def source_out(row: SourceRow) -> SourceOut:
    """The source as its callers see it."""
    fields = {name: getattr(row, name) for name in SourceOut.__struct_fields__}
    return SourceOut(**{**fields, "reading": reading_of(row), "breaker": msgspec.convert(row.breaker, Breaker | None)})
