"""Lists cut into rows while they arrive: nothing is written to disk, and never more than a row and a chunk is held.

What a file is shows in its first bytes. CSV is cut at line ends outside quotes and each row decoded by itself: UTF-8, or
windows-1258 where it is not UTF-8, so that a file pasted together from two systems is read too. XLSX cannot be read from its
beginning, so it is held in memory, and refused above a size at which it should be CSV.

Columns that are not mapped are dropped here, so what they hold never leaves the child process.
"""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from services.ingest.events.model import Reason, Rejected
from services.ingest.events.records import Faulty, parsed
from services.ingest.files import headings as columns
from services.ingest.files.messages import Format, ListSummary, ReadOptions, Row, packed, packed_end
from shared.errors import TooLarge, Unreadable
from shared.languages import bilingual
from shared.spelling import printable

MAX_ROW = 1024 * 1024
"""Longest row in bytes; a quote that is never closed must not swallow the file."""
MAX_SHEET = 16 * 1024 * 1024
"""Largest XLSX or XLS in bytes ..."""
MAX_UNPACKED = 56 * 1024 * 1024
"""... and unpacked, some hundred thousand rows, which take twice that in memory: a bomb is seen in its table of contents."""
MAX_COLUMNS = 16_384
"""As many as a spreadsheet has."""
HEADING_ROWS = 30
"""So many rows may stand above the headings."""
_DELIMITERS = (",", ";", "\t", "|")
_MARKS = tuple(mark.encode() for mark in _DELIMITERS)
BATCH_SIZE = 1_000
"""Rows in a message ..."""
BATCH_BYTES = 1024 * 1024
"""... and so many bytes of the file, where its rows are long."""


def read(options: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The rows of a list and how it was read, as `services.ingest.files.messages` packs them.

    `options` is a `ReadOptions` in JSON. Raises `Unreadable` and `TooLarge`.
    """
    read_options = msgspec.json.decode(options, type=ReadOptions)
    cutting = Rows(read_options.columns, read_options.delimiter, read_options.own)
    waiting: list[Row] = []
    size = 0
    for chunk in chunks:
        size += len(chunk)
        for row in cutting.feed(chunk):
            waiting.append(row)
            if len(waiting) >= BATCH_SIZE:
                yield packed(waiting)
                waiting, size = [], 0
        if size >= BATCH_BYTES and waiting:
            yield packed(waiting)
            waiting, size = [], 0
    for row in cutting.end():
        waiting.append(row)
        if len(waiting) >= BATCH_SIZE:
            yield packed(waiting)
            waiting = []
    if waiting:
        yield packed(waiting)
    yield packed_end(ListSummary(cutting.format, cutting.mapping.by_heading() if cutting.mapping is not None else {}))


class Rows:
    """Cuts one file. `feed` chunks of it, then `end` it; both give the rows that are whole."""

    def __init__(self, own: Mapping[str, str], delimiter: str | None, own_fields: Collection[str] = ()) -> None:
        """`own` are the profile's columns, `delimiter` that of a CSV where it is known.

        `own_fields` are kept of a record in our own shape.
        """
        self._own = own
        self._own_fields = frozenset(own_fields)
        self._delimiter = delimiter
        self._pending = bytearray()
        self._scanned = 0
        self._quoted = False
        self._transcode: codecs.IncrementalDecoder | None = None
        self.format: Format | None = None
        self.mapping: columns.ColumnMapping | None = None
        self._above = 0

    def feed(self, chunk: bytes) -> Iterator[Row]:
        """The rows that end within `chunk`; raises `Unreadable` or `TooLarge` when it cannot be a list."""
        if self._transcode is not None:
            chunk = self._transcode.decode(chunk).encode()
        self._pending += chunk
        if self.format is None:
            if len(self._pending) < 8:
                return
            self._recognise()
        if self.format == "sheet":
            if len(self._pending) > MAX_SHEET:
                raise TooLarge(
                    bilingual(
                        "The spreadsheet is larger than {n} MB. Save it as CSV (UTF-8).",
                        "Bảng tính lớn hơn {n} MB. Lưu thành CSV (UTF-8).",
                        n=MAX_SHEET // 2**20,
                    )
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
            raise _headless()

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
        if len(record) > MAX_COLUMNS and max(map(record.count, _MARKS)) >= MAX_COLUMNS:
            if self.mapping is None:
                raise TooLarge(
                    bilingual(
                        "The file has more than {n} columns. Send the columns that are needed.",
                        "Tệp có hơn {n} cột. Chỉ gửi các cột cần thiết.",
                        n=MAX_COLUMNS,
                    )
                )
            yield _broken(f"The row has more than {MAX_COLUMNS} columns.", Reason.too_long)
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
        value = parsed(line)
        if isinstance(value, Faulty):
            return _broken(value.detail)
        if not isinstance(value, dict):
            return _broken("The line is no JSON object.", Reason.wrong_type)
        if "at" in value and "id" in value:
            return self._of_own(value)
        mapping = self.mapping
        if mapping is None or mapping.headings != tuple(value):
            mapping = columns.headings_of(list(value), self._own)
        if mapping is None:
            return _broken("The object has no name that is known for the dossier's code.", Reason.no_code)
        self.mapping = mapping
        return _mapped(mapping, list(value.values()))

    def _of_own(self, value: dict[str, object]) -> dict[str, object]:
        """A record's fields, and the name of one that is not known, for which the record is refused: its value stays here."""
        known = {name: one for name, one in value.items() if name in self._own_fields}
        if len(known) < len(value):
            stray = next(name for name in value if name not in known)
            known[printable(stray) or ""] = None
        return known

    def _of_cells(self, cells: Sequence[object]) -> Iterator[Row]:
        if self.mapping is None:
            self.mapping = columns.headings_of(cells, self._own)
            self._above += 1
            if self.mapping is None and self._above > HEADING_ROWS:
                raise _headless()
            return
        row = _mapped(self.mapping, cells)
        if row:
            yield row

    def _of_sheet(self, body: bytes) -> Iterator[Row]:
        # Only who reads a sheet waits for its libraries.
        from services.ingest.files.workbooks import cells_of

        for cells in cells_of(body, max_unpacked=MAX_UNPACKED):
            yield from self._of_cells([_cell(value) for value in cells])


def _headless() -> Unreadable:
    return Unreadable(
        bilingual(
            "No headings were found in the first {n} rows: a column for the dossier's code ('Mã hồ sơ') and one more are"
            " needed. Name yours in 'columns' of the source.",
            "Không tìm thấy tiêu đề cột trong {n} dòng đầu: cần cột mã hồ sơ ('Mã hồ sơ') và ít nhất một cột khác. Khai báo"
            " tên cột trong 'columns' của nguồn.",
            n=HEADING_ROWS,
        )
    )


def _mapped(mapping: columns.ColumnMapping, cells: Sequence[object]) -> dict[str, object]:
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


def _cut(text: str, delimiter: str) -> list[str]:
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return text.split(delimiter)
    return rows[0] if rows else []


def _best_cut(text: str, own: Mapping[str, str]) -> list[str]:
    """Cut by the delimiter that gives headings, or else the most cells."""
    cuts = sorted((_cut(text, mark) for mark in _DELIMITERS), key=len, reverse=True)
    return next((cells for cells in cuts if columns.headings_of(cells, own) is not None), cuts[0])


def _cell(value: object) -> object:
    return unicodedata.normalize("NFC", value).replace("\0", "\ufffd") if isinstance(value, str) else value
