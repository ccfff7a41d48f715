"""The child processes that render tables: they read, compute and write, and the API process only sends the result.

Rendering a table of hundreds of agencies as XLSX takes two hundred milliseconds, in which the API process could respond to
nobody. The child has the scheduling policy SCHED_IDLE: it runs when no other process wants the processor, and yields at once.
On a machine that is always busy that can be never, so after `PATIENCE` the order goes to a second child of the lowest ordinary
priority. The database's share of the work has no such priority, so after a table the child rests for as long as that took.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.process import BaseProcess

from services.metrics.agencies.service import KnownUnits
from services.metrics.figures import exports
from services.metrics.figures.api.parameters import balance_holds, run_use_case
from services.metrics.figures.kpis.algebra import Kpi
from services.metrics.figures.service import Result
from services.metrics.polling.fingerprint import fingerprint_of
from shared.access.principals import Principal
from shared.database import TRANSIENT_ERRORS, Database
from shared.sandbox.child import die_with_parent
from shared.settings import settings
from shared.web.formats import FormatChoice

PATIENCE = 5.0
"""Seconds that an order is left to the idle child."""
MAX_REST_SECONDS = 0.5
"""Bound of the rest after a table, in seconds: that of the first one includes the start of its child."""


TableUseCase = Callable[..., Awaitable[Result[exports.Tabular]]]
"""A `UseCase` whose response there is a table of."""


@dataclass(frozen=True, slots=True)
class TableOrder:
    """An order for a table."""

    use_case: TableUseCase
    principal: Principal
    province: str
    as_of: int | datetime | None
    """The position or instant of the query."""
    wanted: FormatChoice
    """CSV or XLSX."""
    kpis: tuple[Kpi, ...]
    """The KPIs of the table."""


@dataclass(frozen=True, slots=True)
class RenderedTable:
    """A table as it is sent, and the state that it was computed at."""

    position: int
    revision: int
    fingerprint: str
    balanced: bool
    incomplete: str
    """Why its figures may be incomplete, as the header states it; empty: they are complete."""
    doubtful: int
    """Dossiers in them that contradict themselves."""
    body: bytes


class TableProcesses:
    """The two child processes; each starts on first use, and again if it dies."""

    def __init__(self, database_url: str) -> None:
        """Nothing runs yet."""
        self._idle, self._lowest = _TableProcess(database_url, os.SCHED_IDLE), _TableProcess(database_url, os.SCHED_OTHER)

    async def make(self, order: TableOrder) -> RenderedTable:
        """The table; raises what the use case raises."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._idle.make(order)
        except TimeoutError:
            return await self._lowest.make(order)

    def close(self) -> None:
        """End the children."""
        self._idle.close()
        self._lowest.close()


class _TableProcess:
    """A child process that makes one table at a time."""

    def __init__(self, database_url: str, policy: int) -> None:
        self._database_url, self._policy = database_url, policy
        self._pool: ProcessPoolExecutor | None = None
        self._children: set[BaseProcess] = set()
        self._turn = asyncio.Lock()
        self._rested_at = 0.0

    async def make(self, order: TableOrder) -> RenderedTable:
        async with self._turn:
            await asyncio.sleep(self._rested_at - time.monotonic())
            began = time.monotonic()
            try:
                return await self._made(order)
            finally:
                ended = time.monotonic()
                self._rested_at = ended + min(ended - began, MAX_REST_SECONDS)

    async def _made(self, order: TableOrder) -> RenderedTable:
        for last in (False, True):
            if self._pool is None:
                self._pool = self._started()
            pool = self._pool
            try:
                return await asyncio.get_running_loop().run_in_executor(pool, _make, order)
            except BrokenProcessPool:
                self._pool = None
                if last:
                    raise
        raise AssertionError("unreachable")

    def _started(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        known = set(multiprocessing.active_children())
        pool = ProcessPoolExecutor(1, context, initializer=_begin, initargs=(self._database_url,))
        pool.submit(int)  # the first order starts the child
        self._children = set(multiprocessing.active_children()) - known
        for child in self._children:
            # Its priority is lowered from here, or its start would already slow down the others.
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, child.pid or 0, 19)
                os.sched_setscheduler(child.pid or 0, self._policy, os.sched_param(0))
        return pool

    def close(self) -> None:
        if self._pool is None:
            return
        # Whoever started the pool must see its end: a pool that is left running leaks semaphores, which Python reports on
        # standard error as a line that is no JSON.
        for child in self._children:
            child.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = None


class _Child:
    """What the child reuses from one order to the next."""

    def __init__(self, database_url: str) -> None:
        self.runner = asyncio.Runner()
        self.database = Database(database_url, size=1, application="motcua-metrics-tables", plans=settings().reading_plans)
        self.units = KnownUnits()

    async def make(self, order: TableOrder) -> RenderedTable:
        found = await run_use_case(self.database, self.units, order.use_case, order.principal, order.province, order.as_of)
        wanted = order.wanted
        body = (
            exports.as_csv(found.response, order.kpis, wanted.language, wanted.dialect)
            if wanted.format == "csv"
            else exports.as_xlsx(found.response, order.kpis, wanted.language)
        )
        return RenderedTable(
            found.response.position,
            found.revision,
            fingerprint_of(found.response.freshness),
            balance_holds(found.response),
            found.response.freshness.incompleteness,
            found.response.freshness.doubtful,
            body,
        )


_child: _Child | None = None


def _begin(database_url: str) -> None:
    global _child
    # The API process may be killed at any moment: the kernel ends this child then.
    die_with_parent()
    _child = _Child(database_url)


def _make(order: TableOrder) -> RenderedTable:
    assert _child is not None
    try:
        return _child.runner.run(_child.make(order))
    except TRANSIENT_ERRORS:
        # Between orders the connection is not read, so the first statement finds out that it was lost.
        return _child.runner.run(_child.make(order))
