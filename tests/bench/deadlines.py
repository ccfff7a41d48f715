"""`deadlines`: due dates per second in one process, against `get_nth_working_day` of PyPI `holidays` on the same dossiers.

Ours does more per date: the instant is put into Vietnam's time, a receipt after closing is moved, and the answer carries what
it was computed from. The floor gets a day and a number, and its years are filled beforehand.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from time import perf_counter
from typing import Any

import holidays

from shared.workdays import Calendar, TimeLimit, calendar_for, deadline
from tests.bench._rows import row

_DOSSIERS = 20_000
_OF_THE_FLOOR = 2_000
_FIRST = datetime(2023, 1, 1, tzinfo=UTC)


def run(runs: int) -> dict[str, dict[str, Any]]:
    """The row `deadlines` of `bench.json`: medians of `runs` taken in turn."""
    rng = Random(4)
    dossiers = [
        (_FIRST + timedelta(minutes=rng.randrange(3 * 365 * 1440)), TimeLimit(rng.randrange(1, 31))) for _ in range(_DOSSIERS)
    ]
    days = [(received_at.date(), limit.amount) for received_at, limit in dossiers[:_OF_THE_FLOOR]]
    calendar = calendar_for("30")
    package = holidays.country_holidays("VN", years=range(2022, 2028))
    ours, floor = [], []
    for _ in range(runs):
        ours.append(_DOSSIERS / _seconds_of_ours(dossiers, calendar))
        floor.append(_OF_THE_FLOOR / _seconds_of_the_floor(days, package))
    return {"deadlines": row(ours, floor, "due dates/s", "higher")}


def _seconds_of_ours(dossiers: list[tuple[datetime, TimeLimit]], calendar: Calendar) -> float:
    begun = perf_counter()
    for received_at, limit in dossiers:
        deadline(received_at, limit, calendar)
    return perf_counter() - begun


def _seconds_of_the_floor(days: list[tuple[date, int]], package: holidays.HolidayBase) -> float:
    begun = perf_counter()
    for day, amount in days:
        package.get_nth_working_day(day, amount)
    return perf_counter() - begun
