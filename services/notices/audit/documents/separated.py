"""Values with a sign between them (CSV), as spreadsheets export them: a table, rows of one value are paragraphs. Pure."""

from __future__ import annotations

import csv
import io

from services.notices.audit.documents.bounds import MAX_CHARACTERS, check_cells
from services.notices.audit.documents.model import Document, DocumentBuilder

csv.field_size_limit(MAX_CHARACTERS)  # a longer text is none that is read
_SIGNS = (";", "\t", ",", "|")


def read_separated(text: str) -> Document:
    """The document of a CSV text; raises `TooLarge`."""
    builder = DocumentBuilder()
    table: list[list[str]] = []
    for row in [*csv.reader(io.StringIO(text), delimiter=_sign(text)), []]:
        cells = [cell.strip() for cell in row]
        if sum(map(bool, cells)) > 1:
            table.append(cells)
            continue
        if table and (len(cells) < 2 or not any(cells)):
            _end(table, builder)
            table = []
        elif table:
            table.append(cells)  # a heading within the table
            continue
        for cell in filter(None, cells):
            builder.paragraph(cell)
    return builder.build()


def _end(table: list[list[str]], builder: DocumentBuilder) -> None:
    width = max(map(len, table))
    check_cells(width * len(table))
    builder.table([[*row, *[""] * (width - len(row))] for row in table])


def _sign(text: str) -> str:
    """What stands between the values: the sign that most lines have as often as one another; commas may be those of figures."""
    lines = [line for line in text.splitlines()[:200] if line.strip()]

    def agreeing(sign: str) -> int:
        counts = [line.count(sign) for line in lines if sign in line]
        return max(map(counts.count, counts), default=0)

    return max(_SIGNS, key=lambda sign: (agreeing(sign), -_SIGNS.index(sign)))
