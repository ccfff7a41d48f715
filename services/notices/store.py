"""Tables and every SQL statement of notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

import msgspec

from services.notices.caveats import Confirmed
from shared.database import Connection

Form = Literal["docx", "pdf", "xlsx"]

_SHOWN = """
    notice.id, notice.inspection_id, notice.stream, notice.state, notice.revision, notice.as_of, notice.position, notice.error,
    notice.attempts, notice.asked_at, notice.made_at, inspection.scope, inspection.period_from, inspection.period_to,
    notice.confirmed, notice.confirmed_because,
    CASE WHEN notice.state = 'queued' THEN notice.due_at END AS next_attempt_at
"""


STATES = ("queued", "drafting", "draft", "failed")


@dataclass(frozen=True)
class Summary:
    """How the work stands: notices by state, seconds since the oldest that waits was ordered, and drafts of the
    last 30 days with a failed check."""

    by_state: dict[str, int]
    waiting_seconds: float
    unsound: int

    @property
    def waiting(self) -> int:
        """Notices still to be made."""
        return self.by_state["queued"] + self.by_state["drafting"]


@dataclass(frozen=True)
class Request:
    """Who asked for something, and how a repeat of the same request is known."""

    key_id: str
    request_key: str | None
    digest: bytes


@dataclass(frozen=True)
class Work:
    """A notice that is to be made, leased to this worker."""

    id: int
    attempt: int
    lapses: int
    """How often a lease ran out because a worker died over it."""
    waited: timedelta
    """Since it was ordered."""
    as_of: str | None
    confirmed: tuple[str, ...]
    """Kinds of caveats that whoever ordered it confirmed."""
    inspection_id: int
    inspection: dict[str, Any]


async def add_inspection(
    tx: Connection, *, stream: str, scope: str, since: date, until: date, body: dict[str, Any], request: Request
) -> int | None:
    """Store an inspection and give its id; None when this key already sent a request under the same request key."""
    number: int | None = await tx.fetchval(
        "INSERT INTO notices.inspection (stream, scope, period_from, period_to, body, key_id, request_key, request_digest)"
        " VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8) ON CONFLICT (key_id, request_key) DO NOTHING RETURNING id",
        stream,
        scope,
        since,
        until,
        _json(body),
        request.key_id,
        request.request_key,
        request.digest,
    )
    return number


async def inspection_asked_before(tx: Connection, request: Request) -> tuple[int, bytes]:
    """Id and digest of the inspection that came with this request key."""
    row = await tx.fetchrow(
        "SELECT id, request_digest FROM notices.inspection WHERE key_id = $1 AND request_key = $2",
        request.key_id,
        request.request_key,
    )
    return row["id"], row["request_digest"]


async def inspection(tx: Connection, number: int) -> dict[str, Any] | None:
    """An inspection with its body, or None."""
    row = await tx.fetchrow("SELECT id, stream, scope, body, created_at FROM notices.inspection WHERE id = $1", number)
    return None if row is None else {**row, "body": msgspec.json.decode(row["body"])}


async def inspections(tx: Connection, stream: str | None, before: int | None, limit: int) -> list[dict[str, Any]]:
    """Inspections, the newest first, older than `before`."""
    rows = await tx.fetch(
        "SELECT id, stream, scope, period_from, period_to, created_at FROM notices.inspection"
        " WHERE ($1::text IS NULL OR stream = $1) AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        stream,
        before,
        limit,
    )
    return [dict(row) for row in rows]


async def add_notice(
    tx: Connection, *, inspection_id: int, stream: str, as_of: str | None, confirmed: Confirmed, request: Request
) -> int | None:
    """Queue a notice and give its id; None when this key already sent a request under the same request key."""
    number: int | None = await tx.fetchval(
        "INSERT INTO notices.notice"
        " (inspection_id, stream, as_of, confirmed, confirmed_because, key_id, request_key, request_digest)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (key_id, request_key) DO NOTHING RETURNING id",
        inspection_id,
        stream,
        as_of,
        list(confirmed.kinds),
        confirmed.reason,
        request.key_id,
        request.request_key,
        request.digest,
    )
    return number


async def notice_asked_before(tx: Connection, request: Request) -> tuple[int, bytes] | None:
    """Id and digest of the notice that came with this request key; None when there is none."""
    row = await tx.fetchrow(
        "SELECT id, request_digest FROM notices.notice WHERE key_id = $1 AND request_key = $2",
        request.key_id,
        request.request_key,
    )
    return None if row is None else (row["id"], row["request_digest"])


async def notice_row(tx: Connection, number: int) -> dict[str, Any] | None:
    """A notice without its content, or None."""
    row = await tx.fetchrow(
        f"SELECT {_SHOWN} FROM notices.notice JOIN notices.inspection ON inspection.id = inspection_id WHERE notice.id = $1",
        number,
    )
    return None if row is None else dict(row)


async def notice_content(tx: Connection, number: int) -> dict[str, bytes]:
    """What a made notice says, as stored JSON: `pinned`, `figures`, `document`, `checks`."""
    row = await tx.fetchrow("SELECT pinned, figures, document, checks FROM notices.notice WHERE id = $1", number)
    return {name: value.encode() for name, value in row.items() if value is not None}


async def notices(
    tx: Connection, *, stream: str | None, state: str | None, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Notices without their content, the newest first, older than `before`."""
    rows = await tx.fetch(
        f"SELECT {_SHOWN} FROM notices.notice JOIN notices.inspection ON inspection.id = inspection_id"
        " WHERE ($1::text IS NULL OR notice.stream = $1) AND ($2::text IS NULL OR notice.state = $2)"
        " AND ($3::bigint IS NULL OR notice.id < $3) ORDER BY notice.id DESC LIMIT $4",
        stream,
        state,
        before,
        limit,
    )
    return [dict(row) for row in rows]


