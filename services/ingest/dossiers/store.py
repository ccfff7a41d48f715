"""Provinces, dossiers and the feed, and what the figures are known to lack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from hashlib import blake2b
from typing import Any, Literal, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.dossiers import tables
from services.ingest.quarantine import tables as quarantine
from services.ingest.reconciliation import tables as reconciliation
from services.ingest.sources import tables as sources
from shared.database import Connection
from shared.statements import Statement, parameter

s, d, f = tables.province.c, tables.dossier.c, tables.feed.c

_PROVINCE = parameter("province", sa.Text)
_AFTER = parameter("after", sa.BigInteger)
_LIMIT = parameter("limit", sa.BigInteger)


class ProvinceRow(NamedTuple):
    """A province's counters: the newest position, the newest number of a dossier, the catalogue's version."""

    province: str
    head: int
    numbers: int
    catalogue: int


class DossierRow(NamedTuple):
    """What is kept of a dossier besides its versions in the feed."""

    code: str
    number: int
    source: str
    position: int
    facts_digest: bytes
    mapped: bool
    findings: list[str] | None
    seen: bytes
    history: bytes


class DatingRow(NamedTuple):
    """What is read of a dossier to date it anew."""

    number: int
    position: int
    facts_digest: bytes
    history: bytes


class DatedRow(NamedTuple):
    """What is written of a dossier that was dated anew."""

    number: int
    position: int
    facts_digest: bytes
    mapped: bool
    findings: list[str] | None


class FeedRow(NamedTuple):
    """One version in the feed; `facts` is JSON as served."""

    position: int
    number: int
    facts: str


_ENSURE = Statement[None](pg.insert(tables.province).values(province=_PROVINCE).on_conflict_do_nothing())


async def ensure_province(tx: Connection, province: str) -> None:
    """Begin a province unless it is there."""
    await _ENSURE.run(tx, province=province)


_PROVINCES = sa.select(*(s[name] for name in ProvinceRow._fields))
_ONE_PROVINCE = Statement(_PROVINCES.where(s.province == _PROVINCE), ProvinceRow)
_LOCK = Statement(_PROVINCES.where(s.province == _PROVINCE).with_for_update(), ProvinceRow)
_ALL_PROVINCES = Statement(_PROVINCES.order_by(s.province), ProvinceRow)


async def lock_province(tx: Connection, province: str) -> ProvinceRow | None:
    """Take the province's row lock until the end of the transaction; None when there is no such province."""
    return await _LOCK.first(tx, province=province)


async def province_row(connection: Connection, province: str) -> ProvinceRow | None:
    """The province's counters as committed."""
    return await _ONE_PROVINCE.first(connection, province=province)


async def provinces(connection: Connection, only: str | None = None) -> list[ProvinceRow]:
    """All provinces with their heads, or `only` the one of that name."""
    if only is not None:
        return await _ONE_PROVINCE.all(connection, province=only)
    return await _ALL_PROVINCES.all(connection)


_ADVANCE = Statement[None](
    sa.update(tables.province)
    .where(s.province == _PROVINCE)
    .values(head=parameter("head", sa.BigInteger), numbers=parameter("numbers", sa.BigInteger))
)


async def advance_province(tx: Connection, province: str, *, head: int, numbers: int) -> None:
    """Move the counters; last in the transaction that used them."""
    await _ADVANCE.run(tx, province=province, head=head, numbers=numbers)


_POLICIES = Statement[Mapping[str, object]](sa.select(s.policies).where(s.province == _PROVINCE), dict)


async def policies(connection: Connection, province: str) -> Mapping[str, object]:
    """The province's policies as data (empty: the defaults)."""
    return await _POLICIES.first(connection, province=province) or {}


_BY_CODE = Statement(
    sa.select(*(d[name] for name in DossierRow._fields)).where(
        d.province == _PROVINCE, d.code == sa.any_(parameter("codes", pg.ARRAY(sa.Text)))
    ),
    DossierRow,
)


