"""Records that could not be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.quarantine.tables import digest_key as key_table
from services.ingest.quarantine.tables import quarantine
from shared.database import Connection
from shared.statements import Statement, parameter

_q = quarantine.c


class RejectedRow(NamedTuple):
    """A record to quarantine; by `digest` it is known again, `fields` is JSON."""

    digest: bytes
    reason: str
    detail: str
    code: str | None
    fields: str


class QuarantinedRow(NamedTuple):
    """A record in quarantine: whitelisted fields only, as the source wrote them."""

    id: int
    province: str
    source: str
    reason: str
    detail: str
    code: str | None
    fields: Mapping[str, object]
    pull: int | None
    times: int
    first_at: datetime
    last_at: datetime
    released_at: datetime | None


class WaitingRow(NamedTuple):
    """How many records of a source wait for a reason."""

    province: str
    source: str
    reason: str
    records: int


class Judgement(NamedTuple):
    """What a newer reading says of a record that still cannot be read."""

    id: int
    reason: str
    detail: str


def _put() -> pg.Insert:
    given = (
        sa.func.unnest(
            parameter("digest", pg.ARRAY(sa.LargeBinary)),
            parameter("reason", pg.ARRAY(sa.Text)),
            parameter("detail", pg.ARRAY(sa.Text)),
            parameter("code", pg.ARRAY(sa.Text)),
            parameter("fields", pg.ARRAY(sa.Text)),
        )
        .table_valued(*RejectedRow._fields)
        .render_derived(name="aside")
    )
    rows = sa.select(
        parameter("province", sa.Text),
        parameter("source", sa.Text),
        parameter("pull", sa.BigInteger),
        given.c.digest,
        given.c.reason,
        given.c.detail,
        given.c.code,
        sa.cast(given.c.fields, pg.JSONB),
    )
    insert = pg.insert(quarantine).from_select(["province", "source", "pull", *RejectedRow._fields], rows)
    return insert.on_conflict_do_update(
        index_elements=[_q.province, _q.source, _q.digest],
        set_={
            "times": _q.times + 1,
            "last_at": insert.excluded.last_at,
            "reason": insert.excluded.reason,
            "detail": insert.excluded.detail,
            "released_at": sa.null(),
        },
    )


_PUT = Statement[None](_put())


async def put_quarantine(
    tx: Connection, province: str, source_name: str, pull: int | None, rows: Sequence[RejectedRow]
) -> None:
    """Keep records aside; the same record again only counts up."""
    if not rows:
        return
    unique = {row.digest: row for row in rows}
    # In the order of the digests, so that two who put the same records aside wait for one another and not in a circle.
    digest, reason, detail, code, fields = zip(*(unique[key] for key in sorted(unique)), strict=True)
    await _PUT.run(
        tx,
        province=province,
        source=source_name,
        pull=pull,
        digest=digest,
        reason=reason,
        detail=detail,
        code=code,
        fields=fields,
    )


_DIGEST_KEY = Statement(sa.select(key_table.c.key), bytes)


async def digest_key(tx: Connection) -> bytes:
    """The database's own random key, by which a text that is withheld is known again and cannot be guessed."""
    return await _DIGEST_KEY.one(tx)


_COLUMNS = [_q[name] for name in QuarantinedRow._fields]


_OF_SOURCES = _q.source == sa.any_(parameter("sources", pg.ARRAY(sa.Text)))


@cache
def _records(released: bool, given: frozenset[str]) -> Statement[QuarantinedRow]:
    conditions = {name: _q[name] == parameter(name, sa.Text) for name in ("province", "source", "reason", "code")}
    conditions["sources"] = _OF_SOURCES
    return Statement(
        sa.select(*_COLUMNS)
        .where(
            _q.id > parameter("after", sa.BigInteger),
            _q.released_at.is_not(None) if released else _q.released_at.is_(None),
            *(condition for name, condition in conditions.items() if name in given),
        )
        .order_by(_q.id)
        .limit(parameter("limit", sa.BigInteger)),
        QuarantinedRow,
    )


async def records(
    connection: Connection,
    *,
    province: str | None = None,
    source_name: str | None = None,
    reason: str | None = None,
    code: str | None = None,
    released: bool = False,
    sources: Sequence[str] | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[QuarantinedRow]:
    """Records in quarantine by id, those that wait or those that were taken in by a replay; of some `sources` only."""
    filters: dict[str, object] = {
        "province": province,
        "source": source_name,
        "reason": reason,
        "code": code,
        "sources": sources,
    }
    given = {name: value for name, value in filters.items() if value is not None}
    return await _records(released, frozenset(given)).all(connection, after=after, limit=limit, **given)


_QUARANTINED = Statement(sa.select(*_COLUMNS).where(_q.id == parameter("id", sa.BigInteger)), QuarantinedRow)


async def quarantined(connection: Connection, number: int) -> QuarantinedRow | None:
    """One record in quarantine."""
    return await _QUARANTINED.first(connection, id=number)


_RELEASE = Statement[None](
    sa.update(quarantine)
    .where(_q.id == sa.any_(parameter("ids", pg.ARRAY(sa.BigInteger))), _q.released_at.is_(None))
    .values(released_at=parameter("now", sa.DateTime(timezone=True)))
)


async def release_quarantined(tx: Connection, numbers: Sequence[int], now: datetime) -> None:
    """Mark records as taken in."""
    await _RELEASE.run(tx, ids=numbers, now=now)


_JUDGE = Statement[None](
    sa.update(quarantine)
    .where(_q.id == parameter("number", sa.BigInteger))
    .values(reason=parameter("reason", sa.Text), detail=parameter("detail", sa.Text))
)


async def judge_quarantined(tx: Connection, rows: Sequence[Judgement]) -> None:
    """Put newer judgements in the place of the old ones."""
    await _JUDGE.run_many(tx, ({"number": row.id, "reason": row.reason, "detail": row.detail} for row in rows))


@cache
def _depth(of_one: bool, of_some: bool) -> Statement[WaitingRow]:
    keys = (_q.province, _q.source, _q.reason)
    waiting = sa.select(*keys, sa.func.count().label("records")).where(_q.released_at.is_(None))
    if of_one:
        waiting = waiting.where(_q.province == parameter("province", sa.Text))
    if of_some:
        waiting = waiting.where(_OF_SOURCES)
    return Statement(waiting.group_by(*keys).order_by(*keys), WaitingRow)


async def quarantine_depth(
    connection: Connection, province: str | None = None, sources: Sequence[str] | None = None
) -> list[WaitingRow]:
    """How many records wait in quarantine, by province, source and reason; in all provinces or in one, of some sources only."""
    filters: dict[str, object] = {"province": province, "sources": sources}
    given = {name: value for name, value in filters.items() if value is not None}
    return await _depth(province is not None, sources is not None).all(connection, **given)
