"""Importing: a file is read while it arrives, in batches that each have their effect and their progress in one transaction.

A child process cuts the file into rows (`services.ingest.files`); what a row says is decided here. Nothing of the file is
kept but its mapped columns, as events. An import that was cut off, or whose reader died, is resumed by sending the same file
again: rows that were counted are passed over. Rows are identified by what they say, so sending a file twice is harmless anyway.

Lines of the file = rows of the list + lines that were passed over; rows = accepted + known + superseded + quarantined. Both
hold for every import that is complete, and the database refuses one for which they do not.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers.corrections import CodeCorrections, Correction
from services.ingest.dossiers.duplicates import with_earlier_ids
from services.ingest.dossiers.service import IntakeCounts, apply_batch_isolated
from services.ingest.dossiers.unmapped import Unmapped, UnmappedCode, add_counts, list_unmapped
from services.ingest.events.model import Batch, Event
from services.ingest.files.messages import DuplicateColumns, SheetRead
from services.ingest.imports import store as imports_store
from services.ingest.imports.reading import READER, DecodedRow, ListReading, TwoDateOrders, options_of
from services.ingest.imports.store import ImportRow
from services.ingest.imports.withdrawal import withdraw_file
from services.ingest.provinces.service import locked
from services.ingest.sources.decoding import reading_of
from services.ingest.sources.kinds.files.dates import DateOrder
from services.ingest.sources.store import readings
from services.ingest.sources.store.sources import SourceRow
from shared.database import Connection, Database
from shared.errors import Conflict, NotFound, TooLarge, Unreadable
from shared.languages import bilingual
from shared.sandbox.parent import ChildDied, Sandbox

HEAD_BYTES = 64 * 1024
"""Bytes of a file's beginning by which it is known again."""
MIN_RECOGNISED = 4096
"""Bytes of a text that was cut off by which its file is known when it comes anew. In less, lists of a source may be alike: they
have their headings in common. Archives (XLSX) may be for longer: such a file comes with `resume`."""
_ARCHIVES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


class ImportResult(NamedTuple):
    """What became of a file."""

    row: ImportRow
    unmapped: list[Unmapped]
    """Codes of accepted rows that the catalogue does not know; of a resumed import those of the rest."""
    corrected: Mapping[Correction, int]
    """Codes that a spreadsheet had shortened, with the rows that name them; of a resumed import those of the rest."""
    dates: list[DateOrder]
    """In which order dates were read."""
    sheets: list[SheetRead]
    """Sheets that were read, and those that were not."""
    duplicates: list[DuplicateColumns]
    """Fields that several columns name."""


