"""Tables of ingest and every statement that reads or writes them.

The order of locks is: the stream's row, then everything else. Whoever changes dossiers holds the stream's row lock from
`lock_stream` to the commit, so positions and numbers are dense and ordered by commit, and read-fold-write loses nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
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


# --- streams -------------------------------------------------------------------------------------------------------------


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


async def streams(connection: Connection) -> list[dict[str, Any]]:
    """All streams with their heads."""
    rows = await connection.fetch("SELECT stream, head, numbers, catalogue FROM ingest.stream ORDER BY stream")
    return [dict(row) for row in rows]


async def advance_stream(tx: Connection, stream: str, *, head: int, numbers: int) -> None:
    """Move the counters; last in the transaction that used them."""
    await tx.execute("UPDATE ingest.stream SET head = $2, numbers = $3 WHERE stream = $1", stream, head, numbers)


async def policies(connection: Connection, stream: str) -> dict[str, Any]:
    """The stream's policies as data (empty: the defaults)."""
    value = await connection.fetchval("SELECT policies FROM ingest.stream WHERE stream = $1", stream)
    return json.loads(value) if value else {}


# --- dossiers and the feed -----------------------------------------------------------------------------------------------

_DOSSIER = "code, number, source, position, facts_digest, mapped, findings, seen, history"


async def dossiers_by_code(tx: Connection, stream: str, codes: Sequence[str]) -> dict[str, DossierRow]:
    """Those of `codes` that are known."""
    rows = await tx.fetch(f"SELECT {_DOSSIER} FROM ingest.dossier WHERE stream = $1 AND code = ANY($2)", stream, codes)
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


async def versions_of(
    connection: Connection, stream: str, number: int, source_positions: Sequence[int]
) -> list[dict[str, Any]]:
    """The versions of one dossier among `source_positions`."""
    rows = await connection.fetch(
        "SELECT position, facts, recorded_at FROM ingest.feed WHERE stream = $1 AND position = ANY($3) AND number = $2"
        " ORDER BY position",
        stream,
        number,
        source_positions,
    )
    return [dict(row) for row in rows]


# --- sources and pulls ---------------------------------------------------------------------------------------------------


async def put_source(
    tx: Connection,
    *,
    name: str,
    stream: str,
    kind: str,
    settings: dict[str, Any],
    secret_env: str | None,
    every_seconds: float,
    enabled: bool,
) -> None:
    """Connect a source or change how it is read; its place is kept."""
    await tx.execute(
        "INSERT INTO ingest.source (name, stream, kind, settings, secret_env, every_seconds, enabled)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO UPDATE SET settings = excluded.settings,"
        " secret_env = excluded.secret_env, every_seconds = excluded.every_seconds, enabled = excluded.enabled,"
        " next_at = now(), attempts = 0",
        name,
        stream,
        kind,
        json.dumps(settings),
        secret_env,
        every_seconds,
        enabled,
    )


_SOURCE = (
    "name, stream, kind, settings, secret_env, enabled, every_seconds, place, next_at, lease_until, attempts, breaker, total"
)


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


async def live_dossiers(connection: Connection, source_name: str, stream: str) -> int:
    """How many dossiers of a source there are."""
    count: int = await connection.fetchval(
        "SELECT count(*) FROM ingest.dossier WHERE stream = $1 AND source = $2", stream, source_name
    )
    return count


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
    tx: Connection, pull: int, *, state: str, calls: int, proof: str | None = None, error: str | None = None
) -> None:
    """End a pull's row."""
    await tx.execute(
        "UPDATE ingest.pull SET state = $2, finished_at = now(), calls = $3, proof = $4, last_error = $5 WHERE id = $1",
        pull,
        state,
        calls,
        proof,
        error,
    )


