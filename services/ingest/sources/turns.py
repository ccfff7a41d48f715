"""Turns of calls to the hosts of sources, shared by all workers by the database's clock; each is a transaction of its own."""

from __future__ import annotations

from services.ingest.sources.store import host_turns
from shared.database import Database

MAX_SLEEP_SECONDS = 1.0
"""After so long a turn is tried again, whatever was told: another process may have had it meanwhile."""


class DatabaseTurns:
    """Turns in the database, as `SharedTurns`."""

    def __init__(self, database: Database) -> None:
        """Each is a transaction of its own."""
        self._database = database

    async def take(self, host: str, interval: float) -> float:
        """Take the turn: 0.0; or how long to wait before trying again."""
        wait = await self._database.run(lambda tx: host_turns.take_turn(tx, host, interval))
        return min(wait, MAX_SLEEP_SECONDS)

    async def hold(self, host: str, seconds: float) -> float:
        """Give nobody a turn for so long; the seconds until there is one."""
        return await self._database.run(lambda tx: host_turns.hold_turns(tx, host, seconds))
