"""Rows of sources: how each is read, which worker reads it, and its cursor."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.sources.tables import digest_key
from services.ingest.sources.tables import source as source_table
from shared import leases
from shared.database import Connection
from shared.leases import NOW, UNTIL, WORKER
from shared.statements import Statement, parameter


class SourceRow(NamedTuple):
    """A source as it stands."""

    name: str
    province: str
    kind: str
    settings: Mapping[str, object]
    """What the settings of its kind are made of."""
    secret: str | None
    enabled: bool
    every_seconds: float
    cursor: Mapping[str, object] | None
    """How far it was read, as its kind writes it; None: from the beginning."""
    next_at: datetime
    attempts: int
    breaker: Mapping[str, object] | None
    """The circuit breaker's state after the last pull."""
    total: int | None
    expected_every_seconds: float | None = None
    """Of a source that sends or comes in files: something is expected of it this often; None: nobody says."""
    reading: int = 0
    """Revision of its settings: moves with every change of them."""
    retired_at: datetime | None = None
    """Since when nothing is expected of it; None: it is in use."""
    retired_by: str | None = None
    """Name of the key of who retired it."""
    retired_for: str | None = None
    """Why."""
    dismissed_at: datetime | None = None
    """When somebody dismissed what nobody proved of it before it was retired."""
    dismissed_by: str | None = None
    """Name of that one's key."""
    dismissed_for: str | None = None
    """Why."""
    read_by: int | None = None
    """The reading (`decoding.reading_of`) by which all of it was read, or is being read; None: nothing was read yet."""
    reread_since: datetime | None = None
    """Since when some of its dossiers are of another reading than now; None: none are known to be."""
    sent_again_at: datetime | None = None
    """When somebody said that it had sent everything again."""
    sent_again_by: str | None = None
    """Name of that one's key."""
    sent_again_for: str | None = None
    """How that one knew."""
    withholding_key: bytes | None = None
    """The database's own key, for codes of what is withheld."""


s = source_table.c

RETIREMENT = (
    *("retired_at", "retired_by", "retired_for"),
    *("dismissed_at", "dismissed_by", "dismissed_for", "dismissed_reading"),
)
"""Columns that say that a source is retired: connected again, none of them holds."""

_NAME = parameter("name", sa.Text)
_PROVINCE = parameter("province", sa.Text)
_CURSOR = parameter("cursor", pg.JSONB)
_NEXT_AT = parameter("next_at", sa.DateTime(timezone=True))
_SOURCE_COLUMNS = [
    *(s[name] for name in SourceRow._fields[:-1]),
    sa.select(digest_key.c.key).scalar_subquery().label(SourceRow._fields[-1]),
]


# --- how a source is read ------------------------------------------------------------------------------------------------


def _put() -> pg.Insert:
    settable = {
        name: parameter(name, s[name].type)
        for name in ("settings", "secret", "every_seconds", "expected_every_seconds", "enabled")
    }
    insert = pg.insert(source_table).values(
        name=_NAME, province=_PROVINCE, kind=parameter("kind", sa.Text), next_at=NOW, attempts=0, **settable
    )
    new = insert.excluded
    fetching = parameter("fetching", pg.ARRAY(sa.Text))
    read_otherwise = s.settings.op("-")(fetching).is_distinct_from(new.settings.op("-")(fetching))
    reread = sa.and_(read_otherwise, s.read_by.is_not(None))
    return insert.on_conflict_do_update(
        index_elements=[s.name],
        set_={name: new[name] for name in (*settable, "next_at", "attempts")}
        | dict.fromkeys(RETIREMENT, sa.null())
        | {"reading": s.reading + sa.case((read_otherwise, 1), else_=0)}
        | {"reread_since": sa.case((reread, sa.func.coalesce(s.reread_since, NOW)), else_=s.reread_since)},
        where=sa.and_(s.province == new.province, s.kind == new.kind),
    )


_PUT = Statement[None](_put())


async def put_source(
    tx: Connection,
    *,
    name: str,
    province: str,
    kind: str,
    settings: Mapping[str, object],
    secret: str | None,
    every_seconds: float,
    enabled: bool,
    now: datetime,
    expected_every_seconds: float | None = None,
    fetching: Collection[str] = (),
) -> bool:
    """Connect a source or change how it is read; its place is kept. False: the name is taken by another province or kind.

    `fetching` are settings that say how it is fetched, and nothing of what its records mean: they make no other reading.
    """
    touched = await _PUT.run(
        tx,
        name=name,
        province=province,
        kind=kind,
        settings=settings,
        secret=secret,
        every_seconds=every_seconds,
        expected_every_seconds=expected_every_seconds,
        enabled=enabled,
        now=now,
        fetching=list(fetching),
    )
    return touched == 1


_COUNT_OF_PROVINCE = Statement(sa.select(sa.func.count()).where(s.province == _PROVINCE), int)


async def number_of_sources(connection: Connection, province: str) -> int:
    """How many sources a province has."""
    return await _COUNT_OF_PROVINCE.one(connection, province=province)


_ONE = Statement(sa.select(*_SOURCE_COLUMNS).where(s.name == _NAME), SourceRow)


async def source(connection: Connection, name: str) -> SourceRow | None:
    """One source."""
    return await _ONE.first(connection, name=name)


