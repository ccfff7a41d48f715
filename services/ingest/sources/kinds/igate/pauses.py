"""Tasks in order, and pauses that do not overlap. Pure."""

from __future__ import annotations

from services.ingest.events.model import Pause
from services.ingest.sources.kinds.igate.wire import Task


def in_order(tasks: list[Task]) -> list[Task]:
    """Those that have a begin, by it."""
    dated = [task for task in tasks if task.created_date is not None]
    return sorted(dated, key=lambda task: task.created_date)  # type: ignore[arg-type, return-value]


def apart(pauses: list[Pause]) -> list[Pause]:
    """Sorted and disjoint; pauses that overlap are one, of the kind that began it."""
    pauses.sort(key=lambda pause: pause.from_at)
    merged = [pauses[0]]
    for pause in pauses[1:]:
        last = merged[-1]
        if last.to_at is None or pause.from_at < last.to_at:
            to_at = None if last.to_at is None or pause.to_at is None else max(last.to_at, pause.to_at)
            merged[-1] = Pause(last.from_at, to_at, last.kind)
        else:
            merged.append(pause)
    return merged
