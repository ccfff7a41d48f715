"""Dossier versions: what was known of each dossier, from which position to which; and how a batch of them is counted."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa
from asyncpg import Range
from sqlalchemy.dialects import postgresql as pg

from services.metrics.counting.measures import COLUMNS
from services.metrics.counting.store.contributions import contributions
from services.metrics.counting.tables.counters import agency_day, agency_month, ledger
from services.metrics.counting.tables.versions import dossier_version
from shared.contracts.feed import FeedItem
from shared.database import Connection, set_plans
from shared.statements import Statement, parameter

NEVER = date.max
"""PostgreSQL's `infinity`, as asyncpg reads and writes it."""

_NO_DAYS = (NEVER, NEVER, NEVER)


class VersionRow(NamedTuple):
    """A row of `dossier_version`, its fields the table's columns in their order."""

    province: str
    number: int
    position: int
    received_on: date | None
    ended_on: date
    due_on: date | None
    late_from: date
    portal_late_from: date
    due_soon_1: date
    due_soon_3: date
    due_soon_5: date
    agency_no: int
    supplements: int | None
    spent_minutes: int | None
    limit_minutes: int | None
    channel: str | None
    outcome: str | None
    timeliness: str | None
    portal_timeliness: str | None
    interlinked: bool
    digitisation_required: bool
    digitised_intake: bool
    digitised_result: bool
    fee_required: bool
    fee_online: bool
    reused: bool | None
    synced_late: bool | None
    deleted: bool
    code: str
    status: str
    procedure: str | None
    cause: str | None
    pauses: list[Range[date]] | None
    contradictions: list[str] | None
    contradiction_sources: list[str] | None
    misrouted: bool
    step_days: list[date] | None
    step_minutes: list[int | None] | None
    step_departments: list[str | None] | None
    step_names: list[str | None] | None
    index_due_on: date | None
    index_late: bool
    result_coded: bool | None
    from_storage: bool | None
    account_verified: bool | None
    index_ended_on: date | None
    intake_stated: bool
    result_stated: bool
    fee_stated: bool


async def insert(tx: Connection, province: str, items: Iterable[FeedItem], agencies: dict[str | None, int]) -> None:
    """Store the items; at most one of each dossier, every key numbered already."""
    await tx.copy_records_to_table(
        dossier_version.name,
        schema_name=dossier_version.schema,
        columns=VersionRow._fields,
        records=(row_of(province, item, agencies) for item in items),
    )


def row_of(province: str, item: FeedItem, agencies: dict[str | None, int]) -> VersionRow:
    """The row of an item; every key is numbered in `agencies`."""
    facts = item.facts
    soon = facts.due_soon or _NO_DAYS
    pauses, steps = facts.suspensions, facts.steps
    return VersionRow(
        province=province,
        number=item.number,
        position=item.position,
        received_on=facts.received_on,
        ended_on=facts.ended_on or NEVER,
        due_on=facts.due_on,
        late_from=facts.late_from or NEVER,
        portal_late_from=facts.portal_late_from or NEVER,
        due_soon_1=soon[0],
        due_soon_3=soon[1],
        due_soon_5=soon[2],
        agency_no=agencies[facts.agency],
        supplements=facts.supplements,
        spent_minutes=facts.spent_minutes,
        limit_minutes=facts.limit_minutes,
        channel=facts.channel,
        outcome=facts.outcome,
        timeliness=facts.timeliness,
        portal_timeliness=facts.portal_timeliness,
        interlinked=facts.interlinked,
        digitisation_required=facts.digitisation_required,
        digitised_intake=facts.digitised_intake is True,
        digitised_result=facts.digitised_result is True,
        fee_required=facts.fee_required,
        fee_online=facts.fee_online is True,
        reused=facts.reused,
        synced_late=facts.synced_late,
        deleted=facts.deleted,
        code=facts.code,
        status=facts.status,
        procedure=facts.procedure,
        cause=facts.cause,
        pauses=[Range(since, until or NEVER) for since, until in pauses] if pauses else None,
        contradictions=[one.kind for one in facts.contradictions] or None,
        contradiction_sources=[one.source for one in facts.contradictions] or None,
        misrouted=facts.misrouted > 0,
        step_days=[one.ended_on for one in steps] if steps else None,
        step_minutes=[one.minutes_over for one in steps] if steps else None,
        step_departments=[one.department for one in steps] if steps else None,
        step_names=[one.step for one in steps] if steps else None,
        index_due_on=facts.index_due_on,
        index_late=facts.index_late,
        result_coded=facts.result_coded,
        from_storage=facts.from_storage,
        account_verified=facts.account_verified,
        index_ended_on=(facts.index_ended_on or NEVER) if facts.index_judged else None,
        intake_stated=facts.digitised_intake is not None,
        result_stated=facts.digitised_result is not None,
        fee_stated=facts.fee_online is not None,
    )


