"""Points of an index that people enter for a scope and period, and scores that the portal published."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.indices.model import Assessment
from services.metrics.indices.published import Published
from services.metrics.indices.tables import assessment, published_score
from services.metrics.provinces.store.provinces import touch
from services.metrics.provinces.tables import province as province_table
from shared.database import Connection
from shared.statements import Statement, parameter

_PROVINCE = parameter("province", sa.Text)
_SINCE, _UNTIL = parameter("since", sa.Date), parameter("until", sa.Date)


def _assess() -> sa.Insert:
    known = province_table.c
    columns = {
        "province": known.province,
        **{name: parameter(name, sa.Text) for name in ("scope", "index", "component")},
        "since": _SINCE,
        "until": _UNTIL,
        "points": parameter("points", sa.Double),
        "basis": parameter("basis", sa.Text),
        "position": known.position,
        "recorded_by": parameter("by", sa.Text),
    }
    return sa.insert(assessment).from_select(list(columns), sa.select(*columns.values()).where(known.province == _PROVINCE))


_ASSESS = Statement[None](_assess)


async def assess(
    tx: Connection, province: str, scope: str, index: str, since: date, until: date, made: Assessment, by: str
) -> None:
    """Enter points of a component for a scope and period, known from the province's position on; the newest counts."""
    await touch(tx, province)
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


class _Assessed(NamedTuple):
    scope: str
    component: str
    points: float
    basis: str


_ASSESSMENTS = Statement(
    sa.select(*(assessment.c[name] for name in _Assessed._fields))
    .ext(pg.distinct_on(assessment.c.scope, assessment.c.component))
    .where(
        assessment.c.province == _PROVINCE,
        assessment.c.scope == sa.any_(parameter("scopes", pg.ARRAY(sa.Text))),
        assessment.c.index == parameter("index", sa.Text),
        assessment.c.since == _SINCE,
        assessment.c.until == _UNTIL,
        assessment.c.position <= parameter("position", sa.BigInteger),
    )
    .order_by(assessment.c.scope, assessment.c.component, assessment.c.id.desc()),
    _Assessed,
)


async def assessments(
    tx: Connection, province: str, scopes: Sequence[str], index: str, since: date, until: date, position: int
) -> dict[str, dict[str, Assessment]]:
    """By scope the newest assessment of each component for exactly this period, as known at a position."""
    rows = await _ASSESSMENTS.all(
        tx, province=province, scopes=list(scopes), index=index, since=since, until=until, position=position
    )
    found: dict[str, dict[str, Assessment]] = {}
    for row in rows:
        found.setdefault(row.scope, {})[row.component] = Assessment(row.component, row.points, row.basis)
    return found


_RESET_POSITIONS = Statement[None](sa.update(assessment).where(assessment.c.province == _PROVINCE).values(position=0))


async def reset_positions(tx: Connection, province: str) -> None:
    """Let all assessments of a province be known from position 0 on, since its feed begins anew."""
    await _RESET_POSITIONS.run(tx, province=province)


_PUBLISHED: dict[str, sa.types.TypeEngine[Any]] = {
    "code": sa.Text(),
    "unit": sa.Text(),
    "numerator": sa.Double(),
    "denominator": sa.Double(),
    "points": sa.Double(),
    "out_of": sa.Double(),
}


def _publish() -> sa.Insert:
    given = (
        sa.func.unnest(*(parameter(name, pg.ARRAY(kind)) for name, kind in _PUBLISHED.items()))
        .table_valued(*(sa.column(name, kind) for name, kind in _PUBLISHED.items()), name="given")
        .render_derived()
    )
    columns = {
        "province": _PROVINCE,
        "scope": parameter("scope", sa.Text),
        "since": _SINCE,
        "until": _UNTIL,
        **{name: given.c[name] for name in _PUBLISHED},
        "published_on": parameter("published_on", sa.Date),
        "recorded_by": parameter("by", sa.Text),
    }
    return sa.insert(published_score).from_select(list(columns), sa.select(*columns.values()))


_PUBLISH = Statement[None](_publish)


async def publish(
    tx: Connection, province: str, scope: str, since: date, until: date, found: Sequence[Published], on: date, by: str
) -> None:
    """Store scores as they were published on a day; what was stored before stays."""
    rows = [one._asdict() for one in found]
    lists: dict[str, list[Any]] = {name: [row[name] for row in rows] for name in _PUBLISHED}
    await _PUBLISH.run(tx, province=province, scope=scope, since=since, until=until, published_on=on, by=by, **lists)
    await touch(tx, province)


class PublishedRow(NamedTuple):
    """A published score with its day."""

    code: str
    unit: str | None
    numerator: float | None
    denominator: float | None
    points: float | None
    out_of: float | None
    published_on: date


_PUBLISHED_ROWS = Statement(
    sa.select(*(published_score.c[name] for name in PublishedRow._fields))
    .ext(pg.distinct_on(published_score.c.code, published_score.c.unit))
    .where(
        published_score.c.province == _PROVINCE,
        published_score.c.scope == parameter("scope", sa.Text),
        published_score.c.since == _SINCE,
        published_score.c.until == _UNTIL,
    )
    .order_by(
        published_score.c.code, published_score.c.unit, published_score.c.published_on.desc(), published_score.c.id.desc()
    ),
    PublishedRow,
)


async def published(tx: Connection, province: str, scope: str, since: date, until: date) -> list[PublishedRow]:
    """The newest published score of each code and unit, for exactly this scope and period."""
    return await _PUBLISHED_ROWS.all(tx, province=province, scope=scope, since=since, until=until)
