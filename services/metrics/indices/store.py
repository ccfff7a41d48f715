"""Points of an index that people enter, for a scope and period."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.indices.model import Assessment
from services.metrics.indices.tables import assessment
from services.metrics.provinces.store.provinces import touch
from shared.database import Connection
from shared.statements import Statement, parameter

_PROVINCE = parameter("province", sa.Text)
_SINCE, _UNTIL = parameter("since", sa.Date), parameter("until", sa.Date)

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
        recorded_by=parameter("by", sa.Text),
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
