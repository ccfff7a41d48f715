"""The place in each stream's feed, and the batches that figures can be asked as of."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from shared.database import Connection

CHANNEL = "metrics_stream"
"""NOTIFY channel; the payload is the stream."""


@dataclass(frozen=True, slots=True)
class Stream:
    """How far a stream is counted."""

    stream: str
    position: int
    head: int
    """The newest position that ingest told of."""
    generation: int
    """Moves with everything that can change an answer: positions, catalogue, quality of the sources, evidence."""
    catalogue: int
    applied_at: datetime | None
    quality: dict[str, Any]
    """What ingest says of the sources: missing pulls, open quarantine; empty while unknown."""
    batches: int
    counting_seconds: float
    """How many batches were counted, and how long that took in all."""
    epoch: str | None
    digest: str | None
    """Of the feed that is counted, and of its version at `position`; None: not known yet."""
    restored: str | None
    """Why ingest's feed is not the one that was counted, and nothing is; None: it is."""
    restored_at: datetime | None
    """Since when."""


_COLUMNS = (
    "stream, position, head, generation, catalogue, applied_at, quality::text AS quality, batches, counting_seconds,"
    " epoch, digest, restored, restored_at"
)


async def all_streams(tx: Connection) -> dict[str, Stream]:
    """Every stream that was ever followed."""
    return {row["stream"]: _stream(row) for row in await tx.fetch(f"SELECT {_COLUMNS} FROM metrics.stream")}


async def stream(tx: Connection, name: str) -> Stream | None:
    """One stream, or None when nothing of it was ever counted."""
    row = await tx.fetchrow(f"SELECT {_COLUMNS} FROM metrics.stream WHERE stream = $1", name)
    return None if row is None else _stream(row)


async def begin(tx: Connection, name: str) -> None:
    """Make the row of a stream that is followed for the first time."""
    await tx.execute("INSERT INTO metrics.stream (stream) VALUES ($1) ON CONFLICT DO NOTHING", name)


class Mark(NamedTuple):
    """What tells the version at a position of one feed from that of another."""

    epoch: str | None
    digest: str | None


UNMARKED = Mark(None, None)


async def advance(tx: Connection, name: str, first: int, last: int, head: int, mark: Mark) -> bool:
    """Move the place from `first` - 1 to `last`; False when it stands elsewhere. Holds the stream's row to the commit."""
    status: str = await tx.execute(
        "UPDATE metrics.stream SET position = $3, head = greatest(head, $4), generation = generation + 1,"
        " applied_at = clock_timestamp(), epoch = $5, digest = $6 WHERE stream = $1 AND position = $2::bigint - 1",
        name,
        first,
        last,
        head,
        *mark,
    )
    return status == "UPDATE 1"


async def follows(tx: Connection, name: str, position: int, mark: Mark) -> None:
    """Note that the feed is the one that was counted up to `position`."""
    status = await tx.execute(
        "UPDATE metrics.stream SET epoch = $3, digest = $4, restored = NULL, restored_at = NULL, generation = generation + 1"
        " WHERE stream = $1 AND position = $2",
        name,
        position,
        *mark,
    )
    if status == "UPDATE 1":
        await announce(tx, name)


async def set_restored(tx: Connection, name: str, position: int, why: str) -> bool:
    """Note that the feed is not the one that was counted up to `position`; False when that is known, or is past."""
    now = await tx.fetchval("SELECT clock_timestamp()")
    status = await tx.execute(
        "UPDATE metrics.stream SET restored = $3, restored_at = coalesce(restored_at, $4), generation = generation + 1"
        " WHERE stream = $1 AND position = $2 AND restored IS DISTINCT FROM $3",
        name,
        position,
        why,
        now,
    )
    if status != "UPDATE 1":
        return False
    await announce(tx, name)
    return True