async def dossiers_by_code(tx: Connection, province: str, codes: Sequence[str]) -> dict[str, DossierRow]:
    """Those of `codes` that are known."""
    return {row.code: row for row in await _BY_CODE.all(tx, province=province, codes=codes)}


@cache
def _to_date(only_unmapped: bool) -> Statement[DatingRow]:
    size = sa.func.octet_length(d.history)
    before = (sa.func.sum(size).over(order_by=d.number) - size).label("before")
    rows = (
        sa.select(*(d[name] for name in DatingRow._fields), before)
        .where(
            d.province == _PROVINCE,
            d.number > _AFTER,
            d.number <= parameter("upto", sa.BigInteger),
            *([sa.not_(d.mapped)] if only_unmapped else []),
        )
        .order_by(d.number)
        .limit(_LIMIT)
        .subquery("some")
    )
    return Statement(
        sa.select(*(rows.c[name] for name in DatingRow._fields))
        .where(rows.c.before < parameter("size", sa.BigInteger))
        .order_by(rows.c.number),
        DatingRow,
    )


async def dossiers_to_date(
    tx: Connection, province: str, after: int, upto: int, limit: int, size: int, *, only_unmapped: bool = False
) -> list[DatingRow]:
    """Dossiers with `after` < number <= `upto`, in order, at most `limit` and `size` bytes of history; one at least."""
    return await _to_date(only_unmapped).all(tx, province=province, after=after, upto=upto, limit=limit, size=size)


def _update(known_by: Literal["code", "number"], replaced: Sequence[str]) -> sa.Update:
    """Replace columns of many dossiers. Values come as one array per column, lists of findings joined by commas."""
    names = (known_by, *replaced)
    arrays = [parameter(name, pg.ARRAY(sa.Text() if name in ("code", "findings") else d[name].type)) for name in names]
    given = sa.func.unnest(*arrays).table_valued(*names).render_derived(name="given").c
    values = {name: given[name] for name in replaced}
    return (
        sa.update(tables.dossier)
        .where(d.province == _PROVINCE, d[known_by] == given[known_by])
        .values(values | {"findings": sa.func.string_to_array(given.findings, ",")})
    )


_DATED = ("position", "facts_digest", "mapped", "findings")
_UPDATE_DATED = Statement[None](_update("number", _DATED))
_UPDATE = Statement[None](_update("code", (*_DATED, "seen", "history")))


def _joined(findings: Iterable[list[str] | None]) -> list[str | None]:
    return [",".join(kinds) if kinds else None for kinds in findings]


async def update_dated(tx: Connection, province: str, rows: Sequence[DatedRow]) -> None:
    """Replace what follows from the law; the history stays where it is."""
    if not rows:
        return
    number, position, digest, mapped, findings = zip(*rows, strict=True)
    await _UPDATE_DATED.run(
        tx, province=province, number=number, position=position, facts_digest=digest, mapped=mapped, findings=_joined(findings)
    )


async def insert_dossiers(tx: Connection, province: str, rows: Iterable[DossierRow]) -> None:
    """Store dossiers that are not there yet; under the province's lock nobody else can have made them."""
    await tx.copy_records_to_table(
        tables.dossier.name,
        schema_name=tables.dossier.schema,
        columns=("province", *DossierRow._fields),
        records=((province, *row) for row in rows),
    )


async def update_dossiers(tx: Connection, province: str, rows: Sequence[DossierRow]) -> None:
    """Replace what is kept of known dossiers."""
    if not rows:
        return
    code, _, _, position, digest, mapped, findings, seen, history = zip(*rows, strict=True)
    await _UPDATE.run(
        tx,
        province=province,
        code=code,
        position=position,
        facts_digest=digest,
        mapped=mapped,
        findings=_joined(findings),
        seen=seen,
        history=history,
    )


async def append_feed(tx: Connection, province: str, rows: Sequence[FeedRow]) -> None:
    """Publish versions; their positions are the next ones of the locked province."""
    await tx.copy_records_to_table(
        tables.feed.name,
        schema_name=tables.feed.schema,
        columns=("province", *FeedRow._fields),
        records=((province, *row) for row in rows),
    )


