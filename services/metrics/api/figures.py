"""Figures opened to the dossiers behind them."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from services.metrics.api.asking import Reader, as_json, reach_of, reading
from services.metrics.api.polled import respond
from services.metrics.opening import PART_DOC, open_page
from services.metrics.questions import read_figure_id
from services.metrics.store.opening import Place
from shared.errors import Invalid
from shared.fields import Line

router = APIRouter(prefix="/v1", tags=["figures"])

FigureName = Annotated[Line, Path(min_length=10, max_length=800, description="From the field `figure` of an answer")]


@router.get("/figures/{figure}", summary="The dossiers behind a figure, as they were known at its position")
async def open_figure(
    request: Request,
    principal: Reader,
    figure: FigureName,
    part: Annotated[Literal["numerator", "denominator"], Query(description=PART_DOC)] = "numerator",
    after: Annotated[Line | None, Query(max_length=64, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """Pages are pinned to the figure's position; the contributions of all pages add up to the figure, always."""
    asked = read_figure_id(figure)
    async with reading(request) as tx:
        units, reach = await reach_of(request.app.state.units, tx, principal, asked.stream)
        found, generation = await open_page(tx, asked, units, reach, part=part, after=place_of(after), limit=limit)
    found["next"] = cursor_of(found["next"])
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


def place_of(given: str | None) -> Place | None:
    """The place that `cursor_of` wrote; raises `Invalid` for anything else."""
    if given is None:
        return None
    match = re.fullmatch(r"(\d{1,9})\.(\d{1,7})\.(\d{1,18})", given)
    if not match or not 1 <= int(match[2]) <= date.max.toordinal() or int(match[1]) >= 2**31:
        raise Invalid("`after` is the `next` of the page before, as it was given.")
    return Place(int(match[1]), date.fromordinal(int(match[2])), int(match[3]))


def cursor_of(place: Place | None) -> str | None:
    """The text of a place, as clients hand it back."""
    return None if place is None else f"{place.agency_no}.{place.day.toordinal()}.{place.number}"
