"""Statements of previews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.catalogue.effects import Effect, effect_of
from services.ingest.catalogue.store.catalogue import CataloguePart
from services.ingest.previews.tables import preview, previewed_dossier
from services.ingest.provinces.tables import province as province_table
from shared.database import Connection
from shared.statements import Statement, parameter

RETENTION = timedelta(days=7)
"""How long a preview is stored."""
v, p = preview.c, province_table.c
_INSTANT = sa.DateTime(timezone=True)
_PROVINCE = parameter("province", sa.Text)
_ID = parameter("number", sa.BigInteger)


class PreviewRow(NamedTuple):
    """A preview so far."""

    id: int
    province: str
    catalogue: int
    """Version of the catalogue that the change was compared with."""
    upto: int
    done_to: int
    effect: Effect
    created_at: datetime
    finished_at: datetime | None
    outdated: bool
    """The catalogue was changed meanwhile: it does not go on."""


class PreviewedRow(NamedTuple):
    """A dossier that the change would alter; `before` and `after` are its facts as JSON."""

    number: int
    before: str
    after: str


class OpenPreview(NamedTuple):
    """A preview that is not finished, with what would be in the place of the parts."""

    id: int
    province: str
    catalogue: int
    upto: int
    done_to: int
    effect: Effect
    parts: dict[CataloguePart, str]


_DELETE_OLD = Statement[None](sa.delete(preview).where(v.created_at < parameter("before", _INSTANT)))
_INSERT = Statement(
    sa.insert(preview)
    .from_select(
        [v.province, v.catalogue, v.parts, v.upto, v.created_at],
        sa.select(p.province, p.catalogue, parameter("parts", pg.JSONB), p.numbers, parameter("now", _INSTANT)).where(
            p.province == _PROVINCE
        ),
    )
    .returning(v.id),
    int,
)


async def insert(tx: Connection, province: str, parts: Mapping[CataloguePart, str], now: datetime) -> int:
    """Store a change that is to be looked at; those that are older than `RETENTION` are dropped."""
    await _DELETE_OLD.run(tx, before=now - RETENTION)
    return await _INSERT.one(tx, province=province, parts=dict(parts), now=now)


def _row(*columns: Any) -> PreviewRow:
    return PreviewRow._make((*columns[:5], effect_of(columns[5]), *columns[6:]))


def _open(*columns: Any) -> OpenPreview:
    return OpenPreview._make((*columns[:5], effect_of(columns[5]), *columns[6:]))


_ROW = ("id", "province", "catalogue", "upto", "done_to")
_READ = Statement(
    sa.select(*(v[name] for name in _ROW), v.counts, v.created_at, v.finished_at, v.outdated).where(
        v.id == _ID, v.province == _PROVINCE
    ),
    _row,
)
_OPEN = Statement(
    sa.select(*(v[name] for name in _ROW), v.counts, v.parts)
    .where(v.finished_at.is_(None))
    .order_by(v.id)
    .limit(1)
    .with_for_update(skip_locked=True),
    _open,
)


async def read(connection: Connection, province: str, number: int) -> PreviewRow | None:
    """A preview of the province; None when there is none of that number."""
    return await _READ.first(connection, province=province, number=number)


_NUMBER_OPEN = Statement(sa.select(sa.func.count()).where(v.province == _PROVINCE, v.finished_at.is_(None)), int)


async def number_open(tx: Connection, province: str) -> int:
    """How many previews of a province are not finished."""
    return await _NUMBER_OPEN.one(tx, province=province)


async def take(tx: Connection) -> OpenPreview | None:
    """The oldest preview that is not finished and that nobody else is at, locked to the end of the transaction."""
    return await _OPEN.first(tx)


_STORE = Statement[None](
    sa.update(preview)
    .where(v.id == _ID)
    .values(
        done_to=parameter("done_to", sa.BigInteger),
        counts=parameter("counts", pg.JSONB),
        finished_at=parameter("finished_at", _INSTANT),
        outdated=parameter("outdated", sa.Boolean),
    )
)


async def store(
    tx: Connection, number: int, done_to: int, effect: Effect, *, finished_at: datetime | None, outdated: bool = False
) -> None:
    """Store how far a preview has come."""
    counts = msgspec.to_builtins(effect)
    await _STORE.run(tx, number=number, done_to=done_to, counts=counts, finished_at=finished_at, outdated=outdated)


async def insert_dossiers(tx: Connection, number: int, rows: Sequence[PreviewedRow]) -> None:
    """Store the dossiers that a preview found altered."""
    await tx.copy_records_to_table(
        previewed_dossier.name,
        schema_name=previewed_dossier.schema,
        columns=("preview", *PreviewedRow._fields),
        records=((number, *row) for row in rows),
    )


d = previewed_dossier.c
_PAGE = Statement(
    sa.select(d.number, d.before, d.after)
    .where(d.preview == _ID, d.number > parameter("after", sa.BigInteger))
    .order_by(d.number)
    .limit(parameter("limit", sa.BigInteger)),
    PreviewedRow,
)
_AGENCIES = Statement(sa.select(v.parts["agencies"].astext).where(v.id == _ID), lambda text: text)


async def dossiers_after(connection: Connection, number: int, after: int, limit: int) -> list[PreviewedRow]:
    """The next dossiers that a preview found altered, in order of their numbers."""
    return await _PAGE.all(connection, number=number, after=after, limit=limit)


async def agencies(connection: Connection, number: int) -> str | None:
    """The agencies as the change would leave them, as JSON; None: it leaves them as they are."""
    return await _AGENCIES.first(connection, number=number)
