"""The comparison of a notice with our figures, as it is given out."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum

import msgspec

from services.notices.audit.model import Position
from shared.contracts.kpis import FigureFreshness, Number, Text, Unit


class ComparisonVerdict(Enum):
    """How a figure of the notice and ours relate."""

    same = "same"
    """Ours is printed like that."""
    different = "different"
    undecided = "undecided"
    """The notice leaves open which of ours is meant, or ours has no value."""
    without_counterpart = "without_counterpart"
    """We count nothing that it could be compared with."""


class OurFigure(msgspec.Struct, frozen=True, kw_only=True):
    """What metrics counts."""

    kpis: tuple[str, ...]
    """Ids of the KPIs that it is made of; of a share of two sums those of the numerator first."""
    numerator: int
    """The count, or the part of a share."""
    denominator: int | None
    """The whole of a share; null of a count."""
    value: Number | None
    """The count, or the share in per cent, rounded half-up to two decimals; null of 0/0."""
    figures: tuple[str, ...]
    """`GET /v1/figures/{figure}` of metrics lists the dossiers; one for each KPI and agency that were added up."""


class ComparedFigure(msgspec.Struct, frozen=True, kw_only=True):
    """A figure of the notice, and ours."""

    at: Position
    """Where it stands."""
    printed: str
    """As printed: `30.556`."""
    verdict: ComparisonVerdict
    """How the two relate."""
    name: Text | None
    """What it was compared with; null where nothing was found."""
    agency: str | None
    """Name of the agency in our list; `commune`, `district` or `province` for all agencies of a level; null: the whole scope,
    or none was found."""
    ours: OurFigure | None
    """Our figure; null where there is none."""
    difference: Number | None
    """Ours less the printed one, in dossiers or percentage points; null unless it is `different`."""
    statement: Text
    """The same in words."""


class NoticeComparison(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a notice beside ours."""

    province: str
    """The province."""
    position: int
    """Of the feed: our figures are of it."""
    as_of: datetime | None
    """When that position was counted; null before the first."""
    since: date = msgspec.field(name="from")
    """The first civil day that our figures are of."""
    until: date = msgspec.field(name="to")
    """The last one, inside."""
    scope: Unit
    """The agencies that our figures are of."""
    freshness: FigureFreshness
    """How complete our figures are."""
    figures: tuple[ComparedFigure, ...]
    """Every figure of the notice, in its order; 5.000 at most."""
