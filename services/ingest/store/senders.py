"""Keys of those who send, and the answers they were given."""

from __future__ import annotations

import json
from typing import Any

from shared.database import Connection


async def key_row(connection: Connection, key_id: str) -> dict[str, Any] | None:
    """A valid key of this service, with the hash of its secret; None when there is none."""
    row = await connection.fetchrow(
        "SELECT id, secret_hash, name, scopes, stream, agencies, expires_at FROM ingest.api_key"
        " WHERE id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())",
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
