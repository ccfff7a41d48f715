"""The deadline clock: when a dossier is due, whether it ended in time, how much working time it took.

The rules, with their articles (the table in `README.md` gives validity and worked examples):

- Limits in days, working or calendar (ngày làm việc, ngày): the day of receipt is not counted (Civil Code 2015, article
  147(2)), nor are days in which the clock is paused (policy); a limit that ends on a day off ends on the next working day
  (article 148(5)).
- Limits in hours (giờ): they run from the moment of receipt (article 147(1)) through posted office hours, to the minute.
- A receipt after closing or on a day off counts as received on the next working day, where the policy states so.
- An extension counts once, by letter, before the limit has run out (decree 61/2018/NĐ-CP).

Nothing here reads a clock or a database. A `Deadline` holds what it was computed from, so that it can be explained and checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import msgspec

from shared.dossier import DueBasis, Timeliness
from shared.workdays.calendar import LAST_YEAR, Calendar
from shared.workdays.hours import (
    MINUTES_OF_A_DAY,
    STANDARD_HOURS,
    OfficeClock,
    OfficeHours,
    office_clock,
    to_local,
)
from shared.workdays.rules import (
    AfterHours,
    Effect,
    Extension,
    ExtensionRule,
    LimitUnit,
    Policy,
    StopEvent,
    Suspension,
    TimeLimit,
    policy_on,
)
from shared.workdays.suspensions import ordered_suspensions

_ONE_DAY = timedelta(days=1)
# Members read through their class cost 30 ns each time.
_WORKING_DAYS, _HOURS = LimitUnit.working_days, LimitUnit.hours
_EARLY, _ON_TIME, _OVERDUE = Timeliness.early, Timeliness.on_time, Timeliness.overdue


class Deadline(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The due date of a dossier by law, with all that it was computed from."""

    received_at: datetime
    """In Vietnam's civil time, to the second."""
    start_on: date
    """The day that counts as the day of receipt, and is itself not counted."""
    limit: TimeLimit
    due_on: date
    """The due date that counts; `basis` says which one it is."""
    due_at: datetime | None
    """The instant, for a limit in hours whose legal due date counts; None for limits in days."""
    legal_due_on: date
    legal_due_at: datetime | None
    """The instant of the legal due date of a limit in hours."""
    extended_due_on: date | None = None
    basis: DueBasis = DueBasis.legal
    is_suspended: bool = False
    """A suspension has not ended: the due date is the one from before it and will move."""
    suspensions: tuple[Suspension, ...] = ()
    """As they were taken into account: in order, without overlaps."""
    extensions: tuple[Extension, ...] = ()
    calendar: Calendar
    hours: OfficeHours
    policy: Policy

    @property
    def late_from(self) -> date:
        """First civil day at whose end it is overdue if still in process: the day after for days, the day itself for hours."""
        return self.due_on + _ONE_DAY if self.due_at is None else self.due_on

    @property
    def calendar_version(self) -> str:
        """Version of the calendar it was computed by."""
        return self.calendar.version

    @property
    def rule_version(self) -> str:
        """Version of the policy it was computed by."""
        return self.policy.version

    @property
    def limit_minutes(self) -> int:
        """Working time the limit gives, in minutes; a working day has 480, a calendar day what of it is worked."""
        if self.limit.unit is _HOURS:
            return self.limit.amount * 60
        if self.limit.unit is _WORKING_DAYS:
            return self.limit.amount * MINUTES_OF_A_DAY
        plain = _due_in_days(self.start_on, self.limit, self.calendar) if self.suspensions else self.legal_due_on
        return self.calendar.working_days_between(self.start_on, plain) * MINUTES_OF_A_DAY


def deadline(
    received_at: datetime | date,
    limit: TimeLimit,
    calendar: Calendar,
    hours: OfficeHours = STANDARD_HOURS,
    policy: Policy | None = None,
    suspensions: Sequence[Suspension] = (),
    extensions: Sequence[Extension] = (),
) -> Deadline:
    """The due date of a dossier (ngày hẹn trả).

    `received_at` is the instant of receipt with its offset; a plain date means that day, within office hours. `policy`
    None is the one in force on the day of receipt. Raises Invalid (no offset) and OutsideCalendar.
    """
    if isinstance(received_at, datetime):
        received_at = to_local(received_at)
        if received_at.microsecond:
            received_at = received_at.replace(microsecond=0)
        day = received_at.date()
        second = received_at.hour * 3600 + received_at.minute * 60 + received_at.second
    else:
        day, second = received_at, 0
        received_at = hours.opens_at(day)
    if policy is None:
        policy = policy_on(day)
    if calendar.is_working(day) and second <= hours.closing[day.weekday()]:
        start_on = day  # nearly always; spares the call
    else:
        start_on = _counting_day(day, second, calendar, hours, policy)
    taken = ordered_suspensions(suspensions, received_at, policy) if suspensions else ()
    due_at: datetime | None = None
    move: SuspensionShift | None = None
    if limit.unit is _HOURS:
        clock = office_clock(calendar, hours)
        due_at = _due_in_hours(received_at, limit, clock)
        if taken:
            for move in _moves_in_hours(received_at, limit, clock, policy, taken):
                assert isinstance(move.due_after, datetime)
                due_at = move.due_after
        due_on = due_at.date()
    else:
        due_on = _due_in_days(start_on, limit, calendar)
        if taken:
            for move in _moves_in_days(start_on, limit, calendar, hours, policy, taken):
                due_on = move.due_after
    due = Deadline(
        received_at=received_at,
        start_on=start_on,
        limit=limit,
        due_on=due_on,
        due_at=due_at,
        legal_due_on=due_on,
        legal_due_at=due_at,
        is_suspended=move is not None and move.resumed_on is None,
        suspensions=taken,
        calendar=calendar,
        hours=hours,
        policy=policy,
    )
    return _extended(due, extensions) if extensions else due


