"""Queues of rows that wait for a worker: one leases the row that waits longest, works on it, and stores what came of it.

The table has `state` and `lapses` beside the columns of a lease (`shared.leases`); one with `due_at` has rows that wait until
then. That of a worker that died is leased again once its lease has run out, and `lapses` counts how often that happened. All
instants are the caller's, by the database's clock: workers whose own clocks disagree must agree on who holds a lease.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import sqlalchemy as sa

from shared import leases
from shared.database import Connection, Database
from shared.leases import NOW, WORKER, auto_renewed
from shared.statements import Statement, begun_at, parameter


class LeasedJob(Protocol):
    """A row that is leased, as a named tuple: its primary key by the names of its columns, and who holds it."""

    @property
    def _fields(self) -> tuple[str, ...]: ...

    @property
    def worker(self) -> str:
        """Who holds it."""

    @property
    def lapses(self) -> int:
        """How often its lease ran out because the worker died."""


J = TypeVar("J", bound=LeasedJob)
R = TypeVar("R")
E = TypeVar("E", bound=Exception)


class LeasedQueue(Generic[J]):
    """Rows of a table that wait in one state, and are worked on in another."""

    def __init__(
        self,
        table: sa.Table,
        job: type[J],
        given: Sequence[sa.Column[Any] | sa.Label[Any]],
        *,
        waiting: str,
        working: str,
        claimed: Mapping[str, sa.ColumnElement[Any]] | None = None,
        joined: Sequence[sa.ColumnElement[bool]] = (),
    ) -> None:
        """`given`: what a job has beside `worker` and `lapses`; `claimed`: what else a claim writes; `joined`: conditions on
        other tables that these read."""
        self._table, self._working = table, working
        self._key = tuple(column.name for column in table.primary_key)
        self._one = tuple(table.c[name] == parameter(f"key_{name}", table.c[name].type) for name in self._key)
        columns = {one.name: one for one in (*given, table.c.lapses, table.c.lease_by.label("worker"))}
        fields: tuple[str, ...] = job._fields  # type: ignore[assignment]
        self._claim = Statement(self._claiming(waiting, [columns[name] for name in fields], claimed or {}, joined), job)
        self._renew = Statement[None](leases.renew(table).where(*self._one, table.c.state == working))

    def _claiming(
        self,
        waiting: str,
        given: Sequence[sa.ColumnElement[Any]],
        claimed: Mapping[str, sa.ColumnElement[Any]],
        joined: Sequence[sa.ColumnElement[bool]],
    ) -> sa.UpdateBase:
        table, c = self._table, self._table.c
        row = table.alias("waiting")
        w = row.c
        due = [w.due_at] if "due_at" in w else []
        key = [w[name] for name in self._key]
        oldest = (
            sa.select(*key)
            .where(
                w.state.in_((waiting, self._working)),
                *(instant <= NOW for instant in due),
                # Its own: the response to the commit that leased it was lost.
                sa.or_(leases.is_free(row), w.lease_by == WORKER),
            )
            .order_by(*due, *key)
            .limit(1)
            .with_for_update(skip_locked=True)
            .cte("oldest")
        )
        return (
            leases.acquire(table)
            .where(*(c[name] == oldest.c[name] for name in self._key), *joined)
            .values({"state": self._working, "lapses": c.lapses + sa.cast(c.state == self._working, sa.Integer), **claimed})
            .returning(*given)
        )

    async def claim(self, tx: Connection, worker: str, now: datetime, lease: timedelta) -> J | None:
        """Lease the row that waits longest; that of a dead worker can be claimed again once its lease has run out."""
        return await self._claim.first(tx, worker=worker, now=now, until=now + lease)

    async def renew(self, tx: Connection, job: J, now: datetime, lease: timedelta) -> bool:
        """Lengthen the lease; False when it has run out, and nothing of the job may be stored."""
        return await self._renew.run(tx, **self._keys(job), worker=job.worker, now=now, until=now + lease) == 1

    def noting(self, **values: Any) -> Statement[None]:
        """A statement that writes into the row while it is held, for `write`."""
        return Statement(sa.update(self._table).where(leases.is_held(self._table), *self._one).values(values))

    def ending(self, **values: Any) -> Statement[None]:
        """A statement that writes into the row and ends its lease, for `write`."""
        ended = leases.release(self._table).where(*self._one, self._table.c.state == self._working)
        return Statement(ended.values(values))

    async def write(self, tx: Connection, statement: Statement[None], job: J, now: datetime, **values: object) -> bool:
        """Run a statement of `noting` or `ending`; False when the lease has run out, and nothing is written."""
        return await statement.run(tx, **self._keys(job), worker=job.worker, now=now, **values) == 1

    def _keys(self, job: J) -> dict[str, object]:
        return {f"key_{name}": getattr(job, name) for name in self._key}


class Attempt(NamedTuple, Generic[J, R, E]):
    """What came of a job."""

    job: J
    made: R | None = None
    """None: it failed."""
    stored: bool = False
    """False also of what was made when its lease had run out already: another has it."""
    error: E | None = None


async def attempt_next(
    database: Database,
    queue: LeasedQueue[J],
    worker: str,
    lease: timedelta,
    *,
    make: Callable[[J], Awaitable[R]],
    store: Callable[[Connection, J, R, datetime], Awaitable[bool]],
    fail: Callable[[Connection, J, E, datetime], Awaitable[None]],
    caught: type[E],
    prepare: Callable[[Connection, datetime], Awaitable[None]] | None = None,
) -> Attempt[J, R, E] | None:
    """Work on the job that waits longest; None when none waits.

    It is claimed in one transaction and stored in another; none is open while it is made. The lease is renewed meanwhile, so
    it can be short: no job waits longer for a dead worker. What `make` raises of `caught` is given to `fail`; `prepare` runs
    before the claim, in its transaction.
    """

    async def claim(tx: Connection) -> J | None:
        now = await begun_at(tx)
        if prepare is not None:
            await prepare(tx, now)
        return await queue.claim(tx, worker, now, lease)

    job = await database.run(claim)
    if job is None:
        return None

    async def renew(tx: Connection) -> bool:
        return await queue.renew(tx, job, await begun_at(tx), lease)

    try:
        async with auto_renewed(database, lease, renew):
            made = await make(job)
    except caught as error:
        failure = error

        async def put_failure(tx: Connection) -> None:
            await fail(tx, job, failure, await begun_at(tx))

        await database.run(put_failure)
        return Attempt(job, error=failure)

    async def put(tx: Connection) -> bool:
        return await store(tx, job, made, await begun_at(tx))

    return Attempt(job, made, await database.run(put))
