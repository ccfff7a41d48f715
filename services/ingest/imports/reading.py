"""The rows of a file as its reader sends them, read one by one as the source says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from services.ingest.events.model import Event, Rejected
from services.ingest.events.repetitions import Repetitions
from services.ingest.files.messages import ListSummary, ReadOptions, Row, RowBatch, unpacked
from services.ingest.sources.decoding import decoder
from services.ingest.sources.kinds import own
from services.ingest.sources.kinds.files import RowDecoder
from services.ingest.sources.kinds.files.dates import DateOrder
from services.ingest.sources.model import FileSettings
from services.ingest.sources.settings import settings_of
from services.ingest.sources.store.sources import SourceRow
from shared.errors import Unreadable
from shared.languages import bilingual
from shared.sandbox.parent import Child

READER = "services.ingest.files.rows:read"
BATCH_SIZE = 5_000
"""Rows that are read, and stored, together."""
YIELD_EVERY = 500
"""Rows that are decoded before others may come in between."""


class PlacedRow(NamedTuple):
    """A row with its place in the file."""

    sheet: str | None
    line: int
    row: Row


class DecodedRow(NamedTuple):
    """A row as it was read."""

    number: int
    """Its place among the rows of the list, counted from 1."""
    sheet: str | None
    line: int
    read: Event | Rejected


class TwoDateOrders(Unreadable):
    """Dates of one column prove both orders of day and month, so none of its dates can be trusted."""


class ListReading:
    """Reads the rows of one file. The order of its dates is decided by the first batch; what comes later may disprove it."""

    def __init__(self, source: SourceRow, now: datetime) -> None:
        """Raises `SourceMisconfigured` for settings that cannot be read."""
        decode = decoder(source, now)
        assert isinstance(decode, RowDecoder), "its kind comes in files"
        self._decode = decode
        self._repetitions = Repetitions()
        self._settled = False
        self._rows = 0
        self.summary: ListSummary | None = None
        """How the file was read; None until its end."""

    @property
    def date_orders(self) -> list[DateOrder]:
        """In which order the dates of each column are read."""
        return self._decode.dates.settled()

    async def batches(self, child: Child, chunks: AsyncIterator[bytes]) -> AsyncIterator[list[PlacedRow]]:
        """Rows of the file, some `BATCH_SIZE` at a time."""
        waiting: list[PlacedRow] = []
        async for message in child.messages(chunks):
            decoded = _unpacked(message)
            if isinstance(decoded, ListSummary):
                self.summary = decoded
                continue
            sheet = decoded.sheet
            waiting += [PlacedRow(sheet, line, row) for line, row in zip(decoded.lines, decoded.rows, strict=True)]
            while len(waiting) >= BATCH_SIZE:
                batch, waiting = waiting[:BATCH_SIZE], waiting[BATCH_SIZE:]
                self._observe(batch)
                yield batch
        if waiting:
            self._observe(waiting)
            yield waiting

    async def decoded(self, rows: Sequence[PlacedRow], number: int, arrived: str) -> list[DecodedRow]:
        """Rows as they are read, the first of which is the one after `number`.

        Raises `TwoDateOrders` when the dates so far cannot all be in the order that was taken.
        """
        found: list[DecodedRow] = []
        decode = self._decode
        for placed in rows:
            number += 1
            row = placed.row
            if isinstance(row, dict):
                row["_arrived"] = arrived
                read = decode(row)
            else:
                read = row
            if isinstance(read, Rejected) and read.withheld is not None:
                read = _without_content(read, number, placed)
            if isinstance(read, Rejected):
                read = self._repetitions.numbered(read)
            found.append(DecodedRow(number, placed.sheet, placed.line, read))
            if not number % YIELD_EVERY:
                await asyncio.sleep(0)
        if self._decode.dates.contradicted is not None:
            raise _two_orders(self._decode.dates.contradicted)
        return found

    def _observe(self, rows: Sequence[PlacedRow]) -> None:
        if self._settled:
            return
        self._settled = True
        for placed in rows:
            if isinstance(placed.row, dict):
                self._decode.observe(placed.row)
        self._decode.dates.settle()


def file_settings(source: SourceRow) -> FileSettings:
    """The settings of a source whose files are read."""
    settings = settings_of(source)
    assert isinstance(settings, FileSettings), "its kind comes in files"
    return settings


def options_of(source: SourceRow) -> bytes:
    """What the reader of a file of `source` is told."""
    settings = file_settings(source)
    return msgspec.json.encode(ReadOptions(settings.columns, settings.delimiter, tuple(own.FIELDS)))


def _unpacked(message: bytes) -> RowBatch | ListSummary:
    try:
        return unpacked(message)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Unreadable(
            bilingual(
                "The reader of the file gave no rows ({error}).",
                "Lỗi khi đọc các dòng của tệp ({error}).",
                error=type(error).__name__,
            )
        ) from error


def _without_content(read: Rejected, number: int, placed: PlacedRow) -> Rejected:
    """Of a row that holds no code only the reason and its place are kept: it may be the line for the signature."""
    assert read.withheld is not None, "it holds what nobody may see"
    # What the reader of the file set aside has its own reason; its digest is all that came of it.
    why = read.detail if placed.row is read else "does not hold a dossier's code where one belongs."
    colon = ":" if placed.row is read else ""
    detail = f"Row {number} (line {placed.line}){colon} {why}"
    return msgspec.structs.replace(read, detail=detail)


def _two_orders(field: str) -> TwoDateOrders:
    return TwoDateOrders(
        bilingual(
            "The dates of {field} prove both orders, dd/mm and mm/dd, so days and months may be exchanged. Nothing of this file"
            " is kept. Set 'dates' of the source to `dd/mm` or `mm/dd`, or correct the dates, and send it again.",
            "Cột {field} có cả ngày theo dd/mm và mm/dd nên ngày, tháng có thể bị đảo. Không giữ lại dữ liệu nào của tệp này."
            " Đặt 'dates' của nguồn là `dd/mm` hoặc `mm/dd`, hoặc sửa các ngày, rồi gửi lại.",
            field=field,
        )
    )
