"""A source's own catalogue of procedures, read by the worker for whoever asked at the API, which holds no passwords.

The question is taken in one transaction and answered in another; none is open while the portal is asked.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from services.ingest import sources
from services.ingest.sources.store import offers as offers_store
from services.ingest.sources.store import sources as sources_store
from services.ingest.sources.store.offers import Answer
from shared.database import Database
from shared.logs import logger

log = logger("offering")

WITHIN = timedelta(minutes=1)
"""A question older than this has nobody waiting for it any more."""


async def offer_next(database: Database, now: datetime) -> bool:
    """Answer the oldest question for a source's catalogue; False when there is none."""
    taken = await database.run(lambda tx: offers_store.take(tx, now, WITHIN))
    if taken is None:
        return False
    async with database.connection() as connection:
        source = await sources_store.source(connection, taken.source)
    assert source is not None
    try:
        async with sources.open_source(source) as reader:
            said = Answer(await reader.procedures(), None)
    except sources.SourceError as error:
        said = Answer(None, error.category)
        log.warning("catalogue not read", source=taken.source, error=str(error))
    await database.run(lambda tx: offers_store.answer(tx, taken.id, said))
    return True
