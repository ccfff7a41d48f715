"""Wrongly overdue: what portal and law disagree about, as a list that an office can act on."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import Query, Request, Response

from services.metrics.agencies.service import reach_of
from services.metrics.disagreements import examples
from services.metrics.disagreements.service import DisagreementCursor, Side, as_rows, disagreements
from services.metrics.figures.api.parameters import Parameters
from services.metrics.figures.api.rendering import deliver_page
from services.metrics.figures.service import NotCountedYet, counted_position
from services.metrics.parameters import Reader, reading
from shared.errors import Invalid
from shared.spreadsheets import CSV
from shared.web.formats import PAGE_HEADERS, CsvFormat
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter
from shared.workdays.wording import Language

router = Router("figures")
CURSOR = Cursor[DisagreementCursor]("disagreements", DisagreementCursor)


@router.get(
    "/disagreements",
    summary="Dossiers that only the portal or only the law calls overdue, each with its cause and what to do",
)
@operation(
    example=examples.DISAGREEMENTS,
    media=(CSV,),
    headers=PAGE_HEADERS,
    problems=(NotCountedYet,),
    unchanged=True,
)
async def read_disagreements(
    request: Request,
    principal: Reader,
    parameters: Parameters,
    wanted: CsvFormat,
    side: Annotated[Side | None, Query(description="Missing: both lists, the portal's first")] = None,
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
) -> Response:
    """As many lines as the KPIs `overdue_by_portal_only` and `overdue_by_law_only` count at the same position.

    JSON, or CSV in the language of `Accept-Language`. Ask for the following page with `as_of` set to this one's position; in
    CSV it is the header `Link`.
    """
    sides = (side,) if side is not None else tuple(Side)
    async with reading(request) as tx:
        principal.demand_province(parameters.province)
        position = await counted_position(tx, parameters.province, parameters.as_of)
        units, reach = await reach_of(request.app.state.units, tx, principal, parameters.province, position)
        page = await disagreements(tx, parameters.query(), units, reach, sides=sides, after=_after(cursor, sides), limit=limit)
    following = None if page.next_after is None else CURSOR.encode(page.next_after)
    found = msgspec.structs.replace(page.response, next_cursor=following)
    return deliver_page(
        request,
        principal,
        found,
        lambda language: as_rows(found, Language(language)),
        wanted,
        position=found.position,
        revision=page.revision,
        name=f"disagreements-{parameters.province}",
        following=None if following is None else {"cursor": following, "as_of": found.position},
    )


def _after(cursor: str | None, sides: tuple[Side, ...]) -> DisagreementCursor | None:
    after = CURSOR.decode(cursor)
    if after is not None and after.side not in sides:
        raise Invalid(
            f"The cursor goes on with the side {after.side}, which this query leaves out. Repeat the query that gave it."
        )
    return after
