"""Lists cut into rows while they arrive, each line of the file in exactly one of them.

    bytes -> container and encoding -> sheet, or delimiter -> grid of cells with their places -> headings -> columns
          -> each row is one of the list, is set aside with its reason, or is passed over as what it is, such as a total

`lines` of the file = rows of the list + `skipped` lines, always. A workbook cannot be read from its beginning, so it is held in
memory, and refused above a size at which it should be CSV.

Columns that are not mapped are dropped here, so what they hold never leaves the child process.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain

import msgspec

from services.ingest.files.classification import RowKind
from services.ingest.files.delimited import DelimitedText
from services.ingest.files.encodings import composed, tcvn3_of_western
from services.ingest.files.grids import Grid, Head, first_rows, head_of
from services.ingest.files.headings import KNOWN_HEADINGS, Vocabulary
from services.ingest.files.json_lines import JsonLines
from services.ingest.files.mapped import ListRow, MappedRows, kind_above
from services.ingest.files.messages import Format, ListSummary, ReadOptions, Row, RowBatch, SheetRead, packed, packed_end
from services.ingest.files.refusals import FOREIGN, foreign_file, no_headings
from services.ingest.files.tally import Tally
from shared.errors import TooLarge
from shared.languages import Bilingual, bilingual

MAX_SHEET = 16 * 1024 * 1024
"""Largest XLSX or XLS in bytes ..."""
MAX_UNPACKED = 80 * 1024 * 1024
"""... and unpacked, some hundred thousand rows, which take twice that in memory: a bomb is seen in its table of contents."""
SNIFFED = 4_096
"""Bytes by which it shows what a file is."""
MAX_SHEETS = 200
"""Sheets that are listed."""
BATCH_SIZE = 1_000
"""Rows in a message ..."""
BATCH_BYTES = 1024 * 1024
"""... and so many bytes of the file, where its rows are long."""


def read(options: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The rows of a list and how it was read, as `services.ingest.files.messages` packs them.

    `options` is a `ReadOptions` in JSON. Raises `Unreadable` and `TooLarge`.
    """
    read_options = msgspec.json.decode(options, type=ReadOptions)
    cutting = Rows(read_options.columns, read_options.delimiter, read_options.own, read_options.known)
    lines: list[int] = []
    rows: list[Row] = []
    sheet: str | None = None
    size = 0
    for chunk in chain(chunks, (None,)):
        size += len(chunk or b"")
        for one in cutting.end() if chunk is None else cutting.feed(chunk):
            if rows and (len(rows) >= BATCH_SIZE or cutting.sheet != sheet):
                yield packed(RowBatch(sheet, lines, rows))
                lines, rows, size = [], [], 0
            sheet = cutting.sheet
            lines.append(one.line)
            rows.append(one.row)
        if rows and (size >= BATCH_BYTES or chunk is None):
            yield packed(RowBatch(sheet, lines, rows))
            lines, rows, size = [], [], 0
    yield packed_end(cutting.summary())


