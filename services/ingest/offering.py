"""A source's own catalogue of procedures, read by the worker for whoever asked at the API, which holds no passwords."""

from __future__ import annotations

from services.ingest import sources, store
from shared.database import Database
from shared.logs import logger
from shared.procedures import Offered

log = logger("offering")

WITHIN_SECONDS = 60.0
"""A question older than this has nobody waiting for it any more."""


async def offer_next(database: Database) -> bool:
    """Answer the oldest question for a source's catalogue; False when there is none."""
    taken = await database.run(lambda tx: store.offers.take(tx, WITHIN_SECONDS))
    if taken is None:
        return False
    number, name = taken
    async with database.connection() as connection:
        source = await store.sources.source(connection, name)
    assert source is not None
    offered: list[Offered] | None = None
    failure: str | None = None
    try:
        async with sources.open_source(source) as reader:
            offered = await reader.procedures()
    except sources.SourceError as error:
        failure = error.category
        log.warning("catalogue not read", source=name, error=str(error))
    await database.run(lambda tx: store.offers.answer(tx, number, offered, failure))
    return True
