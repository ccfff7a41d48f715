"""The one definition of what dossiers contribute to the counters, as SQL made from `measures.MEASURES`.

`contributions(source)` applies a batch, proves the counters and rebuilds them; `membership` opens a figure.
"""

from __future__ import annotations

from functools import cache

from services.metrics.measures import COLUMNS, MEASURES, Edge, Measure

COUNTED = "NOT deleted AND (received_on IS NOT NULL OR outcome = 'refused')"
"""Which versions contribute at all."""

_WHOLE_LIFE = ("received_on", "ended_on")


@cache
def contributions(source: str) -> str:
    """A SELECT of (agency_no, day, every measure) over `source`, one row per cell that is not all zero.

    `source` names a relation with the columns of `dossier_version` and a `sign` (+1: a version that counts now, -1: one that
    does not any more).
    """
    life = [one for one in MEASURES if _is_whole_life(one)]
    spans = [one for one in MEASURES if one.edge is Edge.stock and not _is_whole_life(one)]
    received = [one for one in MEASURES if one.edge is Edge.received]
    ended = [one for one in MEASURES if one.edge is Edge.ended]
    received_columns = {one.name: _sum(one) for one in received} | {one.name: _sum(one) for one in life}
    ended_columns = {one.name: _sum(one) for one in ended} | {
        one.name: _sum(one, "-sign", "received_on IS NOT NULL") for one in life
    }
    changed = {one.name: f"nullif(sum(change) FILTER (WHERE stock = {number}), 0)" for number, one in enumerate(spans, 1)}
    totals = ", ".join(f"sum({name}) AS {name}" for name in COLUMNS)
    return f"""
    WITH counted AS MATERIALIZED (
        SELECT * FROM {source} WHERE {COUNTED}
    ), spanning AS MATERIALIZED (
        SELECT * FROM counted WHERE pauses IS NULL AND received_on IS NOT NULL
          AND least(late_from, portal_late_from, due_soon_5) < ended_on
    ), halting AS MATERIALIZED (
        SELECT * FROM counted WHERE pauses IS NOT NULL AND received_on IS NOT NULL
    ), spanned AS MATERIALIZED (
        {_spans(spans)}
        UNION ALL
        SELECT agency_no, sign, lower(days), upper(days), stock
        FROM (SELECT agency_no, sign, unnest(CASE stock {_paused_cases(spans)} END) AS days, stock
              FROM halting CROSS JOIN generate_series(1, {len(spans)}) AS stock) AS halted
    ), edge AS (
        SELECT agency_no, since AS day, stock, sign AS change FROM spanned
        UNION ALL
        SELECT agency_no, until, stock, -sign FROM spanned WHERE until < 'infinity'
    ), piece AS (
        SELECT agency_no, received_on AS day, {_all(received_columns)}
        FROM counted WHERE received_on IS NOT NULL GROUP BY 1, 2
        UNION ALL
        SELECT agency_no, ended_on, {_all(ended_columns)}
        FROM counted WHERE ended_on < 'infinity' GROUP BY 1, 2
        UNION ALL
        SELECT agency_no, day, {_all(changed)}
        FROM edge GROUP BY 1, 2
    )
    SELECT * FROM (SELECT agency_no, day, {totals} FROM piece GROUP BY 1, 2) AS cell
    WHERE num_nonnulls({", ".join(COLUMNS)}) > 0
    """


def _is_whole_life(measure: Measure) -> bool:
    return measure.span is not None and (measure.span.since, measure.span.until) == _WHOLE_LIFE


def _sum(measure: Measure, sign: str = "sign", also: str = "true") -> str:
    amount = sign if measure.is_count else f"{sign} * {measure.amount}::bigint"
    conditions = " AND ".join(one for one in (also, measure.condition) if one != "true")
    filtered = f" FILTER (WHERE {conditions})" if conditions else ""
    return f"nullif(sum({amount}){filtered}, 0)"


def _all(known: dict[str, str]) -> str:
    # Integers, so that the sum of these sums is a bigint and no numeric.
    kinds = {measure.name: "bigint" if measure.wide else "integer" for measure in MEASURES}
    return ", ".join(f"({known.get(name, 'NULL')})::{kinds[name]} AS {name}" for name in COLUMNS)


def _spans(spans: list[Measure]) -> str:
    """Spans of dossiers without pauses, numbered as `spans`; the members of a family are read in one pass."""
    families: dict[str, list[int]] = {}
    for number, one in enumerate(spans, 1):
        families.setdefault(one.one_of or one.name, []).append(number)
    selects = []
    for numbers in families.values():
        first = spans[numbers[0] - 1]
        assert first.span is not None
        if first.span.since == "'infinity'":
            continue  # nothing without pauses
        stock = "".join(f" WHEN {spans[number - 1].condition} THEN {number}" for number in numbers)
        condition = "" if len(numbers) > 1 or first.condition == "true" else f" AND {first.condition}"
        selects.append(
            f"SELECT agency_no, sign, {first.span.since} AS since, {first.span.until} AS until,"
            f" {f'CASE{stock} END' if len(numbers) > 1 else numbers[0]} AS stock FROM spanning"
            f" WHERE {first.span.since} < {first.span.until}{condition}"
        )
    return " UNION ALL ".join(selects)


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


def known_at(position: str) -> str:
    """Whether `version` is the last one of its dossier up to a position (an expression), or of all (`NULL`).

    A subquery and no anti-join: of a stream that the statistics do not know yet the planner expects one row, and would compare
    every version with every other.
    """
    upto = "" if position == "NULL" else f" AND later.position <= {position}"
    return (
        "version.position = (SELECT max(later.position) FROM metrics.dossier_version AS later"
        f" WHERE later.stream = version.stream AND later.number = version.number{upto})"
    )


ADDED = ", ".join(f"{name} = counter.{name} + excluded.{name}" for name in COLUMNS)
"""The SET list of an additive upsert into a table aliased `counter`."""

NAMES = ", ".join(COLUMNS)
