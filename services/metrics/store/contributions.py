"""The one definition of what dossiers contribute to the counters, as SQL made from `measures.MEASURES`.

`contributions(source)` applies a batch, proves the counters and rebuilds them; `membership` opens a figure.

The statement groups the dossiers once for each kind of day on which something is counted: the day of receipt, the day of the
end, and the days on which stocks are entered and left in between. What is asked of a dossier more than once is a column of the
relation that all of these read, found out once: its days, its place in each family of measures, the words of `measures.TERMS`.
Comparing is what costs: so those columns are such that a sum has to look only whether one is true, or there at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from services.metrics.measures import COLUMNS, MEASURES, TERMS, Edge, Family, Measure, Span, once_received, spelt

COUNTED = "NOT deleted AND (received_on IS NOT NULL OR outcome = 'refused')"
"""Which versions contribute at all."""

_FLOWS = {edge: [one for one in MEASURES if one.edge is edge] for edge in (Edge.received, Edge.ended)}
_STOCKS = {one: one.span for one in MEASURES if one.span is not None}
_LIVES = [one for one, span in _STOCKS.items() if span == Span("received_on")]
"""Stocks that a dossier is in from receipt to end, whatever happens in between."""
_SPANS = {one: span for one, span in _STOCKS.items() if one not in _LIVES}
_FAMILIES = {one.family: [member for member in MEASURES if member.family is one.family] for one in MEASURES if one.family}

_DAYS = {
    day: f"day_{number}"
    for number, day in enumerate(dict.fromkeys(day for span in _SPANS.values() for day in (span.since, span.cap) if day), 1)
}
"""The days on which a dossier enters and leaves stocks before that of its end, and the columns that hold them: NULL where that
is not before the end, and where it was not received or has pauses."""

_HALTS = [one for one in _SPANS if one.family is None or one is _FAMILIES[one.family][0]]
"""One stock for each multirange that a dossier with pauses is in stocks for; that of a family is the first one's."""


@cache
def contributions(source: str, newest: bool = False) -> str:
    """A SELECT of (agency_no, day, every measure) over `source`, one row per cell that is not all zero.

    `source` names a relation with the columns of `dossier_version` and a `sign` (+1: a version that counts now, -1: one that
    does not any more). `newest`: it has no sign, and the last version of each dossier counts, as an index by number and
    position finds it.
    """
    sign = "" if newest else "sign"
    received = {one.name: _sum(one, sign) for one in (*_FLOWS[Edge.received], *_LIVES)}
    ended = {one.name: _sum(one, sign) for one in _FLOWS[Edge.ended]}
    # A sum and what is its opposite are one sum to the database if they are written alike.
    ended |= {one.name: f"-{_sum(one, sign, 'received_on IS NOT NULL')}" for one in _LIVES}
    ended |= {one.name: f"-{_sum(one, sign, *_to_the_end(span))}" for one, span in _SPANS.items() if span.since}
    pieces = [_grouped("counted", day, _steps(day, sign), f"{day} IS NOT NULL", _SPANS) for day in _DAYS.values()]
    pieces.append(_grouped("halting", "day", {one.name: _halted(one) for one in _SPANS}, "day < 'infinity'", _SPANS))
    between = {one.name: f"sum({one.name})" for one in _SPANS}
    sides = {"r": received, "e": ended, "s": between}
    totals = {one: _total(one, [side for side, sums in sides.items() if one.name in sums]) for one in MEASURES}
    # Versions of a dossier lie near each other: backwards through the index is one way through the table. What is no column of
    # the relation that is kept would have to be taken out of every row once more, so the keys are.
    first, order, keys = (
        ("DISTINCT ON (number) ", " ORDER BY number DESC, position DESC", ", number, position") if newest else ("",) * 3
    )
    return f"""
    WITH counted AS MATERIALIZED (
        SELECT * FROM (
            SELECT {first}{sign or 1} AS sign, agency_no, {_columns()}, {COUNTED} AS counts{keys} FROM {source}{order}
        ) AS version WHERE counts
    ), halting AS (
        SELECT agency_no, edge.day, halt, {", ".join(map(_place, _FAMILIES))}, edge.change
        FROM counted, unnest(halts) WITH ORDINALITY AS halted (spans, halt), unnest(spans) AS span,
            LATERAL (VALUES (lower(span), sign), (upper(span), -sign)) AS edge (day, change)
        WHERE halts IS NOT NULL
    )
    SELECT agency_no, day, {", ".join(f"nullif({total}, 0)::{kind(one)} AS {one.name}" for one, total in totals.items())}
    FROM ({_grouped("counted", "received_on", received, "received_on IS NOT NULL")}) AS r
    FULL JOIN ({_grouped("counted", "ended_on", ended, "ended_on < 'infinity'")}) AS e USING (agency_no, day)
    FULL JOIN ({_grouped(f"({' UNION ALL '.join(pieces)}) AS piece", "day", between)}) AS s USING (agency_no, day)
    WHERE {" OR ".join(f"{total} <> 0" for total in totals.values())}
    """


