"""The worker of metrics: follows ingest's feed, checks counters, watches alerts, pulls published scores.

It is woken by notifications, and polls.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

from services.metrics.alerts.service import watch
from services.metrics.consistency.service import check_next
from services.metrics.counting.feed_loop import follow, store_quality
from services.metrics.counting.ingest_client import Ingest
from services.metrics.indices.portal_client import PublishingPortal
from services.metrics.indices.pulls import pull_next
from shared.civil import civil_day
from shared.poll_loop import NextPoll
from shared.worker import WorkerContext, WorkerLoop, serve

NOTE_SECONDS = 1.0
"""Seconds, at least, between two requests for the quality of ingest's sources, however often it notifies."""
CHECK_SECONDS = 20.0
"""Seconds between two consistency checks, each of one agency of every province."""
WATCH_SECONDS = 15.0
"""Seconds between two checks of the alerts' rules."""
PUBLISH_SECONDS = 5.0
"""Seconds between two looks for published scores that are due."""


@asynccontextmanager
async def loops(shell: WorkerContext) -> AsyncIterator[list[WorkerLoop]]:
    """The loops of metrics' worker, and the connection to ingest."""
    database = shell.database

    async def count() -> NextPoll | None:
        return NextPoll.when(await follow(database, ingest))

    async def note() -> None:
        await store_quality(database, ingest)
        with suppress(TimeoutError):
            await asyncio.wait_for(shell.stopping.wait(), NOTE_SECONDS)

    async def alert() -> None:
        now = datetime.now(UTC)
        async with database.transaction() as tx:
            await watch(tx, now, civil_day(now))

    endpoints, interval = shell.config.scores_endpoints, timedelta(seconds=shell.config.published_scores_seconds)

    async def publish() -> NextPoll | None:
        return NextPoll.when(await pull_next(database, portal, endpoints, interval, datetime.now(UTC)))

    async with (
        Ingest(shell.config.ingest_url, shell.config.ingest_key.get_secret_value()) as ingest,
        PublishingPortal() as portal,
    ):
        yield [
            WorkerLoop("following", count),
            # What is sent and cannot be read moves no position: the notification says that there is something to ask for.
            WorkerLoop("noting", note),
            WorkerLoop("checking", lambda: check_next(database), every=CHECK_SECONDS),
            WorkerLoop("alerting", alert, every=WATCH_SECONDS),
            *([WorkerLoop("publishing", publish, every=PUBLISH_SECONDS)] if endpoints else []),
        ]


if __name__ == "__main__":
    sys.exit(serve("metrics", loops, connections=5))
