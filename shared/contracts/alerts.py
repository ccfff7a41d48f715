"""Alerts, and the rules that open them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from shared.contracts.kpis import Freshness


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """When a rule's threshold was crossed, and when no longer."""

    id: int
    """Its number."""
    rule: int
    """Number of the rule that opened it."""
    name: str
    """Name of the rule."""
    kpi: str | None
    """Id of the KPI that is watched; null: the rule is of another kind."""
    reason: str | None
    """The kind of reason why responses are not complete; null: the rule is of another kind."""
    agency: str | None
    """Unit key, where the rule watches each agency for itself; else null."""
    value: float | None
    """When it opened, as the figure shows it in the KPI's unit, in hours of silence, or the count of a reason."""
    position: int
    """Of the feed, when it opened."""
    opened_at: datetime
    """When it opened."""
    closed_at: datetime | None
    """Null while it is open."""
    incomplete: list[str] | None
    """Kinds of `freshness.reasons` of the figure when it opened: why it may be wrong; empty: the figure was complete; null: the
    alert is of no figure, or opened before this was kept."""


class AlertPage(msgspec.Struct, frozen=True):
    """`GET /v1/alerts`, newest first."""

    province: str
    """The province."""
    alerts: list[Alert]
    """Newest first."""
    next_cursor: str | None
    """`cursor` of the next page; null at the end."""
    freshness: Freshness
    """What the province lacks now: while its worker is silent, or versions are not counted, no rule may have been looked at."""


class AlertRule(msgspec.Struct, frozen=True, kw_only=True):
    """What is watched."""

    id: int
    """Its number."""
    province: str
    """The province."""
    name: str
    """As alerts show it."""
    kind: Literal["kpi", "silence", "incomplete"]
    """A KPI of the last days, a province without news, or why responses are not complete."""
    kpi: str | None
    """Id of the KPI that is watched; null: the rule is of another kind."""
    scope: tuple[str, ...]
    """Codes or unit keys; empty: the whole province."""
    each_agency: bool
    """An alert per agency instead of one for the scope."""
    days: int
    """Of a KPI: the window up to today."""
    above: float | None
    """An alert opens when the value is above, of a silence the hours without a new position; null: no such bound."""
    below: float | None
    """An alert opens when the value is below; null: no such bound."""
    minimum: int
    """A rate over a smaller base opens nothing."""
    reason: str | None
    """Of the kind `incomplete`: which reason; else null."""


class AlertRuleList(msgspec.Struct, frozen=True):
    """`GET /v1/alerts/rules`."""

    province: str
    """The province."""
    rules: list[AlertRule]
    """Those in force."""


class AlertRuleAdded(msgspec.Struct, frozen=True):
    """`POST /v1/alerts/rules`."""

    id: int
    """Number of the rule."""
