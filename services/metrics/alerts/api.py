"""Alerts, and the rules that are watched."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Path, Query, Request
from pydantic import Field

from services.metrics.agencies.model import Units
from services.metrics.agencies.service import reach_of
from services.metrics.alerts import examples
from services.metrics.alerts import store as alerts
from services.metrics.alerts.store import RuleRow
from services.metrics.counting.store import ledgers
from services.metrics.figures.api.schemas import KPI_ID
from services.metrics.figures.kpis.catalogue import BY_ID
from services.metrics.figures.query import LISTED
from services.metrics.parameters import Body, Code, ProvinceCode, ProvinceField, Reader, Words, Writer, reading
from services.metrics.periods import LATEST
from services.metrics.provinces.completeness import freshness
from services.metrics.provinces.store import provinces
from shared.contracts.alerts import Alert, AlertPage, AlertRule, AlertRuleAdded, AlertRuleList
from shared.errors import FieldFault, Forbidden, Invalid, NotFound, no_province
from shared.fields import Line, RowId
from shared.heartbeat import read_outage
from shared.spelling import KPI, unknown_name
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter, RowNumber

router = Router("operations")

CURSOR = Cursor[int]("alerts", RowNumber)
Watched = Literal["kpi", "silence"]


class NewAlertRule(Body):
    """A threshold to watch."""

    province: ProvinceField
    name: Words = Field(description="As alerts show it")
    kind: Watched = Field("kpi", description="A KPI of the last days, or a province without news")
    kpi: Annotated[Line, Field(max_length=100), KPI_ID] | None = Field(None, description="Which KPI; of the kind `kpi` only")
    scope: list[Code] = Field(default_factory=list, max_length=100, description="Codes or unit keys; empty: the whole province")
    each_agency: bool = Field(False, description="An alert per agency instead of one for the scope")
    days: int = Field(30, ge=1, le=3660, description="Window up to today")
    above: float | None = Field(
        None, ge=-(10**9), le=10**9, allow_inf_nan=False, description="Alert when the value is above; of a silence, hours"
    )
    below: float | None = Field(
        None, ge=-(10**9), le=10**9, allow_inf_nan=False, description="Alert when the value is below; not of a silence"
    )
    minimum: int = Field(0, ge=0, le=10**9, description="Smallest base of a rate")


@router.get("/alerts", summary="Alerts, newest first")
@operation(example=examples.ALERTS)
async def read_alerts(
    request: Request,
    principal: Reader,
    province: ProvinceCode,
    only_open: Annotated[bool, Query(description="Only those not closed yet")] = False,
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> AlertPage:
    """When each opened and closed, at which value."""
    async with reading(request) as tx:
        units, reach = await reach_of(request.app.state.units, tx, principal, province)
        within = None
        if reach is not None:
            rules = _within(await alerts.rules(tx, province, ended=True), units, reach)
            within = [units.keys[number] for number in reach], [rule.id for rule in rules]
        before = CURSOR.decode(cursor)
        found = await alerts.alerts(tx, province, only_open=only_open, before=before, limit=limit + 1, within=within)
        state = await provinces.province(tx, province)
        if state is None:
            raise no_province(province)
        current = freshness(state, await read_outage(tx, "metrics"), definition=ledgers.revision())
    page, next_cursor = CURSOR.page(found, limit, lambda row: row.id)
    return AlertPage(province, [Alert(**one._asdict()) for one in page], next_cursor, current)


@router.get("/alerts/rules", summary="The thresholds that are watched")
@operation(example=examples.ALERT_RULES)
async def read_rules(request: Request, principal: Reader, province: ProvinceCode) -> AlertRuleList:
    """Rules in force."""
    async with reading(request) as tx:
        units, reach = await reach_of(request.app.state.units, tx, principal, province)
        found = _within(await alerts.rules(tx, province), units, reach)
    return AlertRuleList(province, [AlertRule(**asdict(rule)) for rule in found])


def _within(rules: list[RuleRow], units: Units, reach: frozenset[int] | None) -> list[RuleRow]:
    """The rules whose whole scope the key may see."""

    def is_within(rule: RuleRow) -> bool:
        try:
            units.scope(rule.scope, LATEST, None, reach)
        except (Forbidden, NotFound):
            return False
        return True

    return rules if reach is None else [rule for rule in rules if is_within(rule)]


@router.post("/alerts/rules", status_code=201, summary="Watch a threshold")
@operation(example=examples.ALERT_RULE_ADDED, problems=(NotFound,))
async def add_rule(request: Request, principal: Writer, body: NewAlertRule) -> AlertRuleAdded:
    """A KPI above or below a value over the last days, or a province without news for some hours."""
    if body.kind == "kpi" and body.kpi not in BY_ID:
        message = unknown_name(KPI, body.kpi or "", BY_ID, where=LISTED)
        raise Invalid.of_fields([FieldFault("body.kpi", message, "unknown_value")], message)
    if body.above is None and (body.below is None or body.kind == "silence"):
        raise Invalid("Give `above` or `below`; a silence needs `above`, in hours.")
    rule = RuleRow(
        0, body.province, body.name, body.kind, body.kpi if body.kind == "kpi" else None, tuple(body.scope), body.each_agency,
        body.days, body.above, body.below, body.minimum,
    )  # fmt: skip
    async with request.app.state.database.transaction() as tx:
        units, reach = await reach_of(request.app.state.units, tx, principal, body.province)
        units.scope(rule.scope, LATEST, None, reach)
        number = await alerts.add_rule(tx, rule, principal.name)
    return AlertRuleAdded(number)


@router.delete("/alerts/rules/{number}", status_code=204, summary="Watch a threshold no longer")
async def end_rule(request: Request, principal: Writer, province: ProvinceCode, number: Annotated[RowId, Path()]) -> None:
    """Its open alerts close."""
    async with request.app.state.database.transaction() as tx:
        units, reach = await reach_of(request.app.state.units, tx, principal, province)
        seen = {rule.id for rule in _within(await alerts.rules(tx, province), units, reach)}
        if number not in seen or not await alerts.end_rule(tx, province, number, datetime.now(UTC)):
            raise NotFound(f"Province {province} has no rule {number} in force. GET /v1/alerts/rules lists them.")
