"""Dating anew: what a change of the catalogue, the calendar or the rules does to the dossiers that are there, part by part."""

from __future__ import annotations

from datetime import datetime

from services.ingest import store
from services.ingest.catalogue import Laws
from services.ingest.intake import redate
from shared.database import Connection

AT_ONCE = 5_000
"""Dossiers per transaction."""
BYTES_AT_ONCE = 32 * 1024 * 1024
"""Of their histories: bounds the memory of a part."""


async def redate_next(tx: Connection, laws: Laws, now: datetime) -> int | None:
    """Date the next part of an open redating anew; how many versions that made, None when no redating is open.

    Another part may be left, also where nothing was made.
    """
    stream = await store.catalogue.stream_to_redate(tx)
    if stream is None:
        return None
    await store.dossiers.lock_stream(tx, stream)
    plan = await store.catalogue.open_redating(tx, stream)
    if plan is None:
        return 0  # another worker finished it while this one waited; there may be one of another stream
    done = await redate(
        tx,
        stream,
        laws,
        after=plan.done_to,
        upto=plan.upto,
        limit=AT_ONCE,
        size=BYTES_AT_ONCE,
        only_unmapped=plan.only_unmapped,
    )
    made = done.head - done.before
    await store.catalogue.redated(
        tx,
        plan.id,
        done_to=done.done_to,
        examined=done.examined,
        first=done.before + 1 if made else None,
        last=done.head if made else None,
        finished_at=now if done.finished else None,
    )
    return made
