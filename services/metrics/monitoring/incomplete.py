"""The API opens the alerts of incomplete responses itself, so that a worker that stands still cannot hide it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

from services.metrics.alerts.service import settle_reasons
from services.metrics.polling.positions import Positions
from services.metrics.provinces.shortfalls import SHORTFALLS
from shared.database import Database
from shared.logs import logger

log = logger("lag")

_ALERTED = frozenset(one.kind for one in SHORTFALLS if one.alerted)


async def open_alerts(database: Database, positions: Positions) -> None:
    """Open and close the alerts of provinces whose responses are not complete, until cancelled."""
    settled: dict[str, dict[str, int]] = {}
    while True:
        moved = positions.moved()
        for name, freshness in positions.freshness.items():
            counts: dict[str, int] = {reason.kind: reason.count for reason in freshness.reasons if reason.kind in _ALERTED}
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
