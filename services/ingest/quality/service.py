"""What the figures of a province are known to lack, as metrics is told."""

from __future__ import annotations

from datetime import datetime

from services.ingest.catalogue.store import redatings as redatings_store
from services.ingest.provinces import store as provinces_store
from services.ingest.quality import store as quality_store
from services.ingest.quality.model import unmapped_by_day
from services.ingest.reconciliation import store as reconciliation_store
from services.ingest.sources.decoding import revisions
from services.ingest.sources.fields.instants import FIRST
from services.ingest.sources.model import Arrival
from services.ingest.sources.store import readings
from services.ingest.sources.store import sources as sources_store
from services.ingest.sources.traits import kinds_that_come, reports_totals
from shared.civil import civil_day
from shared.contracts.feed import Missing, Quality, UnmappedDossiers
from shared.database import Connection


class UnmappedCache:
    """Dossiers of unknown agencies and procedures by province: counted anew only when the head of its feed moved.

    Whether a dossier is mapped is one of its facts: it changes with a version.
    """

    def __init__(self) -> None:
        """Empty."""
        self._counted: dict[str, tuple[int, UnmappedDossiers]] = {}

    async def read(self, connection: Connection, province: str) -> UnmappedDossiers:
        """As of the newest version, or of a newer one."""
        head = await _head(connection, province)
        known = self._counted.get(province)
        if known is None or known[0] != head:
            groups = await quality_store.unmapped(connection, province)
            known = self._counted[province] = head, unmapped_by_day(groups)
        return known[1]


async def _head(connection: Connection, province: str) -> int:
    row = await provinces_store.read(connection, province)
    return row.head if row is not None else 0


async def read_quality(connection: Connection, province: str, unmapped: UnmappedCache, now: datetime) -> Quality:
    """Everything that a province's figures are known to lack at `now`."""
    head = await _head(connection, province)  # first: what came with these versions is seen by all that is read after it
    found = await quality_store.read(connection, province, kinds_that_come(Arrival.pulled), now)
    redating = await redatings_store.redatings_left(connection, province)
    return Quality(
        quarantined=found.quarantine.records,
        quarantined_since=found.quarantine.since,
        missing=[Missing(**one._asdict()) for one in found.missing],
        gap=found.gap.dossiers,
        gap_since=found.gap.since,
        unmapped=await unmapped.read(connection, province),
        redating=redating.dossiers,
        redating_since=redating.since,
        head=head,
    )


async def plan_verifications(tx: Connection, now: datetime) -> int:
    """Have sources reconciled of which a pull may have skipped something, from the first day that is believed to today.

    Where the last such reconciliation failed, the source is read whole as well. Returns how many were planned.
    """
    found = [one for one in await quality_store.to_verify(tx, now) if reports_totals(one.kind)]
    for one in found:
        await reconciliation_store.plan_reconciliation(tx, one.source, one.province, civil_day(FIRST), civil_day(now), now)
        if one.failed:
            await sources_store.forget_cursor(tx, one.source, now)
    return len(found)


async def note_other_readings(tx: Connection, now: datetime) -> None:
    """Say since when sources are of another reading than now, and have those that are pulled read whole at once."""
    await readings.note_others(tx, revisions(), kinds_that_come(Arrival.pulled), now)
