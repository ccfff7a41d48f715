"""Notices: ordered, followed while they are made, read as JSON, DOCX, PDF and XLSX."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Self

import msgspec
from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.notices import ordering, store
from services.notices.api import examples
from services.notices.api.answers import (
    Limit,
    Number,
    StreamName,
    shown,
)
from services.notices.api.inspections import inspection_numbered
from services.notices.caveats import KINDS, Confirmed, Kind
from services.notices.caveats import shown as shown_caveat
from services.notices.figures import Figure, Pinned
from services.notices.inspection import Line as PrintedLine
from services.notices.lifecycle import State
from services.notices.store.notices import Content, Form, NoticeRow
from services.notices.tree import Bound, Heading, Notice, Paragraph, words
from shared.access import Principal, require
from shared.database import Connection
from shared.errors import Conflict, NotFound
from shared.fields import Line, Position
from shared.idempotency import answered_before, once
from shared.web.answers import as_json, not_modified, tagged
from shared.web.idempotency import IdempotencyKey, keyed
from shared.web.paging import Cursor, CursorParameter, RowNumber
from shared.web.routes import JSON

router = APIRouter(prefix="/v1", tags=["notices"])

Reader = Annotated[Principal, Depends(require("notices:read"))]
Writer = Annotated[Principal, Depends(require("notices:write"))]
CURSOR = Cursor[int]("notices", RowNumber)

MEDIA: dict[Form, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FILES: dict[Form, str] = {"pdf": "document.pdf", "docx": "document.docx", "xlsx": "annexes.xlsx"}

_FIGURES = msgspec.json.Decoder(dict[str, Figure])
_DOCUMENT = msgspec.json.Decoder(Notice)
_PINNED = msgspec.json.Decoder(Pinned)


class Order(BaseModel):
    """Which state of knowledge the notice is to stand on."""

    model_config = ConfigDict(extra="forbid")

    as_of: (
        Position
        | Annotated[str, Field(max_length=40, pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})$")]
        | None
    ) = Field(default=None, description="A position of the feed or an instant; left out, the newest figures")
    confirm: Annotated[tuple[Kind, ...], Field(max_length=len(KINDS))] = Field(
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
    responses={
        202: {"content": {"application/json": {"example": {**examples.ROW, "state": "queued", "documents": {}}}}},
        409: {"content": {"application/problem+json": {"example": examples.UNCONFIRMED}}},
    },
)
async def order_notice(
    request: Request,
    response: Response,
    principal: Writer,
    number: Number,
    order: Annotated[Order | None, Body(examples=[{"as_of": 41234}, examples.CONFIRMING])] = None,
    idempotency_key: IdempotencyKey = None,
) -> dict[str, Any]:
    """The worker pins the figures, composes and renders; follow `Location` until `state` is `draft` or `failed`.

    What can never become a notice is refused here: metrics is asked, and while it is away the answer is 503. Figures with
    caveats (`reasons` of the 409) are concluded from only when exactly these are confirmed, and the notice says them. A failed
    order is ordered anew, under a new `Idempotency-Key`.
    """
    order = order or Order()
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
        ordered = await once(
            tx,
            "notices",
            once_only,
            datetime.now(UTC),
            int,
            lambda: ordering.order(tx, number, inspection.stream, as_of, confirmed, principal.key_id),
        )
        return await store.notices.find(tx, ordered)

    row = await database.run(place)
    await request.app.state.doorbell.ring("notices")
    response.headers["Location"] = f"/v1/notices/{row.id}"
    return _row(row)


@router.get("/notices", summary="Notices, the newest first", responses=examples.documented(examples.NOTICES))
async def list_notices(
    request: Request,
    principal: Reader,
    stream: StreamName = None,
    state: Annotated[State | None, Query()] = None,
    cursor: CursorParameter = None,
    limit: Limit = 50,
) -> Response:
    """Without their text."""
    if stream is not None:
        principal.demand_stream(stream)
    async with request.app.state.database.connection() as connection:
        rows = await store.notices.page(
            connection,
            stream=stream or principal.stream,
            state=state,
            before=CURSOR.decode(cursor),
            limit=limit + 1,
        )
    page, next_cursor = CURSOR.page(rows, limit, lambda row: row.id)
    return tagged(request, as_json({"notices": [_row(row) for row in page], "next_cursor": next_cursor}), JSON)


@router.get(
    "/notices/{number}",
    summary="A notice: its sections, sentences, figures and checks; or the document, by the Accept header",
    responses=examples.documented(examples.NOTICE, *MEDIA.values()),
)
async def read_notice(request: Request, principal: Reader, number: Number) -> Response:
    """Every number of a sentence is a run with its `figure`; `figures` tells what each is worth and where it comes from."""
    form = _accepted(request.headers.get("accept", ""))
    if form is not None:
        return await _document(request, principal, number, form)
    async with request.app.state.database.transaction() as tx:
        row = await _visible(tx, principal, number)
        tag = f'"notice-{number}-{row.revision}"'
        if (same := not_modified(request, tag)) is not None:
            return same
        content = await store.notices.content(tx, number) if row.state == "draft" else None
    body = {**_row(row), **({"checks": []} if content is None else _said(content))}
    return tagged(request, as_json(body), JSON, etag=tag)


@router.get("/notices/{number}/figures", summary="Every figure of a notice", responses=examples.documented(examples.FIGURES))
async def read_figures(request: Request, principal: Reader, number: Number) -> Response:
    """Those of the text and of the annexes; `opened_by` is the figure's id at metrics."""
    revision, figures = await _figures(request, principal, number)
    said = {"figures": [shown(one) for one in figures.values()]}
    return tagged(request, as_json(said), JSON, etag=f'"figures-{number}-{revision}"')


