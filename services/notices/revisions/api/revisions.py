"""Editing a notice, composing it anew on new figures, and its history."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Body, Path, Query, Request, Response

from services.notices.composition.causes import CausesUnsupported
from services.notices.drafting import orders as ordering
from services.notices.drafting.api.parameters import NoticeNumber, Reader, Writer
from services.notices.drafting.api.visibility import NotDrafted, demand_drafted, notice_tag, text_of_tag, visible_notice
from services.notices.drafting.store.notices import NoticeRow
from services.notices.evidence import service as evidence_service
from services.notices.figures.caveats import CaveatsNotConfirmed, ConfirmedCaveats
from services.notices.figures.metrics_client import MetricsAway, MetricsClosed
from services.notices.inspections import store as inspections_store
from services.notices.inspections.api.parameters import Limit
from services.notices.inspections.service import read_stored
from services.notices.revisions import service as revising
from services.notices.revisions.api import examples
from services.notices.revisions.api.holding import held_notice
from services.notices.revisions.api.schemas import (
    NoticeEdits,
    NoticeRevision,
    RegenerationOrder,
    RevisionChanges,
    RevisionPage,
    RevisionSummary,
)
from services.notices.revisions.changes import ParagraphChange, changes
from services.notices.revisions.service import DOCUMENT, PINNED, NotEditable, RevisionPending, WithoutKeys
from services.notices.revisions.store import revisions as revisions_store
from services.notices.revisions.store.revisions import RevisionRow
from shared.access.principals import Principal, folded_name
from shared.database import Connection
from shared.errors import FieldFault, Invalid, NotFound, PreconditionFailed, PreconditionRequired
from shared.fields import INT4
from shared.idempotency import idempotent, stored_response
from shared.languages import bilingual
from shared.web.idempotency import IdempotencyKey, always_keyed
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter, RowNumber
from shared.web.preconditions import IfMatch, demand_match
from shared.web.responses import etag_response, json_response

router = Router("notices")

CURSOR = Cursor[int]("revisions", RowNumber)
RevisionNumber = Annotated[int, Path(ge=1, le=INT4, description="`revision` of the notice, from 1", examples=[2])]
_LOCATION = {"Location": "Where the revision is read, and followed while it is made"}


@router.post("/notices/{number}/revisions", summary="Edit a notice", status_code=202, response_class=Response)
@operation(
    example=examples.QUEUED,
    headers=_LOCATION,
    body_example=examples.EDITS,
    problems=(NotDrafted, NotEditable, RevisionPending, WithoutKeys, PreconditionFailed, PreconditionRequired),
)
async def edit_notice(
    request: Request,
    principal: Writer,
    number: NoticeNumber,
    body: Annotated[NoticeEdits, Body()],
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Replace, move, add and remove paragraphs, under the ETag of `GET /v1/notices/{number}`; it holds while the text is that.

    The worker checks the text and renders the documents anew; follow `Location` until `state` is `made` or `failed`. Until then
    the notice states what it stated before. One edit that cannot be made refuses all, each with its place.
    """
    once_only = await always_keyed(request, principal, idempotency_key)
    wanted = [edit.wanted() for edit in body.edits]

    async def order(tx: Connection) -> RevisionRow:
        async def effect() -> int:
            row = await _held(tx, principal, number)
            demand_match(if_match, notice_tag(row), counted=text_of_tag)
            return await revising.order_edits(tx, row, wanted, author=body.author, reason=body.reason, key_id=principal.key_id)

        await visible_notice(tx, principal, number)
        _demand_own_name(principal, body.author)
        revision = await idempotent(tx, "notices", once_only, datetime.now(UTC), int, effect)
        return await _stored(tx, number, revision)

    return await _ordered(request, order)


