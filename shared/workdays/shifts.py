"""What a suspension does to a due date: the days or the office time in which the clock stands still are not counted.

Days: a suspension takes out the days from the one on which it begins, or the next where it begins after closing, up to, not
including, the day that counts as its end: what begins and ends while the office is closed takes out none. Hours: it takes
out its own office time. Where the policy restarts the limit, all of it runs anew from the end of the suspension. One that
begins after the limit has run out excuses nothing. Every function yields as many shifts as there are suspensions that count,
the first of those it was given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import msgspec

from shared.workdays.calendar import Calendar
from shared.workdays.hours import OfficeClock, OfficeHours
from shared.workdays.rules import AfterHours, Effect, LimitUnit, Policy, Suspension, TimeLimit

_ONE_DAY = timedelta(days=1)
_WORKING_DAYS = LimitUnit.working_days


class CountingDays(NamedTuple):
    """As which day an event counts: a receipt, or the end of a suspension."""

    calendar: Calendar
    hours: OfficeHours
    policy: Policy
    cutoff: int | None = None
    """Second of the day after which it counts as the next working day's, as one on a day off does, whatever the policy says."""

    def day_of(self, day: date, second: int) -> date:
        """The day as which an event at `second` of `day` counts."""
        if self.cutoff is not None and second > self.cutoff:
            return self.calendar.add_working_days(day, 1)
        if self.policy.after_hours is AfterHours.same_day and self.cutoff is None:
            return day
        if not self.calendar.is_working(day):
            return self.calendar.next_working(day)
        if self.policy.after_hours is AfterHours.same_day or second <= self.hours.closing[day.weekday()]:
            return day
        return self.calendar.add_working_days(day, 1)

    def first_without(self, begins: datetime, resumed: date | None, unit: LimitUnit) -> date:
        """The first day on which the clock stands still, of a suspension whose end counts as `resumed`; that one: on none."""
        day = begins.date()
        if unit is _WORKING_DAYS and not self.calendar.is_working(day):
            return day  # it is not counted anyway
        counts_as = self.day_of(day, second_of_day(begins))
        if resumed is not None and counts_as >= resumed:
            return resumed
        # After closing, its day was worked to the end; a day off was not.
        return day + _ONE_DAY if counts_as > day and self.calendar.is_working(day) else day


def second_of_day(at: datetime) -> int:
    """Seconds since midnight of a local instant."""
    return at.hour * 3600 + at.minute * 60 + at.second


class SuspensionShift(msgspec.Struct, frozen=True):
    """What one suspension did to a due date."""

    suspension: Suspension
    effect: Effect
    due_before: date
    """The instant, for limits in hours."""
    due_after: date
    """Equal to `due_before` while the suspension lasts: nobody knows yet how far it will move."""
    begins_on: date
    """The first day that is not counted for it; `resumed_on` where there is none."""
    resumed_on: date | None
    """The day that counts as its end, from which days are counted again; None while it lasts."""


def due_in_days(last_not_counted: date, unit: LimitUnit, amount: int, calendar: Calendar) -> date:
    """The day that ends a limit in days, of which none was counted until `last_not_counted`."""
    # Civil Code 2015, article 147(2): counting begins on the day after the first one.
    if unit is _WORKING_DAYS:
        return calendar.add_working_days(last_not_counted, amount)
    # Article 148(5): a limit that ends on a day off ends on the next working day.
    return calendar.add_working_days(last_not_counted + timedelta(days=amount), 0)


def due_in_hours(runs_from: datetime, limit: TimeLimit, clock: OfficeClock) -> datetime:
    """The instant that ends a limit in hours."""
    # Civil Code 2015, article 147(1): a limit in hours begins at the moment of receipt.
    if limit.amount == 0:
        return clock.next_open(runs_from)
    return clock.reached(clock.elapsed(runs_from) + limit.amount * 3600)


def counted(done: date, until: date, unit: LimitUnit, calendar: Calendar) -> int:
    """Days of a limit after `done` up to and including `until`."""
    if until <= done:
        return 0
    return calendar.working_days_between(done, until) if unit is _WORKING_DAYS else (until - done).days


def shifts_in_days(
    start_on: date,
    unit: LimitUnit,
    amount: int,
    days: CountingDays,
    suspensions: Sequence[Suspension],
    *,
    restarts: bool = True,
) -> Iterator[SuspensionShift]:
    """The shifts of a limit of `amount` days, the first of which is the one after `start_on`.

    Without `restarts` what is left runs on after every suspension.
    """
    calendar = days.calendar
    done = start_on  # the last day that is not counted or has been counted already
    left = amount
    due_on = due_in_days(done, unit, left, calendar)
    for suspension in suspensions:
        if suspension.from_at.date() > due_on:
            return
        effect = days.policy.effect_of(suspension.kind) if restarts else Effect.pause
        if suspension.to_at is None:
            yield SuspensionShift(suspension, effect, due_on, due_on, days.first_without(suspension.from_at, None, unit), None)
            return
        ends, before = suspension.to_at, due_on
        resumed = days.day_of(ends.date(), second_of_day(ends))
        begins = days.first_without(suspension.from_at, resumed, unit)
        if effect is Effect.restart:
            done, left = resumed, amount
            due_on = due_in_days(done, unit, left, calendar)
        elif begins < resumed:
            left = max(left - counted(done, begins - _ONE_DAY, unit, calendar), 0)
            done = max(done, resumed - _ONE_DAY)
            # None left: all days were counted, but the last one was off and the clock stood still when it rolled on.
            due_on = due_in_days(done, unit, left, calendar) if left else calendar.next_working(max(done, resumed))
        yield SuspensionShift(suspension, effect, before, due_on, begins, resumed)


def shifts_in_hours(
    runs_from: datetime, limit: TimeLimit, clock: OfficeClock, policy: Policy, suspensions: Sequence[Suspension]
) -> Iterator[SuspensionShift]:
    """The shifts of a limit in hours that runs from an instant."""
    allowed = limit.amount * 3600
    done = clock.elapsed(runs_from)
    left = allowed
    due_at = due_in_hours(runs_from, limit, clock)
    for suspension in suspensions:
        if suspension.from_at >= due_at:
            return
        effect = policy.effect_of(suspension.kind)
        begins_on = suspension.from_at.date()
        if suspension.to_at is None:
            yield SuspensionShift(suspension, effect, due_at, due_at, begins_on, None)
            return
        if effect is Effect.restart:
            left = allowed
        else:
            left -= max(clock.elapsed(suspension.from_at) - done, 0)
        done = max(done, clock.elapsed(suspension.to_at))
        before = due_at
        due_at = clock.reached(done + left) if left else clock.next_open(max(suspension.to_at, runs_from))
        yield SuspensionShift(suspension, effect, before, due_at, begins_on, suspension.to_at.date())
