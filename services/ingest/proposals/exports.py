"""Proposals as files that the import of the catalogue takes as they are: CSV and XLSX. Pure."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import xlsxwriter

from shared.spreadsheets import WORKBOOK, Cell, Dialect, to_csv


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]], dialect: Dialect) -> bytes:
    """The rows under their headings."""
    return to_csv([columns, *rows], dialect)


def as_xlsx(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """One sheet; every text is written as a text, so that codes keep their zeros and none becomes a formula."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, WORKBOOK)
    sheet = book.add_worksheet("proposal")
    for line, row in enumerate([columns, *rows]):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(line, column, cell)
            elif cell is not None:
                sheet.write_number(line, column, cell)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(columns) - 1, 16)
    book.close()
    return file.getvalue()