_FEED = Statement(
    sa.select(*(f[name] for name in FeedRow._fields))
    .where(f.province == _PROVINCE, f.position > _AFTER)
    .order_by(f.position)
    .limit(_LIMIT),
    FeedRow,
)


async def feed(connection: Connection, province: str, after: int, limit: int) -> list[tuple[int, int, str]]:
    """Position, number and facts of versions with position > `after`, in order."""
    return await _FEED.records(connection, province=province, after=after, limit=limit)


class _Digested(NamedTuple):
    """The epoch; and a version, all None when there is none."""

    epoch: UUID
    position: int | None
    number: int
    facts: str
    recorded_at: datetime


_DIGESTED = Statement(
    sa.select(tables.epoch.c.epoch, f.position, f.number, f.facts, f.recorded_at).select_from(
        tables.epoch.outerjoin(
            tables.feed,
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


class MissingRow(NamedTuple):
    """A source whose news may be missing; `since`: the end of its last whole pull."""

    source: str
    reason: Literal["failing", "late"]
    since: datetime | None


class QualityFound(NamedTuple):
    """What the figures of a province are known to lack."""

    quarantined: int
    missing: list[MissingRow]
    gap: int | None
    """Dossiers found to differ by the last reconciliations; None: there was none yet."""


_QUARANTINED = Statement(
    sa.select(sa.func.count())
    .select_from(quarantine.quarantine)
    .where(quarantine.quarantine.c.province == _PROVINCE, quarantine.quarantine.c.released_at.is_(None)),
    int,
)


def _missing() -> sa.Select[Any]:
    source, pull = sources.source.c, sources.pull.c
    last = (
        sa.select(sa.func.max(pull.finished_at).label("finished_at"))
        .where(pull.source == source.name, pull.state == "complete")
        .lateral("last")
    )
    grace = sa.func.greatest(sa.literal(timedelta(seconds=60)), source.every_seconds * sa.literal(timedelta(seconds=3)))
    late = last.c.finished_at < parameter("now", sa.DateTime(timezone=True)) - grace
    return (
        sa.select(
            source.name.label("source"),
            sa.case((source.attempts > 0, "failing"), else_="late").label("reason"),
            last.c.finished_at.label("since"),
        )
        .select_from(sources.source.outerjoin(last, sa.true()))
        .where(
            source.province == _PROVINCE,
            source.enabled,
            source.kind == sa.any_(parameter("kinds", pg.ARRAY(sa.Text))),
            sa.or_(source.attempts > 0, last.c.finished_at.is_(None), late),
        )
        .order_by(source.name)
    )


def _gap() -> sa.Select[Any]:
    done, difference = reconciliation.reconciliation.c, reconciliation.difference.c
    latest = (
        sa.select(done.id)
        .ext(pg.distinct_on(done.source))
        .where(done.province == _PROVINCE, done.state == "complete")
        .order_by(done.source, done.id.desc())
        .subquery("latest")
    )
    different = (
        sa.select(sa.func.count(difference.code.distinct()))
        .where(difference.reconciliation == latest.c.id, sa.not_(difference.taken_in))
        .scalar_subquery()
    )
    return sa.select(sa.cast(sa.func.sum(different), sa.BigInteger)).select_from(latest)


def _or_none(gap: int | None) -> int | None:
    return gap


_MISSING = Statement(_missing(), MissingRow)
_GAP = Statement(_gap(), _or_none)


async def quality(connection: Connection, province: str, pulled: Sequence[str], now: datetime) -> QualityFound:
    """What a province's figures are known to lack: open quarantine, pulled sources that fail or are late, differences found.

    `pulled` are the kinds that the worker reads. A source is late when its last whole pull ended more than three intervals,
    and a minute, ago.
    """
    return QualityFound(
        await _QUARANTINED.one(connection, province=province),
        await _MISSING.all(connection, province=province, kinds=pulled, now=now),
        await _GAP.first(connection, province=province),
    )
