"""Quarantine as callers may see it."""

from __future__ import annotations

from services.ingest.provinces.service import require_visible
from services.ingest.quarantine.store import records as quarantine_store
from services.ingest.quarantine.store.records import QuarantinedRow
from services.ingest.sources.service import visible_source
from services.ingest.sources.store import sources as sources_store
from services.ingest.sources.traits import is_pulled
from shared.access.principals import Principal
from shared.database import Connection


async def visible_sources(connection: Connection, principal: Principal) -> list[str] | None:
    """The sources whose records the key may see, None for all: a key that sends sees those of sources that send."""
    if "sources:manage" in principal.scopes:
        return None
    return [row.name for row in await sources_store.sources(connection, principal.province) if not is_pulled(row.kind)]


async def visible_record(connection: Connection, principal: Principal, number: int) -> QuarantinedRow:
    """The record; raises `NotFound` when there is none or the key may not see it."""
    row = await quarantine_store.quarantined(connection, number)
    names = await visible_sources(connection, principal)
    row = row if row is None or names is None or row.source in names else None
    return principal.visible(row, f"There is no record {number} in quarantine. GET /v1/quarantine lists them.")


async def visible_province(
    connection: Connection, principal: Principal, province: str | None, source: str | None
) -> str | None:
    """The province to look in, None for all; raises `NotFound` for a province or a source that is not there for this key."""
    if province is not None:
        await require_visible(connection, principal, province)
    if source is not None:
        await visible_source(connection, principal, source)
    return province or principal.province
