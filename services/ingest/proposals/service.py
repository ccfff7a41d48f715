"""What dossiers name and the catalogue lacks, as rows for the catalogue."""

from __future__ import annotations

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers import store as dossiers_store
from services.ingest.proposals import store as proposals_store
from services.ingest.proposals.model import (
    AgencyProposal,
    Mention,
    ProcedureProposal,
    propose_agencies,
    propose_procedures,
)
from services.ingest.provinces import store as provinces_store
from services.ingest.sources.named_codes import CodeKind
from shared.database import Connection
from shared.errors import no_province

MAX_CODES = 20_000
"""Codes that are proposed at most, those of most dossiers first: no province has so many agencies or procedures."""


async def agencies(connection: Connection, rulesets: RulesetCache, province: str, source: str | None) -> list[AgencyProposal]:
    """Agencies that dossiers name, of one source or of all, and the catalogue lacks on their day of receipt."""
    mentions = await _mentions(connection, province, "agency", source)
    ruleset = await rulesets.of(connection, province)
    return propose_agencies(mentions, await proposals_store.named_codes(connection, province), ruleset.structure)


async def procedures(
    connection: Connection, rulesets: RulesetCache, province: str, source: str | None
) -> list[ProcedureProposal]:
    """Procedures that dossiers name, of one source or of all, and the catalogue lacks on their day of receipt."""
    mentions = await _mentions(connection, province, "procedure", source)
    ruleset = await rulesets.of(connection, province)
    named = await proposals_store.named_codes(connection, province)
    return propose_procedures(mentions, named, ruleset.procedures.procedures)


async def _mentions(
    connection: Connection, province: str, kind: CodeKind, source: str | None
) -> dict[tuple[CodeKind, str], Mention]:
    if await provinces_store.read(connection, province) is None:
        raise no_province(province)
    rows = await dossiers_store.unmapped(connection, province, kind, source, MAX_CODES)
    return {(kind, one.code): Mention(one.dossiers, one.first, one.last, set(one.sources)) for one in rows}
