"""Notices: ordered, followed while they are made, read as JSON, DOCX, PDF and XLSX."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Self

import msgspec
from fastapi import Body, Depends, Query, Request, Response
from pydantic import Field, model_validator

from services.notices.audit.bound import Check
from services.notices.composition.lateness import CausesUnborne
from services.notices.composition.tree import Notice
from services.notices.drafting import orders as ordering
from services.notices.drafting.api import examples
from services.notices.drafting.api.schemas import (
    Figures,
    MadeNotice,
    NoticePage,
    NoticeSummary,
    ShownFigure,
    UnmadeNotice,
    made,
    opened,
    unmade,
    with_inputs,
)
from services.notices.drafting.model import State
from services.notices.drafting.store import notices as notices_store
from services.notices.drafting.store.notices import Form, NoticeRow
from services.notices.figures.caveats import KINDS, Confirmed, Unconfirmed
from services.notices.figures.metrics_client import MetricsAway, MetricsClosed
from services.notices.figures.model import CaveatKind, Figure, Pinned
from services.notices.inspections.api import inspection_numbered
from services.notices.inspections.model import Line as PrintedLine
from services.notices.parameters import FigureKey, InspectionNumber, Limit, NoticeNumber, ProvinceCode
from shared.access import Principal, require
from shared.database import Connection
from shared.errors import Conflict, Guidance, NotFound
from shared.fields import BodyModel, Position
from shared.idempotency import answered_before, idempotent
from shared.web.formats import MEDIA, DocumentForm
from shared.web.idempotency import IdempotencyKey, keyed
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter, RowNumber
from shared.web.responses import etag_response, json_response, not_modified, tagged

router = Router("notices")

Reader = Annotated[Principal, Depends(require("notices:read"))]
Writer = Annotated[Principal, Depends(require("notices:write"))]
CURSOR = Cursor[int]("notices", RowNumber)

DOCUMENTS = (MEDIA["pdf"], MEDIA["docx"], MEDIA["xlsx"])

_FIGURES = msgspec.json.Decoder(dict[str, Figure])
_DOCUMENT = msgspec.json.Decoder(Notice)
_PINNED = msgspec.json.Decoder(Pinned)
_CHECKS = msgspec.json.Decoder(list[Check])


class NotMade(Conflict):
    """The notice is not made yet, or could not be: `Retry-After` says when to ask again."""

    type = "notice-not-made"
    title = "The notice is not made"
    guidance = Guidance(
        "Ask again after `Retry-After`. When the notice has failed, read its `error` and order it anew.",
        "Thông báo chưa được lập",
        "Thông báo chưa lập xong hoặc không lập được: `Retry-After` cho biết khi nào hỏi lại.",
        "Hỏi lại sau `Retry-After`. Nếu thông báo thất bại, đọc `error` rồi đặt lại.",
    )

    @classmethod
    def example(cls) -> Self:
        """Ordered a moment ago."""
        return cls("Notice 12 is not made, its state is queued.")


class Order(BodyModel):
    """Which state of knowledge the notice is to stand on."""

    as_of: (
        Position
        | Annotated[str, Field(max_length=40, pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})$")]
        | None
    ) = Field(default=None, description="A position of the feed or an instant; left out, the newest figures")
    confirm: Annotated[tuple[CaveatKind, ...], Field(max_length=len(KINDS))] = Field(
        default=(), description="Exactly the kinds of `reasons` that a 409 gave; the notice will say them"
    )
    reason: PrintedLine | None = Field(default=None, description="Why a notice is wanted nevertheless; kept with it")

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if bool(self.confirm) != (self.reason is not None):
            raise ValueError("`confirm` and `reason` go together: say why a notice is wanted nevertheless")
        return self


@router.post(
    "/inspections/{number}/notices",
    summary="Order a notice of an inspection",
    status_code=202,
    response_class=Response,
)
@operation(
    example=examples.QUEUED,
    headers={"Location": "Where the notice is read, and followed while it is made"},
    body_example=Order(as_of=41234, confirm=("period_not_ended",), reason="Báo cáo nhanh theo yêu cầu của UBND tỉnh"),
    problems=(Unconfirmed, CausesUnborne, MetricsAway, MetricsClosed),
)
async def order_notice(
    request: Request,
    principal: Writer,
    number: InspectionNumber,
    order: Annotated[Order, Body(default_factory=Order)],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """The worker pins the figures, composes and renders; follow `Location` until `state` is `draft` or `failed`.

    What can never become a notice is refused here: metrics is asked, and while it is away the answer is 503. Figures with
    caveats (`reasons` of the 409) are concluded from only when exactly these are confirmed, and the notice says them. A failed
    order is ordered anew, under a new `Idempotency-Key`.
    """
    as_of = None if order.as_of is None else str(order.as_of)
    confirmed = Confirmed(tuple(sorted(set(order.confirm))), order.reason)
    async with request.app.state.database.connection() as connection:
        inspection = await inspection_numbered(connection, principal, number)
    once_only = await keyed(request, principal, idempotency_key)
    database = request.app.state.database
    if await database.run(lambda tx: answered_before(tx, "notices", once_only, int)) is None:
        body = ordering.read_stored(inspection.body)
        await ordering.review(request.app.state.metrics, body, as_of, confirmed, datetime.now(UTC))

    async def place(tx: Connection) -> NoticeRow | None:
        ordered = await idempotent(
            tx,
            "notices",
            once_only,
            datetime.now(UTC),
            int,
            lambda: ordering.order(tx, number, inspection.province, as_of, confirmed, principal.key_id),
        )
        return await notices_store.find(tx, ordered)

    row = await database.run(place)
    await request.app.state.notifier.notify("notices")
    return json_response(NoticeSummary.of(row), status=202, headers={"Location": f"/v1/notices/{row.id}"})


@router.get("/notices", summary="Notices, the newest first")
@operation(example=examples.NOTICES, unchanged=True)
async def list_notices(
    request: Request,
    principal: Reader,
    province: ProvinceCode = None,
    state: Annotated[State | None, Query(description="In this state only")] = None,
    cursor: CursorParameter = None,
    limit: Limit = 50,
) -> Response:
    """Without their text; ask for one by its number."""
    if province is not None:
        principal.demand_province(province)
    async with request.app.state.database.connection() as connection:
        rows = await notices_store.page(
            connection,
            province=province or principal.province,
            state=state,
            before=CURSOR.decode(cursor),
            limit=limit + 1,
        )
    page, next_cursor = CURSOR.page(rows, limit, lambda row: row.id)
    return etag_response(request, NoticePage([NoticeSummary.of(row) for row in page], next_cursor))


@router.get(
    "/notices/{number}",
    summary="A notice: its sections, sentences, figures and checks; or the document, by the Accept header",
)
@operation(
    response=MadeNotice | UnmadeNotice,
    example=examples.NOTICE,
    media=DOCUMENTS,
    unchanged=True,
    problems=(NotMade,),
)
async def read_notice(request: Request, principal: Reader, number: NoticeNumber, wanted: DocumentForm) -> Response:
    """Every number of a sentence is a run with its `figure`; `figures` tells what each is worth and where it comes from.

    Until it is made, and where that failed, only how it stands: `state` tells which of the two answers it is. By `format`, or
    by `Accept` where it prefers that to JSON, the document is answered instead.
    """
    if wanted.form != "json" and wanted.form != "csv":
        return await _document(request, principal, number, wanted.form)
    async with request.app.state.database.transaction() as tx:
        row = await _visible(tx, principal, number)
        tag = f'"notice-{number}-{row.revision}"'
        if (same := not_modified(request, tag)) is not None:
            return same
        content = await notices_store.content(tx, number) if row.state == "draft" else None
    if content is None:
        return etag_response(request, unmade(row), etag=tag)
    notice, figures, pinned, checks = (
        _DOCUMENT.decode(content.document),
        _FIGURES.decode(content.figures),
        _PINNED.decode(content.pinned),
        _CHECKS.decode(content.checks),
    )
    return etag_response(request, made(row, notice, figures, pinned, checks), etag=tag)


@router.get("/notices/{number}/figures", summary="Every figure of a notice")
@operation(example=examples.FIGURES, unchanged=True, problems=(NotMade,))
async def read_figures(request: Request, principal: Reader, number: NoticeNumber) -> Response:
    """Those of the text and of the annexes; what metrics gave is opened to its dossiers there by `opened_by`."""
    revision, figures = await _figures(request, principal, number)
    every = Figures([ShownFigure.of(one) for one in figures.values()])
    return etag_response(request, every, etag=f'"figures-{number}-{revision}"')


@router.get(
    "/notices/{number}/figures/{key}",
    summary="One figure of a notice and what it follows from",
)
@operation(example=examples.OPENED, unchanged=True, problems=(NotMade,))
async def read_figure(
    request: Request,
    principal: Reader,
    number: NoticeNumber,
    key: FigureKey,
) -> Response:
    """`inputs` are the figures it is derived from, down to those of metrics and of the inspection."""
    _, figures = await _figures(request, principal, number)
    if key not in figures:
        raise NotFound(f"Notice {number} has no figure '{key}'. GET /v1/notices/{number}/figures lists those it has.")
    behind = with_inputs({key}, figures) - {key}
    return etag_response(request, opened(figures[key], [figures[one] for one in sorted(behind)]))


@router.get(
    "/notices/{number}/document.pdf",
    summary="The notice as PDF/A, its figures attached",
    response_class=Response,
)
@operation(media=[MEDIA["pdf"]], unchanged=True, problems=(NotMade,))
async def read_pdf(request: Request, principal: Reader, number: NoticeNumber) -> Response:
    """With the annexes as landscape pages."""
    return await _document(request, principal, number, "pdf")


@router.get(
    "/notices/{number}/document.docx",
    summary="The notice as DOCX",
    response_class=Response,
)
@operation(media=[MEDIA["docx"]], unchanged=True, problems=(NotMade,))
async def read_docx(request: Request, principal: Reader, number: NoticeNumber) -> Response:
    """With the annexes as landscape pages."""
    return await _document(request, principal, number, "docx")


@router.get(
    "/notices/{number}/annexes.xlsx",
    summary="The annexes as a workbook",
    response_class=Response,
)
@operation(media=[MEDIA["xlsx"]], unchanged=True, problems=(NotMade,))
async def read_xlsx(request: Request, principal: Reader, number: NoticeNumber) -> Response:
    """A sheet each; numbers are numbers, nothing is a formula."""
    return await _document(request, principal, number, "xlsx")


async def _visible(tx: Connection, principal: Principal, number: int) -> NoticeRow:
    row = await notices_store.find(tx, number)
    return principal.visible(row, f"There is no notice {number}. GET /v1/notices lists those there are.")


async def _figures(request: Request, principal: Principal, number: int) -> tuple[int, dict[str, Figure]]:
    async with request.app.state.database.transaction() as tx:
        row = await _visible(tx, principal, number)
        _demand_made(row)
        content = await notices_store.content(tx, number)
    return row.revision, _FIGURES.decode(content.figures)


async def _document(request: Request, principal: Principal, number: int, form: Form) -> Response:
    async with request.app.state.database.transaction() as tx:
        row = await _visible(tx, principal, number)
        _demand_made(row)
        found = await notices_store.find_rendering(tx, number, form)
    if found is None:
        raise NotFound(f"Notice {number} has no {form}.")
    name = f'inline; filename="{"thong-bao" if form != "xlsx" else "phu-luc"}-{number}.{form}"'
    etag = f'"{found.digest.hex()[:32]}"'
    return tagged(request, found.content, MEDIA[form], etag=etag, headers={"Content-Disposition": name})


def _demand_made(row: NoticeRow) -> None:
    if row.state != "draft":
        because = f": {row.error}" if row.error else "."
        raise NotMade(f"Notice {row.id} is not made, its state is {row.state}{because}", headers={"Retry-After": "1"})