async def forget(tx: Connection, name: str) -> int:
    """Forget all that was counted of a stream, so that its feed is followed from the beginning; returns the position it was at.

    What people entered stays, and is known from the beginning on. Batches wait until the commit.
    """
    position: int = await tx.fetchval("SELECT position FROM metrics.stream WHERE stream = $1 FOR UPDATE", name)
    await tx.execute(
        "UPDATE metrics.stream SET position = 0, head = 0, catalogue = 0, generation = generation + 1, applied_at = NULL,"
        " epoch = NULL, digest = NULL, restored = NULL, restored_at = NULL, resyncs = resyncs + 1 WHERE stream = $1",
        name,
    )
    for table in ("dossier_version", "agency_day", "agency_month", "ledger", "batch", "proof"):
        await tx.execute(f"DELETE FROM metrics.{table} WHERE stream = $1", name)
    await tx.execute("UPDATE metrics.evidence SET position = 0 WHERE stream = $1", name)
    await announce(tx, name)
    return position


async def record_batch(tx: Connection, name: str, last: int, versions: int, seconds: float = 0.0) -> None:
    """Note that figures can be asked as of `last`, and wake whoever waits for news when the transaction commits."""
    await tx.execute(
        "UPDATE metrics.stream SET batches = batches + 1, counting_seconds = counting_seconds + $2 WHERE stream = $1",
        name,
        seconds,
    )
    await tx.execute("INSERT INTO metrics.batch (stream, position, versions) VALUES ($1, $2, $3)", name, last, versions)
    await announce(tx, name)


async def announce(tx: Connection, name: str) -> None:
    """Wake whoever waits for news of the stream, at commit."""
    await tx.execute("SELECT pg_notify($1, $2)", CHANNEL, name)


async def see_head(tx: Connection, name: str, head: int) -> None:
    """Note how far the feed reaches, should it be further than known."""
    status = await tx.execute(
        "UPDATE metrics.stream SET head = $2, generation = generation + 1 WHERE stream = $1 AND head < $2", name, head
    )
    if status == "UPDATE 1":
        await announce(tx, name)


async def set_quality(tx: Connection, name: str, quality: dict[str, Any]) -> None:
    """Store what ingest says of the sources; answers change only when it says something new."""
    status = await tx.execute(
        "UPDATE metrics.stream SET quality = $2::text::jsonb, generation = generation + 1"
        " WHERE stream = $1 AND quality IS DISTINCT FROM $2::text::jsonb",
        name,
        orjson.dumps(quality).decode(),
    )
    if status == "UPDATE 1":
        await announce(tx, name)


async def touch(tx: Connection, name: str) -> None:
    """Say that answers of the stream may have changed for another reason than a position."""
    await tx.execute("UPDATE metrics.stream SET generation = generation + 1 WHERE stream = $1", name)
    await announce(tx, name)


async def batch_at(tx: Connection, name: str, position: int) -> int:
    """The last end of a batch that is not after `position`; 0 before the first."""
    return int(
        await tx.fetchval(
            "SELECT coalesce(max(position), 0) FROM metrics.batch WHERE stream = $1 AND position <= $2", name, position
        )
    )


async def batch_on(tx: Connection, name: str, instant: datetime) -> int:
    """The last end of a batch that was applied by `instant`; 0 before the first."""
    return int(
        await tx.fetchval(
            "SELECT coalesce(max(position), 0) FROM metrics.batch WHERE stream = $1 AND applied_at <= $2", name, instant
        )
    )


async def applied_at(tx: Connection, name: str, position: int) -> datetime | None:
    """When the batch that ends at `position` was applied."""
    found: datetime | None = await tx.fetchval(
        "SELECT applied_at FROM metrics.batch WHERE stream = $1 AND position = $2", name, position
    )
    return found


def _stream(row: Any) -> Stream:
    return Stream(
        row["stream"],
        row["position"],
        row["head"],
        row["generation"],
        row["catalogue"],
        row["applied_at"],
        orjson.loads(row["quality"]),
        row["batches"],
        row["counting_seconds"],
        row["epoch"],
        row["digest"],
        row["restored"],
        row["restored_at"],
    )


@asynccontextmanager
async def listening(connection: Connection, on_move: Callable[[str], None]) -> AsyncIterator[None]:
    """Within the block, call `on_move` with the stream whenever one is announced, for as long as the connection lives."""

    def told(_connection: Any, _pid: int, _channel: str, name: str) -> None:
        on_move(name)

    await connection.add_listener(CHANNEL, told)
    try:
        yield
    finally:
        if not connection.is_closed():
            await connection.remove_listener(CHANNEL, told)
