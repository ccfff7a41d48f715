"""What dossiers name and the catalogue lacks, counted from the dossiers that are not mapped."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import date

from services.ingest.catalogue.model import Ruleset
from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers import store as dossiers_store
from services.ingest.dossiers.dating.assessment import assess
from services.ingest.dossiers.folding import fold
from services.ingest.dossiers.history import decode_history
from services.ingest.dossiers.store import DatingRow
from services.ingest.proposals import store as proposals_store
from services.ingest.proposals.model import (
    AgencyProposal,
    Mention,
    Mentions,
    ProcedureProposal,
    propose_agencies,
    propose_procedures,
)
from services.ingest.provinces import store as provinces_store
from services.ingest.sources.named_codes import CodeKind
from shared.civil import civil_day
from shared.database import Connection
from shared.errors import no_province

MAX_DOSSIERS = 50_000
"""Dossiers that are looked through, the oldest first; those behind them show when these are mapped."""
BATCH_SIZE, BATCH_BYTES = 5_000, 16 * 1024 * 1024


async def agencies(connection: Connection, rulesets: RulesetCache, province: str, source: str | None) -> list[AgencyProposal]:
    """Agencies that dossiers name, of one source or of all, and the catalogue lacks on their day of receipt."""
    ruleset = await rulesets.of(connection, province)
    mentions = await _mentions(connection, ruleset, province, source)
    return propose_agencies(mentions, await proposals_store.named_codes(connection, province), ruleset.structure)


async def procedures(
    connection: Connection, rulesets: RulesetCache, province: str, source: str | None
) -> list[ProcedureProposal]:
    """Procedures that dossiers name, of one source or of all, and the catalogue lacks on their day of receipt."""
    ruleset = await rulesets.of(connection, province)
    mentions = await _mentions(connection, ruleset, province, source)
    named = await proposals_store.named_codes(connection, province)
    return propose_procedures(mentions, named, ruleset.procedures.procedures)


async def _mentions(connection: Connection, ruleset: Ruleset, province: str, source: str | None) -> Mentions:
    row = await provinces_store.read(connection, province)
    if row is None:
        raise no_province(province)
    found: dict[tuple[CodeKind, str], Mention] = defaultdict(Mention)
    after = seen = 0
    while seen < MAX_DOSSIERS:
        rows = await dossiers_store.dossiers_to_date(
            connection, province, after, row.numbers, BATCH_SIZE, BATCH_BYTES, only_unmapped=True
        )
        if not rows:
            break
        # In a thread: other requests are served meanwhile.
        await asyncio.to_thread(_count, rows, ruleset, source, found)
        after, seen = rows[-1].number, seen + len(rows)
    return found


def _count(rows: list[DatingRow], ruleset: Ruleset, source: str | None, found: dict[tuple[CodeKind, str], Mention]) -> None:
    for one in rows:
        if source is not None and one.source != source:
            continue
        events = decode_history(one.history)
        state = fold(events, ruleset.sources)
        if state.deleted:
            continue
        on, about = assess(state, ruleset).catalogue_on, state.about
        # One that was not received yet is of no day: it was seen when it changed.
        seen_on = on if on != date.max else civil_day(events[-1].at)
        if about.agency is not None and ruleset.structure.key_for(about.agency, on) is None:
            found["agency", about.agency].add(seen_on, one.source)
        if about.procedure is not None and ruleset.procedures.get(about.procedure, on) is None:
            found["procedure", about.procedure].add(seen_on, one.source)
