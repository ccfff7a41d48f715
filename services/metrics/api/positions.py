"""What this process knows of how far the streams are: told by NOTIFY, and looked up each second as a guarantee."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from services.metrics.store import alerts, streams
from services.metrics.store.streams import Stream
from shared.database import Connection, Database
from shared.logs import logger

log = logger("positions")

LOOK_SECONDS = 1.0
LONGEST_WAIT = 5.0
"""Seconds a request waits for a state that its client has seen elsewhere."""


class Positions:
    """The streams as last seen, and a way to wait for the next change."""

    def __init__(self, database: Database, look: Callable[[Connection], Awaitable[None]]) -> None:
        """Knows nothing until `run`, which has `look` look at the database too, twice in `LOOK_SECONDS` at the most."""
        self._database = database
        self._look = look
        self._told = asyncio.Event()
        self._waiting: set[asyncio.Future[None]] = set()
        self.known: dict[str, Stream] = {}
        self.alerts: dict[str, int] = {}
        """By stream, a number that moves whenever an alert opens or closes."""

    async def run(self) -> None:
        """Keep `known` up to date until cancelled; a lost connection is made anew."""
        while True:
            try:
                async with (
                    self._database.connection() as connection,
                    streams.listening(connection, lambda _: self._told.set()),
                ):
                    looked_at = -math.inf
                    while True:
                        if time.monotonic() - looked_at > LOOK_SECONDS / 2:
                            looked_at = time.monotonic()
                            await self._look(connection)
                        self._told.clear()
                        self._take(await streams.all_streams(connection))
                        self._take_alerts(await alerts.newest(connection))
                        with suppress(TimeoutError):
                            await asyncio.wait_for(self._told.wait(), LOOK_SECONDS)
            except Exception as error:
                # Whatever it was: without this task the process would answer from memory for ever.
                log.warning("positions not told", error=type(error).__name__)
                await asyncio.sleep(0.2)

    def moved(self) -> asyncio.Future[None]:
        """A future that is done at the next change of any stream or alert; registered in this step, so that none is missed."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        future.add_done_callback(self._waiting.discard)
        return future

    async def reach(self, stream: str, generation: int) -> None:
        """Wait until this process knows the stream at `generation` or later; give up after `LONGEST_WAIT`."""
        known = self.known.get(stream)
        if known is not None and known.generation >= generation:
            return
        async with self._database.connection() as connection:
            self._take(await streams.all_streams(connection))
        deadline = asyncio.get_running_loop().time() + LONGEST_WAIT
        while (known := self.known.get(stream)) is None or known.generation < generation:
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return
            future = self.moved()
            with suppress(TimeoutError):
                await asyncio.wait_for(future, left)

    def _take(self, found: dict[str, Stream]) -> None:
        # Two looks can overtake each other: a generation never goes back.
        newer = {
            name: stream
            for name, stream in found.items()
            if name not in self.known or self.known[name].generation < stream.generation
        }
        if newer:
            self.known = {**self.known, **newer}
            self._release()

    def _take_alerts(self, found: dict[str, int]) -> None:
        if found != self.alerts:
            self.alerts = found
            self._release()

    def _release(self) -> None:
        for future in tuple(self._waiting):
            if not future.done():
                future.set_result(None)
