"""A dossier is in time exactly when the time it spent is within the time it was allowed, and both are what a walk counts."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.civil import VIETNAM
from shared.dossier import SuspensionKind, Timeliness
from shared.workdays import (
    Calendar,
    Deadline,
    Extension,
    LimitUnit,
    Policy,
    Suspension,
    TimeLimit,
    build_calendar,
    closed_suspensions,
    deadline,
    limit_minutes,
    national_calendar,
    spent_minutes,
    timeliness,
)
from shared.workdays.calendar import Override, published_overrides
from shared.workdays.clock import suspension_shifts
from shared.workdays.explain import steps
from shared.workdays.rules import AfterHours, Effect, ExtensionRule
from tests.law.walking import counts_as, cutoff_of, days_spent, due_day, extended_day, intervals, next_working, walk_minutes
from tests.quick import cases

CALENDAR = national_calendar()
FLOODED = build_calendar(
    [*published_overrides(), *(Override(date(2024, 9, day), "off", "Công điện", date(2024, 9, 8)) for day in range(9, 21))]
)
WORKING, CALENDAR_DAYS, HOURS = LimitUnit.working_days, LimitUnit.calendar_days, LimitUnit.hours
RESTARTS = Policy("restarts", date(2000, 1, 1), supplement=Effect.restart)
COUNTS = Policy("counts", date(2000, 1, 1), extension=ExtensionRule.counts)
COUNTS_AND_RESTARTS = Policy("both", date(2000, 1, 1), supplement=Effect.restart, extension=ExtensionRule.counts)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def figures(due: Deadline, ended: str) -> tuple[Timeliness, int, int]:
    """Timeliness, time spent and time allowed, in minutes."""
    return timeliness(at(ended), due), spent_minutes(due, at(ended)), limit_minutes(due)


# ---- Sentences ----------------------------------------------------------------------------------------------------------


def test_an_end_on_a_day_off_after_the_due_date_counts_as_the_next_working_day() -> None:
    due = deadline(at("2023-03-06T09:00"), TimeLimit(4), CALENDAR)  # due on Friday 10/3
    assert figures(due, "2023-03-10T17:00") == (Timeliness.on_time, 4 * 480, 4 * 480)
    assert figures(due, "2023-03-11T09:00") == (Timeliness.overdue, 5 * 480, 4 * 480)
    assert figures(due, "2023-03-12T09:00") == figures(due, "2023-03-13T09:00") == (Timeliness.overdue, 5 * 480, 4 * 480)
    before = deadline(at("2023-03-06T09:00"), TimeLimit(5), CALENDAR)  # due on Monday 13/3
    assert figures(before, "2023-03-11T09:00") == (Timeliness.early, 4 * 480, 5 * 480)


def test_of_a_limit_in_hours_an_end_after_it_while_the_office_is_closed_counts_as_the_next_minute() -> None:
    due = deadline(at("2023-03-10T13:00"), TimeLimit(3, HOURS), CALENDAR)  # due on Friday 10/3, 16:30
    assert figures(due, "2023-03-10T16:30:59") == (Timeliness.on_time, 180, 180)
    assert figures(due, "2023-03-10T16:31") == (Timeliness.overdue, 181, 180)
    closing = deadline(at("2023-03-10T14:00"), TimeLimit(3, HOURS), CALENDAR)
    assert figures(closing, "2023-03-11T08:00") == (Timeliness.overdue, 181, 180)
    to_the_second = deadline(at("2023-03-10T13:45:45"), TimeLimit(1, HOURS), CALENDAR)  # due at 14:45:45
    assert figures(to_the_second, "2023-03-10T14:46:00") == (Timeliness.overdue, 61, 60)


def test_after_a_restart_time_is_counted_from_the_restart() -> None:
    waiting = (Suspension(at("2023-03-09T10:00"), at("2023-03-13T09:00")),)
    due = deadline(at("2023-03-06T09:00"), TimeLimit(5), CALENDAR, policy=RESTARTS, suspensions=waiting)
    assert figures(due, "2023-03-20T09:00") == (Timeliness.on_time, 5 * 480, 5 * 480)
    assert figures(due, "2023-03-15T09:00") == (Timeliness.early, 2 * 480, 5 * 480)
    hours = deadline(at("2023-03-06T07:30"), TimeLimit(4, HOURS), CALENDAR, policy=RESTARTS, suspensions=[
        Suspension(at("2023-03-06T10:30"), at("2023-03-07T08:00"))])  # fmt: skip
    assert figures(hours, "2023-03-07T09:00") == (Timeliness.early, 60, 240)
    paused_before = deadline(at("2023-03-06T07:30"), TimeLimit(4, HOURS), CALENDAR, policy=RESTARTS, suspensions=[
        Suspension(at("2023-03-06T08:30"), at("2023-03-06T09:00"), SuspensionKind.payment),
        Suspension(at("2023-03-06T10:30"), at("2023-03-07T08:00"))])  # fmt: skip
    assert figures(paused_before, "2023-03-07T09:00") == (Timeliness.early, 60, 240)


def test_papers_that_are_complete_before_the_next_opening_restart_nothing_before_it() -> None:
    waiting = [Suspension(at("2023-03-06T15:40"), at("2023-03-06T16:00"))]
    four = TimeLimit(4, HOURS)
    due = deadline(at("2023-03-06T15:30"), four, CALENDAR, policy=RESTARTS, suspensions=waiting, receipt_cutoff=time(15))
    assert due.due_at == at("2023-03-07T11:30")
    assert figures(due, "2023-03-07T08:30") == (Timeliness.early, 60, 240)
    assert steps(due)


def test_waiting_that_begins_after_the_limit_stops_the_clock_for_nobody() -> None:
    late = (Suspension(at("2023-03-14T08:00"), at("2023-03-17T09:00")),)
    due = deadline(at("2023-03-06T09:00"), TimeLimit(5), CALENDAR, suspensions=late)  # due on Monday 13/3
    assert figures(due, "2023-03-17T09:00") == (Timeliness.overdue, 9 * 480, 5 * 480)


def test_what_begins_after_closing_stops_the_clock_from_the_next_day_on() -> None:
    def due_on(*waits: tuple[str, str], limit: TimeLimit = TimeLimit(5), policy: Policy | None = None) -> date:
        waiting = tuple(Suspension(at(f"2023-03-{begins}"), at(f"2023-03-{ends}")) for begins, ends in waits)
        return deadline(at("2023-03-06T09:00"), limit, CALENDAR, policy=policy, suspensions=waiting).due_on

    evenings = [(f"{day:02}T17:01", f"{day:02}T17:02") for day in (7, 8, 9, 10, 13)]
    assert due_on(*evenings) == due_on() == date(2023, 3, 13)
    assert due_on(("08T17:01", "09T07:00")) == date(2023, 3, 13)  # over before the office opened
    assert due_on(("08T17:01", "10T09:00")) == date(2023, 3, 14)  # the 9th alone
    assert due_on(("08T16:59", "10T09:00")) == date(2023, 3, 15)  # the 8th too
    assert due_on(("11T09:00", "12T09:00"), limit=TimeLimit(9, CALENDAR_DAYS)) == date(2023, 3, 15)  # a weekend
    assert due_on(("13T17:01", "15T09:00")) == date(2023, 3, 15)  # asked on the last day of the limit
    same_day = Policy("x", date(2000, 1, 1), after_hours=AfterHours.same_day)
    assert due_on(("08T17:01", "08T17:02"), policy=same_day) == date(2023, 3, 13)


def test_a_limit_in_calendar_days_allows_the_worked_days_up_to_where_it_was_moved() -> None:
    waiting = (Suspension(at("2023-03-11T09:00"), at("2023-03-14T09:00")),)  # Saturday to Tuesday
    due = deadline(at("2023-03-10T09:00"), TimeLimit(3, CALENDAR_DAYS), CALENDAR, suspensions=waiting)
    assert due.due_on == date(2023, 3, 16)
    assert figures(due, "2023-03-16T09:00") == (Timeliness.on_time, 3 * 480, 3 * 480)


def test_a_limit_of_no_days_that_was_suspended_is_in_time_on_the_day_work_goes_on() -> None:
    waiting = (Suspension(at("2023-03-06T10:00"), at("2023-03-08T09:00")),)
    due = deadline(at("2023-03-06T09:00"), TimeLimit(0), CALENDAR, suspensions=waiting)
    judged, spent, allowed = figures(due, "2023-03-08T16:00")
    assert judged is Timeliness.on_time
    assert spent == allowed
    assert figures(due, "2023-03-09T08:00")[1] > allowed


def test_a_limit_of_no_hours_that_was_suspended_before_opening_is_never_due_before_the_receipt() -> None:
    waiting = (Suspension(at("2023-03-04T21:00"), at("2023-03-05T10:00")),)  # over Sunday
    due = deadline(at("2023-03-04T20:00"), TimeLimit(0, HOURS), CALENDAR, suspensions=waiting)
    assert due.due_at == at("2023-03-06T07:30")
    assert figures(due, "2023-03-06T07:30") == (Timeliness.on_time, 0, 0)


def test_a_suspension_inside_an_extension_that_counts_moves_the_extended_date() -> None:
    letter = [Extension(date(2023, 3, 20), "12/TXL-UBND")]
    inside = [Suspension(at("2023-03-15T10:00"), at("2023-03-17T09:00"))]  # Wednesday and Thursday
    for policy in (COUNTS, COUNTS_AND_RESTARTS):  # a letter gives a date, which has no limit to restart
        due = deadline(at("2023-03-06T09:00"), TimeLimit(5), CALENDAR, policy=policy, suspensions=inside, extensions=letter)
        assert (due.legal_due_on, due.due_on, due.extended_due_on) == (
            date(2023, 3, 13), date(2023, 3, 22), date(2023, 3, 22),
        )  # fmt: skip
        assert figures(due, "2023-03-22T09:00") == (Timeliness.on_time, 10 * 480, 10 * 480)
        assert figures(due, "2023-03-23T09:00") == (Timeliness.overdue, 11 * 480, 10 * 480)
        assert [step.step for step in steps(due)][-4:] == ["extended", "suspended", "due_on", "reckoned_by"]
    apart = deadline(at("2023-03-06T09:00"), TimeLimit(5), CALENDAR, suspensions=inside, extensions=letter)
    assert (apart.due_on, apart.extended_due_on) == (date(2023, 3, 13), date(2023, 3, 20))
    hours = deadline(
        at("2023-03-06T09:00"), TimeLimit(4, HOURS), CALENDAR, policy=COUNTS, suspensions=inside, extensions=letter
    )
    assert (hours.due_on, hours.due_at) == (date(2023, 3, 22), None)


def test_while_it_lasts_a_suspension_inside_an_extension_holds_the_extended_date() -> None:
    letter, waiting = [Extension(date(2023, 3, 20), "12/TXL-UBND")], [Suspension(at("2023-03-15T10:00"))]
    due = deadline(at("2023-03-06T09:00"), TimeLimit(5), CALENDAR, policy=COUNTS, suspensions=waiting, extensions=letter)
    assert due.is_suspended
    assert due.due_on == date(2023, 3, 20)


# ---- The equivalence, over what can be -----------------------------------------------------------------------------------


class Course(NamedTuple):
    """A dossier's way through its limit."""

    due: Deadline
    ended_at: datetime
    until: date | None
    """Of the letter, if one counts."""


