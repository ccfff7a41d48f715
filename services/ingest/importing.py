"""Importing: a file is read while it arrives, in batches that each have their effect and their progress in one transaction.

Nothing of the file is kept but its mapped columns, as events. An import that was cut off is resumed by sending the same file
again: rows that were counted are passed over. Rows are identified by what they say, so sending a file twice is harmless anyway.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from services.ingest import sources, store
from services.ingest.catalogue import Laws
from services.ingest.events import Batch, Event, Rejected
from services.ingest.intake import LawChanged, take_in
from services.ingest.pushing import with_earlier_ids
from services.ingest.reasons import wording
from services.ingest.sources.files import Settings
from services.ingest.sources.files.rows import Row, Rows
from shared.database import Connection, Database
from shared.errors import Conflict, Invalid, NotFound

AT_ONCE = 5_000
"""Rows per transaction."""
HEAD_BYTES = 64 * 1024
"""So much of a file's beginning tells whether it is the same file."""
SHOWN_ROWS = 20
SHOWN_PROBLEMS = 200


class Problem(NamedTuple):
    """A row that cannot be read: its place among the rows, counted from 1 below the headings."""

    row: int
    code: str | None
    reason: str
    detail: str


class Rehearsal(msgspec.Struct):
    """What an import would do, without doing it."""

    format: str | None
    columns: dict[str, str | None]
    """Field by heading; None: the column is dropped."""
    rows: int
    readable: int
    first: list[dict[str, Any]]
    """The first rows as they are understood."""
    reasons: dict[str, int]
    """Rows that cannot be read, by reason."""
    problems: list[Problem]
    """The first of them, one by one."""


async def rehearse(source: dict[str, Any], pieces: AsyncIterator[bytes], now: datetime) -> Rehearsal:
    """Read a whole file and say how each row is understood; raises `Invalid` when it is no file of rows."""
    cutting, decode = _tools(source, now)
    seen = Rehearsal(None, {}, 0, 0, [], {}, [])
    reasons: Counter[str] = Counter()
    async for rows in _batches(cutting, pieces, Progress()):
        for row in rows:
            seen.rows += 1
            read = row if isinstance(row, Rejected) else decode(row)
            if isinstance(read, Event):
                seen.readable += 1
                if len(seen.first) < SHOWN_ROWS:
                    seen.first.append(_named(read))
            else:
                reasons[read.reason.value] += 1
                if len(seen.problems) < SHOWN_PROBLEMS:
                    detail = f"{read.detail} {wording(read.reason).vi}"
                    seen.problems.append(Problem(seen.rows, read.code, read.reason.value, detail))
    seen.format = cutting.format
    seen.columns = cutting.mapping.understood() if cutting.mapping is not None else {}
    seen.reasons = dict(reasons)
    return seen


class Progress:
    """What has come of a file so far."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.bytes = 0
        self.head = b""

    def came(self, piece: bytes) -> None:
        """Another piece came."""
        self.bytes += len(piece)
        if len(self.head) < HEAD_BYTES:
            self.head = (self.head + piece)[:HEAD_BYTES]

    @property
    def digest(self) -> bytes:
        """Of the file's beginning."""
        return blake2b(self.head, digest_size=16).digest()


async def take_file(
    database: Database,
    laws: Laws,
    source: dict[str, Any],
    pieces: AsyncIterator[bytes],
    now: datetime,
    *,
    resume: int | None = None,
    ring: Callable[[], Awaitable[object]],
    began: Callable[[int], None] = lambda number: None,
) -> dict[str, Any]:
    """Take a file in and return its row in the table of imports; `began` is told the number as soon as there is one.

    Raises `NotFound` when `resume` names no import of this source, `Conflict` when it is one of another file,
    and `Invalid` when it is no file of rows.
    """
    plan = await database.run(lambda tx: _opened(tx, source, resume))
    number, passed_over = plan["id"], plan["row_count"]
    began(number)
    cutting, decode = _tools(source, now)
    arrived = plan["arrived"].isoformat()
    progress = Progress()
    place = 0
    signed = False
    try:
        async for rows in _batches(cutting, pieces, progress):
            if not signed:
                await _signed(database, number, progress.digest)
                signed = True
            skipped = min(max(passed_over - place, 0), len(rows))
            place += skipped
            if skipped == len(rows):
                continue
            batch = _read(rows[skipped:], decode, arrived)
            versions = await _stored(database, laws, source, number, place, batch)
            place += batch.served
            if versions:
                await ring()
    except Invalid as error:
        reason = error.detail
        await database.run(lambda tx: store.imports.close_import(tx, number, "failed", reason))
        raise
    except BaseException as error:
        sentence = f"Cut off after {place} rows ({type(error).__name__}): send the file again with resume={number}."
        await asyncio.shield(database.run(lambda tx: store.imports.close_import(tx, number, "interrupted", sentence)))
        raise
    await database.run(lambda tx: store.imports.close_import(tx, number, "complete"))
    async with database.connection() as connection:
        done = await store.imports.imported(connection, number)
    assert done is not None
    return done


