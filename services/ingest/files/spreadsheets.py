"""Tables that people hand in: CSV and workbooks to rows, read in a child process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from services.ingest.files.messages import TableSummary, unpacked_rows
from services.ingest.files.tables import TableOptions
from shared.errors import UnsupportedMedia
from shared.languages import Bilingual, bilingual
from shared.sandbox.parent import Sandbox
from shared.spreadsheets import CSV, XLSX, save_as_xlsx

_READ = "services.ingest.files.tables:read"
XLS = "application/vnd.ms-excel"
_ACCEPTED = (CSV, XLSX, XLS)


class Table(NamedTuple):
    """A table as it was read."""

    rows: list[dict[str, object]]
    """Cells by column."""
    unknown: list[str]
    """Headings that are not known."""


async def table_of(
    sandbox: Sandbox, chunks: AsyncIterator[bytes], media_type: str, columns: Sequence[str], headings: Mapping[str, str]
) -> Table:
    """The rows of a CSV file, or of the visible sheets of a workbook that have the headings; no such headings: no rows.

    A row of headings names two `columns`, by their own names or by `headings` (heading to column). Raises `UnsupportedMedia`,
    `Malformed`, `Invalid`, `Unreadable`, `TooLarge` and `Unavailable`.
    """
    if media_type not in _ACCEPTED:
        raise UnsupportedMedia(
            bilingual(
                "{given} is not accepted here. Send application/json, {csv} or {xlsx}.{workbook}",
                "{given} không được nhận. Gửi application/json, {csv} hoặc {xlsx}.{workbook}",
                given=media_type or Bilingual("No media type", "Nội dung không ghi kiểu dữ liệu,"),
                csv=CSV,
                xlsx=XLSX,
                workbook=save_as_xlsx(media_type),
            )
        )
    known = {column: [heading for heading, named in headings.items() if named == column] for column in columns}
    table = Table([], [])
    async with sandbox.child(_READ, msgspec.json.encode(TableOptions(known))) as child:
        async for message in child.messages(chunks):
            decoded = unpacked_rows(message)
            if isinstance(decoded, TableSummary):
                table.unknown.extend(decoded.unknown)
            else:
                table.rows.extend(row.values for row in decoded)
    return table
