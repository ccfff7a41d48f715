"""Decoding single records of a source: as they are sent, or as they are stored in quarantine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from services.ingest.events.model import Event, Rejected
from services.ingest.sources.fields.instants import TOLERANCE
from services.ingest.sources.kinds import KINDS
from services.ingest.sources.model import (
    ConnectedSource,
)
from services.ingest.sources.settings import settings_of


def decoder(source: ConnectedSource, now: datetime) -> Callable[[object], Event | Rejected]:
    """The decoder of single records of a source: as they are sent, or as they are stored in quarantine."""
    settings = settings_of(source)
    return KINDS[source.kind].decoder(source.name, settings, now + TOLERANCE)


def reading_of(source: ConnectedSource) -> int:
    """By which reading the records of a source are read now: it moves with its settings and with the decoder of its kind."""
    return source.reading + (KINDS[source.kind].REVISION if source.kind in KINDS else 0)
