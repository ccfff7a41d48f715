"""Leases on rows: a row has one holder at a time, until an instant that the holder renews while it works.

Leased tables have the columns `lease_by` (a worker and its loop) and `lease_until`. When the lease of a dead holder has run
out, another may take it. From then on nothing that the old holder writes may count, so every write of a holder has the
condition `is_held`.

All instants are passed in by the caller. The functions give parts of statements, to which a store adds the condition on the
row.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import sqlalchemy as sa

from shared.database import TRANSIENT_ERRORS, Connection, Database
from shared.statements import parameter

NOW = parameter("now", sa.DateTime(timezone=True))
WORKER = parameter("worker", sa.Text)
UNTIL = parameter("until", sa.DateTime(timezone=True))

RENEWALS = 3
"""How often a lease is renewed within its length."""


def is_free(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether nobody has a row at the instant `now`."""
    return sa.or_(table.c.lease_until.is_(None), table.c.lease_until < NOW)


def is_held(table: sa.Table) -> sa.ColumnElement[bool]:
    """Whether `worker` has a row at the instant `now`."""
    return sa.and_(table.c.lease_by == WORKER, table.c.lease_until >= NOW)


def acquire(table: sa.Table) -> sa.Update:
    """Give a row to `worker` until the instant `until`; check `is_free` under the row's lock."""
    return sa.update(table).values(lease_by=WORKER, lease_until=UNTIL)


def renew(table: sa.Table) -> sa.Update:
    """Extend the lease of `worker` until the instant `until` at least; changes no row that it does not hold."""
    # A renewal that waited for the row's lock must not undo a later one.
    return sa.update(table).where(is_held(table)).values(lease_until=sa.func.greatest(table.c.lease_until, UNTIL))


def release(table: sa.Table) -> sa.Update:
    """End the lease of `worker`; changes no row that it does not hold."""
    return sa.update(table).where(is_held(table)).values(lease_by=sa.null(), lease_until=sa.null())


@asynccontextmanager
async def auto_renewed(
    database: Database, length: timedelta, renew: Callable[[Connection], Awaitable[bool]]
) -> AsyncIterator[asyncio.Task[None]]:
    """Renew a lease of this length while the block runs; yields a task that ends when the lease is lost.

    `renew` extends the lease and returns whether it was held. Transient errors of the database are ignored here.
    """

    async def renewals() -> None:
        held = True
        while held:
            await asyncio.sleep(length.total_seconds() / RENEWALS)
            with suppress(*TRANSIENT_ERRORS):
                async with database.transaction() as tx:
                    held = await renew(tx)

    task = asyncio.create_task(renewals())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait((task,))
