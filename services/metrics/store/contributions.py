"""The one definition of what dossiers contribute to the counters, as SQL made from `measures.MEASURES`.

`contributions(source)` is used to apply a batch, to prove the counters, to rebuild them, and (as `membership`) to open a figure.
"""

from __future__ import annotations

from functools import cache

from services.metrics.measures import COLUMNS, MEASURES, STOCKS, Edge, Measure

COUNTED = "NOT deleted AND (received_on IS NOT NULL OR outcome = 'refused')"
"""Which versions contribute at all."""

_WHOLE_LIFE = ("received_on", "ended_on")


@cache
def contributions(source: str) -> str:
    """A SELECT of (agency_no, procedure_no, day, every measure) over `source`, one row per cell that is not all zero.

    `source` names a relation with the columns of `dossier_version` and a `sign` (+1: a version that counts now, -1: one that does
    not any more). Interlinked dossiers count in the cell of their procedure and in cell 0, which holds all dossiers.
    """
    life = [one for one in MEASURES if _is_whole_life(one)]
    spans = [one for one in MEASURES if one.edge is Edge.stock and not _is_whole_life(one)]
    received = [one for one in MEASURES if one.edge is Edge.received]
    ended = [one for one in MEASURES if one.edge is Edge.ended]
    received_columns = {one.name: _sum(one) for one in received} | {one.name: _sum(one) for one in life}
    ended_columns = {one.name: _sum(one) for one in ended} | {
        one.name: _sum(one, "-sign", "received_on IS NOT NULL") for one in life
    }
    changed = {one.name: f"sum(change) FILTER (WHERE stock = {number})" for number, one in enumerate(spans, 1)}
    pauseless = [one for one in spans if one.span is not None and one.span.since != "'infinity'"]
    since = ", ".join(_bound(one, "since") for one in pauseless)
    until = ", ".join(_bound(one, "until") for one in pauseless)
    numbers = ", ".join(str(spans.index(one) + 1) for one in pauseless)
    totals = ", ".join(f"sum({name}) AS {name}" for name in COLUMNS)
    return f"""
    WITH counted AS MATERIALIZED (
        SELECT * FROM {source} WHERE {COUNTED}
    ), spanned AS (
        SELECT agency_no, procedure_no, sign, span.*
        FROM counted CROSS JOIN LATERAL unnest(
            ARRAY[{since}]::date[], ARRAY[{until}]::date[], ARRAY[{numbers}]
        ) AS span (since, until, stock)
        WHERE pauses IS NULL AND received_on IS NOT NULL
          AND least(late_from, portal_late_from, due_soon_5) < ended_on AND span.since < span.until
        UNION ALL
        SELECT agency_no, procedure_no, sign, lower(days), upper(days), stock
        FROM (SELECT agency_no, procedure_no, sign, unnest(CASE stock {_paused_cases(spans)} END) AS days, stock
              FROM counted CROSS JOIN generate_series(1, {len(spans)}) AS stock
              WHERE pauses IS NOT NULL AND received_on IS NOT NULL) AS paused
    ), edge AS (
        SELECT agency_no, procedure_no, since AS day, stock, sign AS change FROM spanned
        UNION ALL
        SELECT agency_no, procedure_no, until, stock, -sign FROM spanned WHERE until < 'infinity'
    ), piece AS (
        SELECT agency_no, procedure_no, received_on AS day, {_all(received_columns)}
        FROM counted WHERE received_on IS NOT NULL GROUP BY 1, 2, 3
        UNION ALL
        SELECT agency_no, procedure_no, ended_on, {_all(ended_columns)}
        FROM counted WHERE ended_on < 'infinity' GROUP BY 1, 2, 3
        UNION ALL
        SELECT agency_no, procedure_no, day, {_all(changed)}
        FROM edge GROUP BY 1, 2, 3
    ), doubled AS (
        SELECT * FROM piece WHERE procedure_no <> 0
        UNION ALL
        SELECT agency_no, 0, day, {", ".join(COLUMNS)} FROM piece
    )
    SELECT * FROM (SELECT agency_no, procedure_no, day, {totals} FROM doubled GROUP BY 1, 2, 3) AS cell
    WHERE ({", ".join(COLUMNS)}) IS DISTINCT FROM ({", ".join(["NULL"] * len(COLUMNS))})
    """


def _is_whole_life(measure: Measure) -> bool:
    return measure.span is not None and (measure.span.since, measure.span.until) == _WHOLE_LIFE


def _sum(measure: Measure, sign: str = "sign", also: str = "true") -> str:
    amount = sign if measure.is_count else f"{sign} * {measure.amount}::bigint"
    conditions = " AND ".join(one for one in (also, measure.condition) if one != "true")
    filtered = f" FILTER (WHERE {conditions})" if conditions else ""
    return f"nullif(sum({amount}){filtered}, 0)"


def _all(known: dict[str, str]) -> str:
    return ", ".join(f"{known.get(name, 'NULL::bigint')} AS {name}" for name in COLUMNS)


def _bound(measure: Measure, side: str) -> str:
    assert measure.span is not None
    bound = str(getattr(measure.span, side))
    # One NULL bound makes the span empty: a dossier outside the condition is in no stock.
    return bound if side == "until" or measure.condition == "true" else f"CASE WHEN {measure.condition} THEN {bound} END"


def _paused_cases(spans: list[Measure]) -> str:
    return " ".join(f"WHEN {number} THEN {days(one)}" for number, one in enumerate(spans, 1))


def days(measure: Measure) -> str:
    """The multirange of days on which a dossier with pauses is in the stock `measure`."""
    assert measure.span is not None
    plain = f"metrics.span({measure.span.since}, {measure.span.until})"
    spanned = measure.span.paused or plain
    if measure.condition == "true":
        return spanned
    return f"CASE WHEN {measure.condition} THEN {spanned} ELSE '{{}}'::datemultirange END"


def membership(measure: Measure, day: str) -> str:
    """Whether a dossier is in the stock `measure` at the end of `day` (an expression of type date)."""
    assert measure.span is not None
    plain = f"{measure.span.since} <= {day} AND {measure.span.until} > {day}"
    if measure.span.paused is not None:
        plain = f"CASE WHEN pauses IS NULL THEN {plain} ELSE {measure.span.paused} @> {day} END"
    return f"(received_on IS NOT NULL AND {measure.condition} AND {plain})"


ADDED = ", ".join(f"{name} = counter.{name} + excluded.{name}" for name in COLUMNS)
"""The SET list of an additive upsert into a table aliased `counter`."""

ZEROED = ", ".join(f"coalesce({name}, 0)" for name in COLUMNS)
NAMES = ", ".join(COLUMNS)
STOCK_NAMES = STOCKS
