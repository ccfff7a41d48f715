"""Opening a figure: exactly the dossiers behind it, as they were known at its position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from services.metrics.kpis.algebra import COLUMNS, EVIDENCE, Sum, When
from services.metrics.measures import BY_NAME, Edge
from services.metrics.periods import Period
from services.metrics.store.contributions import COUNTED, known_at, membership
from shared.database import Connection, plan_anew

_SHOWN = {
    "number": "number",
    "code": "code",
    "position": "position",
    "procedure": "procedure",
    "status": "status",
    "channel": "channel::text",
    "received_on": "received_on",
    "due_on": "due_on",
    "ended_on": "nullif(ended_on, 'infinity')",
    "outcome": "outcome::text",
    "timeliness": "timeliness::text",
    "portal_timeliness": "portal_timeliness::text",
    "cause": "cause",
    "supplements": "supplements",
    "portal_due_on": "CASE WHEN portal_late_from < 'infinity' THEN portal_late_from - 1 END",
}
"""What is shown of a dossier: its name, and its expression."""

_SINCE, _UNTIL, _BEFORE, _POSITION = "$4::date", "$5::date", "$6::date", "$7::bigint"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: what the next one begins after."""

    agency_no: int
    day: date
    number: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A page of dossiers, each with what it contributes to the figure; its `agency` is a number."""

    dossiers: list[dict[str, Any]]
    next: Place | None


async def open_figure(
    tx: Connection,
    stream: str,
    agencies: Sequence[int],
    total: Sum,
    period: Period,
    position: int,
    *,
    procedure: str | None,
    after: Place | None,
    limit: int,
) -> Opened:
    """The dossiers that contribute to `total`, a page of at most `limit`; contributions of all pages add up to the figure."""
    if all(when is When.entered for _, when, _ in total.terms):
        return Opened([], None)
    place: list[Any] = [] if after is None else [after.agency_no, after.day, after.number]
    if procedure is not None:
        await plan_anew(tx)
    rows = await tx.fetch(
        _page(total, procedure is not None, after is None, limit),
        stream,
        [number for number in agencies if after is None or number >= after.agency_no],
        procedure,
        period.since,
        period.until,
        period.since - timedelta(days=1),
        position,
        *place,
    )
    page = [dict(row) for row in rows[:limit]]
    last = page[-1] if len(rows) > limit else None
    # "Never" is shown as nothing; it is the last of all days.
    return Opened(page, Place(last["agency"], last["ended_on"] or date.max, last["number"]) if last else None)


@lru_cache(1_000)
def _page(total: Sum, one_procedure: bool, is_first: bool, limit: int) -> str:
    """The statement that finds a page and one dossier more."""
    terms = [term for term in total.terms if term[1] is not When.entered]
    contribution = " + ".join(_contribution(*term) for term in terms)
    first, further = _reach(terms)
    # The column `ended_on`, not what is shown under its name: its index gives the order. This is planned once for all figures,
    # and must not look then as if next to nothing were found, which would be read whole and sorted. The planner takes two
    # bounds of a day for a narrow range, but not one of day and number; what parameters alone decide it ignores on its own.
    return f"""
        SELECT {", ".join(f"{text} AS {name}" for name, text in _SHOWN.items())},
            ({contribution})::bigint AS contribution, agency_no AS agency
        FROM metrics.dossier_version AS version
        WHERE stream = $1 AND agency_no = ANY($2) AND {COUNTED}
          AND {"interlinked AND procedure = $3" if one_procedure else "$3::text IS NULL"}
          AND {_SINCE} <= {_UNTIL} AND {_BEFORE} < {_SINCE}
          AND (version.ended_on, number) > ({first}, 0) AND {further}
          {"" if is_first else "AND (agency_no, version.ended_on, number) > ($8, $9, $10)"} AND ({contribution}) <> 0
          AND {known_at(_POSITION)}
        ORDER BY agency_no, version.ended_on, number LIMIT {limit + 1}
    """


async def by_procedure(
    tx: Connection, stream: str, agencies: Sequence[int], period: Period, position: int, procedure: str | None = None
) -> dict[str, tuple[int, ...]]:
    """The rows of sums by interlinked procedure, or of one of them, read off the versions: interlinked dossiers are few."""
    await plan_anew(tx)
    columns = [(when, name) for when, name in COLUMNS if when is not When.entered]
    sums = ", ".join(f"coalesce(sum({_contribution(1, when, name)}), 0)::bigint" for when, name in columns)
    rows = await tx.fetch(
        f"""
        SELECT procedure, {sums} FROM metrics.dossier_version AS version
        WHERE stream = $1 AND agency_no = ANY($2) AND interlinked AND procedure IS NOT NULL AND {COUNTED}
          AND ($3::text IS NULL OR procedure = $3)
          AND (received_on IS NULL OR received_on <= {_UNTIL}) AND ended_on >= {_SINCE} AND {_BEFORE} < {_SINCE}
          AND {known_at(_POSITION)}
        GROUP BY procedure
        """,
        stream,
        list(agencies),
        procedure,
        period.since,
        period.until,
        period.since - timedelta(days=1),
        position,
    )
    nothing_entered = (0,) * len(EVIDENCE)
    return {row[0]: (*tuple(row)[1:], *nothing_entered) for row in rows}


async def moved(
    tx: Connection,
    stream: str,
    agencies: Sequence[int],
    total: Sum,
    period: Period,
    after: int,
    upto: int,
    *,
    procedure: str | None,
    after_number: int,
    limit: int,
) -> list[dict[str, Any]]:
    """The dossiers whose contribution to `total` is another at `upto` than it was at `after`, in order of their numbers."""
    terms = [term for term in total.terms if term[1] is not When.entered]
    if not terms:
        return []
    contribution = " + ".join(_contribution(*term) for term in terms)
    await plan_anew(tx)
    rows = await tx.fetch(
        f"""
        WITH touched AS (
            SELECT DISTINCT number FROM metrics.dossier_version
            WHERE stream = $1 AND position > $7::bigint AND position <= $8::bigint AND number > $9
        ), version AS (
            SELECT known.*, is_before FROM touched CROSS JOIN (VALUES (true, $7), (false, $8)) AS moment (is_before, upto)
            CROSS JOIN LATERAL (
                SELECT * FROM metrics.dossier_version AS one
                WHERE one.stream = $1 AND one.number = touched.number AND one.position <= moment.upto
                ORDER BY position DESC LIMIT 1
            ) AS known
        ), known AS (
            SELECT number, code, agency_no, position, is_before,
                   CASE WHEN {COUNTED} AND agency_no = ANY($2) AND ($3::text IS NULL OR (interlinked AND procedure = $3))
                        THEN ({contribution})::bigint ELSE 0 END AS contribution
            FROM version WHERE {_SINCE} <= {_UNTIL} AND {_BEFORE} < {_SINCE}
        )
        SELECT number, max(code) AS code,
               coalesce(sum(contribution) FILTER (WHERE is_before), 0)::bigint AS before,
               coalesce(sum(contribution) FILTER (WHERE NOT is_before), 0)::bigint AS after,
               max(agency_no) FILTER (WHERE is_before) AS agency_before,
               max(agency_no) FILTER (WHERE NOT is_before) AS agency_after,
               max(position) AS position
        FROM known GROUP BY number
        HAVING coalesce(sum(contribution) FILTER (WHERE is_before), 0)
            <> coalesce(sum(contribution) FILTER (WHERE NOT is_before), 0)
        ORDER BY number LIMIT {limit}
        """,
        stream,
        list(agencies),
        procedure,
        period.since,
        period.until,
        period.since - timedelta(days=1),
        after,
        upto,
        after_number,
    )
    return [dict(row) for row in rows]


def _contribution(factor: int, when: When, name: str) -> str:
    measure = BY_NAME[name]
    amount = str(factor) if measure.is_count else f"{factor} * {measure.amount}::bigint"
    return f"CASE WHEN {_counts(when, name)} THEN {amount} ELSE 0 END"


def _counts(when: When, name: str) -> str:
    measure = BY_NAME[name]
    if measure.edge is Edge.received:
        return f"received_on BETWEEN {_SINCE} AND {_UNTIL} AND {measure.sql}"
    if measure.edge is Edge.ended:
        return f"ended_on BETWEEN {_SINCE} AND {_UNTIL} AND {measure.sql}"
    return membership(measure, _BEFORE if when is When.start else _UNTIL)


def _reach(terms: Sequence[tuple[int, When, str]]) -> tuple[str, str]:
    """What holds of all dossiers that contribute: the first day on which they can have ended, and what else."""
    edges = {BY_NAME[name].edge for _, _, name in terms}
    if edges == {Edge.received}:
        return _SINCE, f"received_on <= {_UNTIL}"
    if edges == {Edge.ended}:
        return _SINCE, f"version.ended_on <= {_UNTIL}"
    if edges == {Edge.stock}:
        earliest = _BEFORE if any(when is When.start for _, when, _ in terms) else _UNTIL
        return f"{earliest} + 1", f"received_on <= {_UNTIL}"
    # Whoever contributes to any mixture was received by the end and not ended before the period; refusals need no receipt.
    return _SINCE, f"(received_on IS NULL OR received_on <= {_UNTIL})"
