"""How late a step of the internal process was (bước của quy trình nội bộ), in working time.

A step is given a time by its office, not by law; the time over it is counted as the law counts working time: in the office's
hours, on worked days, and never while somebody else was waited for.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from shared.workdays.calendar import Calendar
from shared.workdays.hours import OfficeHours, office_clock, to_local

_ONE_DAY = timedelta(days=1)


def minutes_over(
    due_at: datetime,
    ended_at: datetime,
    waits: Iterable[tuple[datetime, datetime | None]],
    calendar: Calendar,
    hours: OfficeHours,
) -> int:
    """Whole office minutes between the due time of a step and its end; 0: it was in time.

    A due time at midnight is a day alone, and the step is due at its end. `waits`: from when to when the office waited for
    somebody else while the step ran (None: it still does), disjoint; their office time excuses as much. Raises
    `OutsideCalendar`.
    """
    due_at, ended_at = to_local(due_at), to_local(ended_at)
    if (due_at.hour, due_at.minute, due_at.second) == (0, 0, 0):
        due_at += _ONE_DAY
    if ended_at <= due_at:
        return 0
    elapsed = office_clock(calendar, hours).elapsed
    seconds = elapsed(ended_at) - elapsed(due_at)
    for since, until in waits:
        until = ended_at if until is None else min(to_local(until), ended_at)
        if since < until:
            seconds -= elapsed(until) - elapsed(since)
    return max(seconds // 60, 0)
