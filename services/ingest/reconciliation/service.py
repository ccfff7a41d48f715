"""Reconciling: a source's own totals per agency against ours, and the list of dossiers that differ, each with its likely cause.

Where the totals of an agency differ, what the source lists under it now is read again and compared dossier by dossier. What it
turns out to know and never served, or in a newer version, is taken in on the way; what it no longer has is noted as deleted;
what cannot be read waits in quarantine. Then the totals are compared once more: `equal` is what they are at the end. Each part
has its effect in a transaction of its own, with how far it came, and none is open while the portal is asked (`comparing`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.reconciliation import store as reconciliation_store
from services.ingest.reconciliation.comparing import LEASE, LeaseLost, Reconciling, TurnOver, renewed
from services.ingest.reconciliation.store import LeasedReconciliation
from services.ingest.sources.errors import FAULT, SourceError
from services.ingest.sources.fields.instants import FIRST_YEAR
from services.ingest.sources.store import sources as sources_store
from services.ingest.sources.traits import reports_totals
from shared.civil import VIETNAM, civil_day
from shared.database import TRANSIENT_ERRORS, Connection, Database
from shared.errors import Conflict
from shared.languages import bilingual
from shared.leases import auto_renewed
from shared.logs import logger, where

log = logger("reconciling")

ATTEMPTS = 5
"""Tries that came no further, after which it has failed."""
NIGHT = range(1, 6)
"""Hours in Việt Nam in which the night's reconciliation is planned: after the last pull of the day, before the first."""
RESERVATION = timedelta(seconds=30)
"""For so long no new pull of a source begins that a reconciliation waits for; extended while it waits."""
PAUSE = timedelta(minutes=1)
"""Between two turns of a long reconciliation, in which its source is pulled."""


async def dismiss(tx: Connection, number: int, *, who: str, why: str, now: datetime) -> None:
    """Have what a reconciliation of a retired source found no longer awaited; raises `Conflict` for any other."""
    if not await reconciliation_store.dismiss(tx, number, who=who, why=why, now=now):
        raise Conflict(
            bilingual(
                "Reconciliation {n} is not a complete one of a retired source: correct what differs, and reconcile the source"
                " again (POST /v1/sources/<source>/reconcile). The new one takes its place.",
                "Lượt đối chiếu {n} không phải lượt đã hoàn tất của nguồn đã ngừng sử dụng: sửa hồ sơ chênh lệch rồi đối chiếu"
                " lại nguồn (POST /v1/sources/<nguồn>/reconcile). Lượt mới thay cho lượt này.",
                n=number,
            )
        )


def year_so_far(now: datetime) -> tuple[date, date]:
    """The reporting year (from 15 December) to yesterday, in civil days."""
    yesterday = civil_day(now) - timedelta(days=1)
    begin = date(yesterday.year, 12, 15)
    return (begin if begin <= yesterday else date(yesterday.year - 1, 12, 15)), yesterday


def whole_span(now: datetime) -> tuple[date, date]:
    """All days that a dossier can bear, up to today: what verifies a source as a whole."""
    return date(FIRST_YEAR, 1, 1), civil_day(now)


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
        # A source that is pulled without a pause would never be free.
        await database.run(lambda tx: _reserved(tx, clock()))
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
        async with auto_renewed(database, LEASE, lambda tx: renewed(tx, number, worker, clock())):
            source = await database.run(lambda tx: sources_store.source(tx, plan.source))
            assert source is not None
            await Reconciling(database, rulesets, worker, notify, plan, source, clock).run()
    except LeaseLost:
        log.warning("reconciliation taken over", reconciliation=number)
    except TurnOver:
        again_at = clock() + PAUSE
        await database.run(lambda tx: reconciliation_store.end_turn(tx, number, worker, clock(), again_at=again_at))
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


async def _reserved(tx: Connection, now: datetime) -> None:
    waited_for = await reconciliation_store.next_source(tx, now)
    if waited_for is not None:
        await sources_store.reserve_source(tx, waited_for, now + RESERVATION)
