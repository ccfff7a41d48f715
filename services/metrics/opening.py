"""Opening figures, and what moved them between two positions."""

from __future__ import annotations

from typing import Any, Literal

from services.metrics.figures import formulas_of, period_of
from services.metrics.kpis.algebra import EMPTY, value_of
from services.metrics.questions import FigureId, members_of
from services.metrics.store import opening as store
from services.metrics.store import streams, sums
from services.metrics.store.opening import Place
from services.metrics.units import Units
from shared.database import Connection
from shared.errors import NotFound, no_stream

Part = Literal["numerator", "denominator"]
PART_DOC = "Which side of a rate; a count has a numerator only"


async def open_page(
    tx: Connection,
    figure: FigureId,
    units: Units,
    permitted: frozenset[int] | None,
    *,
    part: Part,
    after: Place | None,
    limit: int,
) -> tuple[dict[str, Any], int]:
    """A page of the dossiers behind a figure with the figure itself, and the stream's generation."""
    stream = await streams.stream(tx, figure.stream)
    if stream is None:
        raise no_stream(figure.stream)
    if figure.position > stream.position:
        raise NotFound(f"Stream {figure.stream} is not counted up to position {figure.position} here.")
    is_current = figure.position == stream.position
    if not is_current and figure.position != await streams.batch_at(tx, figure.stream, figure.position):
        raise NotFound(f"Position {figure.position} is not one that figures were made at. Take the id from an answer.")
    members = members_of(figure.scope, units, figure.period, figure.structure_on, permitted)
    total = figure.kpi.numerator if part == "numerator" else figure.kpi.denominator
    if total is None:
        raise NotFound(f"{figure.kpi.id} is a count: it has a numerator only.")
    if figure.procedure is None:
        columns = frozenset(formulas_of((figure.kpi,)).columns)
        asked = sums.Asked(figure.stream, sorted(members), figure.period, columns=columns)
        rows = await (sums.now(tx, asked) if is_current else sums.as_of(tx, asked, figure.position))
        row = rows.get(0, EMPTY)
    else:
        found = await store.by_procedure(tx, figure.stream, sorted(members), figure.period, figure.position, figure.procedure)
        row = found.get(figure.procedure, EMPTY)
    numerator, denominator = formulas_of((figure.kpi,)).counts(row)
    opened = await store.open_figure(
        tx,
        figure.stream,
        sorted(members),
        total,
        figure.period,
        figure.position,
        procedure=figure.procedure,
        after=after,
        limit=limit,
    )
    # An agency that the catalogue does not know has no key.
    dossiers = [{**dossier._asdict(), "agency": units.keys.get(dossier.agency)} for dossier in opened.dossiers]
    return {
        "figure": str(figure),
        "stream": figure.stream,
        "position": figure.position,
        "kpi": figure.kpi.id,
        "rule": figure.kpi.rule,
        "period": period_of(figure.period),
        "part": part,
        "numerator": numerator,
        "denominator": denominator,
        "value": value_of(figure.kpi, row, numerator, denominator),
        "sum": numerator if part == "numerator" else denominator,
        "dossiers": dossiers,
        "next": opened.next,
    }, stream.generation