_PROVINCE = parameter("province", sa.Text)

_NEWEST_NUMBER = Statement(
    sa.select(dossier_version.c.number)
    .where(dossier_version.c.province == _PROVINCE)
    .order_by(dossier_version.c.number.desc())
    .limit(1),
    int,
)


async def newest_number(tx: Connection, province: str) -> int:
    """The highest number of a dossier that has versions; 0 when there is none."""
    return await _NEWEST_NUMBER.first(tx, province=province) or 0


def _touched() -> sa.Subquery:
    """Versions that count from the batch on, and those that they follow.

    New dossiers have one version, and are read in one go; of the others each has its own two latest.
    """
    version, one = dossier_version.alias("version"), dossier_version.alias("one")
    new = sa.select(sa.literal(1).label("sign"), *version.c).where(
        version.c.province == _PROVINCE,
        version.c.number.between(parameter("first_new", sa.BigInteger), parameter("last_new", sa.BigInteger)),
    )
    known = sa.func.unnest(parameter("known", pg.ARRAY(sa.BigInteger))).table_valued("number", name="known").render_derived()
    two = (
        sa.select(*one.c)
        .where(one.c.province == _PROVINCE, one.c.number == known.c.number)
        .order_by(one.c.position.desc())
        .limit(2)
        .lateral("version")
    )
    sign = sa.case((two.c.position >= parameter("first", sa.BigInteger), 1), else_=-1)
    followed = sa.select(sign.label("sign"), *two.c).select_from(known.join(two, sa.true()))
    return sa.union_all(new, followed).subquery("touched")


def _count() -> pg.Insert:
    cell = contributions(_touched()).cte("cell").prefix_with("MATERIALIZED", dialect="postgresql")
    counts = [cell.c[name] for name in COLUMNS]
    last = parameter("last", sa.BigInteger)
    booked = (
        sa.insert(ledger)
        .from_select(
            ["province", "position", "agency_no", "day", *COLUMNS],
            sa.select(_PROVINCE, last, cell.c.agency_no, cell.c.day, *counts),
        )
        .cte("booked")
    )
    month = sa.cast(sa.func.date_trunc("month", cell.c.day), sa.Date)
    monthly = _added(
        agency_month,
        "month",
        sa.select(_PROVINCE, cell.c.agency_no, month.label("month"), *(sa.func.coalesce(sa.func.sum(one), 0) for one in counts))
        .group_by(cell.c.agency_no, month)
        .order_by(cell.c.agency_no, month),
    ).cte("monthly")
    daily = sa.select(_PROVINCE, cell.c.agency_no, cell.c.day, *(sa.func.coalesce(one, 0) for one in counts))
    return _added(agency_day, "day", daily.order_by(cell.c.agency_no, cell.c.day)).add_cte(booked, monthly)


def _added(table: sa.Table, day: str, source: sa.Select[tuple[object, ...]]) -> pg.Insert:
    """An additive upsert."""
    insert = pg.insert(table).from_select(["province", "agency_no", day, *COLUMNS], source)
    return insert.on_conflict_do_update(
        index_elements=["province", "agency_no", day],
        set_={name: table.c[name] + insert.excluded[name] for name in COLUMNS},
    )


_COUNT = Statement[None](_count)


async def count_batch(tx: Connection, province: str, first: int, last: int, numbers: Collection[int], newest: int) -> None:
    """Add the difference between the versions of a batch and those that they follow to the counters and to the ledger.

    `numbers`: the dossiers of the batch, of which `insert` stored one version each; those above `newest` had none before.
    """
    await set_plans(tx, "each time")  # batches of one version and of thousands want different plans
    await _COUNT.run(
        tx,
        province=province,
        first=first,
        last=last,
        known=sorted(number for number in numbers if number <= newest),
        first_new=newest + 1,
        last_new=max(numbers),
    )


_DROPS = [
    Statement[None](sa.delete(table).where(table.c.province == _PROVINCE))
    for table in (dossier_version, agency_day, agency_month, ledger)
]


async def drop(tx: Connection, province: str) -> None:
    """Drop all versions of a province, and what was counted of them."""
    for statement in _DROPS:
        await statement.run(tx, province=province)
