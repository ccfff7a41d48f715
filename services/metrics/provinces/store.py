"""The place in each province's feed, and the batches that figures can be asked as of."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.consistency.tables import proof
from services.metrics.counting.tables.counters import agency_day, agency_month, ledger
from services.metrics.counting.tables.versions import dossier_version
from services.metrics.manual_inputs.tables import evidence
from services.metrics.provinces.tables import batch, ingest_head
from services.metrics.provinces.tables import province as province_table
from shared.contracts.feed import Quality
from shared.database import Connection
from shared.statements import Statement, parameter

CHANNEL = "metrics_province"
"""NOTIFY channel; the payload is the province."""


@dataclass(frozen=True, slots=True)
class IngestHead:
    """What ingest said of a province when it was asked."""

    head: int | None
    """None: it does not have the province."""
    epoch: str
    position: int
    """What was counted when it was asked: the head of the same feed is not below."""
    behind_since: datetime | None
    worker_silent: bool
    worker_since: datetime | None
    asked_at: datetime
    known_until: datetime


@dataclass(frozen=True, slots=True)
class Province:
    """How far a province is counted."""

    province: str
    position: int
    head: int
    """The newest position that ingest told of."""
    generation: int
    """Moves with everything that can change an answer: positions, catalogue, quality of the sources, evidence."""
    catalogue: int
    applied_at: datetime | None
    quality: Quality | None
    """What ingest says of the sources; None while unknown."""
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


s, b = province_table.c, batch.c
_PROVINCE = parameter("province", sa.Text)
_POSITION, _HEAD = parameter("position", sa.BigInteger), parameter("head", sa.BigInteger)
_EPOCH, _DIGEST = parameter("epoch", sa.Text), parameter("digest", sa.Text)
_NOW = parameter("now", sa.DateTime(timezone=True))
_SECONDS = parameter("seconds", sa.Double)

_OWN = tuple(field.name for field in fields(Province) if field.name in s)
_ASKED = tuple(field.name for field in fields(IngestHead))


def _province(read_at: datetime, *values: Any) -> Province:
    own = dict(zip(_OWN, values[: len(_OWN)], strict=True))
    own["quality"] = msgspec.convert(own["quality"], Quality) if own["quality"] else None
    asked = dict(zip(_ASKED, values[len(_OWN) :], strict=True))
    return Province(**own, ingest=None if asked["asked_at"] is None else IngestHead(**asked), read_at=read_at)


_PROVINCES = sa.select(
    sa.func.clock_timestamp(),
    *(s[name] for name in _OWN),
    *(ingest_head.c[name].label(f"asked_{name}") for name in _ASKED),
).select_from(province_table.outerjoin(ingest_head, ingest_head.c.province == s.province))
_ALL_PROVINCES = Statement(_PROVINCES, _province)
_ONE_PROVINCE = Statement(_PROVINCES.where(s.province == _PROVINCE), _province)


async def all_provinces(tx: Connection) -> dict[str, Province]:
    """Every province that was ever followed."""
    return {one.province: one for one in await _ALL_PROVINCES.all(tx)}


async def province(tx: Connection, name: str) -> Province | None:
    """One province, or None when nothing of it was ever counted."""
    return await _ONE_PROVINCE.first(tx, province=name)


def _this(instant: datetime) -> datetime:
    return instant


_CLOCK = Statement(sa.select(sa.func.clock_timestamp()), _this)


async def clock(tx: Connection) -> datetime:
    """This instant, by the database's clock."""
    return await _CLOCK.one(tx)


_BEGIN = Statement[None](pg.insert(province_table).values(province=_PROVINCE).inline().on_conflict_do_nothing())


async def begin(tx: Connection, name: str) -> None:
    """Make the row of a province that is followed for the first time."""
    await _BEGIN.run(tx, province=name)


class Mark(NamedTuple):
    """What tells the version at a position of one feed from that of another."""

    epoch: str | None
    digest: str | None


UNMARKED = Mark(None, None)


