"""Rows of turns: when the next call to a host may leave, whichever worker makes it."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.sources.tables import host_turn
from shared.database import Connection
from shared.statements import Statement, begun_at, parameter

_turn = host_turn.c
_HOST = parameter("host", sa.Text)
_NOW = parameter("now", sa.DateTime(timezone=True))
_LATER = parameter("later", sa.DateTime(timezone=True))


def _take_turn() -> sa.UpdateBase:
    insert = pg.insert(host_turn).values(host=_HOST, next_at=_LATER)
    return insert.on_conflict_do_update(
        index_elements=[_turn.host], set_={"next_at": insert.excluded.next_at}, where=_turn.next_at <= _NOW
    ).returning(sa.literal(1))


def _hold_turns() -> sa.UpdateBase:
    insert = pg.insert(host_turn).values(host=_HOST, next_at=_LATER)
    later = sa.func.greatest(_turn.next_at, insert.excluded.next_at)
    return insert.on_conflict_do_update(index_elements=[_turn.host], set_={"next_at": later}).returning(_turn.next_at)


_TAKE_TURN = Statement(_take_turn(), int)
_HOLD_TURNS = Statement[datetime](_hold_turns(), lambda at: at)
_NEXT_TURN = Statement[datetime](sa.select(_turn.next_at).where(_turn.host == _HOST), lambda at: at)


async def take_turn(tx: Connection, host: str, interval: float) -> float:
    """Take the turn to call a host, so that the next one is `interval` seconds later: 0.0; or the seconds to wait for it.

    Counted from the begin of the transaction: who had to wait for the row finds the turn taken, and tries again.
    """
    now = await begun_at(tx)
    if await _TAKE_TURN.first(tx, host=host, now=now, later=now + timedelta(seconds=interval)) is not None:
        return 0.0
    return max((await _NEXT_TURN.one(tx, host=host) - now).total_seconds(), 0.001)


async def hold_turns(tx: Connection, host: str, seconds: float) -> float:
    """Give nobody a turn to call a host for so long; the seconds until there is one."""
    now = await begun_at(tx)
    return (await _HOLD_TURNS.one(tx, host=host, later=now + timedelta(seconds=seconds)) - now).total_seconds()