@router.post(
    "/notices/{number}/regenerations", summary="Compose a notice anew, with its edits", status_code=202, response_class=Response
)
@operation(
    example=examples.QUEUED,
    headers=_LOCATION,
    body_example=examples.REGENERATION,
    problems=(
        NotDrafted,
        NotEditable,
        RevisionPending,
        PreconditionFailed,
        CaveatsNotConfirmed,
        CausesUnsupported,
        MetricsAway,
        MetricsClosed,
    ),
)
async def regenerate_notice(
    request: Request,
    principal: Writer,
    number: NoticeNumber,
    order: Annotated[RegenerationOrder, Body()],
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """On the newest inspection, evidence and figures, or those of `as_of`. All edits are laid over the new text.

    `outcomes` of the revision tell what became of each paragraph, and which edits need attention. A text whose paragraph is
    composed no more stays as a paragraph of its own, where it stood. What can never become a notice is refused, as in an order.
    """
    as_of = None if order.as_of is None else str(order.as_of)
    confirmed = ConfirmedCaveats(tuple(sorted(set(order.confirm))), order.reason if order.confirm else None)
    database = request.app.state.database
    async with database.connection() as connection:
        row = await visible_notice(connection, principal, number)
        _demand_own_name(principal, order.author)
        demand_drafted(row)
        inspection = await inspections_store.find(connection, row.inspection_id)
    assert inspection is not None
    once_only = await always_keyed(request, principal, idempotency_key)
    known = await database.run(lambda tx: stored_response(tx, "notices", once_only, int))
    if known is None:
        submitted = read_stored(inspection.body)
        async with database.connection() as connection:
            await ordering.followed_notice(connection, submitted)
            evidence = await evidence_service.read(connection, row.inspection_id, submitted.period.end)
        await ordering.review(request.app.state.metrics, submitted, as_of, confirmed, datetime.now(UTC), evidence.items)

    async def regenerate(tx: Connection) -> RevisionRow:
        async def effect() -> int:
            held = await _held(tx, principal, number)
            demand_match(if_match, notice_tag(held), required=False, counted=text_of_tag)
            return await revising.order_regeneration(
                tx,
                held,
                as_of=as_of,
                confirmed=confirmed,
                author=order.author,
                reason=order.reason or "",
                key_id=principal.key_id,
            )

        revision = known or await idempotent(tx, "notices", once_only, datetime.now(UTC), int, effect)
        return await _stored(tx, number, revision)

    return await _ordered(request, regenerate)


def _demand_own_name(principal: Principal, author: str) -> None:
    """Nobody edits under another person's name: that one could not approve any more what they never saw."""
    if principal.person and folded_name(author) != folded_name(principal.name):
        message = bilingual(
            "This is the key of {name}. Send that name as `author`, or use the key of whoever edits.",
            "Đây là khóa của {name}. Ghi `author` đúng tên này, hoặc dùng khóa của người sửa.",
            name=principal.name,
        )
        raise Invalid.of_fields([FieldFault("body.author", message, "literal_error")])


async def _ordered(request: Request, order: Callable[[Connection], Awaitable[RevisionRow]]) -> Response:
    row = await request.app.state.database.run(order)
    await request.app.state.notifier.notify("notices")
    location = f"/v1/notices/{row.notice_id}/revisions/{row.number}"
    return json_response(RevisionSummary.of(row), status=202, headers={"Location": location})


async def _held(tx: Connection, principal: Principal, number: int) -> NoticeRow:
    row = await held_notice(tx, principal, number)
    demand_drafted(row)
    return row


async def _stored(tx: Connection, number: int, revision: int) -> RevisionRow:
    row = await revisions_store.find(tx, number, revision)
    assert row is not None
    return row


@router.get("/notices/{number}/revisions", summary="The revisions of a notice, the newest first")
@operation(example=examples.REVISIONS, unchanged=True, problems=(NotDrafted,))
async def list_revisions(
    request: Request, principal: Reader, number: NoticeNumber, cursor: CursorParameter = None, limit: Limit = 50
) -> Response:
    """Each with its author, time and reason; 1 is what was drafted."""
    before = CURSOR.decode(cursor)
    async with request.app.state.database.transaction() as tx:
        row = await visible_notice(tx, principal, number)
        demand_drafted(row)
        rows = await revisions_store.page(tx, number, before=before, limit=limit + 1)
    if not rows and before is None:
        rows = [RevisionRow.of_draft(row)]
    page, next_cursor = CURSOR.page(rows, limit, lambda one: one.number)
    return etag_response(request, RevisionPage([RevisionSummary.of(one) for one in page], next_cursor))


@router.get("/notices/{number}/revisions/{revision}", summary="A revision of a notice, with its text")
@operation(response=NoticeRevision, example=examples.REVISION, unchanged=True, problems=(NotDrafted,))
async def read_revision(request: Request, principal: Reader, number: NoticeNumber, revision: RevisionNumber) -> Response:
    """While it is made, `progress` states how far the work is; of a regeneration, `outcomes` states what it did to each
    paragraph."""
    async with request.app.state.database.transaction() as tx:
        row = await _revision(tx, principal, number, revision)
        text = await revisions_store.text(tx, row)
        pinned = PINNED.decode(await revisions_store.pinned(tx, row)) if row.state == "made" else None
    return etag_response(request, NoticeRevision.of_text(row, text, pinned))


@router.get("/notices/{number}/revisions/{revision}/changes", summary="What differs between two revisions of a notice")
@operation(response=RevisionChanges, example=examples.CHANGES, unchanged=True, problems=(NotDrafted,))
async def read_revision_changes(
    request: Request,
    principal: Reader,
    number: NoticeNumber,
    revision: RevisionNumber,
    start: Annotated[
        int | None,
        Query(alias="from", ge=1, le=INT4, description="The earlier revision; left out: the one before", examples=[1]),
    ] = None,
) -> Response:
    """Paragraph by paragraph, and word by word within. A revision that failed, or is not made yet, has no text to compare."""
    start = max(1, revision - 1) if start is None else start
    async with request.app.state.database.transaction() as tx:
        documents = []
        for one in (start, revision):
            document = await revisions_store.document(tx, await _revision(tx, principal, number, one))
            if document is None:
                raise NotFound(
                    bilingual(
                        "Revision {revision} of notice {n} has no text: it is not made, or failed.",
                        "Bản sửa {revision} của thông báo {n} chưa có nội dung: chưa lập xong hoặc không lập được.",
                        n=number,
                        revision=one,
                    )
                )
            documents.append(document)
    found = await asyncio.to_thread(_changes, *documents)
    return etag_response(request, RevisionChanges(number, start, revision, found))


def _changes(before: str, after: str) -> list[ParagraphChange]:
    return changes(DOCUMENT.decode(before).body, DOCUMENT.decode(after).body)


async def _revision(tx: Connection, principal: Principal, number: int, revision: int) -> RevisionRow:
    """A revision; raises `NotFound`."""
    notice = await visible_notice(tx, principal, number)
    demand_drafted(notice)
    row = await revisions_store.find(tx, number, revision)
    if row is not None:
        return row
    if revision == 1:
        return RevisionRow.of_draft(notice)
    raise NotFound(
        bilingual(
            "Notice {n} has no revision {revision}. GET /v1/notices/{n}/revisions lists those there are.",
            "Thông báo {n} không có bản sửa {revision}. Xem GET /v1/notices/{n}/revisions.",
            n=number,
            revision=revision,
        )
    )
