"""A province's row: how far it is counted, of which feed, and what changes its figures."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.provinces.model import FeedMark, IngestHead, Province
from services.metrics.provinces.store.ingest_heads import HEAD_COLUMNS
from services.metrics.provinces.store.notifications import announce
from services.metrics.provinces.tables import batch, ingest_head
from services.metrics.provinces.tables import province as province_table
from shared.contracts.feed import Quality
from shared.database import Connection
from shared.statements import Statement, parameter

s = province_table.c
_PROVINCE = parameter("province", sa.Text)
_POSITION, _HEAD = parameter("position", sa.BigInteger), parameter("head", sa.BigInteger)
_EPOCH, _DIGEST = parameter("epoch", sa.Text), parameter("digest", sa.Text)
_NOW = parameter("now", sa.DateTime(timezone=True))

_OWN = tuple(field.name for field in fields(Province) if field.name in s)


def _province(read_at: datetime, *values: Any) -> Province:
    own = dict(zip(_OWN, values[: len(_OWN)], strict=True))
    own["quality"] = _quality(own["quality"])
    fetched = dict(zip(HEAD_COLUMNS, values[len(_OWN) :], strict=True))
    return Province(**own, ingest=None if fetched["fetched_at"] is None else IngestHead(**fetched), read_at=read_at)


def _quality(stored: object) -> Quality | None:
    try:
        return msgspec.convert(stored, Quality) if stored else None
    except msgspec.ValidationError:  # another release stored it: it is not known until it is fetched again
        return None


_PROVINCES = sa.select(
    sa.func.clock_timestamp(),
    *(s[name] for name in _OWN),
    *(ingest_head.c[name].label(f"asked_{name}") for name in HEAD_COLUMNS),
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
    """Insert the row of a province that is followed for the first time."""
    await _BEGIN.run(tx, province=name)


def _change(*only_if: sa.ColumnElement[bool], **values: Any) -> Statement[None]:
    """A change of a province's row that can change responses."""
    return Statement[None](
        sa.update(province_table).where(s.province == _PROVINCE, *only_if).values(**values, revision=s.revision + 1)
    )


_COUNTED_BY = parameter("counted_by", sa.Text)

_ADVANCE = _change(
    s.position == parameter("first", sa.BigInteger) - 1,
    position=_POSITION,
    head=sa.func.greatest(s.head, _HEAD),
    applied_at=_NOW,
    first_on=sa.func.least(s.first_on, parameter("first_on", sa.Date)),
    epoch=_EPOCH,
    digest=_DIGEST,
    # A batch that another release counted into these counters makes them of two definitions.
    counted_by=sa.case((sa.or_(s.position == 0, s.counted_by == _COUNTED_BY), _COUNTED_BY)),
)


async def advance(
    tx: Connection,
    name: str,
    first: int,
    last: int,
    head: int,
    mark: FeedMark,
    first_on: date | None = None,
    *,
    counted_by: str | None = None,
) -> bool:
    """Move the position from `first` - 1 to `last`; False when it is another one. Locks the province's row to the commit.

    `first_on`: the first day of receipt among these versions; `counted_by`: the definition that they are counted by.
    """
    now = await clock(tx)
    counted = {"first_on": first_on, "counted_by": counted_by}
    moved = await _ADVANCE.run(tx, province=name, first=first, position=last, head=head, now=now, **counted, **mark._asdict())
    return moved == 1


_SET_COUNTED_BY = _change(counted_by=_COUNTED_BY)


async def set_counted_by(tx: Connection, name: str, revision: str) -> None:
    """Store that all of a province was counted anew, by this definition: figures as of any position may be others."""
    await _SET_COUNTED_BY.run(tx, province=name, counted_by=revision)
    await announce(tx, name)


_FOLLOWS = _change(s.position == _POSITION, epoch=_EPOCH, digest=_DIGEST, restored=sa.null(), restored_at=sa.null())


async def follows(tx: Connection, name: str, position: int, mark: FeedMark) -> None:
    """Store that the feed is the one that was counted up to `position`."""
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
    """Store that the feed is not the one that was counted up to `position`; False when that is known or outdated."""
    if not await _SET_RESTORED.run(tx, province=name, position=position, why=why, now=await clock(tx)):
        return False
    await announce(tx, name)
    return True


_LOCK = Statement(sa.select(s.position).where(s.province == _PROVINCE).with_for_update(), int)


async def lock(tx: Connection, name: str) -> int:
    """The position of a province, locked to the end of the transaction: who counts a batch waits for that."""
    return await _LOCK.one(tx, province=name)


_RESET = _change(
    **dict.fromkeys(("position", "head", "catalogue"), 0),
    **dict.fromkeys(("applied_at", "first_on", "epoch", "digest", "restored", "restored_at"), sa.null()),
    resyncs=s.resyncs + 1,
)
_DROP_BATCHES = Statement[None](sa.delete(batch).where(batch.c.province == _PROVINCE))
_RESET_HEAD = Statement[None](sa.update(ingest_head).where(ingest_head.c.province == _PROVINCE).values(position=0))


async def reset(tx: Connection, name: str) -> None:
    """Put the province's position back to 0 and drop its batches, so that its feed is followed from the beginning."""
    for statement in (_RESET, _DROP_BATCHES, _RESET_HEAD):
        await statement.run(tx, province=name)
    await announce(tx, name)


_SEE_HEAD = _change(s.head < _HEAD, head=_HEAD)


async def see_head(tx: Connection, name: str, head: int) -> None:
    """Store how far the feed reaches, if that is further than known: the API polls ingest too, but less often."""
    if await _SEE_HEAD.run(tx, province=name, head=head):
        await announce(tx, name)


_QUALITY = parameter("quality", pg.JSONB)
_SET_QUALITY = _change(s.quality.is_distinct_from(_QUALITY), quality=_QUALITY)


async def set_quality(tx: Connection, name: str, quality: Quality | None) -> None:
    """Store the quality of the sources (None: not known any more); the revision moves only when it changed."""
    # The head moves with every version, and is stored as such.
    stored = {} if quality is None else msgspec.to_builtins(msgspec.structs.replace(quality, head=0))
    if await _SET_QUALITY.run(tx, province=name, quality=stored):
        await announce(tx, name)


_TOUCH = _change()


async def touch(tx: Connection, name: str) -> None:
    """Move the revision: responses of the province may have changed for another reason than a position."""
    await _TOUCH.run(tx, province=name)
    await announce(tx, name)