def kind(measure: Measure) -> str:
    """The type of the counter."""
    return "bigint" if measure.wide else "integer"


def _grouped(
    source: str, day: str, sums: Mapping[str, str], where: str = "true", columns: Iterable[Measure] | None = None
) -> str:
    """Sums by agency and day; `columns`: all of these in their order, as integers, whose sum is a bigint and no numeric."""
    named = [f"{text} AS {name}" for name, text in sums.items()]
    if columns is not None:
        named = [f"({sums.get(one.name, 'NULL')})::integer AS {one.name}" for one in columns]
    return f"SELECT agency_no, {day} AS day, {', '.join(named)} FROM {source} WHERE {where} GROUP BY agency_no, {day}"


def _sum(measure: Measure, sign: str, *also: str) -> str:
    """`sign`: the column that says which versions count against the others; empty when all count."""
    amounts = [sign] if sign else []
    amounts += [] if measure.is_count else [measure.amount]
    conditions = [one for one in (*also, _is_one(measure)) if one != "true"]
    summed = f"sum({' * '.join(amounts)})" if amounts else "count(*)"
    return summed + (f" FILTER (WHERE {' AND '.join(conditions)})" if conditions else "")


def _is_one(measure: Measure) -> str:
    if measure.family is None:
        return measure.condition
    return f"{_place(measure.family)} = {_FAMILIES[measure.family].index(measure) + 1}"


def _to_the_end(span: Span) -> list[str]:
    """Whether a dossier leaves a stock on the day of its end: it came before, and was not out of it again."""
    assert span.since is not None
    return [f"{_DAYS[span.since]} IS NOT NULL", *([f"{_DAYS[span.cap]} IS NULL"] if span.cap else [])]


def _steps(day: str, sign: str) -> dict[str, str]:
    """Sums of those who enter and leave stocks on a day that is before the day of the end."""
    steps = {}
    for one, span in _SPANS.items():
        since, cap = _DAYS.get(span.since or ""), _DAYS.get(span.cap or "")
        if since == day:
            steps[one.name] = _sum(one, sign, *([f"({day} < {cap}) IS NOT FALSE"] if cap else []))
        elif cap == day:
            steps[one.name] = f"-{_sum(one, sign, f'{since} < {day}')}"
    return steps


def _halted(measure: Measure) -> str:
    first = measure if measure.family is None else _FAMILIES[measure.family][0]
    is_one = "" if measure.family is None else f" AND {_is_one(measure)}"
    return f"sum(change) FILTER (WHERE halt = {_HALTS.index(first) + 1}{is_one})"


def _total(measure: Measure, sides: list[str]) -> str:
    named = [f"{side}.{measure.name}" for side in sides]
    return named[0] if len(named) == 1 else f"({' + '.join(f'coalesce({one}, 0)' for one in named)})"


