"""Rows of pulls: begun, counted batch by batch, and ended."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Literal, NamedTuple

import sqlalchemy as sa

from services.ingest.pulls.tables import pull as pull_table
from shared.database import Connection
from shared.leases import NOW
from shared.statements import Statement, parameter

PullState = Literal["running", "complete", "interrupted", "failed"]


class PullRow(NamedTuple):
    """A pull, or the day of a source that sends; `seconds` from its beginning to its end, or to its last batch."""

    id: int
    source: str
    province: str
    since: datetime | None
    started_at: datetime
    finished_at: datetime | None
    seconds: float
    state: PullState
    pages: int
    calls: int
    served: int
    accepted: int
    known: int
    superseded: int
    quarantined: int
    verification: str | None
    verified: bool | None
    failure: str | None
    last_error: str | None


p = pull_table.c

_PROVINCE = parameter("province", sa.Text)
_SOURCE = parameter("source", sa.Text)
_PULL = parameter("pull", sa.BigInteger)

_RUNNING = sa.and_(p.source == _SOURCE, p.state == "running")
_CUT_OFF = Statement[None](sa.update(pull_table).where(_RUNNING).values(state="interrupted", finished_at=NOW))
_OPEN = Statement(
    sa.insert(pull_table)
    .values(
        source=_SOURCE, province=_PROVINCE, since=parameter("since", sa.DateTime(timezone=True)), started_at=NOW, touched_at=NOW
    )
    .returning(p.id),
    int,
)
_COUNTS = ("pages", "served", "accepted", "known", "superseded", "quarantined")
_COUNT = Statement[None](
    sa.update(pull_table)
    .where(p.id == _PULL)
    .values(
        touched_at=NOW,
        calls=parameter("calls", sa.BigInteger),
        **{name: p[name] + parameter(name, sa.BigInteger) for name in _COUNTS},
    )
)
_CALLS = Statement[None](sa.update(pull_table).where(p.id == _PULL).values(calls=parameter("calls", sa.BigInteger)))
_CLOSE = Statement[None](
    sa.update(pull_table)
    .where(p.id == _PULL)
    .values(
        finished_at=NOW,
        since=sa.case((parameter("whole", sa.Boolean), sa.null()), else_=p.since),
        **{
            name: parameter(name, p[name].type)
            for name in ("state", "calls", "verification", "verified", "last_error", "failure")
        },
    )
)


async def open_pull(tx: Connection, source_name: str, province: str, since: datetime | None, now: datetime) -> int:
    """Begin a pull's row; one that a killed worker left running is marked interrupted."""
    await _CUT_OFF.run(tx, source=source_name, now=now)
    return await _OPEN.one(tx, source=source_name, province=province, since=since, now=now)


async def count_batch(
    tx: Connection,
    pull: int,
    now: datetime,
    *,
    calls: int,
    pages: int,
    served: int,
    accepted: int,
    known: int,
    superseded: int,
    quarantined: int,
) -> None:
    """Add batches to the pull's row; the table refuses counts that do not add up. `calls`: made so far."""
    await _COUNT.run(
        tx,
        pull=pull,
        now=now,
        calls=calls,
        pages=pages,
        served=served,
        accepted=accepted,
        known=known,
        superseded=superseded,
        quarantined=quarantined,
    )


async def count_calls(tx: Connection, pull: int, calls: int) -> None:
    """How many calls a pull has made so far, so that a killed one has them too."""
    await _CALLS.run(tx, pull=pull, calls=calls)


async def close_pull(
    tx: Connection,
    pull: int,
    now: datetime,
    *,
    state: PullState,
    calls: int,
    verification: str | None = None,
    verified: bool | None = None,
    whole: bool = False,
    error: str | None = None,
    failure: str | None = None,
) -> None:
    """End a pull's row; `failure` is the category of `error`, `whole` says that it read more than from its `since` on."""
    await _CLOSE.run(
        tx,
        pull=pull,
        now=now,
        state=state,
        calls=calls,
        verification=verification,
        verified=verified,
        whole=whole,
        last_error=error,
        failure=failure,
    )


_LAST_COMPLETE = Statement(
    sa.select(sa.func.coalesce(sa.func.max(p.id), 0)).where(p.source == _SOURCE, p.id < _PULL, p.state == "complete"), int
)


async def last_complete(tx: Connection, source_name: str, before: int) -> int:
    """Number of the last complete pull of a source before the pull of this number; 0 where there is none."""
    return await _LAST_COMPLETE.one(tx, source=source_name, pull=before)


@cache
def _pulls(*, of_province: bool, of_source: bool, from_newest: bool) -> Statement[PullRow]:
    seconds = sa.extract("epoch", sa.func.coalesce(p.finished_at, p.touched_at) - p.started_at)
    shown = dict(p) | {"seconds": sa.cast(seconds, sa.Double).label("seconds")}
    found = sa.select(*(shown[name] for name in PullRow._fields)).order_by(p.id.desc())
    if of_province:
        found = found.where(p.province == _PROVINCE)
    if of_source:
        found = found.where(p.source == _SOURCE)
    if not from_newest:
        found = found.where(p.id < parameter("before", sa.BigInteger))
    return Statement(found.limit(parameter("limit", sa.BigInteger)), PullRow)


async def pulls(
    connection: Connection, province: str | None, source_name: str | None, before: int | None, limit: int
) -> list[PullRow]:
    """Pulls, newest first; of one province, of one source."""
    given = {"province": province, "source": source_name, "before": before}
    statement = _pulls(of_province=province is not None, of_source=source_name is not None, from_newest=before is None)
    return await statement.all(connection, limit=limit, **{name: value for name, value in given.items() if value is not None})


_END_DAY = Statement[None](
    sa.update(pull_table)
    .where(_RUNNING, p.started_at < parameter("day_began", sa.DateTime(timezone=True)))
    .values(state="complete", finished_at=NOW)
)
_DAY = Statement(sa.select(p.id).where(_RUNNING).order_by(p.id.desc()).limit(1), int)


async def day_of_pushes(tx: Connection, source_name: str, province: str, *, now: datetime, day_began: datetime) -> int:
    """The row that counts what a source sends on the day that began at `day_began`; the one of an earlier day is closed."""
    await _END_DAY.run(tx, source=source_name, now=now, day_began=day_began)
    number = await _DAY.first(tx, source=source_name)
    if number is None:
        number = await _OPEN.one(tx, source=source_name, province=province, since=None, now=now)
    return number
