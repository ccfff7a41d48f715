"""Following the feed of every province: its pages are read from the counted position on, until there is nothing new.

Each page is compared with what was counted: an ingest that was restored from a backup, or replaced, gives other versions the
same positions. Nothing of such a feed is counted. The other provinces go on; this one is marked until its own feed is back or
an operator resyncs it (`POST /v1/provinces/{province}/resync`).

Each batch is counted in a transaction of its own, and none is open while a request to ingest runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Literal

from services.metrics.agencies.store import take_catalogue
from services.metrics.counting import service as rollup
from services.metrics.counting.ingest_client import MAX_PAGE, Ingest, IngestAway
from services.metrics.provinces.model import FeedMark, Province
from services.metrics.provinces.store import provinces
from shared.contracts.feed import Catalogue, CatalogueStep, FeedItem, FeedPage, Quality
from shared.database import Connection, Database
from shared.heartbeat import report_progress
from shared.logs import logger
from shared.poll_loop import each

log = logger("following")

MAX_BATCH = 20_000
"""Versions counted in one transaction when the feed is far ahead; a live feed is counted as it comes."""


_Lacking = Quality | Literal["behind"] | None
"""What a province lacks once a batch is counted; behind: further ones follow, which figures say; None: not known."""


class FeedReplaced(Exception):
    """The feed is not the one that was counted up to `position`; the message states how that shows."""

    def __init__(self, position: int, why: str) -> None:
        """`why` is stored, and shown to operators."""
        super().__init__(why)
        self.position = position


def check_feed(page: FeedPage, position: int, mark: FeedMark) -> None:
    """Raise `Restored` unless the page follows `position` in the feed in which that was marked so."""
    if mark.epoch is not None and page.epoch != mark.epoch:
        raise FeedReplaced(position, f"its epoch is {page.epoch} and was {mark.epoch}")
    if page.head < position:
        raise FeedReplaced(position, "its head is below that position")
    if position and mark.digest is not None and page.after_digest != mark.digest:
        raise FeedReplaced(position, "it has another version at that position")


async def follow(database: Database, ingest: Ingest) -> bool:
    """Count what is new in every province; returns whether anything was. A province that fails does not stop the others."""
    found = False
    failure: Exception | None = None
    served = [one.province for one in (await ingest.heads()).provinces]
    for province in served:
        try:
            found |= await follow_province(database, ingest, province)
        except Exception as error:
            log.warning("province not followed", province=province, error=type(error).__name__, detail=str(error)[:300])
            failure = error
    async with database.connection() as connection:
        known = await provinces.all_provinces(connection)
    for name in known.keys() - set(served):
        if known[name].position:
            await _store_restored(
                database, name, FeedReplaced(known[name].position, "ingest does not have the province any more")
            )
    if failure is not None:
        raise failure
    return found


async def follow_province(database: Database, ingest: Ingest, province: str) -> bool:
    """Count a province up to the head of its feed; returns whether anything was new. Nothing of another feed is counted."""
    known = await database.run(lambda tx: _begin(tx, province))
    try:
        return await _follow(database, ingest, known)
    except FeedReplaced as restored:
        await _store_restored(database, province, restored)
        return False


async def _follow(database: Database, ingest: Ingest, known: Province) -> bool:
    """The next pages are read while a batch is being counted, so the feed's server, this process and the database all work."""
    province, position = known.province, known.position
    mark = FeedMark(known.epoch, known.digest)
    found = False
    longest = MAX_PAGE if known.restored is None else 1
    reading: Awaitable[FeedPage] = asyncio.ensure_future(ingest.feed(province, position, longest))
    try:
        while True:
            page = await reading
            check_feed(page, position, mark)
            if not found and (known.restored is not None or (position and mark.digest is None)):
                mark = FeedMark(page.epoch, page.after_digest)
                await database.run(lambda tx, mark=mark: provinces.follows(tx, province, known.position, mark))  # type: ignore[misc]
            items, steps = list(page.items), list(page.catalogues)
            if not found and page.catalogue > known.catalogue:
                # What holds before the first position, or was changed when changes had no position yet.
                await _take_catalogue(database, await ingest.catalogue(province, position), known.catalogue)
            while len(page.items) + len(page.catalogues) == MAX_PAGE and len(items) < MAX_BATCH:
                last = page
                page = await ingest.feed(province, last.last)
                check_feed(page, last.last, FeedMark(last.epoch, last.digest))
                items += page.items
                steps += page.catalogues
            if not items and not steps:
                if page.head > known.head:
                    await database.run(lambda tx, head=page.head: provinces.see_head(tx, province, head))  # type: ignore[misc]
                return found
            catalogue = await _catalogue_of(ingest, province, steps[-1], position) if steps else None
            position, mark = page.last, FeedMark(page.epoch, page.digest)
            reading = asyncio.ensure_future(ingest.feed(province, position))
            # Before the last batch the counters are behind, which figures say; with it they say what its versions lack.
            quality: _Lacking = await _quality_or_none(ingest, province) if position >= page.head else "behind"
            await _count(database, province, items, page.head, mark, steps, catalogue, quality)
            report_progress()
            found = True
    finally:
        if isinstance(reading, asyncio.Future) and not reading.done():
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading


