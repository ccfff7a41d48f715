"""Audits of any notice: a text or a file comes, its claims are recomputed; read as JSON or, by `Accept`, as a page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlencode

import msgspec
from fastapi import Request, Response

from services.notices.audit import service as auditing
from services.notices.audit import store as audits_store
from services.notices.audit.api import examples
from services.notices.audit.api.pages import audit_page
from services.notices.audit.api.parameters import AuditNumber, Auditor, FileName, Selection
from services.notices.audit.api.schemas import AuditOut
from services.notices.audit.bodies import FORM, AuditText
from services.notices.audit.comparison.figures import ReadFigure
from services.notices.audit.comparison.model import NoticeComparison
from services.notices.audit.comparison.service import our_figures
from services.notices.audit.documents.bounds import MAX_BYTES
from services.notices.audit.messages import AuditOrder, Finding
from services.notices.audit.model import Audit
from services.notices.audit.store import AuditContent, AuditRow
from services.notices.figures.metrics_client import KpiSelection, MetricsAway, MetricsClosed
from shared.access.principals import Principal
from shared.database import Connection
from shared.errors import Conflict, NotFound, Unreadable
from shared.languages import Bilingual, bilingual
from shared.sandbox.parent import ChildDied
from shared.spreadsheets import XLSX
from shared.statements import begun_at
from shared.web.formats import DOCX, PDF
from shared.web.operations import Router, operation
from shared.web.pages import wants_page
from shared.web.responses import etag_response, json_response
from shared.web.routes import accepts
from shared.web.uploads import while_connected

router = Router("audits")

_FILE = {
    "text/plain": "A text in UTF-8, UTF-16 or windows-1258",
    "text/html": "A page with its tables",
    "text/csv": "A table as spreadsheets export it",
    PDF: "A PDF with characters; a page that is a picture is named in `unread`",
    DOCX: "A DOCX",
    XLSX: "An XLSX: its visible sheets",
    "application/octet-stream": "Any of these: what it is shows",
    FORM: "The file as the part `file`, or a text as the part `text`",
}
_RESULT = msgspec.json.Decoder(Audit)
_FIGURES = msgspec.json.Decoder(tuple[ReadFigure, ...])


@router.post("/audits", summary="Audit the figures of a notice: a text or a file", status_code=201, response_class=Response)
@operation(
    response=AuditOut,
    example=examples.AUDIT,
    body=AuditText,
    body_example=examples.TEXT,
    body_media=_FILE,
    headers={"Location": "Where the audit is read, and followed while a worker makes it"},
    problems=(Unreadable, ChildDied, NotFound, MetricsAway, MetricsClosed),
)
@accepts(limit=MAX_BYTES, streamed=True)
async def create_audit(request: Request, principal: Auditor, selection: Selection, name: FileName = None) -> Response:
    """Every claim of the document about its own figures, with its verdict, its place, and what would repair it.

    Up to 512 kB the response is the result. A larger body, up to 16 MB, or one without `Content-Length` is a 202
    without it: a worker audits it, follow
    `Location`. The document itself is not kept but for its text with the marked figures, and all of it is deleted at
    `expires_at`.

    With `province`, `scope` and a period each figure is compared with ours (`comparison`), as known now or `as_of`; `Location`
    names the same figures of ours. Needs a key with figures:read too.
    """
    ours = compared = None
    if selection is not None:
        ours = await our_figures(request.app.state.metrics, selection)
        compared = selection._replace(as_of=str(ours.response.position))
    order = AuditOrder(request.headers.get("content-type", ""), name)
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > auditing.SMALL:  # sent in chunks, it may be of any length
        return await _queued(request, principal, order, compared)
    sandbox = request.app.state.sandbox.of(principal.key_id)
    found: Finding = await while_connected(request, lambda chunks: auditing.finding(sandbox, order, chunks))

    async def insert(tx: Connection) -> AuditRow:
        return await auditing.insert(
            tx,
            found,
            province=principal.province,
            key_id=principal.key_id,
            content_type=order.content_type,
            now=await begun_at(tx),
        )

    row = await request.app.state.database.run(insert)
    out = AuditOut.of(row, request.app.state.audit_retention, found.audit, ours and ours.compare(found.figures))
    return _response(out, 201, compared)


async def _queued(request: Request, principal: Principal, order: AuditOrder, compared: KpiSelection | None) -> Response:
    async def whole(chunks: AsyncIterator[bytes]) -> bytes:
        return b"".join([chunk async for chunk in chunks])

    async with auditing.room(request.app.state.audit_bodies):
        content = await while_connected(request, whole)

        async def queue(tx: Connection) -> AuditRow:
            return await auditing.queue(
                tx, content, order, province=principal.province, key_id=principal.key_id, now=await begun_at(tx)
            )

        row = await request.app.state.database.run(queue)
    await request.app.state.notifier.notify("notices")
    return _response(AuditOut.of(row, request.app.state.audit_retention, None), 202, compared)


def _response(out: AuditOut, status: int, compared: KpiSelection | None) -> Response:
    query = "" if compared is None else "?" + urlencode(compared.given())
    return json_response(out, status=status, headers={"Location": f"/v1/audits/{out.id}{query}"})


@router.get("/audits/{number}", summary="An audit: its claims as JSON; or the marked document as a page, by the Accept header")
@operation(
    response=AuditOut,
    example=examples.AUDIT,
    media=("text/html",),
    unchanged=True,
    problems=(Conflict, MetricsAway, MetricsClosed),
)
async def read_audit(request: Request, principal: Auditor, number: AuditNumber, selection: Selection) -> Response:
    """`contradictions` are what must be mended, several that one change repairs told once; `claims` are all of them.

    The page shows the document with each figure coloured by its verdict; its title tells the equations in which it stands.

    With `province`, `scope` and a period each figure is compared with ours (`comparison`), as known when the document was
    audited or `as_of`. Needs a key with figures:read too.
    """
    retention = request.app.state.audit_retention
    async with request.app.state.database.transaction() as tx:
        row = principal.visible(
            await audits_store.find(tx, number, await begun_at(tx) - retention),
            bilingual(
                "There is no audit {n}, or it was deleted at its `expires_at`. Send the document again.",
                "Không có lượt kiểm tra số liệu {n}, hoặc đã bị xóa khi hết hạn lưu. Gửi lại tài liệu.",
                n=number,
            ),
        )
        content = await audits_store.content(tx, number) if row.state == "audited" else None
    result, comparison = None, None
    if content is not None:
        result = _RESULT.decode(content.result)
        if selection is not None:
            comparison = await _comparison(request, selection, row, content)
    out = AuditOut.of(row, retention, result, comparison)
    if wants_page(request.headers):
        return audit_page(request, out, content.page if content is not None else "")
    return etag_response(request, out)


async def _comparison(request: Request, selection: KpiSelection, row: AuditRow, content: AuditContent) -> NoticeComparison:
    if content.figures is None:
        raise Conflict(
            Bilingual(
                "This document was audited by an earlier release, which did not store what its figures mean. Send it again.",
                "Tài liệu này đã kiểm tra bằng phiên bản cũ, chưa lưu ý nghĩa của các số liệu. Gửi lại tài liệu.",
            )
        )
    as_of = selection.as_of or row.created_at.isoformat()
    ours = await our_figures(request.app.state.metrics, selection._replace(as_of=as_of))
    return ours.compare(_FIGURES.decode(content.figures))
