"""Reconciliations and the dossiers that differ."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from services.ingest.store.dossiers import DOSSIER_COLUMNS, DossierRow
from shared.database import Connection


async def dossiers_of_source(connection: Connection, stream: str, source_name: str, after: int, limit: int) -> list[DossierRow]:
    """Dossiers that a source told of first, by number."""
    rows = await connection.fetch(
        f"SELECT {DOSSIER_COLUMNS} FROM ingest.dossier WHERE stream = $1 AND number > $3 AND source = $2"
        " ORDER BY number LIMIT $4",
        stream,
        source_name,
        after,
        limit,
    )
    return [DossierRow(*row) for row in rows]


async def plan_reconciliation(
    tx: Connection, source_name: str, stream: str, from_on: date, to_on: date, nightly_on: date | None = None
) -> int | None:
    """Have a source reconciled; None when the night's is planned already."""
    number: int | None = await tx.fetchval(
        "INSERT INTO ingest.reconciliation (source, stream, from_on, to_on, nightly_on) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (source, nightly_on) DO NOTHING RETURNING id",
        source_name,
        stream,
        from_on,
        to_on,
        nightly_on,
    )
    return number


async def lease_reconciliation(tx: Connection, worker: str, seconds: float) -> dict[str, Any] | None:
    """Take the oldest open reconciliation whose source nobody reads, and the source with it.

    Both at once would ask the source twice as often as agreed. What an earlier worker left half done is begun again.
    """
    row = await tx.fetchrow(
        "SELECT r.id, r.source, r.stream, r.from_on, r.to_on, r.attempts + 1 AS attempts FROM ingest.reconciliation r"
        " JOIN ingest.source s ON s.name = r.source WHERE r.state IN ('planned', 'running') AND r.not_before <= now()"
        " AND (r.lease_until IS NULL OR r.lease_until < now()) AND (s.lease_until IS NULL OR s.lease_until < now())"
        " ORDER BY r.id LIMIT 1 FOR UPDATE SKIP LOCKED"
    )
    if row is None:
        return None
    await tx.execute(
        "UPDATE ingest.reconciliation SET state = 'running', lease_by = $2, attempts = $4,"
        " lease_until = now() + make_interval(secs => $3) WHERE id = $1",
        row["id"],
        worker,
        seconds,
        row["attempts"],
    )
    await tx.execute(
        "UPDATE ingest.source SET lease_by = $2, lease_until = now() + make_interval(secs => $3) WHERE name = $1",
        row["source"],
        worker,
        seconds,
    )
    await tx.execute("DELETE FROM ingest.difference WHERE reconciliation = $1", row["id"])
    return dict(row)


async def keep_reconciliation(tx: Connection, number: int, worker: str, seconds: float) -> bool:
    """Hold it and its source on; False when another worker has taken it."""
    source: str | None = await tx.fetchval(
        "UPDATE ingest.reconciliation SET lease_until = now() + make_interval(secs => $3) WHERE id = $1 AND lease_by = $2"
        " AND state = 'running' RETURNING source",
        number,
        worker,
        seconds,
    )
    if source is None:
        return False
    await tx.execute(
        "UPDATE ingest.source SET lease_until = now() + make_interval(secs => $3) WHERE name = $1 AND lease_by = $2",
        source,
        worker,
        seconds,
    )
    return True


async def let_go(tx: Connection, source_name: str, worker: str) -> None:
    """The source may be pulled again."""
    await tx.execute(
        "UPDATE ingest.source SET lease_by = NULL, lease_until = NULL WHERE name = $1 AND lease_by = $2", source_name, worker
    )


async def finish_reconciliation(
    tx: Connection, number: int, *, position: int, totals: list[dict[str, Any]], examined: int
) -> None:
    """The end of a reconciliation, with the totals per agency."""
    await tx.execute(
        "UPDATE ingest.reconciliation SET state = 'complete', finished_at = now(), lease_until = NULL, position = $2,"
        " totals = $3, examined = $4, last_error = NULL, failure = NULL WHERE id = $1",
        number,
        position,
        json.dumps(totals),
        examined,
    )


async def fail_reconciliation(tx: Connection, number: int, error: str, failure: str, *, again_after: float | None) -> None:
    """It could not be finished; it is tried again after `again_after` seconds, or given up with None."""
    await tx.execute(
        "UPDATE ingest.reconciliation SET state = CASE WHEN $3::float8 IS NULL THEN 'failed' ELSE 'planned' END,"
        " finished_at = CASE WHEN $3::float8 IS NULL THEN now() END, lease_until = NULL, last_error = $2, failure = $4,"
        " not_before = now() + make_interval(secs => coalesce($3::float8, 0)) WHERE id = $1",
        number,
        error,
        again_after,
        failure,
    )


async def put_differences(
    tx: Connection, number: int, rows: Sequence[tuple[str, str, str | None, dict[str, Any] | None, dict[str, Any] | None, bool]]
) -> None:
    """Add (code, cause, agency, there, here, taken in) to the list of a reconciliation."""
    await tx.executemany(
        "INSERT INTO ingest.difference (reconciliation, code, cause, agency, there, here, taken_in)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        [
            (number, code, cause, agency, json.dumps(there) if there else None, json.dumps(here) if here else None, taken_in)
            for code, cause, agency, there, here, taken_in in rows
        ],
    )


_RECONCILIATION = (
    "id, source, stream, from_on, to_on, nightly_on, state, planned_at, finished_at, position, totals, examined,"
    " last_error, failure,"
    " (SELECT count(*) FROM ingest.difference d WHERE d.reconciliation = r.id) AS differences"
)


def _reconciliation(row: Any) -> dict[str, Any]:
    return {**dict(row), "totals": json.loads(row["totals"]) if row["totals"] else []}


async def reconciliations(
    connection: Connection, stream: str | None, source_name: str | None, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Reconciliations, newest first."""
    rows = await connection.fetch(
        f"SELECT {_RECONCILIATION} FROM ingest.reconciliation r WHERE ($1::text IS NULL OR stream = $1)"
        " AND ($2::text IS NULL OR source = $2) AND ($3::bigint IS NULL OR id < $3) ORDER BY id DESC LIMIT $4",
        stream,
        source_name,
        before,
        limit,
    )
    return [_reconciliation(row) for row in rows]


async def reconciliation(connection: Connection, number: int) -> dict[str, Any] | None:
    """One reconciliation."""
    row = await connection.fetchrow(f"SELECT {_RECONCILIATION} FROM ingest.reconciliation r WHERE id = $1", number)
    return _reconciliation(row) if row else None


async def differences(
    connection: Connection, number: int, *, cause: str | None, agency: str | None, after: str, limit: int
) -> list[dict[str, Any]]:
    """The list of a reconciliation by code and cause; `after` is `code cause` of the last one seen."""
    rows = await connection.fetch(
        "SELECT code, cause, agency, there, here, taken_in FROM ingest.difference WHERE reconciliation = $1"
        " AND code || ' ' || cause > $2 COLLATE \"C\" AND ($3::text IS NULL OR cause = $3)"
        " AND ($4::text IS NULL OR agency = $4) ORDER BY code || ' ' || cause COLLATE \"C\" LIMIT $5",
        number,
        after,
        cause,
        agency,
        limit,
    )
    return [
        {
            **dict(row),
            "there": json.loads(row["there"]) if row["there"] else None,
            "here": json.loads(row["here"]) if row["here"] else None,
        }
        for row in rows
    ]
