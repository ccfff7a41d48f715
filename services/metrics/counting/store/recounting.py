"""Cells counted anew from the versions: in chunks, and over two connections where there are two."""

from __future__ import annotations

import asyncio
import io
from collections import deque
from collections.abc import Callable

import sqlalchemy as sa

from services.metrics.counting.measures import COLUMNS, MEASURES
from services.metrics.counting.store.contributions import contributions, kind
from services.metrics.counting.store.versions import newest_number
from services.metrics.counting.tables.versions import dossier_version
from shared.database import Connection, set_locally, set_plans
from shared.statements import Statement, parameter

MAX_CHUNK = 500_000
"""Dossiers of a chunk at most, which one statement counts: what it holds stays in memory, and no time limit cuts it."""


class Temporary:
    """A table of cells that its transaction makes for itself."""

    def __init__(self, name: str, key: str) -> None:
        """`key`: the column of the day or of the month."""
        self.table = sa.Table(
            name,
            sa.MetaData(schema="pg_temp"),
            sa.Column("agency_no", sa.Integer),
            sa.Column(key, sa.Date),
            *(sa.Column(one.name, kind(one)) for one in MEASURES),
            prefixes=["TEMPORARY"],
            postgresql_on_commit="DROP",
        )
        self.columns = ("agency_no", key, *COLUMNS)
        self._make = Statement[None](sa.schema.CreateTable(self.table))
        self._drop = Statement[None](sa.schema.DropTable(self.table))

    def filled(self, cells: Callable[[], sa.Select[tuple[object, ...]]]) -> Statement[None]:
        """The statement that puts cells into it."""
        return Statement[None](lambda: sa.insert(self.table).from_select(self.columns, cells()))

    async def make(self, tx: Connection) -> None:
        """Make it, empty."""
        await self._make.run(tx)

    async def drop(self, tx: Connection) -> None:
        """Drop it before the transaction ends."""
        await self._drop.run(tx)


def _cells() -> sa.Select[tuple[object, ...]]:
    """The cells of the dossiers with numbers of a range."""
    first, last = parameter("first", sa.BigInteger), parameter("last", sa.BigInteger)
    versions = sa.select(*dossier_version.c).where(
        dossier_version.c.province == parameter("province", sa.Text), dossier_version.c.number.between(first, last)
    )
    return contributions(versions.subquery("versions"), newest=True)


_COPIED = Statement[None](_cells)

_CHUNK = Temporary("piece", "day")
_COUNT = _CHUNK.filled(_cells)

RECOUNTED = Temporary("recounted_day", "day")


def _recount() -> sa.Select[tuple[object, ...]]:
    chunk = _CHUNK.table.c
    sums = {one: sa.func.sum(chunk[one.name]) for one in MEASURES}
    return (
        sa.select(
            chunk.agency_no,
            chunk.day,
            *(sa.cast(sa.func.coalesce(total, 0), kind(one)).label(one.name) for one, total in sums.items()),
        )
        .group_by(chunk.agency_no, chunk.day)
        .having(sa.or_(*(total != 0 for total in sums.values())))
    )


_RECOUNT = RECOUNTED.filled(_recount)

# All versions of a province are read: whatever the planner expects, hashing is right, and there is no order but the index's.
# Rows as wide as these cost more to hand from one process to another than to make.
_HASHING = {
    "enable_nestloop": "off",
    "enable_mergejoin": "off",
    "enable_sort": "off",
    "work_mem": "256MB",
    "max_parallel_workers_per_gather": "0",
}

_CLAIM = Statement(
    sa.select(
        sa.func.pg_try_advisory_xact_lock(
            sa.func.hashtextextended(sa.literal("rebuild ") + parameter("province", sa.Text), sa.literal(0))
        )
    ),
    bool,
)


async def claim(tx: Connection, province: str) -> bool:
    """Lock out other rebuilds of the province until the transaction ends; False when one runs."""
    return await _CLAIM.one(tx, province=province)


async def recount(tx: Connection, province: str, second: Connection | None = None) -> None:
    """Make and fill `RECOUNTED`: every cell of the province that is not 0, counted from its versions."""
    other = None if second is None else _SecondConnection(second, province)
    for connection in (tx, second):
        if connection is not None:
            await hashing(connection)
    await _CHUNK.make(tx)
    left = chunks(await newest_number(tx, province))
    counting = asyncio.ensure_future(other.count(left)) if other else None
    try:
        while left:
            if other and other.counted:
                await _take(tx, other.counted.pop())
            else:
                first, last = left.popleft()
                await _COUNT.run(tx, province=province, first=first, last=last)
        if other and counting:
            await counting
            while other.counted:
                await _take(tx, other.counted.pop())
    finally:
        if counting:
            counting.cancel()
            await asyncio.gather(counting, return_exceptions=True)
    await RECOUNTED.make(tx)
    await _RECOUNT.run(tx)
    await _CHUNK.drop(tx)


async def hashing(tx: Connection) -> None:
    """Have the statements of the transaction read all versions of a province in the way that is right for that."""
    await set_plans(tx, "each time")
    await set_locally(tx, _HASHING)


def chunks(newest: int) -> deque[tuple[int, int]]:
    """Ranges of all numbers up to `newest`; the smallest lie in the middle, where two who take from the ends would meet."""
    before: deque[tuple[int, int]] = deque()
    after: deque[tuple[int, int]] = deque()
    first, last = 1, newest
    while first <= last:
        size = min(MAX_CHUNK, max((last - first + 1) // 4, MAX_CHUNK // 8, 1))
        before.append((first, min(first + size - 1, last)))
        first += size
        if first <= last:
            after.appendleft((max(last - size + 1, first), last))
            last -= size
    return before + after


async def _take(tx: Connection, cells: io.BytesIO) -> None:
    await tx.copy_to_table("piece", schema_name="pg_temp", source=cells, format="binary")


class _SecondConnection:
    """Counts chunks, the last ones first, over a connection of its own."""

    def __init__(self, connection: Connection, province: str) -> None:
        self._connection, self._province = connection, province
        self.counted: list[io.BytesIO] = []
        """The cells of each chunk, as COPY writes them."""

    async def count(self, chunks: deque[tuple[int, int]]) -> None:
        while chunks:
            cells = io.BytesIO()
            await self._connection.copy_from_query(_COPIED.text, self._province, *chunks.pop(), output=cells, format="binary")
            cells.seek(0)
            self.counted.append(cells)
