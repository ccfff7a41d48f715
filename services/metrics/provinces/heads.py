"""Asking ingest how far it is: lag is measured against its own head, and not by what the worker that may lag has read of it.

No transaction is open while ingest is asked.
"""

from __future__ import annotations

from datetime import timedelta

from services.metrics.counting.ingest_client import Ingest
from services.metrics.provinces import store as provinces
from services.metrics.provinces.store import IngestHead
from shared.database import Database


async def note_heads(database: Database, ingest: Ingest, valid_for: timedelta) -> None:
    """Ask ingest for the heads of all provinces, also of those not followed yet, and store them as known for `valid_for`."""
    async with database.connection() as connection:
        # Read before ingest is asked: its head cannot be below what was counted of it by then.
        now = await provinces.clock(connection)
        known = await provinces.all_provinces(connection)
    heads = await ingest.heads()
    there = {one.province: one.head for one in heads.provinces}
    asked = {}
    for name in sorted(known.keys() | there.keys()):
        province, head = known.get(name), there.get(name)
        position = province.position if province else 0
        before = province.ingest.behind_since if province and province.ingest else None
        asked[name] = IngestHead(
            head=head,
            epoch=heads.epoch,
            position=position,
            behind_since=(before or now) if (head or 0) > position else None,
            worker_silent=heads.worker_silent,
            worker_since=heads.worker_since,
            asked_at=now,
            known_until=now + valid_for,
        )
    if asked:
        await database.run(lambda tx: provinces.set_ingest_heads(tx, asked))
