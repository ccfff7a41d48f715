"""The API opens the alerts of incomplete responses itself, so that a worker that stands still cannot hide it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from services.metrics.alerts.service import settle_reasons
from services.metrics.polling.positions import Positions
from services.metrics.provinces.shortfalls import SHORTFALLS
from shared.contracts.kpis import Reason
from shared.database import Database
from shared.logs import logger

log = logger("lag")

_ALERT_AFTER: dict[str, float] = {one.kind: one.alert_after for one in SHORTFALLS if one.alerted}
START_SECONDS = 30.0
"""What was never seen otherwise must last so long before its alert opens: at a start, nobody has asked or answered yet."""


def due(reasons: Sequence[Reason], first_seen: Mapping[str, datetime], now: datetime) -> tuple[dict[str, int], frozenset[str]]:
    """Reasons whose alert is due, with their counts, and those that have not lasted long enough: their alerts stay as they are.

    `first_seen`: since when this process sees each of them.
    """
    counts: dict[str, int] = {}
    pending = set()
    for one in reasons:
        if one.kind not in _ALERT_AFTER:
            continue
        wait = max(_ALERT_AFTER[one.kind], START_SECONDS if one.since is None else 0.0)
        if (now - (one.since or first_seen.get(one.kind, now))).total_seconds() >= wait:
            counts[one.kind] = one.count
        else:
            pending.add(one.kind)
    return counts, frozenset(pending)


async def open_alerts(database: Database, positions: Positions) -> None:
    """Open and close the alerts of provinces whose responses are not complete, until cancelled."""
    settled: dict[str, tuple[dict[str, int], frozenset[str]]] = {}
    seen: dict[str, dict[str, datetime]] = {}
    while True:
        moved = positions.moved()
        for name, freshness in positions.freshness.items():
            now, before = datetime.now(UTC), seen.get(name, {})
            seen[name] = {reason.kind: before.get(reason.kind, now) for reason in freshness.reasons}
            found = counts, pending = due(freshness.reasons, seen[name], now)
            if found == settled.get(name):
                continue
            try:
                async with database.transaction() as tx:
                    await settle_reasons(tx, name, counts, pending, positions.known[name].position, now)
                settled[name] = found
            except Exception as error:
                log.warning("alerts not settled", province=name, error=type(error).__name__, detail=str(error)[:300])
        with suppress(TimeoutError):
            await asyncio.wait_for(moved, 5)
