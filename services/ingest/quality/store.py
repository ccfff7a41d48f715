"""Counts of what is missing or wrong in a province."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.pulls import tables as pulls
from services.ingest.quarantine import tables as quarantine
from services.ingest.reconciliation import tables as reconciliation
from services.ingest.sources import tables as sources
from shared.database import Connection
from shared.statements import Statement, parameter


class SourceMissingRow(NamedTuple):
    """A source whose news may be missing; `since`: the end of its last whole pull."""

    source: str
    reason: Literal["failing", "late"]
    since: datetime | None


class QualityRow(NamedTuple):
    """What the figures of a province are known to lack."""

    quarantined: int
    missing: list[SourceMissingRow]
    gap: int | None
    """Dossiers found to differ by the last reconciliations; None: there was none yet."""


_PROVINCE = parameter("province", sa.Text)
_QUARANTINED = Statement(
    sa.select(sa.func.count())
    .select_from(quarantine.quarantine)
    .where(quarantine.quarantine.c.province == _PROVINCE, quarantine.quarantine.c.released_at.is_(None)),
    int,
)


def _missing() -> sa.Select[Any]:
    source, pull = sources.source.c, pulls.pull.c
    last = (
        sa.select(sa.func.max(pull.finished_at).label("finished_at"))
        .where(pull.source == source.name, pull.state == "complete")
        .lateral("last")
    )
    grace = sa.func.greatest(sa.literal(timedelta(seconds=60)), source.every_seconds * sa.literal(timedelta(seconds=3)))
    late = last.c.finished_at < parameter("now", sa.DateTime(timezone=True)) - grace
    return (
        sa.select(
            source.name.label("source"),
            sa.case((source.attempts > 0, "failing"), else_="late").label("reason"),
            last.c.finished_at.label("since"),
        )
        .select_from(sources.source.outerjoin(last, sa.true()))
        .where(
            source.province == _PROVINCE,
            source.enabled,
            source.kind == sa.any_(parameter("kinds", pg.ARRAY(sa.Text))),
            sa.or_(source.attempts > 0, last.c.finished_at.is_(None), late),
        )
        .order_by(source.name)
    )


def _gap() -> sa.Select[Any]:
    done, difference = reconciliation.reconciliation.c, reconciliation.difference.c
    latest = (
        sa.select(done.id)
        .ext(pg.distinct_on(done.source))
        .where(done.province == _PROVINCE, done.state == "complete")
        .order_by(done.source, done.id.desc())
        .subquery("latest")
    )
    different = (
        sa.select(sa.func.count(difference.code.distinct()))
        .where(difference.reconciliation == latest.c.id, sa.not_(difference.applied))
        .scalar_subquery()
    )
    return sa.select(sa.cast(sa.func.sum(different), sa.BigInteger)).select_from(latest)


def _or_none(gap: int | None) -> int | None:
    return gap


_MISSING = Statement(_missing(), SourceMissingRow)
_GAP = Statement(_gap(), _or_none)


async def read(connection: Connection, province: str, pulled: Sequence[str], now: datetime) -> QualityRow:
    """What a province's figures are known to lack: open quarantine, pulled sources that fail or are late, differences found.

    `pulled` are the kinds that the worker reads. A source is late when its last whole pull ended more than three intervals,
    and a minute, ago.
    """
    return QualityRow(
        await _QUARANTINED.one(connection, province=province),
        await _MISSING.all(connection, province=province, kinds=pulled, now=now),
        await _GAP.first(connection, province=province),
    )
