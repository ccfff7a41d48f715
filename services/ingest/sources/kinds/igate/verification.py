"""Whether a pass over a whole list has shown that nothing was skipped. Pure."""

from __future__ import annotations

from typing import NamedTuple

from services.ingest.sources.kinds.igate.cursor import ListCursor

CAPS = frozenset(first * 10**power for first in (1, 2, 5) for power in range(2, 8))
"""Totals at which portals cut their lists off. A list that has exactly so many rows may have more."""


MAX_REREAD = 20_000
"""Rows of a short list: one that could not be verified is read whole by the next pull as well."""


class PassRead(NamedTuple):
    """What a pass over a whole list read."""

    distinct: int
    """Different dossiers."""
    counted: int | None = None
    """So many this pass and those before it read, and as many the list had, as `ReadRows.counted` says."""
    read_again: bool = False
    """Each of them was read again after that."""
    one_page: bool = False
    """Its first page held as many as there were in the list."""
    members: int | None = None
    """Checksum of them, whatever their order."""


def is_cut_off(at: ListCursor, read: PassRead, *, filtered: bool) -> bool:
    """Whether a list ends where lists end that are cut off, and nothing tells that this one is not."""
    return not filtered and any(one in CAPS and at.total in (None, one) for one in (read.distinct, read.counted))


def verification_of(at: ListCursor, read: PassRead, *, filtered: bool, passes: int) -> tuple[bool, str] | None:
    """Whether a pass that read so many different dossiers shows that nothing was skipped, and how or why not.

    None: it does not, and one of the `passes` that is left may. A part of the list (`filtered`) may be empty or end anywhere.
    """
    total, distinct = at.total, read.distinct
    if not distinct and not at.sequence and not filtered:
        # One empty response would else verify that nothing is left of a list.
        return False, "not verified: the list is empty: reconcile the source"
    if is_cut_off(at, read, filtered=filtered):
        return False, f"not verified: the list ends at {total or distinct}, as lists do that are cut off: reconcile the source"
    if is_counted(at, read):
        return True, f"counted: {distinct} different dossiers read, {total} in the list"
    if read.read_again:
        return True, f"counted: {read.counted} different dossiers read, as many as were in the list, and each again after that"
    # A total beyond what is served may count rows twice, and may tell of rows behind the end of what is served.
    if at.previous is not None and at.previous == at.sequence and (total is None or total <= distinct):
        return True, f"read twice in pages of different sizes: the same {distinct} dossiers in the same order"
    if at.moved and total == distinct > MAX_REREAD:
        # Reading so long a list once more costs more than reconciling it.
        return False, f"not verified: the list moved while {distinct} dossiers of it were read: reconcile the source"
    # Where only the reading again is lacking, the passes until then were not in vain.
    if at.number < (passes if read.counted is None else 2 * passes):
        return None
    return False, (
        f"not verified in {at.number} passes: {distinct} different dossiers read,"
        f" {'no total' if total is None else total} in the list: reconcile the source"
    )


def is_counted(at: ListCursor, read: PassRead) -> bool:
    """Whether as many were read as the list has, and no row that was read and left can stand for one that was skipped.

    One page is the list at one instant. Down an ordered list, rows that come stand above the cursor: none moves up past it
    while the total does not fall. Rows of equal dates may change places, and pages begin too late: the count shows it where
    the list stood still, and not where it moved. Where exactly the dossiers of the last verified pass were read, none had
    left before this one, so that any that came since would have made the total larger than that at first. Anything else is
    read again (`ReadRows.counted`).
    """
    if at.total != read.distinct:
        return False
    if read.one_page:
        return True
    if at.fallen:
        return False
    descended = at.ordered is True and not at.moved
    return descended or (at.members is not None and at.members == read.members)
