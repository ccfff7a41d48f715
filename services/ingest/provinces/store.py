"""The rows of provinces: their counters, their policies, and the lock under which their dossiers change.

The order of locks is: the province's row, then a reconciliation's, then its source's, then everything else. Whoever changes
dossiers takes the province's row first, with nothing written or locked before it, and holds it from `lock` to the commit:
positions and numbers are dense and ordered by commit, no change of a dossier is lost, and the catalogue does not change
meanwhile. Rows that are looked for with SKIP LOCKED are never waited for by those who look.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.provinces.tables import epoch as epoch_table
from services.ingest.provinces.tables import province as province_table
from shared.database import Connection
from shared.statements import Statement, parameter


class ProvinceRow(NamedTuple):
    """A province's counters: the newest position, the newest number of a dossier, the catalogue's version."""

    province: str
    head: int
    numbers: int
    catalogue: int


p = province_table.c

_PROVINCE = parameter("province", sa.Text)
_ENSURE = Statement[None](pg.insert(province_table).values(province=_PROVINCE).on_conflict_do_nothing())


async def ensure(tx: Connection, province: str) -> None:
    """Insert the province's row unless there is one."""
    await _ENSURE.run(tx, province=province)


_PROVINCES = sa.select(*(p[name] for name in ProvinceRow._fields))
_ONE = Statement(_PROVINCES.where(p.province == _PROVINCE), ProvinceRow)
_LOCK = Statement(_PROVINCES.where(p.province == _PROVINCE).with_for_update(), ProvinceRow)
_ALL = Statement(_PROVINCES.order_by(p.province), ProvinceRow)


async def lock(tx: Connection, province: str) -> ProvinceRow | None:
    """Take the province's row lock until the end of the transaction; None when there is no such province."""
    return await _LOCK.first(tx, province=province)


async def read(connection: Connection, province: str) -> ProvinceRow | None:
    """The province's counters as committed; None when there is no such province."""
    return await _ONE.first(connection, province=province)


async def read_all(connection: Connection, only: str | None = None) -> list[ProvinceRow]:
    """All provinces by name, or `only` the one of that name."""
    if only is not None:
        return await _ONE.all(connection, province=only)
    return await _ALL.all(connection)


_ADVANCE = Statement[None](
    sa.update(province_table)
    .where(p.province == _PROVINCE)
    .values(head=parameter("head", sa.BigInteger), numbers=parameter("numbers", sa.BigInteger))
)


async def advance(tx: Connection, province: str, *, head: int, numbers: int) -> None:
    """Set the newest position and number; last in the transaction that used them."""
    await _ADVANCE.run(tx, province=province, head=head, numbers=numbers)


_POLICIES = Statement[Mapping[str, object]](sa.select(p.policies).where(p.province == _PROVINCE), dict)


async def read_policies(connection: Connection, province: str) -> Mapping[str, object]:
    """The province's policies as data (empty: the defaults)."""
    return await _POLICIES.first(connection, province=province) or {}


_SET_POLICIES = Statement[None](
    sa.update(province_table).where(p.province == _PROVINCE).values(policies=parameter("policies", pg.JSONB))
)


async def set_policies(tx: Connection, province: str, policies: Mapping[str, object]) -> None:
    """Replace the province's policies."""
    await _SET_POLICIES.run(tx, province=province, policies=policies)


_ADVANCE_CATALOGUE = Statement(
    sa.update(province_table).where(p.province == _PROVINCE).values(catalogue=p.catalogue + 1).returning(p.catalogue), int
)


async def advance_catalogue(tx: Connection, province: str) -> int:
    """Count the catalogue's version up, for a change made in this transaction; returns the new one."""
    return await _ADVANCE_CATALOGUE.one(tx, province=province)


_EPOCH = Statement(sa.select(epoch_table.c.epoch), str)


async def epoch(connection: Connection) -> str:
    """The identity of this database: one that was restored into another has another."""
    return await _EPOCH.one(connection)
