"""The deadline rules once more, by walking: day by day and minute by minute. Slow, obvious, and sharing no code with ours."""

from datetime import date, datetime, timedelta

from shared.dossier import SuspensionKind
from shared.workdays import Calendar, LimitUnit, Suspension, TimeLimit

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def works(calendar: Calendar, day: date) -> bool:
    return calendar.is_working(day)


def counts_as(calendar: Calendar, at: datetime) -> date:
    """The day as which an event counts: after 17:00 or on a day off it is the next working day's."""
    day = at.date()
    if works(calendar, day) and (at.hour, at.minute, at.second) > (17, 0, 0):
        day += DAY
    while not works(calendar, day):
        day += DAY
    return day


def due_day(
    received_at: datetime,
    limit: TimeLimit,
    calendar: Calendar,
    pauses: list[Suspension],
    restarts: frozenset[SuspensionKind] = frozenset(),
) -> date:
    """Walk from the day of receipt; the first worked day on which the clock runs and enough days are counted is due."""
    start = day = counts_as(calendar, received_at)
    counted = 0
    intervals = [(p.from_at.date(), counts_as(calendar, p.to_at), p.kind in restarts) for p in pauses if p.to_at]
    while True:
        for begins, ends, restart in intervals:
            # Restart: waiting undoes what was counted; the day on which the papers are complete is a new first day.
            if restart and begins <= day <= ends and begins <= ends:
                counted, start = 0, ends
        stands = any(begins <= day < ends for begins, ends, _ in intervals)
        if day > start and not stands and (limit.unit is LimitUnit.calendar_days or works(calendar, day)):
            counted += 1
        if day >= start and counted >= limit.amount and not stands and works(calendar, day):
            return day
        day += DAY


OPEN_MINUTES = [*range(7 * 60 + 30, 11 * 60 + 30), *range(13 * 60 + 30, 17 * 60)]
"""Minutes of a worked day that begin while the office is open."""


def due_minute(received_at: datetime, minutes: int, calendar: Calendar, pauses: list[Suspension]) -> datetime:
    """Walk minute by minute through office hours, skipping those in which the clock stands still."""
    midnight = received_at.replace(hour=0, minute=0)

    def since(at: datetime | None) -> int:
        return 10**9 if at is None else (at - midnight) // MINUTE

    begins_at = since(received_at)
    stands = [(since(pause.from_at), since(pause.to_at)) for pause in pauses]
    used, day = 0, 0
    while True:
        if works(calendar, (midnight + day * DAY).date()):
            for minute in OPEN_MINUTES:
                now = day * 1440 + minute
                if now >= begins_at and not any(begins <= now < ends for begins, ends in stands):
                    used += 1
                    if used == minutes:
                        used_up: datetime = midnight + (now + 1) * MINUTE
                        return used_up
        day += 1
