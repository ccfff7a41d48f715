"""Whether a pass over a whole list has shown that nothing was skipped. Pure."""

from __future__ import annotations

from services.ingest.sources.kinds.igate.cursor import ListCursor

CAPS = frozenset(first * 10**power for first in (1, 2, 5) for power in range(2, 8))
"""Totals at which portals cut their lists off. A list that has exactly so many rows may have more."""
MAX_CLOSED = 20
"""How often a pass goes back because its total fell: some totals only waver."""


def is_cut_off(at: ListCursor, distinct: int, *, filtered: bool) -> bool:
    """Whether a list ends where lists end that are cut off, and nothing tells that this one is not."""
    return not filtered and distinct in CAPS and at.total in (None, distinct)


def verification_of(at: ListCursor, distinct: int, *, filtered: bool, passes: int) -> tuple[bool, str] | None:
    """Whether a pass that read so many different dossiers shows that nothing was skipped, and how or why not.

    None: it does not, and one of the `passes` that is left may. A part of the list (`filtered`) may be empty or end anywhere.
    """
    total = at.total
    if not distinct and not at.sequence and not filtered:
        # One empty response would else verify that nothing is left of a list.
        return False, "not verified: the list is empty: reconcile the source"
    if is_cut_off(at, distinct, filtered=filtered):
        return False, f"not verified: the list ends at {distinct}, as lists do that are cut off: reconcile the source"
    believable = total is not None and distinct - at.fallen <= total
    # Dossiers that were read and left are counted too: they hide none where the pass went back for them.
    left = at.fallen if at.closed >= MAX_CLOSED or at.ordered is False else 0
    if believable and distinct - left >= (total or 0) and (at.ordered is not False or distinct == total):
        return True, f"counted: {distinct} different dossiers read, {total} in the list"
    # A total beyond what is served may count rows twice, and may tell of rows behind the end of what is served.
    if at.previous is not None and at.previous == at.sequence and (total is None or total <= distinct):
        return True, f"read twice in pages of different sizes: the same {distinct} dossiers in the same order"
    if at.number < passes:
        return None
    return False, (
        f"not verified in {at.number} passes: {distinct} different dossiers read,"
        f" {'no total' if total is None else total} in the list: reconcile the source"
    )
