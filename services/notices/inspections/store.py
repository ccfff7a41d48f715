"""Statements on inspections."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.notices.inspections.model import JSONObject
from services.notices.inspections.tables import inspection, inspection_version
from shared.database import Connection
from shared.statements import Statement, begun_at, parameter

c, o = inspection.c, inspection_version.c


class InspectionRow(NamedTuple):
    """An inspection with its body."""

    id: int
    province: str
    scope: str
    body: JSONObject
    """JSON, as `Inspection.stored` gave it."""
    created_at: datetime
    version: int
    changed_at: datetime | None
    """When this version was handed in; None: when the inspection was submitted."""


class ListedInspection(NamedTuple):
    """An inspection without its body."""

    id: int
    province: str
    scope: str
    period_from: date
    period_to: date
    created_at: datetime
    version: int


_INSERTED = (c.province, c.scope, c.period_from, c.period_to, c.body, c.key_id)
_INSERT = Statement(
    sa.insert(inspection).values({column: parameter(column.name, column.type) for column in _INSERTED}).returning(c.id), int
)


async def insert(tx: Connection, *, province: str, scope: str, since: date, until: date, body: JSONObject, key_id: str) -> int:
    """Store an inspection that came with an API key, and give its id."""
    return await _INSERT.one(tx, province=province, scope=scope, period_from=since, period_to=until, body=body, key_id=key_id)


_NUMBER = parameter("number", sa.BigInteger)
_ROW = sa.select(*(c[name] for name in InspectionRow._fields)).where(c.id == _NUMBER)
_ONE = Statement(_ROW, InspectionRow)
_HELD = Statement(_ROW.with_for_update(), InspectionRow)


async def find(tx: Connection, number: int) -> InspectionRow | None:
    """An inspection in its newest version, or None."""
    return await _ONE.first(tx, number=number)


async def hold(tx: Connection, number: int) -> InspectionRow | None:
    """The same; nobody else changes it or its evidence until the transaction ends."""
    return await _HELD.first(tx, number=number)


_OF_VERSION = parameter("version", sa.Integer)
_REPLACED = Statement(
    sa.select(
        c.id, c.province, c.scope, o.body, c.created_at, o.version, sa.cast(o.created_at, c.changed_at.type).label("changed_at")
    ).where(o.inspection_id == _NUMBER, c.id == o.inspection_id, o.version == _OF_VERSION),
    InspectionRow,
)


async def find_replaced(tx: Connection, number: int, version: int) -> InspectionRow | None:
    """A version of an inspection that was replaced, or None."""
    return await _REPLACED.first(tx, number=number, version=version)


async def find_version(tx: Connection, number: int, version: int) -> InspectionRow | None:
    """An inspection in this version, the newest or one that was replaced; or None."""
    row = await find(tx, number)
    return row if row is not None and row.version == version else await find_replaced(tx, number, version)


_COPY = Statement[None](
    sa.insert(inspection_version).from_select(
        [column.name for column in o],
        sa.select(c.id, c.version, c.body, c.key_id, sa.func.coalesce(c.changed_at, c.created_at)).where(c.id == _NUMBER),
    )
)
_CHANGED = (c.period_from, c.period_to, c.body, c.key_id)
_REPLACE = Statement(
    sa.update(inspection)
    .where(c.id == _NUMBER)
    .values(
        {column: parameter(f"new_{column.name}", column.type) for column in _CHANGED}
        | {c.version: c.version + 1, c.changed_at: parameter("now", sa.DateTime(timezone=True))}
    )
    .returning(*(c[name] for name in InspectionRow._fields)),
    InspectionRow,
)


async def replace(tx: Connection, number: int, *, since: date, until: date, body: JSONObject, key_id: str) -> InspectionRow:
    """Give an inspection, whose row the caller holds, a new version; the one before stays readable."""
    await _COPY.run(tx, number=number)
    new = {"new_period_from": since, "new_period_to": until, "new_body": body, "new_key_id": key_id}
    return await _REPLACE.one(tx, number=number, now=await begun_at(tx), **new)


_LISTED = sa.select(*(c[name] for name in ListedInspection._fields))
_SOME = Statement(_LISTED.where(c.id == sa.any_(parameter("numbers", pg.ARRAY(sa.BigInteger)))), ListedInspection)


async def find_some(tx: Connection, numbers: Iterable[int]) -> list[ListedInspection]:
    """Those inspections of these numbers that there are, in no order."""
    return await _SOME.all(tx, numbers=sorted(numbers))


_NEWEST_OF_SCOPES = Statement(
    _LISTED.where(
        c.province == parameter("province", sa.Text),
        c.scope == sa.any_(parameter("scopes", pg.ARRAY(sa.Text))),
        c.period_from == parameter("since", sa.Date),
        c.period_to == parameter("until", sa.Date),
    )
    .ext(pg.distinct_on(c.scope))
    .order_by(c.scope, c.id.desc()),
    ListedInspection,
)


async def newest_of_scopes(
    tx: Connection, province: str, scopes: Iterable[str], since: date, until: date
) -> list[ListedInspection]:
    """The newest inspection of each of these scopes in these days, of those that there are."""
    return await _NEWEST_OF_SCOPES.all(tx, province=province, scopes=sorted(scopes), since=since, until=until)


_FILTERS = {
    "province": c.province == parameter("province", sa.Text),
    "before": c.id < parameter("before", sa.BigInteger),
}


@cache
def _page(filters: frozenset[str]) -> Statement[ListedInspection]:
    return Statement(
        _LISTED.where(*(condition for name, condition in _FILTERS.items() if name in filters))
        .order_by(c.id.desc())
        .limit(parameter("limit", sa.BigInteger)),
        ListedInspection,
    )


async def page(tx: Connection, *, province: str | None, before: int | None, limit: int) -> list[ListedInspection]:
    """Inspections, the newest first, older than `before`."""
    filters = {name: value for name, value in {"province": province, "before": before}.items() if value is not None}
    return await _page(frozenset(filters)).all(tx, limit=limit, **filters)
