"""Records that become no part of a dossier: they are put into quarantine, and leave it when they are read cleanly later."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b

import msgspec

from services.ingest.events.model import DIGEST_BYTES, Event, Reason, Rejected, Withheld, digest
from services.ingest.quarantine.model import CleanReading, is_made_good
from services.ingest.quarantine.store import records as quarantine_store
from services.ingest.quarantine.store import releases as quarantine_releases
from services.ingest.quarantine.store.records import RejectedRow
from services.ingest.sources.store import sources as sources_store
from services.ingest.sources.traits import bears_version_time, is_pulled
from shared.database import Connection

_encode_fields = msgspec.json.Encoder(order="sorted").encode


def overfull(event: Event, max_events: int, max_history: int) -> Rejected:
    """An event for which its dossier has no room."""
    return Rejected(
        reason=Reason.history_full,
        detail=f"With it the dossier would have more than {max_events} events, or {max_history // 1024} kB of them, which no"
        " real dossier has. Look at what the source sends.",
        fields={"event": msgspec.to_builtins(event)},
        code=event.code,
        version_at=event.at,
    )


def failing(event: Event, error: Exception) -> Rejected:
    """An event that cannot be taken into its dossier."""
    return Rejected(
        reason=Reason.unforeseen,
        detail=f"Taking this event into its dossier fails for a fault of ours ({type(error).__name__}).",
        fields={"event": msgspec.to_builtins(event)},
        code=event.code,
        version_at=event.at,
    )


def undated(newest: Event, error: Exception) -> Rejected:
    """The newest event of a dossier that cannot be dated anew."""
    return Rejected(
        reason=Reason.unforeseen,
        detail=f"Dating its dossier anew fails for a fault of ours ({type(error).__name__}): it stays as it was dated. Once"
        " that is mended, have the province dated anew: POST /v1/catalogue/{province}/redatings.",
        fields={"event": msgspec.to_builtins(newest)},
        code=newest.code,
        version_at=newest.at,
    )


async def quarantine_rejected(
    tx: Connection, province: str, source: str, pull: int | None, rejected: Sequence[Rejected], imported: int | None = None
) -> None:
    """Put records into quarantine. Equal ones of one serving count each; what is served again is the same record.

    `imported`: number of the import that serves them.
    """
    rows: list[RejectedRow] = []
    key: bytes | None = None
    for one in rejected:
        fields = _encode_fields(one.fields)
        known_by = None
        if one.withheld is None:
            fingerprint = digest(fields)
        else:
            if key is None:
                key = await quarantine_store.digest_key(tx)
            fingerprint = known_by = _known_by(key, one.withheld)
        if one.repetition:
            fingerprint = digest(fingerprint + one.repetition.to_bytes(8))
        unknown = None if one.unknown is None else _encode_fields(one.unknown).decode()
        rows.append(
            RejectedRow(fingerprint, one.reason.value, one.detail, one.code, fields.decode(), one.version_at, known_by, unknown)
        )
    await quarantine_store.put_quarantine(tx, province, source, pull, rows, imported)


async def release_read(
    tx: Connection,
    province: str,
    source: str,
    events: Mapping[str, Sequence[Event]],
    news: Collection[str],
    came_before: datetime | None,
) -> None:
    """Release what waited of dossiers of which `source` sent `events` that could be read, by their codes.

    `news`: codes of which something new was accepted. `came_before`: records that came from then on stay (of the same file).
    """
    codes = list(events)
    if not codes:
        return
    waiting = await quarantine_store.waits_for(tx, province, codes)
    if not any(waiting):
        return
    by_text: dict[bytes, str] = {}
    if waiting.withheld:
        key = await quarantine_store.digest_key(tx)
        by_text = {_known_by(key, Withheld(code)): code for code in codes}
    row = await sources_store.source(tx, source)
    kind = row.kind if row is not None else ""
    is_last_word = is_pulled(kind) or not bears_version_time(kind)
    released: list[int] = []
    for one in await quarantine_store.waiting_records(tx, province, codes, list(by_text)):
        code = one.code if one.code is not None else by_text[one.known_by or b""]
        reading = CleanReading(source, max(event.at for event in events[code]), code in news, is_last_word)
        if is_made_good(one, reading, came_before):
            released.append(one.id)
    await quarantine_releases.release_quarantined(tx, released, "read")


async def wait_again(tx: Connection, province: str, left: Mapping[str, Sequence[Event]], since: datetime) -> None:
    """Have records wait again that were released since an instant by what has been taken out of their dossiers.

    `left`: the events that these dossiers still have, by code. What one of them tells stays released.
    """
    key = await quarantine_store.digest_key(tx)
    by_text = {_known_by(key, Withheld(code)): code for code in left}
    waiting: list[int] = []
    for one in await quarantine_releases.read_since(tx, province, list(left), list(by_text), since):
        code = one.code if one.code is not None else by_text[one.known_by or b""]
        told = (
            event.served_at is not None
            and event.served_at > one.last_at
            and (one.version_at is None or event.at >= one.version_at)
            for event in left[code]
        )
        if not any(told):
            waiting.append(one.id)
    await quarantine_releases.hold_again(tx, waiting)


def _known_by(key: bytes, withheld: Withheld) -> bytes:
    return blake2b(withheld.text.strip().encode(errors="surrogatepass"), digest_size=DIGEST_BYTES, key=key).digest()
