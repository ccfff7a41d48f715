"""Which rows of a list were read, and what their order shows. Pure."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from services.ingest.events.model import Event

_PART = 500_000
"""Rows whose digests are compared at once: bounds the memory of counting them."""
SLACK = timedelta(seconds=2)
"""So much disorder is none: a portal may sort by more digits than it shows."""
_FEWEST_ROWS = 3


class ReadRows:
    """Digests of the rows that were read, eight bytes each."""

    def __init__(self) -> None:
        """None were read yet."""
        self._digests = array("Q")
        self.sequence = 0
        """Checksum of all of them in their order; by it a cursor knows whether these are the rows that it speaks of."""

    def add(self, digests: Sequence[int]) -> int:
        """Those of a page; returns `sequence`."""
        page = array("Q", digests)
        self._digests.extend(page)
        self.sequence = zlib.crc32(page.tobytes(), self.sequence)
        return self.sequence

    def begin_again(self) -> None:
        """What follows is another reading of the same list."""
        self.sequence = 0

    def distinct(self) -> int:
        """How many different rows there are."""
        parts = len(self._digests) // _PART + 1
        return sum(len({one for one in self._digests if one % parts == part}) for part in range(parts))


def is_descending(dates: Sequence[datetime]) -> bool:
    """Whether the rows of one page, which is a list at one instant, come newest first."""
    return list(dates) == sorted(dates, reverse=True) or all(older <= newer + SLACK for newer, older in pairwise(dates))


def is_ordered_by_change(events: Collection[Event]) -> bool:
    """Whether the order of a page that comes newest first is that of the changes, and not by chance.

    It may be another order (by receipt, number or code) of dossiers that have not changed since: then the next change would
    stand somewhere in the midst of the list. Where none of these explains the order, the list is ordered by change.
    """
    if len({event.at for event in events}) < _FEWEST_ROWS:
        return False
    received = [event.course.received_at for event in events if event.course is not None and event.course.received_at]
    numbers = [int(event.id) for event in events if event.id.isascii() and event.id.isdecimal()]
    by_number = numbers if len(numbers) == len(events) else [event.id for event in events]
    codes = [event.code for event in events]
    return not any(_is_monotone(values) for values in (received, by_number, codes))


def _is_monotone(values: Sequence[object]) -> bool:
    ascending = sorted(values)  # type: ignore[type-var]
    # What is the same everywhere orders nothing.
    return len(set(values)) > 1 and list(values) in (ascending, ascending[::-1])


def joint(before: Sequence[int], page: Sequence[int]) -> int | None:
    """How many leading rows of a page are the last rows of what was read before it, in the same order; None: they are not.

    A page that begins with the end of the one before was joined to it: whatever came to the head of the list between the two
    only pushed rows down, and none was skipped.
    """
    if not page or page[0] not in before:
        return None
    overlap = before[before.index(page[0]) :]
    return len(overlap) if list(overlap[: len(page)]) == list(page[: len(overlap)]) else None
