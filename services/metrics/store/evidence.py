"""What people enter because no portal counts it: counts by day, and points of an index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.metrics.indices import Assessment
from services.metrics.store.streams import touch
from shared.database import Connection


async def enter(tx: Connection, stream: str, agency_no: int, day: date, counts: dict[str, int], source: str, by: str) -> None:
    """Add counts of a day; they are known from the stream's position on."""
    await tx.executemany(
        "INSERT INTO metrics.evidence (stream, agency_no, day, measure, amount, source, position, entered_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, (SELECT position FROM metrics.stream WHERE stream = $1), $7)",
        [(stream, agency_no, day, measure, amount, source, by) for measure, amount in counts.items()],
    )
    await touch(tx, stream)


async def was_entered(tx: Connection, stream: str, agencies: Sequence[int], since: date, until: date, measure: str) -> bool:
    """Whether anything of a measure was entered, be it 0."""
    found: bool = await tx.fetchval(
        "SELECT EXISTS (SELECT FROM metrics.evidence WHERE stream = $1 AND agency_no = ANY($2) AND day BETWEEN $3 AND $4"
        " AND measure = $5)",
        stream,
        list(agencies),
        since,
        until,
        measure,
    )
    return found


async def assess(
    tx: Connection, stream: str, scope: str, index: str, since: date, until: date, made: Assessment, by: str
) -> None:
    """Enter points of a component for a scope and period; the newest counts."""
    await tx.execute(
        "INSERT INTO metrics.assessment (stream, scope, index, component, since, until, points, basis, entered_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        stream,
        scope,
        index,
        made.component,
        since,
        until,
        made.points,
        made.basis,
        by,
    )
    await touch(tx, stream)


async def assessments(tx: Connection, stream: str, scope: str, index: str, since: date, until: date) -> dict[str, Assessment]:
    """The newest assessment of each component for exactly this scope and period."""
    rows: list[Any] = await tx.fetch(
        "SELECT DISTINCT ON (component) component, points, basis FROM metrics.assessment"
        " WHERE stream = $1 AND scope = $2 AND index = $3 AND since = $4 AND until = $5 ORDER BY component, id DESC",
        stream,
        scope,
        index,
        since,
        until,
    )
    return {row["component"]: Assessment(row["component"], row["points"], row["basis"]) for row in rows}
