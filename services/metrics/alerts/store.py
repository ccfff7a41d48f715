"""Thresholds that are watched, and when they were crossed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.alerts.tables import alert, alert_rule
from services.metrics.provinces.store.notifications import announce
from shared.database import Connection
from shared.statements import Statement, parameter

RuleKind = Literal["kpi", "silence", "incomplete"]


@dataclass(frozen=True, slots=True)
class RuleRow:
    """What is watched: a KPI of a scope over the last days, a province that falls silent, or why responses are not complete."""

    id: int
    province: str
    name: str
    kind: RuleKind
    kpi: str | None
    scope: tuple[str, ...]
    each_agency: bool
    days: int
    above: float | None
    """Open when the value is above; of a silence the hours without a new position."""
    below: float | None
    minimum: int
    """A rate over a smaller base opens nothing."""
    reason: str | None = None
    """Kind `incomplete`: the reason."""


a, r = alert.c, alert_rule.c
_PROVINCE = parameter("province", sa.Text)
_NOW = parameter("now", sa.DateTime(timezone=True))
_RULE = parameter("rule", sa.BigInteger)
_FIELDS = tuple(field.name for field in fields(RuleRow))


def _add() -> sa.ClauseElement:
    given = {name: parameter(name, r[name].type) for name in _FIELDS if name not in ("id", "reason")}
    return sa.insert(alert_rule).values(**given, made_by=parameter("by", sa.Text)).returning(r.id)


_ADD = Statement(_add(), int)


async def add_rule(tx: Connection, rule: RuleRow, by: str) -> int:
    """Store a rule; its `id` is given here."""
    return await _ADD.one(
        tx,
        province=rule.province,
        name=rule.name,
        kind=rule.kind,
        kpi=rule.kpi,
        scope=list(rule.scope),
        each_agency=rule.each_agency,
        days=rule.days,
        above=rule.above,
        below=rule.below,
        minimum=rule.minimum,
        by=by,
    )


def _rule(*values: Any) -> RuleRow:
    given = dict(zip(_FIELDS, values, strict=True))
    return RuleRow(**{**given, "scope": tuple(given["scope"])})


@cache
def _rules(one_province: bool, ended: bool) -> Statement[RuleRow]:
    found = sa.select(*(r[name] for name in _FIELDS)).order_by(r.id)
    if one_province:
        found = found.where(r.province == _PROVINCE)
    if not ended:
        found = found.where(r.ended_at.is_(None))
    return Statement(found, _rule)


async def rules(tx: Connection, province: str | None = None, *, ended: bool = False) -> list[RuleRow]:
    """The rules in force; with `ended` also those that are no longer."""
    given = {} if province is None else {"province": province}
    return await _rules(province is not None, ended).all(tx, **given)


def _add_reasons() -> pg.Insert:
    new = (
        sa.func.unnest(parameter("reasons", pg.ARRAY(sa.Text)), parameter("names", pg.ARRAY(sa.Text)))
        .table_valued(sa.column("reason", sa.Text), sa.column("name", sa.Text))
        .render_derived(name="new")
    )
    made = {
        "province": _PROVINCE,
        "name": new.c.name,
        "kind": sa.literal("incomplete"),
        "reason": new.c.reason,
        "made_by": sa.literal("motcua"),
    }
    return (
        pg.insert(alert_rule)
        .from_select(list(made), sa.select(*made.values()))
        .on_conflict_do_nothing(index_elements=["province", "reason"])
    )


_ADD_REASONS = Statement[None](_add_reasons())


async def reason_rules(tx: Connection, province: str, names: Mapping[Any, str]) -> dict[str, RuleRow]:
    """The rules of the reasons why a province's responses are not complete, by reason; `names` are those that there should be.

    They are made by themselves; one that somebody ended stays ended.
    """
    await _ADD_REASONS.run(tx, province=province, reasons=list(names), names=list(names.values()))
    return {rule.reason: rule for rule in await rules(tx, province) if rule.reason is not None}


_END_RULE = Statement[None](
    sa.update(alert_rule).where(r.id == _RULE, r.province == _PROVINCE, r.ended_at.is_(None)).values(ended_at=_NOW)
)
_CLOSE_ALL = Statement[None](sa.update(alert).where(a.rule == _RULE, a.closed_at.is_(None)).values(closed_at=_NOW))


async def end_rule(tx: Connection, province: str, number: int, now: datetime) -> bool:
    """Watch no longer; open alerts of the rule close. False when there is no such rule."""
    if not await _END_RULE.run(tx, rule=number, province=province, now=now):
        return False
    await _CLOSE_ALL.run(tx, rule=number, now=now)
    await announce(tx, province)
    return True


class _Open(NamedTuple):
    id: int
    agency: str | None


_OPEN = Statement(sa.select(a.id, a.agency).where(a.rule == _RULE, a.closed_at.is_(None)), _Open)


def _raise() -> pg.Insert:
    new = (
        sa.func.unnest(parameter("agencies", pg.ARRAY(sa.Text)), parameter("values", pg.ARRAY(sa.Double)))
        .table_valued(sa.column("agency", sa.Text), sa.column("value", sa.Double))
        .render_derived(name="new")
    )
    opened = {
        "rule": _RULE,
        "province": _PROVINCE,
        "agency": new.c.agency,
        "value": new.c.value,
        "position": parameter("position", sa.BigInteger),
        "opened_at": _NOW,
        "incomplete": parameter("incomplete", pg.ARRAY(sa.Text)),
    }
    return pg.insert(alert).from_select(list(opened), sa.select(*opened.values())).on_conflict_do_nothing()


_RAISE = Statement[None](_raise())
_CLOSE = Statement[None](
    sa.update(alert)
    .where(a.id == sa.any_(parameter("numbers", pg.ARRAY(sa.BigInteger))), a.closed_at.is_(None))
    .values(closed_at=_NOW)
)


async def settle(
    tx: Connection,
    rule: RuleRow,
    crossed: dict[str | None, float | None],
    position: int,
    now: datetime,
    incomplete: list[str] | None = None,
) -> tuple[int, int]:
    """Open alerts for what newly crossed the rule's threshold, close those that no longer do; how many of each.

    `incomplete`: the kinds of reasons why the figures that crossed it may be incomplete; None: they are no figures.
    """
    open_ = {one.agency: one.id for one in await _OPEN.all(tx, rule=rule.id)}
    opened = [agency for agency in crossed if agency not in open_]
    closed = [number for agency, number in open_.items() if agency not in crossed]
    if opened:
        values = [crossed[agency] for agency in opened]
        await _RAISE.run(
            tx,
            rule=rule.id,
            province=rule.province,
            agencies=opened,
            values=values,
            position=position,
            now=now,
            incomplete=incomplete,
        )
    if closed:
        await _CLOSE.run(tx, numbers=closed, now=now)
    if opened or closed:
        await announce(tx, rule.province)
    return len(opened), len(closed)


class AlertRow(NamedTuple):
    """When a rule's threshold was crossed, and when no longer."""

    id: int
    rule: int
    name: str
    """The rule's."""
    kpi: str | None
    reason: str | None
    agency: str | None
    """Unit key, where the rule watches each agency for itself."""
    value: float | None
    position: int
    opened_at: datetime
    closed_at: datetime | None
    incomplete: list[str] | None


