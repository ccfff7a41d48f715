"""Pulling: one source is read from where it was left to where it ends, batch by batch, each with its effect in one transaction.

The place to which a source has been read moves in the transaction of what was read, so a worker killed at any moment loses
nothing and repeats at most one batch, which is then known already. A lease lets one worker at a time read a source; a worker
that lost it finds out inside the transaction and stores nothing. No transaction is open while the portal is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from msgspec.structs import replace

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers.service import IntakeCounts, apply_batch_isolated
from services.ingest.events.model import Batch
from services.ingest.events.repetitions import Repetitions
from services.ingest.proposals import store as proposals_store
from services.ingest.provinces import store as provinces_store
from services.ingest.pulls import store as pulls_store
from services.ingest.pulls.store import PullState
from services.ingest.quarantine.store import releases as quarantine_releases
from services.ingest.sources.decoding import reading_of
from services.ingest.sources.errors import FAULT, SourceError
from services.ingest.sources.fields.instants import TOLERANCE, plausible
from services.ingest.sources.model import Arrival
from services.ingest.sources.reader import AdapterPool, SourceReader, open_source
from services.ingest.sources.store import readings
from services.ingest.sources.store import sources as sources_store
from services.ingest.sources.store.sources import SourceRow
from services.ingest.sources.traits import kinds_that_come
from shared.database import TRANSIENT_ERRORS, Connection, Database
from shared.heartbeat import report_progress
from shared.leases import auto_renewed
from shared.logs import logger, where

log = logger("pulling")

LEASE = timedelta(seconds=6)
"""For so long a source lies idle when its worker was killed. Its holder renews the lease three times as often, also while it
waits for the portal."""
MAX_SOURCES_PER_PROVINCE = 2
"""Sources of one province that are read at once: one that hangs in all of its sources leaves the other turns to the others."""
VERIFY_SECONDS = 30.0
"""Pause after a pull that could not be verified."""
BATCH_SIZE = 5_000
"""Records per transaction: what waits is drained up to this many, and never waited for."""
READ_AHEAD = 8
"""Batches read ahead while the last one is stored: bounds the memory of a pull."""


class LeaseLost(Exception):
    """Another worker reads the source now, or nobody shall."""


@dataclass
class PullProgress:
    """How far a pull came."""

    complete: bool = False
    verification: str | None = None
    verified: bool | None = None
    whole: bool = False
    """All of the source was read, whatever edge it began with."""
    accepted: int = 0


async def pull_due(
    database: Database,
    rulesets: RulesetCache,
    worker: str,
    stopping: asyncio.Event,
    notify: Callable[[], Awaitable[object]],
    clock: Callable[[], datetime],
    pool: AdapterPool | None = None,
) -> bool:
    """Pull the source whose turn it is; False when none is due. Ends at once when `stopping`, or when the lease is lost.

    `notify` is called after each commit that made versions; `clock` gives the present instant, since a pull may last long.
    """
    source = await database.run(lambda tx: _leased(tx, worker, clock()))
    if source is None:
        return False
    name, province = source.name, source.province
    reading = reading_of(source)
    is_anew = source.read_by != reading
    if is_anew:
        # Read from where it was, what was read before would stay as it was meant before.
        source = source._replace(cursor=None)
    reader = open_source(source, pool)
    began = clock()
    since = _since(source.cursor, began)

    async def opened(tx: Connection) -> int:
        if is_anew:
            await readings.begin_anew(tx, name, reading, began)
        return await pulls_store.open_pull(tx, name, province, since, began)

    pull = await database.run(opened)
    error: str | None = None
    category: str | None = None
    again_after = 0.0
    cut_off: str | None = None
    progress = PullProgress()

    async def renew(tx: Connection) -> bool:
        held = await _renewed(tx, name, worker, clock())
        if held:
            # Also while nothing comes: what a pull asked in vain is known after its worker was killed.
            await pulls_store.count_calls(tx, pull, reader.calls)
        return held

    pulling = asyncio.create_task(_read(database, rulesets, worker, source, pull, reader, notify, clock, progress))
    halted = asyncio.create_task(stopping.wait())
    try:
        async with auto_renewed(database, LEASE, renew) as lost:
            await asyncio.wait((pulling, lost, halted), return_when=asyncio.FIRST_COMPLETED)
            pulling.cancel()
            await asyncio.wait((pulling,))
        if not pulling.cancelled():
            pulling.result()
        elif halted.done():
            cut_off = "The worker was stopped. The next pull goes on from here."
        else:
            raise LeaseLost
    except LeaseLost:
        cut_off = "The source was switched off, or another worker reads it."
        log.warning("lease lost", source=name, pull=pull)
    except SourceError as failure:
        error, category, again_after = str(failure), failure.category, failure.again_after or 0.0
        log.warning("source failed", source=name, pull=pull, error=error)
    except TRANSIENT_ERRORS as failure:
        category = FAULT
        error = f"The pull was cut off ({type(failure).__name__}). It goes on from where it was."
        log.warning("pull cut off", source=name, pull=pull, error=type(failure).__name__)
    except Exception as failure:
        # Of an unforeseen fault only the type of the error is stored: its message may quote what the portal sent.
        category = FAULT
        error = f"The pull ended by a fault of ours ({type(failure).__name__}), which was logged."
        log.error("pull failed", source=name, pull=pull, error=type(failure).__name__, at=where(failure))
    finally:
        for task in (pulling, halted):
            task.cancel()
    complete = progress.complete and not cut_off
    state: PullState = "failed" if error else "complete" if complete else "interrupted"
    wait = source.every_seconds if complete else min(60.0, 0.5 * 2 ** min(source.attempts, 7)) if error else 0.0
    if complete and progress.verified is False and progress.accepted:
        # It moved while it was read: sooner, since it may stand still by then.
        wait = min(wait, VERIFY_SECONDS)
    # A source, or its breaker, may say when asking makes sense again.
    wait = max(wait, min(again_after, 3600.0))

    async def closed(tx: Connection) -> None:
        now = clock()
        next_at = now + timedelta(seconds=wait)
        await sources_store.release_source(
            tx, name, worker, now, next_at=next_at, failed=error is not None, breaker=reader.breaker
        )
        if complete and (since is None or progress.whole):
            # What it may have skipped is told as of every pull that is not verified.
            await readings.end(tx, name, reading, source.reading)
        if complete and progress.verified and since is None:
            last_pull = await pulls_store.last_complete(tx, name, pull)
            await quarantine_releases.release_unserved(tx, province, name, last_pull)
        await pulls_store.close_pull(
            tx,
            pull,
            now,
            state=state,
            calls=reader.calls,
            verification=progress.verification,
            verified=progress.verified,
            whole=progress.whole,
            error=error or cut_off,
            failure=category,
        )

    await database.run(closed)
    return True


async def _leased(tx: Connection, worker: str, now: datetime) -> SourceRow | None:
    pulled = kinds_that_come(Arrival.pulled)
    return await sources_store.lease_due(
        tx, worker, pulled, max_per_province=MAX_SOURCES_PER_PROVINCE, now=now, until=now + LEASE
    )


async def _read(
    database: Database,
    rulesets: RulesetCache,
    worker: str,
    source: SourceRow,
    pull: int,
    reader: SourceReader,
    notify: Callable[[], Awaitable[object]],
    clock: Callable[[], datetime],
    progress: PullProgress,
) -> None:
    """Read the source to its end, or to that of its time; `reached` says how far."""
    async with reader, aclosing(_chunked(reader.read(source.cursor))) as chunk:
        async for batches in chunk:
            counts = await _stored(database, rulesets, worker, source, pull, batches, clock, calls=reader.calls)
            if named := reader.take_named_codes():
                await database.run(partial(proposals_store.put_named_codes, source_name=source.name, codes=named))
            report_progress()
            cursor = batches[-1].cursor or {}
            verification, verified = cursor.get("verification"), cursor.get("verified")
            progress.complete = bool(cursor.get("complete"))
            progress.verification = verification if isinstance(verification, str) else None
            progress.verified = verified if isinstance(verified, bool) else None
            progress.whole = cursor.get("whole") is True
            progress.accepted += counts.accepted
            if counts.versions:
                await notify()


async def _renewed(tx: Connection, name: str, worker: str, now: datetime) -> bool:
    return await sources_store.renew_source(tx, name, worker, now=now, until=now + LEASE)


async def _stored(
    database: Database,
    rulesets: RulesetCache,
    worker: str,
    source: SourceRow,
    pull: int,
    batches: list[Batch],
    clock: Callable[[], datetime],
    *,
    calls: int = 0,
) -> IntakeCounts:
    name, province = source.name, source.province
    combined = Batch(
        events=[event for batch in batches for event in batch.events],
        rejected=[one for batch in batches for one in map(Repetitions().numbered, batch.rejected)],
        reading=reading_of(source),
    )
    cursor = batches[-1].cursor
    total = next((batch.total for batch in reversed(batches) if batch.total is not None), None)

    async def effect(tx: Connection) -> IntakeCounts:
        # First, also because who waits for the province with the source's row in hand keeps the lease from being renewed.
        await provinces_store.lock(tx, province)
        now = clock()
        if not await _renewed(tx, name, worker, now):
            raise LeaseLost
        batch = replace(combined, served_at=now)
        counts = await apply_batch_isolated(tx, province, name, batch, rulesets, pull=pull)
        await pulls_store.count_batch(
            tx,
            pull,
            now,
            calls=calls,
            pages=len(batches),
            served=combined.served,
            accepted=counts.accepted,
            known=counts.known,
            superseded=counts.superseded,
            quarantined=counts.quarantined,
        )
        if cursor is not None:
            await sources_store.set_cursor(tx, name, cursor, total)
        # Renewals wait for this transaction, which may have outlasted the lease; the row is locked, so it is still ours.
        await sources_store.lease_source(tx, name, worker, clock() + LEASE)
        return counts

    return await database.run(effect)


async def _chunked(batches: AsyncIterator[Batch]) -> AsyncGenerator[list[Batch], None]:
    """What waits, up to `BATCH_SIZE` records at a time, while the next is being read."""
    waiting: asyncio.Queue[Batch | None] = asyncio.Queue(READ_AHEAD)

    async def read_ahead() -> None:
        try:
            async for batch in batches:
                await waiting.put(batch)
        except Exception:
            await waiting.put(None)
            raise
        # Not when cancelled: then nobody waits any more, and a full queue would hold this task for ever.
        await waiting.put(None)

    reading = asyncio.create_task(read_ahead())
    ended = False
    try:
        while not ended:
            chunk: list[Batch] = []
            size = 0
            batch = await waiting.get()
            while batch is not None:
                chunk.append(batch)
                size += batch.served
                if size >= BATCH_SIZE or waiting.empty():
                    break
                batch = waiting.get_nowait()
            ended = batch is None
            if chunk:
                yield chunk
        await reading  # raises what ended the reading
    finally:
        reading.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await reading


def _since(cursor: Mapping[str, object] | None, now: datetime) -> datetime | None:
    """The lower edge in a cursor, for people; None where there is none, or none that can be one."""
    edge = cursor.get("since") if cursor else None
    try:
        since = datetime.fromisoformat(edge) if isinstance(edge, str) and edge else None
    except ValueError:
        return None
    return since if plausible(since, now + TOLERANCE) else None
