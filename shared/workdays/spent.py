"""How much working time a dossier took, and how much it was allowed: two figures that never contradict its timeliness.

Let D be the due date that counts, and S(e) the working time spent by a dossier that ended at e:

- S counts from the day of receipt (not itself counted) or, where a suspension restarted the limit, from the day on which that
  suspension ended. It counts the worked days in which the clock did not stand still, 480 minutes each; of a limit in hours,
  the office minutes.
- The clock stands still in those suspensions alone that moved D: what begins after the limit has run out excuses nothing, and
  one that has not ended has moved nothing yet.
- An end after D on a day off counts as the next working day; of a limit in hours, an end after D while the office is closed
  counts as the next office minute.

The time allowed is S(D): what the limit gives, and with an extension that counts what this gives too. A limit of n working
days allows 480 n minutes, one in calendar days the worked ones of its days. Where papers are asked for after closing on the
last day, that day was worked and the limit is used up, but not yet missed: the day on which they come is allowed too.

**Theorem.** A dossier ended in time exactly when S(e) <= S(D). Proof, for days: S never falls as e grows, so e <= D gives
S(e) <= S(D). Every suspension that moved D has ended by D, since each moved it to or behind the day on which it ended; after
D the clock therefore runs on every worked day. If e > D, the day as which e counts is a worked day after D, so S(e) is at
least S(D) + 480. For hours the same holds to the minute, in which ends and due dates are compared. A dossier that was early
or on time has thus a quotient S(e) / S(D) of at most 1, and one that was overdue one above 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from shared.civil import VIETNAM
from shared.dossier import DueBasis, Timeliness
from shared.workdays.calendar import Calendar
from shared.workdays.clock import Deadline, extension_shifts, suspension_shifts, timeliness
from shared.workdays.hours import MINUTES_OF_A_DAY, office_clock, to_local
from shared.workdays.rules import Effect, LimitUnit
from shared.workdays.shifts import SuspensionShift

_ONE_DAY = timedelta(days=1)
_END_OF_DAY = time(23, 59, 59)
# Members read through their class cost 30 ns each time.
_HOURS, _OVERDUE, _RESTART = LimitUnit.hours, Timeliness.overdue, Effect.restart


def limit_minutes(due: Deadline) -> int:
    """Working time up to the due date that counts, in minutes: the time allowed."""
    if due.limit.unit is not _HOURS:
        return _days_spent(due, due.due_on) * MINUTES_OF_A_DAY
    if due.basis is not DueBasis.extended:
        return due.limit.amount * 60
    return _minutes_spent(due, datetime.combine(due.due_on, _END_OF_DAY, VIETNAM))


def spent_minutes(due: Deadline, ended_at: datetime) -> int:
    """Working time from receipt to end, in minutes: at most `limit_minutes` exactly when the dossier ended in time.

    Raises OutsideCalendar for an end after the last working day of the calendar.
    """
    ended_at = to_local(ended_at)
    if due.limit.unit is not _HOURS:
        ended_on = ended_at.date()
        if ended_on > due.due_on and not due.calendar.is_working(ended_on):
            ended_on = due.calendar.next_working(ended_on)
        return _days_spent(due, ended_on) * MINUTES_OF_A_DAY
    spent, allowed = _minutes_spent(due, ended_at), limit_minutes(due)
    # Timeliness drops the seconds of both instants, which rounding does not.
    return max(spent, allowed + 1) if timeliness(ended_at, due) is _OVERDUE else min(spent, allowed)


def _days_spent(due: Deadline, until: date) -> int:
    """S(until), of a limit in days."""
    calendar, done = due.calendar, due.start_on
    days = 0
    for shift in _shifts(due):
        if shift.resumed_on is None:
            break
        if shift.effect is _RESTART:
            done, days = shift.resumed_on, 0
            continue
        days += _worked_days(done, min(shift.begins_on - _ONE_DAY, until), calendar)
        done = max(done, shift.resumed_on - _ONE_DAY)
    return days + _worked_days(done, until, calendar)


def _worked_days(done: date, until: date, calendar: Calendar) -> int:
    return calendar.working_days_between(done, until) if done < until else 0


def _minutes_spent(due: Deadline, until: datetime) -> int:
    """S(until), of a limit in hours, rounded to the minute."""
    elapsed = office_clock(due.calendar, due.hours).elapsed
    done, seconds = due.runs_from, 0
    for shift in _shifts(due):
        resumed_at = shift.suspension.to_at
        if resumed_at is None:
            break
        if shift.effect is _RESTART:
            done, seconds = max(done, resumed_at), 0
            continue
        begins_at = min(shift.suspension.from_at, until)
        if done < begins_at:
            seconds += elapsed(begins_at) - elapsed(done)
        done = max(done, resumed_at)
    if done < until:
        seconds += elapsed(until) - elapsed(done)
    return round(seconds / 60)


def _shifts(due: Deadline) -> Sequence[SuspensionShift]:
    """The suspensions that moved the due date that counts, in order."""
    return [*suspension_shifts(due), *extension_shifts(due)] if due.suspensions else ()
