"""What people enter because no portal counts it: counts by day, and points of an index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.indices.model import Assessment
from services.metrics.manual_inputs.tables import assessment, evidence
from services.metrics.provinces.store import touch
from services.metrics.provinces.tables import province as province_table
from shared.database import Connection
from shared.statements import Statement, parameter

_PROVINCE = parameter("province", sa.Text)
_SINCE, _UNTIL = parameter("since", sa.Date), parameter("until", sa.Date)


def _enter() -> sa.Insert:
    counts = (
        sa.func.unnest(parameter("measures", pg.ARRAY(sa.Text)), parameter("amounts", pg.ARRAY(sa.Integer)))
        .table_valued(sa.column("measure", sa.Text), sa.column("amount", sa.Integer))
        .render_derived(name="counts")
    )
    known = province_table.c
    entered = {
        "province": known.province,
        "agency_no": parameter("agency_no", sa.Integer),
        "day": parameter("day", sa.Date),
        "measure": counts.c.measure,
        "amount": counts.c.amount,
        "source": parameter("source", sa.Text),
        "position": known.position,
        "entered_by": parameter("by", sa.Text),
    }
    return sa.insert(evidence).from_select(
        list(entered),
        sa.select(*entered.values()).select_from(province_table.join(counts, sa.true())).where(known.province == _PROVINCE),
    )


_ENTER = Statement[None](_enter())


async def enter(tx: Connection, province: str, agency_no: int, day: date, counts: dict[str, int], source: str, by: str) -> None:
    """Add counts of a day; they are known from the position on that the province is at, which nobody moves meanwhile."""
    await touch(tx, province)
    await _ENTER.run(
        tx,
        province=province,
        agency_no=agency_no,
        day=day,
        measures=list(counts),
        amounts=list(counts.values()),
        source=source,
        by=by,
    )


_WAS_ENTERED = Statement(
    sa.select(
        sa.exists().where(
            evidence.c.province == _PROVINCE,
            evidence.c.agency_no == sa.any_(parameter("agencies", pg.ARRAY(sa.Integer))),
            evidence.c.day.between(_SINCE, _UNTIL),
            evidence.c.measure == parameter("measure", sa.Text),
        )
    ),
    bool,
)


async def was_entered(tx: Connection, province: str, agencies: Sequence[int], since: date, until: date, measure: str) -> bool:
    """Whether anything of a measure was entered, be it 0."""
    return await _WAS_ENTERED.one(tx, province=province, agencies=list(agencies), since=since, until=until, measure=measure)


_ASSESS = Statement[None](
    sa.insert(assessment)
    .inline()
    .values(
        province=_PROVINCE,
        scope=parameter("scope", sa.Text),
        index=parameter("index", sa.Text),
        component=parameter("component", sa.Text),
        since=_SINCE,
        until=_UNTIL,
        points=parameter("points", sa.Double),
        basis=parameter("basis", sa.Text),
        entered_by=parameter("by", sa.Text),
    )
)


async def assess(
    tx: Connection, province: str, scope: str, index: str, since: date, until: date, made: Assessment, by: str
) -> None:
    """Enter points of a component for a scope and period; the newest counts."""
    await _ASSESS.run(
        tx,
        province=province,
        scope=scope,
        index=index,
        component=made.component,
        since=since,
        until=until,
        points=made.points,
        basis=made.basis,
        by=by,
    )
    await touch(tx, province)


_ASSESSMENTS = Statement(
    sa.select(assessment.c.component, assessment.c.points, assessment.c.basis)
    .ext(pg.distinct_on(assessment.c.component))
    .where(
        assessment.c.province == _PROVINCE,
        assessment.c.scope == parameter("scope", sa.Text),
        assessment.c.index == parameter("index", sa.Text),
        assessment.c.since == _SINCE,
        assessment.c.until == _UNTIL,
    )
    .order_by(assessment.c.component, assessment.c.id.desc()),
    Assessment,
)


async def assessments(tx: Connection, province: str, scope: str, index: str, since: date, until: date) -> dict[str, Assessment]:
    """The newest assessment of each component for exactly this scope and period."""
    found = await _ASSESSMENTS.all(tx, province=province, scope=scope, index=index, since=since, until=until)
    return {one.component: one for one in found}
