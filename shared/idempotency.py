"""Requests with an `Idempotency-Key`: the effect happens once, and a repeat gets the response of the first one.

A repeat has the same API key, the same `Idempotency-Key`, and the digest of the same method, address and body; the same key
with another request is refused. The response is stored in the transaction of the effect, in a table in the schema of each
service, for `RETENTION`. Of a key only a digest is stored, since senders may make keys of personal data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from shared import tables
from shared.database import Connection
from shared.errors import Conflict, Guidance, Invalid, Malformed
from shared.languages import Bilingual
from shared.settings import Service
from shared.statements import Statement, parameter

T = TypeVar("T")

RETENTION = timedelta(days=7)
"""For at least this time a repeat is recognised."""
PURGE_BATCH_SIZE = 100


class KeyReused(Invalid):
    """An Idempotency-Key that came with another request before."""

    type = "idempotency-key-reused"
    title = "The Idempotency-Key was used for another request"
    guidance = Guidance(
        "Use a new key for a new request; repeat a request unchanged under its own key.",
        "Idempotency-Key đã dùng cho yêu cầu khác",
        "Idempotency-Key này đã đi kèm một yêu cầu khác.",
        "Dùng khóa mới cho yêu cầu mới; khi gửi lại, giữ nguyên yêu cầu và khóa của nó.",
    )


class KeyInUse(Conflict):
    """The first request with this Idempotency-Key is not answered yet."""

    type = "idempotency-key-in-use"
    title = "A request with this Idempotency-Key is in work"
    guidance = Guidance(
        "Wait for `Retry-After` seconds and repeat the request unchanged: it gets the answer of the first.",
        "Yêu cầu cùng Idempotency-Key đang được xử lý",
        "Yêu cầu đầu tiên với Idempotency-Key này chưa có câu trả lời.",
        "Chờ số giây trong `Retry-After` rồi gửi lại nguyên vẹn: sẽ nhận câu trả lời của yêu cầu đầu.",
    )


class KeyMalformed(Malformed):
    """The header Idempotency-Key is no text of 1 to 128 printable characters of ASCII."""

    type = "idempotency-key-malformed"
    title = "The Idempotency-Key cannot be read"
    guidance = Guidance(
        'Send 1 to 128 printable characters of ASCII between quotation marks, such as `"order-1"`.',
        "Không đọc được Idempotency-Key",
        "Tiêu đề Idempotency-Key không phải chuỗi từ 1 đến 128 ký tự ASCII in được.",
        "Gửi từ 1 đến 128 ký tự ASCII in được trong dấu nháy kép.",
    )


class KeyedRequest(NamedTuple):
    """What must be equal in a request and its repeat."""

    key_id: str
    """Of the API key."""
    idempotency_key: str
    """SHA-256 of the header, in hexadecimal digits."""
    request_digest: bytes


def keyed_request(key_id: str, idempotency_key: str, method: str, address: bytes, body: bytes) -> KeyedRequest:
    """The key and the digest of a request; `address` is path and query."""
    digest = hashlib.sha256(b"\0".join((method.encode(), address, body))).digest()
    return KeyedRequest(key_id, hashlib.sha256(idempotency_key.encode()).hexdigest(), digest)


class _Stored(NamedTuple):
    request_digest: bytes
    response: object


class _Statements:
    """Statements on the stored responses of one service."""

    def __init__(self, service: Service) -> None:
        table = tables.idempotency(sa.MetaData(schema=service))
        c = table.c
        one = sa.and_(c.key_id == parameter("key_id", sa.Text), c.idempotency_key == parameter("idempotency_key", sa.Text))
        self.find = Statement(sa.select(c.request_digest, c.response).where(one), _Stored)
        # Held until the end of the transaction; whoever comes meanwhile is told to come again.
        self.hold = Statement(sa.select(sa.func.pg_try_advisory_xact_lock(parameter("lock", sa.BigInteger))), bool)
        self.claim = Statement[None](
            pg.insert(table)
            .values(
                **{name: parameter(name, c[name].type) for name in KeyedRequest._fields},
                response=sa.cast(sa.literal_column("'null'"), pg.JSONB),
            )
            .on_conflict_do_nothing(index_elements=[c.key_id, c.idempotency_key])
        )
        self.insert_response = Statement[None](sa.update(table).where(one).values(response=parameter("response", pg.JSONB)))
        old = table.alias("old")
        row_id: sa.ColumnElement[Any] = sa.literal_column("old.ctid")
        some = (
            sa.select(row_id)
            .select_from(old)
            .where(old.c.created_at < parameter("before", sa.DateTime(timezone=True)))
            .limit(PURGE_BATCH_SIZE)
            .with_for_update(skip_locked=True)
        )
        self.forget = Statement[None](sa.delete(table).where(sa.literal_column("idempotency.ctid").in_(some)))


_statements = cache(_Statements)


async def idempotent(
    tx: Connection,
    service: Service,
    request: KeyedRequest | None,
    now: datetime,
    kind: type[T],
    effect: Callable[[], Awaitable[T]],
) -> T:
    """The result of `effect`, or its stored result when the same request came before; `request` None: never a repeat.

    Needs READ COMMITTED: a repeat must see what the transaction of the first one stored. Raises `KeyInUse` while that has not
    ended, and `KeyReused` for a key that came with another request.
    """
    if request is None:
        return await effect()
    statements = _statements(service)
    await statements.forget.run(tx, before=now - RETENTION)
    if not await statements.hold.one(tx, lock=_lock(request)):
        # The first may have committed just now: what it stored is seen before its lock is given back.
        found = await statements.find.first(tx, **_key(request))
        if found is not None:
            return _same(request, found, kind)
        raise KeyInUse(
            Bilingual(
                "The first request with this Idempotency-Key is not finished. Repeat it unchanged in a second: it gets the same"
                " response.",
                "Yêu cầu đầu tiên với Idempotency-Key này chưa xong. Gửi lại nguyên vẹn sau một giây: sẽ nhận cùng kết quả.",
            ),
            headers={"Retry-After": "1"},
        )
    if not await statements.claim.run(tx, **request._asdict()):
        return _same(request, await statements.find.one(tx, **_key(request)), kind)
    response = await effect()
    await statements.insert_response.run(tx, **_key(request), response=msgspec.to_builtins(response))
    return response


async def stored_response(tx: Connection, service: Service, request: KeyedRequest | None, kind: type[T]) -> T | None:
    """The stored response to the same request; None when it is new. Raises `KeyReused`."""
    if request is None:
        return None
    found = await _statements(service).find.first(tx, **_key(request))
    return None if found is None else _same(request, found, kind)


def _lock(request: KeyedRequest) -> int:
    name = f"idempotency {request.key_id} {request.idempotency_key}".encode()
    return int.from_bytes(hashlib.sha256(name).digest()[:8], "big", signed=True)


def _key(request: KeyedRequest) -> dict[str, str]:
    return {"key_id": request.key_id, "idempotency_key": request.idempotency_key}


def _same(request: KeyedRequest, stored: _Stored, kind: type[T]) -> T:
    if stored.request_digest != request.request_digest:
        raise KeyReused(
            Bilingual(
                "This Idempotency-Key came with another request before. Use a new key for a new request.",
                "Idempotency-Key này đã dùng cho một yêu cầu khác. Dùng khóa mới cho yêu cầu mới.",
            )
        )
    return msgspec.convert(stored.response, kind)
