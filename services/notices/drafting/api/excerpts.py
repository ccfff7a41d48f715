"""What a notice asks for, and what it states of one agency."""

from __future__ import annotations

import msgspec
from fastapi import Request, Response

from services.notices.composition.excerpts import excerpt
from services.notices.composition.model import NoticeDocument
from services.notices.drafting.api import examples
from services.notices.drafting.api.parameters import AgencyName, NoticeNumber, Reader
from services.notices.drafting.api.schemas import NoticeExcerpt, RecommendationList, pinned_freshness
from services.notices.drafting.api.visibility import NotDrafted, demand_drafted, visible_notice
from services.notices.drafting.store import notices as notices_store
from services.notices.drafting.store.notices import Content
from services.notices.figures.model import Figure, Pinned
from shared.access.principals import Principal
from shared.errors import NotFound
from shared.languages import bilingual
from shared.web.operations import Router, operation
from shared.web.responses import etag_response

router = Router("notices")

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
    content = await _content(request, principal, number)
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
    found = excerpt(notice, figures, pinned, subject)
    return etag_response(request, NoticeExcerpt(**msgspec.structs.asdict(found), freshness=pinned_freshness(pinned.freshness)))


async def _content(request: Request, principal: Principal, number: int) -> Content:
    async with request.app.state.database.transaction() as tx:
        demand_drafted(await visible_notice(tx, principal, number))
        return await notices_store.content(tx, number)
