"""What the API does by itself, so that a worker that stands still cannot hide it: it asks for heads and opens alerts."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from services.metrics.alerts.service import settle_reasons
from services.metrics.counting.ingest_client import Ingest
from services.metrics.polling.api.positions import Positions
from services.metrics.provinces.completeness import SHORTFALLS
from services.metrics.provinces.heads import note_heads
from shared.database import Database
from shared.logs import logger

log = logger("lag")

_ALERTED = frozenset(one.kind for one in SHORTFALLS if one.alerted)


async def ask_ingest(database: Database, ingest: Ingest, every: float, valid_for: float) -> None:
    """Ask ingest for its heads every so many seconds until cancelled; its answers are believed for `valid_for` seconds."""
    failing = False
    while True:
        try:
            async with asyncio.timeout(valid_for):
                await note_heads(database, ingest, timedelta(seconds=valid_for))
            failing = False
        except Exception as error:
            # Answers say it after a while: the log need not each time.
            if not failing:
                log.warning("ingest not asked", error=type(error).__name__, detail=str(error)[:300])
            failing = True
        await asyncio.sleep(every)


async def open_alerts(database: Database, positions: Positions) -> None:
    """Open and close the alerts of provinces whose answers are not complete, as that comes and goes, until cancelled."""
    settled: dict[str, dict[str, int]] = {}
    while True:
        moved = positions.moved()
        for name, told in positions.freshness.items():
            counts: dict[str, int] = {reason.kind: reason.count for reason in told.reasons if reason.kind in _ALERTED}
            if counts == settled.get(name):
                continue
            try:
                async with database.transaction() as tx:
                    await settle_reasons(tx, name, counts, positions.known[name].position, datetime.now(UTC))
                settled[name] = counts
            except Exception as error:
                log.warning("alerts not settled", province=name, error=type(error).__name__, detail=str(error)[:300])
        with suppress(TimeoutError):
            await asyncio.wait_for(moved, 5)
