"""Counters counted anew from the versions, and compared with the ones that grew by differences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.metrics.measures import COLUMNS
from services.metrics.store.contributions import NAMES, contributions, known_at
from shared.database import Connection, plan_anew


@dataclass(frozen=True, slots=True)
class Proof:
    """The outcome of one comparison."""

    stream: str
    agency_no: int | None
    """None: all agencies."""
    position: int
    cells: int
    """Cells compared: (agency, day), (agency, month), and the ledger's sums of (agency, day)."""
    differences: int
    seconds: float
    checked_at: datetime


def _versions(only_one: bool) -> str:
    if only_one:
        return (
            "(SELECT 1 AS sign, version.* FROM metrics.dossier_version AS version"
            f" WHERE stream = $1 AND agency_no = $2 AND {known_at('NULL')}) AS current"
        )
    # In the order of an index, backwards: versions of a dossier lie near each other, so this is one way through the table.
    return (
        "(SELECT DISTINCT ON (number) 1 AS sign, version.* FROM metrics.dossier_version AS version"
        " WHERE stream = $1 ORDER BY number DESC, position DESC) AS current"
    )


# All versions of a stream are read: whatever the planner expects, hashing is right, and there is no order but the index's.
_HASH = (
    "SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_sort = off;"
    " SET LOCAL work_mem = '256MB'"
)


def _compared(only_one: bool) -> str:
    one = "AND agency_no = $2" if only_one else ""
    zeros = ", ".join(f"coalesce({name}, 0) AS {name}" for name in COLUMNS)
    sums = ", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in COLUMNS)
    ours = ", ".join(f"coalesce(ours.{name}, 0)" for name in COLUMNS)
    theirs = ", ".join(f"coalesce(theirs.{name}, 0)" for name in COLUMNS)

    def differing(left: str, right: str, column: str) -> str:
        return (
            f"SELECT count(*) AS cells, count(*) FILTER (WHERE ({ours}) IS DISTINCT FROM ({theirs})) AS differences"
            f" FROM ({left}) AS ours FULL JOIN ({right}) AS theirs USING (agency_no, {column})"
        )

    recounted = f"SELECT agency_no, day, {zeros} FROM recounted"
    days = f"SELECT agency_no, day, {NAMES} FROM metrics.agency_day WHERE stream = $1 {one}"
    months = f"SELECT agency_no, month, {NAMES} FROM metrics.agency_month WHERE stream = $1 {one}"
    monthly = f"SELECT agency_no, date_trunc('month', day)::date AS month, {sums} FROM recounted GROUP BY 1, 2"
    ledger = f"SELECT agency_no, day, {sums} FROM metrics.ledger WHERE stream = $1 {one} GROUP BY 1, 2"
    return f"""
    WITH recounted AS MATERIALIZED ({contributions(_versions(only_one))})
    SELECT sum(cells)::bigint AS cells, sum(differences)::bigint AS differences,
           (SELECT position FROM metrics.stream WHERE stream = $1) AS position
    FROM ({differing(recounted, days, "day")} UNION ALL {differing(monthly, months, "month")}
          UNION ALL {differing(recounted, ledger, "day")}) AS comparison
    """


async def compare(tx: Connection, stream: str, agency_no: int | None) -> tuple[int, int, int]:
    """Cells compared, cells that differ, and the position, all of one moment."""
    await plan_anew(tx)
    if agency_no is None:
        await tx.execute(_HASH)
    row = await tx.fetchrow(_compared(agency_no is not None), *((stream,) if agency_no is None else (stream, agency_no)))
    return row["cells"], row["differences"], row["position"] or 0


async def next_agency(tx: Connection, stream: str) -> int | None:
    """The agency that was proven longest ago, those never proven first; None when nothing was counted."""
    number: int | None = await tx.fetchval(
        "SELECT agency_no FROM (SELECT DISTINCT agency_no FROM metrics.agency_month WHERE stream = $1) AS counted"
        " LEFT JOIN (SELECT agency_no, max(checked_at) AS checked_at FROM metrics.proof WHERE stream = $1 GROUP BY 1) AS proven"
        " USING (agency_no) ORDER BY checked_at NULLS FIRST, agency_no LIMIT 1",
        stream,
    )
    return number


