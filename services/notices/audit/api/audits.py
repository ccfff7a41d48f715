"""Audits of any notice: a text or a file comes, its claims are recomputed; read as JSON or, by `Accept`, as a page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import msgspec
from fastapi import Depends, Path, Query, Request, Response

from services.notices.audit import service as auditing
from services.notices.audit import store as audits_store
from services.notices.audit.api import examples
from services.notices.audit.api.pages import audit_page
from services.notices.audit.api.schemas import AuditOut
from services.notices.audit.bodies import FORM, MAX_NAME_LENGTH, AuditText
from services.notices.audit.documents.bounds import MAX_BYTES
from services.notices.audit.messages import AuditOrder, Finding
from services.notices.audit.model import Audit
from services.notices.audit.store import AuditRow
from shared import fields
from shared.access.principals import Principal, require
from shared.database import Connection
from shared.errors import Unreadable
from shared.fields import RowId
from shared.languages import bilingual
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

Auditor = Annotated[Principal, Depends(require("audits:write"))]
AuditNumber = Annotated[RowId, Path(description="`id` of an audit", examples=[5])]
FileName = Annotated[
    fields.Line | None,
    Query(
        max_length=MAX_NAME_LENGTH, description="Name of the file, where the body does not tell it", examples=["thong-bao.pdf"]
    ),
]

_FILE = {
    "text/plain": "A text in UTF-8, UTF-16 or windows-1258",
    "text/html": "A page with its tables",
    PDF: "A PDF with characters; a page that is a picture is named in `unread`",
    DOCX: "A DOCX",
    XLSX: "An XLSX: its visible sheets",
    "application/octet-stream": "Any of these: what it is shows",
    FORM: "The file as the part `file`, or a text as the part `text`",
}
_RESULT = msgspec.json.Decoder(Audit)


@router.post("/audits", summary="Audit the figures of a notice: a text or a file", status_code=201, response_class=Response)
@operation(
    response=AuditOut,
    example=examples.AUDIT,
    body=AuditText,
    body_example=examples.TEXT,
    body_media=_FILE,
    headers={"Location": "Where the audit is read, and followed while a worker makes it"},
    problems=(Unreadable, ChildDied),
)
@accepts(limit=MAX_BYTES, streamed=True)
async def create_audit(request: Request, principal: Auditor, name: FileName = None) -> Response:
    """Every claim of the document about its own figures, with its verdict, its place, and what would repair it.

    Up to 512 kB the response is the result. A larger body, up to 16 MB, is a 202 without it: a worker audits it, follow
    `Location`. The document itself is not kept but for its text with the marked figures, and all of it is deleted at
    `expires_at`.
    """
    order = AuditOrder(request.headers.get("content-type", ""), name)
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > auditing.SMALL:
        return await _queued(request, principal, order)
    sandbox = request.app.state.sandbox
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
    return _response(request, row, found.audit, 201)


async def _queued(request: Request, principal: Principal, order: AuditOrder) -> Response:
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
    return _response(request, row, None, 202)


def _response(request: Request, row: AuditRow, found: Audit | None, status: int) -> Response:
    out = AuditOut.of(row, request.app.state.audit_retention, found)
    return json_response(out, status=status, headers={"Location": f"/v1/audits/{row.id}"})


@router.get("/audits/{number}", summary="An audit: its claims as JSON; or the marked document as a page, by the Accept header")
@operation(response=AuditOut, example=examples.AUDIT, media=("text/html",), unchanged=True)
async def read_audit(request: Request, principal: Auditor, number: AuditNumber) -> Response:
    """`contradictions` are what must be mended, several that one change repairs told once; `claims` are all of them.

    The page shows the document with each figure coloured by its verdict; its title tells the equations in which it stands.
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
    out = AuditOut.of(row, retention, _RESULT.decode(content.result) if content is not None else None)
    if wants_page(request.headers):
        return audit_page(request, out, content.page if content is not None else "")
    return etag_response(request, out)
