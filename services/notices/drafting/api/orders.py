"""Ordering a notice of an inspection."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Self

import msgspec
from fastapi import Body, Request, Response
from pydantic import Field, model_validator

from services.notices.composition.causes import CausesUnsupported
from services.notices.drafting import orders as ordering
from services.notices.drafting.api import examples
from services.notices.drafting.api.parameters import Writer
from services.notices.drafting.api.schemas import NoticeSummary
from services.notices.drafting.store import notices as notices_store
from services.notices.evidence import service as evidence_service
from services.notices.figures.caveats import KINDS, CaveatsNotConfirmed, ConfirmedCaveats
from services.notices.figures.metrics_client import MetricsAway, MetricsClosed
from services.notices.figures.model import CaveatKind
from services.notices.inspections.api.inspections import visible_inspection
from services.notices.inspections.api.parameters import InspectionNumber
from services.notices.inspections.model import PrintedLine
from services.notices.inspections.service import read_stored
from shared.database import Connection
from shared.fields import BodyModel, Position
from shared.idempotency import idempotent, stored_response
from shared.languages import Bilingual
from shared.web.idempotency import IdempotencyKey, always_keyed
from shared.web.operations import Router, operation
from shared.web.responses import json_response

router = Router("notices")


class NoticeOrder(BodyModel):
    """From which figures the notice is to be drafted."""

    as_of: (
        Position
        | Annotated[str, Field(max_length=40, pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})$")]
        | None
    ) = Field(default=None, description="A position of the feed or an instant; left out, the newest figures")
    confirm: Annotated[tuple[CaveatKind, ...], Field(max_length=len(KINDS))] = Field(
        default=(), description="Exactly the kinds of `reasons` that a 409 gave; the notice will state them"
    )
    reason: PrintedLine | None = Field(default=None, description="Why a notice is wanted nevertheless; stored with it")

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if bool(self.confirm) != (self.reason is not None):
            raise ValueError(
                Bilingual(
                    "`confirm` and `reason` go together: give the reason why a notice is wanted nevertheless.",
                    "`confirm` và `reason` phải đi cùng nhau: ghi lý do vì sao vẫn cần thông báo.",
                )
            )
        return self


def confirmed_caveats(order: NoticeOrder) -> ConfirmedCaveats:
    """What an order confirms."""
    return ConfirmedCaveats(tuple(sorted(set(order.confirm))), order.reason)


class OrderResult(NoticeSummary, frozen=True, kw_only=True):
    """The notice of an order."""

    existing: bool
    """Whether the same order was made before: this is its notice, and no other was queued."""


@router.post(
    "/inspections/{number}/notices",
    summary="Order a notice of an inspection",
    status_code=202,
    response_class=Response,
)
@operation(
    example=OrderResult(**msgspec.structs.asdict(examples.QUEUED), existing=False),
    headers={"Location": "Where the notice is read, and followed while it is drafted"},
    body_example=NoticeOrder(as_of=41234, confirm=("period_not_ended",), reason="Báo cáo nhanh theo yêu cầu của UBND tỉnh"),
    problems=(CaveatsNotConfirmed, CausesUnsupported, MetricsAway, MetricsClosed),
)
async def order_notice(
    request: Request,
    principal: Writer,
    number: InspectionNumber,
    order: Annotated[NoticeOrder, Body(default_factory=NoticeOrder)],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """The worker pins the figures, composes and renders; follow `Location` until `state` is `draft` or `failed`.

    What can never become a notice is refused here: metrics is queried, and while it is away the response is 503. Figures with
    caveats (`reasons` of the 409) are used only when exactly these are confirmed, and the notice states them. The same order of
    the same versions and figures makes one notice (`existing`). A failed order is ordered anew, under a new `Idempotency-Key`.
    """
    as_of = None if order.as_of is None else str(order.as_of)
    confirmed = confirmed_caveats(order)
    async with request.app.state.database.connection() as connection:
        inspection = await visible_inspection(connection, principal, number)
    once_only = await always_keyed(request, principal, idempotency_key)
    database = request.app.state.database
    position = None
    known = await database.run(lambda tx: stored_response(tx, "notices", once_only, int))
    if known is None:
        body = read_stored(inspection.body)
        async with database.connection() as connection:
            await ordering.followed_notice(connection, body)
            evidence = await evidence_service.read(connection, number, body.period.end)
        position = await ordering.review(request.app.state.metrics, body, as_of, confirmed, datetime.now(UTC), evidence.items)

    async def insert(tx: Connection) -> OrderResult:
        existing = True  # a repeat under its key, unless the order is made here

        async def effect() -> int:
            nonlocal existing
            ordered = await ordering.order(
                tx, number, inspection.province, as_of, confirmed, principal.key_id, position=position
            )
            existing = ordered.existing
            return ordered.number

        ordered = known or await idempotent(tx, "notices", once_only, datetime.now(UTC), int, effect)
        row = await notices_store.find(tx, ordered)
        assert row is not None
        return OrderResult(**msgspec.structs.asdict(NoticeSummary.of(row)), existing=existing)

    result = await database.run(insert)
    await request.app.state.notifier.notify("notices")
    return json_response(result, status=202, headers={"Location": f"/v1/notices/{result.id}"})
