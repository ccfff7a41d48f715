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

MAX_ENTRIES = 2_000
"""Files in an XLSX; one with a hundred sheets and pictures has some hundreds."""
MAX_RATIO = 300
"""Bytes unpacked for one packed; lists reach 60."""
MAX_CELLS = 10_000_000
"""Rows times columns of the sheet's range."""


def cells_of(body: bytes, *, largest: int) -> Iterator[Sequence[object]]:
    """The rows of the first sheet; `largest` bounds the bytes that an XLSX unpacks to.

    Raises `TooLarge` and `Unreadable`.
    """
    try:
        if body.startswith(b"PK"):
            _check_contents(body, largest)
        sheet = load_workbook(io.BytesIO(body)).get_sheet_by_index(0)
        if sheet.total_height * sheet.total_width > MAX_CELLS:
            raise TooLarge(
                f"The sheet reaches over {sheet.total_height} rows and {sheet.total_width} columns, more than {MAX_CELLS}"
                " cells. Delete what stands outside of the list, or save it as CSV (UTF-8)."
            )
        yield from sheet.iter_rows()
    except PasswordError as error:
        raise Unreadable("The spreadsheet is locked by a password. Save it without one.") from error
    except (CalamineError, zipfile.BadZipFile, IndexError, ValueError, OSError, EOFError) as error:
        raise Unreadable(f"The spreadsheet cannot be read ({type(error).__name__}). Save it anew as XLSX or CSV.") from error


def _check_contents(body: bytes, largest: int) -> None:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES:
        raise TooLarge(f"The spreadsheet holds {len(entries)} files; at most {MAX_ENTRIES} are taken. Save it as CSV (UTF-8).")
    if unpacked > largest or unpacked > MAX_RATIO * len(body):
        raise TooLarge(f"The spreadsheet unpacks to {unpacked} bytes; at most {largest} are taken. Save it as CSV (UTF-8).")
