"""The list of one agency of an iGate portal, or of all, read whole; what is cut off is read in parts by the day of receipt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import datetime, timedelta

import msgspec

from services.ingest.events.model import Batch
from services.ingest.sources.errors import SourceMisconfigured, SourceUnreadable
from services.ingest.sources.fields.instants import FIRST
from services.ingest.sources.http.client import PortalClient
from services.ingest.sources.kinds.igate.portal_list import PortalList
from services.ingest.sources.kinds.igate.record import Decoder, Page
from services.ingest.sources.kinds.igate.settings import Settings
from services.ingest.sources.kinds.igate.verification import CAPS
from services.ingest.sources.kinds.igate.walk import Walk
from services.ingest.sources.kinds.igate.wire import written
from shared.languages import Bilingual

MAX_NEW = 100_000
"""Rows that may come to a list while it is read."""
SHORTEST = timedelta(minutes=1)
"""A part of fewer days is not divided: who receives so many dossiers in it lists them otherwise than by receipt."""
SEAM = timedelta(seconds=1)
"""So far parts reach into one another: some portals leave out the ends of what is asked for."""
STRAY = timedelta(days=1)
"""What lies so far outside of what was asked for shows that the portal does not heed the days of receipt."""
MAX_PARTS = 20_000
"""Parts that are looked at, however a portal cuts its lists off."""
PROBED = 20
"""Rows that are looked at before a part is read."""

_Span = tuple[datetime, datetime]


class _ListPosition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a list has been read in parts. Each is read anew when it was left in its midst: it is shorter than `cap`."""

    cap: int
    """Rows at which the whole of it ends."""
    parts: list[_Span]
    """Days of receipt that are still to be read."""


async def list_dossiers(
    client: PortalClient,
    decoder: Decoder,
    settings: Settings,
    agency: str | None,
    cursor: Mapping[str, object] | None = None,
) -> AsyncGenerator[Batch, None]:
    """All dossiers under an agency (its id), or all there are, read from `cursor` on as a whole pass of a pull is read.

    One that ends where lists are cut off is read on in parts by the day of receipt, each of which the portal lists whole. Where
    it does not heed these days, what is listed of an agency is all there is to be had, and its totals tell what is lacking.

    Each page has the client's whole time budget. Raises `SourceUnreadable` after the last page of a list of which it is not
    known that nothing was skipped, and for one that grows as fast as it is read.
    """
    reading = _ListReading(client, decoder, settings, {} if agency is None else {"ancestor-agency-id": agency})
    position = _position_of(cursor)
    if position is None:
        async for batch in reading.listed({}, cursor):
            yield batch
        if reading.cap is not None:
            position = _ListPosition(reading.cap, [(FIRST, decoder.latest)])
        elif not reading.verified:
            raise _no_end()
        yield Batch([], [], reading.end if position is None else _as_json(position))
    if position is None:
        return
    visited = 0
    while position.parts:
        span, *others = position.parts
        visited += 1
        # However many pages a part has, one look tells whether it is cut off as well.
        probe = await reading.probed(span)
        if probe is None or visited > MAX_PARTS:
            if agency is None:
                raise _no_end()
            return
        yield Batch(probe.events, probe.rejected)
        halves = _halves(span)
        if halves and probe.total is not None and probe.total >= position.cap:
            position = _ListPosition(position.cap, [*halves, *others])
            continue
        # One page is the list at one instant.
        if probe.total is None or probe.total > len(set(probe.rows)):
            async for batch in reading.listed(_within(span), None):
                yield msgspec.structs.replace(batch, cursor=None)
            cut_off = reading.cap is not None and reading.cap >= position.cap
            if cut_off and halves:
                position = _ListPosition(position.cap, [*halves, *others])
                continue
            if agency is None if cut_off else not reading.verified:
                raise _no_end()
        position = _ListPosition(position.cap, others)
        yield Batch([], [], _as_json(position))


