"""What keeps figures trustworthy: provinces, proofs, rebuilds, alerts, and the evidence that people enter."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from shared.contracts.kpis import Freshness


class ConsistencySummary(msgspec.Struct, frozen=True, kw_only=True):
    """The proofs of a province that are remembered (a month)."""

    province: str
    """The province."""
    checked_at: datetime
    """When the last one was made."""
    whole_at: datetime | None
    """When the last one of all agencies was; null: none is remembered."""
    failed: int
    """How many found differences."""
    proofs: int
    """How many are remembered."""


class ProvinceState(Freshness, frozen=True, kw_only=True):
    """How far a province is counted, and what its answers lack."""

    province: str
    """The province."""
    position: int
    """The last one that is counted."""
    generation: int
    """Moves with everything that can change an answer."""
    catalogue: int
    """Version of the catalogue of agencies and procedures."""
    open_alerts: int
    """How many alerts are open."""
    proof: ConsistencySummary | None
    """The proofs of its counters; null: none was made yet."""


class Provinces(msgspec.Struct, frozen=True):
    """`GET /v1/provinces`."""

    provinces: list[ProvinceState]
    """Those that the key may see, by name."""


class Resynced(msgspec.Struct, frozen=True):
    """`POST /v1/provinces/{province}/resync`."""

    province: str
    """The province."""
    forgotten: int
    """The position that it was counted up to."""


class ConsistencyCheck(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of one comparison of counters with the versions."""

    whole: bool
    """Of all agencies."""
    position: int
    """The counters are those of it."""
    cells: int
    """Cells compared: (agency, day), (agency, month), and the ledger's sums of (agency, day)."""
    differences: int
    """Must be 0."""
    seconds: float
    """How long it took."""
    checked_at: datetime
    """When it was made."""
    agency: str | None
    """Unit key; null of all, and of agencies that are not in the catalogue."""


class ConsistencyCheckPage(msgspec.Struct, frozen=True):
    """`GET /v1/proofs`, newest first."""

    province: str
    """The province."""
    proofs: list[ConsistencyCheck]
    """Newest first."""


class ConsistencyResult(msgspec.Struct, frozen=True):
    """`POST /v1/proofs`."""

    province: str
    """The province."""
    cells: int
    """Cells compared."""
    differences: int
    """Must be 0."""
    ok: bool
    """There are no differences."""


class Rebuilt(msgspec.Struct, frozen=True):
    """`POST /v1/rebuilds`."""

    province: str
    """The province."""
    mended: int
    """How many cells of days differed."""


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
    """The kind of reason why answers are not complete; null: the rule is of another kind."""
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


class Alerts(msgspec.Struct, frozen=True):
    """`GET /v1/alerts`, newest first."""

    province: str
    """The province."""
    alerts: list[Alert]
    """Newest first."""
    next_cursor: str | None
    """`cursor` of the next page; null at the end."""


class AlertRule(msgspec.Struct, frozen=True, kw_only=True):
    """What is watched."""

    id: int
    """Its number."""
    province: str
    """The province."""
    name: str
    """As alerts show it."""
    kind: Literal["kpi", "silence", "incomplete"]
    """A KPI of the last days, a province without news, or why answers are not complete."""
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


class AlertRules(msgspec.Struct, frozen=True):
    """`GET /v1/alerts/rules`."""

    province: str
    """The province."""
    rules: list[AlertRule]
    """Those in force."""


class AlertRuleAdded(msgspec.Struct, frozen=True):
    """`POST /v1/alerts/rules`."""

    id: int
    """Number of the rule."""


class ManualInputRecorded(msgspec.Struct, frozen=True):
    """`POST /v1/evidence`."""

    agency: str
    """Unit key."""
    on: date
    """The civil day that the counts are of."""
    entered: dict[str, int]
    """The counts that were given, by name."""


class Assessed(msgspec.Struct, frozen=True):
    """`POST /v1/indices/{index}/assessments`."""

    index: Literal["766", "01-2018"]
    """Which index."""
    component: str
    """Which of its components."""
    points: float
    """What was entered."""
