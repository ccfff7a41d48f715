"""Inquiries, which the API orders and the worker makes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.inquiries.model import Topic
from services.ingest.inquiries.tables import inquiry
from shared.database import Connection
from shared.statements import Statement, begun_at, parameter

RETENTION = timedelta(hours=1)
_INSTANT = sa.DateTime(timezone=True)
_ID = parameter("number", sa.BigInteger)
_SOURCE, _TOPIC = parameter("source", sa.Text), parameter("topic", sa.Text)
_SINCE = parameter("since", _INSTANT)
_c = inquiry.c
Response = TypeVar("Response", bound=msgspec.Struct)


class Inquiry(NamedTuple):
    """An inquiry that was ordered, and the name of the source it is for."""

    id: int
    source: str


_DELETE_OLD = Statement[None](sa.delete(inquiry).where(_c.requested_at < parameter("before", _INSTANT)))
_OPEN = Statement(
    sa.select(_c.id)
    # One that was taken may use older settings.
    .where(_c.source == _SOURCE, _c.topic == _TOPIC, _c.taken_at.is_(None), _c.requested_at > _SINCE)
    .order_by(_c.id.desc())
    .limit(1),
    int,
)
_INSERT = Statement(sa.insert(inquiry).values(source=_SOURCE, topic=_TOPIC).returning(_c.id), int)


async def order(tx: Connection, topic: Topic, source_name: str, now: datetime, within: timedelta) -> int:
    """Have the worker ask a source; what was ordered `within` this time and nobody took is waited for instead."""
    await _DELETE_OLD.run(tx, before=now - RETENTION)
    waiting = await _OPEN.first(tx, source=source_name, topic=topic, since=now - within)
    return waiting if waiting is not None else await _INSERT.one(tx, source=source_name, topic=topic)


def _take() -> sa.UpdateBase:
    waiting = inquiry.alias("waiting")
    oldest = (
        sa.select(waiting.c.id)
        .where(waiting.c.topic == _TOPIC, waiting.c.taken_at.is_(None), waiting.c.requested_at > _SINCE)
        .order_by(waiting.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (
        sa.update(inquiry)
        .where(_c.id == oldest.scalar_subquery())
        .values(taken_at=parameter("now", _INSTANT))
        .returning(_c.id, _c.source)
    )


_TAKE = Statement(_take(), Inquiry)


async def take(tx: Connection, topic: Topic, now: datetime, within: timedelta) -> Inquiry | None:
    """The oldest that was ordered `within` this time and that nobody took; None when there is none."""
    return await _TAKE.first(tx, topic=topic, now=now, since=now - within)


_STORE = Statement[None](
    sa.update(inquiry)
    .where(_c.id == _ID)
    .values(responded_at=parameter("now", _INSTANT), response=parameter("response", pg.JSONB))
)


async def store_response(tx: Connection, number: int, response: msgspec.Struct) -> None:
    """Store what came of an inquiry."""
    await _STORE.run(tx, number=number, response=msgspec.to_builtins(response), now=await begun_at(tx))


_READ = Statement[dict[str, object]](sa.select(_c.response).where(_c.id == _ID, _c.responded_at.is_not(None)), dict)


async def read_response(connection: Connection, number: int, kind: type[Response]) -> Response | None:
    """What came of an inquiry, as it was stored; None while it is not made."""
    response = await _READ.first(connection, number=number)
    return None if response is None else msgspec.convert(response, kind)
