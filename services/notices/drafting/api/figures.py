"""Figures of a notice, and what each follows from."""

from __future__ import annotations

import msgspec
from fastapi import Request, Response

from services.notices.drafting.api import examples
from services.notices.drafting.api.parameters import FigureKey, NoticeNumber, Reader
from services.notices.drafting.api.schemas import FigureList, NoticeFigure, figure_with_inputs, pinned_freshness, with_inputs
from services.notices.drafting.api.visibility import NotDrafted, demand_drafted, visible_notice
from services.notices.drafting.store import notices as notices_store
from services.notices.figures.model import Figure, Pinned
from shared.access.principals import Principal
from shared.errors import NotFound
from shared.languages import bilingual
from shared.web.operations import Router, operation
from shared.web.responses import etag_response

router = Router("notices")

_FIGURES = msgspec.json.Decoder(dict[str, Figure])
_PINNED = msgspec.json.Decoder(Pinned)


@router.get("/notices/{number}/figures", summary="Every figure of a notice")
@operation(example=examples.FIGURES, unchanged=True, problems=(NotDrafted,))
async def read_figures(request: Request, principal: Reader, number: NoticeNumber) -> Response:
    """Those of the text and of the annexes. `figure_id` is the id at metrics, where the dossiers of a figure are listed."""
    revision, figures, pinned = await _figures(request, principal, number)
    figure_list = FigureList([NoticeFigure.of(one) for one in figures.values()], pinned_freshness(pinned.freshness))
    return etag_response(request, figure_list, etag=f'"figures-{number}-{revision}"')


@router.get(
    "/notices/{number}/figures/{key:path}",
    summary="One figure of a notice and what it follows from",
)
@operation(example=examples.FIGURE_WITH_INPUTS, unchanged=True, problems=(NotDrafted,))
async def read_figure(
    request: Request,
    principal: Reader,
    number: NoticeNumber,
    key: FigureKey,
) -> Response:
    """`inputs` are the figures it is derived from, down to those of metrics and of the inspection."""
    _, figures, pinned = await _figures(request, principal, number)
    if key not in figures:
        raise NotFound(
            bilingual(
                "Notice {n} has no figure '{key}'. GET /v1/notices/{n}/figures lists those it has.",
                "Thông báo {n} không có số liệu '{key}'. Xem GET /v1/notices/{n}/figures.",
                n=number,
                key=key,
            )
        )
    inputs = with_inputs({key}, figures) - {key}
    return etag_response(request, figure_with_inputs(figures[key], [figures[one] for one in sorted(inputs)], pinned))


async def _figures(request: Request, principal: Principal, number: int) -> tuple[int, dict[str, Figure], Pinned]:
    async with request.app.state.database.transaction() as tx:
        row = await visible_notice(tx, principal, number)
        demand_drafted(row)
        content = await notices_store.content(tx, number)
    return row.revision, _FIGURES.decode(content.figures), _PINNED.decode(content.pinned)
