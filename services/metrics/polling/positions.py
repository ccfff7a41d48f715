"""What this process knows of the provinces: read at each NOTIFY, and polled every two seconds in case one was lost."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

from services.metrics.polling.fingerprint import fingerprint_of
from services.metrics.provinces.completeness import freshness
from services.metrics.provinces.model import Province
from services.metrics.provinces.store import notifications, provinces
from shared.contracts.kpis import Freshness
from shared.database import Connection, Database
from shared.heartbeat import read_outage
from shared.logs import logger

log = logger("positions")

POLL_SECONDS = 2.0
MAX_POLL_AGE_SECONDS = 5.0
"""Seconds after which the last poll is outdated: cached responses are not sent until the next one."""
OVERTAKEN = timedelta(seconds=10)
"""Longer than any poll takes: what was read so much later was not overtaken by another one."""
MAX_WAIT_SECONDS = 5.0
"""Seconds that a request waits for a revision that its client has seen elsewhere."""


AlertMoves = Callable[[Connection], Awaitable[dict[str, int]]]
"""Reads, by province, a number that moves whenever an alert opens or closes."""


class Positions:
    """The provinces as last polled, and a way to wait for the next change."""

    def __init__(self, database: Database, alert_moves: AlertMoves, definition: str) -> None:
        """Knows nothing until `run`; `definition`: of counters, by which this process computes."""
        self._database, self._alert_moves, self._definition = database, alert_moves, definition
        self._notified = asyncio.Event()
        self._waiting: set[asyncio.Future[None]] = set()
        self.known: dict[str, Province] = {}
        self.freshness: dict[str, Freshness] = {}
        """By province, how complete its responses are."""
        self.fingerprints: dict[str, str] = {}
        """By province, of `freshness`: a cached response with another one is outdated."""
        self.polled_at = -math.inf
        """When all of this was read (`time.monotonic`)."""
        self.alerts: dict[str, int] = {}
        """By province, a number that moves whenever an alert opens or closes."""

    async def run(self) -> None:
        """Update `known` until cancelled; a lost connection is opened again."""
        while True:
            try:
                async with (
                    self._database.connection() as connection,
                    notifications.listening(connection, lambda _: self._notified.set()),
                ):
                    while True:
                        self._notified.clear()
                        await self._read(connection)
                        self._take_alerts(await self._alert_moves(connection))
                        with suppress(TimeoutError):
                            await asyncio.wait_for(self._notified.wait(), POLL_SECONDS)
            except Exception as error:
                # Whatever it was: without this task the process would send cached responses for ever.
                log.warning("positions not polled", error=type(error).__name__)
                await asyncio.sleep(0.2)

    def moved(self) -> asyncio.Future[None]:
        """A future, done at the next change of any province or alert; registered in this step, so that none is missed."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        future.add_done_callback(self._waiting.discard)
        return future

    async def reach(self, province: str, revision: int) -> None:
        """Wait until this process knows the province at `revision` or later; give up after `MAX_WAIT_SECONDS`."""
        known = self.known.get(province)
        if known is not None and known.revision >= revision:
            return
        async with self._database.connection() as connection:
            await self._read(connection)
        deadline = asyncio.get_running_loop().time() + MAX_WAIT_SECONDS
        while (known := self.known.get(province)) is None or known.revision < revision:
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return
            future = self.moved()
            with suppress(TimeoutError):
                await asyncio.wait_for(future, left)

    def is_current(self, province: str, revision: int, fingerprint: str, now: float) -> bool:
        """Whether a response is of the newest state known here, and that was polled recently; `now`: `time.monotonic`."""
        known = self.known.get(province)
        return (
            known is not None
            and known.revision == revision
            and self.fingerprints[province] == fingerprint
            and now - self.polled_at < MAX_POLL_AGE_SECONDS
        )

    async def _read(self, connection: Connection) -> None:
        began = time.monotonic()
        found = await provinces.all_provinces(connection)
        silent = await read_outage(connection, "metrics")
        self._take(found)
        self.polled_at = began
        self.freshness = {
            name: freshness(province, silent, definition=self._definition) for name, province in self.known.items()
        }
        fingerprints = {name: fingerprint_of(one) for name, one in self.freshness.items()}
        if fingerprints != self.fingerprints:
            self.fingerprints = fingerprints
            self._release()

    def _take(self, found: dict[str, Province]) -> None:
        # Two polls can overtake each other: a revision does not go back. Unless the database did, as from a backup.
        newer = {
            name: province
            for name, province in found.items()
            if (known := self.known.get(name)) is None
            or (known.revision, known.read_at) < (province.revision, province.read_at)
            or province.read_at - known.read_at > OVERTAKEN
        }
        moved = any(name not in self.known or self.known[name].revision != newer[name].revision for name in newer)
        self.known = {**self.known, **newer}
        if moved:
            self._release()

    def _take_alerts(self, found: dict[str, int]) -> None:
        if found != self.alerts:
            self.alerts = found
            self._release()

    def _release(self) -> None:
        for future in tuple(self._waiting):
            if not future.done():
                future.set_result(None)
