"""A source's own catalogue of procedures, read by the worker for whoever asked at the API, which holds no passwords.

The question is taken in one transaction and answered in another; none is open while the portal is asked.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from services.ingest.procedure_offers import store as offers_store
from services.ingest.procedure_offers.store import OfferResponse
from services.ingest.sources.errors import FAULT, SourceAway, SourceError
from services.ingest.sources.reader import open_source
from services.ingest.sources.store import sources as sources_store
from services.ingest.sources.store.sources import SourceRow
from shared.database import TRANSIENT_ERRORS, Database
from shared.logs import logger, where

log = logger("offering")

WITHIN = timedelta(minutes=1)
"""A question older than this has nobody waiting for it any more."""
READ_SECONDS = 15.0
"""How long a source's catalogue is read: somebody waits for it, and a further question behind it."""
ATTEMPTS = 2
"""How often a call of it is tried: whoever waits asks again sooner than a pull does."""


async def offer_next(database: Database, now: datetime) -> bool:
    """Answer the oldest question for a source's catalogue; False when there is none."""
    taken = await database.run(lambda tx: offers_store.take_query(tx, now, WITHIN))
    if taken is None:
        return False
    async with database.connection() as connection:
        source = await sources_store.source(connection, taken.source)
    assert source is not None
    try:
        async with asyncio.timeout(READ_SECONDS), open_source(_impatient(source)) as reader:
            response = OfferResponse(await reader.procedures(), None)
    except TimeoutError:
        response = OfferResponse(None, SourceAway.category)
        log.warning("catalogue not read in time", source=taken.source)
    except SourceError as error:
        response = OfferResponse(None, error.category)
        log.warning("catalogue not read", source=taken.source, error=str(error))
    except TRANSIENT_ERRORS:
        raise
    except Exception as error:
        # Of an unforeseen fault only the type of the error is logged: its message may quote what the portal sent.
        response = OfferResponse(None, FAULT)
        log.error("catalogue not read", source=taken.source, error=type(error).__name__, at=where(error))
    await database.run(lambda tx: offers_store.store_response(tx, taken.id, response))
    return True


def _impatient(source: SourceRow) -> SourceRow:
    """The source with settings that give up early, however patient its pulls are."""
    attempts = source.settings.get("attempts", ATTEMPTS)
    bounded = min(attempts, ATTEMPTS) if isinstance(attempts, int) else attempts
    return source._replace(settings={**source.settings, "attempts": bounded})
