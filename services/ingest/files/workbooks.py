"""The sheets of an XLSX or XLS file, opened only after its table of contents was seen to be harmless.

What the table of contents does not tell, such as a single cell at the far end of a sheet, the limits of the process catch: the
library reserves memory for the whole range between the first and the last cell.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from services.ingest.files.grids import Grid, GridRow
from services.ingest.files.refusals import ARCHIVES, PACKED, foreign_file
from shared.archives import check_contents
from shared.errors import TooLarge, Unreadable
from shared.languages import Bilingual, bilingual

MAX_CELLS = 10_000_000
"""Rows times columns of a sheet's range."""
_GLOBALS = b"\x09\x08\x10\x00\x00\x06\x05\x00"
"""Begin of the record by which a workbook of Excel 97 to 2003 begins."""
_DATE_MODE = 0x22
_MAX_RECORDS = 400
"""Records of its beginning among which the one of its date system is looked for."""


def sheets_of(body: bytes, *, max_unpacked: int) -> Iterator[Grid]:
    """The sheets in their order, each to be read before the next; `max_unpacked` bounds the bytes that an XLSX unpacks to.

    Raises `TooLarge` and `Unreadable`, also while their rows are read.
    """
    with _readable():
        if body.startswith(b"PK"):
            check_contents(body, max_unpacked)
            _require_xlsx(body)
        book = load_workbook(io.BytesIO(body))
        since_1904 = _since_1904(body)
        metadata = book.sheets_metadata
    for one in metadata:
        if one.typ is SheetTypeEnum.WorkSheet:
            hidden = one.visible is not SheetVisibleEnum.Visible
            yield Grid(one.name, hidden, _rows(book, one.name), since_1904=since_1904)


def _require_xlsx(body: bytes) -> None:
    """Raise `Unreadable` for an archive of another kind.

    Some of them could be read, but not which of their cells are merged: what stands in such a cell would miss in its rows.
    """
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        names = {name.lower() for name in archive.namelist()}
    if any(name.startswith("xl/") and name.endswith("workbook.xml") for name in names):
        return
    for name, what in ARCHIVES.items():
        if name in names:
            raise foreign_file(what)
    if not names & {"[content_types].xml"}:
        raise foreign_file(PACKED)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except PasswordError as error:
        raise Unreadable(
            Bilingual(
                "The spreadsheet is locked by a password. Save it without one.",
                "Bảng tính có mật khẩu. Lưu lại không đặt mật khẩu.",
            )
        ) from error
    except (CalamineError, zipfile.BadZipFile, IndexError, ValueError, OSError, EOFError) as error:
        raise Unreadable(
            bilingual(
                "The spreadsheet cannot be read ({error}). Save it anew as XLSX or CSV.",
                "Không đọc được bảng tính ({error}). Lưu lại thành XLSX hoặc CSV.",
                error=type(error).__name__,
            )
        ) from error


def _rows(book: CalamineWorkbook, name: str) -> Iterator[GridRow]:
    with _readable():
        sheet: CalamineSheet = book.get_sheet_by_name(name)
        if sheet.total_height * sheet.total_width > MAX_CELLS:
            raise TooLarge(
                bilingual(
                    "The sheet has {rows} rows and {columns} columns, more than {n} cells. Delete what is outside of the"
                    " list, or save it as CSV (UTF-8).",
                    "Trang tính có {rows} dòng và {columns} cột, quá {n} ô. Xóa phần ngoài danh sách, hoặc lưu thành CSV"
                    " (UTF-8).",
                    rows=sheet.total_height,
                    columns=sheet.total_width,
                    n=MAX_CELLS,
                )
            )
        first = (sheet.start or (0, 0))[1]
        merged = sheet.merged_cell_ranges or []
        rows: Iterable[Sequence[object]] = sheet.iter_rows()
        if any(begin[0] < end[0] for begin, end in merged):
            rows = _filled_down(rows, merged, first)
        for number, row in enumerate(rows, 1):
            yield GridRow(number, [_cell(value) for value in row])


def _filled_down(
    rows: Iterable[Sequence[object]], merged: Iterable[tuple[tuple[int, int], tuple[int, int]]], first: int
) -> Iterator[list[object]]:
    """Rows in which a cell that is merged over several of them stands in each; `first` is the number of their first column."""
    begins: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, _) in merged:
        if top < bottom:
            begins.setdefault(top, []).append((left - first, bottom))
    carried: dict[int, tuple[object, int]] = {}
    for number, row in enumerate(rows):
        cells = list(row)
        for column, (value, bottom) in list(carried.items()):
            if number > bottom:
                del carried[column]
            elif column < len(cells) and cells[column] in ("", None):
                cells[column] = value
        for column, bottom in begins.pop(number, ()):
            if 0 <= column < len(cells) and cells[column] not in ("", None):
                carried[column] = (cells[column], bottom)
        yield cells


def _cell(value: object) -> object:
    """A time as serial numbers give it is a hair beside its second."""
    if isinstance(value, datetime) and value.microsecond:
        return (value + timedelta(microseconds=500_000)).replace(microsecond=0)
    return value


def _since_1904(body: bytes) -> bool:
    """Whether a workbook's serial numbers count days from 1904, as those of Excel for Mac did."""
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                return False
            with archive.open("xl/workbook.xml") as text:
                return re.search(rb"<(?:\w+:)?workbookPr\b[^>]*\bdate1904=[\"'](?:1|true)[\"']", text.read(65_536)) is not None
    place = body.find(_GLOBALS)
    for _ in range(_MAX_RECORDS):
        if not 0 <= place <= len(body) - 6:
            break
        kind, size = int.from_bytes(body[place : place + 2], "little"), int.from_bytes(body[place + 2 : place + 4], "little")
        if kind == _DATE_MODE:
            return body[place + 4] == 1
        place += 4 + size
    return False
