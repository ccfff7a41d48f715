"""Which period of the index of decision 766/QĐ-TTg stands for the period of an inspection. Pure.

The index is asked of whole periods: civil ones, as the national portal reckons, and the legal reporting periods, which begin on
the 15th. An inspection may cover any days: then the longest period inside stands for it, and the notice says which one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from services.notices.quantities import wording

Days = tuple[date, date]
"""The first and the last civil day, both inside."""


class IndexPeriod(NamedTuple):
    """A period of the index."""

    since: date
    until: date
    name: str
    """In Vietnamese, as a sentence names it: `quý II/2023`; of a legal one with its days."""


_CIVIL, _LEGAL = (12, 3, 1), (12, 6, 3, 1)
"""Months of the periods that the index knows."""
_ROMAN = ("I", "II", "III", "IV")


def index_period(since: date, until: date) -> IndexPeriod | None:
    """The longest period of the index inside these days: civil before legal, the latest first. None: there is none.

    Days that are a period of the index give that one.
    """
    for months in _LEGAL:
        for legal in (False, True):
            if legal or months in _CIVIL:
                found = next(_inside(since, until, months, legal=legal), None)
                if found is not None:
                    return found
    return None


def _inside(since: date, until: date, months: int, *, legal: bool) -> Iterator[IndexPeriod]:
    """The periods of so many months inside, the latest first."""
    year, last = until.year, until.month
    while (year, last) >= (since.year, since.month):
        if last % months == 0:
            first, end = _days(year, last - months + 1, last, legal=legal)
            if since <= first and end <= until:
                yield IndexPeriod(first, end, _name(year, last, months, (first, end), legal=legal))
        year, last = (year, last - 1) if last > 1 else (year - 1, 12)


def _days(year: int, first: int, last: int, *, legal: bool) -> Days:
    if legal:
        return date(year, first - 1, 15) if first > 1 else date(year - 1, 12, 15), date(year, last, 14)
    behind = date(year + last // 12, last % 12 + 1, 1)
    return date(year, first, 1), behind - timedelta(days=1)


def _name(year: int, last: int, months: int, days: Days, *, legal: bool) -> str:
    names = {
        12: f"năm {year}",
        6: f"6 tháng {'đầu' if last == 6 else 'cuối'} năm {year}",
        3: f"quý {_ROMAN[last // 3 - 1]}/{year}",
        1: f"tháng {last}/{year}",
    }
    if not legal:
        return names[months]
    since, until = (wording.day(day) for day in days)
    return f"kỳ báo cáo {names[months]} (từ ngày {since} đến ngày {until})"
