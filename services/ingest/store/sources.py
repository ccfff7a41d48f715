"""Sources, how far they have been read, and their pulls."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from shared.database import Connection


async def put_source(
    tx: Connection,
    *,
    name: str,
    stream: str,
    kind: str,
    settings: dict[str, Any],
    secret: str | None,
    every_seconds: float,
    enabled: bool,
) -> bool:
    """Connect a source or change how it is read; its place is kept. False: the name is taken by another stream or kind."""
    status: str = await tx.execute(
        "INSERT INTO ingest.source (name, stream, kind, settings, secret, every_seconds, enabled)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO UPDATE SET settings = excluded.settings,"
        " secret = excluded.secret, every_seconds = excluded.every_seconds, enabled = excluded.enabled,"
        " next_at = now(), attempts = 0 WHERE source.stream = excluded.stream AND source.kind = excluded.kind",
        name,
        stream,
        kind,
        json.dumps(settings),
        secret,
        every_seconds,
        enabled,
    )
    return status.endswith("1")


_SOURCE = "name, stream, kind, settings, secret, enabled, every_seconds, place, next_at, lease_until, attempts, breaker, total"


def _source(row: Any) -> dict[str, Any]:
    source = dict(row)
    for field in ("settings", "place", "breaker"):
        source[field] = json.loads(source[field]) if source[field] else None
    return source


async def source(connection: Connection, name: str) -> dict[str, Any] | None:
    """One source."""
    row = await connection.fetchrow(f"SELECT {_SOURCE} FROM ingest.source WHERE name = $1", name)
    return _source(row) if row else None


async def sources(connection: Connection, stream: str | None = None) -> list[dict[str, Any]]:
    """All sources, or those of a stream."""
    rows = await connection.fetch(
        f"SELECT {_SOURCE} FROM ingest.source WHERE $1::text IS NULL OR stream = $1 ORDER BY name", stream
    )
    return [_source(row) for row in rows]


async def lease_source(
    tx: Connection, worker: str, seconds: float, name: str | None = None, *, kinds: Sequence[str] = ("igate",)
) -> dict[str, Any] | None:
    """Take the source of these kinds that is due longest for `seconds`, so that one worker at a time reads it; None: none."""
    row = await tx.fetchrow(
        "UPDATE ingest.source SET lease_by = $1, lease_until = now() + make_interval(secs => $2)"
        " WHERE name = (SELECT name FROM ingest.source WHERE enabled AND next_at <= now()"
        " AND (lease_until IS NULL OR lease_until < now() OR lease_by = $1) AND ($3::text IS NULL OR name = $3)"
        " AND kind = ANY($4)"
        f" ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING {_SOURCE}",
        worker,
        seconds,
        name,
        list(kinds),
    )
    return _source(row) if row else None


async def keep_lease(tx: Connection, name: str, worker: str, seconds: float) -> bool:
    """Hold the source on; False when another worker has taken it, and what was read must not be stored."""
    status: str = await tx.execute(
        "UPDATE ingest.source SET lease_until = now() + make_interval(secs => $3) WHERE name = $1 AND lease_by = $2",
        name,
        worker,
        seconds,
    )
    return status.endswith("1")


async def set_place(tx: Connection, name: str, place: dict[str, Any], total: int | None) -> None:
    """Remember how far the source has been read, together with the effect of what was read."""
    await tx.execute(
        "UPDATE ingest.source SET place = $2, total = coalesce($3, total) WHERE name = $1", name, json.dumps(place), total
    )


async def release_source(
    tx: Connection, name: str, worker: str, *, wait_seconds: float, failed: bool, breaker: dict[str, Any] | None
) -> None:
    """Give the source back; it is due again after `wait_seconds`."""
    await tx.execute(
        "UPDATE ingest.source SET lease_until = NULL, lease_by = NULL, next_at = now() + make_interval(secs => $3),"
        " attempts = CASE WHEN $4 THEN attempts + 1 ELSE 0 END, breaker = $5 WHERE name = $1 AND lease_by = $2",
        name,
        worker,
        wait_seconds,
        failed,
        json.dumps(breaker) if breaker else None,
    )


async def make_due(tx: Connection, name: str) -> bool:
    """Have the source read at the next round; False when there is none of that name."""
    status: str = await tx.execute("UPDATE ingest.source SET next_at = now(), attempts = 0 WHERE name = $1", name)
    return status.endswith("1")


async def forget_place(tx: Connection, name: str) -> None:
    """Have the source read from its beginning again; what is known stays known."""
    await tx.execute("UPDATE ingest.source SET place = NULL, next_at = now() WHERE name = $1", name)


async def open_pull(tx: Connection, source_name: str, stream: str, since: datetime | None) -> int:
    """Begin a pull's row; one that a killed worker left running is marked interrupted."""
    await tx.execute(
        "UPDATE ingest.pull SET state = 'interrupted', finished_at = now() WHERE source = $1 AND state = 'running'",
        source_name,
    )
    number: int = await tx.fetchval(
        "INSERT INTO ingest.pull (source, stream, since) VALUES ($1, $2, $3) RETURNING id", source_name, stream, since
    )
    return number


async def count_batch(
    tx: Connection, pull: int, *, pages: int, served: int, accepted: int, known: int, superseded: int, quarantined: int
) -> None:
    """Add batches to the pull's row; the table refuses counts that do not add up."""
    await tx.execute(
        "UPDATE ingest.pull SET pages = pages + $7, served = served + $2, accepted = accepted + $3, known = known + $4,"
        " superseded = superseded + $5, quarantined = quarantined + $6, touched_at = now() WHERE id = $1",
        pull,
        served,
        accepted,
        known,
        superseded,
        quarantined,
        pages,
    )


async def close_pull(
    tx: Connection,
    pull: int,
    *,
    state: str,
    calls: int,
    proof: str | None = None,
    error: str | None = None,
    failure: str | None = None,
) -> None:
    """End a pull's row; `failure` is the category of `error`."""
    await tx.execute(
        "UPDATE ingest.pull SET state = $2, finished_at = now(), calls = $3, proof = $4, last_error = $5, failure = $6"
        " WHERE id = $1",
        pull,
        state,
        calls,
        proof,
        error,
        failure,
    )


async def pulls(
    connection: Connection, stream: str | None, source_name: str | None, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Pulls, newest first; of one stream, of one source."""
    rows = await connection.fetch(
        "SELECT *, extract(epoch FROM coalesce(finished_at, touched_at) - started_at) AS seconds FROM ingest.pull"
        " WHERE ($1::text IS NULL OR stream = $1) AND ($2::text IS NULL OR source = $2) AND ($3::bigint IS NULL OR id < $3)"
        " ORDER BY id DESC LIMIT $4",
        stream,
        source_name,
        before,
        limit,
    )
    return [dict(row) for row in rows]


async def day_of_pushes(tx: Connection, source_name: str, stream: str) -> int:
    """The row that counts what a source sends today (civil day in Asia/Ho_Chi_Minh); the one of yesterday is closed."""
    await tx.execute(
        "UPDATE ingest.pull SET state = 'complete', finished_at = now() WHERE source = $1 AND state = 'running'"
        " AND (started_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date < (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date",
        source_name,
    )
    number: int | None = await tx.fetchval(
        "SELECT id FROM ingest.pull WHERE source = $1 AND state = 'running' ORDER BY id DESC LIMIT 1", source_name
    )
    if number is None:
        number = await tx.fetchval("INSERT INTO ingest.pull (source, stream) VALUES ($1, $2) RETURNING id", source_name, stream)
    assert number is not None
    return number