MOMENTS = st.integers(0, 3 * 365 * 1440).map(lambda minutes: at("2023-01-01T00:00") + timedelta(minutes=minutes))
CUTOFFS = st.none() | st.sampled_from([time(11), time(15), time(16, 30)])
EFFECTS = st.sampled_from(list(Effect))
POLICIES = st.builds(
    lambda supplement, payment, stop, after_hours, extension, cutoff: Policy(
        "any", date(2000, 1, 1), supplement, payment, stop, after_hours, extension=extension, same_day_cutoff=cutoff
    ),
    EFFECTS,
    EFFECTS,
    EFFECTS,
    st.sampled_from(list(AfterHours)),
    st.sampled_from(list(ExtensionRule)),
    CUTOFFS,
)
MINUTES = st.integers(0, 1439)
DAYS = st.integers(0, 9)


@st.composite
def courses(draw: st.DrawFn, units: list[LimitUnit], seconds: st.SearchStrategy[int] = st.just(0)) -> Course:
    def later(than: datetime) -> datetime:
        return than + timedelta(days=draw(DAYS), minutes=draw(MINUTES), seconds=draw(seconds))

    calendar: Calendar = draw(st.sampled_from([CALENDAR, FLOODED]))
    received_at = later(draw(MOMENTS))
    policy: Policy = draw(POLICIES)
    limit = TimeLimit(draw(st.just(0) | st.integers(0, 15)), draw(st.sampled_from(units)))
    cutoff = draw(CUTOFFS)
    waits, reached = [], received_at
    for _ in range(draw(st.integers(0, 4))):
        begins = later(reached)
        reached = later(begins)
        waits.append(Suspension(begins, reached, draw(st.sampled_from(list(SuspensionKind)))))
    ended_at = later(draw(st.sampled_from([received_at, reached])))
    closed = closed_suspensions(waits, ended_at)
    legal = deadline(received_at, limit, calendar, policy=policy, suspensions=closed, receipt_cutoff=cutoff).legal_due_on
    until = legal + timedelta(days=draw(st.integers(1, 15))) if draw(st.booleans()) else None
    letters = [Extension(until, "12/TXL-UBND")] if until is not None else []
    due = deadline(received_at, limit, calendar, policy=policy, suspensions=closed, extensions=letters, receipt_cutoff=cutoff)
    if draw(st.booleans()):  # an end near the due date is where it matters
        near = later(datetime.combine(due.due_on, time(0), VIETNAM) - timedelta(days=4))
        ended_at = max(near, ended_at)
    return Course(due, ended_at, until if policy.extension is ExtensionRule.counts else None)


