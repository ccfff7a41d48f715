"""The deadline rules once more, by walking: day by day and minute by minute. Slow, obvious, and sharing no code with ours."""

from datetime import date, datetime, time, timedelta
from itertools import count

from shared.workdays import Calendar, Deadline, LimitUnit, Policy, Suspension, TimeLimit
from shared.workdays.rules import AfterHours, Effect

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
PAUSES = Policy("walk", date(2000, 1, 1))


def works(calendar: Calendar, day: date) -> bool:
    return calendar.is_working(day)


def next_working(calendar: Calendar, day: date) -> date:
    while not works(calendar, day):
        day += DAY
    return day


def counts_as(calendar: Calendar, at: datetime, cutoff: time | None = None, policy: Policy = PAUSES) -> date:
    """The day as which an event counts: after 17:00, after the cut-off or on a day off it is the next working day's."""
    day = at.date()
    if cutoff is not None and at.time() > cutoff:
        return next_working(calendar, day + DAY)
    if policy.after_hours is AfterHours.same_day:
        return day if cutoff is None else next_working(calendar, day)
    if works(calendar, day) and at.time() > time(17):
        day += DAY
    return next_working(calendar, day)


def cutoff_of(due: Deadline) -> time | None:
    """The procedure's cut-off; of a limit of 0 days without one the policy's."""
    if due.receipt_cutoff is None and due.limit in (TimeLimit(0), TimeLimit(0, LimitUnit.calendar_days)):
        return due.policy.same_day_cutoff
    return due.receipt_cutoff


Interval = tuple[date, date, date, bool]
"""The day on which a suspension began, the first one not worked for it, the day as which its end counts, and whether it
restarts the limit."""


def first_not_worked(calendar: Calendar, at: datetime, cutoff: time | None, policy: Policy) -> date:
    day = at.date()
    worked_to_the_end = works(calendar, day) and counts_as(calendar, at, cutoff, policy) != day
    return day + DAY if worked_to_the_end else day


def intervals(
    pauses: list[Suspension],
    calendar: Calendar,
    policy: Policy = PAUSES,
    cutoff: time | None = None,
    *,
    may_restart: bool = True,
) -> list[Interval]:
    """`may_restart`: whether a limit can begin anew, which what is left of an extension never does."""
    return [
        (
            pause.from_at.date(),
            first_not_worked(calendar, pause.from_at, cutoff, policy),
            counts_as(calendar, pause.to_at, cutoff, policy),
            may_restart and policy.effect_of(pause.kind) is Effect.restart,
        )
        for pause in pauses
        if pause.to_at is not None and pause.from_at < pause.to_at and policy.effect_of(pause.kind) is not Effect.runs_on
        # What ends before the office opens again takes nothing from it, unless the limit begins anew.
        if (may_restart and policy.effect_of(pause.kind) is Effect.restart)
        or counts_as(calendar, pause.from_at, cutoff, policy) != counts_as(calendar, pause.to_at, cutoff, policy)
    ]


def last_day(start: date, limit: TimeLimit, calendar: Calendar, suspended: list[Interval]) -> date:
    """The first worked day on which the clock runs and enough days are counted."""
    day, counted = start, 0
    while True:
        for asked, _, ends, restarts in suspended:
            # Restart: waiting undoes what was counted; the day on which the papers are complete is a new first day.
            if restarts and asked <= day <= ends:
                counted, start = 0, max(start, ends)
        stands = any(begins <= day < ends for _, begins, ends, _ in suspended)
        asked_in_time = any(asked == day < begins < ends for asked, begins, ends, _ in suspended)
        if day > start and not stands and (limit.unit is LimitUnit.calendar_days or works(calendar, day)):
            counted += 1
        if day >= start and counted >= limit.amount and not stands and not asked_in_time and works(calendar, day):
            return day
        day += DAY


def due_day(
    received_at: datetime,
    limit: TimeLimit,
    calendar: Calendar,
    pauses: list[Suspension],
    policy: Policy = PAUSES,
    cutoff: time | None = None,
) -> date:
    """Walk from the day of receipt to the day on which the limit ends."""
    start = counts_as(calendar, received_at, cutoff, policy)
    return last_day(start, limit, calendar, intervals(pauses, calendar, policy, cutoff))


def extended_day(legal: date, until: date, limit: TimeLimit, calendar: Calendar, suspended: list[Interval]) -> date:
    """The days that a letter gave beyond the legal due date, walked with the suspensions that begin on them.

    `suspended` are intervals of which none restarts.
    """
    until = next_working(calendar, until)
    given, day = 0, legal
    while day < until:
        day += DAY
        given += limit.unit is LimitUnit.calendar_days or works(calendar, day)
    inside = [interval for interval in suspended if interval[0] > legal]
    return last_day(legal, TimeLimit(given, limit.unit), calendar, inside)


def days_spent(start: date, ended_on: date, legal: date, due: date, calendar: Calendar, suspended: list[Interval]) -> int:
    """Worked days after the first one in which the clock ran; a suspension that begins after `due` stops it no more."""
    if ended_on > due:
        ended_on = next_working(calendar, ended_on)
    day, spent = start, 0
    while day <= ended_on:
        for asked, _, ends, restarts in suspended:
            if restarts and asked <= legal and asked <= day <= ends:
                spent, start = 0, max(start, ends)
        stands = any(asked <= due and begins <= day < ends for asked, begins, ends, _ in suspended)
        spent += day > start and not stands and works(calendar, day)
        day += DAY
    return spent


OPEN_MINUTES = [*range(7 * 60 + 30, 11 * 60 + 30), *range(13 * 60 + 30, 17 * 60)]
"""Minutes of a worked day that begin while the office is open."""


def walk_minutes(
    received_at: datetime,
    calendar: Calendar,
    pauses: list[Suspension],
    policy: Policy = PAUSES,
    *,
    until_used: int | None = None,
    ended_at: datetime | None = None,
) -> tuple[datetime, int]:
    """Walk minute by minute through office hours until so many are used or the dossier has ended.

    Tells when that was and how many were used. `received_at` is where the limit runs from.
    """
    midnight = received_at.replace(hour=0, minute=0)

    def since(at: datetime | None) -> int:
        return 10**9 if at is None else (at - midnight) // MINUTE

    begins_at, ends_at = since(received_at), since(ended_at)
    stands = [
        (since(pause.from_at), since(pause.to_at), policy.effect_of(pause.kind) is Effect.restart)
        for pause in pauses
        if policy.effect_of(pause.kind) is not Effect.runs_on
    ]
    restarts = [ends for _, ends, restart in stands if restart]
    used = 0
    for day in count():
        if works(calendar, (midnight + day * DAY).date()):
            for minute in OPEN_MINUTES:
                now = day * 1440 + minute
                while restarts and restarts[0] <= min(now, ends_at):
                    used = 0
                    restarts.pop(0)
                if now >= ends_at:
                    return midnight + ends_at * MINUTE, used
                if now >= begins_at and not any(begins <= now < ends for begins, ends, _ in stands):
                    used += 1
                    if used == until_used:
                        return midnight + (now + 1) * MINUTE, used
    raise AssertionError("a walk ends")


def due_minute(
    received_at: datetime, minutes: int, calendar: Calendar, pauses: list[Suspension], policy: Policy = PAUSES
) -> datetime:
    """The minute at which a limit of so many office minutes is used up."""
    return walk_minutes(received_at, calendar, pauses, policy, until_used=minutes)[0]
