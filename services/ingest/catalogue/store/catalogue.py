"""The catalogue of a province, as it is and as it was at each of its versions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.catalogue import tables
from services.ingest.catalogue.effects import Effect, effect_of
from services.ingest.provinces.tables import province as province_table
from shared.database import Connection
from shared.statements import Statement, parameter

CatalogueTable = Literal["agencies", "procedures"]
CataloguePart = Literal["agencies", "procedures", "calendar", "policies"]
PARTS: tuple[CataloguePart, ...] = ("agencies", "procedures", "calendar", "policies")
"""What a version of the catalogue is made of; a part holds until the next version that changed it."""


class CatalogueEntry(NamedTuple):
    """A row of an agency or a procedure; `body` is its JSON."""

    code: str
    valid_from: date
    body: str


class DayOverride(NamedTuple):
    """A day off or make-up day, decided for a province or, with '', for the country."""

    province: str
    day: date
    worked: bool
    legal_basis: str
    known_from: date
    verified: bool
    """Whether the published text of the decision was seen."""


class RulesetRow(NamedTuple):
    """The ruleset by which due dates were computed from an instant on."""

    catalogue: int
    calendar: str
    rules: list[str]
    decided_at: datetime


class Author(NamedTuple):
    """Who changed the catalogue, and why."""

    name: str | None = None
    """Name of the key; None: the software itself."""
    note: str | None = None


NOBODY = Author()


class VersionRow(NamedTuple):
    """A version of the catalogue: who made it, what of it, and what it did to the dossiers so far."""

    version: int
    position: int
    reason: str
    decided_at: datetime
    decided_by: str | None
    note: str | None
    examined: int
    changed: int
    finished_at: datetime | None
    effect: Effect


class CatalogueVersion(NamedTuple):
    """A version of the catalogue, and the position from which it holds."""

    version: int
    position: int


p, day, ruleset = province_table.c, tables.day_override.c, tables.ruleset.c

_PROVINCE = parameter("province", sa.Text)
_REASON = parameter("reason", sa.Text)
_LIMIT = parameter("limit", sa.BigInteger)


# --- agencies and procedures ---------------------------------------------------------------------------------------------

_TABLES: dict[CatalogueTable, sa.Table] = {"agencies": tables.agency, "procedures": tables.procedure}


@cache
def _bodies(kind: CatalogueTable) -> Statement[str]:
    c = _TABLES[kind].c
    return Statement(sa.select(sa.cast(c.body, sa.Text)).where(c.province == _PROVINCE).order_by(c.code, c.valid_from), str)


@cache
def _delete(kind: CatalogueTable) -> Statement[None]:
    return Statement(sa.delete(_TABLES[kind]).where(_TABLES[kind].c.province == _PROVINCE))


@cache
def _insert(kind: CatalogueTable) -> Statement[None]:
    given = {"code": parameter("code", sa.Text), "valid_from": parameter("valid_from", sa.Date)}
    body = sa.cast(parameter("body", sa.Text), pg.JSONB)
    return Statement(sa.insert(_TABLES[kind]).values(province=_PROVINCE, **given, body=body))


async def catalogue_bodies(connection: Connection, province: str, kind: CatalogueTable) -> list[str]:
    """Bodies (JSON) of the province's agencies or procedures, all rows over time."""
    return await _bodies(kind).all(connection, province=province)


async def replace_catalogue(tx: Connection, province: str, kind: CatalogueTable, entries: Sequence[CatalogueEntry]) -> None:
    """Put the entries in the place of what was there."""
    await _delete(kind).run(tx, province=province)
    await _insert(kind).run_many(tx, ({"province": province, **entry._asdict()} for entry in entries))


# --- days and policies ---------------------------------------------------------------------------------------------------


def _put_day() -> pg.Insert:
    insert = pg.insert(tables.day_override).values({name: parameter(name, day[name].type) for name in DayOverride._fields})
    return insert.on_conflict_do_update(
        index_elements=[day.province, day.day, day.known_from],
        set_={name: insert.excluded[name] for name in ("worked", "legal_basis", "verified")},
    )


