"""Ordering notices of many inspections at once, and how far they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Self, get_args

import msgspec
from fastapi import Body, Path, Request, Response
from pydantic import Field, model_validator

from services.notices.drafting import batches as batching
from services.notices.drafting.api.orders import NoticeOrder, confirmed_caveats
from services.notices.drafting.api.parameters import Reader, Writer
from services.notices.drafting.model import PENDING, NoticeState
from services.notices.drafting.store import batches as batches_store
from services.notices.drafting.store.batches import BatchNoticeRow, BatchRow
from services.notices.evidence.model import Level
from services.notices.figures.metrics_client import MetricsAway, MetricsClosed
from services.notices.inspections import store as inspections_store
from services.notices.inspections.model import Code, Period
from services.notices.inspections.store import ListedInspection
from shared.access.principals import Principal
from shared.database import Connection
from shared.errors import FieldFault, Invalid, NotFound
from shared.fields import BodyModel, ProvinceCode, RowId
from shared.idempotency import idempotent, stored_response
from shared.languages import Bilingual, bilingual
from shared.web.idempotency import IdempotencyKey, always_keyed
from shared.web.operations import Router, operation
from shared.web.responses import etag_response, json_response

router = Router("notices")

MAX_INSPECTIONS = 200
"""Of one batch: a province has about a hundred communes and twenty departments."""

BatchNumber = Annotated[RowId, Path(description="`id` of a batch", examples=[3])]


class BatchScope(BodyModel):
    """The agencies below one, whose newest inspections of a period are concluded."""

    province: ProvinceCode = Field(description="Of which they are")
    under: Code | None = Field(default=None, description="Code of the agency that they are below; null: the whole province")
    level: Level | None = Field(
        default=None, description="`commune`: only communes, wards and special zones; `office`: only departments; null: both"
    )
    period: Period = Field(description="Of the inspections, exactly")


class BatchOrder(NoticeOrder):
    """Inspections of one province, by number or by their agencies, and from which figures their notices are to be drafted."""

    inspections: Annotated[tuple[RowId, ...], Field(max_length=MAX_INSPECTIONS)] = Field(
        default=(), description="Numbers of inspections, each once; left out with `of`"
    )
    of: BatchScope | None = Field(default=None, description="All agencies of a scope, instead of `inspections`")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.inspections) == (self.of is not None):
            raise ValueError(
                Bilingual(
                    "Give either `inspections`, at least one, or `of`.",
                    "Ghi `inspections` (ít nhất một cuộc kiểm tra) hoặc `of`, không ghi cả hai.",
                )
            )
        return self


class BatchNotice(msgspec.Struct, frozen=True):
    """How far one notice of a batch is."""

    inspection: int
    """Number of its inspection."""
    scope: str
    """Code of the agency that was inspected."""
    notice: int
    """Its number: `GET /v1/notices/{number}`."""
    existing: bool
    """Whether it was there when the batch was ordered, made by the same order."""
    state: NoticeState
    """As of any notice."""
    attempts: int
    """How often a worker has begun to draft it."""
    error: str | None
    """Why the last attempt failed, and what to do about a failed order; null: none failed."""
    next_attempt_at: datetime | None
    """When a queued one is tried, at the earliest; null in any other state."""
    drafted_at: datetime | None
    """When it was drafted; null until then."""
    position: int | None
    """Of the figures that it states: once it was regenerated another one than that of the batch; null until it is drafted."""


class NoticeBatch(msgspec.Struct, frozen=True):
    """Notices that were ordered at once."""

    id: int
    """Its number."""
    province: str
    """The province of its inspections."""
    position: int
    """Of the feed, at which all its notices were ordered: each is drafted on the figures of this position."""
    ordered_at: datetime
    """When it was ordered."""
    total: int
    """How many notices it has."""
    states: dict[NoticeState, int]
    """How many of them are in each state."""
    ended: bool
    """Whether none of them is still to be drafted."""
    without_inspection: list[str]
    """Codes of agencies of the scope that was ordered (`of`) that have no inspection of its period: submit these, and order it
    again. Empty of a batch that was ordered by `inspections`."""
    notices: list[BatchNotice]
    """All of them, in the order of `inspections`."""

    @staticmethod
    def of(row: BatchRow, notices: Sequence[BatchNoticeRow]) -> NoticeBatch:
        """As stored."""
        counted = Counter(one.state for one in notices)
        return NoticeBatch(
            **row._asdict(),
            total=len(notices),
            states={state: counted[state] for state in get_args(NoticeState)},
            ended=not any(counted[state] for state in PENDING),
            notices=[BatchNotice(**one._asdict()) for one in notices],
        )


_ORDERED_AT = datetime(2026, 1, 20, 2, tzinfo=UTC)
EXAMPLE = NoticeBatch(
    id=3,
    province="31",
    position=41234,
    ordered_at=_ORDERED_AT,
    total=2,
    states={"queued": 0, "drafting": 1, "draft": 0, "failed": 1},
    ended=False,
    without_inspection=["10819"],
    notices=[
        BatchNotice(7, "10813", 12, False, "drafting", 1, None, None, None, None),
        BatchNotice(
            8,
            "10816",
            13,
            False,
            "failed",
            1,
            "Metrics answered 404: there is no agency 10816. Mend that, then order it anew: POST /v1/inspections/8/notices.",
            None,
            None,
            None,
        ),
    ],
)


@router.post("/notice-batches", summary="Order notices of many inspections at once", status_code=202, response_class=Response)
@operation(
    example=EXAMPLE,
    headers={"Location": "Where the progress of the batch is read"},
    body_example=BatchOrder(
        of=BatchScope(
            province="31", under="31", level="commune", period=Period.model_validate({"from": "2025-07-01", "to": "2025-12-14"})
        )
    ),
    problems=(NotFound, MetricsAway, MetricsClosed),
)
async def order_batch(
    request: Request, principal: Writer, order: Annotated[BatchOrder, Body()], idempotency_key: IdempotencyKey = None
) -> Response:
    """All on the figures of one position; follow `Location` until `ended`.

    What can never become a notice fails by itself, with the reason in its `error`, and holds up none of the others. `confirm`
    is for all: caveats that the figures of an inspection do not have are not stated there. The same batch again makes only
    notices that are not there, and those that failed: `existing` states which were. With `of` it is the newest inspection of
    each agency; those that have none are named in `without_inspection`, and hold up none of the others either.
    """
    database = request.app.state.database
    confirmed = confirmed_caveats(order)
    if order.of is not None:
        principal.demand_province(order.of.province)
    else:
        async with database.connection() as connection:
            inspections = await _visible(connection, principal, order.inspections)
    once_only = await always_keyed(request, principal, idempotency_key)
    known = await database.run(lambda tx: stored_response(tx, "notices", once_only, int))
    if known is None:
        as_of = None if order.as_of is None else str(order.as_of)
        missing: list[str] = []
        if order.of is None:
            position = await batching.position_of(request.app.state.metrics, inspections[0], as_of)
        else:
            position, inspections, missing = await _of_scope(request, order.of, as_of)

        async def insert(tx: Connection) -> int:
            return await idempotent(
                tx,
                "notices",
                once_only,
                datetime.now(UTC),
                int,
                lambda: batching.order(tx, inspections, position, confirmed, principal.key_id, missing),
            )

        known = await database.run(insert)
    async with database.transaction() as tx:
        batch = await _stored(tx, principal, known)
    await request.app.state.notifier.notify("notices")
    return json_response(batch, status=202, headers={"Location": f"/v1/notice-batches/{batch.id}"})


async def _of_scope(request: Request, of: BatchScope, as_of: str | None) -> tuple[int, list[ListedInspection], list[str]]:
    """The position of the figures, the inspections of the agencies of a scope, and the codes of agencies that have none.

    Raises `NotFound` where none has one, `Invalid` for more than a batch takes.
    """
    scope = batching.ScopeOfBatch(of.province, of.under, of.level, of.period.start, of.period.end)
    position, agencies = await batching.agencies_of_scope(request.app.state.metrics, scope, as_of)
    async with request.app.state.database.connection() as connection:
        found, missing = await batching.inspections_of_scope(connection, scope, agencies)
    if not found:
        raise NotFound(
            bilingual(
                "None of the {n} agencies of this scope has an inspection from {since} to {until}. Submit inspections of them"
                " (POST /v1/inspections), each with the agency as its scope and exactly this period.",
                "Không có cuộc kiểm tra nào của {n} cơ quan thuộc phạm vi này trong kỳ từ {since} đến {until}. Hãy gửi cuộc"
                " kiểm tra của từng cơ quan (POST /v1/inspections), có phạm vi là cơ quan đó và đúng kỳ này.",
                n=len(agencies),
                since=of.period.start,
                until=of.period.end,
            )
        )
    if len(found) > MAX_INSPECTIONS:
        raise Invalid(
            bilingual(
                "{n} agencies of this scope have an inspection; a batch takes {most}. Order by `level`, or `under` one below.",
                "{n} cơ quan thuộc phạm vi này có cuộc kiểm tra; một lô nhận {most}. Đặt theo `level`, hoặc `under` cấp dưới.",
                n=len(found),
                most=MAX_INSPECTIONS,
            )
        )
    return position, found, missing


async def _visible(connection: Connection, principal: Principal, numbers: Sequence[int]) -> list[ListedInspection]:
    """The inspections in their order; raises `NotFound` that names those there are not, `Invalid` for a mixed batch."""
    found = {
        one.id: one
        for one in await inspections_store.find_some(connection, numbers)
        if principal.province in (None, one.province)
    }
    if missing := [number for number in numbers if number not in found]:
        raise NotFound(
            bilingual(
                "There are no inspections {missing}. GET /v1/inspections lists those there are.",
                "Không có các cuộc kiểm tra {missing}. Xem GET /v1/inspections.",
                missing=", ".join(map(str, missing)),
            )
        )
    province = found[numbers[0]].province
    faults = []
    for at, number in enumerate(numbers):
        if number in numbers[:at]:
            faults.append(FieldFault(f"body.inspections.{at}", _TWICE, "value_error"))
        elif found[number].province != province:
            faults.append(FieldFault(f"body.inspections.{at}", _OF_ANOTHER_PROVINCE, "value_error"))
    if faults:
        raise Invalid.of_fields(faults)
    return [found[number] for number in numbers]


_TWICE = Bilingual("This inspection is in the list already.", "Cuộc kiểm tra này đã có trong danh sách.")
_OF_ANOTHER_PROVINCE = Bilingual(
    "It is of another province than the first: order a batch for each province.",
    "Thuộc tỉnh khác với cuộc kiểm tra đầu tiên: đặt riêng từng tỉnh.",
)


@router.get("/notice-batches/{number}", summary="How far a batch of notices is")
@operation(response=NoticeBatch, example=EXAMPLE, unchanged=True)
async def read_batch(request: Request, principal: Reader, number: BatchNumber) -> Response:
    """Every notice with its state, and the reason where it failed."""
    async with request.app.state.database.transaction() as tx:
        batch = await _stored(tx, principal, number)
    return etag_response(request, batch)


async def _stored(tx: Connection, principal: Principal, number: int) -> NoticeBatch:
    row = principal.visible(
        await batches_store.find(tx, number),
        bilingual("There is no batch {n}.", "Không có lô thông báo {n}.", n=number),
    )
    return NoticeBatch.of(row, await batches_store.notices(tx, number))