@cache
def _alerts(only_open: bool, is_first: bool, within: bool) -> Statement[AlertRow]:
    found = (
        sa.select(a.id, a.rule, r.name, r.kpi, r.reason, a.agency, a.value, a.position, a.opened_at, a.closed_at, a.incomplete)
        .select_from(alert.join(alert_rule, r.id == a.rule))
        .where(a.province == _PROVINCE)
        .order_by(a.id.desc())
        .limit(parameter("limit", sa.BigInteger))
    )
    if only_open:
        found = found.where(a.closed_at.is_(None))
    if not is_first:
        found = found.where(a.id < parameter("before", sa.BigInteger))
    if within:
        agencies = parameter("agencies", pg.ARRAY(sa.Text))
        rules = parameter("rules", pg.ARRAY(sa.BigInteger))
        found = found.where(sa.or_(a.agency == sa.any_(agencies), sa.and_(a.agency.is_(None), a.rule == sa.any_(rules))))
    return Statement(found, AlertRow)


async def alerts(
    tx: Connection,
    province: str,
    *,
    only_open: bool,
    before: int | None,
    limit: int,
    within: tuple[list[str], list[int]] | None = None,
) -> list[AlertRow]:
    """Alerts, newest first, with their rule's name; `before` is the last id of the page before.

    `within`: only those of these agencies (unit keys), and those of a whole scope of these rules.
    """
    given: dict[str, object] = {"province": province, "limit": limit}
    if before is not None:
        given["before"] = before
    if within is not None:
        given["agencies"], given["rules"] = within
    return await _alerts(only_open, before is None, within is not None).all(tx, **given)


_OPEN_COUNTS = Statement(
    sa.select(a.province, sa.func.count()).where(a.closed_at.is_(None)).group_by(a.province),
    lambda province, open_: (province, open_),
)


async def open_counts(tx: Connection) -> dict[str, int]:
    """How many alerts are open, by province."""
    return dict(await _OPEN_COUNTS.all(tx))


_NEWEST = Statement(
    sa.select(a.province, sa.func.max(a.id) + sa.func.count(a.closed_at)).group_by(a.province),
    lambda province, moved: (province, moved),
)


async def newest(tx: Connection) -> dict[str, int]:
    """A number per province that moves whenever an alert opens or closes."""
    return dict(await _NEWEST.all(tx))
