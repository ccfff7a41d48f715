"""Petitions: a version for each time that something was stated of one; the newest up to a position counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.petitions.model import Clock, Petition
from services.metrics.petitions.tables import petition
from services.metrics.provinces.store.provinces import touch
from services.metrics.provinces.tables import province as province_table
from shared.contracts.petitions import Subject
from shared.database import Connection
from shared.statements import Statement, parameter

_PROVINCE = parameter("province", sa.Text)
_COLUMNS: dict[str, sa.types.TypeEngine[Any]] = {
    "code": sa.Text(),
    "agency_no": sa.Integer(),
    "subject": sa.Text(),
    **dict.fromkeys(
        ("received_on", "passed_on", "refused_on", "supplement_requested_on", "handled_on", "published_on"), sa.Date()
    ),
    **dict.fromkeys(("liked", "repeated", "late"), sa.Boolean()),
    "late_from": sa.Date(),
}


def _insert() -> sa.Insert:
    given = (
        sa.func.unnest(*(parameter(name, pg.ARRAY(kind)) for name, kind in _COLUMNS.items()))
        .table_valued(*(sa.column(name, kind) for name, kind in _COLUMNS.items()), name="given")
        .render_derived()
    )
    known = province_table.c
    columns = {
        "province": known.province,
        **{name: given.c[name] for name in _COLUMNS},
        "position": known.position,
        "recorded_by": parameter("by", sa.Text),
    }
    return sa.insert(petition).from_select(
        list(columns),
        sa.select(*columns.values()).select_from(province_table.join(given, sa.true())).where(known.province == _PROVINCE),
    )


_INSERT = Statement[None](_insert)


async def insert(tx: Connection, province: str, found: Sequence[tuple[Petition, int, Clock]], by: str) -> None:
    """Store what is stated of petitions, each with the number of its agency; known from the province's position on."""
    await touch(tx, province)
    rows = [{**one._asdict(), "agency_no": agency_no, **clock._asdict()} for one, agency_no, clock in found]
    await _INSERT.run(tx, province=province, by=by, **{name: [row[name] for row in rows] for name in _COLUMNS})


class PetitionRow(NamedTuple):
    """A petition as it is known now."""

    code: str
    agency_no: int
    subject: Subject
    received_on: date
    passed_on: date | None
    refused_on: date | None
    supplement_requested_on: date | None
    handled_on: date | None
    published_on: date | None
    liked: bool | None
    repeated: bool
    late: bool
    """What it missed already when it was stated; in a list also what it has missed by the last day."""


_KNOWN = Statement(
    sa.select(*(petition.c[name] for name in PetitionRow._fields))
    .ext(pg.distinct_on(petition.c.code))
    .where(petition.c.province == _PROVINCE, petition.c.code == sa.any_(parameter("codes", pg.ARRAY(sa.Text))))
    .order_by(petition.c.code, petition.c.id.desc()),
    PetitionRow,
)


async def known(tx: Connection, province: str, codes: Sequence[str]) -> dict[str, tuple[Petition, int]]:
    """Those of these petitions that were stated, by code: as they are known now, each with the number of its agency."""
    rows = await _KNOWN.all(tx, province=province, codes=list(codes))
    return {row.code: (Petition(**{name: getattr(row, name) for name in Petition._fields}), row.agency_no) for row in rows}


def _select() -> sa.Select[tuple[object, ...]]:
    later = petition.alias("later")
    newer = sa.exists().where(
        later.c.province == petition.c.province, later.c.code == petition.c.code, later.c.id > petition.c.id
    )
    until = parameter("until", sa.Date)
    late = sa.or_(petition.c.late, petition.c.late_from <= until).label("late")
    return (
        sa.select(*(late if name == "late" else petition.c[name] for name in PetitionRow._fields))
        .where(
            petition.c.province == _PROVINCE,
            petition.c.agency_no == sa.any_(parameter("agencies", pg.ARRAY(sa.Integer))),
            petition.c.received_on.between(parameter("since", sa.Date), until),
            petition.c.code > parameter("after", sa.Text),
            ~newer,
        )
        .order_by(petition.c.code)
        .limit(parameter("limit", sa.Integer))
    )


_SELECT = Statement(_select, PetitionRow)


async def select(
    tx: Connection, province: str, agencies: Sequence[int], since: date, until: date, *, after: str, limit: int
) -> list[PetitionRow]:
    """Petitions received in a period by code, those after `after`; late as of its last day."""
    return await _SELECT.all(tx, province=province, agencies=list(agencies), since=since, until=until, after=after, limit=limit)


_HAS_PETITIONS = Statement(
    sa.select(sa.exists().where(petition.c.province == _PROVINCE, petition.c.position <= parameter("position", sa.BigInteger))),
    bool,
)


async def has_petitions(tx: Connection, province: str, position: int) -> bool:
    """Whether petitions of a province were stated one by one, as known at a position."""
    return await _HAS_PETITIONS.one(tx, province=province, position=position)


_RESET_POSITIONS = Statement[None](sa.update(petition).where(petition.c.province == _PROVINCE).values(position=0))


async def reset_positions(tx: Connection, province: str) -> None:
    """Let all petitions of a province be known from position 0 on, since its feed begins anew."""
    await _RESET_POSITIONS.run(tx, province=province)
