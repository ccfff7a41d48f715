"""Workbooks: each visible sheet is a table, its figures as they are shown; rows of one cell are paragraphs."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook

from services.notices.audit.documents.bounds import check_cells
from services.notices.audit.documents.model import Document, DocumentBuilder
from services.notices.audit.documents.number_formats import cell_text
from services.notices.audit.documents.old_fonts import as_drawn, is_old
from services.notices.audit.documents.strict import transitional
from shared.archives import check_contents
from shared.errors import Unreadable
from shared.languages import bilingual

_FAULTS = (zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, IndexError, AttributeError, EOFError)
_BOX = re.compile(rb"<(?:xdr:)?txBody[ >]")
MAX_HEADING = 60
"""Characters of a cell that stands alone in its row, and is a heading within a table."""
_AWAITED = re.compile(rb"<c\b[^<>]*>\s*<f\b(?:[^<>]*/>|[^<>]*>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>")
"""Formulas that no spreadsheet has computed: a program wrote them."""
_UNOPENED = re.compile(rb"<calcPr\b[^<>]*fullCalcOnLoad=\"(?:1|true)\"")
"""Of a program that writes naught in place of results, for the spreadsheet that opens the file to compute them."""
_NOTED = re.compile(rb"<(?:t|text)\b[^<>]*>[^<]*\d")
_HEADERS = re.compile(rb"<(?:odd|even|first)(?:Header|Footer)>([^<]*)<")
_CODES = re.compile(rb"&amp;(?:&quot;[^&]*&quot;|\"[^\"]*\"|\d+|K[0-9A-F]{6}|[A-Z])", re.IGNORECASE)
"""Codes of a header: its font, its size, the page's number."""


def read_xlsx(content: bytes) -> Document:
    """The document of an XLSX file; raises `Unreadable` and `TooLarge`."""
    check_contents(content)
    content = transitional(content)
    try:
        book = load_workbook(BytesIO(content), data_only=True)
        builder = DocumentBuilder()
        by_font = any(is_old(font.name or "") for font in book._fonts)  # type: ignore[attr-defined]
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                _sheet(sheet, builder, by_font=by_font)
            else:
                builder.cannot_read(f"trang tính ẩn {sheet.title}: không được đọc")
        _name_others(content, builder)
    except _FAULTS as error:
        raise Unreadable(
            bilingual(
                "The workbook cannot be read ({error}). Open it in Excel and save it anew as XLSX.",
                "Không đọc được bảng tính ({error}). Mở bằng Excel và lưu lại thành XLSX.",
                error=type(error).__name__,
            )
        ) from error
    return builder.build()


def _name_others(content: bytes, builder: DocumentBuilder) -> None:
    """Say what is drawn over the cells or stands beside them, and what was never computed."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names = archive.namelist()

        def parts(pattern: str) -> Iterator[bytes]:
            return (archive.read(name) for name in names if re.fullmatch(pattern, name))

        pictures = sum(name.startswith("xl/media/") for name in names)
        boxes = sum(len(_BOX.findall(part)) for part in parts(r"xl/drawings/drawing\d+\.xml"))
        charts = sum(bool(re.fullmatch(r"xl/charts/chart(?:Ex)?\d+\.xml", name)) for name in names)
        noted = any(_NOTED.search(part) for part in parts(r"xl/(?:comments|threadedComments/threadedComment)\d*\.xml"))
        awaited = computed = 0
        printed = False
        for part in parts(r"xl/worksheets/[^/]+\.xml"):
            awaited += len(_AWAITED.findall(part))
            computed += part.count(b"<f>") + part.count(b"<f ")
            printed = printed or any(re.search(rb"\d", _CODES.sub(b"", one)) for one in _HEADERS.findall(part))
        unopened = any(_UNOPENED.search(part) for part in parts(r"xl/workbook\.xml"))
    if pictures:
        builder.cannot_read(f"{pictures} hình ảnh: không đọc chữ trong hình")
    if boxes:
        builder.cannot_read(f"{boxes} ô chữ vẽ trên trang tính: không được đọc")
    if charts:
        builder.cannot_read(f"{charts} biểu đồ: không được đọc")
    if noted:
        builder.cannot_read("ghi chú của ô: có số, không được đọc")
    if printed:
        builder.cannot_read("đầu trang, chân trang: có số, không được đọc")
    if awaited:
        builder.cannot_read(f"{awaited} ô công thức chưa có kết quả: không được đọc; mở bằng Excel, lưu lại rồi gửi")
    elif computed and unopened:
        builder.cannot_read(f"{computed} ô công thức chưa được Excel tính: kết quả có thể sai; mở bằng Excel, lưu lại rồi gửi")


def _sheet(sheet: Any, builder: DocumentBuilder, *, by_font: bool) -> None:
    cells: dict[int, dict[int, str]] = {}
    for (row, column), cell in sheet._cells.items():
        text = cell_text(cell.value, cell.number_format) if cell.value is not None else ""
        if text.strip():
            cells.setdefault(row, {})[column] = as_drawn(text, cell.font.name or "") if by_font else text
    width = max((max(row) for row in cells.values()), default=0)
    check_cells(len(cells) * width)
    covered = {
        (row, column): (area.min_row, area.min_col)
        for area in sheet.merged_cells.ranges
        for row in range(area.min_row, area.max_row + 1)
        if row in cells
        for column in range(area.min_col, min(area.max_col, width) + 1)
    }
    table: list[tuple[int, list[str]]] = []
    single: list[tuple[int, list[str]]] = []
    before = 0
    for number in sorted(cells):
        if number > before + 1:
            _end(table, single, covered, builder)
            table, single = [], []
        before = number
        texts = [cells[number].get(column, "") for column in range(1, width + 1)]
        filled = list(cells[number].values())
        inherited = any(covered.get((number, column), (number, column))[0] < number for column in range(1, width + 1))
        if len(filled) > 1 or inherited:
            table += [*single, (number, texts)]
            single = []
        elif table and len(filled[0]) <= MAX_HEADING:
            single.append((number, texts))  # a heading within the table, if that goes on
        else:
            _end(table, single, covered, builder)
            table, single = [], []
            builder.paragraph(filled[0])
    _end(table, single, covered, builder)


def _end(
    table: list[tuple[int, list[str]]],
    single: list[tuple[int, list[str]]],
    covered: dict[tuple[int, int], tuple[int, int]],
    builder: DocumentBuilder,
) -> None:
    _table(table, covered, builder)
    for _, texts in single:
        builder.paragraph(next(text for text in texts if text.strip()))


def _table(
    rows: list[tuple[int, list[str]]], covered: dict[tuple[int, int], tuple[int, int]], builder: DocumentBuilder
) -> None:
    if not rows:
        return
    first = rows[0][0]
    places = {number: place for place, (number, _) in enumerate(rows)}
    merged = {
        (places[row], column - 1): (places[above], left - 1)
        for (row, column), (above, left) in covered.items()
        if row in places and above in places and above >= first
    }
    builder.table([texts for _, texts in rows], merged=merged)
