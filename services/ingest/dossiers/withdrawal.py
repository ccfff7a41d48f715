"""Withdrawing what was taken from a file that turned out to be read wrongly: its events leave their dossiers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers import store as dossiers_store
from services.ingest.dossiers.dating.assessment import assess
from services.ingest.dossiers.dating.facts import facts_of
from services.ingest.dossiers.folding import fold
from services.ingest.dossiers.history import stored_event
from services.ingest.dossiers.rejections import wait_again
from services.ingest.dossiers.service import PendingRows, history_of
from services.ingest.events.model import Event
from services.ingest.provinces.service import locked
from services.ingest.sources.fields.instants import FIRST
from shared.database import Connection


async def withdraw(
    tx: Connection,
    province: str,
    source: str,
    event_id: str,
    rulesets: RulesetCache,
    *,
    since: datetime,
    after: int,
    limit: int,
) -> int | None:
    """Take the events of `source` with this id out of the next dossiers after a number; the last number, None at the end.

    Each dossier is as it would be without them. One of which nothing is left is marked as deleted, and is there again when any
    source speaks of it. What waited in quarantine until they were read, `since` when they came, waits again.
    """
    row = await locked(tx, province)
    ruleset = await rulesets.at(tx, province, row.catalogue)
    dossiers = await dossiers_store.dossiers_with_event(tx, province, event_id, after, limit)
    if not dossiers:
        return None
    writing = PendingRows(province, row.head, row.numbers)
    remaining: dict[str, Sequence[Event]] = {}
    for one in dossiers:
        history = history_of(one)
        left = [event for event in history if (event.source, event.id) != (source, event_id)]
        if len(left) == len(history):
            continue
        remaining[one.code] = left
        left = left or [Event(one.code, source, event_id, FIRST, deleted=True)]
        state = fold(left, ruleset.sources)
        writing.merged(one, [stored_event(event) for event in left], facts_of(assess(state, ruleset)), state)
    await writing.write(tx)
    if remaining:
        await wait_again(tx, province, remaining, since)
    return dossiers[-1].number
