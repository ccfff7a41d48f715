"""The catalogue of a stream, and dating anew by it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from shared.database import Connection


async def catalogue_rows(connection: Connection, stream: str, kind: str) -> list[str]:
    """Bodies (JSON) of the stream's agencies or procedures, all generations."""
    rows = await connection.fetch(
        f"SELECT body::text FROM ingest.{_catalogue_table(kind)} WHERE stream = $1 ORDER BY code, valid_from", stream
    )
    return [row[0] for row in rows]


async def replace_catalogue(tx: Connection, stream: str, kind: str, rows: Sequence[tuple[str, date, str]]) -> None:
    """Put (code, valid_from, body) in the place of what was there."""
    name = _catalogue_table(kind)
    await tx.execute(f"DELETE FROM ingest.{name} WHERE stream = $1", stream)
    await tx.executemany(
        f"INSERT INTO ingest.{name} (stream, code, valid_from, body) VALUES ($1, $2, $3, $4)",
        [(stream, *row) for row in rows],
    )


def _catalogue_table(kind: str) -> str:
    return {"agencies": "agency", "procedures": "procedure"}[kind]


async def day_overrides(connection: Connection, stream: str) -> list[dict[str, Any]]:
    """Days off and make-up days decided for the country ('') or the stream, beyond those that come with the software."""
    rows = await connection.fetch(
        "SELECT stream, day, worked, legal_basis, known_from FROM ingest.day_override WHERE stream IN ('', $1)"
        " ORDER BY day, known_from",
        stream,
    )
    return [dict(row) for row in rows]


async def put_day_overrides(tx: Connection, stream: str, rows: Sequence[tuple[date, bool, str, date]]) -> None:
    """Add (day, worked, legal basis, known from) for a stream or, with '', for the country."""
    await tx.executemany(
        "INSERT INTO ingest.day_override (stream, day, worked, legal_basis, known_from) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (stream, day, known_from) DO UPDATE SET worked = excluded.worked, legal_basis = excluded.legal_basis",
        [(stream, *row) for row in rows],
    )


async def new_catalogue(tx: Connection, stream: str) -> int:
    """Count the catalogue's version up, for a change made in this transaction."""
    version: int = await tx.fetchval(
        "UPDATE ingest.stream SET catalogue = catalogue + 1 WHERE stream = $1 RETURNING catalogue", stream
    )
    return version


async def record_law(tx: Connection, stream: str, reason: str, calendar: str, rules: Sequence[str]) -> None:
    """Note by which calendar and rules due dates are computed from the stream's next version on. Wants its row lock."""
    await tx.execute(
        "INSERT INTO ingest.law (stream, catalogue, after_position, reason, calendar, rules)"
        " SELECT stream, catalogue, head, $2, $3, $4 FROM ingest.stream WHERE stream = $1",
        stream,
        reason,
        calendar,
        rules,
    )


async def law_of(connection: Connection, stream: str, position: int) -> dict[str, Any] | None:
    """The law by which the version at `position` was computed; None for one from before such notes were kept."""
    row = await connection.fetchrow(
        "SELECT catalogue, calendar, rules, decided_at FROM ingest.law WHERE stream = $1 AND after_position < $2"
        " ORDER BY catalogue DESC LIMIT 1",
        stream,
        position,
    )
    return dict(row) if row else None


async def newest_law(connection: Connection, stream: str) -> dict[str, Any] | None:
    """The calendar and the rules by which the stream's next version is computed; None where nothing was ever noted."""
    row = await connection.fetchrow(
        "SELECT catalogue, calendar, rules FROM ingest.law WHERE stream = $1 ORDER BY catalogue DESC LIMIT 1", stream
    )
    return dict(row) if row else None


async def set_policies(tx: Connection, stream: str, value: dict[str, Any]) -> None:
    """Replace the stream's policies."""
    await tx.execute("UPDATE ingest.stream SET policies = $2 WHERE stream = $1", stream, json.dumps(value))


async def plan_redating(tx: Connection, stream: str, reason: str, *, only_unmapped: bool) -> int:
    """Have every dossier (or the unmapped ones) folded and dated anew under the catalogue as it is now."""
    number: int = await tx.fetchval(
        "INSERT INTO ingest.redating (stream, reason, catalogue, only_unmapped, upto)"
        " SELECT stream, $2, catalogue, $3, numbers FROM ingest.stream WHERE stream = $1 RETURNING id",
        stream,
        reason,
        only_unmapped,
    )
    return number


async def stream_to_redate(tx: Connection) -> str | None:
    """The stream of the oldest redating that is not finished; None when there is none."""
    stream: str | None = await tx.fetchval("SELECT stream FROM ingest.redating WHERE finished_at IS NULL ORDER BY id LIMIT 1")
    return stream


async def open_redating(tx: Connection, stream: str) -> dict[str, Any] | None:
    """The stream's oldest redating that is not finished, None when there is none; nobody else carries it on under its lock."""
    row = await tx.fetchrow(
        "SELECT id, stream, reason, only_unmapped, done_to, upto FROM ingest.redating WHERE stream = $1"
        " AND finished_at IS NULL ORDER BY id LIMIT 1",
        stream,
    )
    return dict(row) if row else None


async def redated(
    tx: Connection, redating: int, *, done_to: int, examined: int, first: int | None, last: int | None, finished: bool
) -> None:
    """Count a part of a redating that this transaction did; `first`..`last` are the positions it made."""
    await tx.execute(
        "UPDATE ingest.redating SET done_to = $2, examined = examined + $3,"
        " changed = changed + coalesce($5::bigint - $4::bigint + 1, 0), from_position = coalesce(from_position, $4),"
        " to_position = coalesce($5, to_position), finished_at = CASE WHEN $6 THEN now() END WHERE id = $1",
        redating,
        done_to,
        examined,
        first,
        last,
        finished,
    )


async def is_to_be_redated(connection: Connection, stream: str, number: int) -> bool:
    """Whether an open redating has still to come to the dossier."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM ingest.redating WHERE stream = $1 AND finished_at IS NULL AND done_to < $2 AND upto >= $2)",
        stream,
        number,
    )
    return found


async def redatings(connection: Connection, stream: str, limit: int) -> list[dict[str, Any]]:
    """Redatings of a stream, newest first."""
    rows = await connection.fetch("SELECT * FROM ingest.redating WHERE stream = $1 ORDER BY id DESC LIMIT $2", stream, limit)
    return [dict(row) for row in rows]
