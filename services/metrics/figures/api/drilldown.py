"""Figures opened to the dossiers behind them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from fastapi import Path, Query, Request, Response

from services.metrics.agencies.service import reach_of
from services.metrics.figures.api.examples import dossiers as examples
from services.metrics.figures.drilldown import PART_DOC, drilldown_page
from services.metrics.figures.query import read_key
from services.metrics.figures.store.drilldown import DossierCursor
from services.metrics.parameters import Reader, reading
from services.metrics.polling.cache import etag_of, key_for
from shared.fields import Line
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter
from shared.web.responses import etag_response

router = Router("figures")

CURSOR = Cursor[DossierCursor]("figures", DossierCursor)
FigureName = Annotated[Line, Path(min_length=10, max_length=800, description="From the field `figure` of an answer")]


@router.get("/figures/{figure}", summary="The dossiers behind a figure, as they were known at its position")
@operation(example=examples.DRILLDOWN, unchanged=True)
async def select_dossiers(
    request: Request,
    principal: Reader,
    figure: FigureName,
    part: Annotated[Literal["numerator", "denominator"], Query(description=PART_DOC)] = "numerator",
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """Pages are pinned to the figure's position; the contributions of all pages add up to the figure, always."""
    key = read_key(figure)
    async with reading(request) as tx:
        units, reach = await reach_of(request.app.state.units, tx, principal, key.province)
        page = await drilldown_page(tx, key, units, reach, part=part, after=CURSOR.decode(cursor), limit=limit)
    following = None if page.next_after is None else CURSOR.encode(page.next_after)
    found = msgspec.structs.replace(page.response, next_cursor=following)
    parameters = key_for(request.scope, dict(request.scope["headers"]), principal)
    return etag_response(request, found, etag=etag_of(parameters, key.position, page.revision))
