"""Dates for a planned dossier, so that by the law, as `shared.workdays` counts it, the dossier ends as planned.

Dates are drawn at random and checked by the law until they fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from deploy.simulator.draw import Draw
from deploy.simulator.ledger import Offering, Promise, Step, at, civil_day, instant, moment
from deploy.simulator.reference.calibration import FIRST_DAY, LAST_DAY
from deploy.simulator.reference.plans import OPEN, Divergence, DossierPlan, EndState
from shared.dossier import SUSPENSIONS, Channel, Status, Timeliness
from shared.workdays import (
    Calendar,
    Deadline,
    LimitUnit,
    Suspension,
    TimeLimit,
    deadline,
    timeliness,
)

_ONE_DAY = timedelta(days=1)
_TRIES = 4000
_TIMELINESS = {
    EndState.early: Timeliness.early,
    EndState.on_time: Timeliness.on_time,
    EndState.overdue: Timeliness.overdue,
    EndState.returned: Timeliness.early,
}


@dataclass(frozen=True, slots=True)
class Timeline:
    """The dates of a dossier."""

    applied_at: int
    steps: tuple[Step, ...]
    promises: tuple[Promise, ...]
    legal_due_at: int
    cause: str | None = None


@dataclass(slots=True)
class _Pause:
    begin: int
    end: int
    status: Status


def timeline_of(plan: DossierPlan, draw: Draw, calendar: Calendar) -> Timeline:
    """Dates that fit the plan; ValueError when none were found, because the calibration demands the impossible."""
    for _ in range(_TRIES):
        timeline = _propose(plan, draw, calendar)
        if timeline is not None:
            return timeline
    raise ValueError(f"no dates fit {plan}")


def _propose(plan: DossierPlan, draw: Draw, calendar: Calendar) -> Timeline | None:
    offering = plan.offering
    assert offering is not None
    limit = TimeLimit(offering.amount, LimitUnit(offering.unit))
    received_on = _receipt_day(plan, offering, draw, calendar)
    if (received_on < FIRST_DAY) is not plan.carried or received_on > LAST_DAY:
        return None
    received_at = _receipt_time(received_on, plan, draw)
    plain = deadline(moment(received_at), limit, calendar)
    pause = _pause(plan, received_at, plain, draw, calendar) if plan.divergence in _WITH_PAUSE else None
    if plan.divergence in _WITH_PAUSE and pause is None:
        return None
    due = plain if pause is None else deadline(moment(received_at), limit, calendar, suspensions=_suspensions([pause]))
    ended_at = _end(plan, received_at, plain, due, pause, draw, calendar)
    if ended_at is None or not _fits(plan, received_at, ended_at, due):
        return None
    if pause is not None and ended_at <= pause.end:
        return None
    return _timeline(plan, received_at, ended_at, plain, due, pause, draw)


_WITH_PAUSE = (Divergence.suspension_hidden, Divergence.suspension_honoured)


def _suspensions(pauses: list[_Pause]) -> tuple[Suspension, ...]:
    return tuple(Suspension(moment(one.begin), moment(one.end), SUSPENSIONS[one.status]) for one in pauses)


def due_instant(due: Deadline) -> int:
    """The end of the limit as an instant: the minute for hours, the close of business for days."""
    return at(due.legal_due_on, 17) if due.due_at is None else instant(due.due_at)


def _fits(plan: DossierPlan, received_at: int, ended_at: int, due: Deadline) -> bool:
    """Whether by law these dates give the planned end."""
    ended_on = civil_day(ended_at)
    if ended_at <= received_at or ended_on < FIRST_DAY:
        return False
    if plan.end_state is EndState.within_limit:
        return ended_on > LAST_DAY and due.due_on >= LAST_DAY and timeliness(moment(ended_at), due) is not Timeliness.overdue
    if plan.end_state is EndState.in_process_overdue:
        return ended_on > LAST_DAY and due.due_on < LAST_DAY
    return ended_on <= LAST_DAY and timeliness(moment(ended_at), due) is _TIMELINESS[plan.end_state]


def _receipt_day(plan: DossierPlan, offering: Offering, draw: Draw, calendar: Calendar) -> date:
    """A working day from which the planned end can be reached; a commune's desk also opens on some Saturdays."""
    span = offering.amount * 7 // 5 + 2 if offering.unit == "working_days" else max(offering.amount, 3)
    if offering.unit == "hours":
        span = 1
    if plan.carried:
        first, last = FIRST_DAY - timedelta(days=span + 8), FIRST_DAY - _ONE_DAY
    elif plan.end_state in OPEN:
        back = span + (14 if plan.suspended_at_end or plan.end_state is EndState.in_process_overdue else 0)
        first, last = max(FIRST_DAY, LAST_DAY - timedelta(days=back)), LAST_DAY
    else:
        first, last = FIRST_DAY, LAST_DAY
    if (
        plan.end_state is EndState.early
        and plan.divergence is Divergence.none
        and not plan.carried
        and offering.amount >= 3
        and draw.chance(1.5)
    ):
        saturday = first + timedelta(days=draw.below((last - first).days + 1))
        saturday += timedelta(days=(5 - saturday.weekday()) % 7)
        if not calendar.is_working(saturday):
            return saturday
    return calendar.next_working(first + timedelta(days=draw.below((last - first).days + 1)))


