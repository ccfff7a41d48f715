"""The running proof: counters counted anew from the versions must equal the ones that grew by differences.

Each province is proven in a transaction of its own, and a rebuild counts in two at once.
"""

from __future__ import annotations

import time

from services.metrics.consistency import store as proofs
from services.metrics.counting.store import recounting
from services.metrics.provinces.store import provinces
from shared.database import Connection, Database
from shared.errors import Conflict, no_province
from shared.logs import logger

log = logger("proving")


async def prove(tx: Connection, province: str, agency_no: int | None) -> proofs.Compared:
    """Compare one agency's counters, or all (None), and keep the outcome.

    Wants a transaction that sees one state (REPEATABLE READ).
    """
    started = time.perf_counter()
    compared = await proofs.compare(tx, province, agency_no)
    await proofs.record(tx, province, agency_no, compared, time.perf_counter() - started, await provinces.clock(tx))
    if compared.differences:
        log.error(
            "counters differ from their versions", province=province, agency_no=agency_no, differences=compared.differences
        )
    return compared


async def prove_next(database: Database) -> None:
    """Prove one agency of each province, the one whose turn it is."""
    async with database.connection() as connection:
        known = await provinces.all_provinces(connection)
    for province in known:
        async with database.transaction(snapshot=True) as tx:
            agency = await proofs.next_agency(tx, province)
            if agency is not None:
                await prove(tx, province, agency)


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
            raise Conflict(f"Province {province!r} is being rebuilt. Ask for a proof when that has ended.")
        async with database.transaction() as beside:
            mended = await proofs.rebuild(tx, province, beside)
        if mended:
            await provinces.touch(tx, province)
    log.info("counters rebuilt", province=province, mended=mended, seconds=round(time.perf_counter() - started, 3))
    return mended
