"""The walk down a list that moves while it is read, and the proof that nothing was skipped.

`pa/dossier/search` is ordered by `updatedDate`, newest first, paged by offset, and cannot be filtered by `updatedDate`. A pass
goes from the newest row (`top`) down to its lower edge: the top of the pass before, less an overlap; a first pass goes to the
end. Why it cannot lose a row, as long as a page is asked for only after the page before it has arrived:

- A dossier that is new or changes goes to the head of the list. All rows that were above its old cursor move *down* by one.
  A row we have not read yet therefore stays below what we have read, or jumps above `top` and is read by the next pass.
  Moving down makes repeats, which intake knows.
- Only rows that leave the list from above our cursor move rows *up* past us. Between two pages of ours, let i dossiers be new,
  m be changed from below and d be deleted: rows at our cursor move by i + m - d. A skip needs d > i + m, so it needs d > i,
  and then the list's total, which every page has, has fallen. When it has fallen by k, the walk goes back as many pages as
  k rows fill, and reads them again: the seam is closed where it opened.
- What neither explains (rows of equal `updatedDate` that change places from call to call, a page that begins too late) is
  found by counting, when the whole list is read: the distinct rows read, and those above `top` at the end, must be at least as
  many as the total at the end. If they are not, the whole list is read again, at most `passes` times in all.

Several pages at once (`concurrency`) would break the first point, since pages may be answered out of order. They are therefore
asked for in windows, and a window counts only when a look at the newest row after it shows that nothing has changed
since the look before it: then the list stood still and any order is good. If it has changed, the window is read again one page
after the other, and so is the rest of the pass.

`cursor` is all of this as JSON; it is stored with the effect of the pages it covers, so a killed pull goes on where it was.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from datetime import datetime, timedelta

import msgspec

from services.ingest.events.model import Batch
from services.ingest.sources.errors import SourceMisconfigured, SourceUnreadable
from services.ingest.sources.fields.instants import FIRST, TOLERANCE, plausible
from services.ingest.sources.http.client import PortalClient
from services.ingest.sources.kinds.igate.record import Decoder, Page
from services.ingest.sources.kinds.igate.settings import Settings

SEARCH = "/pa/dossier/search"
SORT = "updatedDate,desc"
WINDOW = 8
"""Pages that are read at once or after one another between two looks at the newest row."""
MAX_TIES = 200
_DIGEST = re.compile(r"[0-9a-f]{16}").fullmatch
_SPARE_ROWS = 32
_HEAD_ROWS = 100
MAX_ABOVE = 100_000
"""Rows above `top` that are counted for a proof; the next pull reads them anyway, and those beyond."""
MAX_CAPS = 3
"""How often a portal may make its pages smaller in one pull."""
_EDGE_ROWS = 3
"""So many rows in a row below the edge end a pass: one wrong date must not."""


class ListCursor(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """How far a source has been read."""

    complete: bool = False
    """The pass came to its end; the next one begins at the head and goes down to `since`."""
    since: datetime | None = None
    """Lower edge of the pass under way, or of the next one after a complete one; None: to the end of the list."""
    verification: str | None = None
    """Of a complete pass: how it is known that nothing was skipped, or why it is not."""
    verified: bool | None = None
    """Of a complete pass: whether nothing was skipped; None: it is not over."""
    top: datetime | None = None
    """Newest `updatedDate` when the pass began."""
    page: int = 0
    """Next page to be read."""
    size: int = 0
    """Rows per page that `page` counts in."""
    total: int | None = None
    """Rows in the list as of the page before."""
    low: datetime | None = None
    """Oldest `updatedDate` read in this pass; what is newer has been read already."""
    ties: list[str] = []
    """Digests of the dossiers read that bear it, as `Page.keys` has them."""
    rows: int = 0
    """Distinct rows read in this pass, down from `top`."""
    usual: int | None = None
    """Rows that the last complete pass found above its edge."""
    above: int = 0
    """Rows that this pass found above its edge."""
    closed: int = 0
    """Seams that a fall of the total had opened, and that were read again."""
    number: int = 1
    """Which pass over the list this is, counted until one is proven."""


class Walk:
    """One pull of one source."""

    def __init__(self, client: PortalClient, decoder: Decoder, settings: Settings, cursor: Mapping[str, object] | None) -> None:
        """`cursor` is where the pull before this one left off; None begins with the whole list."""
        self._client = client
        self._decoder = decoder
        self._settings = settings
        try:
            cursor_read = msgspec.convert(cursor, ListCursor) if cursor else ListCursor()
        except msgspec.ValidationError as error:
            raise SourceMisconfigured(f"The place of this source is not one of its kind ({error}): pull it whole.") from None
        if not all(plausible(at, decoder.latest) for at in (cursor_read.since, cursor_read.top, cursor_read.low)):
            # No row has such a date: it was believed once. The whole list is read, and what is known stays known.
            cursor_read = ListCursor()
        if cursor_read.complete or not all(map(_DIGEST, cursor_read.ties)):
            # Ids as portals write them are in no cursor: one that has them is from before, and its pass begins again.
            cursor_read = ListCursor(since=cursor_read.since, usual=cursor_read.usual)
        if not cursor_read.page:
            # Pages as large as the pass before was, and a little more: mostly one call, and few rows that are known.
            wanted = settings.page_size if cursor_read.usual is None else cursor_read.usual * 5 // 4 + _SPARE_ROWS
            cursor_read.size = min(wanted, settings.page_size)
        elif cursor_read.size > settings.page_size:
            # Smaller pages were ordered in the middle: begin with the one that holds the first row not read.
            cursor_read.page = cursor_read.page * cursor_read.size // settings.page_size
            cursor_read.size = settings.page_size
        self._at = cursor_read
        # What it proved was of the pass before.
        cursor_read.verification = cursor_read.verified = None
        self._max_size = settings.page_size
        self._caps = 0
        self._ended = False
        self._counting_ended = False
        """Whether all that came above `top` was read."""
        self._still = settings.concurrency > 1
        """Whether several pages may be asked for at once."""

    async def batches(self) -> AsyncIterator[Batch]:
        """The rest of the pass, page by page, each with the cursor after it; the last one's cursor is complete.

        Ends early, at a page's border, when the client's time budget is used up: whatever the portal serves.
        """
        pages = self._pages()
        ahead = asyncio.ensure_future(_next(pages))
        try:
            while (batch := await ahead) is not None:
                # While this one is stored the next one is on its way.
                ahead = asyncio.ensure_future(_next(pages))
                yield batch
        finally:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)
            await pages.aclose()

    async def _pages(self) -> AsyncGenerator[Batch, None]:
        at = self._at
        while True:
            async for batch in self._pass():
                yield batch
            if not self._ended:
                return
            if at.since is not None:
                verification: str | None = "every seam held: the list did not shrink between two pages"
                if at.closed:
                    verification = f"the list shrank {at.closed} times between two pages, and the pages before were read again"
            else:
                above: set[str] = set()
                async for page in self._above(above):
                    yield Batch(page.events, page.rejected, None, page.total)
                if not self._counting_ended:
                    # The whole list was read; the next pull reads what is above `top`, and may stop at any page of it.
                    cursor_read = ListCursor(
                        since=self._edge(), verification="not proven: no end was found of what came while the list was read"
                    )
                    yield Batch([], [], msgspec.to_builtins(cursor_read), at.total)
                    return
                verification = self._counted(len(above))
                if verification is None and at.number < self._settings.passes:
                    at.number += 1
                    at.page = at.rows = 0
                    at.total = at.low = None
                    at.ties = []
                    # `top` stays: what is newer than it is above the lower edge of the pull after this one.
                    yield Batch([], [], self._cursor_json())
                    continue
            done = ListCursor(
                complete=True,
                since=self._edge(),
                verification=verification or f"not proven in {at.number} passes: reconcile the source",
                verified=verification is not None,
                usual=at.above if at.since is not None else None,
            )
            yield Batch([], [], msgspec.to_builtins(done), at.total)
            return

    def _edge(self) -> datetime | None:
        """The lower edge of the pass after this one."""
        if self._at.top is None:
            return self._at.since
        return max(self._at.top - timedelta(seconds=self._settings.overlap_seconds), FIRST)

    async def _pass(self) -> AsyncIterator[Batch]:
        """The pages from the cursor to the end of the pass, or of the time budget."""
        at = self._at
        newest = None
        self._ended = False
        first = True
        # However short the time, a pull gets on by a page.
        while first or not self._client.out_of_time:
            first = False
            count = self._window() if self._still and at.page > 0 else 1
            if count == 1:
                page = await self._ask(at.page)
                over = self._over(page)
                ended = self._read(page) and over
                self._ended = ended
                yield Batch(page.events, page.rejected, self._cursor_json(), page.total)
                if ended:
                    return
                continue
            if newest is None:
                newest = await self._newest()
            pages = []
            async for page in self._at_once(at.page, count):
                pages.append(page)
                # The cursor stays before the window until it is proven.
                yield Batch(page.events, page.rejected, None, page.total)
            before, newest = newest, await self._newest()
            if newest != before:
                self._still = False
                continue
            ended = False
            for page in pages:
                ended = self._over(page)
                if not self._read(page):
                    ended = False
                    break
            self._ended = ended
            yield Batch([], [], self._cursor_json())
            if ended:
                return

    async def _above(self, found: set[str]) -> AsyncIterator[Page]:
        """The head of the list down to `top`, and in `found` the dossiers above it.

        Ends before `top` when the time budget is used up or too many dossiers are above it.
        """
        at = self._at
        self._counting_ended = False
        number = 0
        size = min(_HEAD_ROWS, at.size)
        # However short the time, the head of a list that stood still is counted.
        while not number or (not self._client.out_of_time and len(found) <= MAX_ABOVE and number * at.size <= 2 * MAX_ABOVE):
            page = await self._ask(number, size)
            at.total = page.total
            found.update(identifier for updated, identifier in page.keys if at.top is None or updated > at.top)
            yield page
            number += 1
            if not page.keys or at.top is None or page.keys[-1][0] <= at.top or number * size >= (page.total or 0):
                self._counting_ended = True
                return
            if size < at.size:
                # More has come than one small page holds: read on in large ones, or a hostile portal never lets it end.
                number, size = 0, at.size

    def _window(self) -> int:
        """How many pages the next window has; 1 where the end is near."""
        at = self._at
        if at.total is None or at.since is not None:
            # Nobody knows how far a pass to an edge goes: pages beyond it would be asked for in vain.
            return 1
        return max(min(WINDOW, -(-at.total // at.size) - at.page), 1)

    async def _at_once(self, first: int, count: int) -> AsyncIterator[Page]:
        waiting: deque[asyncio.Task[Page]] = deque()
        try:
            following = first
            while following < first + count or waiting:
                while following < first + count and len(waiting) < self._settings.concurrency:
                    if following > first and self._client.out_of_time:
                        count = following - first
                        break
                    waiting.append(asyncio.create_task(self._ask(following)))
                    following += 1
                yield await waiting.popleft()
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _ask(self, page: int, size: int | None = None) -> Page:
        size = size or self._at.size
        # The total is what proves the seams, so no `spec=slice`.
        answer = await self._client.fetch(
            SEARCH, {"spec": "page", "page": page, "size": size, "sort": SORT}, self._decoder.page
        )
        if answer.total is None:
            raise SourceUnreadable("The source gives no totalElements, without which no pull can be proven.", settled=True)
        if answer.size is not None and 0 < answer.size < size:
            at = self._at
            if (page, size) != (at.page, at.size):
                raise SourceUnreadable("The source changes the size of its pages in the middle of a pull.", settled=True)
            self._caps += 1
            if self._caps > MAX_CAPS:
                raise SourceUnreadable("The source makes its pages smaller with each answer.", settled=True)
            # The portal caps its pages: go on with pages of its size from the one that holds the first row not read.
            self._max_size = answer.size
            at.page, at.size = at.page * at.size // answer.size, answer.size
            return await self._ask(at.page)
        return answer

    async def _newest(self) -> tuple[object, int | None]:
        """The newest row and the total: both the same after a while means that nothing was added or changed."""
        answer = await self._client.fetch(SEARCH, {"spec": "page", "page": 0, "size": 1, "sort": SORT}, self._decoder.page)
        return (answer.keys[0] if answer.keys else None), answer.total

    def _over(self, page: Page) -> bool:
        """Whether the pass ends with this page, which is the one at the cursor."""
        at = self._at
        total = page.total or 0
        if page.served == 0 or (at.page + 1) * at.size >= total:
            return True
        if at.since is None:
            return False
        edge = [key[0] < at.since for key in page.keys[-_EDGE_ROWS:]]
        return len(edge) >= min(_EDGE_ROWS, at.size) and all(edge)

    def _read(self, page: Page) -> bool:
        """Move the cursor over a page; False when a seam had opened before it and the cursor went back."""
        at = self._at
        if at.top is None:
            newest = max((updated for updated, _ in page.keys if updated <= self._decoder.latest), default=None)
            # A portal whose clock is ahead must not put the next pull's edge above what it will change until then.
            at.top = newest and min(newest, self._decoder.latest - TOLERANCE)
        if at.since is not None:
            at.above += sum(updated >= at.since for updated, _ in page.keys)
        # A row without a readable key is counted as one of its own.
        rows = at.rows + page.served - len(page.keys)
        low, ties = at.low, set(at.ties)
        for updated, identifier in page.keys:
            if at.top is None or updated > at.top:
                continue
            if low is None or updated < low:
                low, ties = updated, {identifier}
                rows += 1
            elif updated == low and identifier not in ties:
                ties.add(identifier)
                rows += 1
        at.rows, at.low = rows, low
        at.ties = sorted(ties) if len(ties) <= MAX_TIES else []
        fallen = 0 if at.total is None or page.total is None else at.total - page.total
        at.total = page.total
        if fallen > 0 and at.page > 0:
            at.page = max(at.page - -(-fallen // at.size), 0)
            at.closed += 1
            return False
        at.page += 1
        if at.page == 2 and at.size * 2 <= self._max_size:
            # More has happened than usual: the same row begins a page twice as large.
            at.page, at.size = 1, at.size * 2
        return True

    def _counted(self, above: int) -> str | None:
        """The proof by counting after a whole list, with so many dossiers above `top` at its end."""
        at = self._at
        total = at.total or 0
        if at.rows + above < total:
            return None
        if above == 0 and at.rows == total:
            return f"counted: {at.rows} distinct rows read, {total} in the list"
        return f"counted: {at.rows} distinct rows read and {above} newer at the end, at least the {total} in the list"

    def _cursor_json(self) -> Mapping[str, object]:
        cursor_read: Mapping[str, object] = msgspec.to_builtins(self._at)
        return cursor_read


async def _next(pages: AsyncIterator[Batch]) -> Batch | None:
    return await anext(pages, None)
