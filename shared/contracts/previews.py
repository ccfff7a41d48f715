"""What a change of the catalogue would do before it applies: ingest dates the dossiers, metrics counts them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec

from shared.agencies import Agency
from shared.contracts.comparisons import Difference
from shared.contracts.keys import WorkGrouping
from shared.contracts.kpis import FigureFreshness, Number, QueryContext, Text, Unit
from shared.contracts.restatements import KnownFigure, MoveReason, StructureChange
from shared.dossier import Facts
from shared.errors import Conflict, Guidance


class PreviewedDossier(msgspec.Struct, frozen=True, gc=False):
    """A dossier that a change of the catalogue would alter."""

    number: int
    """Its dense number within the province."""
    before: Facts
    """What is counted of it by the catalogue in force."""
    after: Facts
    """What would be counted of it."""


class PreviewedPage(msgspec.Struct, frozen=True, kw_only=True):
    """`GET /v1/catalogue/{province}/previews/{number}/dossiers`: dossiers that the change would alter, by number."""

    catalogue: int
    """Version of the catalogue that the change was compared with."""
    finished: bool
    """All dossiers were looked at; until then there may be more than these."""
    outdated: bool
    """The catalogue was changed meanwhile: the preview does not go on."""
    dossiers: int
    """How many there are on all pages, so far."""
    agencies: list[Agency] | None
    """The agencies as the change would leave them, on the first page only; null: it leaves them as they are."""
    items: list[PreviewedDossier]
    """Those after `after`; fewer than `limit` at the end."""


class PreviewedValue(msgspec.Struct, frozen=True):
    """A figure as it would be."""

    numerator: int | None
    """As in `Figure`."""
    denominator: int | None
    """As in `Figure`."""
    value: Number | None
    """As in `Figure`, rounded alike."""


class PreviewedFigure(msgspec.Struct, frozen=True):
    """A figure that the change would move."""

    before: KnownFigure
    """As it is now."""
    after: PreviewedValue
    """As it would be, by the agencies as the change would leave them."""
    difference: Difference | None
    """Null where one of the two has no value."""
    rule: str
    """Id and version of the KPI."""
    reasons: list[MoveReason]
    """`dossiers`: other facts of dossiers would move it; `structure`: other agencies would be inside."""


PreviewedKpis = Annotated[
    Mapping[str, PreviewedFigure], msgspec.Meta(extra_json_schema={"$ref": "#/components/schemas/PreviewedKpis"})
]
"""The figures of a row that would move by KPI id."""


class PreviewedTotal(msgspec.Struct, frozen=True):
    """What would move in the whole scope."""

    kpis: PreviewedKpis
    """By KPI id, those that would move."""


class PreviewedRow(Unit, frozen=True, kw_only=True):
    """What would move in an agency."""

    kpis: PreviewedKpis
    """By KPI id, those that would move."""


class PreviewedProcedure(msgspec.Struct, frozen=True, kw_only=True):
    """What would move in an interlinked procedure."""

    procedure: str
    """Code of the procedure."""
    name: Text
    """Its name; the code where the catalogue has none."""
    kpis: PreviewedKpis
    """By KPI id, those that would move."""


class PreviewedWork(msgspec.Struct, frozen=True, kw_only=True):
    """What would move in the steps of a department, or in those of one name."""

    by: WorkGrouping
    """`department` or `step`."""
    work: str | None
    """Known name or code of the department, or known name of the step; null: those of which it is not known."""
    name: Text
    """The same as people read it."""
    kpis: PreviewedKpis
    """By KPI id, those that would move."""


class FigurePreview(QueryContext, frozen=True, kw_only=True):
    """`GET /v1/catalogue-previews/{number}`: the figures of a period that a change of the catalogue would move."""

    preview: int
    """Number of the preview at ingest."""
    dossiers: int
    """Dossiers that would get other facts, of any period and agency."""
    total: PreviewedTotal
    """What would move in the whole scope."""
    rows: list[PreviewedRow]
    """Agencies of which something would move."""
    procedures: list[PreviewedProcedure]
    """Interlinked procedures of which something would move."""
    work: list[PreviewedWork]
    """Departments, then steps of the internal process, of which something would move."""
    structure_change: StructureChange | None
    """What would become of the list of agencies; null: it stays."""
    freshness: FigureFreshness
    """How complete the figures of now are."""


class PreviewUnfinished(Conflict):
    """Not all dossiers of the preview are dated or counted yet."""

    type = "preview-unfinished"
    title = "The preview is not finished"
    guidance = Guidance(
        "Ask again: each request goes on. `GET .../previews/{number}` of ingest tells how far it is.",
        "Bản xem trước chưa xong",
        "Chưa xét hết hồ sơ của bản xem trước.",
        "Hỏi lại: mỗi lần hỏi làm tiếp một phần. `GET .../previews/{number}` của ingest cho biết tiến độ.",
    )


class PreviewOutdated(Conflict):
    """The catalogue is another one than that which the change was compared with."""

    type = "preview-outdated"
    title = "The catalogue was changed since"
    guidance = Guidance(
        "Ask ingest for a new one: `POST /v1/catalogue/{province}/previews`.",
        "Danh mục đã thay đổi",
        "Danh mục đã khác so với khi yêu cầu bản xem trước.",
        "Yêu cầu bản mới ở ingest: `POST /v1/catalogue/{province}/previews`.",
    )
