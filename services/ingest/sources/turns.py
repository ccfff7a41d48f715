"""Turns of calls to the hosts of sources, shared by all worker processes by the clock of the database."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.sources.tables import host_turn
from shared.database import Connection, Database
from shared.statements import Statement, parameter

_c = host_turn.c
_HOST = parameter("host", sa.Text)
_NOW = sa.func.clock_timestamp(type_=sa.DateTime(timezone=True))
"""Not the begin of the transaction: the row may have been waited for."""
_LATER = _NOW + sa.func.make_interval(0, 0, 0, 0, 0, 0, parameter("seconds", sa.Double))
MAX_SLEEP_SECONDS = 1.0
"""Seconds after which a turn is tried again: another process may have died in its own."""


def _take() -> sa.UpdateBase:
    insert = pg.insert(host_turn).values(host=_HOST, next_at=_LATER)
    return insert.on_conflict_do_update(
        index_elements=[_c.host], set_={"next_at": insert.excluded.next_at}, where=_c.next_at <= _NOW
    ).returning(sa.literal(1))


def _hold() -> pg.Insert:
    insert = pg.insert(host_turn).values(host=_HOST, next_at=_LATER)
    later = sa.func.greatest(_c.next_at, insert.excluded.next_at)
    return insert.on_conflict_do_update(index_elements=[_c.host], set_={"next_at": later})


_TAKE = Statement(_take(), int)
_HOLD = Statement[None](_hold())
_WAIT = Statement(sa.select(sa.cast(sa.extract("epoch", _c.next_at - _NOW), sa.Double)).where(_c.host == _HOST), float)


class DatabaseTurns:
    """Turns in the database, as `SharedTurns`."""

    def __init__(self, database: Database) -> None:
        """Each is a transaction of its own."""
        self._database = database

    async def take(self, host: str, interval: float) -> float:
        """Take the turn: 0.0; or how long to wait before trying again."""

        async def take(tx: Connection) -> float:
            if await _TAKE.first(tx, host=host, seconds=interval) is not None:
                return 0.0
            return await _WAIT.one(tx, host=host)

        wait = await self._database.run(take)
        return min(max(wait, 0.001), MAX_SLEEP_SECONDS) if wait else 0.0

    async def hold(self, host: str, seconds: float) -> None:
        """Give nobody a turn for so long."""
        await self._database.run(lambda tx: _HOLD.run(tx, host=host, seconds=seconds))