def _columns() -> str:
    """What all groups read, in such an order that those of the stocks, which are many, find theirs in front."""
    asked = {edge: [one for one in MEASURES if one.edge is edge] for edge in (Edge.stock, Edge.received, Edge.ended)}
    columns = [f"{_day(day)} AS {column}" for day, column in _DAYS.items()]
    for edge, measures in asked.items():
        columns += [f"{_place_of(family)} AS {_place(family)}" for family in _FAMILIES if _FAMILIES[family][0].edge is edge]
        columns += _words(measures)
        if edge is Edge.stock:
            columns += [f"{_halts()} AS halts", "ended_on", "received_on"]
    return ", ".join(dict.fromkeys(columns))


def _words(measures: list[Measure]) -> list[str]:
    """The columns and terms that sums read: the lower-case words of their expressions."""
    asked = [text for one in measures for text in ((one.condition,) if one.family is None else ()) + (one.amount,)]
    words = (word for text in asked for word in re.findall(r"[a-z_]\w*", re.sub("'[^']*'", "", text)))
    there = {"true", "agency_no", "received_on", "ended_on"}
    return [f"{spelt(word)} AS {word}" if word in TERMS else word for word in words if word not in there]


def _day(day: str) -> str:
    return f"CASE WHEN pauses IS NULL AND {day} < ended_on AND received_on < ended_on THEN {once_received(day)} END"


def _place(family: Family) -> str:
    return f"place_in_{family.name}"


def _place_of(family: Family) -> str:
    """Which member of a family a dossier is: its number from 1."""
    members = _FAMILIES[family]
    cases = "".join(f" WHEN {spelt(family.own(one.condition))} THEN {number}" for number, one in enumerate(members, 1))
    span = members[0].span
    shared = spelt(family.condition) if span is None else f"(pauses IS NOT NULL OR {span.since} < ended_on)"
    return f"{f'CASE WHEN {shared} THEN' if shared else ''} CASE{cases} END{' END' if shared else ''}"


def _halts() -> str:
    spans = [days(one) if one.family is None else f"{_SPANS[one].paused}" for one in _HALTS]
    return f"CASE WHEN pauses IS NOT NULL AND received_on IS NOT NULL THEN ARRAY[{', '.join(spans)}] END"


def days(measure: Measure) -> str:
    """The multirange of days on which a dossier with pauses is in the stock `measure`."""
    assert measure.span is not None
    spanned = measure.span.paused or f"metrics.span({measure.span.first}, {measure.span.until})"
    if measure.condition == "true":
        return spanned
    return f"CASE WHEN {measure.sql} THEN {spanned} ELSE '{{}}'::datemultirange END"


def membership(measure: Measure, day: str) -> str:
    """Whether a dossier is in the stock `measure` at the end of `day` (an expression of type date)."""
    assert measure.span is not None
    plain = "false" if measure.span.since is None else f"{measure.span.first} <= {day} AND {measure.span.until} > {day}"
    if measure.span.paused is not None:
        plain = f"CASE WHEN pauses IS NULL THEN {plain} ELSE {measure.span.paused} @> {day} END"
    return f"(received_on IS NOT NULL AND {measure.sql} AND {plain})"


def known_at(position: str) -> str:
    """Whether `version` is the last one of its dossier up to a position (an expression), or of all (`NULL`).

    A subquery (`OFFSET 0` keeps it one) and no anti-join: of a stream that the statistics do not know yet the planner expects
    one row, and would compare every version with every other.
    """
    later = (
        "NOT EXISTS (SELECT FROM metrics.dossier_version AS later WHERE later.stream = version.stream"
        " AND later.number = version.number AND later.position > version.position"
    )
    if position == "NULL":
        return f"{later} OFFSET 0)"
    # Most versions are of before, but the planner takes a bound that it does not know for one that a third keep.
    return f"CASE WHEN version.position <= {position} THEN {later} AND later.position <= {position} OFFSET 0) ELSE false END"


ADDED = ", ".join(f"{name} = counter.{name} + excluded.{name}" for name in COLUMNS)
"""The SET list of an additive upsert into a table aliased `counter`."""

NAMES = ", ".join(COLUMNS)