def _last_days_held(due: Deadline) -> int:
    """How often papers were asked for after closing on a last day, so that the day on which they come is allowed too."""
    held = 0
    for shift in suspension_shifts(due):
        held = (
            0
            if shift.effect is Effect.restart
            else held + (shift.due_before < shift.begins_on and shift.due_after > shift.due_before)
        )
    return held


def test_papers_asked_for_after_closing_on_the_last_day_allow_the_day_on_which_they_come() -> None:
    def asked(since: str) -> Deadline:
        waits = [Suspension(at(since), at("2023-01-05T17:00:01"), SuspensionKind.supplement)]
        return deadline(at("2023-01-03T09:00"), TimeLimit(1), CALENDAR, suspensions=waits)

    within, after = asked("2023-01-04T16:59"), asked("2023-01-04T17:00:01")
    assert within.due_on == after.due_on == date(2023, 1, 6)
    assert (limit_minutes(within), limit_minutes(after)) == (480, 960), "the 4th was worked to its end"


@settings(max_examples=cases(700), deadline=None)
@given(courses(list(LimitUnit), st.integers(0, 59)))
def test_in_time_is_to_have_spent_no_more_than_was_allowed(course: Course) -> None:
    due, ended_at, _ = course
    judged, spent, allowed = timeliness(ended_at, due), spent_minutes(due, ended_at), limit_minutes(due)
    assert (judged is not Timeliness.overdue) == (spent <= allowed), course
    assert spent >= 0
    if due.limit.unit is WORKING and due.limit.amount and course.until is None:
        assert allowed == (due.limit.amount + _last_days_held(due)) * 480
    assert steps(due)  # raises where its own walk ends on another day


