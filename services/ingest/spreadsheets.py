"""Tables that people hand in and take away: CSV and XLSX to rows, read in a child process, and rows to CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence

from services.ingest.reading.grids import FORMULA
from services.ingest.reading.messages import unpacked_cells
from shared.errors import UnsupportedMedia
from shared.sandbox.parent import Sandbox

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_READ = "services.ingest.reading.grids:read"
_ORDERS = {CSV: b"csv", XLSX: b"xlsx"}


async def grid_of(sandbox: Sandbox, pieces: AsyncIterator[bytes], media_type: str) -> list[list[object]]:
    """The cells of a CSV file or of the first sheet of an XLSX file.

    Raises `UnsupportedMedia`, `Malformed`, `Unreadable`, `TooLarge` and `Unavailable`.
    """
    if media_type not in _ORDERS:
        raise UnsupportedMedia(f"{media_type or 'No media type'} is not taken here. Send application/json, {CSV} or {XLSX}.")
    grid: list[list[object]] = []
    async with sandbox.child(_READ, _ORDERS[media_type]) as child:
        async for message in child.messages(pieces):
            grid += unpacked_cells(message)
    return grid


def to_csv(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    """Rows as a CSV file in UTF-8 with its mark, which spreadsheets need; no cell of it can become a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_guarded(row[column]) for column in columns] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
