"""The three annexes: results by agency (columns of form II.06a), by interlinked procedure, and online service by agency.

Pure. Agencies stand in their groups with subtotals; a total row closes each table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.notices.composition.context import CompositionContext
from services.notices.composition.derived import GROUPS
from services.notices.composition.model import Annex, Cell, Column, HeaderCell, Row, RowKind
from services.notices.figures.model import Figure, FigureUnit
from services.notices.inspections.model import Inspection
from services.notices.quantities import wording

BY_AGENCY = " theo cơ quan, đơn vị"
"""Behind the title of an annex with a line for each agency."""
NUMBER_WIDTH = 1.0
"""Relative width of the column of running numbers."""
MIN_NAME_WIDTH = 2.6
"""Relative width that the names keep, however long the numbers are."""
POINTS_OF_WIDTH = 28.0
"""Points of a relative width of 1: the widths of each form add up to the 24,7 cm of a landscape page, or a little less."""


@dataclass(frozen=True)
class AnnexForm:
    """One annex: its title, its head, and which figure stands in which column."""

    id: str
    title: str
    header: tuple[tuple[HeaderCell, ...], ...]
    kpis: tuple[str, ...]
    by: str
    """`agency` or `procedure`."""
    name_width: float
    widths: tuple[float, ...]
    note: str = ""


def _h(text: str, columns: int = 1, rows: int = 1) -> HeaderCell:
    return HeaderCell(text, columns, rows)


ANNEX_FORMS = (
    AnnexForm(
        id="by_agency",
        title="Tình hình, kết quả giải quyết thủ tục hành chính" + BY_AGENCY,
        header=(
            (
                _h("STT", 1, 3),
                _h("Cơ quan, đơn vị", 1, 3),
                _h("Số hồ sơ tiếp nhận", 4),
                _h("Số hồ sơ đã giải quyết", 4),
                _h("Số hồ sơ đang giải quyết", 3),
                _h(f"Trả lại (trong cột{wording.NBSP}9)", 1, 3),
            ),
            (
                _h("Tổng số", 1, 2),
                _h("Trong kỳ", 2),
                _h("Từ kỳ trước", 1, 2),
                _h("Tổng số", 1, 2),
                _h("Trước hạn", 1, 2),
                _h("Đúng hạn", 1, 2),
                _h("Quá hạn", 1, 2),
                _h("Tổng số", 1, 2),
                _h("Trong hạn", 1, 2),
                _h("Quá hạn", 1, 2),
            ),
            (_h("Trực tuyến"), _h("Trực tiếp, bưu chính")),
        ),
        kpis=(
            "handled",
            "received_online",
            "received_direct",
            "carried_over",
            "resolved",
            "resolved_early",
            "resolved_on_time",
            "resolved_overdue",
            "in_process",
            "in_process_within_limit",
            "in_process_overdue",
            "returned",
        ),
        by="agency",
        name_width=5.4,
        widths=(1.6, 1.6, 1.8, 1.25, 1.6, 1.6, 1.25, 1.25, 1.45, 1.35, 1.35, 1.9),
        note="Cột 3 = 4 + 5 + 6 = 7 + 11; cột 7 = 8 + 9 + 10; cột 11 = 12 + 13; cột 14 là hồ sơ trả lại do không đủ điều kiện "
        "giải quyết, đã tính trong cột 9.",
    ),
    AnnexForm(
        id="by_procedure",
        title="Kết quả giải quyết thủ tục hành chính theo cơ chế một cửa liên thông",
        header=(
            (
                _h("STT", 1, 2),
                _h("Thủ tục hành chính liên thông", 1, 2),
                _h("Số hồ sơ tiếp nhận", 3),
                _h("Số hồ sơ đã giải quyết", 4),
                _h("Số hồ sơ đang giải quyết", 3),
            ),
            (
                _h("Tổng số"),
                _h("Mới tiếp nhận"),
                _h("Từ kỳ trước"),
                _h("Tổng số"),
                _h("Trước và đúng hạn"),
                _h("Quá hạn"),
                _h("Tỷ lệ trước và đúng hạn (%)"),
                _h("Tổng số"),
                _h("Trong hạn"),
                _h("Quá hạn"),
            ),
        ),
        kpis=(
            "interlinked_handled",
            "interlinked_received_new",
            "interlinked_carried_over",
            "interlinked_resolved",
            "interlinked_resolved_in_time",
            "interlinked_resolved_overdue",
            "interlinked_in_time_share",
            "interlinked_in_process",
            "interlinked_in_process_within_limit",
            "interlinked_in_process_overdue",
        ),
        by="procedure",
        name_width=8.0,
        widths=(1.4, 1.5, 1.4, 1.4, 1.6, 1.4, 1.9, 1.4, 1.4, 1.4),
        note="Cột 3 = 4 + 5; cột 6 = 7 + 8; cột 9 = 7 : 6; cột 10 = 11 + 12; cột 3 = 6 + 10.",
    ),
    AnnexForm(
        id="online",
        title="Tiếp nhận hồ sơ trực tuyến và số hóa hồ sơ" + BY_AGENCY,
        header=(
            (
                _h("STT", 1, 2),
                _h("Cơ quan, đơn vị", 1, 2),
                _h("Tiếp nhận trực tuyến", 3),
                _h("Số hóa thành phần hồ sơ khi tiếp nhận", 3),
                _h("Số hóa kết quả giải quyết", 3),
            ),
            (
                _h("Hồ sơ mới tiếp nhận"),
                _h("Hồ sơ trực tuyến"),
                _h("Tỷ lệ (%)"),
                _h("Hồ sơ phải số hóa"),
                _h("Đã số hóa"),
                _h("Tỷ lệ (%)"),
                _h("Kết quả phải số hóa"),
                _h("Đã số hóa"),
                _h("Tỷ lệ (%)"),
            ),
        ),
        kpis=(
            "online_share.base",
            "online_share.part",
            "online_share",
            "digitised_intake.base",
            "digitised_intake.part",
            "digitised_intake",
            "digitised_result.base",
            "digitised_result.part",
            "digitised_result",
        ),
        by="agency",
        name_width=6.4,
        widths=(1.8, 1.8, 2.0, 1.8, 1.8, 2.0, 1.8, 1.8, 2.0),
        note="Cột 5 = 4 : 3; cột 8 = 7 : 6; cột 11 = 10 : 9. Hồ sơ, kết quả phải số hóa là hồ sơ, kết quả của các thủ tục hành "
        "chính thuộc diện phải số hóa.",
    ),
)
"""The annexes in their order. To add an annex, add an entry."""


def annexes(context: CompositionContext) -> tuple[Annex, ...]:
    """All annexes of a notice."""
    return tuple(_annex(context, form, number) for number, form in enumerate(_forms(context), 1))


def _forms(context: CompositionContext) -> list[AnnexForm]:
    """The forms that have something to list: without dossiers of interlinked procedures theirs is left out."""
    interlinked = context.lacks_figures or context.figures["interlinked_handled"].size
    return [form for form in ANNEX_FORMS if form.by == "agency" or interlinked]


def label(inspection: Inspection, number: int) -> str:
    """`Biểu số 01`, or `Phụ lục I` as decree 30/2020 numbers two and more annexes."""
    if inspection.annex_naming == "Phụ lục":
        return f"Phụ lục {wording.ROMAN[number - 1]}"
    return f"Biểu số {number:02d}"


def label_of(context: CompositionContext, form: str) -> str | None:
    """The label of the annex with the id `form`; None: the notice has none."""
    ids = [one.id for one in _forms(context)]
    return label(context.inspection, ids.index(form) + 1) if form in ids else None


def _annex(context: CompositionContext, form: AnnexForm, number: int) -> Annex:
    inspection = context.inspection
    rows = _agency_rows(context, form) if form.by == "agency" else _procedure_rows(context, form)
    widths = _widths(form, rows)
    columns = (
        Column("1", NUMBER_WIDTH, "center"),
        Column("2", form.name_width - sum(widths) + sum(form.widths), "left"),
        *(Column(str(index), width) for index, width in enumerate(widths, 3)),
    )
    period = inspection.period
    return Annex(
        id=form.id,
        label=label(inspection, number),
        # Of one agency nothing is told by agency.
        title=form.title.removesuffix(BY_AGENCY) if len(context.agencies) == 1 else form.title,
        subtitle=f"(Kỳ báo cáo: từ ngày {wording.day(period.start)} đến ngày {wording.day(period.end)})",
        belongs=(
            f"(Kèm theo Thông báo số {BLANK}/TB-{inspection.issuer.symbol} ngày {BLANK} tháng {BLANK} năm {inspection.year} "
            f"của {inspection.issuer.name})"
        ),
        unit="Đơn vị tính: Hồ sơ",
        columns=columns,
        header=form.header,
        rows=tuple(rows),
        note=" ".join([form.note, *(caveat.text for caveat in context.figures.pinned.caveats)]),
    )


def _widths(form: AnnexForm, rows: Sequence[Row]) -> list[float]:
    """The columns of numbers, each as wide as its longest one needs: a province counts in millions. Names get what is left."""
    wanted = [
        max(width, *(_room(row.cells[place].text) for row in rows if row.cells[place].number is not None), 0.0)
        for place, width in enumerate(form.widths, 2)
    ]
    spare = form.name_width - MIN_NAME_WIDTH
    more = sum(wanted) - sum(form.widths)
    share = min(1.0, spare / more) if more > 0 else 0.0
    return [width + share * (one - width) for width, one in zip(form.widths, wanted, strict=True)]


def _room(number: str) -> float:
    """The relative width of a column in which a number fits, in bold letters and with the room beside it."""
    digits = sum(1 for character in number if character.isdigit())
    points = 5.5 * digits + 2.75 * (len(number) - digits) + 8
    return points / POINTS_OF_WIDTH


BLANK = wording.NBSP * 6
"""Space for what is written by hand when the notice is issued."""


def _agency_rows(context: CompositionContext, form: AnnexForm) -> list[Row]:
    rows: list[Row] = []
    names = context.words.groups
    groups = [(kind, names[kind], [agency for agency in context.agencies if agency.kind == kind]) for kind in GROUPS]
    present = [group for group in groups if group[2]]
    for index, (kind, name, members) in enumerate(present):
        if len(present) > 1:
            rows.append(_row(context, form, wording.ROMAN[index], name, f"@group:{kind}", "group"))
        for number, agency in enumerate(members, 1):
            rows.append(_row(context, form, str(number), agency.name, f"@{agency.key}", "unit"))
    return [*rows, *_total(context, form, rows)]


def _procedure_rows(context: CompositionContext, form: AnnexForm) -> list[Row]:
    some = [one for one in context.procedures if context.figures[f"interlinked_handled#{one.key}"].size]
    rows = [
        _row(context, form, str(number), procedure.name, f"#{procedure.key}", "unit")
        for number, procedure in enumerate(some, 1)
    ]
    return [*rows, *_total(context, form, rows)]


def _total(context: CompositionContext, form: AnnexForm, rows: Sequence[Row]) -> list[Row]:
    """The total below the rows; none below a single one, whose numbers it would only repeat."""
    return [] if len(rows) == 1 else [_row(context, form, "", "Tổng cộng", "", "total")]


def _row(context: CompositionContext, form: AnnexForm, number: str, name: str, suffix: str, kind: RowKind) -> Row:
    return Row(
        (Cell(number), Cell(name), *_cells(context.figures.__getitem__, form.kpis, suffix)),
        kind,
    )


def _cells(figure: Callable[[str], Figure], kpis: Sequence[str], suffix: str) -> list[Cell]:
    return [_cell(figure(kpi + suffix)) for kpi in kpis]


def _cell(figure: Figure) -> Cell:
    value = figure.value
    if value is None:
        return Cell(figure.tabular(), figure.key)
    return Cell(figure.tabular(), figure.key, str(value) if figure.unit is FigureUnit.rate else str(figure.size))
