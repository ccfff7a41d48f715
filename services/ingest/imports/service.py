"""Importing: a file is read while it arrives, in batches that each have their effect and their progress in one transaction.

A child process cuts the file into rows (`services.ingest.files`); what a row says is decided here. Nothing of the file is
kept but its mapped columns, as events. An import that was cut off, or whose reader died, is resumed by sending the same file
again: rows that were counted are passed over. Rows are identified by what they say, so sending a file twice is harmless anyway.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers.duplicates import with_earlier_ids
from services.ingest.dossiers.service import IntakeCounts, apply_batch_isolated
from services.ingest.dossiers.unmapped import Unmapped, UnmappedCode, add_counts, list_unmapped
from services.ingest.events.model import Batch, Event, Rejected, Withheld
from services.ingest.events.reasons import wording
from services.ingest.files.messages import Format, ListSummary, ReadOptions, Row, unpacked
from services.ingest.imports import store as imports_store
from services.ingest.imports.store import ImportRow
from services.ingest.provinces import store as provinces_store
from services.ingest.sources.decoding import decoder
from services.ingest.sources.kinds import own
from services.ingest.sources.model import FileSettings
from services.ingest.sources.settings import settings_of
from services.ingest.sources.store import SourceRow
from shared.database import Connection, Database
from shared.dossier import Channel, Status
from shared.errors import Conflict, NotFound, TooLarge, Unreadable
from shared.languages import bilingual
from shared.sandbox.parent import Child, ChildDied, Sandbox

BATCH_SIZE = 5_000
"""Rows per transaction."""
HEAD_BYTES = 64 * 1024
"""Bytes of a file's beginning by which it is known again."""
YIELD_EVERY = 500
"""Rows that are decoded before others may come in between."""
PREVIEW_ROWS = 20
PREVIEW_PROBLEMS = 200
_READER = "services.ingest.files.rows:read"


class UnreadableRow(msgspec.Struct, frozen=True):
    """A row that cannot be read."""

    row: int
    """Its place among the rows, counted from 1 below the headings."""
    code: str | None
    """Code of its dossier; null where it has none, or what stands there may be none."""
    reason: str
    """Why it cannot be read, as in quarantine."""
    detail: str
    """The field and what is wrong with it; then what that means, in Vietnamese."""


class RowRead(msgspec.Struct, frozen=True, omit_defaults=True):
    """A row as it is understood; what it says nothing of is left out."""

    code: str
    """Code of the dossier."""
    at: datetime
    """Of when the row is: its own time of change, else its newest date."""
    due_at: datetime | None = None
    """The due date as the list has it."""
    agency: str | None = None
    """Code of its agency, as the source writes it."""
    procedure: str | None = None
    """Code of its procedure without the suffix."""
    channel: Channel | None = None
    """How it came in."""
    digitised_intake: bool | None = None
    """Its papers were digitised when it was taken in."""
    digitised_result: bool | None = None
    """Its result was digitised."""
    fee_required: bool | None = None
    """A fee or charge is due for it."""
    fee_online: bool | None = None
    """The fee was paid online."""
    reused: bool | None = None
    """Papers that were digitised before were used again."""
    supplements: int | None = None
    """How often papers were asked for."""
    status: Status | None = None
    """Where it stands."""
    received_at: datetime | None = None
    """When it was received."""
    ended_at: datetime | None = None
    """When the source closed it."""
    delivered_at: datetime | None = None
    """When the result was handed over."""
    ready_at: datetime | None = None
    """When the result was ready, where that is known apart from `ended_at`."""


class Rehearsal(msgspec.Struct):
    """What an import would do, without doing it."""

    format: Format | None = None
    """What it was read as; null: nothing came."""
    columns: dict[str, str | None] = {}
    """Field by heading; null: the column is dropped."""
    rows: int = 0
    """Rows below the headings."""
    readable: int = 0
    """Rows that an import would take in."""
    first: list[RowRead] = []
    """The first rows as they are understood."""
    reasons: dict[str, int] = {}
    """Rows that cannot be read, by reason."""
    problems: list[UnreadableRow] = []
    """The first of them, one by one."""


async def rehearse(sandbox: Sandbox, source: SourceRow, chunks: AsyncIterator[bytes], now: datetime) -> Rehearsal:
    """Read a whole file and say how each row is understood; raises as `import_file` does."""
    decode = decoder(source, now)
    seen = Rehearsal()
    reasons: Counter[str] = Counter()
    async with sandbox.child(_READER, _options(source)) as child:
        async for message in child.messages(chunks):
            decoded = _decode_message(message)
            if isinstance(decoded, ListSummary):
                seen.format, seen.columns = decoded.format, decoded.columns
                continue
            for row in decoded:
                seen.rows += 1
                read = row if isinstance(row, Rejected) else decode(row)
                if isinstance(read, Event):
                    seen.readable += 1
                    if len(seen.first) < PREVIEW_ROWS:
                        seen.first.append(_row_read(read))
                else:
                    read = _without_content(read, seen.rows)
                    reasons[read.reason.value] += 1
                    if len(seen.problems) < PREVIEW_PROBLEMS:
                        detail = f"{read.detail} {wording(read.reason).vi}"
                        seen.problems.append(UnreadableRow(seen.rows, read.code, read.reason.value, detail))
            await asyncio.sleep(0)
    seen.reasons = dict(reasons)
    return seen


class ImportResult(NamedTuple):
    """A file that was taken in."""

    row: ImportRow
    unmapped: list[Unmapped]
    """Agencies and procedures of its accepted rows that the catalogue does not know; of a file that goes on, of the rest."""


