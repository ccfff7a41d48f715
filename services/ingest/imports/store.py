"""Imports of files: how far each has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.imports.tables import import_
from shared.database import Connection
from shared.statements import Statement, begun_at, parameter

ImportState = Literal["running", "complete", "interrupted", "failed"]


class ImportRow(NamedTuple):
    """An import; row_count = accepted + known + superseded + quarantined, and of a complete one lines = row_count + skipped."""

    id: int
    source: str
    province: str
    state: ImportState
    arrived: datetime
    row_count: int
    accepted: int
    known: int
    superseded: int
    quarantined: int
    lines: int | None
    skipped: Mapping[str, int]
    head_digest: bytes | None
    started_at: datetime
    touched_at: datetime
    finished_at: datetime | None
    last_error: str | None
    dismissed_at: datetime | None
    dismissed_by: str | None
    dismissed_for: str | None


IMPORT_SILENCE = timedelta(minutes=10)
"""An import that runs and took in no row for so long was cut off with its process."""

i = import_.c
_withdrawn = import_.alias("withdrawn")

_COLUMNS = [i[name] for name in ImportRow._fields]
_INSTANT = sa.DateTime(timezone=True)
_NUMBER, _SOURCE, _PROVINCE = parameter("number", sa.BigInteger), parameter("source", sa.Text), parameter("province", sa.Text)

_OPEN = Statement(sa.insert(import_).values(source=_SOURCE, province=_PROVINCE).returning(*_COLUMNS), ImportRow)


async def open_import(tx: Connection, source_name: str, province: str) -> ImportRow:
    """Begin an import."""
    return await _OPEN.one(tx, source=source_name, province=province)


_IMPORTED = Statement(sa.select(*_COLUMNS).where(i.id == _NUMBER), ImportRow)


async def imported(connection: Connection, number: int) -> ImportRow | None:
    """One import."""
    return await _IMPORTED.first(connection, number=number)


@cache
def _imports(given: frozenset[str]) -> Statement[ImportRow]:
    conditions = {
        "province": i.province == _PROVINCE,
        "source": i.source == _SOURCE,
        "before": i.id < parameter("before", sa.BigInteger),
    }
    return Statement(
        sa.select(*_COLUMNS)
        .where(*(condition for name, condition in conditions.items() if name in given))
        .order_by(i.id.desc())
        .limit(parameter("limit", sa.BigInteger)),
        ImportRow,
    )


async def imports(
    connection: Connection, province: str | None, source_name: str | None, before: int | None, limit: int
) -> list[ImportRow]:
    """Imports, newest first."""
    filters: dict[str, object] = {"province": province, "source": source_name, "before": before}
    given = {name: value for name, value in filters.items() if value is not None}
    return await _imports(frozenset(given)).all(connection, limit=limit, **given)


_PARTS = ("accepted", "known", "superseded", "quarantined")
_DISMISSAL = ("dismissed_at", "dismissed_by", "dismissed_for")
_GOES_ON = dict.fromkeys(("finished_at", "last_error", *_DISMISSAL), sa.null())
_RESUME = Statement[None](sa.update(import_).where(i.id == _NUMBER).values(state="running", **_GOES_ON))
_FROM_THE_FIRST_ROW = Statement[None](sa.update(import_).where(i.id == _NUMBER).values(row_count=0, **dict.fromkeys(_PARTS, 0)))


async def resume_import(tx: Connection, number: int) -> None:
    """The file comes once more, from its beginning."""
    await _RESUME.run(tx, number=number)


async def distrust_import(tx: Connection, number: int) -> None:
    """Of an import that does not tell how its file began none of the rows that come is taken for one that was counted."""
    await _FROM_THE_FIRST_ROW.run(tx, number=number)


_STALLED = parameter("now", _INSTANT) - sa.literal(IMPORT_SILENCE)
_DISMISS = Statement[None](
    sa.update(import_)
    .where(i.id == _NUMBER, sa.or_(i.state == "interrupted", sa.and_(i.state == "running", i.touched_at < _STALLED)))
    .values(
        dismissed_at=parameter("now", _INSTANT), dismissed_by=parameter("who", sa.Text), dismissed_for=parameter("why", sa.Text)
    )
)
_TAKE_BACK = Statement[None](sa.update(import_).where(i.id == _NUMBER).values(dict.fromkeys(_DISMISSAL, sa.null())))


async def dismiss_import(tx: Connection, number: int, *, who: str, why: str) -> bool:
    """Store that the rest of a file that was cut off need not come; False when it was not cut off."""
    return await _DISMISS.run(tx, number=number, who=who, why=why, now=await begun_at(tx)) == 1


async def take_back_dismissal(tx: Connection, number: int) -> None:
    """The rest of the file is awaited again."""
    await _TAKE_BACK.run(tx, number=number)


_LATER = Statement[None](
    sa.update(import_)
    .where(
        i.source == _SOURCE,
        i.id != _NUMBER,
        i.state.in_(("complete", "running")),
        i.known > 0,
        # Also one that began before it and was resumed beside it.
        sa.exists().where(_withdrawn.c.id == _NUMBER, _withdrawn.c.started_at <= i.touched_at),
    )
    .values(
        state="interrupted",
        last_error=parameter("error", sa.Text),
        lines=sa.null(),
        skipped_lines=0,
        skipped=sa.text("'{}'::jsonb"),
        row_count=0,
        **dict.fromkeys(_PARTS, 0),
    )
)


async def reopen_later(tx: Connection, source_name: str, number: int, error: str) -> None:
    """Have those files come again that repeated rows of an import which is withdrawn now: the rows go with it.

    One that is still being taken in is stopped at its next rows, or at its end.
    """
    await _LATER.run(tx, source=source_name, number=number, error=error)


_COUNT = Statement[None](
    sa.update(import_)
    .where(i.id == _NUMBER, i.row_count == parameter("after", sa.BigInteger))
    .values(
        row_count=i.row_count + parameter("rows", sa.BigInteger),
        **{name: i[name] + parameter(name, sa.BigInteger) for name in _PARTS},
        touched_at=parameter("now", _INSTANT),
    )
)


async def count_rows(
    tx: Connection, number: int, *, after: int, rows: int, accepted: int, known: int, superseded: int, quarantined: int
) -> bool:
    """Add rows that stand after the first `after` of the file; False when they were counted already."""
    counted = await _COUNT.run(
        tx,
        number=number,
        after=after,
        rows=rows,
        accepted=accepted,
        known=known,
        superseded=superseded,
        quarantined=quarantined,
        now=await begun_at(tx),
    )
    return counted == 1


_HEAD_DIGEST = parameter("head_digest", sa.LargeBinary)

_HEAD_SIZE = parameter("head_size", sa.Integer)
_SIGN = Statement[None](
    sa.update(import_)
    .where(i.id == _NUMBER, sa.or_(i.head_digest.is_(None), i.head_digest == _HEAD_DIGEST))
    .values(head_digest=_HEAD_DIGEST, head_size=_HEAD_SIZE)
)


async def sign_import(tx: Connection, number: int, head_digest: bytes, *, head_size: int | None = None) -> bool:
    """Remember what the file begins with; False when it began otherwise when it came before.

    `head_size`: of so many bytes is the digest, since no more came; None: of the whole beginning.
    """
    return await _SIGN.run(tx, number=number, head_digest=head_digest, head_size=head_size) == 1


class Beginning(NamedTuple):
    """What came of a file that was cut off in its beginning."""

    id: int
    head_digest: bytes
    head_size: int


_BEGINNINGS = Statement(
    sa.select(*(i[name] for name in Beginning._fields)).where(i.source == _SOURCE, i.head_size.is_not(None)), Beginning
)
_RECOGNISE = Statement[None](
    sa.update(import_).where(i.id == _NUMBER, i.head_size.is_not(None)).values(head_digest=_HEAD_DIGEST, head_size=sa.null())
)


async def beginnings(tx: Connection, source_name: str) -> list[Beginning]:
    """Those of a source that were not recognised yet."""
    return await _BEGINNINGS.all(tx, source=source_name)


async def recognise(tx: Connection, number: int, head_digest: bytes) -> None:
    """Its file came: it begins with what has this digest."""
    await _RECOGNISE.run(tx, number=number, head_digest=head_digest)


_COMPLETE = Statement[None](
    sa.update(import_)
    .where(i.id == _NUMBER, i.row_count == parameter("rows", sa.BigInteger))
    .values(
        state="complete",
        last_error=sa.null(),
        finished_at=parameter("now", _INSTANT),
        lines=parameter("lines", sa.BigInteger),
        skipped=parameter("skipped", pg.JSONB),
        skipped_lines=parameter("skipped_lines", sa.BigInteger),
    )
)


async def complete_import(tx: Connection, number: int, rows: int, lines: int, skipped: Mapping[str, int]) -> bool:
    """End an import of so many rows and lines, of which some were passed over, by what they are; False: it was reopened.

    The database refuses one line more.
    """
    ended = await _COMPLETE.run(
        tx,
        number=number,
        now=await begun_at(tx),
        rows=rows,
        lines=lines,
        skipped=dict(skipped),
        skipped_lines=sum(skipped.values()),
    )
    return ended == 1


_WITHDRAW = Statement[None](
    sa.update(import_)
    .where(i.id == _NUMBER, i.state == sa.any_(parameter("of", pg.ARRAY(sa.Text))))
    .values(
        state=parameter("state", sa.Text),
        last_error=parameter("error", sa.Text),
        finished_at=parameter("now", _INSTANT),
        lines=sa.null(),
        skipped_lines=0,
        skipped=sa.text("'{}'::jsonb"),
        row_count=0,
        **dict.fromkeys(_PARTS, 0),
    )
)


async def withdraw_import(tx: Connection, number: int, state: ImportState, error: str, *, of: Sequence[ImportState]) -> bool:
    """End an import of which nothing counts as taken in; False when it is in none of the states `of`."""
    return await _WITHDRAW.run(tx, number=number, state=state, error=error, of=list(of), now=await begun_at(tx)) == 1


_CLOSE = Statement[None](
    sa.update(import_)
    .where(i.id == _NUMBER)
    .values(state=parameter("state", sa.Text), last_error=parameter("error", sa.Text), finished_at=parameter("now", _INSTANT))
)


async def close_import(tx: Connection, number: int, state: str, error: str | None = None) -> None:
    """End an import, or mark it interrupted so that it can be resumed."""
    await _CLOSE.run(tx, number=number, state=state, error=error, now=await begun_at(tx))
