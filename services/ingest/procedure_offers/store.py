"""Questions for a source's own catalogue of procedures, which the API asks and the worker answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.procedure_offers.tables import offer
from shared.database import Connection
from shared.procedures import PortalProcedure
from shared.statements import Statement, begun_at, parameter

RETENTION = timedelta(hours=1)
_INSTANT = sa.DateTime(timezone=True)
_ID = parameter("number", sa.BigInteger)


class OfferQuery(NamedTuple):
    """A question that was taken, and the name of the source it is for."""

    id: int
    source: str


class OfferResponse(NamedTuple):
    """The procedures of a source, or the category of the failure."""

    procedures: list[PortalProcedure] | None
    failure: str | None


_DELETE_OLD = Statement[None](sa.delete(offer).where(offer.c.requested_at < parameter("before", _INSTANT)))
_INSERT = Statement(sa.insert(offer).values(source=parameter("source", sa.Text)).returning(offer.c.id), int)


async def insert_query(tx: Connection, source_name: str, now: datetime) -> int:
    """Have the worker ask a source for its own catalogue of procedures; what was asked an hour ago is forgotten."""
    await _DELETE_OLD.run(tx, before=now - RETENTION)
    return await _INSERT.one(tx, source=source_name)


def _take() -> sa.UpdateBase:
    waiting = offer.alias("waiting")
    oldest = (
        sa.select(waiting.c.id)
        .where(waiting.c.taken_at.is_(None), waiting.c.requested_at > parameter("since", _INSTANT))
        .order_by(waiting.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (
        sa.update(offer)
        .where(offer.c.id == oldest.scalar_subquery())
        .values(taken_at=parameter("now", _INSTANT))
        .returning(offer.c.id, offer.c.source)
    )


_TAKE = Statement(_take(), OfferQuery)


async def take_query(tx: Connection, now: datetime, within: timedelta) -> OfferQuery | None:
    """The oldest question that was asked `within` this time and that nobody took; None when there is none."""
    return await _TAKE.first(tx, now=now, since=now - within)


_STORE = Statement[None](
    sa.update(offer)
    .where(offer.c.id == _ID)
    .values(
        responded_at=parameter("now", _INSTANT),
        procedures=parameter("procedures", pg.JSONB),
        failure=parameter("failure", sa.Text),
    )
)


async def store_response(tx: Connection, number: int, response: OfferResponse) -> None:
    """Store the response of the source, or why there is none."""
    procedures = msgspec.to_builtins(response.procedures)
    await _STORE.run(tx, number=number, procedures=procedures, failure=response.failure, now=await begun_at(tx))


def _response(procedures: list[object] | None, failure: str | None) -> OfferResponse:
    return OfferResponse(msgspec.convert(procedures, list[PortalProcedure] | None), failure)


_READ = Statement(
    sa.select(offer.c.procedures, offer.c.failure).where(offer.c.id == _ID, offer.c.responded_at.is_not(None)), _response
)


async def read_response(connection: Connection, number: int) -> OfferResponse | None:
    """The response to a query; None while there is none."""
    return await _READ.first(connection, number=number)
