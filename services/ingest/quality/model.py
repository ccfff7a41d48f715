"""Dossiers of unknown agencies and procedures, by the days on which they were received and ended. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from shared.contracts.feed import UnmappedDay, UnmappedDossiers

MAX_UNMAPPED = 20_000
"""Dossiers that are counted by day at most, the newest; more are said to be there."""


class UnmappedGroup(NamedTuple):
    """Dossiers that were received on one day and ended on another, whose agency or procedure is not known."""

    received_on: date | None
    """None: nobody says; such a dossier counts in no period."""
    ended_on: date | None
    """None: they are in process."""
    dossiers: int
    without_agency: int
    without_procedure: int


def unmapped_by_day(groups: Iterable[UnmappedGroup]) -> UnmappedDossiers:
    """What a reader needs to count, of any period, those that were received up to its end and not ended before it began."""
    found = 0
    counts: dict[date, Counter[str]] = {}
    for group in groups:
        found += group.dossiers
        if group.received_on is None:
            continue
        for day, what in ((group.received_on, "received"), (group.ended_on, "ended")):
            if day is not None:
                count = counts.setdefault(day, Counter())
                count[f"agency_{what}"] += group.without_agency
                count[f"procedure_{what}"] += group.without_procedure
    fields = UnmappedDay.__struct_fields__[1:]
    days = [UnmappedDay(day, *(count[field] for field in fields)) for day, count in sorted(counts.items())]
    return UnmappedDossiers(days, found >= MAX_UNMAPPED)