_DAYS = Statement(
    sa.select(*(day[name] for name in DayOverride._fields))
    .where(sa.or_(day.province == sa.literal(""), day.province == _PROVINCE))
    .order_by(day.day, day.known_from),
    DayOverride,
)
_PUT_DAY = Statement[None](_put_day())


async def day_overrides(connection: Connection, province: str) -> list[DayOverride]:
    """Days off and make-up days decided for the country or the province, beyond those that come with the software."""
    return await _DAYS.all(connection, province=province)


async def put_day_overrides(tx: Connection, days: Sequence[DayOverride]) -> None:
    """Add days; what was decided of one of them on the same day is replaced."""
    await _PUT_DAY.run_many(tx, (one._asdict() for one in days))


# --- the ruleset that they make ------------------------------------------------------------------------------------------

_RECORD_RULESET = Statement[None](
    sa.insert(tables.ruleset).from_select(
        [
            *(ruleset.province, ruleset.catalogue, ruleset.after_position, ruleset.reason, ruleset.calendar, ruleset.rules),
            *(ruleset.decided_by, ruleset.note),
        ],
        sa.select(
            p.province,
            p.catalogue,
            p.head,
            _REASON,
            parameter("calendar", sa.Text),
            parameter("rules", pg.ARRAY(sa.Text)),
            parameter("decided_by", sa.Text),
            parameter("note", sa.Text),
        ).where(p.province == _PROVINCE),
    )
)
_RULESET = (
    sa.select(*(ruleset[name] for name in RulesetRow._fields))
    .where(ruleset.province == _PROVINCE)
    .order_by(ruleset.catalogue.desc())
    .limit(1)
)
_RULESET_OF = Statement(_RULESET.where(ruleset.after_position < parameter("position", sa.BigInteger)), RulesetRow)
_NEWEST_RULESET = Statement(_RULESET, RulesetRow)


async def record_ruleset(
    tx: Connection, province: str, reason: str, calendar: str, rules: Sequence[str], author: Author
) -> None:
    """Note by which calendar and rules due dates are computed from the province's next version on. Wants its row lock."""
    await _RECORD_RULESET.run(
        tx, province=province, reason=reason, calendar=calendar, rules=rules, decided_by=author.name, note=author.note
    )


async def ruleset_of(connection: Connection, province: str, position: int) -> RulesetRow | None:
    """The ruleset by which the version at `position` was computed; None for one from before such notes were kept."""
    return await _RULESET_OF.first(connection, province=province, position=position)


async def newest_ruleset(connection: Connection, province: str) -> RulesetRow | None:
    """The ruleset by which the province's next version is computed; None where nothing was ever noted."""
    return await _NEWEST_RULESET.first(connection, province=province)


# --- the catalogue as it was ---------------------------------------------------------------------------------------------

_POSITION = parameter("position", sa.BigInteger)
_VERSION = parameter("version", sa.BigInteger)
_part = tables.catalogue_part.c
_VERSIONS = (
    sa.select(ruleset.catalogue.label("version"), ruleset.after_position.label("position"))
    .where(ruleset.province == _PROVINCE)
    .order_by(ruleset.catalogue.desc())
    .limit(1)
)
_NEWEST_VERSION = Statement(_VERSIONS, CatalogueVersion)
_VERSION_AT = Statement(_VERSIONS.where(ruleset.after_position <= _POSITION), CatalogueVersion)


async def newest_version(connection: Connection, province: str) -> CatalogueVersion:
    """The newest version of the catalogue; version 0 where nothing was ever changed."""
    return await _NEWEST_VERSION.first(connection, province=province) or CatalogueVersion(0, 0)


async def version_at(connection: Connection, province: str, position: int) -> CatalogueVersion:
    """The version of the catalogue that holds at a position of the feed."""
    return await _VERSION_AT.first(connection, province=province, position=position) or CatalogueVersion(0, 0)


def _listed(
    row: sa.ColumnElement[Any], province: sa.ColumnElement[str], *order: sa.ColumnElement[Any]
) -> sa.ColumnElement[Any]:
    rows = sa.select(sa.func.jsonb_agg(pg.aggregate_order_by(row, *order))).where(province == _PROVINCE)
    return sa.func.coalesce(rows.scalar_subquery(), sa.text("'[]'::jsonb"))


