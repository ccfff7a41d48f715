"""The worker of ingest: pulls what is due, dates dossiers anew and reconciles; woken by notifications, and polling."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.catalogue.service import renew
from services.ingest.checks.service import check_next
from services.ingest.dossiers.redating import redate_next
from services.ingest.inquiries.procedures import read_offer
from services.ingest.inquiries.service import respond_next
from services.ingest.previews.service import Rulesets, preview_next
from services.ingest.provinces import store as provinces_store
from services.ingest.pulls.service import pull_due
from services.ingest.quality.service import note_other_readings, plan_verifications
from services.ingest.reconciliation.service import plan_night, reconcile_next
from services.ingest.sources.http.addresses import permitted
from services.ingest.sources.http.client import warm
from services.ingest.sources.http.rate_limits import HostTurns
from services.ingest.sources.reader import AdapterPool
from services.ingest.sources.turns import DatabaseTurns
from shared.poll_loop import NextPoll
from shared.worker import WorkerContext, WorkerLoop, serve

SOURCES_AT_ONCE = 8
"""Of all provinces, each at most `MAX_SOURCES_PER_PROVINCE` of them: pulls mostly wait for their portals."""
CONNECTIONS = SOURCES_AT_ONCE + 6
PLAN_SECONDS = 15.0
"""Between two looks whether reconciliations are due: those of the night, and those that verify a pull."""


def clock() -> datetime:
    """This instant."""
    return datetime.now(UTC)


@asynccontextmanager
async def loops(shell: WorkerContext) -> AsyncIterator[list[WorkerLoop]]:
    """The loops of ingest's worker, and the connections to its sources."""
    permitted()  # fails now for a list that cannot be read, not at the first pull
    database, me = shell.database, shell.name
    rulesets, checked, previewed, pool = RulesetCache(), RulesetCache(), Rulesets(), AdapterPool()
    renewed = False
    # Other workers call the same hosts.
    HostTurns.shared = DatabaseTurns(database)

    async def notify() -> None:
        await shell.notifier.notify("metrics")

    async def redate() -> NextPoll | None:
        nonlocal renewed
        if not renewed:
            async with database.connection() as connection:
                known = await provinces_store.read_all(connection)
            for row in known:
                await database.run(partial(renew, province=row.province))
            renewed = True
        made = await database.run(lambda tx: redate_next(tx, rulesets, clock()))
        if made:
            await notify()
        return NextPoll.when(made is not None)

    async def reconcile() -> NextPoll | None:
        return NextPoll.when(
            await _unless(shell.stopping, reconcile_next(database, rulesets, f"{me}:reconciling", notify, clock))
        )

    async def offer() -> NextPoll | None:
        return NextPoll.when(await _unless(shell.stopping, respond_next(database, "procedures", read_offer, clock())))

    async def check() -> NextPoll | None:
        return NextPoll.when(await _unless(shell.stopping, check_next(database, checked, clock())))

    async def preview() -> NextPoll | None:
        return NextPoll.when(await database.run(lambda tx: preview_next(tx, previewed, clock())))

    async def plan() -> None:
        await database.run(lambda tx: plan_night(tx, clock()))
        await database.run(lambda tx: plan_verifications(tx, clock()))
        await database.run(lambda tx: note_other_readings(tx, clock()))

    def pulling(index: int) -> WorkerLoop:
        async def pull() -> NextPoll | None:
            return NextPoll.when(await pull_due(database, rulesets, f"{me}:{index}", shell.stopping, notify, clock, pool))

        return WorkerLoop(f"pulling {index}", pull)

    # Records are trees of short life and need no search for cycles: at the usual pace it costs a fifth of a pull.
    await warm()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    yield [
        *map(pulling, range(SOURCES_AT_ONCE)),
        WorkerLoop("redating", redate),
        WorkerLoop("previewing", preview),
        WorkerLoop("reconciling", reconcile),
        WorkerLoop("offering", offer),
        WorkerLoop("checking", check),
        WorkerLoop("planning", plan, every=PLAN_SECONDS),
    ]
    await pool.close()


async def _unless(stopping: asyncio.Event, work: Coroutine[Any, Any, bool]) -> bool:
    """Carry out what may wait for a portal, and leave it when the worker is to stop; says whether there was any to finish."""
    working, halted = asyncio.create_task(work), asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait((working, halted), return_when=asyncio.FIRST_COMPLETED)
        working.cancel()
        await asyncio.wait((working,))
        return False if working.cancelled() else working.result()
    finally:
        working.cancel()
        halted.cancel()


if __name__ == "__main__":
    sys.exit(serve("ingest", loops, connections=CONNECTIONS))
