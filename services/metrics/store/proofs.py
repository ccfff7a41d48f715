"""Counters counted anew from the versions, and compared with the ones that grew by differences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.metrics.measures import BY_NAME, COLUMNS
from services.metrics.store.contributions import contributions, known_at
from services.metrics.store.recounting import recount
from services.metrics.tables.versions import dossier_version
from shared.database import Connection, plan_anew
from shared.statements import parameter, text_of

_NAMES = ", ".join(COLUMNS)


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


def _kind(name: str) -> str:
    return "bigint" if BY_NAME[name].wide else "integer"


def _one_agency() -> sa.Select[Any]:
    version = dossier_version.alias("version")
    current = sa.select(sa.literal(1).label("sign"), *version.c).where(
        version.c.stream == parameter("stream", sa.Text),
        version.c.agency_no == parameter("agency_no", sa.Integer),
        known_at(version),
    )
    return contributions(current.subquery("current"))


def _compared(only_one: bool) -> str:
    one, recounted, made = "", "pg_temp.recounted_day", ""
    if only_one:
        one, recounted = "AND agency_no = $2", "recounted"
        made = f"WITH recounted AS MATERIALIZED ({text_of(_one_agency())})"
    zeros = ", ".join(f"coalesce({name}, 0) AS {name}" for name in COLUMNS)
    sums = ", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in COLUMNS)
    ours = ", ".join(f"coalesce(ours.{name}, 0)" for name in COLUMNS)
    theirs = ", ".join(f"coalesce(theirs.{name}, 0)" for name in COLUMNS)

    def differing(left: str, right: str, column: str) -> str:
        return (
            f"SELECT count(*) AS cells, count(*) FILTER (WHERE ({ours}) IS DISTINCT FROM ({theirs})) AS differences"
            f" FROM ({left}) AS ours FULL JOIN ({right}) AS theirs USING (agency_no, {column})"
        )

    daily = f"SELECT agency_no, day, {zeros} FROM {recounted}"
    days = f"SELECT agency_no, day, {_NAMES} FROM metrics.agency_day WHERE stream = $1 {one}"
    months = f"SELECT agency_no, month, {_NAMES} FROM metrics.agency_month WHERE stream = $1 {one}"
    monthly = f"SELECT agency_no, date_trunc('month', day)::date AS month, {sums} FROM {recounted} GROUP BY 1, 2"
    ledger = f"SELECT agency_no, day, {sums} FROM metrics.ledger WHERE stream = $1 {one} GROUP BY 1, 2"
    return f"""
    {made}
    SELECT sum(cells)::bigint AS cells, sum(differences)::bigint AS differences,
           (SELECT position FROM metrics.stream WHERE stream = $1) AS position
    FROM ({differing(daily, days, "day")} UNION ALL {differing(monthly, months, "month")}
          UNION ALL {differing(daily, ledger, "day")}) AS comparison
    """


async def compare(tx: Connection, stream: str, agency_no: int | None) -> tuple[int, int, int]:
    """Cells compared, cells that differ, and the position, all of one moment: wants a transaction that sees one state."""
    if agency_no is None:
        await recount(tx, stream)
        row = await tx.fetchrow(_compared(only_one=False), stream)
        await tx.execute("DROP TABLE pg_temp.recounted_day")
    else:
        await plan_anew(tx)
        row = await tx.fetchrow(_compared(only_one=True), stream, agency_no)
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


async def rebuild(tx: Connection, stream: str, beside: Connection | None = None) -> int:
    """Count the stream's counters anew from its versions and mend those that differ; returns how many cells of days did.

    `beside`: a connection that counts pieces at the same time, of versions that were committed. Cells that are right are not
    written; those that are nought in the end are dropped, and count as mended. The ledger stays: it tells what was known when.
    """
    # Whoever counts a batch holds this row to the commit: what is read from here on is the same for both connections.
    await tx.execute("SELECT FROM metrics.stream WHERE stream = $1 FOR UPDATE", stream)
    await recount(tx, stream, beside)
    sums = ", ".join(f"sum({name})::{_kind(name)} AS {name}" for name in COLUMNS)
    await tx.execute(
        "CREATE TEMP TABLE recounted_month ON COMMIT DROP AS"
        f" SELECT agency_no, date_trunc('month', day)::date AS month, {sums} FROM pg_temp.recounted_day GROUP BY 1, 2"
    )
    await _mend(tx, stream, "month")
    mended = await _mend(tx, stream, "day")
    await tx.execute("DROP TABLE pg_temp.recounted_day, pg_temp.recounted_month")
    return mended


async def _mend(tx: Connection, stream: str, column: str) -> int:
    """Make the counters by day or by month equal to what was recounted; how many were not.

    Nobody else writes them: the stream's row is held. An agency's days, read together, are written together.
    """
    table, made = f"metrics.agency_{column}", f"pg_temp.recounted_{column} AS made"
    keys = f"counter.stream = $1 AND counter.agency_no = made.agency_no AND counter.{column} = made.{column}"
    ours, theirs = ", ".join(f"counter.{name}" for name in COLUMNS), ", ".join(f"made.{name}" for name in COLUMNS)
    taken = ", ".join(f"{name} = made.{name}" for name in COLUMNS)
    statements = (
        f"DELETE FROM {table} AS counter WHERE stream = $1 AND NOT EXISTS (SELECT FROM {made} WHERE {keys})",
        f"UPDATE {table} AS counter SET {taken} FROM {made} WHERE {keys} AND ({ours}) <> ({theirs})",
        f"INSERT INTO {table} (stream, agency_no, {column}, {_NAMES}) SELECT $1, made.* FROM {made}"
        f" WHERE NOT EXISTS (SELECT FROM {table} AS counter WHERE {keys}) ORDER BY agency_no, {column}",
    )
    return sum([int((await tx.execute(statement, stream)).rpartition(" ")[2]) for statement in statements])
