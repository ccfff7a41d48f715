"""Workbooks: each visible sheet is a table, its figures as they are shown; rows of one cell are paragraphs."""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook

from services.notices.audit.documents.bounds import check_cells
from services.notices.audit.documents.model import Document, DocumentBuilder
from shared.archives import check_contents
from shared.errors import Unreadable
from shared.languages import bilingual

_FAULTS = (zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, IndexError, AttributeError, EOFError)
_BOX = re.compile(rb"<(?:xdr:)?txBody[ >]")
MAX_HEADING = 60
"""Characters of a cell that stands alone in its row, and is a heading within a table."""
_DECIMALS = 12
"""Of a number without a format: what spreadsheets compute is not exact beyond."""


def read_xlsx(content: bytes) -> Document:
    """The document of an XLSX file; raises `Unreadable` and `TooLarge`."""
    check_contents(content)
    try:
        book = load_workbook(BytesIO(content), data_only=True)
        builder = DocumentBuilder()
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                _sheet(sheet, builder)
            else:
                builder.cannot_read(f"trang tính ẩn {sheet.title}: không được đọc")
        _name_drawings(content, builder)
    except _FAULTS as error:
        raise Unreadable(
            bilingual(
                "The workbook cannot be read ({error}). Open it in Excel and save it anew as XLSX.",
                "Không đọc được bảng tính ({error}). Mở bằng Excel và lưu lại thành XLSX.",
                error=type(error).__name__,
            )
        ) from error
    return builder.build()


def _name_drawings(content: bytes, builder: DocumentBuilder) -> None:
    """Say what is drawn over the cells."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names = archive.namelist()
        pictures = sum(name.startswith("xl/media/") for name in names)
        boxes = sum(
            len(_BOX.findall(archive.read(name))) for name in names if re.fullmatch(r"xl/drawings/drawing\d+\.xml", name)
        )
    if pictures:
        builder.cannot_read(f"{pictures} hình ảnh: không đọc chữ trong hình")
    if boxes:
        builder.cannot_read(f"{boxes} ô chữ vẽ trên trang tính: không được đọc")


def _sheet(sheet: Any, builder: DocumentBuilder) -> None:
    check_cells(sheet.max_row * sheet.max_column)
    covered = {
        (row, column): (area.min_row, area.min_col)
        for area in sheet.merged_cells.ranges
        for row in range(area.min_row, min(area.max_row, sheet.max_row) + 1)
        for column in range(area.min_col, min(area.max_col, sheet.max_column) + 1)
    }
    table: list[tuple[int, list[str]]] = []
    single: list[tuple[int, list[str]]] = []
    for number in range(1, sheet.max_row + 1):
        texts = [cell_text(cell.value, cell.number_format) for cell in sheet[number]]
        filled = [text for text in texts if text.strip()]
        inherited = any(covered.get((number, column), (number, column))[0] < number for column in range(1, len(texts) + 1))
        if len(filled) > 1 or (filled and inherited):
            table += [*single, (number, texts)]
            single = []
        elif filled and table and len(filled[0]) <= MAX_HEADING:
            single.append((number, texts))  # a heading within the table, if that goes on
        else:
            _end(table, single, covered, builder)
            table, single = [], []
            for text in filled:
                builder.paragraph(text)
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


def cell_text(value: object, format_: str) -> str:
    """A cell as the spreadsheet shows it in Vietnam: a decimal comma, dots between thousands, shares in per cent."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, datetime):
        return value.strftime("%d/%m/%Y") if value.time() == time() else value.strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if not isinstance(value, int | float):
        return str(value)
    pattern = format_.split(";")[0]
    number = Decimal(repr(value))
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        return str(value)
    if "%" in pattern:
        return _number(number * 100, _decimals(pattern), grouped="," in pattern.partition(".")[0]) + "%"
    if pattern == "General" or not any(sign in pattern for sign in "0#"):
        return _number(number.quantize(Decimal(1).scaleb(-_DECIMALS)).normalize(), None, grouped=False)
    return _number(number, _decimals(pattern), grouped="," in pattern.partition(".")[0])


def _decimals(pattern: str) -> int:
    after = pattern.partition(".")[2]
    return min(len(after) - len(after.lstrip("0#?")), _DECIMALS)


def _number(number: Decimal, decimals: int | None, *, grouped: bool) -> str:
    if decimals is not None:
        number = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = f"{number:{',' if grouped else ''}f}"
    return text.translate(str.maketrans(",.", ".,"))
