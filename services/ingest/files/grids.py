"""Small tables as people hand them in: the cells of a CSV file or of the first sheet of a workbook."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from itertools import islice

from services.ingest.files.messages import packed_cells
from services.ingest.files.workbooks import cells_of
from shared.errors import Malformed, TooLarge
from shared.languages import Bilingual, bilingual
from shared.spreadsheets import unescape_formula

MAX_BYTES = 8 * 1024 * 1024
"""Bytes of a file; a province's catalogue is a tenth of that."""
_UNPACKED = 20 * MAX_BYTES
MAX_ROWS = 50_000
MAX_CELLS = 500_000
BATCH_SIZE = 1_000


def read(options: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The table in a file, a thousand rows to a message; `options` is b"csv" or b"xlsx".

    CSV may be UTF-8 or windows-1258 and separated by commas, semicolons or tabs. Raises `Unreadable`, `Malformed` and
    `TooLarge`.
    """
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
    table = _of_csv(bytes(body)) if options == b"csv" else cells_of(bytes(body), max_unpacked=_UNPACKED)
    rows = cells = 0
    while some := list(islice(table, BATCH_SIZE)):
        rows += len(some)
        cells += sum(map(len, some))
        if rows > MAX_ROWS or cells > MAX_CELLS:
            raise TooLarge(
                bilingual(
                    "The file has more than {rows} rows or {cells} cells. Leave out what is no part of it.",
                    "Tệp có hơn {rows} dòng hoặc {cells} ô. Bỏ phần không thuộc danh mục.",
                    rows=MAX_ROWS,
                    cells=MAX_CELLS,
                )
            )
        yield packed_cells([[unescape_formula(cell) if isinstance(cell, str) else cell for cell in row] for row in some])


def _of_csv(body: bytes) -> Iterator[list[str]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Older office software; its tone marks stand apart from their letters.
        text = unicodedata.normalize("NFC", body.decode("cp1258", errors="replace"))
    if "\0" in text:
        raise Malformed(
            Bilingual(
                "The file holds the character U+0000: it is no CSV file in UTF-8 or windows-1258.",
                "Tệp chứa ký tự U+0000: không phải tệp CSV theo UTF-8 hoặc windows-1258.",
            )
        )
    head = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        yield from csv.reader(io.StringIO(text), delimiter=delimiter)
    except csv.Error as error:
        raise Malformed(
            bilingual(
                "The CSV file cannot be read: {error}.",
                "Không đọc được tệp CSV: {error}.",
                error=error,
            )
        ) from error
