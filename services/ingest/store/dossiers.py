"""Streams, dossiers and the feed, and what the figures are known to lack."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from shared.database import Connection


class StreamRow(NamedTuple):
    """The stream's counters, read under its row lock."""

    head: int
    numbers: int
    catalogue: int


class DossierRow(NamedTuple):
    """What is kept of a dossier besides its versions in the feed."""

    code: str
    number: int
    source: str
    position: int
    facts_digest: bytes
    mapped: bool
    findings: list[str] | None
    seen: bytes
    history: bytes


class DatingRow(NamedTuple):
    """What is read of a dossier to date it anew."""

    number: int
    position: int
    facts_digest: bytes
    history: bytes


class DatedRow(NamedTuple):
    """What is written of a dossier that was dated anew."""

    number: int
    position: int
    facts_digest: bytes
    mapped: bool
    findings: list[str] | None


class FeedRow(NamedTuple):
    """One version in the feed; `facts` is JSON as served."""

    position: int
    number: int
    facts: str


async def ensure_stream(tx: Connection, stream: str) -> None:
    """Begin a stream unless it is there."""
    await tx.execute("INSERT INTO ingest.stream (stream) VALUES ($1) ON CONFLICT DO NOTHING", stream)


async def lock_stream(tx: Connection, stream: str) -> StreamRow | None:
    """Take the stream's row lock until the end of the transaction; None when there is no such stream."""
    row = await tx.fetchrow("SELECT head, numbers, catalogue FROM ingest.stream WHERE stream = $1 FOR UPDATE", stream)
    return StreamRow(*row) if row else None


async def stream_row(connection: Connection, stream: str) -> StreamRow | None:
    """The stream's counters as committed."""
    row = await connection.fetchrow("SELECT head, numbers, catalogue FROM ingest.stream WHERE stream = $1", stream)
    return StreamRow(*row) if row else None


async def streams(connection: Connection, only: str | None = None) -> list[dict[str, Any]]:
    """All streams with their heads, or `only` the one of that name."""
    rows = await connection.fetch(
        "SELECT stream, head, numbers, catalogue FROM ingest.stream WHERE $1::text IS NULL OR stream = $1 ORDER BY stream", only
    )
    return [dict(row) for row in rows]


async def advance_stream(tx: Connection, stream: str, *, head: int, numbers: int) -> None:
    """Move the counters; last in the transaction that used them."""
    await tx.execute("UPDATE ingest.stream SET head = $2, numbers = $3 WHERE stream = $1", stream, head, numbers)


async def policies(connection: Connection, stream: str) -> dict[str, Any]:
    """The stream's policies as data (empty: the defaults)."""
    value = await connection.fetchval("SELECT policies FROM ingest.stream WHERE stream = $1", stream)
    return json.loads(value) if value else {}


DOSSIER_COLUMNS = "code, number, source, position, facts_digest, mapped, findings, seen, history"


async def dossiers_by_code(tx: Connection, stream: str, codes: Sequence[str]) -> dict[str, DossierRow]:
    """Those of `codes` that are known."""
    rows = await tx.fetch(f"SELECT {DOSSIER_COLUMNS} FROM ingest.dossier WHERE stream = $1 AND code = ANY($2)", stream, codes)
    return {row[0]: DossierRow(*row) for row in rows}


async def dossiers_to_date(
    tx: Connection, stream: str, after: int, upto: int, limit: int, *, only_unmapped: bool = False
) -> list[DatingRow]:
    """Dossiers with `after` < number <= `upto`, in order, at most `limit`."""
    unmapped = "AND NOT mapped " if only_unmapped else ""
    rows: list[DatingRow] = await tx.fetch(
        "SELECT number, position, facts_digest, history FROM ingest.dossier"
        f" WHERE stream = $1 AND number > $2 AND number <= $3 {unmapped}ORDER BY number LIMIT $4",
        stream,
        after,
        upto,
        limit,
    )
    return rows


async def update_dated(tx: Connection, stream: str, rows: Sequence[DatedRow]) -> None:
    """Replace what follows from the law; the history stays where it is."""
    if not rows:
        return
    number, position, digest, mapped, findings = zip(*rows, strict=True)
    await tx.execute(
        "UPDATE ingest.dossier d SET position = u.position, facts_digest = u.facts_digest, mapped = u.mapped,"
        " findings = string_to_array(u.findings, ',')"
        " FROM unnest($2::bigint[], $3::bigint[], $4::bytea[], $5::boolean[], $6::text[])"
        " AS u (number, position, facts_digest, mapped, findings)"
        " WHERE d.stream = $1 AND d.number = u.number",
        stream,
        number,
        position,
        digest,
        mapped,
        [",".join(kinds) if kinds else None for kinds in findings],
    )