async def _opened(tx: Connection, source: dict[str, Any], resume: int | None) -> dict[str, Any]:
    if resume is None:
        return await store.imports.open_import(tx, source["name"], source["stream"])
    plan = await store.imports.imported(tx, resume)
    if plan is None or plan["source"] != source["name"]:
        raise NotFound(f"There is no import {resume} of this source. GET /v1/imports lists them.")
    if plan["state"] == "complete":
        raise Conflict(f"Import {resume} is complete. Begin a new one; what is known stays known.")
    await store.imports.resume_import(tx, resume)
    return plan


async def _signed(database: Database, number: int, digest: bytes) -> None:
    if not await database.run(lambda tx: store.imports.sign_import(tx, number, digest)):
        raise Conflict(f"Import {number} was of another file. Send that file again, or begin a new import.")


def _tools(source: dict[str, Any], now: datetime) -> tuple[Rows, Callable[[object], Event | Rejected]]:
    decode = sources.decoder(source, now)
    settings = msgspec.convert(source["settings"], Settings)
    return Rows(settings.columns, settings.delimiter), decode


async def _batches(cutting: Rows, pieces: AsyncIterator[bytes], progress: Progress) -> AsyncIterator[list[Row]]:
    """Rows of the file, `AT_ONCE` at a time; a batch never waits for more than its own rows."""
    waiting: list[Row] = []

    def cut(rows: Iterator[Row]) -> Iterator[list[Row]]:
        for row in rows:
            waiting.append(row)
            if len(waiting) >= AT_ONCE:
                yield waiting[:]
                waiting.clear()

    try:
        async for piece in pieces:
            progress.came(piece)
            for batch in cut(cutting.feed(piece)):
                yield batch
        for batch in cut(cutting.end()):
            yield batch
    except sources.SourceUnreadable as error:
        raise Invalid(str(error)) from error
    if waiting:
        yield waiting


def _read(rows: list[Row], decode: Callable[[object], Event | Rejected], arrived: str) -> Batch:
    batch = Batch([], [])
    for row in rows:
        read = row if isinstance(row, Rejected) else decode({**row, "_arrived": arrived})
        if isinstance(read, Event):
            batch.events.append(read)
        else:
            batch.rejected.append(read)
    return batch


async def _stored(database: Database, laws: Laws, source: dict[str, Any], number: int, place: int, batch: Batch) -> int:
    name, stream = source["name"], source["stream"]

    async def effect(tx: Connection) -> int:
        law = await laws.of(tx, stream)
        await store.dossiers.lock_stream(tx, stream)
        same = Batch(await with_earlier_ids(tx, stream, batch.events), batch.rejected)
        tally = await take_in(tx, stream, name, same, law)
        counted = await store.imports.count_rows(
            tx,
            number,
            after=place,
            rows=batch.served,
            accepted=tally.accepted,
            known=tally.known,
            superseded=tally.superseded,
            quarantined=tally.quarantined,
        )
        if not counted:
            # The answer to a commit was lost, or the file is sent twice at once.
            now_at = await store.imports.imported(tx, number)
            if now_at is None or now_at["row_count"] != place + batch.served:
                raise Conflict(f"Import {number} is being fed by somebody else.")
        return tally.versions

    while True:
        try:
            return await database.run(effect)
        except LawChanged:
            continue


def _named(event: Event) -> dict[str, Any]:
    """An event as a person reads it: what it says, by name."""
    said: dict[str, Any] = {"code": event.code, "at": event.at, "due_at": event.due_at}
    for part in (event.about, event.course):
        if part is not None:
            said.update({name: getattr(part, name) for name in part.__struct_fields__})
    shown: dict[str, Any] = msgspec.to_builtins({name: value for name, value in said.items() if value is not None})
    return shown
