"""Finding issued notices by the digests of their files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.notices.drafting.tables import rendering
from services.notices.issuing.tables import issued_notice
from services.notices.rendering.model import RenderingFormat
from shared.database import Connection
from shared.statements import Statement, parameter

f, i = rendering.c, issued_notice.c


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