def _body(part: CataloguePart) -> sa.ColumnElement[Any]:
    """A part of the province as it is now."""
    if part == "policies":
        return sa.select(p.policies).where(p.province == _PROVINCE).scalar_subquery()
    if part == "calendar":
        fields = (value for name in DayOverride._fields for value in (sa.literal(name), day[name]))
        return _listed(sa.func.jsonb_build_object(*fields), day.province, day.day, day.known_from)
    c = _TABLES[part].c
    return _listed(c.body, c.province, c.code, c.valid_from)


@cache
def _store_part(part: CataloguePart) -> Statement[None]:
    source = sa.select(_PROVINCE, sa.literal(part), _VERSION, _body(part))
    return Statement(sa.insert(tables.catalogue_part).from_select(["province", "part", "version", "body"], source))


async def store_part(tx: Connection, province: str, part: CataloguePart, version: int) -> None:
    """Store a part as it is now, as that of a version."""
    await _store_part(part).run(tx, province=province, version=version)


_PART_AT = Statement(
    sa.select(sa.cast(_part.body, sa.Text))
    .where(_part.province == _PROVINCE, _part.part == parameter("part", sa.Text), _part.version <= _VERSION)
    .order_by(_part.version.desc())
    .limit(1),
    str,
)


async def part_at(connection: Connection, province: str, part: CataloguePart, version: int) -> str | None:
    """A part (JSON) as it was at a version; None where there was none yet."""
    return await _PART_AT.first(connection, province=province, part=part, version=version)


_REDATED = tables.redating.alias("redated")
_LISTED = Statement(
    sa.select(
        ruleset.catalogue.label("version"),
        ruleset.after_position.label("position"),
        *(ruleset[name] for name in ("reason", "decided_at", "decided_by", "note")),
        sa.func.coalesce(_REDATED.c.examined, 0).label("examined"),
        sa.func.coalesce(_REDATED.c.changed, 0).label("changed"),
        _REDATED.c.finished_at,
        sa.func.coalesce(_REDATED.c.counts, sa.text("'{}'::jsonb")),
    )
    .select_from(
        tables.ruleset.outerjoin(
            _REDATED, sa.and_(_REDATED.c.province == ruleset.province, _REDATED.c.catalogue == ruleset.catalogue)
        )
    )
    .where(ruleset.province == _PROVINCE)
    .order_by(ruleset.catalogue.desc())
    .limit(_LIMIT),
    lambda *columns: VersionRow._make((*columns[:-1], effect_of(columns[-1]))),
)


async def versions(connection: Connection, province: str, limit: int) -> list[VersionRow]:
    """Versions of the catalogue, newest first."""
    return await _LISTED.all(connection, province=province, limit=limit)


class _Stored(NamedTuple):
    since_migration: bool
    """What was before the first stored version is not known: the parts of version 0 stand for it."""
    first: int | None


_STORED = Statement(
    sa.select(
        sa.func.coalesce(sa.func.bool_or(_part.version == 0), sa.false()).label("since_migration"),
        sa.func.min(_part.version).filter(_part.version > 0).label("first"),
    ).where(_part.province == _PROVINCE),
    _Stored,
)


async def is_stored(connection: Connection, province: str, version: int) -> bool:
    """Whether the catalogue is known as it was at a version, which must be one of its versions."""
    stored = await _STORED.one(connection, province=province)
    if not stored.since_migration:
        return True
    newest = await newest_version(connection, province)
    return version >= (stored.first - 1 if stored.first is not None else newest.version)


_DROP_DAYS = Statement[None](sa.delete(tables.day_override).where(day.province == _PROVINCE))


async def replace_day_overrides(tx: Connection, province: str, days: Sequence[DayOverride]) -> None:
    """Put the days in the place of those that were decided for the province."""
    await _DROP_DAYS.run(tx, province=province)
    await put_day_overrides(tx, days)


_CURRENT_PARTS: dict[CataloguePart, Statement[str]] = {
    part: Statement(sa.select(sa.cast(_body(part), sa.Text).label("body")), str) for part in PARTS
}


async def current_part(connection: Connection, province: str, part: CataloguePart) -> str:
    """A part (JSON) as it is now."""
    return await _CURRENT_PARTS[part].one(connection, province=province)
