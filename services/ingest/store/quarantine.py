"""Records that could not be read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from shared.database import Connection


async def put_quarantine(
    tx: Connection, stream: str, source_name: str, pull: int | None, rows: Sequence[tuple[bytes, str, str, str | None, str]]
) -> None:
    """Keep records aside: (digest, reason, detail, code, fields as JSON); the same record again only counts up."""
    if not rows:
        return
    unique = {row[0]: row for row in rows}
    digest, reason, detail, code, fields = zip(*(unique[key] for key in sorted(unique)), strict=True)
    await tx.execute(
        "INSERT INTO ingest.quarantine (stream, source, pull, digest, reason, detail, code, fields)"
        " SELECT $1, $2, $3, u.* FROM unnest($4::bytea[], $5::text[], $6::text[], $7::text[], $8::jsonb[])"
        " AS u (digest, reason, detail, code, fields)"
        " ON CONFLICT (stream, source, digest) DO UPDATE SET times = ingest.quarantine.times + 1, last_at = now(),"
        " reason = excluded.reason, detail = excluded.detail, released_at = NULL",
        stream,
        source_name,
        pull,
        digest,
        reason,
        detail,
        code,
        fields,
    )


async def digest_key(tx: Connection) -> bytes:
    """The database's own random key, by which a text that is withheld is known again and cannot be guessed."""
    key: bytes = await tx.fetchval("SELECT key FROM ingest.digest_key")
    return key


_QUARANTINED = "id, stream, source, reason, detail, code, fields, pull, times, first_at, last_at, released_at"


def _quarantined(row: Any) -> dict[str, Any]:
    return {**dict(row), "fields": json.loads(row["fields"])}


async def records(
    connection: Connection,
    *,
    stream: str | None = None,
    source_name: str | None = None,
    reason: str | None = None,
    code: str | None = None,
    released: bool = False,
    after: int = 0,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """Records in quarantine by id, those that wait or those that were taken in by a replay."""
    rows = await connection.fetch(
        f"SELECT {_QUARANTINED} FROM ingest.quarantine WHERE id > $1 AND (released_at IS NOT NULL) = $2"
        " AND ($3::text IS NULL OR stream = $3) AND ($4::text IS NULL OR source = $4)"
        " AND ($5::text IS NULL OR reason = $5) AND ($6::text IS NULL OR code = $6) ORDER BY id LIMIT $7",
        after,
        released,
        stream,
        source_name,
        reason,
        code,
        limit,
    )
    return [_quarantined(row) for row in rows]


async def quarantined(connection: Connection, number: int) -> dict[str, Any] | None:
    """One record in quarantine."""
    row = await connection.fetchrow(f"SELECT {_QUARANTINED} FROM ingest.quarantine WHERE id = $1", number)
    return _quarantined(row) if row else None


async def release_quarantined(tx: Connection, numbers: Sequence[int]) -> None:
    """Mark records as taken in."""
    await tx.execute("UPDATE ingest.quarantine SET released_at = now() WHERE id = ANY($1) AND released_at IS NULL", numbers)


async def judge_quarantined(tx: Connection, rows: Sequence[tuple[int, str, str]]) -> None:
    """Put the reason and detail (id, reason, detail) of a newer judgement in the place of the old one."""
    await tx.executemany("UPDATE ingest.quarantine SET reason = $2, detail = $3 WHERE id = $1", rows)


async def quarantine_depth(connection: Connection, stream: str | None = None) -> list[dict[str, Any]]:
    """How many records wait in quarantine, by stream, source and reason; in all streams or in one."""
    rows = await connection.fetch(
        "SELECT stream, source, reason, count(*) AS records FROM ingest.quarantine WHERE released_at IS NULL"
        " AND ($1::text IS NULL OR stream = $1) GROUP BY stream, source, reason ORDER BY stream, source, reason",
        stream,
    )
    return [dict(row) for row in rows]
