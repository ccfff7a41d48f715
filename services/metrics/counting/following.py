"""Following the feed of every stream: read on from where the counters stand, page by page, until there is nothing new.

Each page is held against what was counted: an ingest that was restored from a backup, or exchanged, gives other versions the
same positions. Nothing of such a feed is counted, the other streams go on, and the stream says so until its own feed is back
or somebody decides to count the new one from the beginning (`streams.forget`).

Each batch is counted in a transaction of its own, and none is open while ingest is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress

from services.metrics.agencies import store as catalogue
from services.metrics.counting import service as rollup
from services.metrics.counting.ingest_client import LONGEST_PAGE, Ingest
from services.metrics.provinces import store as streams
from services.metrics.provinces.store import Mark
from shared.contracts.feed import FeedItem, FeedPage, Quality
from shared.database import Connection, Database
from shared.heartbeat import progressed
from shared.logs import logger

log = logger("following")

LARGEST_BATCH = 20_000
"""Versions counted in one transaction when the feed is far ahead; a live feed is counted as it comes."""


class Restored(Exception):
    """The feed is not the one that was counted up to `position`; the message says how that shows."""

    def __init__(self, position: int, why: str) -> None:
        """`why` is stored, and shown to operators."""
        super().__init__(why)
        self.position = position


def check_feed(page: FeedPage, position: int, mark: Mark) -> None:
    """Raise `Restored` unless the page follows `position` in the feed in which that was marked so."""
    if mark.epoch is not None and page.epoch != mark.epoch:
        raise Restored(position, f"its epoch is {page.epoch} and was {mark.epoch}")
    if page.head < position:
        raise Restored(position, "its head is below that position")
    if position and mark.digest is not None and page.after_digest != mark.digest:
        raise Restored(position, "it has another version at that position")


async def follow(database: Database, ingest: Ingest) -> bool:
    """Count what every stream has new; say whether any had. A stream that fails does not stop the others."""
    found = False
    failure: Exception | None = None
    served = [one.stream for one in (await ingest.heads()).streams]
    for stream in served:
        try:
            found |= await follow_stream(database, ingest, stream)
        except Exception as error:
            log.warning("stream not followed", stream=stream, error=type(error).__name__, detail=str(error)[:300])
            failure = error
    async with database.connection() as connection:
        known = await streams.all_streams(connection)
    for name in known.keys() - set(served):
        if known[name].position:
            await _note_restored(database, name, Restored(known[name].position, "ingest does not have the stream any more"))
    if failure is not None:
        raise failure
    return found


async def follow_stream(database: Database, ingest: Ingest, stream: str) -> bool:
    """Count the stream's news up to the head of its feed; say whether there were any. None of another feed are counted."""
    known = await database.run(lambda tx: _begun(tx, stream))
    try:
        return await _followed(database, ingest, known)
    except Restored as restored:
        await _note_restored(database, stream, restored)
        return False


async def _followed(database: Database, ingest: Ingest, known: streams.Stream) -> bool:
    """The next pages are read while a batch is being counted, so the feed's server, this process and the database all work."""
    stream, position, version = known.stream, known.position, known.catalogue
    mark = Mark(known.epoch, known.digest)
    found = False
    longest = LONGEST_PAGE if known.restored is None else 1
    reading: Awaitable[FeedPage] = asyncio.ensure_future(ingest.feed(stream, position, longest))
    try:
        while True:
            page = await reading
            check_feed(page, position, mark)
            if not found and (known.restored is not None or (position and mark.digest is None)):
                mark = Mark(page.epoch, page.after_digest)
                await database.run(lambda tx, mark=mark: streams.follows(tx, stream, known.position, mark))  # type: ignore[misc]
            items = list(page.items)
            if page.catalogue > version:
                version = await take_catalogue(database, ingest, stream)
            while len(page.items) == LONGEST_PAGE and len(items) < LARGEST_BATCH:
                last = page
                page = await ingest.feed(stream, items[-1].position)
                check_feed(page, items[-1].position, Mark(last.epoch, last.digest))
                items += page.items
            if not items:
                if page.head > known.head:
                    await database.run(lambda tx, head=page.head: streams.see_head(tx, stream, head))  # type: ignore[misc]
                return found
            position, mark = items[-1].position, Mark(page.epoch, page.digest)
            reading = asyncio.ensure_future(ingest.feed(stream, position))
            await _count(database, stream, items, page.head, mark)
            progressed()
            found = True
    finally:
        if isinstance(reading, asyncio.Future) and not reading.done():
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading


async def _note_restored(database: Database, stream: str, restored: Restored) -> None:
    """Only the first of many looks is logged."""
    if await database.run(lambda tx: streams.set_restored(tx, stream, restored.position, str(restored))):
        log.error("ingest restored, stream not counted", stream=stream, position=restored.position, why=str(restored))


async def note_quality(database: Database, ingest: Ingest) -> None:
    """Store what ingest knows each stream to lack."""
    for stream in [one.stream for one in (await ingest.heads()).streams]:
        quality = await ingest.quality(stream)
        await database.run(lambda tx, stream=stream, quality=quality: _noted(tx, stream, quality))  # type: ignore[misc]


async def _noted(tx: Connection, stream: str, quality: Quality) -> None:
    await streams.begin(tx, stream)
    await streams.set_quality(tx, stream, quality)


async def take_catalogue(database: Database, ingest: Ingest, stream: str) -> int:
    """Fetch and store the catalogue; return its version."""
    fetched = await ingest.catalogue(stream)
    await database.run(lambda tx: catalogue.take_catalogue(tx, fetched))
    log.info("catalogue taken", stream=stream, version=fetched.version, agencies=len(fetched.agencies))
    return fetched.version


async def _begun(tx: Connection, stream: str) -> streams.Stream:
    await streams.begin(tx, stream)
    known = await streams.stream(tx, stream)
    assert known is not None
    return known


async def _count(database: Database, stream: str, items: list[FeedItem], head: int, mark: Mark) -> None:
    async def work(tx: Connection) -> None:
        await rollup.apply(tx, stream, items, head, mark)

    await database.run(work)
