"""Gauges of the queue for Prometheus: notices by state, how long the oldest waits, and drafts with a failed check."""

from __future__ import annotations

import asyncio
import math

from prometheus_client import Gauge

from services.notices.drafting.store import queue as notice_queue
from shared.database import TRANSIENT_ERRORS, Database
from shared.logs import logger
from shared.statements import begun_at

log = logger("gauges")

POLL_SECONDS = 5.0

NOTICES = Gauge("motcua_notices", "Notices by state", ["state"])
WAITING_SECONDS = Gauge(
    "motcua_notices_waiting_seconds", "Time since the notice that waits longest was ordered; 0 when none does"
)
UNSOUND = Gauge("motcua_notices_unsound", "Drafts of the last 30 days with a check that failed")


async def refresh(database: Database) -> None:
    """Set the gauges every few seconds until cancelled; what is not known is absent or NaN, never 0."""
    WAITING_SECONDS.set(math.nan)
    UNSOUND.set(math.nan)
    while True:
        try:
            async with database.connection() as connection:
                queue = await notice_queue.summary(connection, await begun_at(connection))
        except TRANSIENT_ERRORS as error:
            NOTICES.clear()
            WAITING_SECONDS.set(math.nan)
            UNSOUND.set(math.nan)
            log.warning("gauges not read", error=type(error).__name__)
        else:
            for state, count in queue.by_state.items():
                NOTICES.labels(state).set(count)
            WAITING_SECONDS.set(queue.waiting_seconds)
            UNSOUND.set(queue.unsound)
        await asyncio.sleep(POLL_SECONDS)