@router.get(
    "/notices/{number}/figures/{key}",
    summary="One figure of a notice and what it follows from",
    responses=examples.documented(examples.OPENED),
)
async def read_figure(
    request: Request, principal: Reader, number: Number, key: Annotated[Line, Path(max_length=200)]
) -> Response:
    """`inputs` are the figures it is derived from, down to those of metrics and of the inspection."""
    _, figures = await _figures(request, principal, number)
    if key not in figures:
        raise NotFound(f"Notice {number} has no figure '{key}'. GET /v1/notices/{number}/figures lists those it has.")
    behind = _with_inputs({key}, figures) - {key}
    opened = {**shown(figures[key]), "inputs": [shown(figures[one]) for one in sorted(behind)]}
    return tagged(request, as_json(opened), JSON)


@router.get(
    "/notices/{number}/document.pdf",
    summary="The notice as PDF/A, its figures attached",
    response_class=Response,
    responses=examples.file_of(MEDIA["pdf"]),
)
async def read_pdf(request: Request, principal: Reader, number: Number) -> Response:
    """With the annexes as landscape pages."""
    return await _document(request, principal, number, "pdf")


@router.get(
    "/notices/{number}/document.docx",
    summary="The notice as DOCX",
    response_class=Response,
    responses=examples.file_of(MEDIA["docx"]),
)
async def read_docx(request: Request, principal: Reader, number: Number) -> Response:
    """With the annexes as landscape pages."""
    return await _document(request, principal, number, "docx")


@router.get(
    "/notices/{number}/annexes.xlsx",
    summary="The annexes as a workbook",
    response_class=Response,
    responses=examples.file_of(MEDIA["xlsx"]),
)
async def read_xlsx(request: Request, principal: Reader, number: Number) -> Response:
    """A sheet each; numbers are numbers, nothing is a formula."""
    return await _document(request, principal, number, "xlsx")


async def _visible(tx: Connection, principal: Principal, number: int) -> NoticeRow:
    row = await store.notices.find(tx, number)
    return principal.visible(row, f"There is no notice {number}. GET /v1/notices lists those there are.")


