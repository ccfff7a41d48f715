"""Figures beside others: series, comparisons, rankings, restatements, and the indices that are made of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from shared.contracts.kpis import (
    Balance,
    FigureFreshness,
    KpiFigure,
    KpiId,
    Kpis,
    Number,
    Period,
    QueryContext,
    Total,
    Unit,
    UnitRow,
)


class Point(msgspec.Struct, frozen=True):
    """KPIs of a step of the period: flows over it, stocks at its end."""

    period: Period
    """The step."""
    kpis: Kpis
    """By KPI id, those of the query."""


class Series(QueryContext, frozen=True, kw_only=True):
    """`GET /v1/kpis/series`: KPIs of a scope, step by step of its period."""

    step: Literal["day", "week", "month"]
    """Length of a step."""
    points: list[Point]
    """The steps, the earliest first; the first and the last may be shorter."""
    freshness: FigureFreshness
    """How complete the response is."""


class Difference(msgspec.Struct, frozen=True):
    """How a value moved."""

    value: Number
    """The later value less the earlier one, as both are shown."""
    unit: str
    """`points` (percentage points) of a share, else the KPI's own unit."""
    per_cent: float | UnsetType | None = UNSET
    """Of the earlier value, with two digits after the point; null where that was 0. Absent of a share."""


class ComparedFigure(KpiFigure, frozen=True):
    """A figure beside that of an earlier period."""

    before: KpiFigure | None
    """Null: the agency had none."""
    difference: Difference | None
    """Null where one of the two has no value."""


ComparedKpis = Annotated[
    Mapping[str, ComparedFigure], msgspec.Meta(extra_json_schema={"$ref": "#/components/schemas/ComparedKpis"})
]
"""The figures of a row in both periods by KPI id."""


class ComparedTotal(msgspec.Struct, frozen=True):
    """The figures of the whole scope in both periods."""

    kpis: ComparedKpis
    """By KPI id, those of the query."""


class ComparedRow(Unit, frozen=True, kw_only=True):
    """The figures of an agency in both periods."""

    kpis: ComparedKpis
    """By KPI id, those of the query."""


class Earlier(msgspec.Struct, frozen=True):
    """The period that is compared with."""

    kind: Literal["previous", "year_before"]
    """The period before, or the same one a year earlier."""
    period: Period
    """Its days."""


class Comparison(QueryContext, frozen=True, kw_only=True):
    """`GET /v1/kpis/comparison`: KPIs of a scope and its agencies in two periods."""

    against: Earlier
    """The period that is compared with."""
    like_for_like: bool
    """Some units of the earlier period count where they went since."""
    total: ComparedTotal
    """The figures of the whole scope."""
    rows: list[ComparedRow]
    """Agencies in the Vietnamese alphabetical order; empty with `by=none`."""
    balance: Balance
    """Of both periods."""
    freshness: FigureFreshness
    """How complete the response is."""


class Distance(msgspec.Struct, frozen=True):
    """How far a value is from the KPI's target."""

    value: float
    """Positive when it is beyond it in the better direction."""
    unit: str
    """`points` (percentage points) of a share, else the KPI's own unit."""
    reached: bool
    """The target is met, by the counts: a value may be rounded up to it."""


class UnrankedRow(UnitRow, frozen=True, kw_only=True):
    """An agency whose base is too small for a rank."""

    volume: int
    """Its base: the denominator, of a count the dossiers that were to be handled."""
    to_target: Distance | None
    """Null where there is no target or no value."""


class RankedRow(UnrankedRow, frozen=True, kw_only=True):
    """An agency with its rank."""

    rank: int
    """From 1; equals share a rank, and the next one is left out."""


class Ranking(QueryContext, frozen=True, kw_only=True):
    """`GET /v1/kpis/ranking`: the agencies of a scope in the order of one KPI, the better first."""

    kpi: KpiId
    """The KPI that ranks."""
    better: Literal["higher", "lower"]
    """Which direction is the better one."""
    target: float | None
    """In the KPI's own unit; null where no decision sets one."""
    minimum: int
    """Smallest base that gives a rank."""
    total: Total
    """The figure of the whole scope."""
    rows: list[RankedRow]
    """Agencies with a rank, the better first."""
    unranked: list[UnrankedRow]
    """Agencies whose base is too small, or that have no value."""
    balance: Balance
    """Whether received + carried over = resolved + in process."""
    freshness: FigureFreshness
    """How complete the response is."""
