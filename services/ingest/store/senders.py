"""Keys of those who send, and the answers they were given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.events import Reason
from services.ingest.tables.keys import api_key
from services.ingest.tables.pushes import idempotency
from shared.database import Connection
from shared.statements import Statement, parameter

_KEPT = timedelta(days=7)
_FORGOTTEN_AT_ONCE = 100


class KeyRow(NamedTuple):
    """A valid key, with the hash of its secret."""

    id: str
    secret_hash: bytes
    name: str
    scopes: list[str]
    stream: str | None
    agencies: list[str] | None
    expires_at: datetime | None


class RejectedRecord(msgspec.Struct, frozen=True):
    """A record of a request that waits in quarantine."""

    index: int
    """Its place in the request, from 0 on."""
    code: str | None
    reason: Reason
    detail: str
    """The field, and what is wrong with it."""
    vi: str
    en: str


class Receipt(msgspec.Struct, frozen=True):
    """What became of the records of a request: served = accepted + known + superseded + quarantined, always."""

    served: int
    accepted: int
    known: int
    superseded: int
    quarantined: int
    head: int
    """Newest position of the feed after them."""
    rejected: list[RejectedRecord]


class GivenReceipt(NamedTuple):
    """The digest of a request's body and what it was answered."""

    body_digest: bytes
    receipt: Receipt


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


def _given(body_digest: bytes, receipt: Mapping[str, object]) -> GivenReceipt:
    return GivenReceipt(body_digest, msgspec.convert(receipt, Receipt))


_GIVEN = Statement(
    sa.select(idempotency.c.body_digest, idempotency.c.answer).where(
        idempotency.c.key_id == parameter("key_id", sa.Text),
        idempotency.c.idempotency_key == parameter("idempotency_key", sa.Text),
    ),
    _given,
)


async def receipt_given(tx: Connection, key_id: str, idempotency_key: str) -> GivenReceipt | None:
    """The answer to an earlier request under this `Idempotency-Key`."""
    return await _GIVEN.first(tx, key_id=key_id, idempotency_key=idempotency_key)


def _forget() -> sa.Delete:
    stale = idempotency.alias("stale")
    place: sa.ColumnElement[Any] = sa.literal_column("stale.ctid")
    some = (
        sa.select(place)
        .select_from(stale)
        .where(stale.c.created_at < parameter("before", sa.DateTime(timezone=True)))
        .limit(_FORGOTTEN_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    return sa.delete(idempotency).where(sa.literal_column("idempotency.ctid").in_(some))


_FORGET = Statement[None](_forget())

_REMEMBER = Statement[None](
    sa.insert(idempotency).values(
        key_id=parameter("key_id", sa.Text),
        idempotency_key=parameter("idempotency_key", sa.Text),
        body_digest=parameter("body_digest", sa.LargeBinary),
        answer=parameter("answer", pg.JSONB),
    )
)


async def remember_receipt(
    tx: Connection, key_id: str, idempotency_key: str, body_digest: bytes, receipt: Receipt, now: datetime
) -> None:
    """Keep the answer of a request with its effect; answers of the week before last are forgotten on the way."""
    await _FORGET.run(tx, before=now - _KEPT)
    await _REMEMBER.run(tx, key_id=key_id, idempotency_key=idempotency_key, body_digest=body_digest, answer=receipt)
