"""The drill-down: the dossiers behind a figure."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from fastapi import Path, Query, Request, Response

from services.metrics.agencies.service import reach_of
from services.metrics.figures import exports
from services.metrics.figures.api.examples import dossiers as examples
from services.metrics.figures.api.rendering import deliver_page
from services.metrics.figures.drilldown import PART_DOC, drilldown_page
from services.metrics.figures.query import read_key
from services.metrics.figures.store.drilldown import DossierCursor
from services.metrics.parameters import Reader, reading
from shared.fields import Line
from shared.spreadsheets import CSV
from shared.web.formats import PAGE_HEADERS, CsvFormat
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter

router = Router("figures")

CURSOR = Cursor[DossierCursor]("figures", DossierCursor)
FigureName = Annotated[Line, Path(min_length=10, max_length=800, description="From the field `figure` of a response")]


@router.get("/figures/{figure}", summary="The dossiers behind a figure, as they were known at its position")
@operation(example=examples.DRILLDOWN, media=(CSV,), headers=PAGE_HEADERS, unchanged=True)
async def read_drilldown(
    request: Request,
    principal: Reader,
    figure: FigureName,
    wanted: CsvFormat,
    part: Annotated[Literal["numerator", "denominator"], Query(description=PART_DOC)] = "numerator",
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 100,
) -> Response:
    """Pages are pinned to the figure's position; the contributions of all pages add up to the figure, always.

    JSON, or CSV in the language of `Accept-Language`. A CSV file holds one page too: give `limit`, and read the following page
    from the header `Link`.
    """
    key = read_key(figure)
    async with reading(request) as tx:
        units, reach = await reach_of(request.app.state.units, tx, principal, key.province, key.position)
        page = await drilldown_page(tx, key, units, reach, part=part, after=CURSOR.decode(cursor), limit=limit)
    following = None if page.next_after is None else CURSOR.encode(page.next_after)
    found = msgspec.structs.replace(page.response, next_cursor=following)
    return deliver_page(
        request,
        principal,
        found,
        lambda language: exports.dossiers(found, units, language),
        wanted,
        position=key.position,
        revision=page.revision,
        name=f"{key.kpi}-{part}-{key.province}",
        following=None if following is None else {"cursor": following},
    )
