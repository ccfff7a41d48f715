"""The counts of each day and agency behind the figures of a notice."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.notices.drafting.tables import notice_counts
from shared.database import Connection
from shared.statements import Statement, parameter

c = notice_counts.c
_OF_NOTICE = c.notice_id == parameter("notice_id", sa.BigInteger)
_INSERT = pg.insert(notice_counts).values({column: parameter(column.name, column.type) for column in c})
_PUT = Statement[None](_INSERT.on_conflict_do_update(index_elements=[c.notice_id], set_={"counts": _INSERT.excluded.counts}))
_DELETE = Statement[None](sa.delete(notice_counts).where(_OF_NOTICE))
_FIND = Statement(sa.select(c.counts).where(_OF_NOTICE), str)


async def put(tx: Connection, notice_id: int, counts: str | None) -> None:
    """Store the counts of a notice's figures, as JSON, in place of those it has; None: of these figures there are none."""
    if counts is None:
        await _DELETE.run(tx, notice_id=notice_id)
    else:
        await _PUT.run(tx, notice_id=notice_id, counts=counts)


async def find(tx: Connection, notice_id: int) -> str | None:
    """The counts as JSON; None: there are none, since an early version of metrics counted the figures."""
    return await _FIND.first(tx, notice_id=notice_id)
