"""Indices: scores made of KPIs, and the points that people assess."""

from __future__ import annotations

from typing import Literal

import msgspec

from shared.contracts.kpis import Balance, FigureFreshness, Kpis, QueryContext, Text


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


class Score(QueryContext, frozen=True, kw_only=True):
    """`GET /v1/indices/{index}`: a scope and period by the index of decision 766 or the criteria of circular 01/2018."""

    balance: Balance
    """Whether received + carried over = resolved + in process."""
    freshness: FigureFreshness
    """How complete the response is."""
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


class AssessmentRecorded(msgspec.Struct, frozen=True):
    """`POST /v1/indices/{index}/assessments`."""

    index: Literal["766", "01-2018"]
    """Which index."""
    component: str
    """Which of its components."""
    points: float
    """The points."""
