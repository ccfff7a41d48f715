"""The deadline clock: when a dossier is due, and whether it ended in time.

The rules, with their articles (the table in `README.md` gives validity and worked examples):

- Limits in days, working or calendar (ngày làm việc, ngày): the day of receipt is not counted (Civil Code 2015, article
  147(2)), nor are days in which the clock is paused (policy); a limit that ends on a day off ends on the next working day
  (article 148(5)).
- Limits in hours (giờ): they run from the moment of receipt (article 147(1)) through posted office hours, to the minute.
- A receipt after closing or on a day off counts as received on the next working day, where the policy states so; one after
  the cut-off of its procedure always does, and so does one after the policy's of a limit of 0 days without one of its own.
- An extension counts once, by letter, before the limit has run out (decree 61/2018/NĐ-CP). One that counts ends on its
  letter's date, or later by the days in which the clock was paused inside it.

`shifts` computes what suspensions do to a due date, `spent` how much time was spent of it. Nothing here reads a clock or a
database. A `Deadline` holds what it was computed from, so that it can be explained and checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import msgspec

from shared.dossier import DueBasis, Timeliness
from shared.workdays.calendar import LAST_YEAR, Calendar
from shared.workdays.hours import STANDARD_HOURS, OfficeHours, office_clock, second_of, to_local
from shared.workdays.rules import (
    Extension,
    ExtensionRule,
    LimitUnit,
    Policy,
    StopEvent,
    Suspension,
    TimeLimit,
    policy_on,
)
from shared.workdays.shifts import (
    CountingDays,
    SuspensionShift,
    counted,
    due_in_days,
    due_in_hours,
    shifts_in_days,
    shifts_in_hours,
)
from shared.workdays.suspensions import ordered_suspensions

_ONE_DAY = timedelta(days=1)
# Members read through their class cost 30 ns each time.
_HOURS = LimitUnit.hours
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
    """By the letter and, where the policy lets it count, the suspensions inside the extension."""
    basis: DueBasis = DueBasis.legal
    is_suspended: bool = False
    """A suspension has not ended: the due date is the one from before it and will move."""
    suspensions: tuple[Suspension, ...] = ()
    """As they were taken into account: in order, without overlaps."""
    extensions: tuple[Extension, ...] = ()
    calendar: Calendar
    hours: OfficeHours
    policy: Policy
    receipt_cutoff: time | None = None
    """Of its procedure: what is received later on a day counts as the next working day's. None: it has none of its own."""

    @property
    def cutoff(self) -> time | None:
        """The cut-off that counts: of its procedure, or of the policy where the limit is 0 days."""
        return self.policy.cutoff_of(self.limit, self.receipt_cutoff)

    @property
    def runs_from(self) -> datetime:
        """The instant from which a limit in hours runs: the receipt, or the opening of the day as which it counts."""
        return _runs_from(self.received_at, self.start_on, self.hours)

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


