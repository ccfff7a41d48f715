"""Small tables as people hand them in, such as a catalogue: cut by the same readers as lists, and held whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import msgspec

from services.ingest.files import texts
from services.ingest.files.classification import filled_cells, is_repeated_heading, numbers_columns
from services.ingest.files.grids import Grid, GridRow, Head, first_rows, head_of
from services.ingest.files.headings import ColumnMapping, Vocabulary, disagrees, unwrapped
from services.ingest.files.lines import Cutter
from services.ingest.files.messages import TableRow, TableSummary, packed_rows, packed_table_end
from services.ingest.files.rows import format_of, grids_of
from shared.errors import Invalid, Malformed, TooLarge
from shared.languages import Bilingual, bilingual
from shared.spreadsheets import unescape_formula

MAX_BYTES = 8 * 1024 * 1024
"""Bytes of a file; a province's catalogue is a tenth of that."""
_UNPACKED = 20 * MAX_BYTES
MAX_ROWS = 50_000
MAX_CELLS = 500_000
BATCH_SIZE = 1_000


class TableOptions(msgspec.Struct, frozen=True):
    """How a table is to be read."""

    headings: dict[str, list[str]]
    """Headings by column."""


def read(options: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The rows of a table, a thousand to a message, and what was not understood.

    `options` is a `TableOptions` in JSON. What the file is, its encoding and its delimiter are found as for lists. Raises
    `Unreadable`, `Malformed`, `Invalid` and `TooLarge`.
    """
    words = Vocabulary(msgspec.json.decode(options, type=TableOptions).headings, {}, None)
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > MAX_BYTES:
            raise TooLarge(
                bilingual(
                    "The file is larger than {n} bytes. Leave out what is no part of the catalogue.",
                    "Tệp lớn hơn {n} byte. Bỏ phần không thuộc danh mục.",
                    n=MAX_BYTES,
                )
            )
    format = format_of(bytes(body[:4096]))
    grids = (
        grids_of(bytes(body), format, max_unpacked=_UNPACKED)
        if format not in ("csv", "ndjson")
        else iter((Grid("", False, _of_text(bytes(body), words)),))
    )
    unknown: dict[str, None] = {}
    waiting: list[TableRow] = []
    rows = cells = 0
    for grid in grids:
        if grid.hidden:
            continue
        first = first_rows(grid.rows)
        head = head_of([row.cells for row in first], words)
        if head is None:
            continue
        unknown |= dict.fromkeys(
            heading for heading, field in zip(head.mapping.headings, head.mapping.fields, strict=True) if heading and not field
        )
        for number, values in _below(head, first, grid.rows, words, moved=format == "csv"):
            rows += 1
            cells += len(values)
            if rows > MAX_ROWS or cells > MAX_CELLS:
                raise TooLarge(
                    bilingual(
                        "The file has more than {rows} rows or {cells} cells. Leave out what is no part of it.",
                        "Tệp có hơn {rows} dòng hoặc {cells} ô. Bỏ phần không thuộc danh mục.",
                        rows=MAX_ROWS,
                        cells=MAX_CELLS,
                    )
                )
            waiting.append(TableRow(number, values))
            if len(waiting) >= BATCH_SIZE:
                yield packed_rows(waiting)
                waiting = []
    if waiting:
        yield packed_rows(waiting)
    yield packed_table_end(TableSummary(list(unknown)))


def _below(
    head: Head, first: Sequence[GridRow], further: Iterator[GridRow], words: Vocabulary, *, moved: bool
) -> Iterator[tuple[int, dict[str, object]]]:
    """The rows below the headings by column; `moved`: a cell beyond the headings shows that cells were moved."""
    mapping = head.mapping
    for index, (number, cells) in enumerate(chain(first, further)):
        if index < head.end:
            continue
        filled = filled_cells(cells)
        if disagrees(mapping, cells, words):
            raise Invalid(
                bilingual(
                    "Row {number} holds headings of other columns than those above. Send the rows below it as another file.",
                    "Dòng {number} là tiêu đề có các cột khác với tiêu đề phía trên. Gửi các dòng bên dưới thành tệp riêng.",
                    number=number,
                )
            )
        if not filled or is_repeated_heading(filled, mapping.rows) or numbers_columns(filled):
            continue
        if moved and filled[-1][0] >= mapping.width:
            raise Invalid(
                bilingual(
                    "Row {number} has a filled cell to the right of the last heading. Quote the text that holds the delimiter,"
                    " or save the table as XLSX.",
                    "Dòng {number} có ô dữ liệu nằm ngoài các cột có tiêu đề. Đặt nội dung có dấu phân cách trong dấu ngoặc"
                    " kép, hoặc lưu bảng thành XLSX.",
                    number=number,
                )
            )
        yield number, _values(mapping, cells)


def _values(mapping: ColumnMapping, cells: Sequence[object]) -> dict[str, object]:
    found: dict[str, object] = {}
    for field, places in mapping.columns:
        for place in places:
            if place < len(cells) and cells[place] not in ("", None):
                value = cells[place]
                found[field] = unwrapped(unescape_formula(value)) if isinstance(value, str) else value
                break
    return found


def _of_text(body: bytes, words: Vocabulary) -> Iterator[GridRow]:
    blocks = texts.LineBlocks(body[:4096])
    texts.require_narrow(body)
    raw = b"\n".join(part for part in (*blocks.feed(body), *blocks.end()) if part is not None)
    if b"\0" in raw:
        raise Malformed(
            Bilingual(
                "The file holds the character U+0000: it is no CSV file.",
                "Tệp chứa ký tự U+0000: không phải tệp CSV.",
            )
        )
    found = texts.text_head(raw[: texts.HEAD_BYTES], None, words)
    if found is None:
        return
    cutter = Cutter(found.delimiter)
    for row in (*cutter.feed(found.decoder.decode(raw).split("\n")), *cutter.end()):
        yield GridRow(row.line, row.cells)
