"""Statements on issued notices and their numbers."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.notices.drafting.tables import notice, rendering
from services.notices.inspections.model import JSONObject
from services.notices.issuing.model import normal_body
from services.notices.issuing.tables import issued_notice, number_series, taken_number
from services.notices.rendering.model import RenderingFormat
from shared.database import Connection
from shared.statements import Statement, parameter

c, s, t, n, f = issued_notice.c, number_series.c, taken_number.c, notice.c, rendering.c
_KEY = ("province", "body", "year", "series")
_IDS = parameter("ids", pg.ARRAY(sa.BigInteger))
_ADD_SERIES = Statement[None](
    pg.insert(number_series).values({name: parameter(name, s[name].type) for name in _KEY}).on_conflict_do_nothing()
)
_HOLD_SERIES = Statement(sa.select(s.id).where(s.id == sa.any_(_IDS)).order_by(s.id).with_for_update(), int)
_NOW = Statement[datetime](sa.select(sa.func.clock_timestamp()), lambda at: at)


class _SeriesRow(NamedTuple):
    id: int
    year: int
    body: str


_SERIES_FROM = Statement(
    sa.select(*(s[name] for name in _SeriesRow._fields))
    .where(
        *(s[name] == parameter(name, s[name].type) for name in ("province", "series")), s.year >= parameter("year", s.year.type)
    )
    .order_by(s.id),
    _SeriesRow,
)


class LastIssue(NamedTuple):
    """The number that was issued last."""

    number: int
    at: datetime


_LAST_ISSUE = Statement(
    sa.select(t.number, t.taken_at.label("at"))
    .join_from(taken_number, notice, n.id == t.notice_id)
    .where(t.series_id == sa.any_(_IDS), n.state != "withdrawn")
    .order_by(t.taken_at.desc(), t.number.desc())
    .limit(1),
    LastIssue,
)


class SeriesOfBody(NamedTuple):
    """All that numbers of one body, year and symbol were taken under, however the body's name was spelt."""

    ids: list[int]
    """Of its rows, one for each spelling that was met and one for the normal form."""
    id: int | None
    """Of the row under which numbers are taken by this spelling; None: there is none yet."""
    last: LastIssue | None
    """By the clock, of this year and later ones; None: nothing was issued that was not withdrawn."""


async def find_series(tx: Connection, *, province: str, body: str, year: int, series: str) -> SeriesOfBody:
    """The series of a body as it is now; it has no rows where no number of it is taken."""
    name = normal_body(body)
    rows = await _SERIES_FROM.all(tx, province=province, year=year, series=series)
    own = [row for row in rows if normal_body(row.body) == name]
    now = [row for row in own if row.year == year]
    current = next((row.id for row in now if row.body == body), None)
    return SeriesOfBody([row.id for row in now], current, await _LAST_ISSUE.first(tx, ids=[row.id for row in own]))


class HeldSeries(NamedTuple):
    """A series of numbers that nobody else takes a number of until the transaction ends."""

    id: int
    """Of the row under which its numbers are taken."""
    of_body: SeriesOfBody
    year: int
    now: datetime
    """When it was held, by the database's clock: nothing is issued before `of_body.last`."""


async def hold_series(tx: Connection, *, province: str, body: str, year: int, series: str) -> HeldSeries:
    """Hold a series; one that there is not yet begins."""
    # For the row of the normal form all spellings wait. Numbers are taken under that of this one: while processes are restarted
    # one after another, those of the release before look at no other.
    for spelling in (normal_body(body), body):
        await _ADD_SERIES.run(tx, province=province, body=spelling, year=year, series=series)
    begun = await find_series(tx, province=province, body=body, year=year, series=series)
    await _HOLD_SERIES.all(tx, ids=begun.ids)
    held = await find_series(tx, province=province, body=body, year=year, series=series)
    assert held.id is not None
    return HeldSeries(held.id, held, year, await clock(tx))


async def clock(tx: Connection) -> datetime:
    """The instant now, by the database's clock."""
    return await _NOW.one(tx)


class TakenRow(NamedTuple):
    """A number that is taken."""

    number: int
    notice_id: int | None
    outside: str | None
    name: str
    taken_at: datetime


_LIST = Statement(
    sa.select(*(t[name] for name in TakenRow._fields)).where(t.series_id == sa.any_(_IDS)).order_by(t.number, t.taken_at),
    TakenRow,
)


async def taken_rows(tx: Connection, series: SeriesOfBody) -> list[TakenRow]:
    """The numbers of a series that are taken, with what for; one twice that was given under two spellings."""
    return await _LIST.all(tx, ids=series.ids)


