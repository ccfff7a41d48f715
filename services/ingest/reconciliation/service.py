"""Reconciling: a source's own totals per agency against ours, and the list of dossiers that differ, each with its likely cause.

Where the totals of an agency differ, what the source lists under it now is read again and compared dossier by dossier. What it
turns out to know and never served, or in a newer version, is taken in on the way; what it no longer has is noted as deleted.
Each part has its effect in a transaction of its own, and none is open while the portal is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import msgspec

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers import store as dossiers_store
from services.ingest.dossiers.duplicates import anonymous
from services.ingest.dossiers.folding import fold
from services.ingest.dossiers.service import apply_batch_isolated, history_of
from services.ingest.dossiers.store import DossierRow
from services.ingest.events.model import Batch, Event
from services.ingest.provinces import store as provinces_store
from services.ingest.quarantine import store as quarantine_store
from services.ingest.quarantine.store import QuarantinedRow
from services.ingest.reconciliation import store as reconciliation_store
from services.ingest.reconciliation.model import (
    AgencyTotals,
    DifferenceCause,
    DifferenceSide,
    Totals,
    Window,
    causes_in_state,
    civil_window,
    compared_fields,
    difference,
    portal_window,
)
from services.ingest.reconciliation.store import Difference, LeasedReconciliation
from services.ingest.sources import store as sources_store
from services.ingest.sources.decoding import reading_of
from services.ingest.sources.errors import FAULT, SourceError
from services.ingest.sources.reader import SourceReader, open_source
from services.ingest.sources.store import SourceRow
from services.ingest.sources.traits import reports_totals
from shared.civil import VIETNAM, civil_day
from shared.database import TRANSIENT_ERRORS, Connection, Database
from shared.heartbeat import report_progress
from shared.leases import auto_renewed
from shared.logs import logger, where

log = logger("reconciling")

LEASE = timedelta(seconds=20)
ATTEMPTS = 5
NIGHT = range(1, 6)
"""Hours in Việt Nam in which the night's reconciliation is planned: after the last pull of the day, before the first."""
MAX_SINGLE_AGENCIES = 5
"""More agencies than these that differ are not read one by one: the whole list is."""
BATCH_SIZE = 2_000


class LeaseLost(Exception):
    """The reconciliation is this worker's no more."""


def year_so_far(now: datetime) -> tuple[date, date]:
    """The reporting year (from 15 December) to yesterday, in civil days."""
    yesterday = civil_day(now) - timedelta(days=1)
    begin = date(yesterday.year, 12, 15)
    return (begin if begin <= yesterday else date(yesterday.year - 1, 12, 15)), yesterday


async def plan_night(tx: Connection, now: datetime) -> int:
    """Plan tonight's reconciliation of every source that reports totals, once each; returns how many were new."""
    local = now.astimezone(VIETNAM)
    if local.hour not in NIGHT:
        return 0
    first, last = year_so_far(now)
    planned = 0
    for source in await sources_store.sources(tx):
        if source.enabled and reports_totals(source.kind) and (source.cursor or {}).get("complete"):
            number = await reconciliation_store.plan_reconciliation(
                tx, source.name, source.province, first, last, now, nightly_on=local.date()
            )
            planned += number is not None
    return planned


async def reconcile_next(
    database: Database,
    rulesets: RulesetCache,
    worker: str,
    notify: Callable[[], Awaitable[object]],
    clock: Callable[[], datetime],
) -> bool:
    """Carry out the oldest planned reconciliation; False when there is none whose source is free.

    The source is not pulled meanwhile: the agreed rate is for both. `clock` gives the present instant:
    the totals are those of the beginning, the lease goes on.
    """
    plan = await database.run(lambda tx: _leased(tx, worker, clock()))
    if plan is None:
        return False
    number = plan.id

    async def failed(error: str, category: str, again_after: float) -> None:
        now = clock()
        if plan.attempts >= ATTEMPTS:
            await database.run(lambda tx: reconciliation_store.mark_failed(tx, number, worker, error, category, now))
        else:
            again_at = now + timedelta(seconds=again_after)
            await database.run(
                lambda tx: reconciliation_store.reschedule(tx, number, worker, error, category, now, again_at=again_at)
            )

    try:
        async with auto_renewed(database, LEASE, lambda tx: _renewed(tx, number, worker, clock())):
            source = await database.run(lambda tx: sources_store.source(tx, plan.source))
            assert source is not None
            await _Reconciliation(database, rulesets, worker, notify, plan, source, clock).run()
    except LeaseLost:
        log.warning("reconciliation taken over", reconciliation=number)
    except SourceError as error:
        await failed(str(error), error.category, max(error.again_after or 0.0, 30.0 * plan.attempts))
        log.warning("reconciliation failed", reconciliation=number, error=str(error))
    except TRANSIENT_ERRORS:
        raise
    except Exception as error:
        # Of an unforeseen fault only the type of the error is stored: its message may quote what the portal sent.
        fault = f"It ended by a fault of ours ({type(error).__name__}), which was logged."
        await failed(fault, FAULT, 30.0 * plan.attempts)
        log.error("reconciliation failed", reconciliation=number, error=type(error).__name__, at=where(error))
    finally:
        await database.run(lambda tx: sources_store.release_lease(tx, plan.source, worker, clock()))
    return True


