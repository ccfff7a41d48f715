"""Responses as tables: CSV and XLSX in which no cell can become a formula. Pure."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import xlsxwriter

from services.metrics.agencies.model import Units
from services.metrics.figures.kpis.algebra import Kpi
from shared.contracts.comparisons import Point, RankedRow, Ranking, Series
from shared.contracts.dossiers import Drilldown
from shared.contracts.kpis import KpiResponse, Kpis, ProcedureRow, Text, UnitRow, WorkRow
from shared.contracts.previews import FigurePreview
from shared.contracts.restatements import MoveReason
from shared.languages import Language
from shared.spreadsheets import WORKBOOK, Cell, Dialect, to_csv

Tabular = KpiResponse[UnitRow] | KpiResponse[ProcedureRow] | KpiResponse[WorkRow] | Series | Ranking
"""The responses that there is a table of; it is made in a child process."""
Table = tuple[list[str], list[list[Cell]]]

_HEADS = {
    "vi": {"total": "Tổng số", "numerator": "tử số", "denominator": "mẫu số", "rank": "Hạng", "code": "Mã", "name": "Tên"},
    "en": {
        "total": "Total",
        "numerator": "numerator",
        "denominator": "denominator",
        "rank": "Rank",
        "code": "Code",
        "name": "Name",
    },
}


def table(response: Tabular, kpis: tuple[Kpi, ...], language: Language) -> Table:
    """Heading and rows of a response about these KPIs; a rate takes three columns, a count one."""
    known = {kpi.id: kpi for kpi in kpis}
    words = _HEADS[language]
    lines = _lines(response)
    if not isinstance(response, Series):
        total = Text(_HEADS["vi"]["total"], _HEADS["en"]["total"])
        lines.append(_Line(None, "", total, response.total.kpis))
    ids = list(lines[0].kpis) if lines else []
    ranked = isinstance(response, Ranking)
    head = [words["rank"]] * ranked + [words["code"], words["name"]]
    for kpi_id in ids:
        name = getattr(known[kpi_id].name, language)
        head.append(name)
        if known[kpi_id].denominator is not None:
            head += [f"{name}, {words['numerator']}", f"{name}, {words['denominator']}"]
    rows = []
    for line in lines:
        row: list[Cell] = [line.rank] * ranked + [line.code or "", getattr(line.name, language)]
        for kpi_id in ids:
            figure = line.kpis[kpi_id]
            row.append(figure.value)
            if known[kpi_id].denominator is not None:
                row += [figure.numerator, figure.denominator]
        rows.append(row)
    return head, rows


class _Line(NamedTuple):
    rank: int | None
    code: str | None
    name: Text
    kpis: Kpis


def _lines(response: Tabular) -> list[_Line]:
    if isinstance(response, Series):
        return [_point(point) for point in response.points]
    return [
        _Line(None, row.procedure, row.name, row.kpis)
        if isinstance(row, ProcedureRow)
        else _Line(None, row.work, row.name, row.kpis)
        if isinstance(row, WorkRow)
        else _Line(row.rank if isinstance(row, RankedRow) else None, row.code, row.name, row.kpis)
        for row in response.rows
    ]


def _point(point: Point) -> _Line:
    name = f"{point.period.since} – {point.period.until}"
    return _Line(None, str(point.period.since), Text(name, name), point.kpis)


_DOSSIER_COLUMNS: tuple[tuple[str, Text], ...] = (
    ("agency", Text("Cơ quan (mã)", "Agency (key)")),
    ("agency_name", Text("Cơ quan", "Agency")),
    ("code", Text("Mã hồ sơ", "Dossier")),
    ("procedure", Text("Thủ tục", "Procedure")),
    ("status", Text("Trạng thái (mã)", "Status")),
    ("channel", Text("Hình thức nộp (mã)", "Channel")),
    ("received_on", Text("Ngày tiếp nhận", "Received")),
    ("due_on", Text("Hạn theo quy định", "Due by law")),
    ("portal_due_on", Text("Hạn trên phần mềm", "Due in the software")),
    ("ended_on", Text("Ngày có kết quả", "Result ready")),
    ("outcome", Text("Kết quả (mã)", "Outcome")),
    ("timeliness", Text("Đúng hạn theo quy định (mã)", "Timeliness by law")),
    ("portal_timeliness", Text("Đúng hạn trên phần mềm (mã)", "Timeliness in the software")),
    ("cause", Text("Nguyên nhân (mã)", "Cause")),
    ("contradictions", Text("Mâu thuẫn dữ liệu", "Contradictions")),
    ("to_correct", Text("Cần sửa (nguồn)", "To correct (source)")),
    ("supplements", Text("Số lần bổ sung", "Supplements")),
    ("contribution", Text("Đóng góp vào số liệu", "Contribution")),
)


def dossiers(drilldown: Drilldown, units: Units, language: Language) -> Iterator[list[Cell]]:
    """The dossiers behind a figure as a table with its head; the contributions of all pages add up to the figure."""
    yield [getattr(name, language) for _, name in _DOSSIER_COLUMNS]
    for dossier in drilldown.dossiers:
        worded = {
            "agency_name": getattr(units.unit(dossier.agency).name, language),
            "contradictions": " ".join(getattr(one.text, language) for one in dossier.contradictions),
            "to_correct": " ".join(f"{getattr(one.action, language)} ({one.source})" for one in dossier.contradictions),
        }
        yield [worded[column] if column in worded else _cell(getattr(dossier, column)) for column, _ in _DOSSIER_COLUMNS]


_MOVED_COLUMNS = (
    Text("Mã", "Code"),
    Text("Tên", "Name"),
    Text("Chỉ tiêu", "KPI"),
    Text("Hiện tại", "Now"),
    Text("Sau thay đổi", "After the change"),
    Text("Chênh lệch", "Difference"),
    Text("Do", "By"),
)
_REASONS: dict[MoveReason, Text] = {
    "dossiers": Text("hồ sơ", "dossiers"),
    "structure": Text("cơ cấu cơ quan", "structure of agencies"),
}


def previewed(preview: FigurePreview, kpis: tuple[Kpi, ...], language: Language) -> Iterator[list[Cell]]:
    """The figures that a change would move as a table with its head: of agencies, procedures, work, then of the whole scope."""
    yield [getattr(name, language) for name in _MOVED_COLUMNS]
    names = {kpi.id: kpi.name for kpi in kpis}
    whole = Text(_HEADS["vi"]["total"], _HEADS["en"]["total"])
    listed = (
        *((row.code, row.name, row.kpis) for row in preview.rows),
        *((row.procedure, row.name, row.kpis) for row in preview.procedures),
        *((row.work, row.name, row.kpis) for row in preview.work),
        ("", whole, preview.total.kpis),
    )
    for code, name, figures in listed:
        for kpi, one in figures.items():
            yield [
                code or "",
                getattr(name, language),
                getattr(names[kpi], language),
                one.before.value,
                one.after.value,
                None if one.difference is None else one.difference.value,
                ", ".join(getattr(_REASONS[reason], language) for reason in one.reasons),
            ]


def _cell(value: str | int | date | None) -> Cell:
    return value.isoformat() if isinstance(value, date) else value


_COMPLETENESS = {
    "vi": {
        "sheet": "Độ đầy đủ",
        "kind": "Lý do chưa đầy đủ (mã)",
        "count": "Số lượng",
        "since": "Từ lúc",
        "what_to_do": "Cách xử lý",
        "complete": "Số liệu đầy đủ",
        "doubtful": "Hồ sơ có thông tin mâu thuẫn (vẫn được tính)",
        "correct": "Mở chỉ tiêu `contradictory` để xem từng hồ sơ cần sửa gì, tại nguồn nào.",
    },
    "en": {
        "sheet": "Completeness",
        "kind": "Why incomplete",
        "count": "Count",
        "since": "Since",
        "what_to_do": "What to do",
        "complete": "The figures are complete",
        "doubtful": "Dossiers that contradict themselves (counted)",
        "correct": "Open the KPI `contradictory`: it lists what to correct in each dossier, and at which source.",
    },
}


def completeness_table(response: Tabular, language: Language) -> Table:
    """Why the figures of a response may be incomplete, a row for each reason; where there is none, one row says so.

    The last row, where there are any: how many dossiers in them contradict themselves, which is not incompleteness.
    """
    words, reasons = _COMPLETENESS[language], response.freshness.reasons
    rows: list[list[Cell]] = [
        [one.kind, one.count, None if one.since is None else one.since.isoformat(), getattr(one.what_to_do, language)]
        for one in reasons
    ]
    rows = rows or [[words["complete"]]]
    if response.freshness.doubtful:
        rows.append([words["doubtful"], response.freshness.doubtful, None, words["correct"]])
    return [words[name] for name in ("kind", "count", "since", "what_to_do")], rows


def as_csv(response: Tabular, kpis: tuple[Kpi, ...], language: Language, dialect: Dialect) -> bytes:
    """The response as CSV."""
    head, rows = table(response, kpis, language)
    return to_csv([head, *rows], dialect)


def as_xlsx(response: Tabular, kpis: tuple[Kpi, ...], language: Language) -> bytes:
    """A sheet of the figures and one of their completeness; every text is written as text."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, WORKBOOK)
    figures = _add_sheet(book, "KPI", table(response, kpis, language))
    figures.freeze_panes(1, 2)
    figures.set_column(1, 1, 32)
    complete = _add_sheet(book, _COMPLETENESS[language]["sheet"], completeness_table(response, language))
    complete.set_column(0, 2, 24)
    complete.set_column(3, 3, 100)
    book.close()
    return file.getvalue()


def _add_sheet(book: xlsxwriter.Workbook, name: str, content: Table) -> Any:
    head, rows = content
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    for column, cell in enumerate(head):
        sheet.write_string(0, column, cell, bold)
    for line, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(line, column, value)
            elif value is not None:
                sheet.write_number(line, column, value)
    return sheet