def _receipt_time(day: date, plan: DossierPlan, draw: Draw) -> int:
    """Office hours mostly; some before seven, when the day in UTC is still the one before; some online in the evening."""
    if plan.divergence is Divergence.none and plan.end_state is not EndState.on_time:
        if draw.chance(3):
            return at(day, 6, draw.between(31, 59), draw.below(60))
        if plan.channel is Channel.online and plan.end_state is EndState.early and draw.chance(1.5):
            return at(day, draw.between(17, 21), draw.between(5, 59), draw.below(60))
    return office_time(day, draw)


def office_time(day: date, draw: Draw) -> int:
    """Some second of the day while the desk is open."""
    if draw.chance(58):
        return at(day, 7, 32) + draw.below(3 * 3600 + 50 * 60)
    return at(day, 13, 32) + draw.below(3 * 3600)


def _pause(plan: DossierPlan, received_at: int, plain: Deadline, draw: Draw, calendar: Calendar) -> _Pause | None:
    received_on = civil_day(received_at)
    room = calendar.working_days_between(received_on, plain.due_on)
    if room < 2:
        return None
    begin = office_time(calendar.add_working_days(received_on, draw.between(1, room - 1)), draw)
    end_on = calendar.add_working_days(civil_day(begin), draw.between(2, 9))
    end = office_time(end_on, draw)
    if plan.suspended_at_end and not (civil_day(begin) <= LAST_DAY < end_on):
        return None
    status = Status.supplement_requested
    if plan.interlinked and plan.divergence is Divergence.suspension_honoured:
        status = Status.payment_requested if draw.chance(70) else Status.suspended
    return _Pause(begin, end, status)


