"""One reconciliation under way: totals of both sides, and where they differ what the source lists, dossier by dossier.

It may be cut off at any moment. How far it came is stored in the transaction of each page's effect (`ReconciliationProgress`),
so that the next worker goes on from there; what is asked anew are the totals. No transaction is open while the portal is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta

import msgspec

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers import store as dossiers_store
from services.ingest.dossiers.folding import fold
from services.ingest.dossiers.history import merged, served, stored_event
from services.ingest.dossiers.service import apply_batch_isolated, history_of
from services.ingest.dossiers.store import DossierRow
from services.ingest.events.model import Batch, Event, Rejected
from services.ingest.events.repetitions import Repetitions
from services.ingest.provinces import store as provinces_store
from services.ingest.quarantine.store import records as quarantine_store
from services.ingest.quarantine.store.records import QuarantinedRow
from services.ingest.reconciliation import store as reconciliation_store
from services.ingest.reconciliation.model import (
    DifferenceCause,
    DifferenceSide,
    Window,
    causes_in_state,
    civil_window,
    compared_fields,
    difference,
    portal_window,
)
from services.ingest.reconciliation.store import Difference, LeasedReconciliation, ReconciliationProgress
from services.ingest.reconciliation.totals import Comparison, OurTotals, compared
from services.ingest.sources.decoding import reading_of
from services.ingest.sources.errors import SourceUnreadable
from services.ingest.sources.reader import SourceReader, open_source
from services.ingest.sources.store.sources import SourceRow
from shared.database import Connection, Database
from shared.heartbeat import report_progress
from shared.languages import bilingual

LEASE = timedelta(seconds=20)
MAX_GONE = 20
"""Dossiers that may leave a list at once, however few it holds."""
TURN = timedelta(minutes=3)
"""After so long the source is left to its pulls for a while: the reconciliation goes on in its next turn."""
MIN_PAGES = 4
"""However short the time, so many pages are read in a turn: the first of them is read a second time."""
MAX_READINGS = 2
"""How often lists are read at most: what moved at the source while they were is looked at once more."""
MAX_SINGLE_AGENCIES = 5
"""More agencies than these that differ are not read one by one: the whole list is."""
BATCH_SIZE = 2_000
FREQUENT_BYTES = 64 * 1024
"""Up to this size the listed numbers are stored with each page; larger ones every `SAVE_SECONDS`."""
SAVE_SECONDS = 5.0


class LeaseLost(Exception):
    """The reconciliation is this worker's no more."""


class TurnOver(Exception):
    """It has had its turn; what it found so far is stored."""


async def renewed(tx: Connection, number: int, worker: str, now: datetime) -> bool:
    """Hold the reconciliation on; False when it is this worker's no more."""
    return await reconciliation_store.renew_reconciliation(tx, number, worker, now=now, until=now + LEASE)