_ALL = sa.select(*_SOURCE_COLUMNS).order_by(s.name)
_OF_ALL = Statement(_ALL, SourceRow)
_OF_PROVINCE = Statement(_ALL.where(s.province == _PROVINCE), SourceRow)


async def sources(connection: Connection, province: str | None = None) -> list[SourceRow]:
    """All sources, or those of a province."""
    return await (_OF_ALL.all(connection) if province is None else _OF_PROVINCE.all(connection, province=province))


# --- who reads it --------------------------------------------------------------------------------------------------------

_other = source_table.alias("other")
_read_now = (
    sa.select(sa.func.count())
    .where(_other.c.province == s.province, _other.c.name != s.name, _other.c.lease_until >= NOW)
    .correlate(source_table)
    .scalar_subquery()
)
"""Further sources of the same province that are being read."""
_IN_TURN = Statement[None](sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended("ingest.source", 0))))
"""One worker at a time takes a source: two that counted at once would both take a province's last turn."""
_DUE = (
    sa.select(s.name)
    .where(
        s.enabled,
        s.next_at <= NOW,
        sa.or_(leases.is_free(source_table), s.lease_by == WORKER),
        sa.or_(s.reserved_until.is_(None), s.reserved_until < NOW),
        s.kind == sa.any_(parameter("kinds", pg.ARRAY(sa.Text))),
        _read_now < parameter("max_per_province", sa.Integer),
    )
    .order_by(_read_now, s.next_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_LEASE_DUE = Statement(
    leases.acquire(source_table).where(s.name == _DUE.scalar_subquery()).returning(*_SOURCE_COLUMNS), SourceRow
)
_LEASE = Statement[None](leases.acquire(source_table).where(s.name == _NAME).values(reserved_until=sa.null()))
_RESERVE = Statement[None](sa.update(source_table).where(s.name == _NAME).values(reserved_until=UNTIL))
_RENEW = Statement[None](leases.renew(source_table).where(s.name == _NAME, s.enabled))
_LET_GO = Statement[None](leases.release(source_table).where(s.name == _NAME))
_RELEASE = Statement[None](
    leases.release(source_table)
    .where(s.name == _NAME)
    .values(
        next_at=_NEXT_AT,
        attempts=sa.case((parameter("failed", sa.Boolean), s.attempts + 1), else_=0),
        breaker=parameter("breaker", pg.JSONB),
    )
)


async def lease_due(
    tx: Connection, worker: str, kinds: Sequence[str], *, max_per_province: int, now: datetime, until: datetime
) -> SourceRow | None:
    """Take the next source of these kinds that is due, so that one worker at a time reads it; None: none may be read.

    Provinces of which fewest sources are being read go first, among them what is due longest; of one province at most
    `max_per_province` are read at once.
    """
    await _IN_TURN.run(tx)
    return await _LEASE_DUE.first(tx, worker=worker, kinds=kinds, max_per_province=max_per_province, now=now, until=until)


async def lease_source(tx: Connection, name: str, worker: str, until: datetime) -> None:
    """Take a source that is known to be free, its row locked."""
    await _LEASE.run(tx, name=name, worker=worker, until=until)


async def reserve_source(tx: Connection, name: str, until: datetime) -> None:
    """No pull of the source begins before `until`; what reads it now goes on."""
    await _RESERVE.run(tx, name=name, until=until)


async def renew_source(tx: Connection, name: str, worker: str, *, now: datetime, until: datetime) -> bool:
    """Hold the source on; False when its lease has run out or nobody shall read it: what was read must not be stored."""
    return await _RENEW.run(tx, name=name, worker=worker, now=now, until=until) == 1


async def release_lease(tx: Connection, name: str, worker: str, now: datetime) -> None:
    """The source may be read by others again; when it is due stays."""
    await _LET_GO.run(tx, name=name, worker=worker, now=now)


async def release_source(
    tx: Connection,
    name: str,
    worker: str,
    now: datetime,
    *,
    next_at: datetime,
    failed: bool,
    breaker: Mapping[str, object] | None,
) -> None:
    """Give the source back after a pull; it is due again at `next_at`."""
    await _RELEASE.run(tx, name=name, worker=worker, now=now, next_at=next_at, failed=failed, breaker=breaker or None)


# --- how far it has been read --------------------------------------------------------------------------------------------

_SET_CURSOR = Statement[None](
    sa.update(source_table)
    .where(s.name == _NAME)
    .values(cursor=_CURSOR, total=sa.func.coalesce(parameter("total", sa.BigInteger), s.total))
)
_MAKE_DUE = Statement[None](sa.update(source_table).where(s.name == _NAME).values(next_at=NOW, attempts=0))
_FORGET_CURSOR = Statement[None](sa.update(source_table).where(s.name == _NAME).values(cursor=sa.null(), next_at=NOW))


async def set_cursor(tx: Connection, name: str, cursor: Mapping[str, object], total: int | None) -> None:
    """Remember how far the source has been read, together with the effect of what was read."""
    await _SET_CURSOR.run(tx, name=name, cursor=cursor, total=total)


async def make_due(tx: Connection, name: str, now: datetime) -> None:
    """Have the source read at the next round."""
    await _MAKE_DUE.run(tx, name=name, now=now)


async def forget_cursor(tx: Connection, name: str, now: datetime) -> None:
    """Have the source read from its beginning again; what is known stays known."""
    await _FORGET_CURSOR.run(tx, name=name, now=now)