async def record(
    tx: Connection, stream: str, agency_no: int | None, position: int, cells: int, differences: int, seconds: float
) -> None:
    """Keep the outcome, and forget those that were replaced a month ago."""
    await tx.execute(
        "INSERT INTO metrics.proof (stream, agency_no, position, cells, differences, seconds) VALUES ($1, $2, $3, $4, $5, $6)",
        stream,
        agency_no,
        position,
        cells,
        differences,
        seconds,
    )
    await tx.execute("DELETE FROM metrics.proof WHERE stream = $1 AND checked_at < now() - interval '31 days'", stream)


async def latest(tx: Connection, stream: str, limit: int = 50) -> list[Proof]:
    """The newest outcomes first."""
    rows: list[Any] = await tx.fetch(
        "SELECT stream, agency_no, position, cells, differences, seconds, checked_at FROM metrics.proof"
        " WHERE stream = $1 ORDER BY id DESC LIMIT $2",
        stream,
        limit,
    )
    return [Proof(**dict(row)) for row in rows]


async def summary(tx: Connection) -> dict[str, dict[str, Any]]:
    """By stream: when a proof was last made, how many found differences, and of the whole when."""
    rows = await tx.fetch(
        "SELECT stream, max(checked_at) AS checked_at, max(checked_at) FILTER (WHERE agency_no IS NULL) AS whole_at,"
        " count(*) FILTER (WHERE differences > 0) AS failed, count(*) AS proofs FROM metrics.proof GROUP BY stream"
    )
    return {row["stream"]: dict(row) for row in rows}


async def rebuild(tx: Connection, stream: str) -> int:
    """Count the stream's counters anew from its versions and mend those that differ; returns how many cells of days did.

    Cells that are right are not written; those that are nought in the end are dropped, and count as mended. The ledger stays:
    it tells what was known when.
    """
    await tx.execute("SELECT FROM metrics.stream WHERE stream = $1 FOR UPDATE", stream)
    await plan_anew(tx)
    await tx.execute(_HASH)
    await tx.execute(f"CREATE TEMP TABLE recounted ON COMMIT DROP AS {contributions(_versions(only_one=False))}", stream)
    zeros = ", ".join(f"coalesce({name}, 0) AS {name}" for name in COLUMNS)
    sums = ", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in COLUMNS)
    days = f"SELECT agency_no, day, {zeros} FROM pg_temp.recounted"
    months = f"SELECT agency_no, date_trunc('month', day)::date AS month, {sums} FROM pg_temp.recounted GROUP BY 1, 2"
    await _mend(tx, stream, "agency_month", "month", months)
    mended = await _mend(tx, stream, "agency_day", "day", days)
    await tx.execute("DROP TABLE pg_temp.recounted")
    return mended


async def _mend(tx: Connection, stream: str, table: str, column: str, made: str) -> int:
    """Make the counters in `table` equal to `made`; how many were not. An agency's days, read together, lie together."""
    keys = f"counter.stream = $1 AND counter.agency_no = made.agency_no AND counter.{column} = made.{column}"
    ours, theirs = ", ".join(f"counter.{name}" for name in COLUMNS), ", ".join(f"made.{name}" for name in COLUMNS)
    taken = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS)
    dropped = await tx.execute(
        f"DELETE FROM metrics.{table} AS counter WHERE stream = $1 AND NOT EXISTS (SELECT FROM ({made}) AS made WHERE {keys})",
        stream,
    )
    written = await tx.execute(
        f"""
        INSERT INTO metrics.{table} (stream, agency_no, {column}, {NAMES}) SELECT $1, made.* FROM ({made}) AS made
        WHERE NOT EXISTS (SELECT FROM metrics.{table} AS counter WHERE {keys} AND ({ours}) = ({theirs}))
        ORDER BY agency_no, {column}
        ON CONFLICT (stream, agency_no, {column}) DO UPDATE SET {taken}
        """,
        stream,
    )
    return sum(int(status.rpartition(" ")[2]) for status in (dropped, written))
