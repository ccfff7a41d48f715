"""Tables that people hand in: CSV and XLSX to rows, read in a child process."""

from __future__ import annotations

from collections.abc import AsyncIterator

from services.ingest.files.messages import unpacked_cells
from shared.errors import UnsupportedMedia
from shared.languages import Bilingual, bilingual
from shared.sandbox.parent import Sandbox
from shared.spreadsheets import CSV, XLSX

_READ = "services.ingest.files.grids:read"
_ORDERS = {CSV: b"csv", XLSX: b"xlsx"}


async def grid_of(sandbox: Sandbox, chunks: AsyncIterator[bytes], media_type: str) -> list[list[object]]:
    """The cells of a CSV file or of the first sheet of an XLSX file.

    Raises `UnsupportedMedia`, `Malformed`, `Unreadable`, `TooLarge` and `Unavailable`.
    """
    if media_type not in _ORDERS:
        raise UnsupportedMedia(
            bilingual(
                "{given} is not accepted here. Send application/json, {csv} or {xlsx}.",
                "{given} không được nhận. Gửi application/json, {csv} hoặc {xlsx}.",
                given=media_type or Bilingual("No media type", "Nội dung không ghi kiểu dữ liệu,"),
                csv=CSV,
                xlsx=XLSX,
            )
        )
    grid: list[list[object]] = []
    async with sandbox.child(_READ, _ORDERS[media_type]) as child:
        async for message in child.messages(chunks):
            grid += unpacked_cells(message)
    return grid
