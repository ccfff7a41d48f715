"""By which reading all of a source was read.

It moves with its settings and with the decoder of its kind (`decoding.reading_of`). Until a portal was read whole by the
reading of now, or somebody says that a source sent everything again, its dossiers are read in two ways.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.sources.tables import source as source_table
from shared.database import Connection
from shared.leases import NOW
from shared.statements import Statement, parameter

s = source_table.c

REVISIONS = parameter("revisions", pg.JSONB)
_NAME = parameter("name", sa.Text)
_READ_BY = parameter("read_by", sa.BigInteger)
# `decoding.reading_of`, of all rows at once.
_READING = s.reading + sa.func.coalesce(sa.cast(sa.func.jsonb_extract_path_text(REVISIONS, s.kind), sa.BigInteger), 0)
IS_OF_ANOTHER = s.read_by != _READING
"""Of a source: what was read of it was read otherwise than it is read now. Wants `revisions`."""
IS_NOT_DISMISSED = s.dismissed_reading.is_distinct_from(_READING)
"""Of a source: nobody dismissed that it is read by the reading of now, which it will never be. Wants `revisions`."""

_NOTE = Statement[None](
    sa.update(source_table)
    .where(IS_OF_ANOTHER, s.reread_since.is_(None))
    .values(
        reread_since=NOW,
        next_at=sa.case((s.kind == sa.any_(parameter("kinds", pg.ARRAY(sa.Text))), NOW), else_=s.next_at),
    )
)
_BEGIN = Statement[None](sa.update(source_table).where(s.name == _NAME, s.read_by.is_(None)).values(read_by=_READ_BY))
_BEGIN_ANEW = Statement[None](
    sa.update(source_table)
    .where(s.name == _NAME)
    .values(
        read_by=_READ_BY,
        cursor=sa.null(),
        reread_since=sa.case((s.read_by.is_not(None), sa.func.coalesce(s.reread_since, NOW))),
    )
)
_END = Statement[None](
    sa.update(source_table)
    # Not where the settings changed meanwhile.
    .where(s.name == _NAME, s.read_by == _READ_BY, s.reading == parameter("reading", sa.BigInteger))
    .values(reread_since=sa.null())
)
_SENT_AGAIN = Statement[None](
    sa.update(source_table)
    .where(s.name == _NAME, sa.or_(s.reread_since.is_not(None), s.read_by != _READ_BY))
    .values(
        read_by=_READ_BY,
        reread_since=sa.null(),
        sent_again_at=NOW,
        sent_again_by=parameter("who", sa.Text),
        sent_again_for=parameter("why", sa.Text),
    )
)


async def note_others(tx: Connection, revisions: Mapping[str, int], pulled: Sequence[str], now: datetime) -> None:
    """Say since when sources are of another reading than now, as a release brings one; those of the kinds `pulled` are due."""
    await _NOTE.run(tx, revisions=revisions, kinds=pulled, now=now)


async def begin(tx: Connection, name: str, read_by: int) -> None:
    """Something is read of a source; the first time, it is all that there is of it."""
    await _BEGIN.run(tx, name=name, read_by=read_by)


async def begin_anew(tx: Connection, name: str, read_by: int, now: datetime) -> None:
    """A source is read from its beginning, by another reading than before."""
    await _BEGIN_ANEW.run(tx, name=name, read_by=read_by, now=now)


async def end(tx: Connection, name: str, read_by: int, reading: int) -> None:
    """All of a source was read by `read_by`; `reading`: the revision of its settings then."""
    await _END.run(tx, name=name, read_by=read_by, reading=reading)


async def sent_again(tx: Connection, name: str, read_by: int, *, who: str, why: str, now: datetime) -> None:
    """Somebody says that a source sent everything again; nothing happens where nobody waits for that."""
    await _SENT_AGAIN.run(tx, name=name, read_by=read_by, who=who, why=why, now=now)
