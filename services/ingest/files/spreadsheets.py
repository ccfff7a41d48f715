"""Tables that people hand in: CSV and XLSX to rows, read in a child process."""

from __future__ import annotations

from collections.abc import AsyncIterator

from services.ingest.files.messages import unpacked_cells
from shared.errors import UnsupportedMedia
from shared.sandbox.parent import Sandbox
from shared.spreadsheets import CSV, XLSX

_READ = "services.ingest.files.grids:read"
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
