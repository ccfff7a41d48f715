"""Reconciliations and the dossiers that differ."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.reconciliation.model import DifferenceSide
from services.ingest.reconciliation.tables import difference
from services.ingest.reconciliation.tables import reconciliation as reconciliation_table
from services.ingest.reconciliation.totals import AgencyTotals, Comparison, ReceivedMeans
from services.ingest.sources.store import sources
from services.ingest.sources.tables import source as source_table
from shared import leases
from shared.database import Connection
from shared.leases import NOW
from shared.statements import Statement, parameter


class ReconciliationProgress(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far a reconciliation came: what of the source's lists is still to be read in this round."""

    round: int = 0
    """Which reading of lists it is; 0: none began."""
    agencies: list[str] = []
    """Codes of the agencies that differed when the round began."""
    identifiers: list[str | None] = []
    """Lists that are not read to their end, by the source's ids of agencies; None: the list of all."""
    cursor: dict[str, object] | None = None
    """How far the first of them was read, as its kind writes it."""
    applied: bool = False
    """Something was taken in, in this round."""
    is_over: bool = False
    """Everything of the round is done."""


class LeasedReconciliation(NamedTuple):
    """A reconciliation that a worker has taken; `attempts` counts this one."""

    id: int
    source: str
    province: str
    from_on: date
    to_on: date
    attempts: int
    progress: ReconciliationProgress
    listed: bytes | None
    """A bit for each dossier number that the source listed in this round."""


class ReconciliationRow(NamedTuple):
    """A reconciliation as it stands; `differences` and `remarks` are entries of its list, `totals` are per agency."""

    id: int
    source: str
    province: str
    from_on: date
    to_on: date
    nightly_on: date | None
    state: Literal["planned", "running", "complete", "failed"]
    planned_at: datetime
    finished_at: datetime | None
    position: int | None
    totals: list[AgencyTotals]
    examined: int | None
    last_error: str | None
    failure: str | None
    equal: bool | None
    received_means: ReceivedMeans | None
    judged_at: datetime | None
    differences: int
    applied: int
    remarks: int
    dismissed_at: datetime | None
    dismissed_by: str | None
    dismissed_for: str | None


class Difference(NamedTuple):
    """A dossier that differs, and why; `there` and `here` are what either side says. A remark is of one that is alike."""

    code: str
    cause: str
    agency: str | None
    there: DifferenceSide | None
    here: DifferenceSide | None
    applied: bool
    remark: bool = False


r, d = reconciliation_table.c, difference.c

_NUMBER = parameter("number", sa.BigInteger)
_PROVINCE = parameter("province", sa.Text)
_SOURCE = parameter("source", sa.Text)
_LIMIT = parameter("limit", sa.BigInteger)
_LAST_ERROR, _FAILURE = parameter("last_error", sa.Text), parameter("failure", sa.Text)


# --- its course ----------------------------------------------------------------------------------------------------------

_PLAN = Statement(
    pg.insert(reconciliation_table)
    .values(
        source=_SOURCE,
        province=_PROVINCE,
        planned_at=NOW,
        not_before=NOW,
        **{name: parameter(name, sa.Date) for name in ("from_on", "to_on", "nightly_on")},
    )
    .on_conflict_do_nothing(index_elements=[r.source, r.nightly_on])
    .returning(r.id),
    int,
)


async def plan_reconciliation(
    tx: Connection, source_name: str, province: str, from_on: date, to_on: date, now: datetime, nightly_on: date | None = None
) -> int | None:
    """Have a source reconciled; None when the night's is planned already."""
    return await _PLAN.first(
        tx, source=source_name, province=province, from_on=from_on, to_on=to_on, nightly_on=nightly_on, now=now
    )


def _leased(*values: Any) -> LeasedReconciliation:
    row = LeasedReconciliation(*values)
    return row._replace(progress=msgspec.convert(row.progress or {}, ReconciliationProgress))


_OPEN = Statement(
    sa.select(r.id, r.source, r.province, r.from_on, r.to_on, (r.attempts + 1).label("attempts"), r.progress, r.listed)
    .join_from(reconciliation_table, source_table, source_table.c.name == r.source)
    .where(
        r.state.in_(("planned", "running")),
        r.not_before <= NOW,
        leases.is_free(reconciliation_table),
        leases.is_free(source_table),
        source_table.c.enabled,
    )
    # Who waited longest: two long ones in turn would else keep all others out.
    .order_by(r.not_before, r.id)
    .limit(1)
    .with_for_update(skip_locked=True),
    _leased,
)
_NEXT_SOURCE = Statement(
    sa.select(r.source)
    .join_from(reconciliation_table, source_table, source_table.c.name == r.source)
    .where(
        r.state.in_(("planned", "running")),
        r.not_before <= NOW,
        leases.is_free(reconciliation_table),
        source_table.c.enabled,
    )
    .order_by(r.not_before, r.id)
    .limit(1),
    str,
)
_TAKE = Statement[None](
    leases.acquire(reconciliation_table)
    .where(r.id == _NUMBER)
    .values(state="running", attempts=parameter("attempts", sa.Integer))
)
_SAVE_PROGRESS = Statement[None](
    sa.update(reconciliation_table)
    .where(r.id == _NUMBER, leases.is_held(reconciliation_table))
    .values(attempts=1, progress=parameter("progress", pg.JSONB), listed=parameter("listed", sa.LargeBinary))
)


