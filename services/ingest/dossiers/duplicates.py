"""Records of sources without version times: one that was sent before is the same event, whenever it comes again."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from services.ingest.dossiers import store as dossiers_store
from services.ingest.dossiers.service import history_of
from services.ingest.events.model import Event
from shared.database import Connection


async def with_earlier_ids(tx: Connection, province: str, events: Sequence[Event]) -> list[Event]:
    """Events whose id is only the instant of arrival, under the province's lock: what was sent before is that same event."""
    there = await dossiers_store.dossiers_by_code(tx, province, [event.code for event in events])
    before: dict[Event, Event] = {}
    for row in there.values():
        for event in history_of(row):
            before.setdefault(_anonymous(event), event)
    return [before.setdefault(_anonymous(event), event) for event in events]


def _anonymous(event: Event) -> Event:
    return msgspec.structs.replace(event, id="")
