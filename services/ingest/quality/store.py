"""What is missing or wrong in a province: quarantine, sources, differences, dossiers that the catalogue does not place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.dossiers import tables as dossiers
from services.ingest.feed import tables as feeds
from services.ingest.imports.store import IMPORT_SILENCE
from services.ingest.imports.tables import import_
from services.ingest.pulls import tables as pulls
from services.ingest.quality.model import MAX_UNMAPPED, UnmappedGroup
from services.ingest.quarantine import tables as quarantine
from services.ingest.reconciliation import tables as reconciliation
from services.ingest.sources import decoding
from services.ingest.sources import tables as sources
from services.ingest.sources.store import readings
from shared.civil import VIETNAM
from shared.database import Connection
from shared.statements import Statement, parameter

EARLIEST = date(2001, 1, 1)
"""From this day on a reconciliation covers all dossiers (`fields.instants.FIRST`)."""

VERIFY_AGAIN = timedelta(seconds=30)
"""Between two reconciliations of a source that stood still at its last pull."""
VERIFY_AT_LEAST = timedelta(hours=1)
"""Between two of a source that moves all the time."""


class SourceMissingRow(NamedTuple):
    """A source whose news may be missing; `since`: see `shared.contracts.feed.Missing`."""

    source: str
    reason: Literal["failing", "late", "silent", "unverified", "importing", "interrupted"]
    since: datetime | None


class UnverifiedSource(NamedTuple):
    """A source of which a pull may have skipped something, and that can be verified now."""

    source: str
    province: str
    kind: str
    failed: bool
    """The last reconciliation that was to verify it failed."""


class QuarantineCount(NamedTuple):
    """Records that wait, and when the first came."""

    records: int
    since: datetime | None


class GapCount(NamedTuple):
    """Dossiers found to differ by reconciliations that no later one repeated (None: there was none yet), and since when."""

    dossiers: int | None
    since: datetime | None


class QualityRow(NamedTuple):
    """What the figures of a province are known to lack."""

    quarantine: QuarantineCount
    missing: list[SourceMissingRow]
    gap: GapCount


_PROVINCE = parameter("province", sa.Text)
_NOW = parameter("now", sa.DateTime(timezone=True))
_KINDS = parameter("kinds", pg.ARRAY(sa.Text))
_SECOND = sa.literal(timedelta(seconds=1))


q = quarantine.quarantine.c
_QUARANTINED = Statement(
    sa.select(sa.func.count().label("records"), sa.func.min(q.first_at).label("since")).where(
        # Of a retired source too: what came and was not counted is lacking, until it is counted or somebody dismisses it.
        q.province == _PROVINCE,
        quarantine.WAITS,
    ),
    QuarantineCount,
)

_source, _pull, _import = sources.source.c, pulls.pull.c, import_.c
# What nobody proved before a source was retired, nobody proves by retiring it: it is lacking until somebody dismisses it.
_IS_OPEN = _source.dismissed_at.is_(None)
_AWAITED_TO = sa.func.coalesce(_source.retired_at, _NOW)
_IS_TAKEN_IN = sa.and_(_import.state == "running", _import.touched_at >= _NOW - IMPORT_SILENCE)


def _unread() -> sa.Select[Any]:
    """Pulled sources that fail or are late; of one that is retired: that did when it was."""
    last = (
        sa.select(sa.func.max(_pull.finished_at).label("finished_at"))
        .where(_pull.source == _source.name, _pull.state == "complete")
        .lateral("last")
    )
    grace = sa.func.greatest(sa.literal(timedelta(seconds=60)), _source.every_seconds * 3 * _SECOND)
    late = last.c.finished_at < _AWAITED_TO - grace
    is_asked = sa.or_(_source.enabled, _source.retired_at.is_not(None))
    # One that was switched off in its first whole pull has told of a part.
    is_begun = sa.or_(_source.enabled, sa.exists().where(_pull.source == _source.name, _pull.served > 0))
    never_whole = sa.and_(is_begun, last.c.finished_at.is_(None))
    return (
        sa.select(
            _source.name.label("source"),
            sa.case((_source.attempts > 0, "failing"), else_="late").label("reason"),
            last.c.finished_at.label("since"),
        )
        .select_from(sources.source.outerjoin(last, sa.true()))
        .where(
            _source.province == _PROVINCE,
            _IS_OPEN,
            _source.kind == sa.any_(_KINDS),
            sa.or_(sa.and_(is_asked, _source.attempts > 0), never_whole, late),
        )
    )


def _silent() -> sa.Select[Any]:
    """Sources that send or come in files, of which nothing came within their interval; of one that is retired: when it was."""
    sent = sa.select(sa.func.max(_pull.touched_at)).where(_pull.source == _source.name).scalar_subquery()
    filed = sa.select(sa.func.max(_import.touched_at)).where(_import.source == _source.name).scalar_subquery()
    last = sa.func.greatest(_source.created_at, sent, filed)
    found: sa.Select[Any] = sa.select(_source.name, sa.literal("silent"), last)
    return found.where(
        _source.province == _PROVINCE,
        _IS_OPEN,
        _source.kind != sa.all_(_KINDS),
        last < _AWAITED_TO - _source.expected_every_seconds * _SECOND,
    )


def _civil_day(at: sa.ColumnElement[Any]) -> sa.ColumnElement[date]:
    """The civil day of an instant in Vietnam."""
    return sa.cast(at.op("AT TIME ZONE")(sa.literal(VIETNAM.tzname(None))), sa.Date)


def _open_pulls() -> sa.ColumnElement[bool]:
    """Of a pull: that it may have skipped something, and nothing that came later shows that it did not."""
    later, done, found = pulls.pull.alias("later").c, reconciliation.reconciliation.c, reconciliation.difference.c
    read_again = sa.exists().where(
        later.source == _pull.source,
        later.id > _pull.id,
        later.state == "complete",
        later.verified,
        sa.or_(later.since.is_(None), later.since <= _pull.since),
    )
    # One that fetched what was missing has shown that something was: the next one shows whether that was all.
    fetched = sa.exists().where(found.reconciliation == done.id, found.applied)
    # Of all days up to the pull: what a year's totals agree in may lack dossiers that were closed before.
    reconciled = sa.exists().where(
        done.source == _pull.source,
        done.equal,
        done.from_on <= EARLIEST,
        done.to_on >= _civil_day(_pull.finished_at),
        done.planned_at > _pull.finished_at,
        sa.not_(fetched),
    )
    return sa.and_(
        sa.not_(_pull.verified),
        _pull.state == "complete",
        sa.not_(read_again),
        sa.not_(reconciled),
    )


def _unverified() -> sa.Select[Any]:
    """Sources of which a reading may have skipped something, or of which not all was read by the reading of now."""
    skipped = (
        sa.select(_source.name, _pull.finished_at.label("since"))
        .join_from(sources.source, pulls.pull, _pull.source == _source.name)
        .where(_source.province == _PROVINCE, _IS_OPEN, _open_pulls())
    )
    otherwise = sa.select(_source.name, _source.reread_since).where(
        _source.province == _PROVINCE,
        readings.IS_NOT_DISMISSED,
        sa.or_(_source.reread_since.is_not(None), readings.IS_OF_ANOTHER),
    )
    found = sa.union_all(skipped, otherwise).subquery("found")
    return sa.select(found.c.name, sa.literal("unverified"), sa.func.min(found.c.since)).group_by(found.c.name)


def _importing() -> sa.Select[Any]:
    """Sources of which a file is being taken in: its first rows count, and its last ones do not yet."""
    return (
        sa.select(_import.source, sa.literal("importing"), sa.func.min(_import.started_at))
        .where(_import.province == _PROVINCE, _IS_TAKEN_IN)
        .group_by(_import.source)
    )


def _interrupted() -> sa.Select[Any]:
    """Sources of which a file was cut off, and came neither again nor anew."""
    later = import_.alias("later").c
    came_anew = sa.exists().where(
        later.source == _import.source,
        later.id > _import.id,
        later.state == "complete",
        later.head_digest == _import.head_digest,
        # Another list may begin alike.
        later.row_count >= _import.row_count,
    )
    cut_off = sa.or_(_import.state == "interrupted", sa.and_(_import.state == "running", sa.not_(_IS_TAKEN_IN)))
    return (
        sa.select(_import.source, sa.literal("interrupted"), sa.func.min(_import.touched_at))
        .where(_import.province == _PROVINCE, cut_off, _import.dismissed_at.is_(None), sa.not_(came_anew))
        .group_by(_import.source)
    )


_MISSING = Statement(
    sa.union_all(_unread(), _silent(), _unverified(), _importing(), _interrupted()).order_by("source", "reason"),
    SourceMissingRow,
)


def _gap() -> sa.Select[Any]:
    done, difference = reconciliation.reconciliation.c, reconciliation.difference.c
    later = reconciliation.reconciliation.alias("later").c

    def last_day(one: Any) -> sa.ColumnElement[date]:
        """Of the days that could be compared when it was planned."""
        return sa.func.least(one.to_on, _civil_day(one.planned_at))

    # What one of all days found is not undone by one of a few of them.
    compared_anew = sa.exists().where(
        later.source == done.source,
        later.state == "complete",
        later.id > done.id,
        later.from_on <= done.from_on,
        last_day(later) >= last_day(done),
    )
    standing = (
        sa.select(done.id, done.source, done.finished_at)
        .where(
            done.province == _PROVINCE,
            done.state == "complete",
            # Of a retired source too: nobody compares it again, so somebody dismisses it.
            done.dismissed_at.is_(None),
            sa.not_(compared_anew),
        )
        .subquery("standing")
    )
    differs = sa.and_(
        difference.reconciliation == standing.c.id,
        sa.not_(difference.applied),
        sa.not_(difference.remark),
        # What waits in quarantine is counted there, as long as it does.
        difference.cause != "quarantined",
    )
    dossiers_of_sources = sa.func.count(sa.distinct(sa.tuple_(standing.c.source, difference.code)))
    any_differs = difference.code.is_not(None)
    return sa.select(
        sa.case((sa.func.count(standing.c.id) > 0, dossiers_of_sources.filter(any_differs))).label("dossiers"),
        sa.func.min(standing.c.finished_at).filter(any_differs).label("since"),
    ).select_from(standing.outerjoin(reconciliation.difference, differs))


_GAP = Statement(_gap(), GapCount)


async def read(
    connection: Connection, province: str, pulled: Sequence[str], now: datetime, *, revisions: Mapping[str, int] | None = None
) -> QualityRow:
    """What a province's figures are known to lack, besides the dossiers that nobody can place.

    `pulled` are the kinds that the worker reads, `revisions` those of the decoders by kind (None: of this release). A source
    of them is late when its last whole pull ended more than three intervals, and a minute, ago.
    """
    return QualityRow(
        await _QUARANTINED.one(connection, province=province),
        await _MISSING.all(connection, province=province, kinds=pulled, now=now, revisions=revisions or decoding.revisions()),
        await _GAP.one(connection, province=province),
    )


def _unmapped() -> sa.Select[Any]:
    dossier, version = dossiers.dossier.c, feeds.feed.c
    newest = (
        sa.select(dossier.position)
        .where(dossier.province == _PROVINCE, sa.not_(dossier.mapped))
        .order_by(dossier.number.desc())
        .limit(MAX_UNMAPPED)
        .subquery("newest")
    )
    facts = (
        sa.select(sa.cast(version.facts, pg.JSONB).label("of"))
        .join_from(newest, feeds.feed, sa.and_(version.province == _PROVINCE, version.position == newest.c.position))
        .subquery("facts")
    )

    def fact(name: str) -> sa.ColumnElement[str]:
        return sa.func.jsonb_extract_path_text(facts.c.of, name, type_=sa.Text)

    def without(name: str) -> sa.ColumnElement[int]:
        return sa.func.count().filter(fact(name).is_(None))

    # One that its source took back counts nowhere, like one without a day of receipt.
    received = sa.case((fact("deleted").is_(None), sa.cast(fact("received_on"), sa.Date)))
    ended = sa.cast(fact("ended_on"), sa.Date)
    return sa.select(
        received.label("received_on"),
        ended.label("ended_on"),
        sa.func.count().label("dossiers"),
        without("agency").label("without_agency"),
        without("procedure").label("without_procedure"),
    ).group_by(received, ended)


_UNMAPPED = Statement(_unmapped(), UnmappedGroup)


async def unmapped(connection: Connection, province: str) -> list[UnmappedGroup]:
    """The newest dossiers whose agency or procedure is not known, `MAX_UNMAPPED` at most, by their days."""
    return await _UNMAPPED.all(connection, province=province)


def _to_verify() -> sa.Select[Any]:
    open_since = (
        sa.select(_pull.source, sa.func.max(_pull.finished_at).label("finished_at"))
        .join_from(sources.source, pulls.pull, _pull.source == _source.name)
        .where(_source.enabled, _open_pulls())
        .group_by(_pull.source)
        .subquery("open_since")
    )
    last, done = pulls.pull.alias("last").c, reconciliation.reconciliation.c
    calm = (
        sa.select(last.accepted == 0)
        .where(last.source == open_since.c.source, last.state == "complete")
        .order_by(last.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    ordered = (
        sa.select(done.planned_at, done.state)
        .where(done.source == open_since.c.source, done.planned_at > open_since.c.finished_at)
        .order_by(done.id.desc())
        .limit(1)
        .lateral("ordered")
    )
    under_way = sa.exists().where(done.source == open_since.c.source, done.state.in_(("planned", "running")))
    age = _NOW - ordered.c.planned_at
    return (
        sa.select(
            _source.name.label("source"),
            _source.province,
            _source.kind,
            sa.func.coalesce(ordered.c.state == "failed", sa.false()).label("failed"),
        )
        .select_from(open_since.join(sources.source, _source.name == open_since.c.source).outerjoin(ordered, sa.true()))
        .where(
            sa.not_(under_way),
            sa.or_(
                ordered.c.planned_at.is_(None),
                sa.and_(calm, ordered.c.state == "complete", age > sa.literal(VERIFY_AGAIN)),
                age > sa.literal(VERIFY_AT_LEAST),
            ),
        )
    )


_TO_VERIFY = Statement(_to_verify(), UnverifiedSource)


async def to_verify(connection: Connection, now: datetime) -> list[UnverifiedSource]:
    """Sources whose pulls are to be verified now: at once, then when they are calm, and every hour in any case."""
    return await _TO_VERIFY.all(connection, now=now)
