"""Questions for a source's own catalogue of procedures, which the API asks and the worker answers."""

from __future__ import annotations

import msgspec

from shared.database import Connection
from shared.procedures import Offered

_decode = msgspec.json.Decoder(list[Offered]).decode


async def ask(tx: Connection, source_name: str) -> int:
    """Have the worker ask a source for its own catalogue of procedures; what was asked an hour ago is forgotten."""
    await tx.execute("DELETE FROM ingest.offer WHERE asked_at < now() - interval '1 hour'")
    number: int = await tx.fetchval("INSERT INTO ingest.offer (source) VALUES ($1) RETURNING id", source_name)
    return number


async def take(tx: Connection, within: float) -> tuple[int, str] | None:
    """The oldest question (its number, the source) that was asked within so many seconds and that nobody took; None: none."""
    row = await tx.fetchrow(
        "UPDATE ingest.offer SET taken_at = now() WHERE id = (SELECT id FROM ingest.offer WHERE taken_at IS NULL"
        " AND asked_at > now() - make_interval(secs => $1) ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id, source",
        within,
    )
    return (row["id"], row["source"]) if row else None


async def answer(tx: Connection, number: int, procedures: list[Offered] | None, failure: str | None) -> None:
    """What the source said, or the category of why it said nothing."""
    await tx.execute(
        "UPDATE ingest.offer SET answered_at = now(), procedures = $2, failure = $3 WHERE id = $1",
        number,
        msgspec.json.encode(procedures).decode() if procedures is not None else None,
        failure,
    )


async def answered(connection: Connection, number: int) -> tuple[list[Offered] | None, str | None] | None:
    """What a source said, or None and the category of the failure; None as a whole while it was not answered."""
    row = await connection.fetchrow(
        "SELECT procedures, failure FROM ingest.offer WHERE id = $1 AND answered_at IS NOT NULL", number
    )
    if row is None:
        return None
    return (_decode(row["procedures"]) if row["procedures"] is not None else None), row["failure"]