class _ListReading:
    """Whole passes over one list and its parts."""

    def __init__(self, client: PortalClient, decoder: Decoder, settings: Settings, filters: Mapping[str, str]) -> None:
        self._client, self._decoder, self._settings, self._filters = client, decoder, settings, filters
        self.verified = False
        """Whether nothing was skipped in the last pass."""
        self.cap: int | None = None
        """Rows at which the last pass ended, where lists that are cut off end there."""
        self.end: Mapping[str, object] | None = None
        """The cursor after the last pass, kept back: what follows of how it ended is stored with it or not at all."""

    async def probed(self, span: _Span) -> Page | None:
        """The first rows of a part; None where the portal does not heed days of receipt, or knows no such filter."""
        self._client.restart_budget()
        part = PortalList(self._client, self._decoder, self._settings, {**self._filters, **_within(span)})
        try:
            page = await part.page(0, PROBED)
        except SourceUnreadable:
            return None
        return None if _strays(page, span) else page

    async def listed(self, filters: Mapping[str, str], cursor: Mapping[str, object] | None) -> AsyncGenerator[Batch, None]:
        """A pass; `verified` and `cap` tell how it ended."""
        served = 0
        max_rows = total = None
        last: Mapping[str, object] = {}
        self._client.restart_budget()
        walk = Walk(self._client, self._decoder, self._settings, cursor, filters={**self._filters, **filters})
        async with aclosing(walk.batches()) as batches:
            async for batch in batches:
                self._client.restart_budget()
                last = batch.cursor or last
                yield batch if not last.get("complete") else msgspec.structs.replace(batch, cursor=None)
                served += batch.served
                total = batch.total
                if max_rows is None:
                    max_rows = self._settings.passes * ((batch.total or 0) + MAX_NEW)
                elif served > max_rows:
                    raise SourceUnreadable(
                        Bilingual(
                            "The source's list does not end at the total that it gave.",
                            "Danh sách của nguồn không kết thúc ở tổng số mà nguồn nêu.",
                        ),
                        settled=True,
                    )
        self.end = last
        self.verified = last.get("verified") is True
        distinct, _ = await asyncio.to_thread(walk.read.summary)
        ends_at = distinct if total is None or total > distinct else total
        self.cap = ends_at if ends_at in CAPS else None


def _no_end() -> SourceUnreadable:
    return SourceUnreadable(
        Bilingual(
            "The source's list cannot be read to an end that is known to be one.",
            "Không đọc được danh sách của nguồn đến một điểm kết thúc chắc chắn.",
        ),
        settled=True,
    )


def _position_of(cursor: Mapping[str, object] | None) -> _ListPosition | None:
    """The position in a list that is read in parts; None for any other."""
    if cursor is None or "parts" not in cursor:
        return None
    try:
        return msgspec.convert(cursor, _ListPosition)
    except msgspec.ValidationError:
        raise SourceMisconfigured(
            Bilingual(
                "The position of this reconciliation is not one of its source: order another.",
                "Vị trí đối soát không đúng với nguồn: hãy yêu cầu đối soát lại.",
            )
        ) from None


def _as_json(position: _ListPosition) -> dict[str, object]:
    fields: dict[str, object] = msgspec.to_builtins(position)
    return fields


def _within(span: _Span) -> dict[str, str]:
    return {"accepted-from": written(span[0]), "accepted-to": written(span[1])}


def _halves(span: _Span) -> list[_Span]:
    """The newer half first: a list that moves does so at its newest. None of what is too short to be divided."""
    first, last = span
    if last - first < SHORTEST:
        return []
    middle = (first + (last - first) / 2).replace(microsecond=0)
    return [(middle - SEAM, last), (first, middle + SEAM)]


def _strays(page: Page, span: _Span) -> bool:
    received = (one.course.received_at for one in page.events if one.course is not None)
    return any(at is not None and not span[0] - STRAY <= at <= span[1] + STRAY for at in received)
