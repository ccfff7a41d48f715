"""Statements on evidence: an item stands from its first version until the version that replaced or removed it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from services.notices.evidence.model import EvidenceItem
from services.notices.evidence.tables import evidence_item, evidence_version
from shared.database import Connection
from shared.statements import Statement, parameter

i, v = evidence_item.c, evidence_version.c
_INSPECTION = parameter("inspection", sa.BigInteger)
_VERSION = parameter("version", sa.Integer)


class VersionRow(NamedTuple):
    """A version of the evidence of an inspection."""

    version: int
    template: int
    inserted: int
    changed: int
    removed: int
    created_at: datetime


class ItemRow(NamedTuple):
    """An item, and the versions in which it stands."""

    id: int
    body: dict[str, object]
    first_version: int
    end_version: int | None

    @property
    def item(self) -> EvidenceItem:
        """What it states."""
        return msgspec.convert(self.body, EvidenceItem)


_VERSIONS = sa.select(*(v[name] for name in VersionRow._fields)).where(v.inspection_id == _INSPECTION)
_NEWEST = Statement(_VERSIONS.order_by(v.version.desc()).limit(1), VersionRow)
_BETWEEN = Statement(
    _VERSIONS.where(v.version > parameter("after", sa.Integer), v.version <= parameter("upto", sa.Integer)).order_by(v.version),
    VersionRow,
)


async def newest(tx: Connection, inspection: int) -> VersionRow | None:
    """The newest version of the evidence of an inspection; None where none was handed in."""
    return await _NEWEST.first(tx, inspection=inspection)


async def versions(tx: Connection, inspection: int, *, after: int, upto: int) -> list[VersionRow]:
    """The versions after one, up to another, the oldest first."""
    return await _BETWEEN.all(tx, inspection=inspection, after=after, upto=upto)


_ITEMS = sa.select(*(i[name] for name in ItemRow._fields)).where(i.inspection_id == _INSPECTION)


def _stands(version: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    return sa.and_(i.first_version <= version, sa.or_(i.end_version.is_(None), i.end_version > version))


_FILTERS = {
    "item": i.item == parameter("item", sa.Text),
    "subject": i.subject == parameter("subject", sa.Text),
    "about": i.about == parameter("about", sa.Text),
    "after": i.id > parameter("after", sa.BigInteger),
}


@cache
def _page(filters: frozenset[str], limited: bool) -> Statement[ItemRow]:
    rows = _ITEMS.where(_stands(_VERSION), *(one for name, one in _FILTERS.items() if name in filters)).order_by(i.id)
    return Statement(rows.limit(parameter("limit", sa.BigInteger)) if limited else rows, ItemRow)


async def page(
    tx: Connection,
    inspection: int,
    version: int,
    *,
    item: str | None = None,
    subject: str | None = None,
    about: str | None = None,
    after: int | None = None,
    limit: int | None = None,
) -> list[ItemRow]:
    """Items that stand in a version, in the order in which they were handed in."""
    given = {"item": item, "subject": subject, "about": about, "after": after}
    filters = {name: value for name, value in given.items() if value is not None}
    bound = {} if limit is None else {"limit": limit}
    return await _page(frozenset(filters), bool(bound)).all(tx, inspection=inspection, version=version, **filters, **bound)


_MOVED = Statement(
    _ITEMS.where(_stands(parameter("since", sa.Integer)) != _stands(parameter("upto", sa.Integer))).order_by(
        i.item, i.subject, i.about, i.first_version
    ),
    ItemRow,
)


async def moved(tx: Connection, inspection: int, *, since: int, upto: int) -> list[ItemRow]:
    """Items that stand in one of two versions and not in the other, by item, subject and about."""
    return await _MOVED.all(tx, inspection=inspection, since=since, upto=upto)


_INSERTED_VERSION = (v.inspection_id, v.version, v.template, v.inserted, v.changed, v.removed, v.key_id)
_INSERT_VERSION = Statement[None](
    sa.insert(evidence_version).values({one: parameter(one.name, one.type) for one in _INSERTED_VERSION})
)
_INSERTED_ITEM = (i.inspection_id, i.item, i.subject, i.about, i.body, i.first_version)
_INSERT_ITEM = Statement[None](sa.insert(evidence_item).values({one: parameter(one.name, one.type) for one in _INSERTED_ITEM}))
_END_ITEM = Statement[None](
    sa.update(evidence_item)
    .where(i.id == parameter("number", sa.BigInteger))
    .values(end_version=parameter("ended_in", sa.Integer))
)


async def insert_version(
    tx: Connection, inspection: int, version: int, *, template: int, inserted: int, changed: int, removed: int, key_id: str
) -> None:
    """Store a version; its items follow."""
    await _INSERT_VERSION.run(
        tx,
        inspection_id=inspection,
        version=version,
        template=template,
        inserted=inserted,
        changed=changed,
        removed=removed,
        key_id=key_id,
    )


async def end_items(tx: Connection, numbers: Iterable[int], version: int) -> None:
    """Let items stand no more from a version on."""
    await _END_ITEM.run_many(tx, [{"number": number, "ended_in": version} for number in numbers])


async def insert_items(tx: Connection, inspection: int, items: Iterable[EvidenceItem], version: int) -> None:
    """Let items stand from a version on."""
    rows = [
        {
            "inspection_id": inspection,
            "item": one.item,
            "subject": one.subject,
            "about": one.about,
            "body": msgspec.to_builtins(one),
            "first_version": version,
        }
        for one in items
    ]
    await _INSERT_ITEM.run_many(tx, rows)
