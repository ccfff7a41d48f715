"""Cells counted anew from the versions: in pieces, and over two connections where there are two."""

from __future__ import annotations

import asyncio
import io
from collections import deque

import sqlalchemy as sa

from services.metrics.measures import BY_NAME, COLUMNS
from services.metrics.store.contributions import contributions
from services.metrics.store.versions import newest_number
from services.metrics.tables.versions import dossier_version
from shared.database import Connection, plan_anew
from shared.statements import parameter, text_of

LARGEST = 500_000
"""Dossiers of a piece at most, which one statement counts anew: what it holds stays in memory, and no time limit cuts it."""

_CELLS = text_of(
    contributions(
        sa.select(*dossier_version.c)
        .where(
            dossier_version.c.stream == parameter("stream", sa.Text),
            dossier_version.c.number.between(parameter("first", sa.BigInteger), parameter("last", sa.BigInteger)),
        )
        .subquery("versions"),
        newest=True,
    )
)
"""The cells of the dossiers with numbers of a range."""


# All versions of a stream are read: whatever the planner expects, hashing is right, and there is no order but the index's. Rows
# as wide as these cost more to hand from one process to another than to make.
_HASH = (
    "SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_sort = off;"
    " SET LOCAL work_mem = '256MB'; SET LOCAL max_parallel_workers_per_gather = 0"
)


async def claim(tx: Connection, stream: str) -> bool:
    """Keep other rebuilds of the stream away until the transaction ends; False when one is at work."""
    free: bool = await tx.fetchval("SELECT pg_try_advisory_xact_lock(hashtextextended('rebuild ' || $1, 0))", stream)
    return free


async def recount(tx: Connection, stream: str, beside: Connection | None = None) -> None:
    """Make `pg_temp.recounted_day`: every cell of the stream that is not nought, counted from its versions."""
    other = None if beside is None else _Beside(beside, stream)
    for connection in (tx, beside):
        if connection is not None:
            await plan_anew(connection)
            await connection.execute(_HASH)
    await tx.execute(f"CREATE TEMP TABLE piece ON COMMIT DROP AS {_CELLS} LIMIT 0", stream, 0, 0)
    pieces = _pieces(await newest_number(tx, stream))
    counting = asyncio.ensure_future(other.count(pieces)) if other else None
    try:
        while pieces:
            if other and other.counted:
                await _take(tx, other.counted.pop())
            else:
                await tx.execute(f"INSERT INTO pg_temp.piece {_CELLS}", stream, *pieces.popleft())
        if other and counting:
            await counting
            while other.counted:
                await _take(tx, other.counted.pop())
    finally:
        if counting:
            counting.cancel()
            await asyncio.gather(counting, return_exceptions=True)
    sums = ", ".join(f"coalesce(sum({name}), 0)::{'bigint' if BY_NAME[name].wide else 'integer'} AS {name}" for name in COLUMNS)
    await tx.execute(
        f"CREATE TEMP TABLE recounted_day ON COMMIT DROP AS SELECT agency_no, day, {sums} FROM pg_temp.piece"
        f" GROUP BY agency_no, day HAVING {' OR '.join(f'sum({name}) <> 0' for name in COLUMNS)}"
    )
    await tx.execute("DROP TABLE pg_temp.piece")


def _pieces(newest: int) -> deque[tuple[int, int]]:
    """Ranges of all numbers up to `newest`; the smallest lie in the middle, where two who take from the ends would meet."""
    before: deque[tuple[int, int]] = deque()
    after: deque[tuple[int, int]] = deque()
    first, last = 1, newest
    while first <= last:
        size = min(LARGEST, max((last - first + 1) // 4, LARGEST // 8, 1))
        before.append((first, min(first + size - 1, last)))
        first += size
        if first <= last:
            after.appendleft((max(last - size + 1, first), last))
            last -= size
    return before + after


async def _take(tx: Connection, cells: io.BytesIO) -> None:
    await tx.copy_to_table("piece", schema_name="pg_temp", source=cells, format="binary")


class _Beside:
    """Counts pieces, the last ones first, over a connection of its own."""

    def __init__(self, connection: Connection, stream: str) -> None:
        self._connection, self._stream = connection, stream
        self.counted: list[io.BytesIO] = []
        """The cells of each piece, as COPY writes them."""

    async def count(self, pieces: deque[tuple[int, int]]) -> None:
        while pieces:
            cells = io.BytesIO()
            await self._connection.copy_from_query(_CELLS, self._stream, *pieces.pop(), output=cells, format="binary")
            cells.seek(0)
            self.counted.append(cells)
