"""The files of a notice: PDF, DOCX, XLSX; and its previews for browsers."""

from __future__ import annotations

import asyncio

import msgspec
from fastapi import Request, Response

from services.notices.composition.model import NoticeDocument
from services.notices.drafting.api.parameters import NoticeNumber, PageNumber, Reader, Resolution
from services.notices.drafting.api.visibility import NotDrafted, demand_drafted, visible_notice
from services.notices.drafting.store import notices as notices_store
from services.notices.drafting.store.notices import Rendering
from services.notices.figures.model import Figure
from services.notices.rendering import pages
from services.notices.rendering.html import STYLE, html
from services.notices.rendering.model import RenderingFormat, with_title
from shared.access.principals import Principal
from shared.errors import NotFound
from shared.languages import bilingual
from shared.web.formats import MEDIA
from shared.web.operations import Router, operation
from shared.web.pages import page
from shared.web.responses import tagged

router = Router("notices")

_DOCUMENT = msgspec.json.Decoder(NoticeDocument)
_FIGURES = msgspec.json.Decoder(dict[str, Figure])


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


@router.get(
    "/notices/{number}/document.html",
    summary="The notice as a page for browsers",
    response_class=Response,
)
@operation(media=["text/html"], unchanged=True, problems=(NotDrafted,))
async def read_html(request: Request, principal: Reader, number: NoticeNumber) -> Response:
    """Each number is a `data` element with its value and the `key` of its figure (`data-figure`); rates name part and base."""
    async with request.app.state.database.transaction() as tx:
        row = await visible_notice(tx, principal, number)
        demand_drafted(row)
        content = await notices_store.content(tx, number)
    notice = _DOCUMENT.decode(content.document)
    return page(request, with_title(notice).title, html(notice, _FIGURES.decode(content.figures)), "vi", style=STYLE)


@router.get(
    "/notices/{number}/pages/{page_number}.png",
    summary="A page of the notice as a picture",
    response_class=Response,
)
@operation(media=["image/png"], unchanged=True, problems=(NotDrafted,))
async def read_page(
    request: Request, principal: Reader, number: NoticeNumber, page_number: PageNumber, resolution: Resolution = 110
) -> Response:
    """A page of the PDF, from 1; one that there is not is a 404 that states how many there are."""
    rendering = await _rendering(request, principal, number, "pdf")
    found = await asyncio.to_thread(pages.picture, rendering.content, page_number, resolution=resolution)
    if found is None:
        raise NotFound(
            bilingual(
                "Notice {n} has {count} pages, no page {page}.",
                "Thông báo {n} có {count} trang, không có trang {page}.",
                n=number,
                count=await asyncio.to_thread(pages.count, rendering.content),
                page=page_number,
            )
        )
    return tagged(request, found, "image/png", etag=f'"{rendering.digest.hex()[:32]}-{page_number}-{resolution}"')


async def document_response(request: Request, principal: Principal, number: int, name: RenderingFormat) -> Response:
    """A file of the notice; raises `NotDrafted` while it has none."""
    rendering = await _rendering(request, principal, number, name)
    disposition = f'inline; filename="{"thong-bao" if name != "xlsx" else "phu-luc"}-{number}.{name}"'
    etag = f'"{rendering.digest.hex()[:32]}"'
    return tagged(request, rendering.content, MEDIA[name], etag=etag, headers={"Content-Disposition": disposition})


async def _rendering(request: Request, principal: Principal, number: int, name: RenderingFormat) -> Rendering:
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
    return rendering
