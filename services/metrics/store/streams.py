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
class IngestHead:
    """What ingest said of a stream when it was asked."""

    head: int | None
    """None: it does not have the stream."""
    epoch: str
    position: int
    """What was counted when it was asked: the head of the same feed is not below."""
    behind_since: datetime | None
    worker_silent: bool
    worker_since: datetime | None
    asked_at: datetime
    known_until: datetime


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
    ingest: IngestHead | None
    """What ingest said when the API asked it last; None: it never answered."""
    read_at: datetime
    """When this row was read, by the database's clock."""

    @property
    def ingest_known(self) -> bool:
        """Whether what ingest said last is of now."""
        return self.ingest is not None and self.ingest.known_until >= self.read_at

    @property
    def other_feed(self) -> tuple[str, datetime] | None:
        """How it shows that ingest's feed is not the one that was counted, and since when; None: it is, as far as is known.

        The worker finds out with each page; the API, which only asks for the head, while no worker does.
        """
        if self.restored is not None and self.restored_at is not None:
            return self.restored, self.restored_at
        asked = self.ingest
        if asked is None or not self.position:
            return None
        if self.epoch is not None and asked.epoch != self.epoch:
            return f"its epoch is {asked.epoch} and was {self.epoch}", asked.asked_at
        if (asked.head or 0) < asked.position:
            return f"its head is {asked.head or 0}", asked.asked_at
        return None

    @property
    def lag(self) -> int | None:
        """Versions that ingest has and that are not counted; None: not known."""
        if self.other_feed is not None:
            return None
        newest = max(self.head, (self.ingest and self.ingest.head) or 0)
        return newest - self.position if newest > self.position else 0 if self.ingest_known else None


_COLUMNS = (
    "stream.stream, stream.position, stream.head, generation, catalogue, applied_at, quality::text AS quality, batches,"
    " counting_seconds, stream.epoch, digest, restored, restored_at, clock_timestamp() AS read_at, asked.head AS asked_head,"
    " asked.epoch AS asked_epoch, asked.position AS asked_position, behind_since, worker_silent, worker_since, asked_at,"
    " known_until"
)

_FROM = "metrics.stream LEFT JOIN metrics.ingest_head AS asked USING (stream)"


async def all_streams(tx: Connection) -> dict[str, Stream]:
    """Every stream that was ever followed."""
    return {row["stream"]: _stream(row) for row in await tx.fetch(f"SELECT {_COLUMNS} FROM {_FROM}")}


async def clock(tx: Connection) -> datetime:
    """This instant, by the database's clock."""
    now: datetime = await tx.fetchval("SELECT clock_timestamp()")
    return now


async def stream(tx: Connection, name: str) -> Stream | None:
    """One stream, or None when nothing of it was ever counted."""
    row = await tx.fetchrow(f"SELECT {_COLUMNS} FROM {_FROM} WHERE stream.stream = $1", name)
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
    now = await clock(tx)
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
    for table in ("evidence", "ingest_head"):
        await tx.execute(f"UPDATE metrics.{table} SET position = 0 WHERE stream = $1", name)
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
    """Note how far the feed reaches, should it be further than known: the API asks ingest itself, but not as often."""
    status = await tx.execute(
        "UPDATE metrics.stream SET head = $2, generation = generation + 1 WHERE stream = $1 AND head < $2", name, head
    )
    if status == "UPDATE 1":
        await announce(tx, name)


async def set_ingest_heads(tx: Connection, asked: dict[str, IngestHead]) -> None:
    """Note what ingest said of streams; of two who asked the later one counts."""
    await tx.execute(
        "INSERT INTO metrics.ingest_head AS known (stream, head, epoch, position, behind_since, worker_silent, worker_since,"
        " asked_at, known_until) SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::timestamptz[],"
        " $6::boolean[], $7::timestamptz[], $8::timestamptz[], $9::timestamptz[]) ON CONFLICT (stream) DO UPDATE SET"
        " head = excluded.head, epoch = excluded.epoch, position = excluded.position, behind_since = excluded.behind_since,"
        " worker_silent = excluded.worker_silent, worker_since = excluded.worker_since, asked_at = excluded.asked_at,"
        " known_until = excluded.known_until WHERE known.asked_at < excluded.asked_at",
        list(asked),
        *([getattr(one, name) for one in asked.values()] for name in IngestHead.__slots__),
    )


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
        None
        if row["asked_at"] is None
        else IngestHead(
            row["asked_head"],
            row["asked_epoch"],
            row["asked_position"],
            row["behind_since"],
            row["worker_silent"],
            row["worker_since"],
            row["asked_at"],
            row["known_until"],
        ),
        row["read_at"],
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