def _extended(due: Deadline, extensions: Sequence[Extension]) -> Deadline:
    valid = valid_extension(extensions, due.legal_due_on)
    if valid is None:
        return msgspec.structs.replace(due, extensions=tuple(extensions))
    until = due.calendar.next_working(valid.until)
    due = msgspec.structs.replace(due, extended_due_on=until, extensions=tuple(extensions))
    if due.policy.extension is ExtensionRule.apart:
        return due
    return msgspec.structs.replace(due, due_on=until, due_at=None, basis=DueBasis.extended)


def valid_extension(extensions: Sequence[Extension], legal_due_on: date) -> Extension | None:
    """The extension that counts: the first with a letter and a later date, decided no later than the due date.

    An extension happens once (decree 61/2018/NĐ-CP): a second one changes nothing. A date beyond the calendar is a slip.
    """
    for extension in extensions:
        decided_in_time = extension.decided_on is None or extension.decided_on <= legal_due_on
        later = extension.until > legal_due_on and extension.until.year < LAST_YEAR
        if extension.letter.strip() and later and decided_in_time:
            return extension
    return None


def timeliness(ended_at: datetime | date, due: Deadline) -> Timeliness:
    """Early, on time or overdue: by date for limits in days, by instant (to the minute) for limits in hours.

    An end of which only the date is known is compared by date.
    """
    if isinstance(ended_at, datetime):
        ended_at = to_local(ended_at)
        if due.due_at is not None:
            return timeliness_at(ended_at, due.due_at)
        ended_at = ended_at.date()
    return timeliness_on(ended_at, due.due_on)


def timeliness_at(ended_at: datetime, due_at: datetime) -> Timeliness:
    """The same between two instants, to the minute."""
    return timeliness_on(_to_the_minute(ended_at), _to_the_minute(due_at))


def _to_the_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0) if at.second or at.microsecond else at


def timeliness_on(ended: date, due: date) -> Timeliness:
    """The same between two civil days, as a portal's own dates tell it, or between two instants."""
    if ended < due:
        return _EARLY
    return _ON_TIME if ended == due else _OVERDUE


def due_soon(due: Deadline | date, calendar: Calendar) -> tuple[date, date, date]:
    """First civil days on which the due date is at most 1, 3 and 5 working days away."""
    due_on = due.due_on if isinstance(due, Deadline) else due
    back = calendar.add_working_days
    last = due_on if calendar.is_working(due_on) else back(due_on, -1)
    return back(last, -1), back(last, -3), back(last, -5)


def clock_stopped_at(policy: Policy, result_ready_at: datetime | None, delivered_at: datetime | None) -> datetime | None:
    """When the clock stopped: by the policy's event, or by the other one where that is not known to have happened."""
    if policy.stop_event is StopEvent.result_ready:
        return result_ready_at or delivered_at
    return delivered_at


def spent_minutes(due: Deadline, ended_at: datetime) -> int:
    """Working time from receipt to end without the suspensions, counted as the due date is, to compare with `limit_minutes`.

    For a limit in hours it is posted office time; for one in days every whole working day is worth 480 minutes. Raises
    OutsideCalendar.
    """
    ended_at = to_local(ended_at)
    return _office_minutes(due, ended_at) if due.limit.unit is _HOURS else _counted_minutes(due, ended_at.date())


def _office_minutes(due: Deadline, ended_at: datetime) -> int:
    if ended_at <= due.received_at:
        return 0
    elapsed = office_clock(due.calendar, due.hours).minutes
    spent = elapsed(ended_at) - elapsed(due.received_at)
    for suspension in due.suspensions:
        stands_until = ended_at if suspension.to_at is None else min(suspension.to_at, ended_at)
        if suspension.from_at < stands_until:
            spent -= elapsed(stands_until) - elapsed(suspension.from_at)
    return round(spent)


def _counted_minutes(due: Deadline, ended_on: date) -> int:
    """Whole working days after the day of receipt, without those in which the clock stood still; where a suspension restarts
    the limit, from there. What ends by its due date has therefore never spent more than a limit in working days gives.
    """
    done, days = due.start_on, 0
    for suspension in due.suspensions:
        begins = suspension.from_at.date()
        if begins > ended_on:
            break
        ends = suspension.to_at
        if ends is None:
            resumed = ended_on + _ONE_DAY
        else:
            second = ends.hour * 3600 + ends.minute * 60 + ends.second
            resumed = _counting_day(ends.date(), second, due.calendar, due.hours, due.policy)
        if ends is not None and due.policy.effect_of(suspension.kind) is Effect.restart:
            done, days = resumed, 0
        elif begins < resumed:
            days += _working_days(done, begins - _ONE_DAY, due.calendar)
            done = max(done, resumed - _ONE_DAY)
    return (days + _working_days(done, ended_on, due.calendar)) * MINUTES_OF_A_DAY


