"""A source's own catalogue of procedures."""

from __future__ import annotations

import asyncio

from services.ingest.inquiries.model import ProcedureOffer
from services.ingest.sources.errors import FAULT, SourceAway, SourceError
from services.ingest.sources.reader import open_source
from services.ingest.sources.store.sources import SourceRow
from shared.database import TRANSIENT_ERRORS
from shared.logs import logger, where

log = logger("offering")

READ_SECONDS = 15.0
"""How long a source's catalogue is read: somebody waits for it, and a further question behind it."""
ATTEMPTS = 2
"""How often a call of it is tried: whoever waits asks again sooner than a pull does."""


async def read_offer(source: SourceRow) -> ProcedureOffer:
    """What a source offers, or why that could not be read."""
    try:
        async with asyncio.timeout(READ_SECONDS), open_source(_impatient(source)) as reader:
            return ProcedureOffer(procedures=await reader.procedures())
    except TimeoutError:
        log.warning("catalogue not read in time", source=source.name)
        return ProcedureOffer(failure=SourceAway.category)
    except SourceError as error:
        log.warning("catalogue not read", source=source.name, error=str(error))
        return ProcedureOffer(failure=error.category)
    except TRANSIENT_ERRORS:
        raise
    except Exception as error:
        # Of an unforeseen fault only the type of the error is logged: its message may quote what the portal sent.
        log.error("catalogue not read", source=source.name, error=type(error).__name__, at=where(error))
        return ProcedureOffer(failure=FAULT)


def _impatient(source: SourceRow) -> SourceRow:
    """The source with settings that give up early, however patient its pulls are."""
    attempts = source.settings.get("attempts", ATTEMPTS)
    bounded = min(attempts, ATTEMPTS) if isinstance(attempts, int) else attempts
    return source._replace(settings={**source.settings, "attempts": bounded})
