"""Queue and clock in: follows ingest's feed, woken by the doorbell or by its own look."""

from __future__ import annotations

import asyncio
import signal

from services.metrics.clients import Ingest
from services.metrics.following import follow
from shared import logs
from shared.database import Database
from shared.doorbell import Rounds, answer
from shared.settings import settings

log = logs.logger("worker")

QUEUE = "metrics"


async def run() -> None:
    """Work until SIGINT or SIGTERM."""
    config = settings()
    logs.configure("metrics", config.log_level)
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    database = Database(config.database_of("metrics"), size=4, application="motcua-metrics-worker")
    following = Rounds(config.look_seconds)
    log.info("worker started")
    async with Ingest(config.ingest_url, config.ingest_key.get_secret_value()) as ingest:
        await asyncio.gather(
            answer(config.redis_url, QUEUE, following.wake, stopping),
            following.go(lambda: follow(database, ingest), stopping),
        )
    await database.close()
    log.info("worker stopped")


if __name__ == "__main__":
    asyncio.run(run())
