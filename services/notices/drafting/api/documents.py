"""The files of a notice: PDF, DOCX, XLSX."""

from __future__ import annotations

from fastapi import Request, Response

from services.notices.drafting.api.parameters import NoticeNumber, Reader
from services.notices.drafting.api.visibility import NotDrafted, demand_drafted, visible_notice
from services.notices.drafting.store import notices as notices_store
from services.notices.rendering.model import RenderingFormat
from shared.access.principals import Principal
from shared.errors import NotFound
from shared.languages import bilingual
from shared.web.formats import MEDIA
from shared.web.operations import Router, operation
from shared.web.responses import tagged

router = Router("notices")


@router.get(
    "/notices/{number}/document.pdf",
    summary="The notice as PDF/A, its figures attached",
    response_class=Response,
)
@operation(media=[MEDIA["pdf"]], unchanged=True, problems=(NotDrafted,))
async def read_pdf(request: Request, principal: Reader, number: NoticeNumber) -> Response:
    """With the annexes as landscape pages."""
    return await document_response(request, principal, number, "pdf")


@router.get(
    "/notices/{number}/document.docx",
    summary="The notice as DOCX",
    response_class=Response,
)
@operation(media=[MEDIA["docx"]], unchanged=True, problems=(NotDrafted,))
async def read_docx(request: Request, principal: Reader, number: NoticeNumber) -> Response:
    """With the annexes as landscape pages."""
    return await document_response(request, principal, number, "docx")


@router.get(
    "/notices/{number}/annexes.xlsx",
    summary="The annexes as a workbook",
    response_class=Response,
)
@operation(media=[MEDIA["xlsx"]], unchanged=True, problems=(NotDrafted,))
async def read_xlsx(request: Request, principal: Reader, number: NoticeNumber) -> Response:
    """A sheet each; numbers are numbers, nothing is a formula."""
    return await document_response(request, principal, number, "xlsx")


async def document_response(request: Request, principal: Principal, number: int, name: RenderingFormat) -> Response:
    """A file of the notice; raises `NotDrafted` while it has none."""
    async with request.app.state.database.transaction() as tx:
        row = await visible_notice(tx, principal, number)
        demand_drafted(row)
        rendering = await notices_store.find_rendering(tx, number, name)
    if rendering is None:
        raise NotFound(
            bilingual(
                "Notice {n} has no {name}.",
                "Thông báo {n} không có {name}.",
                n=number,
                name=name,
            )
        )
    disposition = f'inline; filename="{"thong-bao" if name != "xlsx" else "phu-luc"}-{number}.{name}"'
    etag = f'"{rendering.digest.hex()[:32]}"'
    return tagged(request, rendering.content, MEDIA[name], etag=etag, headers={"Content-Disposition": disposition})
