"""Days and spans of days as expressions, which spans of stocks and kinds of periods are made of. Pure."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.counting.terms import v
from shared.contracts.indices import PeriodKind


def span(since: sa.ColumnElement[Any], until: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The multirange of the days from `since` up to the day before `until`; of none when they lie the wrong way round."""
    return sa.func.metrics.span(since, until, type_=pg.DATEMULTIRANGE)


def once_received(day: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """A day, or that of the receipt if it is later."""
    return day if day is v.received_on else sa.func.greatest(v.received_on, day, type_=sa.Date)


def period_end(kind: PeriodKind) -> sa.ColumnElement[Any]:
    """The last day of the period of a kind that a dossier was received in."""
    reckoning, unit = kind.split("_")
    end = sa.func.metrics.legal_end if reckoning == "legal" else sa.func.metrics.civil_end
    return end(unit, v.received_on, type_=sa.Date)