def deadline(
    received_at: datetime | date,
    limit: TimeLimit,
    calendar: Calendar,
    hours: OfficeHours = STANDARD_HOURS,
    policy: Policy | None = None,
    suspensions: Sequence[Suspension] = (),
    extensions: Sequence[Extension] = (),
    receipt_cutoff: time | None = None,
) -> Deadline:
    """The due date of a dossier (ngày hẹn trả).

    `received_at` is the instant of receipt with its offset; a plain date means that day, within office hours. `policy`
    None is the one in force on the day of receipt; `receipt_cutoff` is the procedure's. Raises Invalid (no offset) and
    OutsideCalendar.
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
    cutoff = policy.cutoff_of(limit, receipt_cutoff)
    if cutoff is None and second <= hours.closing[day.weekday()] and calendar.is_working(day):
        start_on = day  # nearly always; spares the call
    else:
        start_on = _counting_days(calendar, hours, policy, cutoff).day_of(day, second)
    taken = ordered_suspensions(suspensions, received_at, policy) if suspensions else ()
    due_at: datetime | None = None
    shift: SuspensionShift | None = None
    if limit.unit is _HOURS:
        clock = office_clock(calendar, hours)
        runs_from = _runs_from(received_at, start_on, hours)
        due_at = due_in_hours(runs_from, limit, clock)
        if taken:
            for shift in shifts_in_hours(runs_from, limit, clock, policy, taken):
                assert isinstance(shift.due_after, datetime)
                due_at = shift.due_after
        due_on = due_at.date()
    else:
        due_on = due_in_days(start_on, limit.unit, limit.amount, calendar)
        if taken:
            days = _counting_days(calendar, hours, policy, cutoff)
            for shift in shifts_in_days(start_on, limit.unit, limit.amount, days, taken):
                due_on = shift.due_after
    due = Deadline(
        received_at=received_at,
        start_on=start_on,
        limit=limit,
        due_on=due_on,
        due_at=due_at,
        legal_due_on=due_on,
        legal_due_at=due_at,
        is_suspended=shift is not None and shift.resumed_on is None,
        suspensions=taken,
        calendar=calendar,
        hours=hours,
        policy=policy,
        receipt_cutoff=receipt_cutoff,
    )
    return _extended(due, extensions) if extensions else due


def _runs_from(received_at: datetime, start_on: date, hours: OfficeHours) -> datetime:
    return received_at if received_at.date() == start_on else hours.opens_at(start_on)


def _counting_days(calendar: Calendar, hours: OfficeHours, policy: Policy, cutoff: time | None) -> CountingDays:
    return CountingDays(calendar, hours, policy, second_of(cutoff) if cutoff is not None else None)


def _extended(due: Deadline, extensions: Sequence[Extension]) -> Deadline:
    due = msgspec.structs.replace(due, extensions=tuple(extensions))
    valid = valid_extension(extensions, due.legal_due_on)
    if valid is None:
        return due
    until = due.calendar.next_working(valid.until)
    if due.policy.extension is ExtensionRule.apart:
        return msgspec.structs.replace(due, extended_due_on=until)
    due = msgspec.structs.replace(due, extended_due_on=until, due_on=until, due_at=None, basis=DueBasis.extended)
    shifts = extension_shifts(due)
    if not shifts:
        return due
    until, is_suspended = shifts[-1].due_after, due.is_suspended or shifts[-1].resumed_on is None
    return msgspec.structs.replace(due, extended_due_on=until, due_on=until, is_suspended=is_suspended)


def suspension_shifts(due: Deadline) -> list[SuspensionShift]:
    """The suspensions that moved the legal due date or hold it, in order: those that began before the limit had run out."""
    if due.limit.unit is _HOURS:
        clock = office_clock(due.calendar, due.hours)
        return list(shifts_in_hours(due.runs_from, due.limit, clock, due.policy, due.suspensions))
    days = _counting_days(due.calendar, due.hours, due.policy, due.cutoff)
    return list(shifts_in_days(due.start_on, due.limit.unit, due.limit.amount, days, due.suspensions))


def extension_shifts(due: Deadline) -> list[SuspensionShift]:
    """The suspensions that moved the extended due date or hold it: those that began inside an extension that counts.

    The letter gave a date, so what is left of it runs on after a suspension, even where the policy restarts a limit. Of a
    limit in hours working days are left.
    """
    if due.basis is not DueBasis.extended:
        return []
    inside = due.suspensions[len(suspension_shifts(due)) :]
    if not inside:
        return []
    valid = valid_extension(due.extensions, due.legal_due_on)
    assert valid is not None
    days = _counting_days(due.calendar, due.hours, due.policy, due.cutoff)
    amount = extension_days(due, due.calendar.next_working(valid.until))
    return list(shifts_in_days(due.legal_due_on, extension_unit(due), amount, days, inside, restarts=False))


def extension_unit(due: Deadline) -> LimitUnit:
    """What an extension of the limit is counted in."""
    return LimitUnit.working_days if due.limit.unit is _HOURS else due.limit.unit


def extension_days(due: Deadline, until: date) -> int:
    """How many days an extension until a working day adds to the legal due date."""
    return counted(due.legal_due_on, until, extension_unit(due), due.calendar)


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

    An end of which only the date is known is compared by date. One on a day off after the due date is overdue, as one on
    the next working day is, and `spent_minutes` counts it as such.
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
