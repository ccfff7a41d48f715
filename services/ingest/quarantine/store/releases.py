"""How records leave quarantine, and wait again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.events.model import Reason
from services.ingest.quarantine.model import ReleasedBy, WaitingRecord
from services.ingest.quarantine.tables import WAITS, quarantine
from shared.database import Connection
from shared.leases import NOW
from shared.statements import Statement, begun_at, parameter

_q = quarantine.c
_INSTANT = sa.DateTime(timezone=True)
_DISMISSAL = ("dismissed_at", "dismissed_by", "dismissed_for")
_OPEN_OF_SOURCE = sa.and_(_q.province == parameter("province", sa.Text), WAITS, _q.source == parameter("source", sa.Text))
# A fault of ours is not mended by what a source leaves out.
_FAULT_OF_THEIRS = _q.reason != Reason.unforeseen.value
_IDS = sa.any_(parameter("ids", pg.ARRAY(sa.BigInteger)))
_RELEASED_BY = parameter("released_by", sa.Text)
_RELEASE = Statement[None](
    sa.update(quarantine)
    .where(_q.id == _IDS, _q.released_at.is_(None))
    .values(released_at=NOW, released_by=_RELEASED_BY, **dict.fromkeys(_DISMISSAL, sa.null()))
)


async def release_quarantined(tx: Connection, numbers: Sequence[int], released_by: ReleasedBy) -> None:
    """Mark records as made good; those that were dismissed as well."""
    if numbers:
        await _RELEASE.run(tx, ids=sorted(numbers), released_by=released_by, now=await begun_at(tx))


_RELEASE_UNSERVED = Statement[None](
    sa.update(quarantine)
    .where(
        _OPEN_OF_SOURCE,
        sa.func.coalesce(_q.pull, 0) <= parameter("last_pull", sa.BigInteger),
        _FAULT_OF_THEIRS,
    )
    .values(released_at=NOW, released_by="gone")
)


async def release_unserved(tx: Connection, province: str, source_name: str, last_pull: int) -> None:
    """Release what a whole reading of a source, which began after the pull of this number, did not serve any more."""
    await _RELEASE_UNSERVED.run(tx, province=province, source=source_name, last_pull=last_pull, now=await begun_at(tx))


_RELEASE_IMPORTED = Statement[None](
    sa.update(quarantine)
    .where(
        _OPEN_OF_SOURCE,
        _q["import"] == parameter("imported", sa.BigInteger),
        _FAULT_OF_THEIRS,
    )
    .values(released_at=NOW, released_by="gone")
)


async def release_imported(tx: Connection, province: str, source_name: str, imported: int) -> None:
    """Release what an import alone served, of which nothing is kept."""
    await _RELEASE_IMPORTED.run(tx, province=province, source=source_name, imported=imported, now=await begun_at(tx))


_READ_SINCE = Statement(
    sa.select(*(_q[name] for name in WaitingRecord._fields)).where(
        _q.province == parameter("province", sa.Text),
        _q.released_by == "read",
        _q.released_at >= parameter("since", _INSTANT),
        sa.or_(
            _q.code == sa.any_(parameter("codes", pg.ARRAY(sa.Text))),
            sa.and_(_q.code.is_(None), _q.known_by == sa.any_(parameter("known_by", pg.ARRAY(sa.LargeBinary)))),
        ),
    ),
    WaitingRecord,
)
_HOLD_AGAIN = Statement[None](sa.update(quarantine).where(_q.id == _IDS).values(released_at=sa.null(), released_by=sa.null()))


async def read_since(
    tx: Connection, province: str, codes: Sequence[str], known_by: Sequence[bytes], since: datetime
) -> list[WaitingRecord]:
    """What left quarantine since an instant, as what these codes, or these digests in their place, name was read cleanly."""
    return await _READ_SINCE.all(tx, province=province, codes=codes, known_by=known_by, since=since)


async def hold_again(tx: Connection, numbers: Sequence[int]) -> None:
    """Have released records wait again."""
    if numbers:
        await _HOLD_AGAIN.run(tx, ids=sorted(numbers))
