"""Figures beside others: series, comparisons, rankings, restatements, and the indices that are made of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from shared.contracts.kpis import Balance, Figure, Freshness, Head, Kpis, Number, Period, Text, Total, Unit, UnitRow


class Point(msgspec.Struct, frozen=True):
    """KPIs of a piece of the period: flows over it, stocks at its end."""

    period: Period
    kpis: Kpis


class Series(Head, frozen=True, kw_only=True):
    """`GET /v1/kpis/series`: KPIs of a scope, piece by piece of its period."""

    step: Literal["day", "week", "month"]
    points: list[Point]
    freshness: Freshness


class Difference(msgspec.Struct, frozen=True):
    """How a value moved."""

    value: Number
    unit: str
    """`points` (percentage points) of a share, else the KPI's own unit."""
    per_cent: float | UnsetType | None = UNSET
    """Of the earlier value; null where that was 0. Absent of a share."""


class ComparedFigure(Figure, frozen=True):
    """A figure beside that of an earlier period."""

    before: Figure | None
    """Null: the agency had none."""
    difference: Difference | None
    """Null where one of the two has no value."""


class ComparedTotal(msgspec.Struct, frozen=True):
    """The figures of the whole scope in both periods."""

    kpis: Mapping[str, ComparedFigure]


class ComparedRow(Unit, frozen=True, kw_only=True):
    """The figures of an agency in both periods."""

    kpis: Mapping[str, ComparedFigure]


class Earlier(msgspec.Struct, frozen=True):
    """The period that is compared with."""

    kind: Literal["previous", "year_before"]
    period: Period


class Comparison(Head, frozen=True, kw_only=True):
    """`GET /v1/kpis/comparison`: KPIs of a scope and its agencies in two periods."""

    against: Earlier
    like_for_like: bool
    """Some units of the earlier period count where they went since."""
    total: ComparedTotal
    rows: list[ComparedRow]
    balance: Balance
    """Of both periods."""
    freshness: Freshness


class Distance(msgspec.Struct, frozen=True):
    """How far a value is from the KPI's target."""

    value: float
    """Positive when it is beyond it in the better direction."""
    unit: str
    """`points` (percentage points) of a share, else the KPI's own unit."""
    reached: bool


class UnrankedRow(UnitRow, frozen=True, kw_only=True):
    """An agency whose base is too small for a place."""

    volume: int
    """Its base: the denominator, of a count the dossiers that were to be handled."""
    to_target: Distance | None
    """Null where there is no target or no value."""


class RankedRow(UnrankedRow, frozen=True, kw_only=True):
    """An agency with its place."""

    rank: int
    """From 1; equals share a place, and the next one is left out."""


class Ranking(Head, frozen=True, kw_only=True):
    """`GET /v1/kpis/ranking`: the agencies of a scope in the order of one KPI, the better first."""

    kpi: str
    better: Literal["higher", "lower"]
    target: float | None
    """In the KPI's own unit; null where no decision sets one."""
    minimum: int
    """Smallest base that gives a place."""
    total: Total
    rows: list[RankedRow]
    unranked: list[UnrankedRow]
    balance: Balance
    freshness: Freshness


class KnownFigure(msgspec.Struct, frozen=True):
    """A figure as it was known at one of two positions; see `Figure`."""

    numerator: int | None
    denominator: int | None
    value: Number | None
    figure: str


class MovedFigure(msgspec.Struct, frozen=True):
    """A figure that is another at the later position."""

    before: KnownFigure
    after: KnownFigure
    difference: Difference | None
    """Null where one of the two has no value."""
    rule: str


class MovedTotal(msgspec.Struct, frozen=True):
    """What moved in the whole scope, by KPI id."""

    kpis: Mapping[str, MovedFigure]


class MovedRow(Unit, frozen=True, kw_only=True):
    """What moved in an agency, by KPI id."""

    kpis: Mapping[str, MovedFigure]


class CountedAt(msgspec.Struct, frozen=True):
    """A position and when it was counted."""

    position: int
    at: datetime | None
    """Null before the first batch."""


class Restatement(Head, frozen=True, kw_only=True):
    """`GET /v1/restatements`: what the batches between two positions moved in a period; only what moved is listed."""

    after: CountedAt
    upto: CountedAt
    total: MovedTotal
    rows: list[MovedRow]
    freshness: Freshness


class ScoredComponent(msgspec.Struct, frozen=True):
    """One line of an index."""

    id: str
    group: Text
    name: Text
    rule: Text
    """How points are given, in words."""
    points: float | None
    """Null: not available."""
    out_of: float
    source: Literal["computed", "assessed", "not_available"]
    """Computed from KPIs, or assessed by people."""
    basis: str | None
    """What an assessment rests on; null of any other line."""


class Score(Head, frozen=True, kw_only=True):
    """`GET /v1/indices/{index}`: a scope and period by the index of decision 766 or the criteria of circular 01/2018."""

    balance: Balance
    freshness: Freshness
    index: Literal["766", "01-2018"]
    components: list[ScoredComponent]
    points: float
    """Reached."""
    out_of: float
    """The points of what is available."""
    of: float
    """The points of all components."""
    share: float | None
    """`points` / `out_of`; null where nothing is available."""
    band: Text | None
    """Of circular 01/2018; null for the other index, and while a criterion is not available."""
    kpis: Kpis
    """The figures that points are computed from."""
