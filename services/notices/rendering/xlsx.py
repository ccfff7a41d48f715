"""The annexes as one XLSX workbook by xlsxwriter: a sheet each, numbers as numbers, no formula anywhere."""

from __future__ import annotations

import io
from datetime import datetime
from math import ceil
from typing import Any

import xlsxwriter

from services.notices.composition.model import Annex, Cell, NoticeDocument, Row
from services.notices.rendering.model import with_title
from shared.spreadsheets import WORKBOOK

FONT = "Times New Roman"
INCH = 25.4
"""In millimetres."""
LINE = 15.5
"""Height of a line in points."""
WIDTH = 3.6
"""Characters of a spreadsheet column per unit of a column's width."""


def xlsx(notice: NoticeDocument, *, dated_at: datetime) -> bytes:
    """The workbook; `dated_at` is its only date."""
    packed = io.BytesIO()
    book = xlsxwriter.Workbook(packed, WORKBOOK)
    shown = with_title(notice)
    book.set_properties({"title": shown.title[:255], "author": shown.author[:255], "created": dated_at.replace(tzinfo=None)})
    formats = _Formats(book)
    for annex in notice.annexes:
        _sheet(book, formats, annex)
    book.close()
    return packed.getvalue()


class _Formats:
    """Cell formats, made once per combination."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def __call__(self, **wanted: Any) -> Any:
        key = tuple(sorted(wanted.items()))
        if key not in self._made:
            base = {"font_name": FONT, "font_size": 11, "valign": "vcenter", "text_wrap": True}
            self._made[key] = self._book.add_format({**base, **wanted})
        return self._made[key]


def _sheet(book: Any, formats: _Formats, annex: Annex) -> None:
    sheet = book.add_worksheet(annex.label[:31])
    last = len(annex.columns) - 1
    for index, column in enumerate(annex.columns):
        sheet.set_column(index, index, column.width * WIDTH + 2)
    title = formats(align="center", bold=True, font_size=14)
    tops = [
        (annex.label, title),
        (annex.title.upper(), title),
        (annex.subtitle, formats(align="center", font_size=13)),
        (annex.belongs, formats(align="center", italic=True, font_size=13)),
        (annex.unit, formats(align="right", italic=True)),
    ]
    for line, (text, style) in enumerate(tops):
        sheet.merge_range(line, 0, line, last, "", style)
        sheet.write_string(line, 0, text, style)
    line = _head(sheet, formats, annex, len(tops))
    for row in annex.rows:
        sheet.set_row(line, _height(row.cells[1].text, annex.columns[1].width))
        for index, cell in enumerate(row.cells):
            _write(sheet, line, index, cell, _body_format(formats, annex, row, index, cell))
        line += 1
    if annex.note:
        style = formats(italic=True)
        sheet.merge_range(line, 0, line, last, "", style)
        sheet.write_string(line, 0, f"Ghi chú: {annex.note}", style)
        sheet.set_row(line, 32)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(len(tops), len(tops) + len(annex.header))
    sheet.freeze_panes(len(tops) + len(annex.header) + 1, 2)
    sheet.set_margins(left=30 / INCH, right=20 / INCH, top=20 / INCH, bottom=20 / INCH)
    sheet.set_header(f'&C&"{FONT},Regular"&13&P', {"margin": 10 / INCH})


def _height(text: str, width: float) -> float:
    """Points for as many lines as `text` breaks into; not every program makes rows fit by itself."""
    per_line = width * WIDTH * 1.4
    return LINE * max(1, ceil(len(text) / per_line))


def _head(sheet: Any, formats: _Formats, annex: Annex, top: int) -> int:
    """Write the table's head and the numbers of its columns; give the first line below."""
    style = formats(bold=True, border=1, align="center")
    covered: set[tuple[int, int]] = set()
    for line, cells in enumerate(annex.header):
        sheet.set_row(top + line, LINE * (3 if line == len(annex.header) - 1 else 1.4))
        index = 0
        for cell in cells:
            while (line, index) in covered:
                index += 1
            under = [(line + down, index + right) for down in range(cell.rows) for right in range(cell.columns)]
            covered.update(under)
            if len(under) > 1:
                below, right = under[-1]
                sheet.merge_range(top + line, index, top + below, right, "", style)
            sheet.write_string(top + line, index, cell.text, style)
            index += cell.columns
    line = top + len(annex.header)
    for index, column in enumerate(annex.columns):
        sheet.write_string(line, index, f"({column.number})", formats(italic=True, border=1, align="center"))
    return line + 1


def _body_format(formats: _Formats, annex: Annex, row: Row, index: int, cell: Cell) -> Any:
    align = "center" if index > 1 and cell.number is None else annex.columns[index].align
    wanted: dict[str, Any] = {"border": 1, "align": align, "bold": row.kind != "unit"}
    if cell.number is not None:
        wanted["num_format"] = "#,##0.00" if "." in cell.number else "#,##0"
    return formats(**wanted)


def _write(sheet: Any, line: int, index: int, cell: Cell, style: Any) -> None:
    if cell.number is None:
        sheet.write_string(line, index, cell.text, style)
    else:
        sheet.write_number(line, index, float(cell.number), style)
