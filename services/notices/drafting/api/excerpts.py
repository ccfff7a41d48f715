"""What a notice asks for, and what it states of one agency."""

from __future__ import annotations

from typing import Annotated, NamedTuple, get_args

import msgspec
from fastapi import Query, Request, Response

from services.notices.composition.excerpts import Excerpt, excerpt
from services.notices.composition.model import NoticeDocument
from services.notices.drafting.api import examples
from services.notices.drafting.api.parameters import AgencyName, NoticeNumber, Reader
from services.notices.drafting.api.schemas import NoticeExcerpt, RecommendationList, pinned_freshness
from services.notices.drafting.api.visibility import NotDrafted, demand_drafted, visible_notice
from services.notices.drafting.excerpts import LISTED, codes_of
from services.notices.drafting.model import IssuedState
from services.notices.drafting.store import notices as notices_store
from services.notices.drafting.store.notices import Content
from services.notices.figures.metrics_client import MetricsAway, MetricsClosed
from services.notices.figures.model import Figure, Pinned
from services.notices.rendering.model import RenderingFormat
from services.notices.rendering.pdf import Unprintable
from shared.access.principals import Principal
from shared.errors import NotFound, Unavailable
from shared.languages import bilingual
from shared.web.formats import MEDIA
from shared.web.operations import Router, operation
from shared.web.responses import etag_of, etag_response, not_modified, tagged

router = Router("notices")

Dossiers = Annotated[
    bool,
    Query(
        description=f"Also print the codes of the dossiers to look into, of each kind the first {LISTED}, as metrics lists them"
    ),
]

ISSUED = get_args(IssuedState)
_FORM = 2
"""Of the document of an excerpt: counted up when the same notice gives another one."""

_DOCUMENT = msgspec.json.Decoder(NoticeDocument)
_FIGURES = msgspec.json.Decoder(dict[str, Figure])
_PINNED = msgspec.json.Decoder(Pinned)


@router.get("/notices/{number}/recommendations", summary="What a notice asks for")
@operation(example=examples.RECOMMENDATIONS, unchanged=True, problems=(NotDrafted,))
async def read_recommendations(request: Request, principal: Reader, number: NoticeNumber) -> Response:
    """With addressees and deadlines: the next inspection names this notice as `follows`, and these by their keys."""
    content = await _content(request, principal, number)
    return etag_response(request, RecommendationList(list(_DOCUMENT.decode(content.document).recommendations)))


@router.get("/notices/{number}/excerpts/{agency}", summary="What a notice states of one agency")
@operation(response=NoticeExcerpt, example=examples.EXCERPT, unchanged=True, problems=(NotDrafted,))
async def read_excerpt(request: Request, principal: Reader, number: NoticeNumber, agency: AgencyName) -> Response:
    """Paragraphs that concern it, what it is asked to do, its lines of the annexes, and dossiers to look into."""
    read = _found(await _content(request, principal, number), number, agency)
    freshness = pinned_freshness(read.pinned.freshness)
    return etag_response(request, NoticeExcerpt(**msgspec.structs.asdict(read.excerpt), freshness=freshness))


@router.get(
    "/notices/{number}/excerpts/{agency}/document.pdf",
    summary="What a notice states of one agency, as PDF/A",
    response_class=Response,
)
@operation(media=[MEDIA["pdf"]], unchanged=True, problems=(NotDrafted, Unprintable, Unavailable, MetricsAway, MetricsClosed))
async def read_excerpt_pdf(
    request: Request, principal: Reader, number: NoticeNumber, agency: AgencyName, dossiers: Dossiers = False
) -> Response:
    """The same words below the head of the notice, to be sent to the agency. Made on request, in some seconds.

    With `dossiers=true` it needs a key with figures:read too.
    """
    return await _document_response(request, principal, number, agency, "pdf", dossiers=dossiers)


@router.get(
    "/notices/{number}/excerpts/{agency}/document.docx",
    summary="What a notice states of one agency, as DOCX",
    response_class=Response,
)
@operation(media=[MEDIA["docx"]], unchanged=True, problems=(NotDrafted, Unprintable, Unavailable, MetricsAway, MetricsClosed))
async def read_excerpt_docx(
    request: Request, principal: Reader, number: NoticeNumber, agency: AgencyName, dossiers: Dossiers = False
) -> Response:
    """The same words below the head of the notice. Made on request, in some seconds.

    With `dossiers=true` it needs a key with figures:read too.
    """
    return await _document_response(request, principal, number, agency, "docx", dossiers=dossiers)


async def _document_response(
    request: Request, principal: Principal, number: int, agency: str, name: RenderingFormat, *, dossiers: bool
) -> Response:
    if dossiers:
        principal.demand("figures:read")
    async with request.app.state.database.transaction() as tx:
        row = await visible_notice(tx, principal, number)
        demand_drafted(row)
        content = await notices_store.content(tx, number)
    read = _found(content, number, agency)
    codes = await codes_of(request.app.state.metrics, read.excerpt) if dossiers else {}
    # Of one release of the form, as the files of a notice are those of the release that drafted it.
    tag = etag_of(f"{_FORM} {name} {row.state in ISSUED} {content.document} {read.excerpt.agency} {codes}".encode())
    if (unchanged := not_modified(request, tag)) is not None:
        return unchanged
    assert row.drafted_at is not None  # as it has a text
    made = await request.app.state.excerpts.files(
        read.notice,
        read.excerpt,
        read.figures,
        read.pinned,
        dated_at=row.drafted_at.replace(microsecond=0),
        issued=row.state in ISSUED,
        codes=codes,
    )
    headers = {"Content-Disposition": f'inline; filename="trich-thong-bao-{number}-{read.excerpt.code}.{name}"'}
    return tagged(request, made[name], MEDIA[name], etag=tag, headers=headers)


class _Read(NamedTuple):
    notice: NoticeDocument
    figures: dict[str, Figure]
    pinned: Pinned
    excerpt: Excerpt


def _found(content: Content, number: int, agency: str) -> _Read:
    """The excerpt of a notice for an agency by its code or key; raises `NotFound`."""
    pinned = _PINNED.decode(content.pinned)
    subject = next((one for one in pinned.agencies if agency in (one.key, one.code)), None)
    if subject is None:
        raise NotFound(
            bilingual(
                "Notice {n} has no agency '{agency}'. The rows of its annexes name those it has.",
                "Thông báo {n} không có cơ quan '{agency}'. Xem các dòng của phụ lục.",
                n=number,
                agency=agency,
            )
        )
    notice, figures = _DOCUMENT.decode(content.document), _FIGURES.decode(content.figures)
    return _Read(notice, figures, pinned, excerpt(notice, figures, pinned, subject))


async def _content(request: Request, principal: Principal, number: int) -> Content:
    async with request.app.state.database.transaction() as tx:
        demand_drafted(await visible_notice(tx, principal, number))
        return await notices_store.content(tx, number)
