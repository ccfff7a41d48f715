"""Inquiries: ordered by a route, made by the worker, waited for by the route.

An inquiry is taken in one transaction and its response stored in another; none is open while the source is asked.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import msgspec

from services.ingest.inquiries import store as inquiries_store
from services.ingest.inquiries.model import Topic
from services.ingest.inquiries.store import Response
from services.ingest.sources.store import sources as sources_store
from services.ingest.sources.store.sources import SourceRow
from shared.database import Connection, Database

WITHIN = timedelta(seconds=20)
"""What was ordered before this has nobody waiting for it any more."""
WAIT_SECONDS = 19.0
"""How long a caller waits."""
_POLL_SECONDS = 0.05


async def order(tx: Connection, topic: Topic, source_name: str, now: datetime) -> int:
    """Have the worker ask a source; the number is to be waited for once this is committed."""
    return await inquiries_store.order(tx, topic, source_name, now, WITHIN)


async def wait(database: Database, number: int, kind: type[Response]) -> Response | None:
    """The response to an inquiry; None when the worker did not make it in time."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        async with database.connection() as connection:
            response = await inquiries_store.read_response(connection, number, kind)
        if response is not None:
            return response
        await asyncio.sleep(_POLL_SECONDS)
    return None


async def respond_next(
    database: Database, topic: Topic, respond: Callable[[SourceRow], Awaitable[msgspec.Struct]], now: datetime
) -> bool:
    """Make the oldest inquiry of a topic that somebody waits for; False when there is none."""
    taken = await database.run(lambda tx: inquiries_store.take(tx, topic, now, WITHIN))
    if taken is None:
        return False
    async with database.connection() as connection:
        source = await sources_store.source(connection, taken.source)
    if source is None:  # deleted since, and the inquiry with it
        return True
    response = await respond(source)
    await database.run(lambda tx: inquiries_store.store_response(tx, taken.id, response))
    return True