def _working_days(done: date, until: date, calendar: Calendar) -> int:
    return calendar.working_days_between(done, until) if done < until else 0


def _counting_day(day: date, second: int, calendar: Calendar, hours: OfficeHours, policy: Policy) -> date:
    """The working day that an event at `second` of `day` counts for: the next one after closing or on a day off (policy)."""
    if policy.after_hours is AfterHours.same_day:
        return day
    if not calendar.is_working(day):
        return calendar.next_working(day)
    return day if second <= hours.closing[day.weekday()] else calendar.add_working_days(day, 1)


def _due_in_days(last_not_counted: date, limit: TimeLimit, calendar: Calendar, left: int | None = None) -> date:
    amount = limit.amount if left is None else left
    # Civil Code 2015, article 147(2): counting begins on the day after the first one.
    if limit.unit is _WORKING_DAYS:
        return calendar.add_working_days(last_not_counted, amount)
    # Article 148(5): a limit that ends on a day off ends on the next working day.
    return calendar.add_working_days(last_not_counted + timedelta(days=amount), 0)


class SuspensionShift(msgspec.Struct, frozen=True):
    """How one suspension moved a due date."""

    suspension: Suspension
    effect: Effect
    due_before: date
    """The instant, for limits in hours."""
    due_after: date
    """Equal to `due_before` while the suspension lasts: nobody knows yet how far it will move."""
    begins_on: date
    resumed_on: date | None
    """The day that counts as its end, from which days are counted again; None while it lasts."""


def suspension_shifts(due: Deadline) -> list[SuspensionShift]:
    """The suspensions that moved a due date or hold it, in order: those that began before the limit had run out."""
    if due.limit.unit is _HOURS:
        clock = office_clock(due.calendar, due.hours)
        return list(_moves_in_hours(due.received_at, due.limit, clock, due.policy, due.suspensions))
    return list(_moves_in_days(due.start_on, due.limit, due.calendar, due.hours, due.policy, due.suspensions))


def _moves_in_days(
    start_on: date,
    limit: TimeLimit,
    calendar: Calendar,
    hours: OfficeHours,
    policy: Policy,
    suspensions: Sequence[Suspension],
) -> Iterator[SuspensionShift]:
    """A suspension takes out the days from its beginning up to, not including, the day that counts as its end."""
    done = start_on  # the last day that is not counted or has been counted already
    left = limit.amount
    due_on = _due_in_days(done, limit, calendar, left)
    for suspension in suspensions:
        begins = suspension.from_at.date()
        if begins > due_on:
            return  # the limit had run out: waiting afterwards excuses nothing
        effect = policy.effect_of(suspension.kind)
        if suspension.to_at is None:
            yield SuspensionShift(suspension, effect, due_on, due_on, begins, None)
            return
        ends, before = suspension.to_at, due_on
        second = ends.hour * 3600 + ends.minute * 60 + ends.second
        resumed = _counting_day(ends.date(), second, calendar, hours, policy)
        if effect is Effect.restart:
            done, left = resumed, limit.amount
            due_on = _due_in_days(done, limit, calendar, left)
        elif begins < resumed:
            left = max(left - _counted(done, begins - _ONE_DAY, limit, calendar), 0)
            done = max(done, resumed - _ONE_DAY)
            # None left: all days were counted, but the last one was off and the clock stood still when it rolled on.
            due_on = _due_in_days(done, limit, calendar, left) if left else calendar.next_working(max(done, resumed))
        yield SuspensionShift(suspension, effect, before, due_on, begins, resumed)


def _counted(done: date, until: date, limit: TimeLimit, calendar: Calendar) -> int:
    if until <= done:
        return 0
    return calendar.working_days_between(done, until) if limit.unit is _WORKING_DAYS else (until - done).days


def _moves_in_hours(
    received_at: datetime, limit: TimeLimit, clock: OfficeClock, policy: Policy, suspensions: Sequence[Suspension]
) -> Iterator[SuspensionShift]:
    allowed = limit.amount * 3600
    done = clock.elapsed(received_at)
    left = allowed
    due_at = _due_in_hours(received_at, limit, clock)
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
        before, due_at = due_at, clock.reached(done + left)
        yield SuspensionShift(suspension, effect, before, due_at, begins_on, suspension.to_at.date())


def _due_in_hours(received_at: datetime, limit: TimeLimit, clock: OfficeClock) -> datetime:
    # Civil Code 2015, article 147(1): a limit in hours begins at the moment of receipt.
    if limit.amount == 0:
        return clock.next_open(received_at)
    return clock.reached(clock.elapsed(received_at) + limit.amount * 3600)
