"""Leases: one holder at a time has a row of a table, until an instant that it moves on for as long as it works.

A table whose rows are leased has the columns `lease_by` (the holder: a worker, and which of its loops) and `lease_until`. Who
dies leaves its rows to the others once that instant has passed. From then on nothing that it still writes counts, whether
another has taken the row or not: it cannot know. So whatever a holder writes is fenced by `is_held`.

All instants are the caller's. What is composed here is a part of an update, to which the table's store adds which row is
meant and what else changes.
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
"""So many times a lease is renewed before it would run out."""


def is_free(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether nobody has a row at the instant `now`."""
    return sa.or_(table.c.lease_until.is_(None), table.c.lease_until < NOW)


def is_held(table: sa.Table) -> sa.ColumnElement[bool]:
    """Whether `worker` has a row at the instant `now`."""
    return sa.and_(table.c.lease_by == WORKER, table.c.lease_until >= NOW)


def acquire(table: sa.Table) -> sa.Update:
    """A row is `worker`'s until the instant `until`; whether it is free must be asked under its lock."""
    return sa.update(table).values(lease_by=WORKER, lease_until=UNTIL)


def renew(table: sa.Table) -> sa.Update:
    """`worker` has a row until the instant `until` at least; touches none that it does not hold."""
    # A renewal that waited for the row's lock must not undo a later one.
    return sa.update(table).where(is_held(table)).values(lease_until=sa.func.greatest(table.c.lease_until, UNTIL))


def release(table: sa.Table) -> sa.Update:
    """`worker` gives a row back; touches none that it does not hold."""
    return sa.update(table).where(is_held(table)).values(lease_by=sa.null(), lease_until=sa.null())


@asynccontextmanager
async def auto_renewed(
    database: Database, length: timedelta, renew: Callable[[Connection], Awaitable[bool]]
) -> AsyncIterator[asyncio.Task[None]]:
    """Have a lease of this length renewed while the block works; the task that is given ends when the lease is lost.

    `renew` moves it on and says whether it was held. A database that is away is met by the work itself.
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
