"""What changed between two positions: figures, and the dossiers that changed one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from shared.contracts.comparisons import Difference
from shared.contracts.kpis import FigureFreshness, KpiId, Number, QueryContext, Unit


class KnownFigure(msgspec.Struct, frozen=True):
    """A figure as it was known at one of two positions; see `Figure`."""

    numerator: int | None
    """As in `Figure`."""
    denominator: int | None
    """As in `Figure`."""
    value: Number | None
    """As in `Figure`, rounded alike."""
    figure: str
    """Its key: `GET /v1/figures/{figure}` lists the dossiers behind it."""


MoveReason = Literal["dossiers", "structure"]


class MovedFigure(msgspec.Struct, frozen=True):
    """A figure that is another at the later position."""

    before: KnownFigure
    """At the earlier position, by the structure of agencies known there."""
    after: KnownFigure
    """At the later position, by the structure known there."""
    difference: Difference | None
    """Null where one of the two has no value."""
    rule: str
    """Id and version of the KPI."""
    reasons: list[MoveReason]
    """`dossiers`: versions of dossiers moved it; `structure`: other agencies are inside than before."""
    by_structure: Difference | None
    """The part of the difference that the change of structure made; the rest is the dossiers'. Null where it made none, or a
    value lacks."""


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


class StructureChange(msgspec.Struct, frozen=True):
    """How the list of agencies at the later position differs, of the units that the key may see."""

    added: list[str]
    """Unit keys that are new."""
    removed: list[str]
    """Unit keys that are not listed any more."""
    changed: list[str]
    """Unit keys whose name, kind, parent, days or successors are others."""


class CountedAt(msgspec.Struct, frozen=True):
    """A position and when it was counted."""

    position: int
    """Of the feed; the end of a batch."""
    at: datetime | None
    """Null before the first batch."""


class Restatement(QueryContext, frozen=True, kw_only=True):
    """`GET /v1/restatements`: what the batches between two positions moved in a period; only what moved is listed."""

    after: CountedAt
    """The earlier position."""
    upto: CountedAt
    """The later position."""
    total: MovedTotal
    """What moved in the whole scope."""
    rows: list[MovedRow]
    """Agencies of which something moved."""
    structure_change: StructureChange | None
    """Null: both positions have the same structure."""
    freshness: FigureFreshness
    """How complete the response is."""


class MovedDossier(msgspec.Struct, frozen=True, kw_only=True):
    """A dossier that contributes something else to a figure at a later position."""

    number: int
    """Its dense number within the province."""
    code: str
    """Its code at the portal."""
    before: int
    """What it contributed."""
    after: int
    """What it contributes at the later position."""
    position: int
    """Of its version at the later of the two positions."""
    reason: MoveReason
    """`dossiers`: it has a new version; `structure`: it has none, and is inside or outside since the structure is another."""
    agency_before: str | None
    """Unit key; null: it was not there, not in the catalogue, or is not for this key to know."""
    agency_after: str | None
    """Unit key at the later position; null as `agency_before`."""


class AtPosition(msgspec.Struct, frozen=True):
    """One of the two positions."""

    position: int
    """Of the feed; the end of a batch."""


class MovedDossierPage(QueryContext, frozen=True, kw_only=True):
    """`GET /v1/restatements/dossiers`: a page of the dossiers that moved one KPI of a scope between two positions."""

    kpi: KpiId
    """The KPI that moved."""
    part: Literal["numerator", "denominator"]
    """Which side of it."""
    after: AtPosition
    """The earlier position."""
    upto: AtPosition
    """The later position."""
    dossiers: list[MovedDossier]
    """Those of this page, by number."""
    next_cursor: str | None
    """`cursor` of the next page; null at the end."""
    freshness: FigureFreshness
    """How complete the list is."""


DossierChange = Literal["arrived", "corrected", "deleted", "ended", "redated", "structure", "transferred", "withdrawn"]
"""How a dossier changed between two positions; of several the first of: `deleted` at its source; `arrived`: it was not known
before; `structure`: it has no new version, the agencies are others; `withdrawn` by whoever sent it; `transferred` to another
agency; `ended`: its result came to be known; `redated`: its source tells the same, its due date by catalogue and calendar is
another; `corrected`: anything else of it."""


class DossierEffect(msgspec.Struct, frozen=True):
    """What dossiers that changed alike made of a figure."""

    dossiers: int
    """How many contribute another number than before."""
    numerator: int
    """By how much they moved the count, or the part of a share."""
    denominator: int | None
    """By how much they moved the whole of a share; null of a count."""


ChangedKpis = Annotated[
    Mapping[str, Mapping[DossierChange, DossierEffect]],
    msgspec.Meta(extra_json_schema={"$ref": "#/components/schemas/ChangedKpis"}),
]
"""The effects on the figures of a row by KPI id and kind of change."""


class ChangedTotal(msgspec.Struct, frozen=True):
    """What moved the figures of the whole scope."""

    kpis: ChangedKpis
    """By KPI id, those that dossiers moved."""


class ChangedRow(Unit, frozen=True, kw_only=True):
    """What moved the figures of an agency."""

    kpis: ChangedKpis
    """By KPI id, those that dossiers moved."""


class RestatementChanges(QueryContext, frozen=True, kw_only=True):
    """`GET /v1/restatements/changes`: by which kinds of dossiers figures moved between two positions."""

    after: AtPosition
    """The earlier position."""
    upto: AtPosition
    """The later position."""
    dossiers: Mapping[DossierChange, int]
    """How many dossiers moved at least one of the KPIs of the whole scope."""
    total: ChangedTotal
    """Of the whole scope; the effects on a KPI add up to its difference, without what manual inputs made of it."""
    rows: list[ChangedRow]
    """Of agencies of which dossiers moved something."""
    procedures: Mapping[str, ChangedTotal]
    """Of the interlinked procedures by code."""
    freshness: FigureFreshness
    """How complete the response is."""
