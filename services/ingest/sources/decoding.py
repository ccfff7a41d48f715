"""Decoding single records of a source: as they are sent, or as they are stored in quarantine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from services.ingest.events.model import Event, Rejected
from services.ingest.sources.fields.instants import TOLERANCE
from services.ingest.sources.kinds import KINDS
from services.ingest.sources.model import (
    ConnectedSource,
    NamesRecords,
)
from services.ingest.sources.named_codes import NamedCode
from services.ingest.sources.settings import settings_of


def decoder(source: ConnectedSource, now: datetime) -> Callable[[object], Event | Rejected]:
    """The decoder of single records of a source: as they are sent, or as they are stored in quarantine."""
    settings = settings_of(source)
    return KINDS[source.kind].decoder(source.name, settings, now + TOLERANCE)


def named_codes(source: ConnectedSource, records: Iterable[object]) -> list[NamedCode]:
    """The codes that records of a source name as they were sent, each once; the newest name counts."""
    kind = KINDS.get(source.kind)
    if not isinstance(kind, NamesRecords):
        return []
    return list({(one.kind, one.code): one for record in records for one in kind.named_codes(record)}.values())


def reading_of(source: ConnectedSource) -> int:
    """By which reading the records of a source are read now: it moves with its settings and with the decoder of its kind."""
    return source.reading + (KINDS[source.kind].REVISION if source.kind in KINDS else 0)