async def pulls(connection: Connection, source_name: str | None, before: int | None, limit: int) -> list[dict[str, Any]]:
    """Pulls, newest first."""
    rows = await connection.fetch(
        "SELECT *, extract(epoch FROM coalesce(finished_at, touched_at) - started_at) AS seconds FROM ingest.pull"
        " WHERE ($1::text IS NULL OR source = $1) AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
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


# --- keys of senders -----------------------------------------------------------------------------------------------------


async def key_row(connection: Connection, key_id: str) -> dict[str, Any] | None:
    """A valid key of this service, with the hash of its secret; None when there is none."""
    row = await connection.fetchrow(
        "SELECT id, secret_hash, name, scopes, stream, agencies FROM ingest.api_key WHERE id = $1 AND revoked_at IS NULL"
        " AND (expires_at IS NULL OR expires_at > now())",
        key_id,
    )
    return dict(row) if row else None


async def answer_given(tx: Connection, key_id: str, idempotency_key: str) -> tuple[bytes, dict[str, Any]] | None:
    """The digest of the body and the answer of an earlier request under this `Idempotency-Key`."""
    row = await tx.fetchrow(
        "SELECT body_digest, answer FROM ingest.idempotency WHERE key_id = $1 AND idempotency_key = $2", key_id, idempotency_key
    )
    return (row[0], json.loads(row[1])) if row else None


async def remember_answer(
    tx: Connection, key_id: str, idempotency_key: str, body_digest: bytes, answer: dict[str, Any]
) -> None:
    """Keep the answer of a request with its effect; answers of the week before last are forgotten on the way."""
    await tx.execute(
        "DELETE FROM ingest.idempotency WHERE ctid IN (SELECT ctid FROM ingest.idempotency"
        " WHERE created_at < now() - interval '7 days' LIMIT 100 FOR UPDATE SKIP LOCKED)"
    )
    await tx.execute(
        "INSERT INTO ingest.idempotency (key_id, idempotency_key, body_digest, answer) VALUES ($1, $2, $3, $4)",
        key_id,
        idempotency_key,
        body_digest,
        json.dumps(answer),
    )


# --- quarantine ----------------------------------------------------------------------------------------------------------


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


_QUARANTINED = "id, stream, source, reason, detail, code, fields, pull, times, first_at, last_at, released_at"


def _quarantined(row: Any) -> dict[str, Any]:
    return {**dict(row), "fields": json.loads(row["fields"])}


async def quarantine(
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


async def quarantine_depth(connection: Connection) -> list[dict[str, Any]]:
    """How many records wait in quarantine, by stream, source and reason."""
    rows = await connection.fetch(
        "SELECT stream, source, reason, count(*) AS records FROM ingest.quarantine WHERE released_at IS NULL"
        " GROUP BY stream, source, reason ORDER BY stream, source, reason"
    )
    return [dict(row) for row in rows]


# --- imports of files ----------------------------------------------------------------------------------------------------

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


# --- reconciliation ------------------------------------------------------------------------------------------------------


async def dossiers_of_source(connection: Connection, stream: str, source_name: str, after: int, limit: int) -> list[DossierRow]:
    """Dossiers that a source told of first, by number."""
    rows = await connection.fetch(
        f"SELECT {_DOSSIER} FROM ingest.dossier WHERE stream = $1 AND number > $3 AND source = $2 ORDER BY number LIMIT $4",
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
    """Take the oldest open reconciliation; what an earlier worker left half done is begun again."""
    row = await tx.fetchrow(
        "UPDATE ingest.reconciliation SET state = 'running', lease_by = $1, attempts = attempts + 1,"
        " lease_until = now() + make_interval(secs => $2) WHERE id = (SELECT id FROM ingest.reconciliation"
        " WHERE state IN ('planned', 'running') AND not_before <= now() AND (lease_until IS NULL OR lease_until < now())"
        " ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id, source, stream, from_on, to_on, attempts",
        worker,
        seconds,
    )
    if row is None:
        return None
    await tx.execute("DELETE FROM ingest.difference WHERE reconciliation = $1", row["id"])
    return dict(row)


async def keep_reconciliation(tx: Connection, number: int, worker: str, seconds: float) -> bool:
    """Hold it on; False when another worker has taken it."""
    status: str = await tx.execute(
        "UPDATE ingest.reconciliation SET lease_until = now() + make_interval(secs => $3) WHERE id = $1 AND lease_by = $2",
        number,
        worker,
        seconds,
    )
    return status.endswith("1")


async def finish_reconciliation(
    tx: Connection, number: int, *, position: int, totals: list[dict[str, Any]], examined: int
) -> None:
    """The end of a reconciliation, with the totals per agency."""
    await tx.execute(
        "UPDATE ingest.reconciliation SET state = 'complete', finished_at = now(), lease_until = NULL, position = $2,"
        " totals = $3, examined = $4, last_error = NULL WHERE id = $1",
        number,
        position,
        json.dumps(totals),
        examined,
    )


async def fail_reconciliation(tx: Connection, number: int, error: str, *, again_after: float | None) -> None:
    """It could not be finished; it is tried again after `again_after` seconds, or given up with None."""
    await tx.execute(
        "UPDATE ingest.reconciliation SET state = CASE WHEN $3::float8 IS NULL THEN 'failed' ELSE 'planned' END,"
        " finished_at = CASE WHEN $3::float8 IS NULL THEN now() END, lease_until = NULL, last_error = $2,"
        " not_before = now() + make_interval(secs => coalesce($3::float8, 0)) WHERE id = $1",
        number,
        error,
        again_after,
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
    "id, source, stream, from_on, to_on, nightly_on, state, planned_at, finished_at, position, totals, examined, last_error,"
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


# --- catalogue -----------------------------------------------------------------------------------------------------------


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


async def set_policies(tx: Connection, stream: str, value: dict[str, Any]) -> None:
    """Replace the stream's policies."""
    await tx.execute("UPDATE ingest.stream SET policies = $2 WHERE stream = $1", stream, json.dumps(value))


# --- redating ------------------------------------------------------------------------------------------------------------


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


async def open_redating(tx: Connection) -> dict[str, Any] | None:
    """The oldest redating that is not finished, locked; None when there is none or another worker has it."""
    row = await tx.fetchrow(
        "SELECT id, stream, reason, only_unmapped, done_to, upto FROM ingest.redating WHERE finished_at IS NULL"
        " ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
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


# --- quality -------------------------------------------------------------------------------------------------------------


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
