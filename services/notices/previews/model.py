"""Figures of notices that a change of the catalogue would move: as printed, as they are now, and as they would be. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec

from services.notices.drafting.api.schemas import NoticePeriod
from services.notices.figures.catalogue import Catalogue
from services.notices.figures.model import Figure
from shared.contracts.comparisons import Difference
from shared.contracts.kpis import FigureFreshness, Freshness, Text
from shared.contracts.previews import FigurePreview, PreviewedFigure, PreviewedValue
from shared.contracts.restatements import KnownFigure, MoveReason
from shared.languages import Language
from shared.spreadsheets import Cell


class PrintedFigure(msgspec.Struct, frozen=True):
    """A figure as a notice has it."""

    numerator: int | None
    """The count, or the part of a share; null where no source states it."""
    denominator: int | None
    """The whole of a share; null of a count."""
    printed: str
    """As running text prints it."""


class MovedNoticeFigure(msgspec.Struct, frozen=True, kw_only=True):
    """A figure that the change would move."""

    key: str
    """Its key in the notice: `resolved_overdue`, of an agency `resolved_overdue@<unit key>`, of a procedure
    `resolved_overdue#<code>`, of a department `steps_overdue:<name>`,
    of a step `steps_overdue><name>`."""
    name: str
    """Its KPI, in Vietnamese, as in the notice's catalogue."""
    subject_name: Text | None
    """Name of the agency, procedure or department that it is of; null of the whole scope."""
    pinned: PrintedFigure | None
    """As the notice states it, which stays; null: it has no such row yet."""
    before: KnownFigure
    """As it is now: it differs from `pinned` where it has moved since for another reason."""
    after: PreviewedValue
    """As it would be."""
    difference: Difference | None
    """From `before` to `after`; null where one of the two has no value."""
    reasons: list[MoveReason]
    """`dossiers`: other facts of dossiers would move it; `structure`: other agencies would be inside."""


class PreviewedNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A notice that stands on figures that the change would move. What it states stays; drafted anew it would state others."""

    id: int
    """Its number."""
    inspection: int
    """Number of its inspection."""
    scope: str
    """Code of the agency whose subtree was inspected."""
    period: NoticePeriod
    """The period of its figures."""
    position: int
    """Of the feed, at which its figures are pinned."""
    drafted_at: datetime
    """When it was drafted."""
    figures: list[MovedNoticeFigure]
    """Its figures that the change would move: those of the whole, then those of agencies, procedures, departments and steps."""
    derived: list[str]
    """Keys of its figures that follow from them, such as sums and differences."""
    freshness: FigureFreshness
    """How complete the figures of now are."""


class UncomparedNotice(msgspec.Struct, frozen=True):
    """A notice of which it is not known what would move."""

    id: int
    """Its number."""
    detail: str
    """Why: its agencies are not in the catalogue any more, neither now nor after the change."""


class NoticePreview(msgspec.Struct, frozen=True, kw_only=True):
    """`GET /v1/catalogue-previews/{number}`: the notices that a change of the catalogue would touch, the newest first."""

    province: str
    """The province."""
    preview: int
    """Number of the preview at ingest."""
    dossiers: int
    """Dossiers that would get other facts, of any period and agency."""
    examined: int
    """Drafted notices that this page looked at."""
    moved: int
    """Of them, those in `notices`."""
    figures: int
    """Figures that would move, in all of these."""
    notices: list[PreviewedNotice]
    """Those with figures that would move."""
    uncompared: list[UncomparedNotice]
    """Those of which that is not known."""
    next_cursor: str | None
    """`cursor` of the next page; null: this is the last."""
    freshness: Freshness
    """What the province lacks now."""


def moved_figures(
    figures: Mapping[str, Figure], catalogue: Catalogue, preview: FigurePreview
) -> tuple[list[MovedNoticeFigure], list[str]]:
    """The figures of a notice that a preview of its scope and period moves, and the keys of those that follow from them."""
    names = {kpi.id: kpi.name.vi for kpi in catalogue.kpis}
    by_agency, by_procedure, by_department, by_step = (
        {key.partition(mark)[0] for key in figures if mark in key} for mark in ("@", "#", ":", ">")
    )
    found, touched = [], set()

    def take(kpi: str, suffix: str, subject: Text | None, move: PreviewedFigure) -> None:
        key = kpi + suffix
        touched.update({key, f"{kpi}.part{suffix}", f"{kpi}.base{suffix}"})
        known = figures.get(key)
        found.append(
            MovedNoticeFigure(
                key=key,
                name=names.get(kpi, kpi),
                subject_name=subject,
                pinned=None if known is None else PrintedFigure(known.numerator, known.denominator, known.prose()),
                before=move.before,
                after=move.after,
                difference=move.difference,
                reasons=move.reasons,
            )
        )

    for kpi, move in preview.total.kpis.items():
        if kpi in figures:
            take(kpi, "", None, move)
    for row in preview.rows:
        for kpi, move in row.kpis.items():
            if kpi in by_agency:
                take(kpi, f"@{row.agency or 'unmapped'}", row.name, move)
    for linked in preview.procedures:
        for kpi, move in linked.kpis.items():
            if kpi in by_procedure:
                take(kpi, f"#{linked.procedure}", linked.name, move)
    for worked in preview.work:
        for kpi, move in worked.kpis.items():
            mark, known = (":", by_department) if worked.by == "department" else (">", by_step)
            if kpi in known:
                take(kpi, f"{mark}{worked.work or ''}", worked.name, move)
    return found, sorted(_following(figures, touched))


def _following(figures: Mapping[str, Figure], touched: set[str]) -> set[str]:
    """The keys of figures that are derived from any of `touched`, directly or indirectly."""
    following: set[str] = set()
    while True:
        further = {
            key
            for key, one in figures.items()
            if key not in following and one.derived is not None and not (touched | following).isdisjoint(one.derived.inputs)
        }
        if not further:
            return following
        following |= further


_COLUMNS = (
    Text("Thông báo", "Notice"),
    Text("Cuộc kiểm tra", "Inspection"),
    Text("Phạm vi (mã)", "Scope"),
    Text("Từ ngày", "From"),
    Text("Đến ngày", "To"),
    Text("Chỉ tiêu", "KPI"),
    Text("Cơ quan, thủ tục, bộ phận", "Agency, procedure, department"),
    Text("Trong thông báo", "In the notice"),
    Text("Hiện tại", "Now"),
    Text("Sau thay đổi", "After the change"),
    Text("Chênh lệch", "Difference"),
    Text("Khóa", "Key"),
    Text("Hồ sơ tự mâu thuẫn trong kỳ", "Dossiers of its period that contradict themselves"),
)
_WHOLE = Text("Toàn bộ phạm vi", "The whole scope")


def as_rows(preview: NoticePreview, language: Language) -> Iterator[list[Cell]]:
    """The moved figures of all notices as a table with its head; shares as shares of 1, as metrics gives them."""
    yield [getattr(name, language) for name in _COLUMNS]
    for notice in preview.notices:
        for one in notice.figures:
            yield [
                notice.id,
                notice.inspection,
                notice.scope,
                notice.period.start.isoformat(),
                notice.period.end.isoformat(),
                one.name,
                getattr(one.subject_name or _WHOLE, language),
                None if one.pinned is None else one.pinned.printed,
                one.before.value,
                one.after.value,
                None if one.difference is None else one.difference.value,
                one.key,
                notice.freshness.doubtful,
            ]
