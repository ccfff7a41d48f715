"""Versions of dossiers: published by those who change dossiers, read by everyone who follows the feed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.feed.tables import feed as feed_table
from services.ingest.provinces.tables import epoch as epoch_table
from shared.database import Connection
from shared.statements import Statement, parameter


class FeedRow(NamedTuple):
    """One version in the feed; `facts` is JSON as served."""

    position: int
    number: int
    """Of the dossier; `CATALOGUE` for a change of the catalogue, whose version is in the place of the facts."""
    facts: str


CATALOGUE = 0
"""In the place of a dossier's number: a change of the catalogue. Dossiers are numbered from 1."""


f = feed_table.c

_PROVINCE = parameter("province", sa.Text)


async def append(tx: Connection, province: str, rows: Sequence[FeedRow]) -> None:
    """Publish versions; their positions are the next ones of the locked province."""
    await tx.copy_records_to_table(
        feed_table.name,
        schema_name=feed_table.schema,
        columns=("province", *FeedRow._fields),
        records=((province, *row) for row in rows),
    )


async def append_catalogue(tx: Connection, province: str, position: int, version: int) -> None:
    """Publish a change of the catalogue at the next position of the locked province."""
    await append(tx, province, [FeedRow(position, CATALOGUE, str(version))])


_PAGE = Statement(
    sa.select(*(f[name] for name in FeedRow._fields))
    .where(f.province == _PROVINCE, f.position > parameter("after", sa.BigInteger))
    .order_by(f.position)
    .limit(parameter("limit", sa.BigInteger)),
    FeedRow,
)


_AT = Statement(
    sa.select(f.position, f.facts).where(
        f.province == _PROVINCE, f.position == sa.any_(parameter("positions", pg.ARRAY(sa.BigInteger)))
    ),
    lambda position, facts: (position, facts),
)


async def facts_at(connection: Connection, province: str, positions: Sequence[int]) -> dict[int, str]:
    """The facts (JSON) of the versions at these positions; those that there are not are left out."""
    return dict(await _AT.all(connection, province=province, positions=list(positions)))


async def read_after(connection: Connection, province: str, after: int, limit: int) -> list[tuple[int, int, str]]:
    """Position, number and facts of versions with position > `after`, in order."""
    return await _PAGE.records(connection, province=province, after=after, limit=limit)


class _Digested(NamedTuple):
    """The epoch; and a version, all None when there is none."""

    epoch: UUID
    position: int | None
    number: int
    facts: str
    recorded_at: datetime


_DIGESTED = Statement(
    sa.select(epoch_table.c.epoch, f.position, f.number, f.facts, f.recorded_at).select_from(
        epoch_table.outerjoin(
            feed_table,
            sa.and_(f.province == _PROVINCE, f.position == sa.any_(parameter("positions", pg.ARRAY(sa.BigInteger)))),
        )
    ),
    _Digested,
)


async def digests(connection: Connection, province: str, *positions: int) -> tuple[str, dict[int, str]]:
    """The epoch of this database, and a digest of the version at each of the positions that there is.

    The digest holds the instant of the transaction that made the version: what a restored database puts at the same position,
    be it of the same content, has another.
    """
    rows = await _DIGESTED.all(connection, province=province, positions=positions)
    return str(rows[0].epoch), {
        row.position: blake2b(f"{row.number} {row.recorded_at.isoformat()} {row.facts}".encode(), digest_size=8).hexdigest()
        for row in rows
        if row.position is not None
    }