async def _leased(tx: Connection, worker: str, now: datetime) -> LeasedReconciliation | None:
    return await reconciliation_store.lease_reconciliation(tx, worker, now=now, until=now + LEASE)


async def _renewed(tx: Connection, number: int, worker: str, now: datetime) -> bool:
    return await reconciliation_store.renew_reconciliation(tx, number, worker, now=now, until=now + LEASE)


class _Count(NamedTuple):
    """Ours, per agency code."""

    portal: dict[str, Totals]
    civil_days: dict[str, Totals]
    examined: int
    position: int


class _Reconciliation:
    """One reconciliation under way."""

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
        self._database, self._rulesets, self._worker, self._notify = database, rulesets, worker, notify
        self._plan, self._source, self._clock, self._now = plan, source, clock, clock()
        self._listed_numbers = bytearray()
        """One byte per dossier number: whether the source listed it."""
        self._portal_window: Window = portal_window(plan.from_on, plan.to_on, self._now)
        self._civil_window: Window = civil_window(plan.from_on, plan.to_on, self._now)

    async def run(self) -> None:
        async with open_source(self._source) as reader:
            there = await reader.totals(*self._portal_window)
            ours = await self._counted()
            totals = _side_by_side(there, ours)
            differing = [one for one in totals if not one.equal]
            await self._quarantined()
            if differing:
                await self._compared(reader, differing)
        await self._stored([], ours, totals)

    async def _counted(self) -> _Count:
        """Our dossiers of this source, counted as the portal counts; what their own state shows goes into the list."""
        portal: dict[str, Totals] = {}
        civil_days: dict[str, Totals] = {}
        examined = 0
        async with self._database.connection() as connection:
            row = await provinces_store.read(connection, self._source.province)
        async for rows in self._ours():
            found: list[Difference] = []
            for dossier in rows:
                if not (told := history_of(dossier, self._source.name)):
                    continue
                # As this source tells it, whatever others do.
                state = fold(told)
                agency = state.about.agency or ""
                inside = portal.setdefault(agency, Totals()).add(state, self._portal_window, self._now)
                inside = civil_days.setdefault(agency, Totals()).add(state, self._civil_window, self._now) or inside
                if inside:
                    found += [
                        Difference(dossier.code, cause.value, state.about.agency, None, compared_fields(state), False)
                        for cause in causes_in_state(state, self._portal_window, self._civil_window)
                    ]
            examined += len(rows)
            await self._insert_differences(found)
        return _Count(portal, civil_days, examined, row.head if row is not None else 0)

    async def _ours(self) -> AsyncIterator[list[DossierRow]]:
        after = 0
        while True:
            async with self._database.connection() as connection:
                rows = await dossiers_store.dossiers_of_source(
                    connection, self._source.province, self._source.name, after, BATCH_SIZE
                )
            if not rows:
                return
            yield rows
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
            await self._insert_differences([_waiting(row) for row in rows])
            if len(rows) < BATCH_SIZE:
                return
            after = rows[-1].id

    async def _compared(self, reader: SourceReader, differing: Sequence[AgencyTotals]) -> None:
        """Read what the source lists under the agencies that differ, and compare it dossier by dossier."""
        agencies = {one.agency for one in differing}
        identifiers = [one.id for one in differing]
        if len(differing) > MAX_SINGLE_AGENCIES or any(one is None for one in identifiers):
            identifiers = [None]
        for identifier in identifiers:
            async for batch in reader.list_dossiers(identifier):
                events = [one for one in batch.events if one.about is not None and (one.about.agency or "") in agencies]
                # What cannot be read is there all the same.
                await self._judged(events, [one.code for one in batch.rejected if one.code is not None])
                report_progress()
        await self._gone(reader, agencies)

    async def _judged(self, events: Sequence[Event], unreadable: Sequence[str]) -> None:
        codes = [*(event.code for event in events), *unreadable]
        async with self._database.connection() as connection:
            there = await dossiers_store.dossiers_by_code(connection, self._source.province, codes)
        for row in there.values():
            if row.number >= len(self._listed_numbers):
                self._listed_numbers.extend(bytes(row.number + 65_536 - len(self._listed_numbers)))
            self._listed_numbers[row.number] = 1
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
            applied = anonymous(event) not in map(anonymous, history)
            if applied:
                applied_events.append(event)
            agency = at_source.about.agency
            found.append(
                Difference(
                    event.code,
                    cause.value,
                    agency,
                    compared_fields(at_source),
                    compared_fields(here) if here else None,
                    applied,
                )
            )
        await self._stored(found, events=applied_events)

    async def _gone(self, reader: SourceReader, agencies: set[str]) -> None:
        """What we have under the agencies that differ and the source does not list: moved while we read, or deleted there."""
        async for rows in self._ours():
            found: list[Difference] = []
            deleted: list[Event] = []
            for row in rows:
                if row.number < len(self._listed_numbers) and self._listed_numbers[row.number]:
                    continue
                if not (told := history_of(row, self._source.name)):
                    continue
                state = fold(told)
                if (state.about.agency or "") not in agencies or state.deleted or await reader.has_dossier(row.code):
                    continue
                found.append(
                    Difference(
                        row.code, DifferenceCause.gone_there.value, state.about.agency, None, compared_fields(state), True
                    )
                )
                deleted.append(Event(row.code, self._source.name, "gone", self._now, deleted=True))
            await self._stored(found, events=deleted)

    async def _insert_differences(self, found: Sequence[Difference]) -> None:
        if found:
            await self._stored(found)

    async def _stored(
        self,
        found: Sequence[Difference],
        ours: _Count | None = None,
        totals: Sequence[AgencyTotals] = (),
        *,
        events: Sequence[Event] = (),
    ) -> None:
        """A part of the list, or the end, with its effect in one transaction, as long as the reconciliation is ours."""
        number, province, name = self._plan.id, self._source.province, self._source.name

        async def effect(tx: Connection) -> int:
            if events:
                await provinces_store.lock(tx, province)
            now = self._clock()
            if not await _renewed(tx, number, self._worker, now):
                raise LeaseLost
            versions = 0
            if events:
                batch = Batch(list(events), [], reading=reading_of(self._source), served_at=now)
                versions = (await apply_batch_isolated(tx, province, name, batch, self._rulesets)).versions
            await reconciliation_store.put_differences(tx, number, found)
            if ours is not None:
                await reconciliation_store.finish_reconciliation(
                    tx, number, self._worker, now, position=ours.position, totals=totals, examined=ours.examined
                )
            return versions

        if await self._database.run(effect):
            await self._notify()


def _waiting(row: QuarantinedRow) -> Difference:
    code = row.code or f"(record {row.id})"
    return Difference(
        code, DifferenceCause.quarantined.value, None, DifferenceSide(reason=row.reason, record=row.id), None, False
    )


def _side_by_side(there: Sequence[tuple[str, str, dict[str, int]]], ours: _Count) -> list[AgencyTotals]:
    """Per agency: the source's totals, ours in the same window, and ours in civil days."""
    listed = {code: (identifier, msgspec.convert(at_source, Totals)) for identifier, code, at_source in there}
    rows = []
    for code in sorted(listed.keys() | ours.portal.keys()):
        identifier, source = listed.get(code, (None, Totals()))
        counted = ours.portal.get(code, Totals())
        rows.append(AgencyTotals(code, identifier, source, counted, ours.civil_days.get(code, Totals()), source == counted))
    return rows