async def insert_dossiers(tx: Connection, stream: str, rows: Iterable[DossierRow]) -> None:
    """Store dossiers that are not there yet; under the stream's lock nobody else can have made them."""
    await tx.copy_records_to_table(
        "dossier",
        schema_name="ingest",
        columns=("stream", *DossierRow._fields),
        records=((stream, *row) for row in rows),
    )


async def update_dossiers(tx: Connection, stream: str, rows: Sequence[DossierRow]) -> None:
    """Replace what is kept of known dossiers."""
    if not rows:
        return
    code, _, _, position, digest, mapped, findings, seen, history = zip(*rows, strict=True)
    await tx.execute(
        "UPDATE ingest.dossier d SET position = u.position, facts_digest = u.facts_digest, mapped = u.mapped,"
        " findings = string_to_array(u.findings, ','), seen = u.seen, history = u.history"
        " FROM unnest($2::text[], $3::bigint[], $4::bytea[], $5::boolean[], $6::text[], $7::bytea[], $8::bytea[])"
        " AS u (code, position, facts_digest, mapped, findings, seen, history)"
        " WHERE d.stream = $1 AND d.code = u.code",
        stream,
        code,
        position,
        digest,
        mapped,
        [",".join(kinds) if kinds else None for kinds in findings],
        seen,
        history,
    )


async def append_feed(tx: Connection, stream: str, rows: Sequence[FeedRow]) -> None:
    """Publish versions; their positions are the next ones of the locked stream."""
    await tx.copy_records_to_table(
        "feed",
        schema_name="ingest",
        columns=("stream", *FeedRow._fields),
        records=((stream, *row) for row in rows),
    )


async def feed(connection: Connection, stream: str, after: int, limit: int) -> list[FeedRow]:
    """Versions with position > `after`, in order."""
    rows: list[FeedRow] = await connection.fetch(
        "SELECT position, number, facts FROM ingest.feed WHERE stream = $1 AND position > $2 ORDER BY position LIMIT $3",
        stream,
        after,
        limit,
    )
    return rows


async def digests(connection: Connection, stream: str, *positions: int) -> tuple[str, dict[int, str]]:
    """The epoch of this database, and a digest of the version at each of the positions that there is.

    The digest holds the instant of the transaction that made the version: what a restored database puts at the same position,
    be it of the same content, has another.
    """
    rows = await connection.fetch(
        "SELECT epoch, position, number, facts, recorded_at FROM ingest.epoch"
        " LEFT JOIN ingest.feed ON stream = $1 AND position = ANY($2::bigint[])",
        stream,
        positions,
    )
    return str(rows[0]["epoch"]), {
        position: blake2b(f"{number} {recorded_at.isoformat()} {facts}".encode(), digest_size=8).hexdigest()
        for _, position, number, facts, recorded_at in rows
        if position is not None
    }


async def quality(connection: Connection, stream: str) -> dict[str, Any]:
    """What the figures of a stream are known to lack: open quarantine, pulled sources that fail or are late, differences found.

    A source is late when its last whole pull ended more than three intervals, and ten minutes, ago.
    """
    quarantined = await connection.fetchval(
        "SELECT count(*) FROM ingest.quarantine WHERE stream = $1 AND released_at IS NULL", stream
    )
    missing = await connection.fetch(
        "SELECT name AS source, CASE WHEN attempts > 0 THEN 'failing' ELSE 'late' END AS reason, last.finished_at AS since"
        " FROM ingest.source LEFT JOIN LATERAL (SELECT max(finished_at) AS finished_at FROM ingest.pull"
        " WHERE pull.source = source.name AND state = 'complete') AS last ON true"
        " WHERE stream = $1 AND enabled AND kind = 'igate' AND (attempts > 0 OR last.finished_at IS NULL"
        " OR last.finished_at < now() - greatest(interval '10 minutes', make_interval(secs => 3 * every_seconds)))"
        " ORDER BY name",
        stream,
    )
    gap = await connection.fetchval(
        "SELECT sum((SELECT count(DISTINCT code) FROM ingest.difference WHERE reconciliation = latest.id AND NOT taken_in))"
        " FROM (SELECT DISTINCT ON (source) id FROM ingest.reconciliation WHERE stream = $1 AND state = 'complete'"
        " ORDER BY source, id DESC) AS latest",
        stream,
    )
    return {"stream": stream, "quarantined": quarantined, "missing": [dict(row) for row in missing], "gap": gap}
