"""Checks of sources, which the API asks for and the worker makes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.checks.model import CheckResult
from services.ingest.checks.tables import source_check
from shared.database import Connection
from shared.statements import Statement, begun_at, parameter

RETENTION = timedelta(hours=1)
_INSTANT = sa.DateTime(timezone=True)
_ID = parameter("number", sa.BigInteger)
_SOURCE = parameter("source", sa.Text)
_c = source_check.c


class OrderedCheck(NamedTuple):
    """A check that was asked for, and the name of its source."""

    id: int
    source: str


_DELETE_OLD = Statement[None](sa.delete(source_check).where(_c.requested_at < parameter("before", _INSTANT)))
_OPEN = Statement(
    sa.select(_c.id)
    # One that was taken may try older settings.
    .where(_c.source == _SOURCE, _c.taken_at.is_(None), _c.requested_at > parameter("since", _INSTANT))
    .order_by(_c.id.desc())
    .limit(1),
    int,
)
_INSERT = Statement(sa.insert(source_check).values(source=_SOURCE).returning(_c.id), int)


async def order(tx: Connection, source_name: str, now: datetime, within: timedelta) -> int:
    """Have the worker check a source; one that was asked for `within` this time and is not made yet is waited for."""
    await _DELETE_OLD.run(tx, before=now - RETENTION)
    waiting = await _OPEN.first(tx, source=source_name, since=now - within)
    return waiting if waiting is not None else await _INSERT.one(tx, source=source_name)


def _take() -> sa.UpdateBase:
    waiting = source_check.alias("waiting")
    oldest = (
        sa.select(waiting.c.id)
        .where(waiting.c.taken_at.is_(None), waiting.c.requested_at > parameter("since", _INSTANT))
        .order_by(waiting.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (
        sa.update(source_check)
        .where(_c.id == oldest.scalar_subquery())
        .values(taken_at=parameter("now", _INSTANT))
        .returning(_c.id, _c.source)
    )


_TAKE = Statement(_take(), OrderedCheck)


async def take(tx: Connection, now: datetime, within: timedelta) -> OrderedCheck | None:
    """The oldest check that was asked for `within` this time and that nobody took; None when there is none."""
    return await _TAKE.first(tx, now=now, since=now - within)


_STORE = Statement[None](
    sa.update(source_check)
    .where(_c.id == _ID)
    .values(responded_at=parameter("now", _INSTANT), result=parameter("result", pg.JSONB))
)


async def store_result(tx: Connection, number: int, result: CheckResult) -> None:
    """Store what a check found."""
    await _STORE.run(tx, number=number, result=msgspec.to_builtins(result), now=await begun_at(tx))


def _result(result: dict[str, object]) -> CheckResult:
    return msgspec.convert(result, CheckResult)


_READ = Statement(sa.select(_c.result).where(_c.id == _ID, _c.responded_at.is_not(None)), _result)


async def read_result(connection: Connection, number: int) -> CheckResult | None:
    """What a check found; None while it is not made."""
    return await _READ.first(connection, number=number)
