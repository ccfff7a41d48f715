"""The dossiers behind figures: opened, moved between two positions, and those that portal and law judge apart."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from shared.contracts.kpis import Head, Number, Period, Text


class CountedDossier(msgspec.Struct, frozen=True, kw_only=True):
    """A dossier as it was known at a position."""

    number: int
    """Its dense number within the stream."""
    code: str
    procedure: str | None
    """Null: not in the catalogue."""
    status: str
    channel: str | None
    """`online`, `counter` or `post`; null: not stated."""
    received_on: date | None
    due_on: date | None
    """By law; null: it has no limit."""
    ended_on: date | None
    """Null while it is in process."""
    outcome: str | None
    timeliness: str | None
    """By law."""
    portal_timeliness: str | None
    """As the portal says."""
    supplements: int
    """How often more papers were requested."""
    portal_due_on: date | None
    """The last day that the portal gives it; null: none."""
    agency: str | None
    """Unit key; null: not in the catalogue."""


class OpenedDossier(CountedDossier, frozen=True, kw_only=True):
    """A dossier behind a figure, as it was known then, and what it contributes."""

    position: int
    """Of the version that was known."""
    cause: str | None
    """Why it is overdue, by law or by the portal; null: it is not."""
    contribution: int
    """What it adds to the side of the figure that is opened."""


class OpenedFigure(msgspec.Struct, frozen=True, kw_only=True):
    """`GET /v1/figures/{figure}`: a page of the dossiers behind a figure, and the figure itself."""

    figure: str
    stream: str
    position: int
    kpi: str
    rule: str
    period: Period
    part: Literal["numerator", "denominator"]
    """Which side is opened."""
    numerator: int | None
    denominator: int | None
    value: Number | None
    sum: int | None
    """What the contributions of all pages add up to: the side that is opened."""
    dossiers: list[OpenedDossier]
    next_cursor: str | None
    """`cursor` of the next page; null at the end."""


class MovedDossier(msgspec.Struct, frozen=True, kw_only=True):
    """A dossier that contributes something else to a figure at a later position."""

    number: int
    code: str
    before: int
    """What it contributed."""
    after: int
    position: int
    """Of its version at the later of the two positions."""
    agency_before: str | None
    """Unit key; null: it was not there, not in the catalogue, or is not for this key to know."""
    agency_after: str | None


class AtPosition(msgspec.Struct, frozen=True):
    """One of the two positions."""

    position: int


class MovedDossiers(Head, frozen=True, kw_only=True):
    """`GET /v1/restatements/dossiers`: a page of the dossiers that moved one KPI of a scope between two positions."""

    kpi: str
    part: Literal["numerator", "denominator"]
    after: AtPosition
    upto: AtPosition
    dossiers: list[MovedDossier]
    next_cursor: str | None
    """`cursor` of the next page; null at the end."""


class DisagreedCount(msgspec.Struct, frozen=True):
    """How many dossiers only one side calls overdue."""

    kpi: str
    value: int
    figure: str
    """The key of that figure."""


class DisagreedDossier(CountedDossier, frozen=True, kw_only=True):
    """A dossier that portal and law judge apart, as an office can act on it."""

    side: Literal["portal_only", "law_only"]
    """Who alone calls it overdue."""
    agency_name: Text
    cause: str
    text: Text
    """What happened."""
    action: Text
    """What to do."""


class Disagreements(Head, frozen=True, kw_only=True):
    """`GET /v1/disagreements`: a page of the dossiers that only the portal or only the law calls overdue."""

    counts: dict[Literal["portal_only", "law_only"], DisagreedCount]
    """Of the sides that were asked for."""
    dossiers: list[DisagreedDossier]
    next_cursor: str | None
    """`cursor` of the next page; null at the end."""