def _end(
    plan: DossierPlan, received_at: int, plain: Deadline, due: Deadline, pause: _Pause | None, draw: Draw, calendar: Calendar
) -> int | None:
    received_on = civil_day(received_at)
    if plain.due_at is not None:
        # In hours: some time between receipt and the due minute, on the day of receipt if that goes.
        latest = min(instant(plain.due_at), max(at(received_on, 16, 55), received_at)) - 300
        if latest - received_at < 900:
            latest = instant(plain.due_at) - 300
        return received_at + 600 + draw.below(max(latest - received_at - 600, 1))
    earliest = max(calendar.next_working(received_on), civil_day(pause.end) if pause else received_on)
    match plan.end_state:
        case EndState.on_time:
            day = due.due_on
        case EndState.overdue:
            day = calendar.add_working_days(due.due_on, draw.between(1, 5))
        case EndState.in_process_overdue:
            day = calendar.add_working_days(LAST_DAY, draw.between(2, 4))
        case EndState.within_limit:
            earliest = max(earliest, LAST_DAY + _ONE_DAY)
            room = calendar.working_days_between(earliest - _ONE_DAY, due.due_on)
            if room < 1:
                return None
            day = calendar.add_working_days(earliest - _ONE_DAY, draw.between(1, room))
        case _:
            first = max(earliest, FIRST_DAY)
            last = min(due.due_on - _ONE_DAY, LAST_DAY)
            if plan.divergence is Divergence.days_off_counted:
                first = max(first, received_on + timedelta(days=plain.limit.amount + 1))
            elif plan.divergence is Divergence.suspension_hidden:
                first = max(first, plain.due_on + _ONE_DAY)
            room = calendar.working_days_between(first - _ONE_DAY, last) if first <= last else 0
            if room < 1:
                return None
            # Most of what is early is early by much.
            day = calendar.add_working_days(first - _ONE_DAY, 1 + min(draw.below(room), draw.below(room)))
    if not calendar.is_working(day):
        return None
    if day == received_on:
        left = at(day, 16, 58) - received_at
        return received_at + 240 + draw.below(left - 240) if left > 600 else None
    if draw.chance(2):
        return at(day, 6, draw.between(35, 59), draw.below(60))
    return office_time(day, draw)


def _timeline(
    plan: DossierPlan, received_at: int, ended_at: int, plain: Deadline, due: Deadline, pause: _Pause | None, draw: Draw
) -> Timeline | None:
    closed_at = ended_at
    legal_due_at = due_instant(due)
    promised = due_instant(plain)
    moved: tuple[Promise, ...] = ()
    cause: str | None = None
    match plan.divergence:
        case Divergence.days_off_counted:
            promised = at(civil_day(received_at) + timedelta(days=plain.limit.amount), 17)
            missed = min(civil_day(ended_at), LAST_DAY)
            if civil_day(promised) >= missed or civil_day(promised) >= due.due_on:
                return None
            cause = plan.divergence.value
        case Divergence.suspension_hidden:
            cause = plan.divergence.value
        case Divergence.suspension_honoured:
            assert pause is not None
            moved = (Promise(legal_due_at, pause.end),)
        case Divergence.due_moved:
            moved = (Promise(at(civil_day(ended_at), 17), promised - 3600),)
            cause = plan.divergence.value
        case Divergence.not_closed_in_software:
            closed_on = due.due_on + timedelta(days=draw.between(1, 6))
            if closed_on > LAST_DAY:
                return None
            closed_at = office_time(closed_on, draw)
            cause = plan.divergence.value
    if plan.end_state in (EndState.overdue, EndState.in_process_overdue) and cause is None:
        cause = "staff"
    applied_at = received_at - draw.between(300, 3000)
    if plan.channel is Channel.online and draw.chance(60):
        applied_at = received_at - draw.between(4 * 3600, 15 * 3600)
    steps = [
        Step(Status.registered, applied_at, applied_at),
        Step(Status.received, received_at, received_at),
    ]
    begun = received_at + min(900, max((ended_at - received_at) // 3, 1))
    if pause is not None:
        begun = min(begun, pause.begin - 60)
    steps.append(Step(Status.processing, begun, begun))
    if pause is not None:
        steps.append(Step(pause.status, pause.begin, pause.begin))
        steps.append(Step(Status.processing, pause.end, pause.end))
    if plan.end_state is EndState.returned:
        steps.append(Step(Status.returned, ended_at, ended_at))
    else:
        steps.append(Step(Status.resolved, ended_at, closed_at))
        picked_up = closed_at if closed_at > ended_at else closed_at + draw.between(120, 3 * 86400)
        steps.append(Step(Status.delivered, picked_up, picked_up))
    return Timeline(applied_at, tuple(steps), (Promise(promised, received_at), *moved), legal_due_at, cause)
