"""What runs in the child process: the rows of a form are read, within its limits."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError

import msgspec
from openpyxl import load_workbook

from services.notices.evidence.forms.columns import COLUMNS, FIRST_ROW, MARK_OF_FORM, MAX_ROWS, MAX_SHEETS, cell_value
from shared.archives import check_contents
from shared.errors import TooLarge, Unreadable
from shared.languages import Bilingual, bilingual

MAX_BYTES = 8 * 2**20
_FAULTS = (zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, IndexError, AttributeError, EOFError)
_VALUES = frozenset({"mark", "count", "of", "due", "on", "days"})


class FormRow(msgspec.Struct, frozen=True):
    """A row of a form in which something was filled in."""

    sheet: str
    row: int
    values: dict[str, object]
    """By field of an entry; `subject` is an agency, `group:office`, or nothing."""


class FormRows(msgspec.Struct, frozen=True):
    """All rows that were filled in."""

    rows: list[FormRow]


def read(_order: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Read the form that comes; yields `FormRows` in JSON. Raises `Unreadable` and `TooLarge`."""
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > MAX_BYTES:
            raise TooLarge(bilingual("The form is larger than {n} bytes.", "Phiếu lớn hơn {n} byte.", n=MAX_BYTES))
    content = bytes(body)
    body.clear()
    if not content.startswith(b"PK"):
        raise _no_form()
    check_contents(content)
    try:
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
        rows = [row for sheet in book.worksheets[:MAX_SHEETS] for row in _rows(sheet)]
    except _FAULTS as error:
        raise Unreadable(
            bilingual(
                "The form cannot be read ({error}). Open it in Excel and save it anew as XLSX.",
                "Không đọc được phiếu ({error}). Mở bằng Excel và lưu lại thành XLSX.",
                error=type(error).__name__,
            )
        ) from error
    if not rows:
        raise _no_form()
    yield msgspec.json.encode(FormRows(rows))


def _rows(sheet: Any) -> Iterator[FormRow]:
    lines = sheet.iter_rows(min_row=1, max_row=FIRST_ROW + MAX_ROWS, max_col=len(COLUMNS), values_only=True)
    for number, cells in enumerate(lines, 1):
        if number == 1 and (not cells or cells[0] != MARK_OF_FORM):
            return
        if number < FIRST_ROW:
            continue
        values = {
            column.field: cell_value(column.field, cell)
            for column, cell in zip(COLUMNS, cells, strict=False)
            if column.field != "title"
        }
        if values.get("item") and any(values.get(name) is not None for name in _VALUES):
            yield FormRow(str(sheet.title), number, {name: value for name, value in values.items() if value is not None})


def _no_form() -> Unreadable:
    return Unreadable(
        Bilingual(
            "This is no form of evidence that was filled in. Get one with GET .../evidence-form, and save it as XLSX.",
            "Đây không phải phiếu kiểm tra đã điền. Lấy phiếu bằng GET .../evidence-form, điền và lưu dạng XLSX.",
        )
    )