class Rows:
    """Cuts one file. `feed` chunks of it, then `end` it; both give the rows that are whole."""

    def __init__(
        self,
        own: Mapping[str, str],
        delimiter: str | None,
        own_fields: Collection[str] = (),
        known: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """`own` are the profile's columns, `delimiter` that of a CSV where it is known.

        `own_fields` are kept of a record in our own shape. `known`: headings by field of a list that is none of dossiers.
        """
        self._words = Vocabulary(known or KNOWN_HEADINGS, own, "code")
        self._own_fields = frozenset(own_fields)
        self._delimiter = delimiter
        self._pending = bytearray()
        self._text: DelimitedText | None = None
        self._json: JsonLines | None = None
        self._lines = 0
        self._tally = Tally()
        self._sheets: list[SheetRead] = []
        self.format: Format | None = None

    @property
    def sheet(self) -> str | None:
        """Name of the sheet that is being read."""
        return self._tally.sheet

    def feed(self, chunk: bytes) -> Iterator[ListRow]:
        """The rows that end within `chunk`; raises `Unreadable` or `TooLarge` when it cannot be a list."""
        if self.format is None:
            self._pending += chunk
            if len(self._pending) < SNIFFED:
                return
            chunk = self._recognise()
        yield from self._go_on(chunk)

    def end(self) -> Iterator[ListRow]:
        """The last rows; raises `Unreadable` when there were no headings."""
        if self.format is None:
            yield from self._go_on(self._recognise())
        if self._text is not None:
            yield from self._text.end()
            self._lines = self._text.lines
        elif self._json is not None:
            yield from self._json.end()
            self._lines = self._json.lines
        else:
            body = bytes(self._pending)
            self._pending.clear()
            yield from self._of_sheets(body)

    def summary(self) -> ListSummary:
        """How the file was read, after its end."""
        text = self._text
        return ListSummary(
            format=self.format,
            columns=self._tally.columns,
            sheets=self._sheets[:MAX_SHEETS],
            delimiter=text.delimiter if text is not None else None,
            encodings=text.encodings if text is not None else [],
            duplicates=self._tally.duplicates(),
            lines=self._lines,
            skipped=dict(self._tally.skipped),
            skipped_rows=self._tally.skipped_rows,
        )

    def _go_on(self, chunk: bytes) -> Iterator[ListRow]:
        if self._text is not None:
            yield from self._text.feed(chunk)
        elif self._json is not None:
            yield from self._json.feed(chunk)
        else:
            self._pending += chunk
            if len(self._pending) > MAX_SHEET:
                raise TooLarge(
                    bilingual(
                        "The spreadsheet is larger than {n} MB. Save it as CSV (UTF-8).",
                        "Bảng tính lớn hơn {n} MB. Lưu thành CSV (UTF-8).",
                        n=MAX_SHEET // 2**20,
                    )
                )

    def _recognise(self) -> bytes:
        """Find out what the file is by its beginning, which is given back to be read."""
        head = bytes(self._pending)
        self._pending.clear()
        self.format = format_of(head)
        if self.format == "csv":
            self._text = DelimitedText(self._tally, head, self._delimiter, self._words)
        elif self.format == "ndjson":
            self._json = JsonLines(self._tally, head, self._words, self._own_fields)
        return head

    def _of_sheets(self, body: bytes) -> Iterator[ListRow]:
        for grid in grids_of(body, self.format, max_unpacked=MAX_UNPACKED):
            if grid.hidden:
                self._sheets.append(SheetRead(grid.name, False, "hidden"))
                continue
            first = first_rows(grid.rows)
            western = False
            head = head_of([row.cells for row in first], self._words)
            if head is None:
                head = head_of([[_western(cell) for cell in row.cells] for row in first], self._words)
                western = head is not None
            if head is None:
                empty = not any(cell not in ("", None) for row in first for cell in row.cells)
                self._sheets.append(SheetRead(grid.name, False, "empty" if empty else "no_headings"))
                continue
            self._tally.sheet = grid.name
            self._tally.understood(head.mapping)
            count = 0
            for row in self._of_grid(grid, head, western, [(row.number, row.cells) for row in first]):
                count += 1
                yield row
            self._sheets.append(SheetRead(grid.name, True, None, count))
        if not any(sheet.read for sheet in self._sheets):
            raise no_headings(self._words, self._sheets)

    def _of_grid(self, grid: Grid, head: Head, western: bool, first: list[tuple[int, Sequence[object]]]) -> Iterator[ListRow]:
        reading = MappedRows(self._tally, head.mapping, self._words, since_1904=grid.since_1904)
        before = 0
        for index, (number, cells) in enumerate(chain(first, grid.rows)):
            self._lines += number - before
            if number - before > 1:
                self._tally.skip(RowKind.blank, before + 1, number - before - 1)
            before = number
            if index < head.end:
                self._tally.skip(kind_above(cells, index, head), number)
                continue
            ready = [_western(value) if western else _cell(value) for value in cells]
            row = reading.row(number, ready)
            if row is not None:
                yield row


def format_of(head: bytes) -> Format:
    """What a file is by its beginning; raises `Unreadable` for what is known to be no list."""
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return "sheet"
    from services.ingest.files import markup

    text = head
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head[: len(head) // 2 * 2].decode("utf-16", "replace").encode()
    text = text.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        if markup.is_spreadsheet_xml(text):
            return "xml"
        if markup.is_html(text):
            return "html"
        raise foreign_file(Bilingual("an XML document that is no spreadsheet", "tài liệu XML không phải bảng tính"))
    for mark, what in FOREIGN.items():
        if text.startswith(mark):
            raise foreign_file(what)
    return "ndjson" if text[:1] == b"{" else "csv"


def grids_of(body: bytes, format: Format | None, *, max_unpacked: int) -> Iterator[Grid]:
    """The sheets of a workbook, or the tables of a page. Only who reads one waits for its libraries."""
    if format == "sheet":
        from services.ingest.files.workbooks import sheets_of

        return sheets_of(body, max_unpacked=max_unpacked)
    from services.ingest.files import markup

    return markup.sheets_of_xml(body) if format == "xml" else markup.tables_of_html(body)


def _western(value: object) -> object:
    return composed(tcvn3_of_western(value)) if isinstance(value, str) else value


def _cell(value: object) -> object:
    if isinstance(value, str):
        text = composed(value).replace("\0", "\ufffd")
        return text if text.strip() else ""
    return value