_TAKEN = Statement(sa.select(t.number).where(t.series_id == sa.any_(_IDS)), int)


async def taken(tx: Connection, series: SeriesOfBody) -> list[int]:
    """The numbers of a series that are taken."""
    return await _TAKEN.all(tx, ids=series.ids)


_TAKE = Statement[None](sa.insert(taken_number).values({column: parameter(column.name, column.type) for column in t}))


async def take(
    tx: Connection,
    series_id: int,
    number: int,
    *,
    notice_id: int | None,
    outside: str | None,
    key_id: str,
    name: str,
    now: datetime,
) -> None:
    """Take a number of a held series: for a notice, or because it was used `outside`."""
    await _TAKE.run(
        tx, series_id=series_id, number=number, notice_id=notice_id, outside=outside, key_id=key_id, name=name, taken_at=now
    )


class IssuedRow(NamedTuple):
    """An issued notice, without what it stands on."""

    notice_id: int
    province: str
    series_id: int
    number: int
    reference: str
    body: str
    issued_on: date
    issued_at: datetime
    code: str
    key_id: str
    name: str
    signatory_certificate: str
    body_certificate: str
    timestamped: bool
    corrects: int | None


_ROWS = sa.select(*(c[name] for name in IssuedRow._fields))
_FIND = Statement(_ROWS.where(c.notice_id == parameter("notice_id", sa.BigInteger)), IssuedRow)
_FIND_BY_CODE = Statement(_ROWS.where(c.code == parameter("code", sa.Text)), IssuedRow)
_FIND_CITED = Statement(
    _ROWS.where(*(c[name] == parameter(name, c[name].type) for name in ("reference", "issued_on"))).order_by(c.notice_id),
    IssuedRow,
)
_FIND_CORRECTION = Statement(_ROWS.where(c.corrects == parameter("notice_id", sa.BigInteger)), IssuedRow)
_INSERT = Statement[None](
    sa.insert(issued_notice).values(
        {name: parameter(name, c[name].type) for name in IssuedRow._fields}
        | {name: sa.cast(parameter(name, sa.Text), pg.JSONB) for name in ("inspection", "evidence")}
    )
)


async def find(tx: Connection, notice_id: int) -> IssuedRow | None:
    """What was issued of a notice, or None."""
    return await _FIND.first(tx, notice_id=notice_id)


_FIND_INSPECTION = Statement[JSONObject](
    sa.select(c.inspection).where(c.notice_id == parameter("notice_id", sa.BigInteger)), lambda body: body
)


async def find_inspection(tx: Connection, notice_id: int) -> JSONObject:
    """The inspection as an issued notice states it."""
    return await _FIND_INSPECTION.one(tx, notice_id=notice_id)


async def find_by_code(tx: Connection, code: str) -> IssuedRow | None:
    """The issued notice of a verification code, or None."""
    return await _FIND_BY_CODE.first(tx, code=code)


async def find_cited(tx: Connection, *, reference: str, issued_on: date, body: str) -> list[IssuedRow]:
    """The issued notices of a number, a date and a body, however a file spells its name: one, unless bodies of several
    provinces have the same name."""
    name = normal_body(body)
    rows = await _FIND_CITED.all(tx, reference=reference, issued_on=issued_on)
    return [row for row in rows if normal_body(row.body) == name]


async def find_correction(tx: Connection, notice_id: int) -> IssuedRow | None:
    """The issued notice that corrects this one, or None."""
    return await _FIND_CORRECTION.first(tx, notice_id=notice_id)


async def insert(tx: Connection, row: IssuedRow, *, inspection: str, evidence: str) -> None:
    """Store what was issued, with the inspection and the evidence as it states them, in JSON: from then on the database refuses
    to change it."""
    await _INSERT.run(tx, **row._asdict(), inspection=inspection, evidence=evidence)


class _Digest(NamedTuple):
    format: RenderingFormat
    digest: bytes


_DIGESTS = Statement(
    sa.select(f.format, f.digest).where(f.notice_id == parameter("notice_id", sa.BigInteger)).order_by(f.format), _Digest
)


async def digests(tx: Connection, notice_id: int) -> dict[str, bytes]:
    """SHA-256 of each file of a notice."""
    return dict(await _DIGESTS.all(tx, notice_id=notice_id))


_NUMBERED = Statement[None](
    sa.update(notice)
    .where(n.id == parameter("notice_id", sa.BigInteger))
    .values(document=sa.cast(parameter("new_document", sa.Text), pg.JSONB))
)


async def put_document(tx: Connection, notice_id: int, document: str) -> None:
    """Store the text of a notice with its number and date."""
    await _NUMBERED.run(tx, notice_id=notice_id, new_document=document)
