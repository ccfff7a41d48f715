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


class FormSheet(msgspec.Struct, frozen=True):
    """A form of one agency: a workbook may gather several."""

    title: str
    inspection: int
    """Number of the inspection of which it was given out."""
    version: int
    """Of the evidence when it was given out."""
    template: int | None
    """Year of its template; None: it was given out before forms stated that."""
    rows: list[FormRow]
    """Those that were filled in."""


class FormSheets(msgspec.Struct, frozen=True):
    """All forms of a workbook."""

    sheets: list[FormSheet]


def read(_order: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Read the form that comes; yields `FormSheets` in JSON. Raises `Unreadable` and `TooLarge`."""
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
        if len(book.worksheets) > MAX_SHEETS:
            raise TooLarge(
                bilingual(
                    "The workbook has {n} sheets, more than {most}. Send it in parts.",
                    "Tệp có {n} trang tính, vượt quá {most}. Gửi thành nhiều tệp.",
                    n=len(book.worksheets),
                    most=MAX_SHEETS,
                )
            )
        sheets = [found for sheet in book.worksheets if (found := _form(sheet)) is not None]
    except _FAULTS as error:
        raise Unreadable(
            bilingual(
                "The form cannot be read ({error}). Open it in Excel and save it anew as XLSX.",
                "Không đọc được phiếu ({error}). Mở bằng Excel và lưu lại thành XLSX.",
                error=type(error).__name__,
            )
        ) from error
    if not any(sheet.rows for sheet in sheets):
        raise _no_form()
    yield msgspec.json.encode(FormSheets(sheets))


def _form(sheet: Any) -> FormSheet | None:
    """The form of a sheet; None: the sheet is empty. Raises `Unreadable` for one that is no form, so none is passed over."""
    title = str(sheet.title)
    heads: tuple[object, ...] = ()
    rows = []
    for number, cells in enumerate(sheet.iter_rows(max_col=len(COLUMNS), values_only=True), 1):
        if all(cell is None for cell in cells):
            continue
        if not heads:
            heads = cells[:4] if number == 1 else ()
            if not heads or heads[0] != MARK_OF_FORM or not all(isinstance(one, int) for one in heads[1:3]):
                raise _no_form_in(title)
        if number >= FIRST_ROW + MAX_ROWS:
            raise TooLarge(
                bilingual(
                    "Sheet '{title}' goes on after row {most}. Send it in parts.",
                    "Trang tính '{title}' còn dữ liệu sau dòng {most}. Gửi thành nhiều tệp.",
                    title=title,
                    most=FIRST_ROW + MAX_ROWS - 1,
                )
            )
        if number < FIRST_ROW:
            continue
        values = {
            column.field: cell_value(column.field, cell)
            for column, cell in zip(COLUMNS, cells, strict=False)
            if column.field != "title"
        }
        if values.get("item") and any(values.get(name) is not None for name in _VALUES):
            rows.append(FormRow(title, number, {name: value for name, value in values.items() if value is not None}))
    if not heads:
        return None
    inspection, version = (int(str(one)) for one in heads[1:3])
    template = heads[3] if isinstance(heads[3], int) else None
    return FormSheet(title, inspection, version, template, rows)


def _no_form_in(title: str) -> Unreadable:
    return Unreadable(
        bilingual(
            "Sheet '{title}' is no form of GET .../evidence-form: its first row was changed, or it is of an earlier kind. Get"
            " the form anew and copy what was filled in, or take the sheet out.",
            "Trang tính '{title}' không phải phiếu của GET .../evidence-form: dòng đầu đã bị sửa hoặc là mẫu cũ. Lấy lại phiếu"
            " và chép nội dung đã điền, hoặc bỏ trang tính đó.",
            title=title,
        )
    )


def _no_form() -> Unreadable:
    return Unreadable(
        Bilingual(
            "This is no form of evidence that was filled in. Get one with GET .../evidence-form, and save it as XLSX.",
            "Đây không phải phiếu kiểm tra đã điền. Lấy phiếu bằng GET .../evidence-form, điền và lưu dạng XLSX.",
        )
    )
