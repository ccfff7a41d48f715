"""Notices: listed, followed while they are drafted, and read as JSON or, by `Accept`, as a document."""

from __future__ import annotations

from typing import Annotated, get_args

import msgspec
from fastapi import Query, Request, Response

from services.notices.audit.checks import Check
from services.notices.composition.model import NoticeDocument
from services.notices.drafting.api import examples
from services.notices.drafting.api.documents import document_response
from services.notices.drafting.api.parameters import NoticeNumber, Reader
from services.notices.drafting.api.schemas import (
    DraftedNotice,
    NoticePage,
    NoticeSummary,
    UndraftedNotice,
    drafted_notice,
    undrafted_notice,
)
from services.notices.drafting.api.visibility import NotDrafted, notice_tag, visible_notice
from services.notices.drafting.model import NoticeState, UndraftedState
from services.notices.drafting.store import notices as notices_store
from services.notices.figures.model import Figure, Pinned
from services.notices.inspections.api.parameters import Limit, ProvinceCode
from shared.web.formats import MEDIA, DocumentFormat
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter, RowNumber
from shared.web.responses import etag_response, not_modified

router = Router("notices")

CURSOR = Cursor[int]("notices", RowNumber)

DOCUMENTS = (MEDIA["pdf"], MEDIA["docx"], MEDIA["xlsx"])

_FIGURES = msgspec.json.Decoder(dict[str, Figure])
_DOCUMENT = msgspec.json.Decoder(NoticeDocument)
_PINNED = msgspec.json.Decoder(Pinned)
_CHECKS = msgspec.json.Decoder(list[Check])


@router.get("/notices", summary="Notices, the newest first")
@operation(example=examples.NOTICES, unchanged=True)
async def list_notices(
    request: Request,
    principal: Reader,
    province: ProvinceCode = None,
    state: Annotated[NoticeState | None, Query(description="In this state only")] = None,
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
            states=None if state is None else [state],
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
    response=DraftedNotice | UndraftedNotice,
    example=examples.NOTICE,
    media=DOCUMENTS,
    unchanged=True,
    problems=(NotDrafted,),
)
async def read_notice(request: Request, principal: Reader, number: NoticeNumber, wanted: DocumentFormat) -> Response:
    """Every number of a sentence is a run with its `figure`; `figures` tells what each is worth and where it comes from.

    Until it is drafted, and where that failed, without text: `state` tells which of the two responses it is. By `format`, or by
    `Accept` where it prefers that to JSON, the response is the document.
    """
    if wanted.format in ("pdf", "docx", "xlsx"):
        return await document_response(request, principal, number, wanted.format)
    async with request.app.state.database.transaction() as tx:
        row = await visible_notice(tx, principal, number)
        tag = notice_tag(row)
        if (same := not_modified(request, tag)) is not None:
            return same
        content = await notices_store.content(tx, number) if row.state not in get_args(UndraftedState) else None
    if content is None:
        return etag_response(request, undrafted_notice(row), etag=tag)
    notice, figures, pinned, checks = (
        _DOCUMENT.decode(content.document),
        _FIGURES.decode(content.figures),
        _PINNED.decode(content.pinned),
        _CHECKS.decode(content.checks),
    )
    return etag_response(request, drafted_notice(row, notice, figures, pinned, checks), etag=tag)
