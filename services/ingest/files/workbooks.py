"""The first sheet of an XLSX or XLS file, opened only after its table of contents was seen to be harmless.

What the table of contents does not tell, such as a single cell at the far end of a sheet, the limits of the process catch: the
library reserves memory for the whole range between the first and the last cell.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence

from python_calamine import CalamineError, PasswordError, load_workbook

from shared.errors import TooLarge, Unreadable
from shared.languages import Bilingual, bilingual

MAX_ENTRIES = 2_000
"""Files in an XLSX; one with a hundred sheets and pictures has some hundreds."""
MAX_RATIO = 300
"""Bytes unpacked for one packed; lists reach 60."""
MAX_CELLS = 10_000_000
"""Rows times columns of the sheet's range."""


def cells_of(body: bytes, *, max_unpacked: int) -> Iterator[Sequence[object]]:
    """The rows of the first sheet; `max_unpacked` bounds the bytes that an XLSX unpacks to.

    Raises `TooLarge` and `Unreadable`.
    """
    try:
        if body.startswith(b"PK"):
            _check_contents(body, max_unpacked)
        sheet = load_workbook(io.BytesIO(body)).get_sheet_by_index(0)
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
        yield from sheet.iter_rows()
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


def _check_contents(body: bytes, max_unpacked: int) -> None:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES:
        raise TooLarge(
            bilingual(
                "The spreadsheet holds {n} files; at most {limit} are accepted. Save it as CSV (UTF-8).",
                "Bảng tính chứa {n} tệp; tối đa {limit}. Lưu thành CSV (UTF-8).",
                n=len(entries),
                limit=MAX_ENTRIES,
            )
        )
    if unpacked > max_unpacked or unpacked > MAX_RATIO * len(body):
        raise TooLarge(
            bilingual(
                "The spreadsheet unpacks to {n} bytes; at most {limit} are accepted. Save it as CSV (UTF-8).",
                "Bảng tính giải nén ra {n} byte; tối đa {limit}. Lưu thành CSV (UTF-8).",
                n=unpacked,
                limit=max_unpacked,
            )
        )
