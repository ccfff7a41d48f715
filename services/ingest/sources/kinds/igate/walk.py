"""The walk through a list that moves while it is read, and how it is known that nothing was skipped.

The list is asked for by change, newest first, and paged by offset. What the portal says of it (total, order, size of the
pages) is checked and never believed; the README of this folder says which check excludes what.

A *whole* pass reads from the head to a page behind the last row. A pass *to an edge* reads from the head down to the newest
change of the pass before it, less an overlap; it is made only of a list that is known to be ordered by change.

- A dossier that is new or changes goes to the head of an ordered list and pushes rows down: that makes repeats, which intake
  knows. Rows move up, past us, only where some before the cursor left the list. Then the total has fallen, and the walk goes
  back as many pages as the fallen rows fill.
- A whole pass is verified by counting: the different dossiers that it read are as many as the list has, and no row that was
  read and left can have made up for one that was skipped (`verification.is_counted`); else by reading them again. Where the
  total is none that can be believed, two passes in pages of different sizes have to give the same rows in the same order.
- A pass to an edge is verified by its joints: each page is one row smaller than the one before it, so that it begins within
  that, and has to begin with the end of it.

Several pages at once (`concurrency`) may be answered out of order. They are asked for in windows, and a window counts only
when a look at the newest row after it shows that nothing has changed since the look before it. If it has changed, the window
is read again one page after the other, and so is the rest of the pass.

`cursor` is all of this as JSON; it is stored with the effect of the pages it covers, so a killed pull goes on where it was.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from datetime import datetime, timedelta

import msgspec

from services.ingest.events.model import Batch
from services.ingest.sources.errors import SourceMisconfigured, SourceUnreadable
from services.ingest.sources.fields.instants import FIRST, TOLERANCE, plausible
from services.ingest.sources.http.client import PortalClient
from services.ingest.sources.kinds.igate import walk_bounds
from services.ingest.sources.kinds.igate.cursor import REVISION, ListCursor
from services.ingest.sources.kinds.igate.edge import EdgePass, Outcome
from services.ingest.sources.kinds.igate.portal_list import PortalList
from services.ingest.sources.kinds.igate.record import Decoder, Page
from services.ingest.sources.kinds.igate.rows import ReadRows, is_descending, is_ordered_by_change
from services.ingest.sources.kinds.igate.settings import Settings
from services.ingest.sources.kinds.igate.verification import MAX_REREAD, PassRead, is_counted, is_cut_off, verification_of
from shared.languages import Bilingual, bilingual

_DIGEST = re.compile(r"[0-9a-f]{16}").fullmatch


class Walk:
    """One pull of one source, or of a part of its list."""

    def __init__(
        self,
        client: PortalClient,
        decoder: Decoder,
        settings: Settings,
        cursor: Mapping[str, object] | None,
        *,
        read: ReadRows | None = None,
        filters: Mapping[str, str] | None = None,
    ) -> None:
        """`cursor` is where the pull before left off, None: the whole list; `read` what it read; `filters` narrow the list."""
        self._client = client
        self._decoder = decoder
        self._settings = settings
        self._list = PortalList(client, decoder, settings, filters or {})
        self._filtered = bool(filters)
        try:
            at = msgspec.convert(cursor, ListCursor) if cursor else ListCursor()
        except msgspec.ValidationError as error:
            raise SourceMisconfigured(
                bilingual(
                    "The place of this source is not one of its kind ({error}): pull it whole.",
                    "Vị trí đọc của nguồn này không đúng loại ({error}): hãy kéo lại toàn bộ.",
                    error=error,
                )
            ) from None
        if at.revision < REVISION or not all(plausible(one, decoder.latest) for one in (at.since, at.top, at.low)):
            # Verified by less than today, or by dates that no row has: the whole list is read, and what is known stays known.
            at = ListCursor()
        if at.complete:
            known = at.ordered and at.since is not None
            members = None if known else at.members
            at = ListCursor(since=at.since if known else None, ordered=known or None, usual=at.usual if known else None)
            at.members = members
        elif at.since is not None and at.page:
            # Cut off on the way to an edge, which is short: again from the head; and what is too far for that is read whole.
            again = at.number < settings.passes
            at = ListCursor(since=at.since if again else None, ordered=at.ordered, number=at.number + 1 if again else 1)
        elif not all(map(_DIGEST, at.ties)):
            at = ListCursor()
        at.revision = REVISION
        if not at.page:
            # Pages as large as the pass before was, and a little more: mostly one call, and few rows that are known.
            wanted = settings.page_size if at.usual is None else at.usual * 5 // 4 + walk_bounds.SPARE_ROWS
            at.size = min(wanted, settings.page_size)
        elif at.size > settings.page_size:
            # Smaller pages were ordered in the middle: begin with the one that holds the first row not read.
            at.page, at.size = at.page * at.size // settings.page_size, settings.page_size
        self._at = at
        # What it verified was of the pass before.
        at.verification = at.verified = None
        self._max_size = settings.page_size
        self.read = read if read is not None and at.page and read.sequence == at.sequence else ReadRows()
        """What this pass, and those before it over the same list, read."""
        self._knows_all = not at.page or self.read is read
        self._ended = False
        self._one_page = False
        """The first page held as many rows as there are in the list."""
        self._resized = self._empty = self._repeated = 0
        self._short = 0
        """Rows of the page before, where it was shorter than it should be."""
        self._before: list[int] = []
        """Rows of the page before."""
        self._still = settings.concurrency > 1
        """Whether several pages may be asked for at once."""

    async def batches(self) -> AsyncGenerator[Batch, None]:
        """The rest of the pass, page by page, each with the cursor after it; the last one's cursor is complete.

        Ends early, at a page's border, when the client's time budget is used up: whatever the portal serves.
        """
        pages = self._pages()
        ahead = asyncio.create_task(anext(pages, None))
        try:
            while (batch := await ahead) is not None:
                # While this one is stored the next one is on its way.
                ahead = asyncio.create_task(anext(pages, None))
                yield batch
        finally:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)
            await pages.aclose()

    async def _pages(self) -> AsyncGenerator[Batch, None]:
        at = self._at
        if at.since is not None:
            edge = EdgePass(at, self._settings.passes, self._max_size)
            first = True
            # However short the time, a pull gets on by a page.
            while (first or not self._client.out_of_time) and edge.outcome is Outcome.under_way:
                first = False
                page = await self._list.page(at.page, at.size)
                self._note(page)
                edge.read(page)
                yield Batch(page.events, page.rejected, self._at.as_json(), page.total)
            if edge.outcome is Outcome.under_way:
                return
            if edge.outcome is not Outcome.whole:
                yield Batch([], [], self._reached(edge).as_json(), at.total)
                return
            self._begin_whole()
        while True:
            async for batch in self._whole():
                yield batch
            if not self._ended:
                return
            read = await self._pass_read()
            if self._knows_all and at.ordered and read.distinct < (at.total or 0):
                async for page in self._head():
                    yield Batch(page.events, page.rejected, None, page.total)
                read = await self._pass_read()
            if (done := await self._completed(read)) is not None:
                yield Batch([], [], done.as_json(), at.total)
                return
            yield Batch([], [], self._at.as_json())

    def _begin_whole(self) -> None:
        """The list is not what it seemed: read all of it."""
        at = self._at
        at.since = at.top = None
        at.ordered = None if at.ordered else at.ordered
        at.number = 0
        self._begin_pass()

    def _begin_pass(self) -> None:
        """The whole list again, in pages of another size."""
        at = self._at
        at.number += 1
        at.size = max(self._max_size * walk_bounds.SIZES[(at.number - 1) % len(walk_bounds.SIZES)] // 100, 1)
        at.page = at.rows = at.above = at.closed = at.sequence = 0
        at.fallen = at.moved = False
        # What was read of a pass before this process knew of it shows nothing.
        self.read.end(at.total if self._knows_all else None)
        at.total = at.low = None
        at.ties = []
        self._knows_all = True
        self._ended = self._one_page = False
        self._resized = self._empty = self._repeated = self._short = 0
        self._before = []

    def _reached(self, edge: EdgePass) -> ListCursor:
        """The cursor after a pass to an edge."""
        at = self._at
        verified = edge.outcome is Outcome.joined
        again = not verified and (at.total or 0) <= MAX_REREAD
        since = self._edge() if verified else at.since
        return ListCursor(
            revision=REVISION,
            complete=True,
            since=None if again else since,
            ordered=at.ordered,
            verification=edge.verification,
            verified=verified,
            usual=at.above,
        )

    async def _pass_read(self) -> PassRead:
        """What this pass read; where a part of it was another process's, as much as the order shows."""
        if not self._knows_all:
            return PassRead(self._at.rows if self._at.ordered else 0)
        distinct, members = await asyncio.to_thread(self.read.summary)
        return PassRead(distinct, one_page=self._one_page, members=members)

    async def _completed(self, read: PassRead) -> ListCursor | None:
        """The cursor after a whole list; None: it is read once more."""
        at = self._at
        if self._knows_all and not is_counted(at, read):
            counted, read_again = await asyncio.to_thread(self.read.counted)
            read = read._replace(counted=counted, read_again=read_again)
        found = verification_of(at, read, filtered=self._filtered, passes=self._settings.passes)
        if found is None:
            at.previous = at.sequence
            self._begin_pass()
            return None
        verified, verification = found
        again = not verified and not is_cut_off(at, read, filtered=self._filtered) and read.distinct <= MAX_REREAD
        return ListCursor(
            revision=REVISION,
            complete=True,
            whole=True,
            since=None if again or not at.ordered else self._edge(),
            ordered=at.ordered,
            members=read.members if verified and at.total == read.distinct else None,
            verification=verification,
            verified=verified,
        )

    def _edge(self) -> datetime | None:
        """The lower edge of the pass after this one."""
        if self._at.top is None:
            return self._at.since
        return max(self._at.top - timedelta(seconds=self._settings.overlap_seconds), FIRST)

    async def _whole(self) -> AsyncIterator[Batch]:
        """The pages from the cursor to the end of the list, or of the time budget."""
        at = self._at
        newest = None
        first = True
        # However short the time, a pull gets on by a page.
        while first or not self._client.out_of_time:
            first = False
            count = self._window() if self._still and at.page > 0 else 1
            if count == 1:
                page = await self._list.page(at.page, at.size)
                self._advance(page)
                yield Batch(page.events, page.rejected, self._at.as_json(), page.total)
            else:
                if newest is None:
                    newest = await self._list.newest()
                pages = []
                async for page in self._list.pages(at.page, count, at.size):
                    pages.append(page)
                    # The cursor stays before the window until it counts.
                    yield Batch(page.events, page.rejected, None, page.total)
                before, newest = newest, await self._list.newest()
                if newest != before:
                    self._still = False
                    continue
                # One that is not as expected ends the window: the rest is read from where the cursor then is.
                self._still = all(self._advance(page) for page in pages)
                yield Batch([], [], self._at.as_json())
            if self._ended:
                return

    def _advance(self, page: Page) -> bool:
        """Move the cursor over a page of a whole pass; False when what follows is not simply the next one."""
        at = self._at
        begin, size = at.page * at.size, at.size
        rows_before = at.rows
        fallen = 0 if at.total is None or page.total is None else at.total - page.total
        if not at.page and not begin and at.total is None:
            self._one_page = page.total == len(set(page.rows))
        self._note(page)
        self._count(page)
        before, self._before = self._before, page.rows
        short, self._short = self._short, 0
        if fallen > 0 and at.page > 0 and at.closed < walk_bounds.MAX_CLOSED:
            # Rows left the list, and others moved up past the cursor.
            at.closed += 1
            at.page = max(at.page - -(-fallen // size), 0)
            return False
        if not page.served:
            at.page += 1
            self._empty += 1
            self._ended = self._empty > walk_bounds.MAX_EMPTY or begin >= (at.total or 0)
            return False
        self._empty = 0
        if at.page == 0 and page.served != size:
            # A small list, or pages of another size than was asked for: what follows is behind these rows in any case.
            return self._resize(page.served, page.served)
        if page.served > size:
            return self._resize(page.served, begin)
        if short and not set(page.rows) <= set(before):
            # The page before was not the last one: the portal has another size by now, or sent a part of it.
            at.page -= 1
            return self._resize(size if page.served == size else max(short, page.served), begin - size)
        if page.served < size:
            self._short = page.served
        new = at.rows > rows_before if at.ordered is not False else not set(page.rows) <= set(before)
        self._repeated, at.page = 0 if new else self._repeated + (4 if page.rows == before else 1), at.page + 1
        self._ended = self._repeated > walk_bounds.MAX_REPEATED or (self._repeated > 0 and begin >= (at.total or 0))
        return not self._short

    def _resize(self, size: int, begin: int) -> bool:
        """Go on with pages of `size` rows from the one that holds the row at `begin`."""
        self._resized += 1
        if self._resized > walk_bounds.MAX_RESIZED:
            raise SourceUnreadable(
                Bilingual(
                    "The source makes its pages smaller with each answer.", "Nguồn trả về trang nhỏ dần sau mỗi câu trả lời."
                ),
                settled=True,
            )
        self._at.page, self._at.size = begin // size, size
        self._max_size = min(self._max_size, size)
        return False

    def _note(self, page: Page) -> None:
        """What a page shows of the list as a whole: its head, its total, its order."""
        at = self._at
        dates = [updated for updated, _ in page.keys if updated <= self._decoder.latest]
        if at.top is None and dates:
            # A portal whose clock is ahead must not put the next pull's edge above what it will change until then.
            at.top = min(max(dates), self._decoder.latest - TOLERANCE)
        if not is_descending(dates):
            at.ordered = False
        elif at.ordered is None and is_ordered_by_change(page.events):
            at.ordered = True
        self._set_total(page.total)

    def _set_total(self, total: int | None) -> None:
        at = self._at
        if total is None:
            return
        if at.total is not None and total != at.total:
            at.moved, at.fallen = True, at.fallen or total < at.total
        at.total = total

    def _count(self, page: Page) -> None:
        """Count the rows of a page that are not known from the pages before it."""
        at = self._at
        if page.rows != self._before:
            at.sequence = self.read.add(page.rows)
        # A row without a readable date is counted as one of its own.
        rows = at.rows + page.served - len(page.keys)
        low, ties = at.low, set(at.ties)
        for updated, digest in page.keys:
            if at.top is None or updated > at.top:
                continue
            if low is None or updated < low:
                low, ties = updated, {f"{digest:016x}"}
                rows += 1
            elif updated == low and (tie := f"{digest:016x}") not in ties:
                ties.add(tie)
                rows += 1
        at.rows, at.low = rows, low
        at.ties = sorted(ties) if len(ties) <= walk_bounds.MAX_TIES else []

    async def _head(self) -> AsyncIterator[Page]:
        """The head of the list down to `top`: what came while the list was read.

        Ends before `top` when the time budget is used up or too many dossiers are above it.
        """
        at = self._at
        number = found = 0
        size = min(walk_bounds.HEAD_ROWS, self._max_size)
        # However short the time, the head of a list that stood still is counted.
        while not number or (not self._client.out_of_time and found <= walk_bounds.MAX_ABOVE):
            page = await self._list.page(number, size)
            self._set_total(page.total)
            at.moved = True
            self.read.add(page.rows)
            found += page.served
            yield page
            number += 1
            if not page.keys or at.top is None or page.keys[-1][0] <= at.top:
                return
            if size < self._max_size:
                # More has come than one small page holds: read on in large ones, or a hostile portal never lets it end.
                number, size = 0, self._max_size

    def _window(self) -> int:
        """How many whole pages the next window has; 1 where the end is near."""
        at = self._at
        return 1 if at.total is None else max(min(walk_bounds.WINDOW, at.total // at.size - at.page), 1)