async def rendering(tx: Connection, number: int, form: Form) -> tuple[bytes, bytes] | None:
    """Content and digest of a rendering, or None."""
    row = await tx.fetchrow("SELECT content, digest FROM notices.rendering WHERE notice_id = $1 AND form = $2", number, form)
    return None if row is None else (row["content"], row["digest"])


async def claim(tx: Connection, lease: timedelta) -> Work | None:
    """Lease the notice that waits longest; one whose worker died waits again when its lease has run out."""
    row = await tx.fetchrow(
        "UPDATE notices.notice SET state = 'drafting', attempts = attempts + 1, revision = revision + 1,"
        " lapses = lapses + (state = 'drafting')::int, leased_until = now() + $1 WHERE id = ("
        "  SELECT id FROM notices.notice WHERE state IN ('queued', 'drafting') AND due_at <= now()"
        "  AND (leased_until IS NULL OR leased_until < now()) ORDER BY due_at, id FOR UPDATE SKIP LOCKED LIMIT 1)"
        " RETURNING id, attempts, lapses, now() - asked_at AS waited, as_of, confirmed, inspection_id",
        lease,
    )
    if row is None:
        return None
    body = await tx.fetchval("SELECT body FROM notices.inspection WHERE id = $1", row["inspection_id"])
    return Work(
        row["id"],
        row["attempts"],
        row["lapses"],
        row["waited"],
        row["as_of"],
        tuple(row["confirmed"]),
        row["inspection_id"],
        msgspec.json.decode(body),
    )


async def renew(tx: Connection, work: Work, lease: timedelta) -> None:
    """Lengthen the lease of work that is still ours."""
    await tx.execute(
        "UPDATE notices.notice SET leased_until = now() + $3 WHERE id = $1 AND attempts = $2 AND state = 'drafting'",
        work.id,
        work.attempt,
        lease,
    )


async def keep(
    tx: Connection,
    work: Work,
    *,
    position: int,
    pinned: bytes,
    figures: bytes,
    document: bytes,
    checks: bytes,
    renderings: dict[Form, tuple[bytes, bytes]],
    made_at: datetime,
) -> bool:
    """Store a made notice whole, unless another worker has taken it over meanwhile; say whether it was stored."""
    kept = await tx.fetchval(
        "UPDATE notices.notice SET state = 'draft', revision = revision + 1, position = $3, pinned = $4::jsonb,"
        " figures = $5::jsonb, document = $6::jsonb, checks = $7::jsonb, made_at = $8, error = NULL, leased_until = NULL"
        " WHERE id = $1 AND attempts = $2 AND state = 'drafting' RETURNING id",
        work.id,
        work.attempt,
        position,
        pinned.decode(),
        figures.decode(),
        document.decode(),
        checks.decode(),
        made_at,
    )
    if kept is None:
        return False
    await tx.executemany(
        "INSERT INTO notices.rendering (notice_id, form, content, digest) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (notice_id, form) DO UPDATE SET content = excluded.content, digest = excluded.digest",
        [(work.id, form, content, digest) for form, (content, digest) in sorted(renderings.items())],
    )
    return True


async def put_off(tx: Connection, work: Work, *, error: str, until: timedelta | None) -> None:
    """Note why a notice could not be made; try again after `until`, or never when it is None."""
    await tx.execute(
        "UPDATE notices.notice SET state = $3, revision = revision + 1, error = $4, leased_until = NULL,"
        " due_at = now() + coalesce($5, interval '0') WHERE id = $1 AND attempts = $2 AND state = 'drafting'",
        work.id,
        work.attempt,
        "failed" if until is None else "queued",
        error,
        until,
    )


async def work_summary(tx: Connection) -> Summary:
    """How the work stands."""
    rows = await tx.fetch("SELECT state, count(*) AS number FROM notices.notice GROUP BY state")
    row = await tx.fetchrow(
        "SELECT coalesce(extract(epoch FROM now() - min(asked_at) FILTER (WHERE state IN ('queued', 'drafting'))), 0)::float8"
        " AS waiting, count(*) FILTER (WHERE checks @> '[{\"ok\": false}]') AS unsound FROM notices.notice"
        " WHERE asked_at > now() - interval '30 days' OR state IN ('queued', 'drafting')"
    )
    return Summary(dict.fromkeys(STATES, 0) | {one["state"]: one["number"] for one in rows}, row["waiting"], row["unsound"])


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