async def import_file(
    database: Database,
    rulesets: RulesetCache,
    sandbox: Sandbox,
    source: SourceRow,
    chunks: AsyncIterator[bytes],
    now: datetime,
    *,
    resume: int | None = None,
    notify: Callable[[], Awaitable[object]],
    began: Callable[[int], None] = lambda number: None,
) -> ImportResult:
    """Take a file in; `began` is called with the import's number as soon as there is one.

    Raises `NotFound` when `resume` names no import of this source, `Conflict` when it is one of another file, `Unreadable` or
    `TooLarge` when it is no file of rows, `ChildDied` when its reader did, and `Unavailable` when too many are being read.
    """
    decode = decoder(source, now)
    async with sandbox.child(_READER, _options(source)) as child:
        head, chunks = await _beginning(chunks)
        plan = await database.run(lambda tx: _opened(tx, source, resume, head))
        number, passed_over = plan.id, plan.row_count
        began(number)
        arrived = plan.arrived.isoformat()
        rows_read = 0
        unmapped: Mapping[UnmappedCode, int] = {}
        try:
            async for rows in _batches(child, chunks):
                skipped = min(max(passed_over - rows_read, 0), len(rows))
                rows_read += skipped
                if skipped == len(rows):
                    continue
                batch = await _read(rows[skipped:], decode, arrived, rows_read)
                counts = await _stored(database, rulesets, source, number, rows_read, batch)
                rows_read += batch.served
                unmapped = add_counts(unmapped, counts.unmapped)
                if counts.versions:
                    await notify()
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
        except (Unreadable, TooLarge) as error:
            reason = error.detail
            await database.run(lambda tx: imports_store.close_import(tx, number, "failed", reason))
            raise
        except BaseException as error:
            cause = "the sender went away" if isinstance(error, asyncio.CancelledError) else type(error).__name__
            sentence = f"Cut off after {max(rows_read, passed_over)} rows ({cause}): send the file again with resume={number}."
            await asyncio.shield(database.run(lambda tx: imports_store.close_import(tx, number, "interrupted", sentence)))
            raise
    await database.run(lambda tx: imports_store.close_import(tx, number, "complete"))
    async with database.connection() as connection:
        done = await imports_store.imported(connection, number)
    assert done is not None
    return ImportResult(done, list_unmapped(unmapped, rulesets.loaded(source.province)) if unmapped else [])


def _options(source: SourceRow) -> bytes:
    settings = settings_of(source)
    assert isinstance(settings, FileSettings), "its kind comes in files"
    return msgspec.json.encode(ReadOptions(settings.columns, settings.delimiter, tuple(own.FIELDS)))


async def _beginning(chunks: AsyncIterator[bytes]) -> tuple[bytes, AsyncIterator[bytes]]:
    """The head of a file, and the whole of it."""
    came: list[bytes] = []
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


async def _opened(tx: Connection, source: SourceRow, resume: int | None, head: bytes) -> ImportRow:
    digest = blake2b(head, digest_size=16).digest()
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
    return known


async def _batches(child: Child, chunks: AsyncIterator[bytes]) -> AsyncIterator[list[Row]]:
    """Rows of the file, some `BATCH_SIZE` at a time; a batch never waits for more than its own rows."""
    waiting: list[Row] = []
    async for message in child.messages(chunks):
        decoded = _decode_message(message)
        if isinstance(decoded, ListSummary):
            continue
        waiting += decoded
        if len(waiting) >= BATCH_SIZE:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _decode_message(message: bytes) -> list[Row] | ListSummary:
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


def _without_content(read: Rejected, row: int) -> Rejected:
    """Of a row that holds no code only the reason and its place are kept: it may be the line for the signature."""
    if read.withheld is None:
        return read
    detail = f"Row {row} does not hold a dossier's code where one belongs."
    return Rejected(read.reason, detail, {}, None, Withheld(f"{row} {read.withheld.text}"))


async def _read(rows: list[Row], decode: Callable[[object], Event | Rejected], arrived: str, rows_read: int) -> Batch:
    batch = Batch([], [])
    for number, row in enumerate(rows, start=1):
        read = row if isinstance(row, Rejected) else decode({**row, "_arrived": arrived})
        if isinstance(read, Event):
            batch.events.append(read)
        else:
            batch.rejected.append(_without_content(read, rows_read + number))
        if not number % YIELD_EVERY:
            await asyncio.sleep(0)
    return batch


async def _stored(
    database: Database, rulesets: RulesetCache, source: SourceRow, number: int, rows_read: int, batch: Batch
) -> IntakeCounts:
    name, province = source.name, source.province

    async def effect(tx: Connection) -> IntakeCounts:
        await provinces_store.lock(tx, province)
        same = Batch(await with_earlier_ids(tx, province, batch.events), batch.rejected)
        counts = await apply_batch_isolated(tx, province, name, same, rulesets)
        counted = await imports_store.count_rows(
            tx,
            number,
            after=rows_read,
            rows=batch.served,
            accepted=counts.accepted,
            known=counts.known,
            superseded=counts.superseded,
            quarantined=counts.quarantined,
        )
        if not counted:
            # The answer to a commit was lost, or the file is sent twice at once.
            now_at = await imports_store.imported(tx, number)
            if now_at is None or now_at.row_count != rows_read + batch.served:
                raise Conflict(
                    bilingual(
                        "Import {n} is being sent by somebody else. Wait until that ends.",
                        "Lượt nhập {n} đang được người khác gửi. Chờ lượt đó kết thúc.",
                        n=number,
                    )
                )
        return counts

    return await database.run(effect)


def _row_read(event: Event) -> RowRead:
    parts = [msgspec.structs.asdict(part) for part in (event.about, event.course) if part is not None]
    return RowRead(event.code, event.at, event.due_at, **{name: value for part in parts for name, value in part.items()})
