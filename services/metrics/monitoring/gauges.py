"""The gauges of figures for Prometheus: how far they are, what they lack, and whether consistency checks pass."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime

from prometheus_client import Gauge

from services.metrics.alerts import store as alerts
from services.metrics.consistency import store as checks
from services.metrics.figures.api.rendering import BREAKS, COMPUTED
from services.metrics.indices import store as indices
from services.metrics.polling.positions import Positions
from services.metrics.provinces.shortfalls import SHORTFALLS
from shared.database import Database
from shared.logs import logger

log = logger("gauges")

POLL_SECONDS = 5.0

POSITION = Gauge("motcua_metrics_position", "Last position of the feed that is counted", ["province"])
BATCHES = Gauge("motcua_metrics_batches", "Batches that the worker counted since the province began", ["province"])
COUNTING = Gauge("motcua_metrics_counting_seconds", "Time that the worker spent on counting them", ["province"])
LAG = Gauge("motcua_metrics_lag_positions", "Versions in the feed that are not counted yet", ["province"])
LAG_SECONDS = Gauge("motcua_metrics_lag_seconds", "Time since the last batch while versions wait; 0 when none do", ["province"])
SILENCE_SECONDS = Gauge("motcua_metrics_silence_seconds", "Time since the last batch", ["province"])
INCOMPLETE = Gauge("motcua_metrics_incomplete", "1 while responses are not complete for this reason", ["province", "reason"])
POLL_AGE = Gauge("motcua_metrics_poll_age_seconds", "Time since this API last read positions and heartbeats")
RESTORED = Gauge("motcua_metrics_ingest_restored", "1 while ingest's feed is not the one that was counted", ["province"])
QUARANTINED = Gauge("motcua_metrics_quarantined", "Records in ingest's quarantine", ["province"])
MISSING = Gauge("motcua_metrics_missing_sources", "Sources that fail or are late", ["province"])
GAP = Gauge("motcua_metrics_reconciliation_gap", "Dossiers that differ from their sources", ["province"])
OPEN_ALERTS = Gauge("motcua_metrics_open_alerts", "Alerts that are open", ["province"])
FAILING_PULLS = Gauge(
    "motcua_metrics_failing_published_pulls", "Pulls of published scores whose last attempt failed", ["province"]
)
CHECK_AGE = Gauge("motcua_metrics_consistency_check_age_seconds", "Time since the last consistency check", ["province"])
FAILED_CHECKS = Gauge(
    "motcua_metrics_failed_consistency_checks", "Consistency checks of the last month with differences", ["province"]
)

_NOT_READ = ("failing", "late")


async def update(database: Database, positions: Positions) -> None:
    """Set the gauges every few seconds until cancelled; what is not known is absent, since 0 would mean that all is well."""
    POLL_AGE.set_function(lambda: time.monotonic() - positions.polled_at)
    while True:
        try:
            async with database.connection() as connection:
                checked = await checks.summary(connection)
                open_ = await alerts.open_counts(connection)
                failing = await indices.failing_pulls(connection)
        except Exception as error:
            log.warning("gauges not read", error=type(error).__name__)
        else:
            for name, province in positions.known.items():
                freshness = positions.freshness[name]
                reasons = {reason.kind for reason in freshness.reasons}
                POSITION.labels(name).set(province.position)
                BATCHES.labels(name).set(province.batches)
                COUNTING.labels(name).set(province.counting_seconds)
                _set(LAG, name, freshness.behind)
                _set(SILENCE_SECONDS, name, _age(province.applied_at))
                _set(LAG_SECONDS, name, _age(province.applied_at) if freshness.behind else freshness.behind)
                RESTORED.labels(name).set("ingest_restored" in reasons)
                missing = {one.source for one in freshness.missing if one.reason in _NOT_READ}
                _set(QUARANTINED, name, freshness.quarantined)
                _set(MISSING, name, None if freshness.quarantined is None else len(missing))
                _set(GAP, name, freshness.gap)
                FAILING_PULLS.labels(name).set(failing.get(name, 0))
                OPEN_ALERTS.labels(name).set(open_.get(name, 0))
                for one in SHORTFALLS:
                    if not one.of_query:
                        INCOMPLETE.labels(name, one.kind).set(one.kind in reasons)
                BREAKS.labels(name)  # from 0 on: a counter that is born at 1 hides the first
                COMPUTED.labels(name)
                if name in checked:
                    _set(CHECK_AGE, name, _age(checked[name].checked_at))
                    FAILED_CHECKS.labels(name).set(checked[name].failed)
        await asyncio.sleep(POLL_SECONDS)


def _set(gauge: Gauge, province: str, value: float | None) -> None:
    if value is None:
        gauge.remove(province)
    else:
        gauge.labels(province).set(value)


def _age(at: datetime | None) -> float | None:
    return max(0.0, time.time() - at.timestamp()) if at else None
