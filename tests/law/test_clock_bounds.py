"""The clock at its bounds: the second of closing, both ends of the calendar, days on which waiting begins and ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from shared.civil import VIETNAM
from shared.dossier import Timeliness
from shared.errors import Invalid
from shared.workdays import (
    MINUTES_OF_A_DAY,
    STANDARD_HOURS,
    Extension,
    LimitUnit,
    OfficeHours,
    OutsideCalendar,
    Policy,
    Suspension,
    TimeLimit,
    build_calendar,
    closed_suspensions,
    deadline,
    limit_minutes,
    national_calendar,
    spent_minutes,
    suspended_days,
    timeliness_at,
)
from shared.workdays.calendar import FIRST_YEAR, LAST_YEAR, Override
from shared.workdays.clock import suspension_shifts, valid_extension
from shared.workdays.hours import office_clock
from shared.workdays.rules import AfterHours, Effect
from shared.workdays.suspensions import ordered_suspensions

CALENDAR = national_calendar()
HALF = OfficeHours.parse("07:30-11:30")
FIVE, TEN_CALENDAR, FOUR_HOURS = TimeLimit(5), TimeLimit(10, LimitUnit.calendar_days), TimeLimit(4, LimitUnit.hours)
RECEIVED = "2023-03-06T09:00"  # a Monday


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def wait(begin: str, end: str | None) -> Suspension:
    return Suspension(at(f"2023-{begin}"), None if end is None else at(f"2023-{end}"))


def on(text: str) -> date:
    return date.fromisoformat(f"2023-{text}")


# --- the second of closing -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("second", "due"), [("11:29:59", "03-07"), ("11:30:00", "03-07"), ("11:30:01", "03-08"), ("11:31:00", "03-08")]
)
def test_a_receipt_counts_as_the_next_days_from_the_second_after_closing(second: str, due: str) -> None:
    assert deadline(at(f"2023-03-06T{second}"), TimeLimit(1), CALENDAR, HALF).due_on == on(due)


@pytest.mark.parametrize(("second", "due"), [("11:30:00", "03-16"), ("11:30:01", "03-17")])
def test_the_end_of_a_wait_counts_as_the_next_days_from_the_second_after_closing(second: str, due: str) -> None:
    waits = [wait("03-08T10:00", f"03-13T{second}")]
    assert deadline(at(RECEIVED), FIVE, CALENDAR, HALF, suspensions=waits).due_on == on(due)


@pytest.mark.parametrize(("second", "days"), [("11:30:00", 6), ("11:30:01", 5)])
def test_time_spent_leaves_out_the_day_on_which_a_wait_ended_after_closing(second: str, days: int) -> None:
    due = deadline(at(RECEIVED), FIVE, CALENDAR, HALF, suspensions=[wait("03-08T10:00", f"03-13T{second}")])
    assert spent_minutes(due, at("2023-03-17T10:00")) == days * MINUTES_OF_A_DAY


def test_fractions_of_a_second_are_nothing() -> None:
    due = deadline(at("2023-03-06T11:30:00.999999"), TimeLimit(1), CALENDAR, HALF)
    assert (due.due_on, due.received_at) == (on("03-07"), at("2023-03-06T11:30:00"))


def test_a_plain_day_is_received_at_its_opening() -> None:
    due = deadline(date(2023, 3, 6), FOUR_HOURS, CALENDAR)
    assert (due.received_at, due.due_at) == (at("2023-03-06T07:30"), at("2023-03-06T11:30"))
    assert OfficeHours.parse("08:15-12:00").opens_at(date(2023, 3, 7)) == at("2023-03-07T08:15")


# --- waiting -------------------------------------------------------------------------------------------------------------


def spent(ended: str, *waits: Suspension, limit: TimeLimit = FIVE, policy: Policy | None = None) -> int:
    due = deadline(at(RECEIVED), limit, CALENDAR, policy=policy, suspensions=waits)
    return spent_minutes(due, at(f"2023-{ended}")) // MINUTES_OF_A_DAY


def test_time_spent_in_days_is_that_before_and_after_the_waits() -> None:
    assert spent("03-09T19:00") == 3
    # A wait of the last day, until after closing: the day is not counted.
    assert spent("03-09T19:00", wait("03-09T08:00", "03-09T18:00")) == 2
    # One that ended within the day, and one that begins after the end.
    assert spent("03-09T19:00", wait("03-09T08:00", "03-09T16:00")) == 3
    assert spent("03-09T19:00", wait("03-10T08:00", "03-13T16:00")) == 3
    # One that has not ended has moved nothing yet.
    assert spent("03-09T19:00", wait("03-08T08:00", None)) == 3
    assert spent("03-15T19:00", wait("03-07T08:00", "03-08T09:00"), wait("03-09T08:00", "03-13T09:00")) == 4
    assert spent("03-06T19:00", wait("03-06T10:00", "03-07T09:00")) == 0


def test_time_spent_begins_anew_where_a_wait_restarts_the_limit() -> None:
    restart = Policy("x", date(2000, 1, 1), supplement=Effect.restart)
    assert spent("03-15T19:00", wait("03-08T10:00", "03-13T09:00"), policy=restart) == 2
    assert spent("03-15T19:00", wait("03-08T10:00", None), policy=restart) == 7


def test_the_limit_of_calendar_days_is_worth_the_working_days_in_it_whatever_was_waited_for() -> None:
    plain = deadline(at(RECEIVED), TEN_CALENDAR, CALENDAR)
    waited = deadline(at(RECEIVED), TEN_CALENDAR, CALENDAR, suspensions=[wait("03-08T10:00", "03-20T09:00")])
    assert plain.due_on < waited.due_on
    assert limit_minutes(plain) == 8 * MINUTES_OF_A_DAY
    assert limit_minutes(deadline(at(RECEIVED), FIVE, CALENDAR)) == 5 * MINUTES_OF_A_DAY
    assert limit_minutes(deadline(at(RECEIVED), FOUR_HOURS, CALENDAR)) == 240


def test_shifts_tell_what_each_wait_did_and_the_last_may_go_on() -> None:
    waits = [wait("03-07T10:00", "03-07T15:00"), wait("03-08T10:00", "03-13T09:00"), wait("03-15T10:00", None)]
    due = deadline(at(RECEIVED), FIVE, CALENDAR, suspensions=waits)
    told = [(one.begins_on, one.resumed_on, one.due_before, one.due_after, one.effect) for one in suspension_shifts(due)]
    assert told == [
        (on("03-07"), on("03-07"), on("03-13"), on("03-13"), Effect.pause),
        (on("03-08"), on("03-13"), on("03-13"), on("03-16"), Effect.pause),
        (on("03-15"), None, on("03-16"), on("03-16"), Effect.pause),
    ]
    assert due.is_suspended
    assert not deadline(at(RECEIVED), FIVE, CALENDAR, suspensions=waits[:2]).is_suspended


def test_a_wait_that_begins_on_the_due_day_still_moves_it_and_one_after_it_does_not() -> None:
    assert deadline(at(RECEIVED), FIVE, CALENDAR, suspensions=[wait("03-13T10:00", "03-15T09:00")]).due_on == on("03-15")
    assert deadline(at(RECEIVED), FIVE, CALENDAR, suspensions=[wait("03-14T10:00", "03-15T09:00")]).due_on == on("03-13")


def test_a_wait_in_hours_stops_the_clock_to_the_second() -> None:
    def due_at(*waits: Suspension) -> datetime | None:
        return deadline(at("2023-03-06T07:30"), FOUR_HOURS, CALENDAR, suspensions=waits).due_at

    assert due_at() == at("2023-03-06T11:30")
    assert due_at(wait("03-06T08:30", "03-06T09:00:30")) == at("2023-03-06T13:30:00") + timedelta(minutes=30, seconds=30)
    assert due_at(wait("03-06T11:30", "03-06T14:00")) == at("2023-03-06T11:30")  # it had run out
    assert due_at(wait("03-06T11:29:59", "03-06T14:00")) == at("2023-03-06T14:00:01")
    assert due_at(wait("03-06T08:30", "03-06T09:30"), wait("03-06T10:30", "03-06T11:30")) == at("2023-03-06T15:30")
    due = deadline(at("2023-03-06T07:30"), FOUR_HOURS, CALENDAR, suspensions=[wait("03-06T08:30", "03-06T09:00")])
    (shift,) = suspension_shifts(due)
    assert (shift.due_before, shift.due_after) == (at("2023-03-06T11:30"), at("2023-03-06T14:00"))
    assert (shift.begins_on, shift.resumed_on) == (on("03-06"), on("03-06"))


def test_time_spent_in_hours_is_that_of_the_office_without_the_waits() -> None:
    def minutes(ended: str, *waits: Suspension) -> int:
        return spent_minutes(deadline(at(RECEIVED), FOUR_HOURS, CALENDAR, suspensions=waits), at(f"2023-{ended}"))

    assert minutes("03-06T10:00") == 60
    assert minutes("03-06T08:00") == minutes("03-06T09:00") == 0
    assert minutes("03-06T09:00:29") == 0
    assert minutes("03-06T09:01") == minutes("03-06T09:01:29") == 1
    assert minutes("03-06T09:01:30") == 2
    assert minutes("03-06T11:00", wait("03-06T09:30", "03-06T10:00")) == 90
    assert minutes("03-06T11:00", wait("03-06T10:30", None)) == 120
    assert minutes("03-06T11:00", wait("03-06T10:30", "03-06T16:00")) == 90
    assert minutes("03-06T11:00", wait("03-06T11:00", "03-06T16:00"), wait("03-07T11:00", None)) == 120


def test_waits_are_put_in_order_without_overlaps_from_the_receipt_on() -> None:
    told = [wait("03-09T10:00", "03-10T10:00"), wait("03-01T10:00", "03-07T10:00"), wait("03-07T09:00", "03-09T11:00")]
    assert ordered_suspensions(told, at(RECEIVED)) == (
        wait("03-06T09:00", "03-07T10:00"), wait("03-07T10:00", "03-09T11:00"), wait("03-09T11:00", "03-10T10:00")
    )  # fmt: skip
    assert ordered_suspensions([wait("03-01T10:00", "03-06T09:00")], at(RECEIVED)) == ()
    assert ordered_suspensions([wait("03-08T10:00", "03-08T10:00")], at(RECEIVED)) == ()
    endless = ordered_suspensions([wait("03-07T10:00", None), wait("03-08T10:00", "03-09T10:00")], at(RECEIVED))
    assert endless == (wait("03-07T10:00", None),)
    (in_utc,) = ordered_suspensions(
        [Suspension(datetime(2023, 3, 8, 3, 0, 0, 5, UTC), datetime(2023, 3, 9, 3, tzinfo=UTC))], at(RECEIVED)
    )
    assert in_utc == wait("03-08T10:00", "03-09T10:00")


def test_waits_of_an_ended_dossier_end_with_it() -> None:
    told = (wait("03-07T10:00", "03-08T10:00"), wait("03-09T10:00", "03-11T10:00"), wait("03-10T10:00", None))
    assert closed_suspensions(told, at("2023-03-10T10:00")) == (told[0], wait("03-09T10:00", "03-10T10:00"))
    assert closed_suspensions(told, at("2023-03-08T10:00")) == (told[0],)


@pytest.mark.parametrize(
    ("waits", "ended", "pieces"),
    [
        ([wait("03-07T10:00", "03-07T15:00")], None, ()),  # within one day
        ([wait("03-07T10:00", "03-08T10:00")], None, ((on("03-07"), on("03-08")),)),
        ([wait("03-07T10:00", "03-08T10:00"), wait("03-08T15:00", "03-09T10:00")], None, ((on("03-07"), on("03-09")),)),
        ([wait("03-07T10:00", "03-10T10:00"), wait("03-08T15:00", "03-09T10:00")], None, ((on("03-07"), on("03-10")),)),
        ([wait("03-07T10:00", None), wait("03-08T15:00", "03-09T10:00")], None, ((on("03-07"), None),)),
        ([wait("03-07T10:00", "03-08T10:00"), wait("03-08T10:00", None)], None, ((on("03-07"), None),)),
        ([wait("03-07T10:00", None)], on("03-09"), ((on("03-07"), on("03-09")),)),
        ([wait("03-09T10:00", None)], on("03-09"), ()),
        ([wait("03-01T10:00", "03-07T10:00")], None, ((on("03-06"), on("03-07")),)),
    ],
)
def test_waits_as_days(waits: list[Suspension], ended: date | None, pieces: tuple[tuple[date, date | None], ...]) -> None:
    assert suspended_days(waits, on("03-06"), ended) == pieces


# --- letters -------------------------------------------------------------------------------------------------------------


def letter(until: str, decided: str | None = None, number: str = "12/TXL") -> Extension:
    return Extension(on(until), number, None if decided is None else on(decided))


@pytest.mark.parametrize(
    ("letters", "valid"),
    [
        ([letter("03-14")], 0),
        ([letter("03-13")], None),  # not later
        ([letter("03-20", "03-13")], 0),
        ([letter("03-20", "03-14")], None),  # decided when the limit had run out
        ([letter("03-20", number="")], None),
        ([letter("03-20", number=" "), letter("03-22"), letter("03-25")], 1),
        ([], None),
    ],
)
def test_the_first_letter_with_a_number_a_later_date_and_in_time_is_valid(letters: list[Extension], valid: int | None) -> None:
    assert valid_extension(letters, on("03-13")) == (None if valid is None else letters[valid])


def test_a_letter_reaches_to_the_year_before_the_calendars_last() -> None:
    for year, valid in ((LAST_YEAR - 1, True), (LAST_YEAR, False)):
        assert (valid_extension([Extension(date(year, 12, 31), "1")], on("03-13")) is not None) is valid


# --- the ends of the calendar --------------------------------------------------------------------------------------------


def test_an_office_clock_answers_for_every_day_of_the_calendar() -> None:
    clock = office_clock(CALENDAR, STANDARD_HOURS)
    # The first working day of 2000 was Tuesday 4 January.
    assert [clock.elapsed(at(f"2000-01-{text}")) for text in ("01T00:00", "04T07:30", "04T08:30", "04T12:00", "04T17:00")] == [
        0, 0, 3_600, 4 * 3_600, 27_000
    ]  # fmt: skip
    assert clock.minutes(at("2000-01-04T08:30")) == 60
    assert clock.elapsed(at("2045-12-31T23:59:59")) == clock.elapsed(at("2045-12-29T17:00"))
    for outside in ("1999-12-31T23:59:59", "2046-01-01T00:00"):
        with pytest.raises(OutsideCalendar, match="outside the calendar"):
            clock.elapsed(at(outside))
    last = clock.elapsed(at("2045-12-29T17:00"))
    assert clock.reached(1) == at("2000-01-04T07:30:01")
    assert clock.reached(last) == at("2045-12-29T17:00")
    for seconds in (0, last + 1):
        with pytest.raises(OutsideCalendar):
            clock.reached(seconds)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("03-06T07:00", "03-06T07:30"),
        ("03-06T07:30", "03-06T07:30"),
        ("03-06T09:12:13.5", "03-06T09:12:13"),
        ("03-06T11:30", "03-06T13:30"),
        ("03-06T16:59:59", "03-06T16:59:59"),
        ("03-06T17:00", "03-07T07:30"),
        ("03-04T09:00", "03-06T07:30"),
    ],
)
def test_an_office_opens_next(moment: str, opens: str) -> None:
    assert office_clock(CALENDAR, STANDARD_HOURS).next_open(at(f"2023-{moment}")) == at(f"2023-{opens}")


def test_a_sunday_that_is_worked_has_the_hours_of_a_make_up_day() -> None:
    worked = build_calendar([Override(on("03-12"), "worked", "QĐ", on("01-01"))])
    hours = OfficeHours.parse("07:30-11:30 13:30-17:00; make-up 08:00-12:00")
    assert deadline(at("2023-03-11T09:00"), FOUR_HOURS, worked, hours).due_at == at("2023-03-12T12:00")
    assert deadline(at("2023-03-12T12:00"), TimeLimit(0), worked, hours).due_on == on("03-12")
    assert deadline(at("2023-03-12T12:01"), TimeLimit(0), worked, hours).due_on == on("03-13")


def test_instants_are_compared_to_the_minute() -> None:
    due = at("2023-03-06T11:30:59.9")
    assert timeliness_at(at("2023-03-06T11:30:00.5"), due) is Timeliness.on_time
    assert timeliness_at(at("2023-03-06T11:29:59.9"), due) is Timeliness.early
    assert timeliness_at(at("2023-03-06T11:31"), due) is Timeliness.overdue
    assert timeliness_at(at("2023-03-06T11:30:00.5"), at("2023-03-06T11:30")) is Timeliness.on_time


def test_office_hours_of_a_worked_day_cannot_be_empty() -> None:
    day = STANDARD_HOURS.weekly[0]
    for weekly, make_up in (((day,) * 4, day), ((day,) * 6, day), ((day, (), day, day, day), day), ((day,) * 5, ())):
        with pytest.raises(Invalid):
            OfficeHours(weekly, make_up)


def test_a_limit_of_no_hours_is_due_when_the_office_opens() -> None:
    assert deadline(at("2023-03-06T12:00"), TimeLimit(0, LimitUnit.hours), CALENDAR).due_at == at("2023-03-06T13:30")


def test_days_at_both_ends_of_the_calendar() -> None:
    first, last = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
    day = timedelta(days=1)
    assert CALENDAR.working_days_between(first, last) == -CALENDAR.working_days_between(last, first)
    assert not CALENDAR.is_working(first)
    assert not CALENDAR.is_working(last)
    assert CALENDAR.next_working(first) == date(2000, 1, 4)
    assert CALENDAR.add_working_days(date(2000, 1, 4), 0) == date(2000, 1, 4)
    assert CALENDAR.add_working_days(date(2000, 1, 5), -1) == date(2000, 1, 4)
    for ask in (
        lambda: CALENDAR.is_working(first - day),
        lambda: CALENDAR.is_working(last + day),
        lambda: CALENDAR.working_days_between(first - day, last),
        lambda: CALENDAR.working_days_between(last, first - day),
        lambda: CALENDAR.working_days_between(first, last + day),
        lambda: CALENDAR.working_days_between(last + day, first),
        lambda: CALENDAR.add_working_days(first - day, 1),
        lambda: CALENDAR.add_working_days(date(2000, 1, 4), -1),
        lambda: CALENDAR.add_working_days(last, 0),
    ):
        with pytest.raises(OutsideCalendar):
            ask()


# --- what may be said ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("amount", "can_be"), [(0, True), (10_000, True), (-1, False), (10_001, False)])
def test_limits_lie_between_0_and_10000(amount: int, can_be: bool) -> None:
    if can_be:
        assert TimeLimit(amount).amount == amount
        return
    with pytest.raises(Invalid, match="between 0 and 10000"):
        TimeLimit(amount)


def test_each_day_may_have_hours_of_its_own() -> None:
    hours = OfficeHours.parse("mon 07:00-11:00; tue 07:10-11:00; wed 07:20-11:00; thu 07:30-11:00; fri 07:40-11:00")
    assert [hours.on(day)[0][0].minute for day in range(7)] == [0, 10, 20, 30, 40, 0, 0]
    make_up = OfficeHours.parse("MON-FRI 07:30-11:30,13:30-17:00; make-up 08:00-12:00;")
    assert [len(make_up.on(day)) for day in range(7)] == [2, 2, 2, 2, 2, 1, 1]
    assert make_up.closing == (61_200,) * 5 + (43_200,) * 2
    assert hash(make_up) == hash(OfficeHours.parse("07:30-11:30 13:30-17:00; make-up 08:00-12:00"))
    touching = "07:30-11:30 11:30-17:00"
    for wrong in (touching, "mon-thu 07:30-11:30", "fri-mon 07:30-11:30", "sat 07:30-11:30", "07:30", "07:30-11:30-12:00"):
        with pytest.raises(Invalid):
            OfficeHours.parse(wrong)


def test_under_a_policy_of_the_same_day_a_receipt_is_that_days_whenever_it_came() -> None:
    same = Policy("x", date(2000, 1, 1), after_hours=AfterHours.same_day)
    for received, due in (("2023-03-03T18:00", "03-06"), ("2023-03-04T09:00", "03-06"), ("2023-03-05T09:00", "03-06")):
        assert deadline(at(received), TimeLimit(1), CALENDAR, policy=same).due_on == on(due)
