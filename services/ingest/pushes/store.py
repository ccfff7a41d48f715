"""Keys of those who send."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from services.ingest.tables import api_key
from shared.database import Connection
from shared.statements import Statement, parameter


class KeyRow(NamedTuple):
    """A valid key, with the hash of its secret."""

    id: str
    secret_hash: bytes
    name: str
    scopes: list[str]
    province: str | None
    agencies: list[str] | None
    expires_at: datetime | None
    last_used_at: datetime | None


_KEY = Statement(
    sa.select(*(api_key.c[name] for name in KeyRow._fields)).where(
        api_key.c.id == parameter("id", sa.Text),
        api_key.c.revoked_at.is_(None),
        sa.or_(api_key.c.expires_at.is_(None), api_key.c.expires_at > parameter("now", sa.DateTime(timezone=True))),
    ),
    KeyRow,
)


async def key_row(connection: Connection, key_id: str, now: datetime) -> KeyRow | None:
    """A key of this service that is valid at `now`; None when there is none."""
    return await _KEY.first(connection, id=key_id, now=now)
