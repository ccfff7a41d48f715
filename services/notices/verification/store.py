"""Finding issued notices by the digests of their files, and what took their place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.notices.drafting.model import IssuedState
from services.notices.drafting.store.notices import corrections
from services.notices.drafting.tables import notice, rendering
from services.notices.issuing.tables import issued_notice
from services.notices.rendering.model import RenderingFormat
from shared.database import Connection
from shared.statements import Statement, parameter

f, i, n = rendering.c, issued_notice.c, notice.c


class IssuedFile(NamedTuple):
    """A file that was issued."""

    notice_id: int
    format: RenderingFormat
    digest: bytes


_FIND = Statement(
    sa.select(f.notice_id, f.format, f.digest)
    .join_from(rendering, issued_notice, i.notice_id == f.notice_id)
    .where(f.digest == sa.any_(parameter("digests", pg.ARRAY(sa.LargeBinary))))
    .limit(1),
    IssuedFile,
)


async def find_file(tx: Connection, digests: Sequence[bytes]) -> IssuedFile | None:
    """An issued file with one of these SHA-256, or None."""
    return await _FIND.first(tx, digests=list(digests))


class StatedNotice(NamedTuple):
    """An issued notice and its state."""

    notice_id: int
    reference: str
    issued_on: date
    state: IssuedState


_CHAIN = corrections(sa.select(parameter("notice_id", sa.BigInteger)))
_SUCCESSION = Statement(
    sa.select(i.notice_id, i.reference, i.issued_on, n.state)
    .join_from(_CHAIN, issued_notice, i.notice_id == _CHAIN.c.notice_id)
    .join(notice, n.id == i.notice_id)
    .order_by(_CHAIN.c.place),
    StatedNotice,
)


async def succession(tx: Connection, notice_id: int) -> list[StatedNotice]:
    """An issued notice, what took its place, what took the place of that, and so on, as all of them are at one instant."""
    return await _SUCCESSION.all(tx, notice_id=notice_id)
