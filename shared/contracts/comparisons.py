"""Figures beside others: series, comparisons, rankings, restatements, and the indices that are made of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from shared.contracts.kpis import Balance, Figure, Freshness, Head, KpiId, Kpis, Number, Period, Text, Total, Unit, UnitRow


class Point(msgspec.Struct, frozen=True):
    """KPIs of a piece of the period: flows over it, stocks at its end."""

    period: Period
    """The piece."""
    kpis: Kpis
    """By KPI id, those that were asked for."""


class Series(Head, frozen=True, kw_only=True):
    """`GET /v1/kpis/series`: KPIs of a scope, piece by piece of its period."""

    step: Literal["day", "week", "month"]
    """Length of a piece."""
    points: list[Point]
    """The pieces, the earliest first; the first and the last may be shorter."""
    freshness: Freshness
    """How complete the answer is."""


class Difference(msgspec.Struct, frozen=True):
    """How a value moved."""

    value: Number
    """The later value less the earlier one, as both are shown."""
    unit: str
    """`points` (percentage points) of a share, else the KPI's own unit."""
    per_cent: float | UnsetType | None = UNSET
    """Of the earlier value, with two digits after the point; null where that was 0. Absent of a share."""


class ComparedFigure(Figure, frozen=True):
    """A figure beside that of an earlier period."""

    before: Figure | None
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
    """By KPI id, those that were asked for."""


class ComparedRow(Unit, frozen=True, kw_only=True):
    """The figures of an agency in both periods."""

    kpis: ComparedKpis
    """By KPI id, those that were asked for."""


class Earlier(msgspec.Struct, frozen=True):
    """The period that is compared with."""

    kind: Literal["previous", "year_before"]
    """The period before, or the same one a year earlier."""
    period: Period
    """Its days."""


class Comparison(Head, frozen=True, kw_only=True):
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
    freshness: Freshness
    """How complete the answer is."""


class Distance(msgspec.Struct, frozen=True):
    """How far a value is from the KPI's target."""

    value: float
    """Positive when it is beyond it in the better direction."""
    unit: str
    """`points` (percentage points) of a share, else the KPI's own unit."""
    reached: bool
    """The target is met, by the counts: a value may be rounded up to it."""


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

    kpi: KpiId
    """The KPI that ranks."""
    better: Literal["higher", "lower"]
    """Which direction is the better one."""
    target: float | None
    """In the KPI's own unit; null where no decision sets one."""
    minimum: int
    """Smallest base that gives a place."""
    total: Total
    """The figure of the whole scope."""
    rows: list[RankedRow]
    """Agencies with a place, the better first."""
    unranked: list[UnrankedRow]
    """Agencies whose base is too small, or that have no value."""
    balance: Balance
    """Whether received + carried over = resolved + in process."""
    freshness: Freshness
    """How complete the answer is."""


class KnownFigure(msgspec.Struct, frozen=True):
    """A figure as it was known at one of two positions; see `Figure`."""

    numerator: int | None
    """As in `Figure`."""
    denominator: int | None
    """As in `Figure`."""
    value: Number | None
    """As in `Figure`, rounded alike."""
    figure: str
    """Its key, which `GET /v1/figures/{figure}` opens."""


class MovedFigure(msgspec.Struct, frozen=True):
    """A figure that is another at the later position."""

    before: KnownFigure
    """At the earlier position."""
    after: KnownFigure
    """At the later position."""
    difference: Difference | None
    """Null where one of the two has no value."""
    rule: str
    """Id and version of the KPI."""


MovedKpis = Annotated[Mapping[str, MovedFigure], msgspec.Meta(extra_json_schema={"$ref": "#/components/schemas/MovedKpis"})]
"""The figures of a row that moved by KPI id."""


class MovedTotal(msgspec.Struct, frozen=True):
    """What moved in the whole scope, by KPI id."""

    kpis: MovedKpis
    """By KPI id, those that moved."""


class MovedRow(Unit, frozen=True, kw_only=True):
    """What moved in an agency, by KPI id."""

    kpis: MovedKpis
    """By KPI id, those that moved."""


class CountedAt(msgspec.Struct, frozen=True):
    """A position and when it was counted."""

    position: int
    """Of the feed; the end of a batch."""
    at: datetime | None
    """Null before the first batch."""


class Restatement(Head, frozen=True, kw_only=True):
    """`GET /v1/restatements`: what the batches between two positions moved in a period; only what moved is listed."""

    after: CountedAt
    """The earlier position."""
    upto: CountedAt
    """The later position."""
    total: MovedTotal
    """What moved in the whole scope."""
    rows: list[MovedRow]
    """Agencies of which something moved."""
    freshness: Freshness
    """How complete the answer is."""


class ScoredComponent(msgspec.Struct, frozen=True):
    """One line of an index."""

    id: str
    """Its id within the index; assessments name it."""
    group: Text
    """What it belongs to."""
    name: Text
    """Its name."""
    rule: Text
    """How points are given, in words."""
    points: float | None
    """Null: not available."""
    out_of: float
    """The most points that it gives."""
    source: Literal["computed", "assessed", "not_available"]
    """Computed from KPIs, or assessed by people."""
    basis: str | None
    """What an assessment rests on; null of any other line."""


class Score(Head, frozen=True, kw_only=True):
    """`GET /v1/indices/{index}`: a scope and period by the index of decision 766 or the criteria of circular 01/2018."""

    balance: Balance
    """Whether received + carried over = resolved + in process."""
    freshness: Freshness
    """How complete the answer is."""
    index: Literal["766", "01-2018"]
    """Which index."""
    components: list[ScoredComponent]
    """Its lines, in the order of the decision."""
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