def _change(*only_if: sa.ColumnElement[bool], **values: Any) -> Statement[None]:
    """A change of a province's row that can change answers."""
    return Statement[None](
        sa.update(province_table).where(s.province == _PROVINCE, *only_if).values(**values, generation=s.generation + 1)
    )


_ADVANCE = _change(
    s.position == parameter("first", sa.BigInteger) - 1,
    position=_POSITION,
    head=sa.func.greatest(s.head, _HEAD),
    applied_at=_NOW,
    epoch=_EPOCH,
    digest=_DIGEST,
)


async def advance(tx: Connection, name: str, first: int, last: int, head: int, mark: Mark) -> bool:
    """Move the place from `first` - 1 to `last`; False when it stands elsewhere. Holds the province's row to the commit."""
    now = await clock(tx)
    moved = await _ADVANCE.run(tx, province=name, first=first, position=last, head=head, now=now, **mark._asdict())
    return moved == 1


_FOLLOWS = _change(s.position == _POSITION, epoch=_EPOCH, digest=_DIGEST, restored=sa.null(), restored_at=sa.null())


async def follows(tx: Connection, name: str, position: int, mark: Mark) -> None:
    """Note that the feed is the one that was counted up to `position`."""
    if await _FOLLOWS.run(tx, province=name, position=position, **mark._asdict()):
        await announce(tx, name)


_WHY = parameter("why", sa.Text)

_SET_RESTORED = _change(
    s.position == _POSITION,
    s.restored.is_distinct_from(_WHY),
    restored=_WHY,
    restored_at=sa.func.coalesce(s.restored_at, _NOW),
)


async def set_restored(tx: Connection, name: str, position: int, why: str) -> bool:
    """Note that the feed is not the one that was counted up to `position`; False when that is known, or is past."""
    if not await _SET_RESTORED.run(tx, province=name, position=position, why=why, now=await clock(tx)):
        return False
    await announce(tx, name)
    return True


_HOLD = Statement(sa.select(s.position).where(s.province == _PROVINCE).with_for_update(), int)
_FORGET = _change(
    **dict.fromkeys(("position", "head", "catalogue"), 0),
    **dict.fromkeys(("applied_at", "epoch", "digest", "restored", "restored_at"), sa.null()),
    resyncs=s.resyncs + 1,
)
_FORGOTTEN = [
    *(
        Statement[None](sa.delete(table).where(table.c.province == _PROVINCE))
        for table in (dossier_version, agency_day, agency_month, ledger, batch, proof)
    ),
    *(
        Statement[None](sa.update(table).where(table.c.province == _PROVINCE).values(position=0))
        for table in (evidence, ingest_head)
    ),
]


async def hold(tx: Connection, name: str) -> int:
    """The position of a province, which nobody moves before the transaction ends: whoever counts a batch waits for that."""
    return await _HOLD.one(tx, province=name)


async def forget(tx: Connection, name: str) -> int:
    """Forget all that was counted of a province, so that its feed is followed from the beginning; returns its position.

    What people entered stays, and is known from the beginning on. Batches wait until the commit.
    """
    position = await hold(tx, name)
    for statement in (_FORGET, *_FORGOTTEN):
        await statement.run(tx, province=name)
    await announce(tx, name)
    return position


_ADD_BATCH = Statement[None](
    sa.update(province_table)
    .where(s.province == _PROVINCE)
    .values(batches=s.batches + 1, counting_seconds=s.counting_seconds + _SECONDS)
)
_RECORD_BATCH = Statement[None](
    sa.insert(batch).inline().values(province=_PROVINCE, position=_POSITION, versions=parameter("versions", sa.Integer))
)


async def record_batch(tx: Connection, name: str, last: int, versions: int, seconds: float = 0.0) -> None:
    """Note that figures can be asked as of `last`, and wake whoever waits for news when the transaction commits."""
    await _ADD_BATCH.run(tx, province=name, seconds=seconds)
    await _RECORD_BATCH.run(tx, province=name, position=last, versions=versions)
    await announce(tx, name)


