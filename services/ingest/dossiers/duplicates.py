"""Records of sources without version times: one that was sent before is the same event, whenever it comes again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from services.ingest.dossiers import store as dossiers_store
from services.ingest.dossiers.service import history_of
from services.ingest.events.model import Event
from shared.database import Connection


async def with_earlier_ids(tx: Connection, province: str, events: Sequence[Event]) -> Sequence[Event]:
    """Events whose id is only the instant of arrival, under the province's lock: what was sent before is that same event."""
    there = await dossiers_store.dossiers_by_code(tx, province, [event.code for event in events])
    times = Counter(event.code for event in events)
    if not there and len(times) == len(events):
        return events
    before: dict[Event, Event] = {}
    for row in there.values():
        for event in history_of(row):
            before.setdefault(anonymous(event), event)
    return [
        msgspec.structs.replace(event, id=before.setdefault(anonymous(event), event).id)
        if times[event.code] > 1 or event.code in there
        else event
        for event in events
    ]


def anonymous(event: Event) -> Event:
    """What the event states, without its id."""
    return msgspec.structs.replace(event, id="", reading=0, served_at=None)
