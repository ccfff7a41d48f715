"""The history of a dossier: the events that are stored of it, in their order, each once.

Pure. A statement that is served again is the event that is there. It counts anew, and its last serving is stored with it, where
another event of its source and time stands behind it: elsewhere nothing would come of it, and most of what a portal serves
is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeAlias

import msgspec

from services.ingest.events.model import DIGEST_BYTES, Batch, Event, digest, encode, stored

OrderKey: TypeAlias = tuple[datetime, str, int, datetime, str, bytes]
"""Source time, source, reading, last serving; id and digest of those that are left."""

decode_history = msgspec.msgpack.Decoder(list[Event]).decode
"""The events of a dossier, in order, as its row holds them."""
_NEVER = datetime.min.replace(tzinfo=UTC)
_INSTANT = timedelta(microseconds=1)


class StoredEvent(NamedTuple):
    """An event with its place in the total order and its bytes as kept."""

    key: OrderKey
    event: Event
    digest: bytes
    encoded: bytes


def stored_event(event: Event) -> StoredEvent:
    """An event as it is stored."""
    encoded = encode(event)
    tie = digest(encoded)
    key = (event.at, event.source, event.reading, event.served_at or _NEVER, event.id, tie)
    return StoredEvent(key, event, tie, stored(event, encoded))


def served(batch: Batch) -> dict[str, list[StoredEvent]]:
    """The events of a batch by the codes of their dossiers, with its reading and serving where they have none of their own."""
    by_code: dict[str, list[StoredEvent]] = {}
    reading, served_at = batch.reading, batch.served_at
    for event in batch.events:
        before = by_code.setdefault(event.code, [])
        if event.served_at is None and not event.reading and (reading or served_at):
            at = served_at + len(before) * _INSTANT if before and served_at is not None else served_at
            event = msgspec.structs.replace(event, reading=reading, served_at=at)
        before.append(stored_event(event))
    return by_code


def key_of(entry: StoredEvent) -> OrderKey:
    """Its place in the total order."""
    return entry.key


def merged(history: Iterable[StoredEvent], entries: Iterable[StoredEvent]) -> list[StoredEvent]:
    """A history with the entries that were served, in order."""
    by_digest = {entry.digest: entry for entry in history}
    for entry in entries:
        known = by_digest.get(entry.digest)
        if known is None or (entry.key > known.key and _is_followed(known, by_digest.values())):
            by_digest[entry.digest] = entry
    return sorted(by_digest.values(), key=key_of)


def _is_followed(entry: StoredEvent, among: Iterable[StoredEvent]) -> bool:
    """Whether another event of its source and time stands behind an entry."""
    of_the_same = entry.key[:2]
    return any(other.key[:2] == of_the_same and other.key > entry.key for other in among)


def unseen(entries: Sequence[StoredEvent], seen: bytes) -> list[StoredEvent]:
    """Those that a history with these digests does not have, in order, each once."""
    digests = {seen[index : index + DIGEST_BYTES] for index in range(0, len(seen), DIGEST_BYTES)}
    return merged((), (entry for entry in entries if entry.digest not in digests))


def stands_last(entries: Iterable[StoredEvent], seen: bytes) -> bool:
    """Whether a history with these digests cannot change by entries that it has: nothing stands behind any of them."""
    last = seen[-DIGEST_BYTES:]
    return len(seen) == DIGEST_BYTES or all(entry.digest == last for entry in entries)


def packed(entries: Sequence[StoredEvent]) -> tuple[bytes, bytes]:
    """The digests and the events of a history, as its row holds them."""
    if len(entries) == 1:
        return entries[0].digest, b"\x91" + entries[0].encoded
    return b"".join(entry.digest for entry in entries), _array_header(len(entries)) + b"".join(
        entry.encoded for entry in entries
    )


def _array_header(length: int) -> bytes:
    """The msgpack header of an array: its elements are there already, encoded."""
    return bytes((0x90 | length,)) if length < 16 else b"\xdc" + length.to_bytes(2)


def read_again(events: list[Event]) -> list[Event]:
    """Events in order, without what an older reading made of an utterance (source, time, id) that was read again."""
    if len(events) == 1 or not any(event.reading for event in events):
        return events
    newest: dict[tuple[str, datetime, str], int] = {}
    for event in events:
        utterance = (event.source, event.at, event.id)
        newest[utterance] = max(event.reading, newest.get(utterance, 0))
    return [event for event in events if event.reading == newest[event.source, event.at, event.id]]


def newer_entries(after: list[StoredEvent], history: list[StoredEvent]) -> list[StoredEvent]:
    """Entries of a history that were not there, or not with this serving."""
    before = {entry.digest: entry for entry in history}
    return [entry for entry in after if before.get(entry.digest) is not entry]
