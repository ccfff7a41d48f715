"""A pass from the head of an ordered list down to what is known, in pages that are joined to one another. Pure."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from services.ingest.sources.kinds.igate.cursor import ListCursor
from services.ingest.sources.kinds.igate.record import Page
from services.ingest.sources.kinds.igate.rows import joint

_EDGE_ROWS = 3
"""So many rows in a row below the edge end a pass: one wrong date must not."""
_GROWTH = 4


class Outcome(Enum):
    """How a pass ended."""

    under_way = 0
    joined = 1
    """It reached the edge, and each page was joined to the one before."""
    unverified = 2
    """Its pages were not joined, however often it was read."""
    whole = 3
    """The list is not ordered, or the edge too far: the whole list is to be read."""


class EdgePass:
    """Reads the pages that the cursor asks for, and moves it.

    A pass that finds its pages too small begins again from the head with larger ones, since one page is the list at one
    instant. Beyond the largest page it goes on with pages that are each one row smaller: so page p begins p rows before the
    end of the page before it.
    """

    def __init__(self, at: ListCursor, passes: int, max_size: int) -> None:
        """`at` is moved; `passes` is how often the pass is made at most until its pages are joined."""
        self._at = at
        self._passes = passes
        self._max_size = max_size
        self._first_size = at.size
        self._full_size = at.size
        self._rows: list[int] = []
        self._last_date: datetime | None = None
        self._tied = False
        self._rows_before: list[int] | None = None
        self.outcome = Outcome.under_way
        self.verification = ""

    def read(self, page: Page) -> None:
        """The page at the cursor."""
        at = self._at
        assert at.since is not None
        if at.ordered is False:
            self.outcome = Outcome.whole
            return
        dates = {digest: updated for updated, digest in page.keys}
        overlap: int | None = 0
        if at.page == 0:
            self._rows, self._tied, at.above = [], False, 0
        elif page.rows:
            overlap = joint(self._rows, page.rows)
            if overlap is None:
                self._again()
                return
        new = page.rows[overlap:]
        if new:
            self._tied = self._tied or (at.page > 0 and dates.get(new[0]) == self._last_date)
            self._last_date = dates.get(new[-1])
        self._rows += new
        at.above += sum(dates[one] >= at.since for one in new if one in dates)
        below = [updated < at.since for updated, _ in page.keys[-_EDGE_ROWS:]]
        short = page.served < at.size
        if (len(below) >= min(_EDGE_ROWS, at.size) and all(below)) or (short and not new):
            self._end()
        elif not new:
            self._again()
        elif at.page == 0 and not short and at.size < self._max_size:
            self._full_size = at.size = min(at.size * _GROWTH, self._max_size)
        else:
            if at.page == 0 and short:
                # The portal serves fewer, or has no more: what follows tells.
                self._full_size = self._max_size = at.size = page.served
            at.page += 1
            at.size -= 1
            if at.page * 3 > self._full_size:
                self.outcome = Outcome.whole

    def _end(self) -> None:
        at = self._at
        if not at.above:
            # What was the newest is not at the head: it was deleted, or the list is ordered no more.
            self.outcome = Outcome.whole
        elif self._tied and self._rows != self._rows_before:
            # Rows of equal dates on both sides of a border may change places between two calls.
            self._rows_before = self._rows
            self._again()
        else:
            self.outcome = Outcome.joined
            how = "each page began with the end of the one before" if at.page else "one page reached what was known"
            self.verification = f"every seam held: {how}"

    def _again(self) -> None:
        at = self._at
        at.number += 1
        at.closed += 1
        at.page, at.size = 0, self._first_size
        if at.number > self._passes:
            self.outcome = Outcome.unverified
            self.verification = (
                f"not verified in {self._passes} passes: the pages of the list do not join: reconcile the source"
            )
