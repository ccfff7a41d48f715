"""The deadline rules once more, by walking: day by day and minute by minute. Slow, obvious, and sharing no code with ours."""

from datetime import date, datetime, timedelta

from shared.workdays import Calendar, LimitUnit, Suspension, SuspensionKind, TimeLimit

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
OPEN = ((7, 30, 11, 30), (13, 30, 17, 0))


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


def is_open(calendar: Calendar, minute: datetime) -> bool:
    """Whether the office is open during the minute that begins here."""
    if not works(calendar, minute.date()):
        return False
    now = minute.hour * 60 + minute.minute
    return any(h1 * 60 + m1 <= now < h2 * 60 + m2 for h1, m1, h2, m2 in OPEN)


def due_minute(received_at: datetime, minutes: int, calendar: Calendar, pauses: list[Suspension]) -> datetime:
    """Walk minute by minute through office hours, skipping those in which the clock stands still."""
    minute, used = received_at, 0
    while used < minutes:
        stands = any(p.from_at <= minute and (p.to_at is None or minute < p.to_at) for p in pauses)
        if is_open(calendar, minute) and not stands:
            used += 1
        minute += MINUTE
    return minute
