"""Following the feed of every stream: read on from where the counters stand, page by page, until there is nothing new."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any

from services.metrics import rollup
from services.metrics.clients import LONGEST_PAGE, Ingest
from services.metrics.store import catalogue, streams
from shared.contracts import FeedItem, FeedPage
from shared.database import Connection, Database
from shared.heartbeat import progressed
from shared.logs import logger

log = logger("following")

LARGEST_BATCH = 20_000
"""Versions counted in one transaction when the feed is far ahead; a live feed is counted as it comes."""


async def follow(database: Database, ingest: Ingest) -> bool:
    """Count what every stream has new; say whether any had. A stream that fails does not stop the others."""
    found = False
    failure: Exception | None = None
    for stream in await ingest.streams():
        try:
            found |= await follow_stream(database, ingest, stream)
        except Exception as error:
            log.warning("stream not followed", stream=stream, error=type(error).__name__, detail=str(error)[:300])
            failure = error
    if failure is not None:
        raise failure
    return found


async def follow_stream(database: Database, ingest: Ingest, stream: str) -> bool:
    """Count the stream's news up to the head of its feed; say whether there were any.

    The next pages are read while a batch is being counted, so the feed's server, this process and the database all work.
    """
    known = await database.run(lambda tx: _begun(tx, stream))
    position, version = known.position, known.catalogue
    found = False
    reading: Awaitable[FeedPage] = asyncio.ensure_future(ingest.feed(stream, position))
    try:
        while True:
            page = await reading
            items = list(page.items)
            if page.catalogue > version:
                version = await take_catalogue(database, ingest, stream)
            while len(page.items) == LONGEST_PAGE and len(items) < LARGEST_BATCH:
                page = await ingest.feed(stream, items[-1].position)
                items += page.items
            if not items:
                if page.head > known.head:
                    await database.run(lambda tx, head=page.head: streams.see_head(tx, stream, head))  # type: ignore[misc]
                return found
            reading = asyncio.ensure_future(ingest.feed(stream, items[-1].position))
            await _count(database, stream, items, page.head)
            progressed()
            found = True
    finally:
        if isinstance(reading, asyncio.Future) and not reading.done():
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading


async def note_quality(database: Database, ingest: Ingest) -> bool:
    """Store what ingest knows each stream to lack; never says that there is more to do."""
    for stream in await ingest.streams():
        quality = await ingest.quality(stream)
        await database.run(lambda tx, stream=stream, quality=quality: _noted(tx, stream, quality))  # type: ignore[misc]
    return False


async def _noted(tx: Connection, stream: str, quality: dict[str, Any]) -> None:
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


async def _count(database: Database, stream: str, items: list[FeedItem], head: int) -> None:
    async def work(tx: Connection) -> None:
        await rollup.apply(tx, stream, items, head)

    await database.run(work)
