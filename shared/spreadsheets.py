"""Tables for spreadsheets, in which no cell can become a formula: the one rule for all that is given away as CSV or XLSX.

A text that begins like a formula gets an apostrophe before it, which spreadsheets take for "this is text"; numbers pass. In a
workbook texts are written as texts and need none.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Mapping
from typing import Literal

from shared.languages import Bilingual

CSV = "text/csv"
CSV_UTF8 = f"{CSV}; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OTHER_WORKBOOKS = (
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.spreadsheet-template",
    "application/vnd.ms-excel.sheet.binary.macroenabled.12",
    "application/vnd.ms-excel.sheet.macroenabled.12",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.template",
)

FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""First characters by which a spreadsheet takes a text for a formula, full-width forms too."""
WORKBOOK: Mapping[str, bool] = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
"""Options of xlsxwriter with which a text stays a text, whichever way it is written."""

Cell = str | int | float | None


def save_as_xlsx(media_type: str) -> Bilingual:
    """What to do about a workbook of a kind that is not read, as a sentence after others; nothing for any other media type."""
    if media_type not in _OTHER_WORKBOOKS:
        return Bilingual("", "")
    return Bilingual(
        " Open the workbook, save it as XLSX (Excel Workbook) and send that.",
        " Mở bảng tính, lưu thành XLSX (Excel Workbook) rồi gửi tệp đó.",
    )


def escape_formula(text: str) -> str:
    """The text as a CSV file may hold it."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA) else text


def unescape_formula(text: str) -> str:
    """The text that `escape_formula` was given."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(FORMULA) else text


Dialect = Literal["rfc4180", "excel-vi"]
"""How CSV is written: with commas and decimal points, as programs read it, or as Excel opens it with Vietnamese settings: with
semicolons, decimal commas and the mark of UTF-8, without which it takes the letters for others."""


def to_csv(rows: Iterable[Iterable[Cell]], dialect: Dialect) -> bytes:
    """Rows, the head first, as a CSV file in UTF-8; no text of either dialect can become a formula."""
    vietnamese = dialect == "excel-vi"
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if vietnamese else ",")
    writer.writerows([_written(cell, vietnamese) for cell in row] for row in rows)
    return (codecs.BOM_UTF8 if vietnamese else b"") + text.getvalue().encode()


def _written(cell: Cell, vietnamese: bool) -> Cell:
    if isinstance(cell, str):
        return escape_formula(cell)
    return str(cell).replace(".", ",") if vietnamese and isinstance(cell, float) else cell
