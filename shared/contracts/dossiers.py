"""Dossiers as they were known at a position, and the drill-down: those behind a figure."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from shared.contracts.kpis import FigureFreshness, KpiId, Number, Period, Text


class CountedDossier(msgspec.Struct, frozen=True, kw_only=True):
    """A dossier as it was known at a position."""

    number: int
    """Its dense number within the province."""
    code: str
    """Its code at the portal."""
    procedure: str | None
    """Null: not in the catalogue."""
    status: str
    """Its status at that position."""
    channel: str | None
    """`online`, `counter` or `post`; null: not stated."""
    received_on: date | None
    """Civil day; null: refused before it was received."""
    due_on: date | None
    """By law; null: it has no limit."""
    ended_on: date | None
    """Null while it is in process."""
    outcome: str | None
    """`resolved`, `returned`, `withdrawn` or `refused`; null while it is in process."""
    timeliness: str | None
    """By law: `early`, `on_time` or `overdue`; null while it is in process, or without a limit."""
    portal_timeliness: str | None
    """By the portal; null: not stated."""
    supplements: int | None
    """How often more papers were requested; null: no source tells whether they were."""
    portal_due_on: date | None
    """The last day that the portal gives it; null: none."""
    agency: str | None
    """Unit key; null: not in the catalogue."""


class DossierContradiction(msgspec.Struct, frozen=True):
    """One thing that contradicts another in what the sources say of a dossier, as an office can act on it."""

    kind: str
    """`ended_before_received`, `received_missing`, `due_before_received`, `in_process_after_delivery`, `in_process_after_end`,
    `ended_while_in_process`, `two_outcomes`; later releases may know more."""
    source: str
    """The source that told of it last: where it is to be corrected."""
    text: Text
    """What contradicts what."""
    action: Text
    """What to correct."""


class DrilldownDossier(CountedDossier, frozen=True, kw_only=True):
    """A dossier behind a figure, as it was known then, and what it contributes."""

    position: int
    """Of the version that was known."""
    cause: str | None
    """Why it is overdue, by law or by the portal; null: it is not."""
    contradictions: list[DossierContradiction]
    """What cannot all be true of it; empty: nothing contradicts itself."""
    contribution: int
    """What it adds to that side of the figure."""


class Drilldown(msgspec.Struct, frozen=True, kw_only=True):
    """`GET /v1/figures/{figure}`: a page of the dossiers behind a figure, and the figure itself."""

    figure: str
    """The key of the figure."""
    province: str
    """The province."""
    position: int
    """Of the feed; all pages are of it."""
    kpi: KpiId
    """Its KPI."""
    rule: str
    """Id and version of its KPI."""
    period: Period
    """The days that it is of."""
    part: Literal["numerator", "denominator"]
    """Which side of it."""
    numerator: int | None
    """As in `Figure`, of a percentile the dossiers in its buckets."""
    denominator: int | None
    """As in `Figure`; null of a count."""
    value: Number | None
    """As in `Figure`, rounded alike; null where the base is 0, and where the numerator is not known."""
    sum: int
    """What the contributions of all pages add up to: that side of the figure, also where it is not known what is not listed."""
    dossiers: list[DrilldownDossier]
    """Those of this page, by agency, by the day on which they ended, and by number."""
    next_cursor: str | None
    """`cursor` of the next page; null at the end."""
    freshness: FigureFreshness
    """How complete the figure is. `doubtful` counts in the row of the figure, of steps in its whole scope."""