@settings(max_examples=cases(700), deadline=None)
@given(courses([WORKING, CALENDAR_DAYS]))
def test_due_date_and_time_spent_of_limits_in_days_equal_a_walk_day_by_day(course: Course) -> None:
    due, ended_at, until = course
    policy, calendar, cutoff = due.policy, due.calendar, cutoff_of(due)
    waits = list(due.suspensions)
    suspended = intervals(waits, calendar, policy, cutoff)
    legal = due_day(due.received_at, due.limit, calendar, waits, policy, cutoff)
    assert due.legal_due_on == legal
    inside = intervals(waits, calendar, policy, cutoff, may_restart=False)
    counts = legal if until is None else extended_day(legal, until, due.limit, calendar, inside)
    assert due.due_on == counts
    start = counts_as(calendar, due.received_at, cutoff, policy)
    assert spent_minutes(due, ended_at) == 480 * days_spent(start, ended_at.date(), legal, counts, calendar, suspended)
    assert limit_minutes(due) == 480 * days_spent(start, counts, legal, counts, calendar, suspended)


@settings(max_examples=cases(200), deadline=None)
@given(courses([HOURS]))
def test_due_minute_and_time_spent_of_limits_in_hours_equal_a_walk_minute_by_minute(course: Course) -> None:
    due, ended_at, until = course
    minutes = due.limit.amount * 60
    start = due.received_at
    if due.receipt_cutoff is not None and start.time() > due.receipt_cutoff:
        start = datetime.combine(next_working(due.calendar, start.date() + timedelta(days=1)), time(7, 30), VIETNAM)
    waits = list(due.suspensions)
    if minutes:
        assert due.legal_due_at == walk_minutes(start, due.calendar, waits, due.policy, until_used=minutes)[0]
    if until is not None or due.legal_due_at is None:
        return
    before = [wait for wait in waits if wait.from_at < due.legal_due_at]
    _, used = walk_minutes(start, due.calendar, before, due.policy, ended_at=ended_at)
    if ended_at > due.legal_due_at:
        used = max(used, minutes + 1)
    assert spent_minutes(due, ended_at) == used


@pytest.mark.parametrize("unit", list(LimitUnit))
def test_time_spent_never_falls_as_the_end_comes_later(unit: LimitUnit) -> None:
    waiting = [
        Suspension(at("2023-04-27T10:00"), at("2023-05-05T09:00")),
        Suspension(at("2023-05-16T10:00"), at("2023-05-20T09:00")),
    ]
    letter = [Extension(date(2023, 5, 18), "12/TXL-UBND")]
    due = deadline(at("2023-04-25T09:00"), TimeLimit(6, unit), CALENDAR, policy=COUNTS, suspensions=waiting, extensions=letter)
    ends = [at("2023-04-24T00:00") + timedelta(hours=hour) for hour in range(24 * 40)]
    spent = [spent_minutes(due, end) for end in ends]
    assert spent == sorted(spent)
    assert spent[0] == 0
