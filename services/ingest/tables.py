"""Tables that people hand in and take away: CSV and XLSX to rows and back. Pure."""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence

import python_calamine

from shared.errors import Malformed, TooLarge, UnsupportedMedia

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

LARGEST = 8 * 1024 * 1024
"""Bytes of a file; a province's catalogue is a tenth of that."""
_UNPACKED = 20 * LARGEST
_MOST_ROWS = 50_000
_FORMULA = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
"""First characters by which a spreadsheet takes a text for a formula, full-width forms too."""


def grid_of(body: bytes, media_type: str) -> list[list[object]]:
    """The cells of a CSV file or of the first sheet of an XLSX file.

    CSV may be UTF-8 or windows-1258 and separated by commas, semicolons or tabs. Raises `UnsupportedMedia`, `Malformed` and
    `TooLarge`.
    """
    if len(body) > LARGEST:
        raise TooLarge(f"The file is larger than {LARGEST} bytes. Leave out what is no part of the catalogue.")
    if media_type == CSV:
        grid = _of_csv(body)
    elif media_type == XLSX:
        grid = _of_xlsx(body)
    else:
        raise UnsupportedMedia(f"{media_type or 'No media type'} is not taken here. Send application/json, {CSV} or {XLSX}.")
    if len(grid) > _MOST_ROWS:
        raise TooLarge(f"The file has {len(grid)} rows; at most {_MOST_ROWS} are taken.")
    return grid


def to_csv(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    """Rows as a CSV file in UTF-8 with its mark, which spreadsheets need; no cell of it can become a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_guarded(row[column]) for column in columns] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def _of_csv(body: bytes) -> list[list[object]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Older office software; its tone marks stand apart from their letters.
        text = unicodedata.normalize("NFC", body.decode("cp1258", errors="replace"))
    if "\0" in text:
        raise Malformed("The file holds the character U+0000: it is no CSV file in UTF-8 or windows-1258.")
    head = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        return [[_unguarded(cell) for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter)]
    except csv.Error as error:
        raise Malformed(f"The CSV file cannot be read: {error}.") from error


def _of_xlsx(body: bytes) -> list[list[object]]:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > _UNPACKED:
            raise TooLarge(f"The XLSX file unpacks to {unpacked} bytes; at most {_UNPACKED} are taken.")
        workbook = python_calamine.load_workbook(io.BytesIO(body))
        rows = workbook.get_sheet_by_index(0).to_python()
    except (zipfile.BadZipFile, python_calamine.CalamineError, IndexError, ValueError) as error:
        raise Malformed(f"This is no XLSX file that can be read: {error}.") from error
    return [[_unguarded(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
