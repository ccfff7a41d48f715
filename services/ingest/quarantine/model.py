"""When a record that waits has been made good: something of its dossier was read cleanly later. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

from services.ingest.events.model import Reason

ReleasedBy = Literal["read", "replayed", "gone"]
"""How a record left quarantine: its dossier was read cleanly later, a replay took it in, or a whole reading of its source did
not serve it any more, or nothing is kept of the file that it was in."""


class WaitingRecord(NamedTuple):
    """A record that waits, as far as its release depends on it."""

    id: int
    source: str
    code: str | None
    known_by: bytes | None
    """Keyed digest of what stood in the place of its code; None: nothing was withheld."""
    version_at: datetime | None
    """The version time that it bears; None: none can be read."""
    last_at: datetime
    """When it was served last."""
    reason: str
    """Why it waits, as in `Reason`."""


class CleanReading(NamedTuple):
    """What a source said of a dossier in a later serving, and could be read."""

    source: str
    at: datetime
    """Version time of the newest of it."""
    is_news: bool
    """Something of it was not known before."""
    is_last_word: bool
    """What the source repeats is its last word: it is read as it stands, or its records bear no version time."""


def is_made_good(record: WaitingRecord, reading: CleanReading, came_before: datetime | None) -> bool:
    """Whether `reading` tells what the record could not; `came_before`: only a record that came earlier than that.

    Not where the record bears a later version time than what was read. Of another source, and of one that may send old versions
    again, only news count; so they do where it waits for a fault of ours: the same again is no sign that it was mended.
    """
    if came_before is not None and record.last_at >= came_before:
        return False
    if record.version_at is not None and reading.at < record.version_at:
        return False
    if record.reason == Reason.unforeseen.value:
        return reading.is_news
    return reading.is_news or (reading.is_last_word and reading.source == record.source)
