"""Periods: any two civil days, rolling windows, the legal reporting periods and the civil ones. Pure.

Days are civil days in Asia/Ho_Chi_Minh. A legal quarter runs from the 15th of the month before it to the 14th of its last
month, so a year from 15/12 of the year before to 14/12 (reporting practice under decree 09/2019/NĐ-CP). A civil one, as
`C2023-Q2`, runs from the first day of its first month to the last of its last: so the national portal reckons.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from shared.contracts.indices import PeriodKind
from shared.errors import Invalid

Step = Literal["day", "week", "month"]
Against = Literal["previous", "year_before"]
KINDS: tuple[PeriodKind, ...] = get_args(PeriodKind)[:-1]
"""All kinds that a name can have, save the civil half, which nobody reckons by."""

EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)
"""The days that periods may have."""

ROLLING = (1, 7, 30, 90, 365)
"""The rolling windows in days that `period=<n>d` names."""

_NAMED = re.compile(r"(?P<civil>C)?(?P<year>20\d\d)(?:-(?:M(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4])|H(?P<half>[12])))?")
_ROLLING = re.compile(r"(?P<days>\d{1,3})d")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Civil days from the first to the last, both inside."""

    since: date
    until: date
    name: str | None = None
    """Its name, when it was given by name: `2023-Q2`, `30d`."""

    def __post_init__(self) -> None:
        if self.until < self.since:
            raise Invalid(f"The period ends on {self.until}, before it begins on {self.since}. Exchange the two days.")
        if self.since < EARLIEST or self.until > LATEST:
            raise Invalid(f"Periods lie between {EARLIEST} and {LATEST}.")

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.until - self.since).days + 1


def named(name: str, today: date) -> Period:
    """The period of a name: `2023`, `2023-H1`, `2023-Q2`, `2023-M05` (legal reporting periods), `C2023-Q2` (civil), `30d`.

    Rolling windows end `today`.
    """
    match = _NAMED.fullmatch(name)
    if match:
        year = int(match["year"])
        if match["month"]:
            first = last = int(match["month"])
        elif match["quarter"]:
            first, last = int(match["quarter"]) * 3 - 2, int(match["quarter"]) * 3
        elif match["half"]:
            first, last = int(match["half"]) * 6 - 5, int(match["half"]) * 6
        else:
            first, last = 1, 12
        since, until = (_civil if match["civil"] else _legal)(year, first, last)
        return Period(since, until, name)
    rolling = _ROLLING.fullmatch(name)
    if rolling and int(rolling["days"]) in ROLLING:
        return Period(today - timedelta(days=int(rolling["days"]) - 1), today, name)
    windows = ", ".join(f"{days}d" for days in ROLLING)
    raise Invalid(
        f"There is no period {name!r}. Ask for 2023, 2023-H1, 2023-Q2, 2023-M05, for civil ones as C2023, C2023-H1, C2023-Q2,"
        f" C2023-M05, or a rolling window of {windows}."
    )


def _legal(year: int, first: int, last: int) -> tuple[date, date]:
    return date(year, first - 1, 15) if first > 1 else date(year - 1, 12, 15), date(year, last, 14)


def _civil(year: int, first: int, last: int) -> tuple[date, date]:
    return date(year, first, 1), _month_end(date(year, last, 1))


_MONTHS: dict[int, str] = {1: "month", 3: "quarter", 6: "half", 12: "year"}


def kind_of(period: Period) -> PeriodKind:
    """What a period is by its days."""
    return _recognised(period)[0]


def with_name(period: Period) -> Period:
    """The period by the name that its days have; as it is where they have none."""
    name = _recognised(period)[1]
    return period if name is None else Period(period.since, period.until, name)


def _recognised(period: Period) -> tuple[PeriodKind, str | None]:
    year, last = period.until.year, period.until.month
    for bounds, reckoning, before_year in ((_civil, "civil", "C"), (_legal, "legal", "")):
        for months, unit in _MONTHS.items():
            if last % months == 0 and bounds(year, last - months + 1, last) == (period.since, period.until):
                number = last // months
                part = {"month": f"-M{number:02d}", "quarter": f"-Q{number}", "half": f"-H{number}", "year": ""}[unit]
                kinds = [kind for kind in KINDS if kind == f"{reckoning}_{unit}"]
                return kinds[0] if kinds else "other", f"{before_year}{year}{part}"
    return "other", None


def before(period: Period, against: Against) -> Period:
    """The period to compare with: the one before it of the same kind, or the same one a year earlier."""
    if period.name and not period.name.endswith("d"):
        return named(_name_before(period.name, against), period.until)
    if against == "year_before":
        return Period(_a_year_before(period.since), _a_year_before(period.until))
    until = period.since - timedelta(days=1)
    return Period(until - timedelta(days=period.days - 1), until)


def _name_before(name: str, against: Against) -> str:
    civil, year, part = _parts(name)
    if against == "year_before" or not part:
        return f"{civil}{int(year) - 1}" + (f"-{part}" if part else "")
    kind, number = part[0], int(part[1:])
    if number > 1:
        return f"{civil}{year}-{kind}{number - 1:0{len(part) - 1}d}"
    return f"{civil}{int(year) - 1}-{kind}{ ({'M': 12, 'Q': 4, 'H': 2}[kind]):0{len(part) - 1}d}"


def _parts(name: str) -> tuple[str, str, str]:
    year, _, part = name.partition("-")
    return ("C", year[1:], part) if year.startswith("C") else ("", year, part)


def _a_year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, calendar.monthrange(day.year - 1, day.month)[1]))


def steps(period: Period, step: Step) -> Iterator[Period]:
    """The period cut at the ends of days, of weeks (Sunday) or of calendar months; the first and last part may be short."""
    since = period.since
    while since <= period.until:
        if step == "day":
            until = since
        elif step == "week":
            until = since + timedelta(days=6 - since.weekday())
        else:
            until = since.replace(day=calendar.monthrange(since.year, since.month)[1])
        until = min(until, period.until)
        yield Period(since, until)
        since = until + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cut:
    """A period as whole calendar months and the single days around them, so that sums read few rows."""

    days: tuple[tuple[date, date], ...]
    """Ranges of days, both ends inside; at most two."""
    months: tuple[date, date] | None
    """First days of the first and last whole month."""


def cut(since: date, until: date) -> Cut:
    """Whole months inside `since`..`until` and what is left; nothing when `until` is before `since`."""
    if until < since:
        return Cut((), None)
    first = since if since.day == 1 else _next_month(since)
    behind = _next_month(until) if until == _month_end(until) else until.replace(day=1)
    if first >= behind:
        return Cut(((since, until),), None)
    days = []
    if since < first:
        days.append((since, first - timedelta(days=1)))
    if behind <= until:
        days.append((behind, until))
    return Cut(tuple(days), (first, (behind - timedelta(days=1)).replace(day=1)))


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _next_month(day: date) -> date:
    return _month_end(day) + timedelta(days=1)
