"""Which rows of a list were read, and what their order shows. Pure."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from functools import reduce
from itertools import pairwise
from operator import xor

from services.ingest.events.model import Event

_PART = 500_000
"""Rows whose digests are compared at once: bounds the memory of counting them."""
MAX_COMPARED = 100_000_000
"""Digests that are looked at, some of them often, to find passes that counted the list: half a minute of a processor."""
SLACK = timedelta(seconds=2)
"""So much disorder is none: a portal may sort by more digits than it shows."""
_FEWEST_ROWS = 3


class ReadRows:
    """Digests of the rows that passes over one list read, eight bytes each."""

    def __init__(self) -> None:
        """None were read yet."""
        self._passes = [array("Q")]
        self._totals: list[int | None] = []
        self.sequence = 0
        """Checksum of all rows of the pass in their order; by it a cursor knows whether these are its rows."""

    def add(self, digests: Sequence[int]) -> int:
        """Those of a page; returns `sequence`."""
        page = array("Q", digests)
        self._passes[-1].extend(page)
        self.sequence = zlib.crc32(page.tobytes(), self.sequence)
        return self.sequence

    def end(self, total: int | None) -> None:
        """The pass is over, and the list then had so many rows. What follows is another pass over it."""
        self._totals.append(total)
        self._passes.append(array("Q"))
        self.sequence = 0

    def summary(self) -> tuple[int, int]:
        """How many different rows the pass under way read, and their checksum, whatever their order.

        As `counted`, it takes seconds for a long list: no work of an event loop.
        """
        distinct = mask = 0
        for part in self._parts(self._passes[-1:]):
            distinct += len(part)
            mask = reduce(xor, part, mask)
        return distinct, mask & (2**63 - 1)

    def counted(self) -> tuple[int | None, bool]:
        """How many rows passes read that followed one another, where the list had as many at their end; None: no such.

        And whether later passes read each of these again. Then none of them had left by that end, and they were the list: no
        other row can have been in it. Where that would take more than `MAX_COMPARED`, it is not known.
        """
        count = None
        compared = 0
        for last in reversed(range(len(self._totals))):
            total = self._totals[last] or 0
            for first in reversed(range(last + 1)) if total else ():
                read = self._passes[first : last + 1]
                length = sum(map(len, self._passes[first:]))
                compared += length * (length // _PART + 1)
                if compared > MAX_COMPARED:
                    return count, False
                if (distinct := self._count(read)) == total:
                    count = total
                    if self._includes(self._passes[last + 1 :], read):
                        return count, True
                if distinct >= total:
                    break
        return count, False

    def _count(self, passes: Sequence[array[int]]) -> int:
        return sum(map(len, self._parts(passes)))

    def _includes(self, passes: Sequence[array[int]], others: Sequence[array[int]]) -> bool:
        length = sum(map(len, [*passes, *others]))
        return all(map(set.issuperset, self._parts(passes, length), self._parts(others, length)))

    def _parts(self, passes: Sequence[array[int]], length: int | None = None) -> Iterator[set[int]]:
        parts = (sum(map(len, passes)) if length is None else length) // _PART + 1
        for part in range(parts):
            yield {one for rows in passes for one in rows if one % parts == part}


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
