"""Agencies and procedures as ingest's catalogue lists them, and the small numbers by which counters are stored."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.agencies.model import UNMAPPED, Units
from services.metrics.agencies.tables import agency, procedure
from services.metrics.provinces.store.notifications import announce
from services.metrics.provinces.tables import province as province_table
from shared.agencies import Agency
from shared.contracts.feed import Catalogue
from shared.contracts.kpis import Text
from shared.database import Connection
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


_VERSION = parameter("version", sa.Integer)

_MOVE = Statement[None](
    sa.update(province_table)
    .where(province_table.c.province == _PROVINCE, province_table.c.catalogue < _VERSION)
    .values(catalogue=_VERSION, revision=province_table.c.revision + 1)
)


def _describe() -> sa.Update:
    fetched = (
        sa.func.unnest(_KEYS, parameter("descriptions", pg.ARRAY(sa.Text)))
        .table_valued(sa.column("key", sa.Text), sa.column("description", sa.Text))
        .render_derived(name="fetched")
    )
    return (
        sa.update(agency)
        .where(agency.c.province == _PROVINCE, agency.c.key == fetched.c.key)
        .values(description=sa.cast(fetched.c.description, pg.JSONB))
    )


_DESCRIBE = Statement[None](_describe())

_UNLIST = Statement[None](
    sa.update(agency).where(agency.c.province == _PROVINCE, agency.c.key != sa.all_(_KEYS)).values(description=sa.null())
)

_DROP_PROCEDURES = Statement[None](sa.delete(procedure).where(procedure.c.province == _PROVINCE))


def _add_procedures() -> sa.Insert:
    columns = ("code", "name_vi", "name_en")
    fetched = (
        sa.func.unnest(*(parameter(f"{name}s", pg.ARRAY(sa.Text)) for name in columns))
        .table_valued(*(sa.column(name, sa.Text) for name in columns))
        .render_derived(name="fetched")
    )
    return sa.insert(procedure).from_select(
        ["province", *columns], sa.select(_PROVINCE, *(fetched.c[name] for name in columns))
    )


_ADD_PROCEDURES = Statement[None](_add_procedures())


async def take_catalogue(tx: Connection, catalogue: Catalogue) -> None:
    """Store a newer catalogue; an older or equal one changes nothing."""
    province = catalogue.province
    if not await _MOVE.run(tx, province=province, version=catalogue.version):
        return
    described = {one.key: msgspec.json.encode(one).decode() for one in catalogue.agencies}
    keys = list(described)
    await number_agencies(tx, province, keys)
    await _DESCRIBE.run(tx, province=province, keys=keys, descriptions=list(described.values()))
    # A unit that the newer catalogue no longer lists keeps its counters, but is no part of the structure any more.
    await _UNLIST.run(tx, province=province, keys=keys)
    named = {one.code: one for one in catalogue.procedures}
    await _DROP_PROCEDURES.run(tx, province=province)
    await _ADD_PROCEDURES.run(
        tx,
        province=province,
        codes=list(named),
        name_vis=[one.name_vi for one in named.values()],
        name_ens=[one.name_en for one in named.values()],
    )
    await announce(tx, province)


class _Unit(NamedTuple):
    agency_no: int
    key: str
    description: str | None


_UNITS = Statement(
    sa.select(agency.c.agency_no, agency.c.key, sa.cast(agency.c.description, sa.Text).label("description")).where(
        agency.c.province == _PROVINCE
    ),
    _Unit,
)


async def units(tx: Connection, province: str) -> Units:
    """The units of the province as they stand now."""
    found = await _UNITS.all(tx, province=province)
    agencies = [msgspec.json.decode(one.description, type=Agency) for one in found if one.description is not None]
    return Units(agencies, {one.key: one.agency_no for one in found})


_PROCEDURES = Statement(
    sa.select(procedure.c.code, procedure.c.name_vi, procedure.c.name_en).where(procedure.c.province == _PROVINCE),
    lambda code, vi, en: (code, Text(vi, en)),
)


async def procedures(tx: Connection, province: str) -> dict[str, Text]:
    """Names of the procedures by code, of each code its latest one."""
    return dict(await _PROCEDURES.all(tx, province=province))


class UnitsVersion(NamedTuple):
    """What `units` depends on."""

    resyncs: int
    """How often the province was begun anew."""
    catalogue: int
    agencies: int
    """How many have numbers."""


def _edition() -> sa.Select[tuple[int, int, int]]:
    numbered = sa.select(sa.func.count()).select_from(agency).where(agency.c.province == _PROVINCE).scalar_subquery()
    return sa.select(province_table.c.resyncs, province_table.c.catalogue, numbered.label("agencies")).where(
        province_table.c.province == _PROVINCE
    )


_EDITION = Statement(_edition(), UnitsVersion)


async def units_version(tx: Connection, province: str) -> UnitsVersion | None:
    """The edition of the province's units; None: there is no such province."""
    return await _EDITION.first(tx, province=province)
