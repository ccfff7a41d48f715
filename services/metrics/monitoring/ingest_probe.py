"""The API fetches ingest's heads itself: lag is measured against these, not by what the worker that may lag has read.

No transaction is open while the request to ingest runs.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from services.metrics.counting.ingest_client import Ingest
from services.metrics.provinces.model import IngestHead
from services.metrics.provinces.store import ingest_heads, provinces
from shared.database import Database
from shared.logs import logger

log = logger("lag")


async def poll_ingest(database: Database, ingest: Ingest, every: float, valid_for: float) -> None:
    """Fetch ingest's heads every so many seconds until cancelled; they are valid for `valid_for` seconds."""
    failing = False
    while True:
        try:
            async with asyncio.timeout(valid_for):
                await store_heads(database, ingest, timedelta(seconds=valid_for))
            failing = False
        except Exception as error:
            # Responses state it after a while, so it is logged once.
            if not failing:
                log.warning("ingest not reached", error=type(error).__name__, detail=str(error)[:300])
            failing = True
        await asyncio.sleep(every)


async def store_heads(database: Database, ingest: Ingest, valid_for: timedelta) -> None:
    """Fetch the heads of all provinces, also of those not followed yet, and store them as valid for `valid_for`."""
    async with database.connection() as connection:
        # Read before the request: ingest's head cannot be below what was counted by then.
        now = await provinces.clock(connection)
        known = await provinces.all_provinces(connection)
    heads = await ingest.heads()
    there = {one.province: one.head for one in heads.provinces}
    fetched = {}
    for name in sorted(known.keys() | there.keys()):
        province, head = known.get(name), there.get(name)
        position = province.position if province else 0
        before = province.ingest.behind_since if province and province.ingest else None
        fetched[name] = IngestHead(
            head=head,
            epoch=heads.epoch,
            position=position,
            behind_since=(before or now) if (head or 0) > position else None,
            worker_silent=heads.worker_silent,
            worker_since=heads.worker_since,
            fetched_at=now,
            known_until=now + valid_for,
        )
    if fetched:
        await database.run(lambda tx: ingest_heads.set_ingest_heads(tx, fetched))
