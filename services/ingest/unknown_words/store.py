"""Rows of unknown words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.quarantine.tables import WAITS, quarantine
from services.ingest.unknown_words.tables import unknown_word
from shared.database import Connection
from shared.statements import Statement, parameter

_w, _q = unknown_word.c, quarantine.c
_PROVINCE = parameter("province", sa.Text)
_INSTANT = sa.DateTime(timezone=True)


class WordRow(NamedTuple):
    """A word that hides a field of a dossier."""

    code: str
    source: str
    field: str
    word: str
    setting: str | None
    last_at: datetime


class WordCount(NamedTuple):
    """A word of a source, with how many dossiers it leaves incomplete and how many records wait for it."""

    field: str
    word: str
    setting: str | None
    dossiers: int
    waiting: int
    first_at: datetime
    last_at: datetime


def _insert() -> pg.Insert:
    arrays = [parameter(name, pg.ARRAY(_INSTANT if name == "last_at" else sa.Text)) for name in WordRow._fields]
    given = sa.func.unnest(*arrays).table_valued(*WordRow._fields).render_derived(name="given").c
    rows = sa.select(_PROVINCE, *(given[name] for name in WordRow._fields), given.last_at)
    return pg.insert(unknown_word).from_select(["province", *WordRow._fields, "first_at"], rows)


def _merge() -> pg.Insert:
    insert = _insert()
    return insert.on_conflict_do_update(
        index_elements=[_w.province, _w.code, _w.source, _w.field, _w.word],
        set_={"last_at": insert.excluded.last_at, "setting": insert.excluded.setting},
    )


_MERGE = Statement[None](_merge())


def _delete_others() -> sa.Delete:
    names = ("code", "source", "field", "word")
    given = (
        sa.func.unnest(*(parameter(name, pg.ARRAY(sa.Text)) for name in names))
        .table_valued(*names)
        .render_derived(name="given")
        .c
    )
    stands = sa.exists().where(*(given[name] == _w[name] for name in names))
    return sa.delete(unknown_word).where(
        _w.province == _PROVINCE, _w.code == sa.any_(parameter("codes", pg.ARRAY(sa.Text))), sa.not_(stands)
    )


_DELETE_OTHERS = Statement[None](_delete_others())


async def put_words(tx: Connection, province: str, codes: Sequence[str], rows: Sequence[WordRow]) -> None:
    """Replace the words of these dossiers; those that stay keep when they were first seen."""
    if not codes:
        return
    columns: dict[str, Any] = {name: [getattr(row, name) for row in rows] for name in WordRow._fields}
    names = {name: columns[name] for name in ("code", "source", "field", "word")}
    await _DELETE_OTHERS.run(tx, province=province, codes=codes, **names)
    if rows:
        await _MERGE.run(tx, province=province, **columns)


@cache
def _counts(later: bool) -> Statement[WordCount]:
    source = parameter("source", sa.Text)
    hiding = sa.select(
        _w.field,
        _w.word,
        _w.setting,
        sa.literal(1).label("dossiers"),
        sa.literal(0).label("waiting"),
        _w.first_at,
        _w.last_at,
    ).where(_w.province == _PROVINCE, _w.source == source)
    # An `UnknownWord` is an array: field, word, setting.
    waiting = sa.select(
        _q.unknown[0].astext,
        _q.unknown[1].astext,
        _q.unknown[2].astext,
        sa.literal(0),
        sa.literal(1),
        _q.first_at,
        _q.last_at,
    ).where(_q.province == _PROVINCE, _q.source == source, WAITS, _q.unknown.is_not(None))
    words = sa.union_all(hiding, waiting).subquery("words").c
    dossiers, records = sa.func.sum(words.dossiers), sa.func.sum(words.waiting)
    field, word = words.field.collate("C"), words.word.collate("C")
    count, fewer = dossiers + records, parameter("count", sa.BigInteger)
    following = sa.or_(
        count < fewer,
        sa.and_(
            count == fewer,
            sa.tuple_(field, word) > sa.tuple_(parameter("field", sa.Text), parameter("word", sa.Text)),
        ),
    )
    select = (
        sa.select(
            words.field,
            words.word,
            sa.func.max(words.setting).label("setting"),
            sa.cast(dossiers, sa.BigInteger).label("dossiers"),
            sa.cast(records, sa.BigInteger).label("waiting"),
            sa.func.min(words.first_at).label("first_at"),
            sa.func.max(words.last_at).label("last_at"),
        )
        .group_by(words.field, words.word)
        .order_by(count.desc(), field, word)
        .limit(parameter("limit", sa.BigInteger))
    )
    return Statement(select.having(following) if later else select, WordCount)


async def counted_words(
    connection: Connection, province: str, source_name: str, limit: int, after: tuple[int, str, str] | None = None
) -> list[WordCount]:
    """The unknown words of a source, the most frequent first, those `after` a count, field and word."""
    later = dict(zip(("count", "field", "word"), after, strict=True)) if after is not None else {}
    return await _counts(bool(later)).all(connection, province=province, source=source_name, limit=limit, **later)
