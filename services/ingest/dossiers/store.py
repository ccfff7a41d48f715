"""Rows of dossiers: their events, the digest of their newest version, and what does not fit in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.dossiers.tables import dossier, unmapped_code
from shared.database import Connection
from shared.statements import Statement, parameter

d, u = dossier.c, unmapped_code.c

_PROVINCE = parameter("province", sa.Text)
_AFTER = parameter("after", sa.BigInteger)
_LIMIT = parameter("limit", sa.BigInteger)


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
    source: str
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


_WITH_EVENT = Statement(
    sa.select(*(d[name] for name in DossierRow._fields))
    .where(
        d.province == _PROVINCE,
        d.number > _AFTER,
        sa.func.position(parameter("id", sa.LargeBinary).op("IN")(d.history)) > 0,
    )
    .order_by(d.number)
    .limit(_LIMIT),
    DossierRow,
)


async def dossiers_with_event(tx: Connection, province: str, event_id: str, after: int, limit: int) -> list[DossierRow]:
    """Dossiers in whose events an id occurs, by number; searches the whole province."""
    return await _WITH_EVENT.all(tx, province=province, id=event_id.encode(), after=after, limit=limit)


def _update(known_by: Literal["code", "number"], replaced: Sequence[str]) -> sa.Update:
    """Replace columns of many dossiers. Values come as one array per column, lists of findings joined by commas."""
    names = (known_by, *replaced)
    arrays = [parameter(name, pg.ARRAY(sa.Text() if name in ("code", "findings") else d[name].type)) for name in names]
    given = sa.func.unnest(*arrays).table_valued(*names).render_derived(name="given").c
    values = {name: given[name] for name in replaced}
    return (
        sa.update(dossier)
        .where(d.province == _PROVINCE, d[known_by] == given[known_by])
        .values(values | {"findings": sa.func.string_to_array(given.findings, ",")})
    )


_DATED = ("position", "facts_digest", "mapped", "findings")
_UPDATE_DATED = Statement[None](_update("number", _DATED))
_UPDATE = Statement[None](_update("code", (*_DATED, "seen", "history")))


def _joined(findings: Iterable[list[str] | None]) -> list[str | None]:
    return [",".join(kinds) if kinds else None for kinds in findings]


async def update_dated(tx: Connection, province: str, rows: Sequence[DatedRow]) -> None:
    """Replace what follows from the ruleset; the history stays where it is."""
    if not rows:
        return
    number, position, digest, mapped, findings = zip(*rows, strict=True)
    await _UPDATE_DATED.run(
        tx, province=province, number=number, position=position, facts_digest=digest, mapped=mapped, findings=_joined(findings)
    )


async def insert_dossiers(tx: Connection, province: str, rows: Iterable[DossierRow]) -> None:
    """Store dossiers that are not there yet; under the province's lock nobody else can have made them."""
    await tx.copy_records_to_table(
        dossier.name,
        schema_name=dossier.schema,
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


_SOURCE = parameter("source", sa.Text)
_OF_SOURCE = Statement(
    sa.select(*(d[name] for name in DossierRow._fields))
    .where(
        d.province == _PROVINCE,
        d.number > parameter("after", sa.BigInteger),
        sa.or_(d.source == _SOURCE, sa.func.position(parameter("name", sa.LargeBinary).op("IN")(d.history)) > 0),
    )
    .order_by(d.number)
    .limit(_LIMIT),
    DossierRow,
)


async def dossiers_of_source(
    connection: Connection, province: str, source_name: str, after: int, limit: int
) -> list[DossierRow]:
    """Dossiers of which this source has told, by number; of some only its name may occur in their events."""
    return await _OF_SOURCE.all(
        connection, province=province, source=source_name, name=source_name.encode(), after=after, limit=limit
    )


class UnmappedRow(NamedTuple):
    """A code that a dossier names and the catalogue lacks."""

    number: int
    kind: str
    code: str
    seen_on: date
    """The day of receipt; of one that was not received yet the day of its last change."""
    source: str


class UnmappedCount(NamedTuple):
    """A code that the catalogue lacks, and the dossiers that name it."""

    code: str
    dossiers: int
    first: date
    last: date
    sources: list[str]


def _delete_mapped() -> sa.Delete:
    names = ("number", "kind")
    given = (
        sa.func.unnest(*(parameter(name, pg.ARRAY(u[name].type)) for name in names))
        .table_valued(*names)
        .render_derived(name="given")
        .c
    )
    return sa.delete(unmapped_code).where(
        u.province == _PROVINCE,
        u.number == sa.any_(parameter("numbers", pg.ARRAY(sa.BigInteger))),
        sa.not_(sa.exists().where(*(given[name] == u[name] for name in names))),
    )


def _put_unmapped() -> pg.Insert:
    names = UnmappedRow._fields
    given = (
        sa.func.unnest(*(parameter(name, pg.ARRAY(u[name].type)) for name in names))
        .table_valued(*names)
        .render_derived(name="given")
        .c
    )
    insert = pg.insert(unmapped_code).from_select(["province", *names], sa.select(_PROVINCE, *(given[name] for name in names)))
    values = {name: insert.excluded[name] for name in ("code", "source", "seen_on")}
    differs = sa.or_(*(u[name].is_distinct_from(value) for name, value in values.items()))
    return insert.on_conflict_do_update(index_elements=[u.province, u.number, u.kind], set_=values, where=differs)


_DELETE_MAPPED = Statement[None](_delete_mapped())
_PUT_UNMAPPED = Statement[None](_put_unmapped())


async def put_unmapped(tx: Connection, province: str, numbers: Sequence[int], rows: Sequence[UnmappedRow]) -> None:
    """Replace the codes of these dossiers that the catalogue lacks."""
    if not numbers:
        return
    columns: dict[str, Any] = {name: [getattr(row, name) for row in rows] for name in UnmappedRow._fields}
    await _DELETE_MAPPED.run(tx, province=province, numbers=numbers, number=columns["number"], kind=columns["kind"])
    if rows:
        await _PUT_UNMAPPED.run(tx, province=province, **columns)


@cache
def _unmapped(of_source: bool) -> Statement[UnmappedCount]:
    count = sa.func.count()
    return Statement(
        sa.select(
            u.code,
            count.label("dossiers"),
            sa.func.min(u.seen_on).label("first"),
            sa.func.max(u.seen_on).label("last"),
            sa.func.array_agg(u.source.distinct()).label("sources"),
        )
        .where(
            u.province == _PROVINCE,
            u.kind == parameter("kind", sa.Text),
            *([u.source == parameter("source", sa.Text)] if of_source else []),
        )
        .group_by(u.code)
        .order_by(count.desc(), u.code.collate("C"))
        .limit(_LIMIT),
        UnmappedCount,
    )


async def unmapped(connection: Connection, province: str, kind: str, source: str | None, limit: int) -> list[UnmappedCount]:
    """Codes that dossiers name, of one source or of all, and the catalogue lacks; those of most dossiers first."""
    named = {} if source is None else {"source": source}
    return await _unmapped(source is not None).all(connection, province=province, kind=kind, limit=limit, **named)
