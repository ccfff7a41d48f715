"""Quarantine: records that could not be read wait with their reason until a rule, a mapping or the record itself has changed.

A replay reads what was kept once more by the source's settings as they are now. What can be read is taken in like anything
else and marked as released; replaying it again changes nothing. What still cannot stays, with the newer judgement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers import store as dossiers_store
from services.ingest.dossiers.corrections import CodeCorrections
from services.ingest.dossiers.duplicates import with_earlier_ids
from services.ingest.dossiers.service import apply_batch_isolated
from services.ingest.events.model import Batch, Event, Reason, Rejected
from services.ingest.provinces.service import locked
from services.ingest.quarantine.store import records as quarantine_store
from services.ingest.quarantine.store import releases as quarantine_releases
from services.ingest.quarantine.store.records import Judgement, QuarantinedRow
from services.ingest.sources.decoding import decoder, reading_of
from services.ingest.sources.errors import SourceMisconfigured
from services.ingest.sources.model import Arrival
from services.ingest.sources.store import sources as sources_store
from services.ingest.sources.store.sources import SourceRow
from services.ingest.sources.traits import bears_version_time, kinds_that_come
from shared.database import Connection

BATCH_SIZE = 500
"""Records replayed in one transaction."""


class ReplayResult(NamedTuple):
    """What a replay did."""

    replayed: int
    released: int
    rejected: int
    """Records that cannot be read by today's rules either."""
    changed: list[str]
    """Codes of dossiers that have a new version in the feed because of it."""


async def replay(tx: Connection, rulesets: RulesetCache, province: str, numbers: Sequence[int], now: datetime) -> ReplayResult:
    """Read quarantined records of one province again and take in what can be read.

    Records that were released before, or are of another province, are left alone.
    """
    province_row = await locked(tx, province)
    corrections = CodeCorrections(await rulesets.at(tx, province, province_row.catalogue))
    rows = []
    for number in sorted(numbers):
        row = await quarantine_store.quarantined(tx, number)
        if row is not None and row.released_at is None and row.province == province:
            rows.append(row)
    by_source: dict[str, list[Event]] = {}
    released: list[int] = []
    rejected: list[Judgement] = []
    readers: dict[str, _Reader] = {}
    for row in rows:
        name = row.source
        if name not in readers:
            readers[name] = _Reader(await sources_store.source(tx, name), now)
        read = readers[name].read(row)
        if isinstance(read, Rejected):
            rejected.append(Judgement(row.id, read.reason.value, read.detail))
        else:
            event = msgspec.structs.replace(read, reading=readers[name].reading, served_at=row.last_at)
            by_source.setdefault(name, []).append(corrections.corrected(event) if readers[name].in_files else event)
            released.append(row.id)
    codes = sorted({event.code for events in by_source.values() for event in events})
    before = await dossiers_store.dossiers_by_code(tx, province, codes)
    # First, since what fails on its way into its dossier comes back here.
    await quarantine_releases.release_quarantined(tx, released, "replayed")
    failing = 0
    for name, events in by_source.items():
        if readers[name].arriving:
            events = list(await with_earlier_ids(tx, province, events))
        failing += (await apply_batch_isolated(tx, province, name, Batch(events, []), rulesets)).quarantined
    await quarantine_store.judge_quarantined(tx, rejected)
    after = await dossiers_store.dossiers_by_code(tx, province, codes)
    changed = [code for code in codes if code not in before or before[code].position != after[code].position]
    return ReplayResult(len(rows), len(released) - failing, len(rejected) + failing, changed)


class _Reader:
    """Reads what was kept of one source's records, by its settings as they are now."""

    def __init__(self, source: SourceRow | None, now: datetime) -> None:
        self.arriving = source is not None and not bears_version_time(source.kind)
        self.reading = reading_of(source) if source is not None else 0
        self.in_files = source is not None and source.kind in kinds_that_come(Arrival.imports)
        self._decode: Callable[[object], Event | Rejected] | None = None
        self._why_not = "Its source is no longer connected."
        if source is not None:
            try:
                self._decode = decoder(source, now)
            except SourceMisconfigured as error:
                self._why_not = str(error)

    def read(self, row: QuarantinedRow) -> Event | Rejected:
        fields = row.fields
        if row.reason == Reason.history_full:
            # It was an event already, and nobody made room in the dossier.
            return Rejected(Reason.history_full, row.detail, fields, row.code)
        if not fields or row.reason == Reason.unknown_field:
            # Of it, or of the field that was misspelt, nothing was kept: it has to come again.
            return Rejected(Reason(row.reason), row.detail, fields, row.code)
        if row.reason == Reason.unforeseen and "event" in fields:
            # It was read, and failed on its way into its dossier.
            return msgspec.convert(fields["event"], Event)
        if self._decode is None:
            return Rejected(Reason(row.reason), self._why_not, fields, row.code)
        if self.arriving:
            fields = {**fields, "_arrived": row.first_at.astimezone(UTC).isoformat()}
        return self._decode(fields)
