"""Dating anew: what a change of the catalogue, the calendar or the rules does to the dossiers that are there, part by part."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.ingest.catalogue.effects import Effect
from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.catalogue.store import redatings as redatings_store
from services.ingest.dossiers.service import redate
from services.ingest.feed import store as feed_store
from services.ingest.provinces import store as provinces_store
from shared.database import TRANSIENT_ERRORS, Connection
from shared.dossier import Facts
from shared.logs import logger, where

log = logger("redating")
_decode = msgspec.json.Decoder(Facts).decode

BATCH_SIZE = 5_000
"""Dossiers per transaction."""
BATCH_BYTES = 32 * 1024 * 1024
"""Of their histories: bounds the memory of a part."""


async def redate_next(tx: Connection, rulesets: RulesetCache, now: datetime) -> int | None:
    """Date the next part of an open redating anew; how many versions that made, None when no redating is open.

    Another part may be left, also where nothing was made. A province whose part fails stops no other; its failure is raised
    when no other is left.
    """
    failure: Exception | None = None
    for province in await redatings_store.provinces_to_redate(tx):
        try:
            async with tx.transaction():
                return await _redate_part(tx, province, rulesets, now)
        except TRANSIENT_ERRORS:
            raise
        except Exception as error:
            log.error("province not dated anew", province=province, error=type(error).__name__, at=where(error))
            failure = error
    if failure is not None:
        raise failure
    return None


async def _redate_part(tx: Connection, province: str, rulesets: RulesetCache, now: datetime) -> int:
    await provinces_store.lock(tx, province)
    plan = await redatings_store.open_redating(tx, province)
    if plan is None:
        return 0  # another worker finished it while this one waited; there may be one of another province
    done = await redate(
        tx,
        province,
        rulesets,
        after=plan.done_to,
        upto=plan.upto,
        limit=BATCH_SIZE,
        size=BATCH_BYTES,
        only_unmapped=plan.only_unmapped,
    )
    made = done.head - done.before
    await _count(tx, province, plan.effect, done.replaced)
    await redatings_store.redated(
        tx,
        plan.id,
        done_to=done.done_to,
        examined=done.examined,
        effect=plan.effect,
        first=done.before + 1 if made else None,
        last=done.head if made else None,
        finished_at=now if done.finished else None,
    )
    return made


async def _count(tx: Connection, province: str, effect: Effect, replaced: list[tuple[int, Facts]]) -> None:
    """Count what became of dossiers: their versions of before are read by position."""
    old = await feed_store.facts_at(tx, province, [position for position, _ in replaced]) if replaced else {}
    for position, facts in replaced:
        if position in old:
            effect.add(_decode(old[position]), facts)