async def import_file(
    database: Database,
    rulesets: RulesetCache,
    sandbox: Sandbox,
    source: SourceRow,
    chunks: AsyncIterator[bytes],
    now: datetime,
    *,
    resume: int | None = None,
    notify: Callable[[], Awaitable[None]],
    began: Callable[[int], None] = lambda number: None,
) -> ImportResult:
    """Take a file in; returns how it went. `notify` wakes whoever waits for versions, `began` is told the import's number.

    Raises `NotFound` and `Conflict` for an import that cannot be resumed, `Unreadable` and `TooLarge` for a file that cannot
    be read and `TwoDateOrders`, of which nothing is kept, `ChildDied` and what `chunks` raises after marking the import
    interrupted.
    """
    reading = ListReading(source, now)
    async with sandbox.child(READER, options_of(source)) as child:
        came: list[bytes] = []
        try:
            head, chunks = await _beginning(chunks, came)
        except (Unreadable, TooLarge):
            raise
        except BaseException as error:
            if came and resume is None:
                cause, beginning = _cause(error), b"".join(came)
                await asyncio.shield(database.run(lambda tx: _cut_off_at_once(tx, source, cause, beginning)))
            raise
        plan = await database.run(lambda tx: _opened(tx, source, resume, head))
        number, passed_over = plan.id, plan.row_count
        began(number)
        arrived = plan.arrived.isoformat()
        rows_read = 0
        totals = _Totals()
        try:
            async for rows in reading.batches(child, chunks):
                skipped = min(max(passed_over - rows_read, 0), len(rows))
                if skipped:
                    # Rows that are equal to one of these count as further ones.
                    await reading.decoded(rows[:skipped], rows_read, arrived)
                rows_read += skipped
                if skipped == len(rows):
                    continue
                batch = await reading.decoded(rows[skipped:], rows_read, arrived)
                counts = await _stored(database, rulesets, source, plan, rows_read, batch, totals, now)
                rows_read += len(batch)
                totals.unmapped = add_counts(totals.unmapped, counts.unmapped)
                if counts.versions:
                    await notify()
            assert reading.summary is not None, "the reader came to its end"
            summary = reading.summary
            rows_in_all = max(rows_read, passed_over)
            if not await database.run(
                lambda tx: imports_store.complete_import(tx, number, rows_in_all, summary.lines, summary.skipped)
            ):
                raise ReopenedImport.of(number)
        except ChildDied as error:
            counted = max(rows_read, passed_over)
            detail = bilingual(
                "{what} {counted} rows have been taken in: send the file again with resume={number} to go on.",
                "{what} Đã nhận {counted} dòng: gửi lại tệp kèm resume={number} để tiếp tục.",
                what=error.text,
                counted=counted,
                number=number,
            )
            await database.run(lambda tx: imports_store.close_import(tx, number, "interrupted", detail.en))
            raise ChildDied(detail) from error
        except ReopenedImport:
            raise  # who reopened it said so
        except (TwoDateOrders, Unreadable, TooLarge) as error:
            # It cannot come again as it is: the part that was taken in would pass for the whole for ever.
            await asyncio.shield(withdraw_file(database, rulesets, plan, error.detail))
            await notify()
            raise
        except BaseException as error:
            sentence = _cut_off(max(rows_read, passed_over), _cause(error), number)
            await asyncio.shield(database.run(lambda tx: imports_store.close_import(tx, number, "interrupted", sentence)))
            raise
    async with database.connection() as connection:
        done = await imports_store.imported(connection, number)
    assert done is not None
    unmapped = list_unmapped(totals.unmapped, rulesets.loaded(source.province)) if totals.unmapped else []
    return ImportResult(done, unmapped, totals.corrected, reading.date_orders, summary.sheets, summary.duplicates)


async def dismiss(tx: Connection, number: int, *, who: str, why: str) -> None:
    """Have the rest of an import that was cut off no longer awaited; raises `Conflict` for any other."""
    if not await imports_store.dismiss_import(tx, number, who=who, why=why):
        raise Conflict(
            bilingual(
                "Import {n} is not one that was cut off: nothing of it is awaited. Read its state: GET /v1/imports/{n}.",
                "Lượt nhập {n} không phải lượt bị ngắt: không còn chờ phần nào của tệp. Xem trạng thái: GET /v1/imports/{n}.",
                n=number,
            )
        )


class ReopenedImport(Conflict):
    """Rows that an import repeated of another one were taken out while it ran."""

    @classmethod
    def of(cls, number: int) -> ReopenedImport:
        """Of the import of this number."""
        return cls(
            bilingual(
                "Rows that import {n} repeated of another file were taken out with that, which cannot be read: send the file"
                " again with resume={n}.",
                "Các dòng mà lượt nhập {n} trùng với một tệp khác đã bị rút cùng tệp đó vì tệp đó không đọc được: gửi lại tệp"
                " với resume={n}.",
                n=number,
            )
        )


class _Totals:
    """What is told of a whole file."""

    def __init__(self) -> None:
        self.unmapped: Mapping[UnmappedCode, int] = {}
        self.corrected: Mapping[Correction, int] = {}


def _cause(error: BaseException) -> str:
    return "the sender went away" if isinstance(error, asyncio.CancelledError) else type(error).__name__


def _cut_off(rows: int, cause: str, number: int) -> str:
    return f"Cut off after {rows} rows ({cause}): send the file again with resume={number}."


async def _cut_off_at_once(tx: Connection, source: SourceRow, cause: str, came: bytes) -> None:
    """Record a file that was cut off in its beginning, by what came of it."""
    plan = await imports_store.open_import(tx, source.name, source.province)
    await imports_store.sign_import(tx, plan.id, _digest(came), head_size=len(came))
    await imports_store.close_import(tx, plan.id, "interrupted", _cut_off(0, cause, plan.id))


