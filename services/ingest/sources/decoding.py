"""Decoding single records of a source: as they are sent, or as they are stored in quarantine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from services.ingest.events.model import Event, Rejected
from services.ingest.sources.fields.instants import TOLERANCE
from services.ingest.sources.fields.withholding import Withholding
from services.ingest.sources.kinds import KINDS
from services.ingest.sources.model import ConnectedSource, NamesRecords
from services.ingest.sources.named_codes import NamedCode
from services.ingest.sources.settings import settings_of


def decoder(source: ConnectedSource, now: datetime) -> Callable[[object], Event | Rejected]:
    """The decoder of single records of a source: as they are sent, or as they are stored in quarantine."""
    settings = settings_of(source)
    return KINDS[source.kind].decoder(source.name, settings, now + TOLERANCE, withholding_of(source))


def withholding_of(source: ConnectedSource) -> Withholding:
    """What makes the codes of agencies and procedures of a source that are named by what may be a person's."""
    return Withholding(source.withholding_key, source.name)


def reader_of_codes(source: ConnectedSource) -> Callable[[object], list[NamedCode]]:
    """What finds the codes that a record of a source names as it was sent."""
    kind = KINDS.get(source.kind)
    return kind.named_codes if isinstance(kind, NamesRecords) else lambda record: []


def reading_of(source: ConnectedSource) -> int:
    """By which reading the records of a source are read now: it moves with its settings and with the decoder of its kind."""
    return source.reading + revisions().get(source.kind, 0)


def revisions() -> dict[str, int]:
    """Revisions of the decoders, by kind."""
    return {name: kind.REVISION for name, kind in KINDS.items()}


def fetching_of(kind: str) -> frozenset[str]:
    """Settings of a kind that say how records are fetched, and nothing of what they mean; of most kinds there are none."""
    found: frozenset[str] = getattr(KINDS[kind].Settings, "FETCHING", frozenset())
    return found