async def _quality_or_none(ingest: Ingest, province: str) -> Quality | None:
    """What the province lacks now; None where ingest does not tell: then it is not known until it does."""
    try:
        return await ingest.quality(province)
    except IngestAway as error:
        log.warning("quality not known", province=province, detail=str(error)[:300])
        return None


async def _store_restored(database: Database, province: str, restored: FeedReplaced) -> None:
    """Store that the feed is another one; only the first time is logged."""
    if await database.run(lambda tx: provinces.set_restored(tx, province, restored.position, str(restored))):
        log.error("ingest restored, province not counted", province=province, position=restored.position, why=str(restored))


async def store_quality(database: Database, ingest: Ingest) -> None:
    """Fetch and store the quality of each province's sources. A province that fails does not stop the others."""

    async def note(province: str) -> None:
        quality = await ingest.quality(province)
        await database.run(lambda tx: _store_quality(tx, province, quality))

    await each("quality of a province", [one.province for one in (await ingest.heads()).provinces], note)


async def _store_quality(tx: Connection, province: str, quality: Quality | None) -> None:
    await provinces.begin(tx, province)
    await provinces.set_quality(tx, province, quality)
    if quality is not None:
        # A dossier that was mended by a version that is not counted yet is still wrong in the counters.
        await provinces.see_head(tx, province, quality.head)


async def _take_catalogue(database: Database, fetched: Catalogue, known: int) -> None:
    """Store a catalogue that is newer than the known version, without a version of a dossier."""
    if fetched.version > known:
        await database.run(lambda tx: take_catalogue(tx, fetched))
        log.info("catalogue taken", province=fetched.province, version=fetched.version, agencies=len(fetched.agencies))


async def _catalogue_of(ingest: Ingest, province: str, step: CatalogueStep, position: int) -> Catalogue:
    """The catalogue as a change left it. Raises `FeedReplaced` where ingest has another one there by now."""
    fetched = await ingest.catalogue(province, step.position)
    if (fetched.version, fetched.position) != (step.version, step.position):
        raise FeedReplaced(position, f"its catalogue at {step.position} is of version {fetched.version}")
    return fetched


async def _begin(tx: Connection, province: str) -> Province:
    await provinces.begin(tx, province)
    known = await provinces.province(tx, province)
    assert known is not None
    return known


async def _count(
    database: Database,
    province: str,
    items: list[FeedItem],
    head: int,
    mark: FeedMark,
    steps: list[CatalogueStep],
    catalogue: Catalogue | None,
    quality: _Lacking,
) -> None:
    async def work(tx: Connection) -> None:
        await rollup.apply(tx, province, items, head, mark, steps=steps, catalogue=catalogue)
        if quality != "behind":
            await _store_quality(tx, province, quality)

    await database.run(work)