async def lease_reconciliation(tx: Connection, worker: str, *, now: datetime, until: datetime) -> LeasedReconciliation | None:
    """Take the oldest open reconciliation whose source nobody reads, and the source with it.

    Both at once would ask the source twice as often as agreed. What an earlier worker left half done goes on where it was.
    """
    leased = await _OPEN.first(tx, now=now)
    if leased is None:
        return None
    await _TAKE.run(tx, number=leased.id, worker=worker, until=until, attempts=leased.attempts)
    await sources.lease_source(tx, leased.source, worker, until)
    return leased


async def next_source(connection: Connection, now: datetime) -> str | None:
    """The source of the oldest reconciliation that nobody carries out and that is due; None when there is none."""
    return await _NEXT_SOURCE.first(connection, now=now)


async def save_progress(
    tx: Connection, number: int, worker: str, now: datetime, progress: ReconciliationProgress, listed: bytes
) -> None:
    """Store how far a worker's reconciliation came; earlier tries that came no further count no more."""
    await _SAVE_PROGRESS.run(tx, number=number, worker=worker, now=now, progress=msgspec.to_builtins(progress), listed=listed)


_RENEW = Statement(leases.renew(reconciliation_table).where(r.id == _NUMBER, r.state == "running").returning(r.source), str)


async def renew_reconciliation(tx: Connection, number: int, worker: str, *, now: datetime, until: datetime) -> bool:
    """Hold it and its source on; False when its lease has run out: what was found must not be stored."""
    source_name = await _RENEW.first(tx, number=number, worker=worker, now=now, until=until)
    if source_name is None:
        return False
    return await sources.renew_source(tx, source_name, worker, now=now, until=until)


_RELEASING = leases.release(reconciliation_table).where(r.id == _NUMBER)
_FINISH = Statement[None](
    _RELEASING.values(
        state="complete",
        finished_at=NOW,
        position=parameter("position", sa.BigInteger),
        totals=parameter("totals", pg.JSONB),
        examined=parameter("examined", sa.BigInteger),
        equal=parameter("equal", sa.Boolean),
        received_means=parameter("received_means", sa.Text),
        judged_at=parameter("judged_at", sa.DateTime(timezone=True)),
        progress=sa.null(),
        listed=sa.null(),
        last_error=sa.null(),
        failure=sa.null(),
    )
)
_END_TURN = Statement[None](
    _RELEASING.values(state="planned", attempts=0, not_before=parameter("again_at", sa.DateTime(timezone=True)))
)
_GIVE_UP = Statement[None](_RELEASING.values(state="failed", finished_at=NOW, last_error=_LAST_ERROR, failure=_FAILURE))
_PUT_OFF = Statement[None](
    _RELEASING.values(
        state="planned",
        not_before=parameter("again_at", sa.DateTime(timezone=True)),
        last_error=_LAST_ERROR,
        failure=_FAILURE,
    )
)


async def finish_reconciliation(
    tx: Connection, number: int, worker: str, now: datetime, *, position: int, comparison: Comparison, examined: int
) -> None:
    """The end of a worker's reconciliation, with the totals per agency."""
    await _FINISH.run(
        tx,
        number=number,
        worker=worker,
        now=now,
        position=position,
        examined=examined,
        equal=all(one.equal for one in comparison.totals),
        **comparison._asdict(),
    )


async def end_turn(tx: Connection, number: int, worker: str, now: datetime, *, again_at: datetime) -> None:
    """A worker's reconciliation leaves its source to the pulls, and goes on at `again_at`."""
    await _END_TURN.run(tx, number=number, worker=worker, now=now, again_at=again_at)


async def reschedule(
    tx: Connection, number: int, worker: str, error: str, failure: str, now: datetime, *, again_at: datetime
) -> None:
    """A worker's reconciliation could not be finished; it is tried again at `again_at`."""
    await _PUT_OFF.run(tx, number=number, worker=worker, now=now, last_error=error, failure=failure, again_at=again_at)


async def mark_failed(tx: Connection, number: int, worker: str, error: str, failure: str, now: datetime) -> None:
    """A worker's reconciliation could not be finished, and is not tried again."""
    await _GIVE_UP.run(tx, number=number, worker=worker, last_error=error, failure=failure, now=now)


_OF_RETIRED = sa.exists().where(source_table.c.name == r.source, source_table.c.retired_at.is_not(None))
_DISMISS = Statement[None](
    sa.update(reconciliation_table)
    .where(r.id == _NUMBER, r.state == "complete", _OF_RETIRED)
    .values(dismissed_at=NOW, dismissed_by=parameter("who", sa.Text), dismissed_for=parameter("why", sa.Text))
)
_NOT_DISMISSED = dict.fromkeys(("dismissed_at", "dismissed_by", "dismissed_for"), sa.null())
_TAKE_BACK = Statement[None](sa.update(reconciliation_table).where(r.id == _NUMBER).values(_NOT_DISMISSED))


