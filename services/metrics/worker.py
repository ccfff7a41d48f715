"""Queue and clock in: follows ingest's feed, proves the counters, watches the alerts; woken by the bell or by its own look."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import uvloop

from services.metrics.alerting import watch
from services.metrics.clients import Ingest
from services.metrics.following import follow, note_quality
from services.metrics.proving import prove_next
from shared import commands, logs
from shared.database import Database
from shared.doorbell import Rounds, answer
from shared.heartbeat import Heartbeat
from shared.settings import settings

log = logs.logger("worker")
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

QUEUE = "metrics"
NOTE_SECONDS = 5.0
"""Between two questions what ingest knows its streams to lack."""
PROVE_SECONDS = 20.0
"""Between two agencies of the running proof."""
WATCH_SECONDS = 15.0
"""Between two looks at the alerts' thresholds."""


def _now() -> tuple[datetime, date]:
    now = datetime.now(UTC)
    return now, now.astimezone(VIETNAM).date()


async def run() -> None:
    """Work until SIGINT or SIGTERM."""
    config = settings()
    logs.configure("metrics", config.log_level)
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    database = Database(config.database_of("metrics"), size=5, application="motcua-metrics-worker")
    heartbeat = Heartbeat(
        database,
        "metrics",
        every=config.heartbeat_seconds,
        silent_after=config.silent_seconds,
        loop_silent_after=config.loop_silent_seconds,
    )
    following = Rounds(config.look_seconds, heartbeat.loop("following"))
    noting = Rounds(NOTE_SECONDS, heartbeat.loop("noting"))
    proving = Rounds(PROVE_SECONDS, heartbeat.loop("proving"))
    alerting = Rounds(WATCH_SECONDS, heartbeat.loop("alerting"))
    log.info("worker started")
    async with Ingest(config.ingest_url, config.ingest_key.get_secret_value()) as ingest:
        await asyncio.gather(
            heartbeat.run(stopping),
            answer(config.redis_url, QUEUE, following.wake, stopping),
            following.go(lambda: follow(database, ingest), stopping),
            noting.go(lambda: note_quality(database, ingest), stopping),
            proving.go(lambda: prove_next(database), stopping),
            alerting.go(lambda: watch(database, *_now()), stopping),
        )
    await database.close()
    log.info("worker stopped")


if __name__ == "__main__":
    sys.exit(commands.serve("metrics", lambda: uvloop.run(run())))
