"""Points that people enter for a scope and period, scores that the portal published, and dossiers that are still open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.counting.store.contributions import COUNTED, known_at
from services.metrics.counting.tables.versions import NEVER, dossier_version
from services.metrics.counting.terms import over
from services.metrics.indices.model import Assessment
from services.metrics.indices.published import Published
from services.metrics.indices.pulling import Pull
from services.metrics.indices.tables import assessment, published_pull, published_score
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


class Ahead(NamedTuple):
    """Dossiers of an agency in process on a day of a period, by what may become of them by decision 766 until its end."""

    agency_no: int
    in_reach: int
    """Received in the period, and due after the day and before the last: late unless they end in time."""
    carried_in_time: int
    """Of earlier periods, and not late: they count with their end."""
    carried_due: int
    """Of these, due before the last day."""
    carried_late: int
    """Of earlier periods, and late whenever they end."""
    next_received: int
    """Of `in_reach`, due on the day or the next."""
    next_carried: int
    """Of `carried_in_time`, due on the day or the next."""


def _ahead() -> sa.Select[Any]:
    version = dossier_version.alias("version")
    c, day = version.c, parameter("day", sa.Date)
    once, own = sa.func.coalesce(c.supplements, 0) <= 1, c.received_on >= _SINCE
    is_ahead = sa.and_(once, sa.or_(c.index_due_on.is_(None), c.index_due_on >= day))
    is_due = sa.and_(once, c.index_due_on >= day, c.index_due_on < _UNTIL)
    is_next = sa.and_(once, c.index_due_on.between(day, day + 1))
    counts = {
        "in_reach": sa.and_(own, is_due),
        "carried_in_time": sa.and_(~own, is_ahead),
        "carried_due": sa.and_(~own, is_due),
        "carried_late": sa.and_(~own, ~is_ahead),
        "next_received": sa.and_(own, is_due, is_next),
        "next_carried": sa.and_(~own, is_next),
    }
    return (
        sa.select(c.agency_no, *(sa.func.count().filter(one).label(name) for name, one in counts.items()))
        .where(
            c.province == _PROVINCE,
            c.agency_no == sa.any_(parameter("agencies", pg.ARRAY(sa.Integer))),
            over(COUNTED, version),
            c.ended_on == NEVER,
            c.index_ended_on == NEVER,
            c.received_on <= _UNTIL,
            known_at(version, parameter("position", sa.BigInteger)),
        )
        .group_by(c.agency_no)
    )


_AHEAD = Statement(_ahead, Ahead)


async def ahead(
    tx: Connection, province: str, agencies: Sequence[int], since: date, until: date, day: date, position: int
) -> list[Ahead]:
    """By agency what is in process, as known at a position and looked at on a day of the period; absent where nothing is."""
    given = {"since": since, "until": until, "day": day, "position": position}
    return await _AHEAD.all(tx, province=province, agencies=list(agencies), **given)


_OF_DAY = Statement(
    sa.select(*(published_score.c[name] for name in Published._fields))
    .ext(pg.distinct_on(published_score.c.code, published_score.c.unit))
    .where(
        published_score.c.province == _PROVINCE,
        published_score.c.scope == parameter("scope", sa.Text),
        published_score.c.since == _SINCE,
        published_score.c.until == _UNTIL,
        published_score.c.published_on == parameter("on", sa.Date),
    )
    .order_by(published_score.c.code, published_score.c.unit, published_score.c.id.desc()),
    Published,
)


async def publish_changed(
    tx: Connection, province: str, scope: str, since: date, until: date, found: Sequence[Published], on: date, by: str
) -> int:
    """Store those scores that are not stored as they are for this day already; how many these are."""
    await touch(tx, province)  # first, so that nobody else stores the same meanwhile
    stored = set(await _OF_DAY.all(tx, province=province, scope=scope, since=since, until=until, on=on))
    changed = [one for one in found if one not in stored]
    if changed:
        await publish(tx, province, scope, since, until, changed, on, by)
    return len(changed)


_NOW = parameter("now", sa.DateTime(timezone=True))
_p = published_pull.c
_PULL = (
    _p.province == _PROVINCE,
    _p.endpoint == parameter("endpoint", sa.Text),
    _p.since == _SINCE,
    _p.until == _UNTIL,
)


def _schedule() -> pg.Insert:
    given: dict[str, sa.types.TypeEngine[Any]] = {"endpoint": sa.Text(), "since": sa.Date(), "until": sa.Date()}
    rows = (
        sa.func.unnest(*(parameter(name, pg.ARRAY(kind)) for name, kind in given.items()))
        .table_valued(*(sa.column(name, kind) for name, kind in given.items()), name="given")
        .render_derived()
    )
    columns = {
        "province": _PROVINCE,
        **{name: rows.c[name] for name in given},
        "next_at": _NOW,
        "failures": sa.literal_column("0"),
    }
    return pg.insert(published_pull).from_select(list(columns), sa.select(*columns.values()))


_SCHEDULE = Statement[None](lambda: _schedule().on_conflict_do_nothing())
_ORDER = Statement[None](
    lambda: _schedule().on_conflict_do_update(index_elements=["province", "endpoint", "since", "until"], set_={"next_at": _NOW})
)


async def schedule_pulls(
    tx: Connection, province: str, wanted: Sequence[tuple[str, date, date]], now: datetime, *, ordered: bool = False
) -> None:
    """Have endpoints pulled for periods from now on: those that are not known yet, or, where it is `ordered`, all of them."""
    names, begins, ends = [list(one) for one in zip(*sorted(wanted), strict=True)] if wanted else ([], [], [])
    statement = _ORDER if ordered else _SCHEDULE
    await statement.run(tx, province=province, endpoint=names, since=begins, until=ends, now=now)


_DUE = Statement(
    sa.select(*(_p[name] for name in Pull._fields))
    .where(_p.next_at <= _NOW, _p.endpoint == sa.any_(parameter("endpoints", pg.ARRAY(sa.Text))))
    .order_by(_p.next_at)
    .limit(1),
    Pull,
)
_CLAIM = Statement[None](
    sa.update(published_pull)
    .where(*_PULL, _p.next_at == parameter("seen", sa.DateTime(timezone=True)))
    .values(next_at=parameter("until_then", sa.DateTime(timezone=True)))
)


async def claim_pull(tx: Connection, endpoints: Sequence[str], now: datetime, again_at: datetime) -> Pull | None:
    """The pull of these endpoints that is due the longest; nobody else gets it before `again_at`, when it is tried again."""
    found = await _DUE.first(tx, now=now, endpoints=list(endpoints))
    if found is None:
        return None
    taken = await _CLAIM.run(
        tx,
        province=found.province,
        endpoint=found.endpoint,
        since=found.since,
        until=found.until,
        seen=found.next_at,
        until_then=again_at,
    )
    return found if taken else None


_CLOSE = Statement[None](
    sa.update(published_pull)
    .where(*_PULL)
    .values(
        next_at=parameter("next_at", sa.DateTime(timezone=True)),
        pulled_at=parameter("pulled_at", sa.DateTime(timezone=True)),
        scores=parameter("scores", sa.Integer),
        failures=parameter("failures", sa.Integer),
        failing_since=parameter("failing_since", sa.DateTime(timezone=True)),
        error_vi=parameter("error_vi", sa.Text),
        error_en=parameter("error_en", sa.Text),
    )
)


async def close_pull(tx: Connection, pull: Pull) -> None:
    """Store what became of a pull."""
    await touch(tx, pull.province)
    await _CLOSE.run(tx, **pull._asdict())


_PULLS = Statement(
    sa.select(*(_p[name] for name in Pull._fields))
    .where(_p.province == _PROVINCE, _p.since == _SINCE, _p.until == _UNTIL)
    .order_by(_p.endpoint),
    Pull,
)


async def pulls(tx: Connection, province: str, since: date, until: date) -> list[Pull]:
    """How each endpoint stands for a period of a province."""
    return await _PULLS.all(tx, province=province, since=since, until=until)


class FailingPulls(NamedTuple):
    """How many pulls of a province fail."""

    province: str
    failing: int


_FAILING = Statement(
    sa.select(_p.province, sa.func.count().filter(_p.failures > 0).label("failing")).group_by(_p.province), FailingPulls
)


async def failing_pulls(tx: Connection) -> dict[str, int]:
    """By province how many of its pulls failed at their last attempt; those without any pull are absent."""
    return dict(await _FAILING.all(tx))