async def _figures(request: Request, principal: Principal, number: int) -> tuple[int, dict[str, Figure]]:
    async with request.app.state.database.transaction() as tx:
        row = await _visible(tx, principal, number)
        _demand_made(row)
        content = await store.notices.content(tx, number)
    return row.revision, _FIGURES.decode(content.figures)


async def _document(request: Request, principal: Principal, number: int, form: Form) -> Response:
    async with request.app.state.database.transaction() as tx:
        row = await _visible(tx, principal, number)
        _demand_made(row)
        found = await store.notices.find_rendering(tx, number, form)
    if found is None:
        raise NotFound(f"Notice {number} has no {form}.")
    name = f'inline; filename="{"thong-bao" if form != "xlsx" else "phu-luc"}-{number}.{form}"'
    etag = f'"{found.digest.hex()[:32]}"'
    return tagged(request, found.content, MEDIA[form], etag=etag, headers={"Content-Disposition": name})


def _demand_made(row: NoticeRow) -> None:
    if row.state != "draft":
        because = f": {row.error}" if row.error else "."
        raise Conflict(f"Notice {row.id} is not made, its state is {row.state}{because}", headers={"Retry-After": "1"})


def _row(row: NoticeRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "inspection": row.inspection_id,
        "stream": row.stream,
        "scope": row.scope,
        "period": {"from": row.period_from, "to": row.period_to},
        "state": row.state,
        "position": row.position,
        "error": row.error,
        "attempts": row.attempts,
        "next_attempt_at": row.next_attempt_at,
        "confirmed": {"kinds": row.confirmed, "reason": row.confirmed_because},
        "revision": row.revision,
        "asked_at": row.asked_at,
        "made_at": row.made_at,
        "documents": {form: f"/v1/notices/{row.id}/{file}" for form, file in FILES.items()} if row.made_at else {},
    }


def _said(content: Content) -> dict[str, Any]:
    notice, figures, pinned = (
        _DOCUMENT.decode(content.document),
        _FIGURES.decode(content.figures),
        _PINNED.decode(content.pinned),
    )
    printed = {
        run.figure for block in notice.body if isinstance(block, Paragraph) for run in block.runs if isinstance(run, Bound)
    }
    return {
        "as_of": pinned.as_of,
        "freshness": pinned.freshness,
        "caveats": [shown_caveat(caveat) for caveat in pinned.caveats],
        "checks": msgspec.json.decode(content.checks),
        "head": {
            "superior": notice.superior,
            "issuer": notice.issuer,
            "reference": notice.reference,
            "place_and_date": notice.place_and_date,
            "kind": notice.kind,
            "abstract": notice.abstract,
        },
        "sections": _sections(notice),
        "signature": {"authority": notice.authority, "signatory": notice.signatory},
        "recipients": notice.recipients,
        "annexes": msgspec.to_builtins(notice.annexes),
        "figures": {key: shown(figures[key]) for key in sorted(_with_inputs(printed, figures))},
    }


def _sections(notice: Notice) -> list[dict[str, Any]]:
    """Headings with the paragraphs below each; what stands before the first heading comes first, without one."""
    sections: list[dict[str, Any]] = [{"level": 0, "label": "", "title": "", "paragraphs": []}]
    for block in notice.body:
        if isinstance(block, Heading):
            sections.append({"level": block.level, "label": block.label, "title": block.text, "paragraphs": []})
        else:
            said = {"section": block.section, "source": block.source, "lead": block.lead, "text": words(block)}
            sections[-1]["paragraphs"].append({**said, "runs": msgspec.to_builtins(block.runs)})
    return sections


def _with_inputs(keys: set[str], figures: dict[str, Figure]) -> set[str]:
    """The keys and all that they follow from."""
    found: set[str] = set()
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            derived = figures[key].derived
            waiting.extend(derived.inputs if derived else ())
    return found


def _accepted(accept: str) -> Form | None:
    """The document form that the header prefers over JSON, by its order."""
    for one in accept.split(","):
        media = one.split(";")[0].strip().lower()
        if media in ("application/json", "application/*", "*/*"):
            return None
        for form, known in MEDIA.items():
            if media == known:
                return form
    return None
