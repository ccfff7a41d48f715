"""Pushing: records that a source sends are read one by one and taken in together; the sender is answered after the commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import NamedTuple

import msgspec

from services.ingest.catalogue.model import Ruleset
from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers.duplicates import with_earlier_ids
from services.ingest.dossiers.service import IntakeCounts, apply_batch_isolated
from services.ingest.dossiers.unmapped import Unmapped, list_unmapped
from services.ingest.events.model import Batch, Event, Reason, Rejected
from services.ingest.events.reasons import wording
from services.ingest.events.repetitions import Repetitions
from services.ingest.proposals import store as proposals_store
from services.ingest.provinces import store as provinces_store
from services.ingest.pulls import store as pulls_store
from services.ingest.sources.decoding import decoder, reader_of_codes, reading_of
from services.ingest.sources.named_codes import NamedCode
from services.ingest.sources.store import readings
from services.ingest.sources.store.sources import SourceRow
from services.ingest.sources.traits import bears_version_time
from shared.civil import VIETNAM, civil_day
from shared.database import Connection
from shared.idempotency import KeyedRequest, idempotent

MAX_RECORDS = 5_000
"""Records in one request; one transaction takes them all."""


class DecodedRequest(NamedTuple):
    """The records of a request, read."""

    batch: Batch
    rejected: list[tuple[int, Rejected]]
    """Those that could not be read, with their places in the request."""
    named: list[NamedCode]
    """What they call agencies and procedures."""


class PushResult(NamedTuple):
    """What became of a request."""

    counts: IntakeCounts
    rejected: list[tuple[int, Rejected]]
    """Place in the request and reason of each record in quarantine."""


class RejectedRecord(msgspec.Struct, frozen=True):
    """A record of a request that waits in quarantine."""

    index: int
    """Its index in the request, from 0 on."""
    code: str | None
    """Code of its dossier; null where it has none, or what stands there may be none."""
    reason: Reason
    """Why it cannot be read."""
    detail: str
    """The field, and what is wrong with it."""
    vi: str
    """What is wrong, in Vietnamese."""
    en: str
    """What is wrong, in English."""


class PushReceipt(msgspec.Struct, frozen=True):
    """What became of the records of a request: served = accepted + known + superseded + quarantined, always."""

    served: int
    """Records that were sent."""
    accepted: int
    """Taken in as something new."""
    known: int
    """Said before, word for word."""
    superseded: int
    """Older than what is known already; kept with the dossier all the same."""
    quarantined: int
    """Could not be read: they wait in quarantine with their reason."""
    head: int
    """Newest position of the feed after them."""
    rejected: list[RejectedRecord]
    """Those in quarantine, by their index in the request."""
    unmapped: list[Unmapped] = []
    """Agencies and procedures of accepted records that the catalogue does not know, the most frequent first, 20 at most: until
    it does, their dossiers count under no agency or have no due date by law."""


def decode_records(source: SourceRow, records: Sequence[object], now: datetime) -> DecodedRequest:
    """The records of a request that arrived at `now`, each read as `source` says; before a transaction is opened for them."""
    decode, codes_of = decoder(source, now), reader_of_codes(source)
    arrived = {"_arrived": now.isoformat()} if not bears_version_time(source.kind) else None
    events: list[Event] = []
    rejected: list[tuple[int, Rejected]] = []
    repetitions = Repetitions()
    named: dict[tuple[str, str], NamedCode] = {}
    for index, record in enumerate(records):  # each is parsed when its turn comes: once, and let go
        named.update(((one.kind, one.code), one) for one in codes_of(record))
        one = decode({**record, **arrived} if arrived and isinstance(record, dict) else record)
        if isinstance(one, Event):
            events.append(one)
        else:
            if one.withheld is not None:
                one = msgspec.structs.replace(one, detail=f"{one.detail} It was record {index + 1} of its request.")
            rejected.append((index, repetitions.numbered(one)))
    batch = Batch(events, [one for _, one in rejected], reading=reading_of(source), served_at=now)
    return DecodedRequest(batch, rejected, list(named.values()))


async def push(tx: Connection, rulesets: RulesetCache, source: SourceRow, sent: DecodedRequest, now: datetime) -> PushResult:
    """Take what `source` sent in; the sender may be answered after the commit. First in its transaction."""
    await provinces_store.lock(tx, source.province)
    return PushResult(await _apply(tx, rulesets, source, sent, now), sent.rejected)


async def push_once(
    tx: Connection, rulesets: RulesetCache, source: SourceRow, sent: DecodedRequest, now: datetime, request: KeyedRequest | None
) -> PushReceipt:
    """As `push`, but a request that was taken in before is answered as it was then and has no second effect.

    A repeat that comes meanwhile waits for the province, and with it for the first. Raises `KeyReused` when its key came with
    another request.
    """
    await provinces_store.lock(tx, source.province)

    async def apply_batch() -> PushReceipt:
        counts = await _apply(tx, rulesets, source, sent, now)
        return receipt_of(PushResult(counts, sent.rejected), rulesets.loaded(source.province))

    return await idempotent(tx, "ingest", request, now, PushReceipt, apply_batch)


def receipt_of(result: PushResult, ruleset: Ruleset) -> PushReceipt:
    """What became of a request, as its sender is answered."""
    counts = result.counts
    return PushReceipt(
        served=counts.served,
        accepted=counts.accepted,
        known=counts.known,
        superseded=counts.superseded,
        quarantined=counts.quarantined,
        head=counts.head,
        rejected=[
            RejectedRecord(index, one.code, one.reason, one.detail, wording(one.reason).vi, wording(one.reason).en)
            for index, one in result.rejected
        ],
        unmapped=list_unmapped(counts.unmapped, ruleset),
    )


async def _apply(
    tx: Connection, rulesets: RulesetCache, source: SourceRow, sent: DecodedRequest, now: datetime
) -> IntakeCounts:
    """Take a batch in, and count it to the source's day. Wants the province's lock."""
    name, province, batch = source.name, source.province, sent.batch
    if not bears_version_time(source.kind):
        batch = msgspec.structs.replace(batch, events=list(await with_earlier_ids(tx, province, batch.events)))
    if source.read_by is None:
        await readings.begin(tx, name, batch.reading)
    day = await pulls_store.day_of_pushes(tx, name, province, now=now, day_began=_day_began(now))
    counts = await apply_batch_isolated(tx, province, name, batch, rulesets, pull=day)
    # What the catalogue has is named there.
    named = [one for one in sent.named if (one.kind, one.code) in counts.unmapped]
    await proposals_store.put_named_codes(tx, name, named)
    await pulls_store.count_batch(
        tx,
        day,
        now,
        calls=0,
        pages=1,
        served=batch.served,
        accepted=counts.accepted,
        known=counts.known,
        superseded=counts.superseded,
        quarantined=counts.quarantined,
    )
    return counts


def _day_began(now: datetime) -> datetime:
    """The first instant of the civil day in Việt Nam."""
    return datetime.combine(civil_day(now), time(), VIETNAM)