async def dismiss(tx: Connection, number: int, *, who: str, why: str, now: datetime) -> bool:
    """Store that what it found is no longer awaited; False where its source is in use, or it has not ended."""
    return await _DISMISS.run(tx, number=number, who=who, why=why, now=now) == 1


async def take_back_dismissal(tx: Connection, number: int) -> None:
    """What it found is awaited again."""
    await _TAKE_BACK.run(tx, number=number)


# --- what it found -------------------------------------------------------------------------------------------------------

_INSERT_DIFFERENCE = pg.insert(difference).values(
    reconciliation=_NUMBER, **{name: parameter(name, d[name].type) for name in Difference._fields}
)
_PUT_DIFFERENCE = Statement[None](
    _INSERT_DIFFERENCE.on_conflict_do_update(
        index_elements=[d.reconciliation, d.code, d.cause],
        set_={name: _INSERT_DIFFERENCE.excluded[name] for name in ("agency", "there", "here", "applied", "remark")},
        where=sa.and_(d.remark, sa.not_(_INSERT_DIFFERENCE.excluded.remark)),
    )
)


async def put_differences(tx: Connection, number: int, rows: Sequence[Difference]) -> None:
    """Add to the list of a reconciliation; what differs takes the place of a remark."""
    await _PUT_DIFFERENCE.run_many(tx, [{"number": number, **row._asdict()} for row in rows])


def _row(*values: Any) -> ReconciliationRow:
    row = ReconciliationRow(*values)
    return row._replace(totals=msgspec.convert(row.totals, list[AgencyTotals]))


def _select() -> sa.Select[Any]:
    def listed(*conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
        return sa.select(sa.func.count()).where(d.reconciliation == r.id, *conditions).scalar_subquery()

    columns = dict(r) | {
        "totals": sa.func.coalesce(r.totals, sa.literal_column("'[]'::jsonb", pg.JSONB), type_=pg.JSONB).label("totals"),
        "differences": listed(sa.not_(d.remark)).label("differences"),
        "applied": listed(sa.not_(d.remark), d.applied).label("applied"),
        "remarks": listed(d.remark).label("remarks"),
    }
    return sa.select(*(columns[name] for name in ReconciliationRow._fields))


_ONE = Statement(_select().where(r.id == _NUMBER), _row)


@cache
def _several(*, of_province: bool, of_source: bool, from_newest: bool) -> Statement[ReconciliationRow]:
    found = _select().order_by(r.id.desc())
    if of_province:
        found = found.where(r.province == _PROVINCE)
    if of_source:
        found = found.where(r.source == _SOURCE)
    if not from_newest:
        found = found.where(r.id < parameter("before", sa.BigInteger))
    return Statement(found.limit(_LIMIT), _row)


async def reconciliations(
    connection: Connection, province: str | None, source_name: str | None, before: int | None, limit: int
) -> list[ReconciliationRow]:
    """Reconciliations, newest first; of one province, of one source."""
    given = {"province": province, "source": source_name, "before": before}
    statement = _several(of_province=province is not None, of_source=source_name is not None, from_newest=before is None)
    return await statement.all(connection, limit=limit, **{name: value for name, value in given.items() if value is not None})


async def reconciliation(connection: Connection, number: int) -> ReconciliationRow | None:
    """One reconciliation."""
    return await _ONE.first(connection, number=number)


def _difference(*values: Any) -> Difference:
    row = Difference(*values)
    return row._replace(
        there=msgspec.convert(row.there, DifferenceSide | None), here=msgspec.convert(row.here, DifferenceSide | None)
    )


@cache
def _differences(given: frozenset[str]) -> Statement[Difference]:
    key = sa.collate(d.code + " " + d.cause, "C")
    found = (
        sa.select(*(d[name] for name in Difference._fields))
        .where(d.reconciliation == _NUMBER, key > parameter("after", sa.Text))
        .order_by(key)
    )
    matching = {name: d[name] == parameter(name, d[name].type) for name in ("cause", "agency", "remark")}
    found = found.where(*(condition for name, condition in matching.items() if name in given))
    return Statement(found.limit(_LIMIT), _difference)


async def differences(
    connection: Connection,
    number: int,
    *,
    cause: str | None = None,
    agency: str | None = None,
    remark: bool | None = None,
    after: str = "",
    limit: int,
) -> list[Difference]:
    """The list of a reconciliation by code and cause; `after` is `code cause` of the last one seen."""
    filters: dict[str, object] = {"cause": cause, "agency": agency, "remark": remark}
    given = {name: value for name, value in filters.items() if value is not None}
    return await _differences(frozenset(given)).all(connection, number=number, after=after, limit=limit, **given)
