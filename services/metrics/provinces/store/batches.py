"""The batches that were counted of a province: figures can be queried as of the ends of them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from services.metrics.provinces.store.notifications import announce
from services.metrics.provinces.tables import batch, province
from shared.database import Connection
from shared.statements import Statement, parameter

b = batch.c
_PROVINCE = parameter("province", sa.Text)
_POSITION = parameter("position", sa.BigInteger)


def _instant(value: datetime) -> datetime:
    return value


_ADD_BATCH = Statement[None](
    sa.update(province)
    .where(province.c.province == _PROVINCE)
    .values(batches=province.c.batches + 1, counting_seconds=province.c.counting_seconds + parameter("seconds", sa.Double))
)
_RECORD_BATCH = Statement[None](
    sa.insert(batch).inline().values(province=_PROVINCE, position=_POSITION, versions=parameter("versions", sa.Integer))
)


async def record_batch(tx: Connection, name: str, last: int, versions: int, seconds: float = 0.0) -> None:
    """Store a batch, so that figures can be queried as of `last`, and announce it at commit."""
    await _ADD_BATCH.run(tx, province=name, seconds=seconds)
    await _RECORD_BATCH.run(tx, province=name, position=last, versions=versions)
    await announce(tx, name)


_BATCHES = sa.select(sa.func.coalesce(sa.func.max(b.position), 0)).where(b.province == _PROVINCE)
_BATCH_AT = Statement(_BATCHES.where(b.position <= _POSITION), int)
_BATCH_ON = Statement(_BATCHES.where(b.applied_at <= parameter("instant", sa.DateTime(timezone=True))), int)
_APPLIED_AT = Statement(sa.select(b.applied_at).where(b.province == _PROVINCE, b.position == _POSITION), _instant)


async def batch_at(tx: Connection, name: str, position: int) -> int:
    """The last end of a batch that is not after `position`; 0 before the first."""
    return await _BATCH_AT.one(tx, province=name, position=position)


async def batch_on(tx: Connection, name: str, instant: datetime) -> int:
    """The last end of a batch that was applied by `instant`; 0 before the first."""
    return await _BATCH_ON.one(tx, province=name, instant=instant)


async def applied_at(tx: Connection, name: str, position: int) -> datetime | None:
    """When the batch that ends at `position` was applied."""
    return await _APPLIED_AT.first(tx, province=name, position=position)
