"""Agencies and procedures as ingest's catalogue lists them from each position on, and the numbers of units in counters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.agencies.model import UNMAPPED, ListedProcedure, Units
from services.metrics.agencies.tables import agency
from services.metrics.agencies.tables import catalogue as catalogue_table
from services.metrics.provinces.store.notifications import announce
from services.metrics.provinces.tables import province as province_table
from shared.agencies import Agency
from shared.contracts.feed import Catalogue
from shared.contracts.kpis import Text
from shared.database import Connection
from shared.procedures import Procedure
from shared.statements import Statement, parameter

_PROVINCE = parameter("province", sa.Text)
_KEYS = parameter("keys", pg.ARRAY(sa.Text))


class _Numbered(NamedTuple):
    key: str
    agency_no: int


_NUMBERED = Statement(
    sa.select(agency.c.key, agency.c.agency_no).where(agency.c.province == _PROVINCE, agency.c.key == sa.any_(_KEYS)), _Numbered
)


def _number() -> sa.ClauseElement:
    new = sa.func.unnest(_KEYS).table_valued(sa.column("key", sa.Text), with_ordinality="number").render_derived(name="new")
    last = (
        sa.select(sa.func.coalesce(sa.func.max(agency.c.agency_no), 0)).where(agency.c.province == _PROVINCE).scalar_subquery()
    )
    number = sa.cast(last + new.c.number, sa.Integer)
    return (
        sa.insert(agency)
        .from_select(["province", "agency_no", "key"], sa.select(_PROVINCE, number, new.c.key))
        .returning(agency.c.key, agency.c.agency_no)
    )


_NUMBER = Statement(_number(), _Numbered)


async def number_agencies(tx: Connection, province: str, keys: Iterable[str | None]) -> dict[str | None, int]:
    """The number of each unit key, given to those that have none yet; None is `UNMAPPED`. Needs the province's row locked."""
    wanted = sorted({key for key in keys if key is not None})
    numbers: dict[str | None, int] = {None: UNMAPPED}
    numbers.update(await _NUMBERED.all(tx, province=province, keys=wanted))
    missing = [key for key in wanted if key not in numbers]
    if missing:
        numbers.update(await _NUMBER.all(tx, province=province, keys=missing))
    return numbers


c = catalogue_table.c
_VERSION = parameter("version", sa.Integer)
_POSITION = parameter("position", sa.BigInteger)

_MOVE = Statement[None](
    sa.update(province_table)
    .where(province_table.c.province == _PROVINCE, province_table.c.catalogue < _VERSION)
    .values(catalogue=_VERSION, revision=province_table.c.revision + 1)
)


def _put() -> pg.Insert:
    bodies = {name: sa.cast(parameter(name, sa.Text), pg.JSONB) for name in ("agencies", "procedures")}
    insert = pg.insert(catalogue_table).values(province=_PROVINCE, position=_POSITION, version=_VERSION, **bodies)
    return insert.on_conflict_do_update(
        index_elements=[c.province, c.position],
        set_={name: insert.excluded[name] for name in ("version", "agencies", "procedures")},
    )


_PUT = Statement[None](_put())


_STATED = ListedProcedure.__struct_fields__[6:]


def _listed(row: Procedure) -> ListedProcedure:
    stated = {name: getattr(row, name) for name in _STATED}
    return ListedProcedure(row.code, row.name_vi, row.name_en, row.valid_from, row.valid_to, row.fee_required, **stated)


async def take_catalogue(tx: Connection, catalogue: Catalogue) -> None:
    """Store a newer catalogue as the one that holds from its position on; an older or equal one changes nothing.

    A unit that it does not list keeps its number and its counters, and is no part of the structure from there on.
    """
    province = catalogue.province
    if not await _MOVE.run(tx, province=province, version=catalogue.version):
        return
    await number_agencies(tx, province, [one.key for one in catalogue.agencies])
    await _PUT.run(
        tx,
        province=province,
        position=catalogue.position,
        version=catalogue.version,
        agencies=msgspec.json.encode(catalogue.agencies).decode(),
        procedures=msgspec.json.encode([_listed(one) for one in catalogue.procedures]).decode(),
    )
    await announce(tx, province)


_FORGET = Statement[None](sa.delete(catalogue_table).where(c.province == _PROVINCE))


async def drop(tx: Connection, province: str) -> None:
    """Drop what is known of the province's catalogue; the numbers of its units stay."""
    await _FORGET.run(tx, province=province)


def _held(*columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """What holds at a position; NULL: the newest."""
    wanted = sa.or_(_POSITION.is_(None), c.position <= _POSITION)
    return sa.select(*columns).where(c.province == _PROVINCE, wanted).order_by(c.position.desc()).limit(1)


_NUMBERS = Statement(sa.select(agency.c.key, agency.c.agency_no).where(agency.c.province == _PROVINCE), _Numbered)
_AGENCIES = Statement(_held(sa.cast(c.agencies, sa.Text)), str)
_PROCEDURES = Statement(_held(sa.cast(c.procedures, sa.Text)), str)


async def units(tx: Connection, province: str, position: int | None = None) -> Units:
    """The units of the province as they were known at a position; None: as they are known now."""
    agencies = await _AGENCIES.first(tx, province=province, position=position)
    return Units(msgspec.json.decode(agencies or "[]", type=list[Agency]), dict(await _NUMBERS.all(tx, province=province)))


async def procedures(tx: Connection, province: str, position: int) -> dict[str, Text]:
    """Names of the procedures by code as they were known at a position, of each code its latest one."""
    return {one.code: Text(one.vi, one.en) for one in await listed_procedures(tx, province, position)}


async def listed_procedures(tx: Connection, province: str, position: int) -> list[ListedProcedure]:
    """All rows of all procedures as they were known at a position, those of a code by their days."""
    found = await _PROCEDURES.first(tx, province=province, position=position)
    return msgspec.json.decode(found or "[]", type=list[ListedProcedure])


class UnitsVersion(NamedTuple):
    """What `units` depends on."""

    resyncs: int
    """How often the province was begun anew."""
    catalogue: int
    """The version that holds."""
    agencies: int
    """How many have numbers."""


def _edition() -> sa.Select[tuple[int, int, int]]:
    numbered = sa.select(sa.func.count()).select_from(agency).where(agency.c.province == _PROVINCE).scalar_subquery()
    held = sa.func.coalesce(_held(c.version).scalar_subquery(), 0)
    return sa.select(province_table.c.resyncs, held.label("catalogue"), numbered.label("agencies")).where(
        province_table.c.province == _PROVINCE
    )


_EDITION = Statement(_edition(), UnitsVersion)


async def units_version(tx: Connection, province: str, position: int | None = None) -> UnitsVersion | None:
    """The edition of the province's units at a position, None: now. None: there is no such province."""
    return await _EDITION.first(tx, province=province, position=position)
