"""Consistency checks: counters counted anew from the versions must equal those that grew by differences.

Each province is checked in a transaction of its own, and a rebuild counts in two transactions at once.
"""

from __future__ import annotations

import time
from functools import partial

from services.metrics.consistency import store as checks
from services.metrics.counting.store import ledgers, recounting
from services.metrics.provinces.store import provinces
from shared.database import Connection, Database
from shared.errors import Conflict, no_province
from shared.logs import logger
from shared.poll_loop import each

log = logger("consistency")


async def check(tx: Connection, province: str, agency_no: int | None) -> checks.CheckResult:
    """Compare one agency's counters, or all (None), and store the outcome.

    Needs a transaction that sees one state (REPEATABLE READ).
    """
    started = time.perf_counter()
    compared = await checks.compare(tx, province, agency_no)
    await checks.record(tx, province, agency_no, compared, time.perf_counter() - started, await provinces.clock(tx))
    if compared.differences:
        log.error(
            "counters differ from their versions", province=province, agency_no=agency_no, differences=compared.differences
        )
    return compared


async def check_next(database: Database) -> None:
    """Prove one agency of each province, the one whose turn it is. A province that fails does not stop the others.

    A province that was counted by another definition of the counters, as one of an earlier release, is counted anew first.
    """
    async with database.connection() as connection:
        known = await provinces.all_provinces(connection)

    async def check_one(province: str) -> None:
        if await database.run(partial(ledgers.is_outdated, name=province)):
            try:
                await rebuild(database, province)
            except Conflict:  # another worker is at it
                return
        async with database.transaction(snapshot=True) as tx:
            agency = await checks.next_agency(tx, province)
            if agency is not None:
                await check(tx, province, agency)

    await each("consistency check of a province", known, check_one)


async def rebuild(database: Database, province: str) -> int:
    """Count a province's counters anew and mend those that differ; returns how many cells of days did.

    Batches wait meanwhile. Raises `NotFound` for a province of which nothing was counted, and `Conflict` while another rebuild
    of it is at work: it would wait for that, and its connections with it.
    """
    started = time.perf_counter()
    async with database.transaction() as tx:
        if await provinces.province(tx, province) is None:
            raise no_province(province)
        if not await recounting.claim(tx, province):
            raise Conflict(f"Province {province!r} is being rebuilt. Check its counters when that has ended.")
        async with database.transaction() as second:
            mended = await checks.rebuild(tx, province, second)
        if mended:
            await provinces.touch(tx, province)
    log.info("counters rebuilt", province=province, mended=mended, seconds=round(time.perf_counter() - started, 3))
    return mended
