"""Watching thresholds: alerts open when one is crossed, and close when it is no longer."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from services.metrics.agencies import store as catalogue
from services.metrics.agencies.model import Units
from services.metrics.alerts import store as alerts
from services.metrics.alerts.store import RuleRow
from services.metrics.figures import service as figures
from services.metrics.figures.kpis.algebra import unrounded
from services.metrics.figures.kpis.catalogue import BY_ID
from services.metrics.figures.query import By, KpiQuery
from services.metrics.periods import Period
from services.metrics.provinces.shortfalls import SHORTFALLS
from services.metrics.provinces.store import provinces
from shared.database import TRANSIENT_ERRORS, Connection
from shared.errors import Problem
from shared.logs import logger, where

log = logger("alerting")


async def watch(tx: Connection, now: datetime, today: date) -> None:
    """Look at every rule once. One that fails, for whatever reason, has no effect and stops no other."""
    units: dict[str, Units] = {}
    for rule in await alerts.rules(tx):
        if rule.kind == "incomplete":
            continue  # that the worker is silent is not for the worker to find out
        try:
            async with tx.transaction():
                if rule.province not in units:
                    units[rule.province] = await catalogue.units(tx, rule.province)
                await check_rule(tx, rule, units[rule.province], now, today)
        except Problem as problem:
            log.warning("rule cannot be looked at", rule=rule.id, detail=problem.detail)
        except TRANSIENT_ERRORS:
            raise
        except Exception as error:
            log.error("rule failed", rule=rule.id, province=rule.province, error=type(error).__name__, at=where(error))


async def settle_reasons(
    tx: Connection, province: str, counts: dict[str, int], pending: frozenset[str], position: int, now: datetime
) -> None:
    """Open alerts for the reasons why a province's responses are not complete (kind: count); close those of others.

    Those of `pending` reasons stay as they are.
    """
    names = {one.kind: f"{one.alerted.vi} / {one.alerted.en}" for one in SHORTFALLS if one.alerted}
    for reason, rule in (await alerts.reason_rules(tx, province, names)).items():
        if reason in pending:
            continue
        crossed: dict[str | None, float | None] = {None: counts[reason]} if reason in counts else {}
        opened, closed = await alerts.settle(tx, rule, crossed, position, now)
        if opened or closed:
            log.info("alerts moved", province=province, reason=reason, opened=opened, closed=closed)


async def check_rule(tx: Connection, rule: RuleRow, units: Units, now: datetime, today: date) -> None:
    """Compare a rule with the figures of this moment, and open or close its alerts."""
    province = await provinces.province(tx, rule.province)
    if province is None:
        return
    crossed: dict[str | None, float | None] = {}
    incomplete: list[str] | None = None
    if rule.kind == "silence":
        hours = (now - province.applied_at).total_seconds() / 3600 if province.applied_at else None
        if hours is not None and rule.above is not None and hours > rule.above:
            crossed[None] = hours
    elif rule.kpi in BY_ID:
        kpi = BY_ID[rule.kpi]
        period = Period(today - timedelta(days=rule.days - 1), today)
        by: By = "agency" if rule.each_agency else "none"
        query = KpiQuery(rule.province, period, rule.scope, by, (kpi,))
        found = (await figures.compute_kpis(tx, query, units, None)).response
        incomplete = [reason.kind for reason in found.freshness.reasons]
        each = [(row.agency, row.kpis) for row in found.rows] if rule.each_agency else [(None, found.total.kpis)]
        for agency, kpis in each:
            figure = kpis[kpi.id]
            value, base = unrounded(figure), figure.denominator
            if value is None or (base is not None and base < rule.minimum):
                continue
            if (rule.above is not None and value > rule.above) or (rule.below is not None and value < rule.below):
                crossed[agency] = figure.value
    opened, closed = await alerts.settle(tx, rule, crossed, province.position, now, incomplete)
    if opened or closed:
        log.info("alerts moved", rule=rule.id, opened=opened, closed=closed)
