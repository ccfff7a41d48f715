"""Look-ups for anyone, as of keys that may be none: a share of the pool, so that strangers keep no connection from others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.database import Connection, Database
from shared.errors import Unavailable
from shared.languages import Bilingual
from shared.quotas import Quota

MAX_WAITING = 200
"""Look-ups that wait for their turn. Each takes a millisecond, unless the database is slow itself."""
PATIENCE = 5.0
"""Seconds for which one waits."""


class Lookups:
    """The connections of one pool that look-ups of one sort may take."""

    def __init__(self, database: Database, *, connections: int | None = None) -> None:
        """So many `connections` at a time; left out: half of the pool."""
        self._database = database
        self._turn = asyncio.Semaphore(connections or max(1, database.size // 2))
        self._waiting = 0

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection for one look-up; raises `Unavailable` when too many others wait for one, or it took too long."""
        if self._waiting >= MAX_WAITING:
            raise _too_many()
        self._waiting += 1
        try:
            async with asyncio.timeout(PATIENCE):
                await self._turn.acquire()
        except TimeoutError as error:
            raise _too_many() from error
        finally:
            self._waiting -= 1
        try:
            async with self._database.connection() as connection:
                yield connection
        finally:
            self._turn.release()


def _too_many() -> Unavailable:
    return Unavailable(
        Bilingual(
            "Too many requests of those who are not known are under way. Try again in a second.",
            "Đang có quá nhiều yêu cầu của người chưa xác định. Thử lại sau một giây.",
        ),
        headers=Quota("lookups", MAX_WAITING).refusal(1),
    )