async def _beginning(chunks: AsyncIterator[bytes], came: list[bytes]) -> tuple[bytes, AsyncIterator[bytes]]:
    """The head of a file, and the whole of it; `came` has what arrived so far, also where it raises what `chunks` does."""
    size = 0
    async for chunk in chunks:
        came.append(chunk)
        size += len(chunk)
        if size >= HEAD_BYTES:
            break

    async def whole() -> AsyncIterator[bytes]:
        while came:
            yield came.pop(0)
        async for chunk in chunks:
            yield chunk

    return b"".join(came)[:HEAD_BYTES], whole()


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=16).digest()


async def _opened(tx: Connection, source: SourceRow, resume: int | None, head: bytes) -> ImportRow:
    await readings.begin(tx, source.name, reading_of(source))
    digest = _digest(head)
    for one in await imports_store.beginnings(tx, source.name):
        named = one.id == resume or (one.head_size >= MIN_RECOGNISED and not head.startswith(_ARCHIVES))
        if named and _digest(head[: one.head_size]) == one.head_digest:
            await imports_store.recognise(tx, one.id, digest)
    if resume is None:
        plan = await imports_store.open_import(tx, source.name, source.province)
        await imports_store.sign_import(tx, plan.id, digest)
        return plan
    known = await imports_store.imported(tx, resume)
    if known is None or known.source != source.name:
        raise NotFound(
            bilingual(
                "There is no import {n} of this source. GET /v1/imports lists them.",
                "Nguồn này không có lượt nhập {n}. Xem GET /v1/imports.",
                n=resume,
            )
        )
    if known.state == "complete":
        raise Conflict(
            bilingual(
                "Import {n} is complete. Begin a new one; what is known stays known.",
                "Lượt nhập {n} đã hoàn tất. Bắt đầu lượt mới; dữ liệu đã nhận vẫn giữ nguyên.",
                n=resume,
            )
        )
    if not await imports_store.sign_import(tx, resume, digest):
        raise Conflict(
            bilingual(
                "Import {n} was of another file. Send that file again, or begin a new import.",
                "Lượt nhập {n} là của tệp khác. Gửi lại đúng tệp đó, hoặc bắt đầu lượt nhập mới.",
                n=resume,
            )
        )
    await imports_store.resume_import(tx, resume)
    if known.head_digest is None:
        await imports_store.distrust_import(tx, resume)
        return known._replace(row_count=0)
    return known


async def _stored(
    database: Database,
    rulesets: RulesetCache,
    source: SourceRow,
    plan: ImportRow,
    rows_read: int,
    rows: Sequence[DecodedRow],
    totals: _Totals,
    now: datetime,
) -> IntakeCounts:
    name, province, number = source.name, source.province, plan.id
    read = [row.read for row in rows]
    events = [one for one in read if isinstance(one, Event)]
    rejected = [one for one in read if not isinstance(one, Event)]

    async def effect(tx: Connection) -> tuple[IntakeCounts, CodeCorrections]:
        row = await locked(tx, province)
        corrections = CodeCorrections(await rulesets.at(tx, province, row.catalogue))
        meant = [corrections.corrected(event) for event in events]
        same = list(await with_earlier_ids(tx, province, meant))
        batch = Batch(same, rejected, reading=reading_of(source), served_at=now, imported=number)
        counts = await apply_batch_isolated(tx, province, name, batch, rulesets, came_before=plan.arrived)
        counted = await imports_store.count_rows(
            tx,
            number,
            after=rows_read,
            rows=len(rows),
            accepted=counts.accepted,
            known=counts.known,
            superseded=counts.superseded,
            quarantined=counts.quarantined,
        )
        if not counted:
            # The answer to a commit was lost, or the file is sent twice at once.
            now_at = await imports_store.imported(tx, number)
            if now_at is not None and now_at.state == "interrupted" and not now_at.row_count:
                raise ReopenedImport.of(number)
            if now_at is None or now_at.row_count != rows_read + len(rows):
                raise Conflict(
                    bilingual(
                        "Import {n} is being sent by somebody else. Wait until that ends.",
                        "Lượt nhập {n} đang được người khác gửi. Chờ lượt đó kết thúc.",
                        n=number,
                    )
                )
        return counts, corrections

    counts, corrections = await database.run(effect)
    totals.corrected = add_counts(totals.corrected, corrections.counts)
    return counts
