"""Files cut into rows while they arrive: nothing is written to disk, and never more than a row and a piece is held.

What a file is shows in its first bytes. CSV is cut at line ends outside quotes and each row decoded by itself: UTF-8, or
windows-1258 where it is not UTF-8, so that a file pasted together from two systems is read too. XLSX cannot be read from its
beginning, so it is held in memory, and refused above a size at which it should be CSV.
"""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec
from python_calamine import CalamineError, load_workbook

from services.ingest.events import Reason, Rejected
from services.ingest.sources.errors import SourceUnreadable
from services.ingest.sources.files import headings as columns

MAX_ROW = 1024 * 1024
"""Longest row in bytes; a quote that is never closed must not swallow the file."""
MAX_SHEET = 16 * 1024 * 1024
"""Largest XLSX or XLS in bytes ..."""
MAX_UNPACKED = 56 * 1024 * 1024
"""... and unpacked, some hundred thousand rows, which take twice that in memory: a bomb is seen in its table of contents."""
HEADING_ROWS = 30
"""So many rows may stand above the headings."""
_DELIMITERS = (",", ";", "\t", "|")

Row = dict[str, Any] | Rejected
Format = Literal["csv", "ndjson", "sheet"]


class Rows:
    """Cuts one file. `feed` pieces of it, then `end` it; both give the rows that are whole."""

    def __init__(self, own: Mapping[str, str], delimiter: str | None) -> None:
        """`own` are the profile's columns, `delimiter` that of a CSV where it is known."""
        self._own = own
        self._delimiter = delimiter
        self._pending = bytearray()
        self._scanned = 0
        self._quoted = False
        self._transcode: codecs.IncrementalDecoder | None = None
        self.format: Format | None = None
        self.mapping: columns.Mapping | None = None
        self._above = 0

    def feed(self, piece: bytes) -> Iterator[Row]:
        """The rows that end within `piece`; raises `SourceUnreadable` when the file cannot be what it pretends to be."""
        if self._transcode is not None:
            piece = self._transcode.decode(piece).encode()
        self._pending += piece
        if self.format is None:
            if len(self._pending) < 8:
                return
            self._recognise()
        if self.format == "sheet":
            if len(self._pending) > MAX_SHEET:
                raise SourceUnreadable(
                    f"The spreadsheet is larger than {MAX_SHEET // 2**20} MB. Save it as CSV (UTF-8), which has no limit.",
                    settled=True,
                )
            return
        yield from self._whole()

    def end(self) -> Iterator[Row]:
        """The last rows."""
        if self.format is None:
            self._recognise()
        if self.format == "sheet":
            body = bytes(self._pending)
            self._pending.clear()
            yield from self._of_sheet(body)
        else:
            yield from self._whole()
            if self._pending.strip():
                yield from self._of_record(bytes(self._pending))
        self._pending.clear()
        if self.mapping is None and self.format != "ndjson":
            raise SourceUnreadable(
                f"No headings were found in the first {HEADING_ROWS} rows: a column for the dossier's code ('Mã hồ sơ') and one"
                " more are needed. Name yours in 'columns' of the source.",
                settled=True,
            )

    def _recognise(self) -> None:
        head = bytes(self._pending[:8])
        if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            self.format = "sheet"
            return
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self._transcode = codecs.getincrementaldecoder("utf-16")("replace")
            self._pending = bytearray(self._transcode.decode(bytes(self._pending)).encode())
        elif head.startswith(codecs.BOM_UTF8):
            del self._pending[:3]
        self.format = "ndjson" if self._pending.lstrip()[:1] == b"{" else "csv"

    def _whole(self) -> Iterator[Row]:
        begin = 0
        while True:
            end = self._pending.find(b"\n", self._scanned)
            if end < 0:
                break
            if self.format == "csv" and self._pending.count(b'"', self._scanned, end) % 2:
                self._quoted = not self._quoted
            self._scanned = end + 1
            if self._quoted:
                if self._scanned - begin > MAX_ROW:
                    # A quote that nobody closed: its line is lost, not the file.
                    cut = self._pending.find(b"\n", begin) + 1
                    yield _broken("The row has a quotation mark that is never closed.")
                    begin = self._scanned = cut
                    self._quoted = False
                continue
            yield from self._of_record(bytes(self._pending[begin:end]))
            begin = self._scanned
        del self._pending[:begin]
        self._scanned -= begin
        if len(self._pending) > 2 * MAX_ROW:
            yield _broken(f"The row is longer than {MAX_ROW} bytes.")
            self._pending.clear()
            self._scanned = 0
            self._quoted = False

    def _of_record(self, record: bytes) -> Iterator[Row]:
        if not record.strip():
            return
        if len(record) > MAX_ROW:
            yield _broken(f"The row is longer than {MAX_ROW} bytes.")
            return
        if self.format == "ndjson":
            yield self._of_json(record)
            return
        text = _decoded(record)
        if self._delimiter is None:
            if self.mapping is None:
                yield from self._of_cells(_best_cut(text, self._own))
                if self.mapping is not None:
                    self._delimiter = max(_DELIMITERS, key=lambda mark: len(_cut(text, mark)))
                return
            self._delimiter = ","
        yield from self._of_cells(_cut(text, self._delimiter))

    def _of_json(self, line: bytes) -> Row:
        try:
            value = msgspec.json.decode(line)
        except (msgspec.DecodeError, ValueError, RecursionError):
            return _broken("The line is no JSON in UTF-8.")
        if not isinstance(value, dict):
            return _broken("The line is no JSON object.", Reason.wrong_type)
        if "at" in value and "id" in value:
            return value
        mapping = self.mapping
        if mapping is None or mapping.headings != tuple(value):
            mapping = columns.headings_of(list(value), self._own)
        if mapping is None:
            return _broken("The object has no name that is known for the dossier's code.", Reason.no_code)
        self.mapping = mapping
        return _mapped(mapping, list(value.values()))

    def _of_cells(self, cells: list[Any]) -> Iterator[Row]:
        if self.mapping is None:
            self.mapping = columns.headings_of(cells, self._own)
            self._above += 1
            if self.mapping is None and self._above > HEADING_ROWS:
                raise SourceUnreadable(
                    f"No headings were found in the first {HEADING_ROWS} rows: a column for the dossier's code ('Mã hồ sơ') and"
                    " one more are needed. Name yours in 'columns' of the source.",
                    settled=True,
                )
            return
        row = _mapped(self.mapping, cells)
        if row:
            yield row

    def _of_sheet(self, body: bytes) -> Iterator[Row]:
        try:
            if body.startswith(b"PK"):
                with zipfile.ZipFile(io.BytesIO(body)) as archive:
                    unpacked = sum(entry.file_size for entry in archive.infolist())
                if unpacked > MAX_UNPACKED:
                    raise SourceUnreadable(
                        f"The spreadsheet unpacks to more than {MAX_UNPACKED // 2**20} MB. Save it as CSV (UTF-8).",
                        settled=True,
                    )
            sheet = load_workbook(io.BytesIO(body)).get_sheet_by_index(0)
            for cells in sheet.iter_rows():
                yield from self._of_cells([_cell(value) for value in cells])
        except (CalamineError, zipfile.BadZipFile, IndexError, OSError, EOFError) as error:
            raise SourceUnreadable(f"The spreadsheet cannot be read ({type(error).__name__}).", settled=True) from error


