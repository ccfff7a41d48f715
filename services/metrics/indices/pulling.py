"""Which scores are pulled of the portal, when, and what it is asked. Pure.

An endpoint is asked for the running civil month, quarter and year, and for those before them until they have settled: offices
close and synchronise late, so that the portal goes on to change what it publishes of a period that is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from services.metrics.periods import Period, before, named
from shared.errors import Invalid
from shared.languages import Bilingual
from shared.settings import PublishedUnit, ScoresEndpoint

SETTLING = timedelta(days=45)
"""For how long after its end a period is pulled."""
RETRY = timedelta(minutes=1)
"""After the first failure; twice as long after each further one, at most as long as the interval."""
MAX_HOLD = timedelta(days=7)
"""Longer is not waited, whatever the portal wishes."""


class Pull(NamedTuple):
    """An endpoint that is asked for a period of a province, and what became of it last."""

    province: str
    endpoint: str
    """Its name in the settings."""
    since: date
    until: date
    next_at: datetime | None
    """When it is asked; None: when somebody orders it."""
    pulled_at: datetime | None
    """When scores were read last; None: never yet."""
    scores: int | None
    """How many were read then."""
    failures: int
    """In a row, since then."""
    failing_since: datetime | None
    error_vi: str | None
    error_en: str | None

    def succeeded(self, at: datetime, scores: int, interval: timedelta, *, goes_on: bool) -> Pull:
        """It, when so many scores were read; asked again after the interval where its period goes on."""
        return self._replace(
            next_at=at + interval if goes_on else None,
            pulled_at=at,
            scores=scores,
            failures=0,
            failing_since=None,
            error_vi=None,
            error_en=None,
        )

    def failed(self, at: datetime, error: Bilingual, interval: timedelta, hold: float | None) -> Pull:
        """It, when it failed; `hold`: seconds that the portal asks to wait, which may be longer than the interval."""
        wait = min(interval, RETRY * 2 ** min(self.failures, 20))
        if hold is not None:
            wait = max(wait, min(timedelta(seconds=hold), MAX_HOLD))
        return self._replace(
            next_at=at + wait,
            failures=self.failures + 1,
            failing_since=self.failing_since or at,
            error_vi=error.vi,
            error_en=error.en,
        )


def periods_of(endpoint: ScoresEndpoint, today: date) -> Iterator[Period]:
    """The periods for which an endpoint is asked by itself on a day."""
    for unit in sorted(endpoint.periods):
        running = _civil(unit, today)
        yield running
        last = before(running, "previous")
        if today - last.until <= SETTLING:
            yield last


def _civil(unit: PublishedUnit, day: date) -> Period:
    part = {"month": f"-M{day.month:02d}", "quarter": f"-Q{(day.month + 2) // 3}", "year": ""}[unit]
    return named(f"C{day.year}{part}", day)


def endpoints_of(endpoints: Iterable[ScoresEndpoint], province: str) -> list[ScoresEndpoint]:
    """The endpoints that are asked for a province."""
    return [one for one in endpoints if not one.provinces or province in one.provinces]


def unit_of(period: Period) -> PublishedUnit | None:
    """What of a year a period is, if it is a civil month, quarter or year."""
    units: tuple[PublishedUnit, ...] = ("month", "quarter", "year")
    days = (period.since, period.until)
    return next((unit for unit in units if _days(_civil(unit, period.since)) == days), None)


def _days(period: Period) -> tuple[date, date]:
    return period.since, period.until


def body_of(endpoint: ScoresEndpoint, province: str, period: Period) -> dict[str, object]:
    """What is posted. Raises `Invalid` for a period that no portal publishes."""
    unit, since = unit_of(period), period.since
    if unit is None:
        raise Invalid("Scores are published of civil months, quarters and years: name one, such as C2026-M09.")
    values: dict[str, str | int | None] = {
        "{province}": endpoint.provinces.get(province, province),
        "{year}": since.year,
        "{quarter}": (since.month + 2) // 3 if unit == "quarter" else None,
        "{month}": since.month if unit == "month" else None,
        "{from}": since.isoformat(),
        "{to}": period.until.isoformat(),
    }
    return {name: _filled(value, values) for name, value in endpoint.body.items()}


def _filled(value: object, values: dict[str, str | int | None]) -> object:
    if not isinstance(value, str):
        return value
    if value in values:
        return values[value]
    for name, one in values.items():
        value = value.replace(name, "" if one is None else str(one))
    return value
