"""Dating anew: which dossiers have still to be dated by a changed catalogue, and what it did so far."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.catalogue import tables
from services.ingest.catalogue.effects import Effect, effect_of
from services.ingest.provinces.tables import province as province_table
from shared.database import Connection
from shared.statements import Statement, parameter


class OpenRedating(NamedTuple):
    """A redating that is not finished: dossiers with `done_to` < number <= `upto` are still to come."""

    id: int
    only_unmapped: bool
    done_to: int
    upto: int
    effect: Effect
    """On the dossiers up to `done_to`."""


class RedatingsLeft(NamedTuple):
    """Dossiers that the open redatings of a province have not reached yet, and when the first of these was asked for."""

    dossiers: int
    since: datetime | None


class RedatingRow(NamedTuple):
    """A redating; the versions that it made lie at `from_position`..`to_position`."""

    id: int
    province: str
    reason: str
    catalogue: int
    only_unmapped: bool
    done_to: int
    upto: int
    examined: int
    changed: int
    from_position: int | None
    to_position: int | None
    created_at: datetime
    finished_at: datetime | None
    effect: Effect
    """On the dossiers that got a new version; empty of a redating of before it was counted."""
    position: int
    """Of the change of the catalogue; 0: before the first dossier, or not known."""


p, ruleset, r = province_table.c, tables.ruleset.c, tables.redating.c

_PROVINCE = parameter("province", sa.Text)
_REASON = parameter("reason", sa.Text)
_LIMIT = parameter("limit", sa.BigInteger)

_IS_OPEN = r.finished_at.is_(None)
_PLAN = Statement(
    sa.insert(tables.redating)
    .from_select(
        [r.province, r.reason, r.catalogue, r.only_unmapped, r.upto],
        sa.select(p.province, _REASON, p.catalogue, parameter("only_unmapped", sa.Boolean), p.numbers).where(
            p.province == _PROVINCE
        ),
    )
    .returning(r.id),
    int,
)
_OLDEST = sa.select().where(_IS_OPEN).order_by(r.id).limit(1)
_PROVINCES_TO_REDATE = Statement(sa.select(r.province).where(_IS_OPEN).group_by(r.province).order_by(sa.func.min(r.id)), str)
_OPEN = Statement(
    _OLDEST.where(r.province == _PROVINCE).add_columns(*(r[name] for name in OpenRedating._fields[:-1]), r.counts),
    lambda *columns: OpenRedating._make((*columns[:-1], effect_of(columns[-1]))),
)


def _count() -> sa.Update:
    first, last = parameter("first", sa.BigInteger), parameter("last", sa.BigInteger)
    return (
        sa.update(tables.redating)
        .where(r.id == parameter("redating", sa.BigInteger))
        .values(
            done_to=parameter("done_to", sa.BigInteger),
            examined=r.examined + parameter("examined", sa.BigInteger),
            counts=parameter("counts", pg.JSONB),
            changed=r.changed + sa.func.coalesce(last - first + 1, 0),
            from_position=sa.func.coalesce(r.from_position, first),
            to_position=sa.func.coalesce(last, r.to_position),
            finished_at=parameter("finished_at", sa.DateTime(timezone=True)),
        )
    )


_COUNT = Statement[None](_count())
_LEFT = Statement(
    sa.select(
        sa.func.coalesce(sa.func.max(r.upto - r.done_to), 0).label("dossiers"),
        sa.func.min(r.created_at).filter(r.upto > r.done_to).label("since"),
    ).where(r.province == _PROVINCE, _IS_OPEN),
    RedatingsLeft,
)
_IS_TO_BE_REDATED = Statement(
    sa.select(
        sa.exists().where(
            r.province == _PROVINCE,
            _IS_OPEN,
            r.done_to < parameter("number", sa.BigInteger),
            r.upto >= parameter("number", sa.BigInteger),
        )
    ),
    bool,
)
_REDATINGS = Statement(
    sa.select(
        *(r[name] for name in RedatingRow._fields if name in r),
        r.counts,
        sa.func.coalesce(ruleset.after_position, 0).label("position"),
    )
    .select_from(
        tables.redating.outerjoin(tables.ruleset, sa.and_(ruleset.province == r.province, ruleset.catalogue == r.catalogue))
    )
    .where(r.province == _PROVINCE)
    .order_by(r.id.desc())
    .limit(_LIMIT),
    lambda *columns: RedatingRow._make((*columns[:-2], effect_of(columns[-2]), columns[-1])),
)


async def plan_redating(tx: Connection, province: str, reason: str, *, only_unmapped: bool) -> int:
    """Have every dossier (or the unmapped ones) folded and dated anew under the catalogue as it is now."""
    return await _PLAN.one(tx, province=province, reason=reason, only_unmapped=only_unmapped)


async def provinces_to_redate(tx: Connection) -> list[str]:
    """The provinces with redatings that are not finished, that of the oldest first."""
    return await _PROVINCES_TO_REDATE.all(tx)


async def open_redating(tx: Connection, province: str) -> OpenRedating | None:
    """The province's oldest redating that is not finished, or None; nobody else carries it on under its lock."""
    return await _OPEN.first(tx, province=province)


async def redated(
    tx: Connection,
    redating: int,
    *,
    done_to: int,
    examined: int,
    effect: Effect,
    first: int | None,
    last: int | None,
    finished_at: datetime | None,
) -> None:
    """Count a part of a redating that this transaction did; `first`..`last` are the positions it made.

    `effect`: of all parts so far.
    """
    counts = msgspec.to_builtins(effect)
    await _COUNT.run(
        tx,
        redating=redating,
        done_to=done_to,
        examined=examined,
        counts=counts,
        first=first,
        last=last,
        finished_at=finished_at,
    )


async def redatings_left(connection: Connection, province: str) -> RedatingsLeft:
    """How many dossiers are still to be dated anew; one that several redatings come to counts once."""
    return await _LEFT.one(connection, province=province)


async def is_to_be_redated(connection: Connection, province: str, number: int) -> bool:
    """Whether an open redating has still to come to the dossier."""
    return await _IS_TO_BE_REDATED.one(connection, province=province, number=number)


async def redatings(connection: Connection, province: str, limit: int) -> list[RedatingRow]:
    """Redatings of a province, newest first."""
    return await _REDATINGS.all(connection, province=province, limit=limit)
