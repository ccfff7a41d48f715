"""Queue and clock in: pulls what is due, dates dossiers anew and reconciles, woken by the doorbell or by its own look."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from datetime import UTC, datetime

import uvloop

from services.ingest.catalogue import Laws, renew
from services.ingest.offering import offer_next
from services.ingest.pulling import pull_due, redate_next
from services.ingest.reconciling import plan_night, reconcile_next
from services.ingest.sources import Pool, permitted
from services.ingest.sources.http import warm
from shared import commands, logs
from shared.database import Database
from shared.doorbell import Doorbell, Rounds, answer
from shared.heartbeat import Heartbeat
from shared.settings import settings

log = logs.logger("worker")

QUEUE = "ingest"
SOURCES_AT_ONCE = 4


def clock() -> datetime:
    """This instant."""
    return datetime.now(UTC)


async def run() -> None:
    """Work until SIGINT or SIGTERM."""
    config = settings()
    logs.configure("ingest", config.log_level)
    permitted()  # a list that cannot be read is told now, not at the first pull
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    database = Database(config.database_of("ingest"), size=SOURCES_AT_ONCE + 5, application="motcua-ingest-worker")
    heartbeat = Heartbeat(
        database,
        "ingest",
        every=config.heartbeat_seconds,
        silent_after=config.silent_seconds,
        loop_silent_after=config.loop_silent_seconds,
    )
    bell = Doorbell(config.redis_url)
    laws = Laws()
    pool = Pool()
    me = heartbeat.worker

    async def ring() -> None:
        await bell.ring("metrics")

    renewed = False

    async def redated() -> bool:
        nonlocal renewed
        if not renewed:
            await renew(database)
            renewed = True
        return await redate_next(database, laws, ring)

    pulling = [Rounds(config.look_seconds, heartbeat.loop(f"pulling {place}")) for place in range(SOURCES_AT_ONCE)]
    redating = Rounds(config.look_seconds, heartbeat.loop("redating"))
    reconciling = Rounds(config.look_seconds, heartbeat.loop("reconciling"))
    offering = Rounds(config.look_seconds, heartbeat.loop("offering"))
    nights = Rounds(60, heartbeat.loop("planning"))

    def wake(hint: str) -> None:
        for rounds in (*pulling, redating, reconciling, offering):
            rounds.wake(hint)

    # Records are trees of short life and need no search for cycles: at the usual pace it costs a fifth of a pull.
    await warm()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    log.info("worker started", worker=me)
    await asyncio.gather(
        heartbeat.run(stopping),
        answer(config.redis_url, QUEUE, wake, stopping),
        redating.go(redated, stopping),
        reconciling.go(lambda: reconcile_next(database, laws, f"{me}:reconciling", ring, clock), stopping),
        offering.go(lambda: offer_next(database, clock()), stopping),
        nights.go(lambda: plan_night(database, clock()), stopping),
        *(
            rounds.go(lambda place=place: pull_due(database, laws, f"{me}:{place}", stopping, ring, clock, pool), stopping)  # type: ignore[misc]
            for place, rounds in enumerate(pulling)
        ),
    )
    await pool.close()
    await bell.close()
    await database.close()
    log.info("worker stopped", worker=me)


if __name__ == "__main__":
    sys.exit(commands.serve("ingest", lambda: uvloop.run(run())))
