"""The worker of notices: makes the notices that were ordered; woken by notifications, and polling."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from services.notices.drafting import service as drafting
from services.notices.drafting.store import queue as notice_queue
from services.notices.drafting.store.queue import Work
from services.notices.figures.metrics_client import Metrics
from services.notices.inspections.service import read_stored
from shared.database import Connection, Database
from shared.leases import auto_renewed
from shared.logs import logger
from shared.poll_loop import NextPoll
from shared.statements import begun_at
from shared.worker import WorkerContext, WorkerLoop, serve

log = logger("worker")


async def draft_next(database: Database, metrics: Metrics, worker: str) -> bool:
    """Make the notice that waits longest, as the holder `worker`; say whether there was one.

    It is claimed in one transaction and kept in another; none is open while metrics is asked.
    """

    async def claim(tx: Connection) -> Work | None:
        return await notice_queue.claim(tx, worker, await begun_at(tx), drafting.LEASE)

    work = await database.run(claim)
    if work is None:
        return False

    async def renew(tx: Connection) -> bool:
        return await notice_queue.renew(tx, work, await begun_at(tx), drafting.LEASE)

    try:
        drafting.demand_alive(work)
        # Renewed while the work goes on, the lease can be short: no notice waits longer for a dead worker.
        async with auto_renewed(database, drafting.LEASE, renew):
            inspection = read_stored(work.inspection)
            pinned = await drafting.gather(metrics, inspection, work.as_of)
            pinned = drafting.with_caveats(pinned, inspection, work.confirmed, datetime.now(UTC))
            made = await asyncio.to_thread(drafting.make, inspection, pinned)
    except Exception as error:
        log.warning(
            "notice not made", notice=work.id, attempt=work.attempt, error=type(error).__name__, detail=str(error)[:300]
        )
        failure = error

        async def put_off(tx: Connection) -> None:
            await drafting.put_off(tx, work, failure, await begun_at(tx))

        await database.run(put_off)
        return True

    async def keep(tx: Connection) -> bool:
        return await drafting.keep(tx, work, made, await begun_at(tx))

    kept = await database.run(keep)
    log.info("notice made", notice=work.id, position=pinned.position, kept=kept)
    return True


@asynccontextmanager
async def loops(shell: WorkerContext) -> AsyncIterator[list[WorkerLoop]]:
    """The loop of notices' worker, and the connection to metrics."""
    async with Metrics(shell.config.metrics_url, shell.config.metrics_key.get_secret_value()) as metrics:

        async def draft() -> NextPoll | None:
            return NextPoll.when(await draft_next(shell.database, metrics, shell.name))

        yield [WorkerLoop("drafting", draft)]


if __name__ == "__main__":
    sys.exit(serve("notices", loops, connections=3))
