"""Figures opened to the dossiers behind them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from services.metrics.api.asking import Reader, as_json, reach_of, reading
from services.metrics.api.polled import respond
from services.metrics.opening import PART_DOC, open_page
from services.metrics.questions import read_figure_id
from services.metrics.store.opening import Place
from shared.fields import Line
from shared.web.paging import Cursor, CursorParameter

router = APIRouter(prefix="/v1", tags=["figures"])

CURSOR = Cursor[Place]("figures", Place)
FigureName = Annotated[Line, Path(min_length=10, max_length=800, description="From the field `figure` of an answer")]


@router.get("/figures/{figure}", summary="The dossiers behind a figure, as they were known at its position")
async def open_figure(
    request: Request,
    principal: Reader,
    figure: FigureName,
    part: Annotated[Literal["numerator", "denominator"], Query(description=PART_DOC)] = "numerator",
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """Pages are pinned to the figure's position; the contributions of all pages add up to the figure, always."""
    asked = read_figure_id(figure)
    async with reading(request) as tx:
        units, reach = await reach_of(request.app.state.units, tx, principal, asked.stream)
        found, generation = await open_page(tx, asked, units, reach, part=part, after=CURSOR.decode(cursor), limit=limit)
    ended = found.pop("next")
    found["next_cursor"] = None if ended is None else CURSOR.encode(ended)
    return respond(
        request,
        principal,
        stream=asked.stream,
        position=asked.position,
        generation=generation,
        standing=None,
        body=as_json(found),
        media_type="application/json",
    )
