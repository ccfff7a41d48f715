"""Statements on inspections."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa

from services.notices.inspections.model import JSONObject
from services.notices.inspections.tables import inspection
from shared.database import Connection
from shared.statements import Statement, parameter

c = inspection.c


class InspectionRow(NamedTuple):
    """An inspection with its body."""

    id: int
    province: str
    scope: str
    body: JSONObject
    """JSON, as `Inspection.stored` gave it."""
    created_at: datetime


class ListedInspection(NamedTuple):
    """An inspection without its body."""

    id: int
    province: str
    scope: str
    period_from: date
    period_to: date
    created_at: datetime


_INSERTED = (c.province, c.scope, c.period_from, c.period_to, c.body, c.key_id)
_INSERT = Statement(
    sa.insert(inspection).values({column: parameter(column.name, column.type) for column in _INSERTED}).returning(c.id), int
)


async def insert(tx: Connection, *, province: str, scope: str, since: date, until: date, body: JSONObject, key_id: str) -> int:
    """Store an inspection that came with an API key, and give its id."""
    return await _INSERT.one(tx, province=province, scope=scope, period_from=since, period_to=until, body=body, key_id=key_id)


_ONE = Statement(
    sa.select(*(c[name] for name in InspectionRow._fields)).where(c.id == parameter("number", sa.BigInteger)), InspectionRow
)


async def find(tx: Connection, number: int) -> InspectionRow | None:
    """An inspection, or None."""
    return await _ONE.first(tx, number=number)


_FILTERS = {
    "province": c.province == parameter("province", sa.Text),
    "before": c.id < parameter("before", sa.BigInteger),
}


@cache
def _page(filters: frozenset[str]) -> Statement[ListedInspection]:
    return Statement(
        sa.select(*(c[name] for name in ListedInspection._fields))
        .where(*(condition for name, condition in _FILTERS.items() if name in filters))
        .order_by(c.id.desc())
        .limit(parameter("limit", sa.BigInteger)),
        ListedInspection,
    )


async def page(tx: Connection, *, province: str | None, before: int | None, limit: int) -> list[ListedInspection]:
    """Inspections, the newest first, older than `before`."""
    filters = {name: value for name, value in {"province": province, "before": before}.items() if value is not None}
    return await _page(frozenset(filters)).all(tx, limit=limit, **filters)