def _mapped(mapping: columns.Mapping, cells: list[Any]) -> dict[str, Any]:
    """The cells that are mapped; all others go no further."""
    return {
        field: value
        for field, value in zip(mapping.fields, cells, strict=False)
        if field is not None and value is not None and value != ""
    }


def _broken(detail: str, reason: Reason = Reason.unreadable) -> Rejected:
    return Rejected(reason, detail, {})


def _decoded(record: bytes) -> str:
    try:
        text = record.decode()
    except UnicodeDecodeError:
        # The Vietnamese code page writes tones as marks of their own.
        text = record.decode("cp1258", "replace")
    return unicodedata.normalize("NFC", text).replace("\0", "\ufffd").rstrip("\r")


def _cut(text: str, delimiter: str) -> list[Any]:
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return text.split(delimiter)
    return rows[0] if rows else []


def _best_cut(text: str, own: Mapping[str, str]) -> list[Any]:
    """Cut by the delimiter that gives headings, or else the most cells."""
    cuts = sorted((_cut(text, mark) for mark in _DELIMITERS), key=len, reverse=True)
    return next((cells for cells in cuts if columns.headings_of(cells, own) is not None), cuts[0])


def _cell(value: Any) -> Any:
    return unicodedata.normalize("NFC", value).replace("\0", "\ufffd") if isinstance(value, str) else value
