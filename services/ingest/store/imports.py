"""Imports of files: how far each has come."""

from __future__ import annotations

from typing import Any

from shared.database import Connection

_IMPORT = (
    "id, source, stream, state, arrived, row_count, accepted, known, superseded, quarantined, head_digest, started_at,"
    " touched_at, finished_at, last_error"
)


async def open_import(tx: Connection, source_name: str, stream: str) -> dict[str, Any]:
    """Begin an import."""
    row = await tx.fetchrow(
        f"INSERT INTO ingest.import (source, stream) VALUES ($1, $2) RETURNING {_IMPORT}", source_name, stream
    )
    return dict(row)


async def imported(connection: Connection, number: int) -> dict[str, Any] | None:
    """One import."""
    row = await connection.fetchrow(f"SELECT {_IMPORT} FROM ingest.import WHERE id = $1", number)
    return dict(row) if row else None


async def imports(
    connection: Connection, stream: str | None, source_name: str | None, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Imports, newest first."""
    rows = await connection.fetch(
        f"SELECT {_IMPORT} FROM ingest.import WHERE ($1::text IS NULL OR stream = $1) AND ($2::text IS NULL OR source = $2)"
        " AND ($3::bigint IS NULL OR id < $3) ORDER BY id DESC LIMIT $4",
        stream,
        source_name,
        before,
        limit,
    )
    return [dict(row) for row in rows]


async def resume_import(tx: Connection, number: int) -> None:
    """The file comes once more, from its beginning."""
    await tx.execute("UPDATE ingest.import SET state = 'running', finished_at = NULL, last_error = NULL WHERE id = $1", number)


async def count_rows(
    tx: Connection, number: int, *, after: int, rows: int, accepted: int, known: int, superseded: int, quarantined: int
) -> bool:
    """Add rows that stand after the first `after` of the file; False when they were counted already."""
    status: str = await tx.execute(
        "UPDATE ingest.import SET row_count = row_count + $3, accepted = accepted + $4, known = known + $5,"
        " superseded = superseded + $6, quarantined = quarantined + $7, touched_at = now() WHERE id = $1 AND row_count = $2",
        number,
        after,
        rows,
        accepted,
        known,
        superseded,
        quarantined,
    )
    return status.endswith("1")


async def sign_import(tx: Connection, number: int, head_digest: bytes) -> bool:
    """Remember what the file begins with; False when it began otherwise when it came before."""
    status: str = await tx.execute(
        "UPDATE ingest.import SET head_digest = $2 WHERE id = $1 AND (head_digest IS NULL OR head_digest = $2)",
        number,
        head_digest,
    )
    return status.endswith("1")


async def close_import(tx: Connection, number: int, state: str, error: str | None = None) -> None:
    """End an import, or mark it interrupted so that it can be resumed."""
    await tx.execute(
        "UPDATE ingest.import SET state = $2, last_error = $3, finished_at = now() WHERE id = $1", number, state, error
    )