class Reconciling:
    """One reconciliation of one worker."""

    def __init__(
        self,
        database: Database,
        rulesets: RulesetCache,
        worker: str,
        notify: Callable[[], Awaitable[object]],
        plan: LeasedReconciliation,
        source: SourceRow,
        clock: Callable[[], datetime],
    ) -> None:
        """`clock` gives the present instant: the totals are those of the beginning, the lease goes on."""
        self._database, self._rulesets, self._worker, self._notify = database, rulesets, worker, notify
        self._plan, self._source, self._clock, self._now = plan, source, clock, clock()
        self._progress = plan.progress
        self._listed = bytearray(plan.listed or b"")
        """A bit for each dossier number: whether the source listed it in this round."""
        self._saved_at = self._now
        self._pages = 0
        self._portal_window: Window = portal_window(plan.from_on, plan.to_on, self._now)
        self._civil_window: Window = civil_window(plan.from_on, plan.to_on, self._now)

    async def run(self) -> None:
        """From where it was left to its end; raises `TurnOver` after `TURN`, `LeaseLost`, and what the source raises."""
        async with open_source(self._source) as reader:
            if self._progress.round and not self._progress.is_over:
                # Cut off in the middle of a round: that goes on.
                await self._round(reader)
            while True:
                there = await reader.totals(*self._portal_window)
                ours, examined, position = await self._counted()
                comparison = compared(there, ours)
                lists = self._lists(comparison)
                if lists is None:
                    break
                self._progress = lists
                self._listed = bytearray()
                await self._stored([], save=True)
                await self._round(reader)
        await self._quarantined()
        await self._finished(comparison, examined, position)

    def _lists(self, comparison: Comparison) -> ReconciliationProgress | None:
        """What is to be read of the source in the next round; None: nothing more would be learnt."""
        before = self._progress
        # Where lateness alone differs, dossiers are compared once: their due dates may differ. Else it is the source's clock.
        differing = [one for one in comparison.totals if not one.equal or not (one.late_alike or before.round)]
        if before.round == 0 and comparison.judged_at != self._judged_at:
            late = {one.agency for one in comparison.totals if one.ours.unresolved}
            differing = [one for one in comparison.totals if not one.equal or one.agency in late]
        if not differing or before.round >= MAX_READINGS or (before.round and not before.applied):
            return None
        identifiers = [one.id for one in differing]
        if len(differing) > MAX_SINGLE_AGENCIES or any(one is None for one in identifiers):
            identifiers = [None]
        return ReconciliationProgress(before.round + 1, [one.agency for one in differing], identifiers)

    @property
    def _judged_at(self) -> datetime:
        return min(self._portal_window.end, self._now)

    async def _round(self, reader: SourceReader) -> None:
        """Read what the source lists under the agencies that differ, and compare it dossier by dossier."""
        progress = self._progress
        agencies = set(progress.agencies)
        while progress.identifiers:
            try:
                async with aclosing(reader.list_dossiers(progress.identifiers[0], progress.cursor)) as batches:
                    async for batch in batches:
                        if batch.cursor is not None:
                            progress = msgspec.structs.replace(progress, cursor=dict(batch.cursor))
                        await self._judged(batch, agencies, progress)
                        report_progress()
                        self._pages += batch.cursor is not None
                        if batch.cursor is not None and self._pages >= MIN_PAGES and self._clock() - self._now > TURN:
                            await self._stored([], save=True)
                            raise TurnOver
            except SourceUnreadable:
                # A whole list that is cut off, or moves too much, may be read in parts.
                parts = [one for one, code, _ in await reader.totals(*self._portal_window) if code in agencies]
                if progress.identifiers[0] is not None or not parts:
                    raise
                progress = msgspec.structs.replace(progress, identifiers=[None, *parts])
            progress = msgspec.structs.replace(progress, identifiers=progress.identifiers[1:], cursor=None)
            self._set_progress(progress)
            await self._stored([], save=True)
        await self._gone(reader, agencies)
        self._set_progress(msgspec.structs.replace(self._progress, is_over=True))
        await self._stored([], save=True)

    def _set_progress(self, progress: ReconciliationProgress) -> None:
        self._progress = msgspec.structs.replace(progress, applied=self._progress.applied)

    async def _counted(self) -> tuple[OurTotals, int, int]:
        """What we have of this source, counted as it counts; what is remarkable about our dossiers goes into the list."""
        ours = OurTotals(self._portal_window, self._civil_window, self._now)
        examined = 0
        async with self._database.connection() as connection:
            row = await provinces_store.read(connection, self._source.province)
        async for rows in self._ours():
            remarks: list[Difference] = []
            for dossier, events in rows:
                state = fold(events)
                if ours.add(state.about.agency or "", state):
                    remarks += [
                        Difference(
                            dossier.code, cause.value, state.about.agency, None, compared_fields(state), False, remark=True
                        )
                        for cause in causes_in_state(state, self._portal_window, self._civil_window)
                    ]
            examined += len(rows)
            if remarks:
                await self._stored(remarks)
        return ours, examined, row.head if row is not None else 0

    async def _ours(self) -> AsyncIterator[list[tuple[DossierRow, list[Event]]]]:
        """Our dossiers of which this source told anything, each with what it told: other sources' words are theirs."""
        after, name = 0, self._source.name
        while True:
            async with self._database.connection() as connection:
                rows = await dossiers_store.dossiers_of_source(connection, self._source.province, name, after, BATCH_SIZE)
            if not rows:
                return
            yield [(row, events) for row in rows if (events := history_of(row, name))]
            report_progress()
            after = rows[-1].number
            # Folding thousands of dossiers must not hold up the pulls that share this process.
            await asyncio.sleep(0)

    async def _quarantined(self) -> None:
        after = 0
        while True:
            async with self._database.connection() as connection:
                rows = await quarantine_store.records(
                    connection,
                    province=self._source.province,
                    source_name=self._source.name,
                    after=after,
                    limit=BATCH_SIZE,
                )
            if rows:
                await self._stored([_waiting(row) for row in rows])
            if len(rows) < BATCH_SIZE:
                return
            after = rows[-1].id

    async def _judged(self, batch: Batch, agencies: set[str], progress: ReconciliationProgress) -> None:
        """Compare a page of the source's list with what we have, and take in what we have not."""
        events = [one for one in batch.events if one.about is not None and (one.about.agency or "") in agencies]
        # What cannot be read is there all the same.
        codes = [*(event.code for event in batch.events), *(one.code for one in batch.rejected if one.code is not None)]
        async with self._database.connection() as connection:
            there = await dossiers_store.dossiers_by_code(connection, self._source.province, codes)
        self._mark_listed(there.values())
        found: list[Difference] = []
        applied_events: list[Event] = []
        for event in events:
            known = there.get(event.code)
            history = history_of(known, self._source.name) if known is not None else []
            here = fold(history) if history else None
            at_source = fold([event])
            cause = difference(at_source, here, newer=not history or event.at > history[-1].at)
            if cause is None:
                continue
            # Also what is known already: this serving of it counts anew.
            applied_events.append(event)
            applied = compared_fields(fold(self._with(history, event))) == compared_fields(at_source)
            found.append(
                Difference(
                    event.code,
                    cause.value,
                    at_source.about.agency,
                    compared_fields(at_source),
                    compared_fields(here) if here else None,
                    applied,
                )
            )
        self._set_progress(progress)
        if any(one.applied for one in found):
            self._progress = msgspec.structs.replace(self._progress, applied=True)
        await self._stored(found, events=applied_events, rejected=batch.rejected, save=self._is_to_be_saved())

    def _mark_listed(self, rows: Iterable[DossierRow]) -> None:
        for row in rows:
            byte, bit = divmod(row.number, 8)
            if byte >= len(self._listed):
                self._listed.extend(bytes(byte + 1024 - len(self._listed)))
            self._listed[byte] |= 1 << bit

    def _with(self, history: Sequence[Event], event: Event) -> list[Event]:
        """The history once the event was taken in."""
        batch = Batch([event], [], reading=reading_of(self._source), served_at=self._clock())
        (entries,) = served(batch).values()
        return [entry.event for entry in merged(map(stored_event, history), entries)]

    def _is_to_be_saved(self) -> bool:
        return len(self._listed) <= FREQUENT_BYTES or (self._clock() - self._saved_at).total_seconds() >= SAVE_SECONDS

    async def _require_majority(self, agencies: set[str]) -> None:
        """Raises `SourceUnreadable` where a source lists less than half of what we have: it is broken sooner than emptied."""
        unlisted = ours = 0
        async for rows in self._ours():
            for row, events in rows:
                state = fold(events)
                if (state.about.agency or "") in agencies and not state.deleted:
                    ours += 1
                    unlisted += not self._is_listed(row.number)
        if unlisted > MAX_GONE and unlisted * 2 > ours:
            raise SourceUnreadable(
                bilingual(
                    "The source lists {unlisted} of {ours} dossiers that it served before: nothing was deleted. Ask"
                    " who runs it; where it is being closed, retire the source.",
                    "Nguồn chỉ liệt kê {unlisted} trong {ours} hồ sơ đã gửi trước đây: không xóa gì. Hỏi đơn vị vận"
                    " hành; nếu nguồn sắp đóng, hãy ngừng sử dụng nguồn.",
                    unlisted=ours - unlisted,
                    ours=ours,
                ),
                settled=True,
            )

    def _is_listed(self, number: int) -> bool:
        byte, bit = divmod(number, 8)
        return byte < len(self._listed) and bool(self._listed[byte] & 1 << bit)

    async def _gone(self, reader: SourceReader, agencies: set[str]) -> None:
        """What we have under the agencies that differ and the source does not list: moved while we read, or deleted there."""
        await self._require_majority(agencies)
        async for rows in self._ours():
            found: list[Difference] = []
            deleted: list[Event] = []
            for row, events in rows:
                if self._is_listed(row.number):
                    continue
                state = fold(events)
                if (state.about.agency or "") not in agencies or state.deleted or await reader.has_dossier(row.code):
                    continue
                report_progress()
                found.append(
                    Difference(
                        row.code, DifferenceCause.gone_there.value, state.about.agency, None, compared_fields(state), True
                    )
                )
                # Of the time of its newest word: when the source serves that once more, the dossier is there again.
                deleted.append(Event(row.code, self._source.name, "gone", events[-1].at, deleted=True))
            if found:
                self._progress = msgspec.structs.replace(self._progress, applied=True)
                await self._stored(found, events=deleted, save=True)

    async def _finished(self, comparison: Comparison, examined: int, position: int) -> None:
        async def effect(tx: Connection) -> None:
            now = await self._still_ours(tx)
            await reconciliation_store.finish_reconciliation(
                tx, self._plan.id, self._worker, now, position=position, comparison=comparison, examined=examined
            )

        await self._database.run(effect)

    async def _still_ours(self, tx: Connection) -> datetime:
        now = self._clock()
        if not await renewed(tx, self._plan.id, self._worker, now):
            raise LeaseLost
        return now

    async def _stored(
        self,
        found: Sequence[Difference],
        *,
        events: Sequence[Event] = (),
        rejected: Sequence[Rejected] = (),
        save: bool = False,
    ) -> None:
        """A part of the list with its effect, and how far it came, in one transaction, as long as it is ours."""
        number, province, name = self._plan.id, self._source.province, self._source.name
        batch = Batch(
            list(events),
            [*map(Repetitions().numbered, rejected)],
            reading=reading_of(self._source),
            served_at=self._clock(),
        )

        async def effect(tx: Connection) -> int:
            if batch.served:
                await provinces_store.lock(tx, province)
            now = await self._still_ours(tx)
            versions = 0
            if batch.served:
                versions = (await apply_batch_isolated(tx, province, name, batch, self._rulesets)).versions
                codes = [event.code for event in events if not event.deleted]
                self._mark_listed((await dossiers_store.dossiers_by_code(tx, province, codes)).values())
            await reconciliation_store.put_differences(tx, number, found)
            if save:
                await reconciliation_store.save_progress(tx, number, self._worker, now, self._progress, bytes(self._listed))
                self._saved_at = now
            return versions

        if await self._database.run(effect):
            await self._notify()


def _waiting(row: QuarantinedRow) -> Difference:
    code = row.code or f"(record {row.id})"
    return Difference(
        code, DifferenceCause.quarantined.value, None, DifferenceSide(reason=row.reason, record=row.id), None, False
    )