_ANNOUNCE = Statement[None](sa.select(sa.func.pg_notify(sa.literal(CHANNEL), _PROVINCE)))


async def announce(tx: Connection, name: str) -> None:
    """Wake whoever waits for news of the province, at commit."""
    await _ANNOUNCE.run(tx, province=name)


_SEE_HEAD = _change(s.head < _HEAD, head=_HEAD)


async def see_head(tx: Connection, name: str, head: int) -> None:
    """Note how far the feed reaches, should it be further than known: the API asks ingest itself, but not as often."""
    if await _SEE_HEAD.run(tx, province=name, head=head):
        await announce(tx, name)


def _set_ingest_heads() -> pg.Insert:
    columns = [ingest_head.c[name] for name in ("province", *_ASKED)]
    told = (
        sa.func.unnest(*(parameter(one.name, pg.ARRAY(one.type)) for one in columns))
        .table_valued(*(sa.column(one.name, one.type) for one in columns))
        .render_derived(name="told")
    )
    insert = pg.insert(ingest_head).from_select([one.name for one in columns], sa.select(*told.c))
    return insert.on_conflict_do_update(
        index_elements=["province"],
        set_={name: insert.excluded[name] for name in _ASKED},
        where=ingest_head.c.asked_at < insert.excluded.asked_at,
    )


_SET_INGEST_HEADS = Statement[None](_set_ingest_heads())


async def set_ingest_heads(tx: Connection, asked: dict[str, IngestHead]) -> None:
    """Note what ingest said of provinces; of two who asked the later one counts."""
    told = {name: [getattr(one, name) for one in asked.values()] for name in _ASKED}
    await _SET_INGEST_HEADS.run(tx, province=list(asked), **told)


_QUALITY = parameter("quality", pg.JSONB)
_SET_QUALITY = _change(s.quality.is_distinct_from(_QUALITY), quality=_QUALITY)


async def set_quality(tx: Connection, name: str, quality: Quality) -> None:
    """Store what ingest says of the sources; answers change only when it says something new."""
    if await _SET_QUALITY.run(tx, province=name, quality=msgspec.to_builtins(quality)):
        await announce(tx, name)


_TOUCH = _change()


async def touch(tx: Connection, name: str) -> None:
    """Say that answers of the province may have changed for another reason than a position."""
    await _TOUCH.run(tx, province=name)
    await announce(tx, name)


_BATCHES = sa.select(sa.func.coalesce(sa.func.max(b.position), 0)).where(b.province == _PROVINCE)
_BATCH_AT = Statement(_BATCHES.where(b.position <= _POSITION), int)
_BATCH_ON = Statement(_BATCHES.where(b.applied_at <= parameter("instant", sa.DateTime(timezone=True))), int)
_APPLIED_AT = Statement(sa.select(b.applied_at).where(b.province == _PROVINCE, b.position == _POSITION), _this)


async def batch_at(tx: Connection, name: str, position: int) -> int:
    """The last end of a batch that is not after `position`; 0 before the first."""
    return await _BATCH_AT.one(tx, province=name, position=position)


async def batch_on(tx: Connection, name: str, instant: datetime) -> int:
    """The last end of a batch that was applied by `instant`; 0 before the first."""
    return await _BATCH_ON.one(tx, province=name, instant=instant)


async def applied_at(tx: Connection, name: str, position: int) -> datetime | None:
    """When the batch that ends at `position` was applied."""
    return await _APPLIED_AT.first(tx, province=name, position=position)


@asynccontextmanager
async def listening(connection: Connection, on_move: Callable[[str], None]) -> AsyncIterator[None]:
    """Within the block, call `on_move` with the province whenever one is announced, for as long as the connection lives."""

    def told(_connection: Connection, _pid: int, _channel: str, name: object, /) -> None:
        on_move(str(name))

    await connection.add_listener(CHANNEL, told)
    try:
        yield
    finally:
        if not connection.is_closed():
            await connection.remove_listener(CHANNEL, told)
