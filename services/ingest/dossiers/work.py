"""The internal process of a dossier: which departments had it, one after another, and whether it went the wrong way. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from services.ingest.events.model import Pause, WorkStep

MAX_STEPS = 500
"""Steps of one dossier that are judged and counted; real ones have a few dozen."""
_NEVER = datetime.max.replace(tzinfo=UTC)


def steps_in_order(work: Iterable[WorkStep]) -> tuple[WorkStep, ...]:
    """Each step once, in the order of their ends; those still under way last.

    Of steps with the same times, one without a department or a name is the same as one that has them: its source learnt to
    tell more. At most `MAX_STEPS`.
    """
    by_times: dict[tuple[datetime | None, ...], list[WorkStep]] = {}
    for one in dict.fromkeys(work):
        by_times.setdefault((one.started_at, one.due_at, one.ended_at), []).append(one)
    kept = [one for among in by_times.values() for one in (among if len(among) == 1 else _fullest(among))]
    return tuple(sorted(kept, key=_order)[:MAX_STEPS])


def returns(work: Sequence[WorkStep], pauses: Sequence[Pause], ended_at: datetime | None) -> int:
    """How often the dossier came back to a department and step where it had been, after it had been elsewhere.

    These are no such returns: what begins once the result is ready; the last step where that is the first one's (the desk
    that received it hands it over); and a return to ask for papers, a payment or somebody else, while or after waiting for it.
    """
    count = 0
    told = [one for one in work if one.department is not None]
    left: dict[tuple[str | None, str | None], datetime] = {}
    before: tuple[str | None, str | None] | None = None
    for number, one in enumerate(told):
        at = (one.department, one.name)
        begun_at = told[number - 1].ended_at if number else one.started_at
        if before is not None and at != before and at in left:
            over = ended_at is not None and begun_at is not None and begun_at >= ended_at
            hands_over = number == len(told) - 1 and at == (told[0].department, told[0].name)
            if not over and not hands_over and not _waited(pauses, left[at], one.ended_at or _NEVER):
                count += 1
        left[at] = one.ended_at or _NEVER
        before = at
    return count


def _fullest(among: list[WorkStep]) -> list[WorkStep]:
    """Without those that say less than another one of the same times."""
    departments = {one.department for one in among if one.name is not None}
    names = {one.name for one in among if one.department is not None}
    full = [
        one
        for one in among
        if (one.department is not None or (one.name is not None and one.name not in names))
        and (one.name is not None or one.department not in departments)
    ]
    return full or among[:1]


def _order(one: WorkStep) -> tuple[datetime, datetime, str, str, datetime, bool]:
    begun = one.started_at or one.ended_at or _NEVER
    # To the last field, or steps that differ in it would stand as they came.
    return one.ended_at or _NEVER, begun, one.department or "", one.name or "", one.due_at or _NEVER, one.started_at is None


def _waited(pauses: Sequence[Pause], since: datetime, until: datetime) -> bool:
    # A step that ends with the request is where it was asked for: the national format tells both in one record.
    return any(pause.from_at <= until and (pause.to_at is None or pause.to_at > since) for pause in pauses)
