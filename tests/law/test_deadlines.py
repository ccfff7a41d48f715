"""The deadline clock: worked examples as sentences, then equality with a walk over 20.000 random cases."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from shared.civil import VIETNAM
from shared.dossier import DueBasis, SuspensionKind, Timeliness
from shared.errors import Invalid
from shared.workdays import (
    STANDARD_HOURS,
    Extension,
    LimitUnit,
    OfficeHours,
    OutsideCalendar,
    Policy,
    Suspension,
    TimeLimit,
    clock_stopped_at,
    closed_suspensions,
    deadline,
    due_soon,
    limit_minutes,
    national_calendar,
    policies,
    policy_on,
    spent_minutes,
    suspended_days,
    timeliness,
)
from shared.workdays.rules import AfterHours, Effect, ExtensionRule, StopEvent
from tests.law.walking import cutoff_of, due_day, due_minute
from tests.quick import cases

CALENDAR = national_calendar()
WORKING, CALENDAR_DAYS, HOURS = LimitUnit.working_days, LimitUnit.calendar_days, LimitUnit.hours
POLICY = policies()[0]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def due_on(received: str, amount: int, unit: LimitUnit = WORKING, **more: object) -> date:
    return deadline(at(received), TimeLimit(amount, unit), CALENDAR, **more).due_on  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("received", "days", "due"),
    [
        ("2023-04-28", 3, "2023-05-08"),  # the five days of 29/4 to 3/5 are off
        ("2023-01-19", 1, "2023-01-27"),  # Tết
        ("2023-08-31", 1, "2023-09-05"),  # Quốc khánh, with Monday in lieu
        ("2024-04-26", 3, "2024-05-04"),  # a Saturday worked for Monday 29/4
        ("2025-04-25", 1, "2025-04-26"),  # a Saturday worked for Friday 2/5
        ("2025-04-29", 1, "2025-05-05"),
        ("2025-12-31", 2, "2026-01-06"),  # 2/1/2026 off, worked on 10/1
        ("2026-08-28", 1, "2026-09-03"),
    ],
)
def test_the_first_day_is_not_counted_and_days_off_are_skipped(received: str, days: int, due: str) -> None:
    assert deadline(date.fromisoformat(received), TimeLimit(days), CALENDAR).due_on == date.fromisoformat(due)
    assert due_on(f"{received}T10:15:00", days) == date.fromisoformat(due)


def test_a_limit_in_calendar_days_that_ends_on_a_day_off_rolls_on_to_the_next_working_day() -> None:
    assert due_on("2023-04-28T09:00", 3, CALENDAR_DAYS) == date(2023, 5, 4)
    assert due_on("2023-03-01T09:00", 15, CALENDAR_DAYS) == date(2023, 3, 16)


def test_a_receipt_after_closing_or_on_a_day_off_counts_as_the_next_working_days() -> None:
    assert due_on("2023-03-03T17:00", 1) == date(2023, 3, 6)  # Friday, at closing
    assert due_on("2023-03-03T17:01", 1) == date(2023, 3, 7)  # Friday, after closing: Monday is the first day
    assert due_on("2023-03-04T09:00", 1) == date(2023, 3, 7)  # Saturday
    assert due_on("2023-03-06T05:00", 1) == date(2023, 3, 7)  # Monday, before opening
    same_day = Policy("x", date(2000, 1, 1), after_hours=AfterHours.same_day)
    assert due_on("2023-03-03T17:01", 1, policy=same_day) == date(2023, 3, 6)


def test_an_instant_counts_as_its_day_in_vietnam() -> None:
    late_in_utc = datetime(2023, 3, 5, 23, 30, tzinfo=UTC)  # Monday 06:30 in Vietnam
    assert deadline(late_in_utc, TimeLimit(1), CALENDAR).due_on == date(2023, 3, 7)


def test_a_limit_of_no_days_is_due_on_the_day_of_receipt() -> None:
    assert due_on("2023-03-03T09:00", 0) == date(2023, 3, 3)
    assert due_on("2023-03-03T18:00", 0) == date(2023, 3, 6)


def test_a_limit_in_hours_runs_through_office_hours_from_the_moment() -> None:
    four = TimeLimit(4, HOURS)
    assert deadline(at("2023-03-06T07:30"), four, CALENDAR).due_at == at("2023-03-06T11:30")
    assert deadline(at("2023-03-06T10:00"), four, CALENDAR).due_at == at("2023-03-06T16:00")  # two hours of lunch
    assert deadline(at("2023-03-06T12:00"), four, CALENDAR).due_at == at("2023-03-07T08:00")
    assert deadline(at("2023-03-03T17:30"), four, CALENDAR).due_at == at("2023-03-06T11:30")  # Friday evening
    assert deadline(at("2023-04-28T16:00"), four, CALENDAR).due_at == at("2023-05-04T10:30")


def test_office_hours_differ_by_weekday_and_a_worked_saturday_has_its_own() -> None:
    hours = OfficeHours.parse("mon-thu 07:00-11:30 13:30-17:00; fri 07:00-11:30; make-up 08:00-12:00")
    eight = TimeLimit(8, HOURS)
    assert deadline(at("2025-04-24T09:00"), TimeLimit(10, HOURS), CALENDAR, hours).due_at == at("2025-04-25T11:00")
    assert deadline(at("2025-04-25T07:00"), eight, CALENDAR, hours).due_at == at("2025-04-26T11:30")
    assert OfficeHours.parse("07:30-11:30 13:30-17:00") == STANDARD_HOURS


@pytest.mark.parametrize(
    "text", ["", "mon", "mon-thu 07:30-11:30", "07:30-", "11:30-07:30", "07:30-11:30 11:00-17:00", "xxx 07:30-11:30"]
)
def test_office_hours_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        OfficeHours.parse(text)


def test_days_are_judged_by_date_and_hours_by_the_minute() -> None:
    days = deadline(at("2023-03-06T09:00"), TimeLimit(2), CALENDAR)
    assert timeliness(at("2023-03-07T23:00"), days) is Timeliness.early
    assert timeliness(at("2023-03-08T23:59"), days) is Timeliness.on_time
    assert timeliness(at("2023-03-09T00:00"), days) is Timeliness.overdue
    hours = deadline(at("2023-03-06T07:30"), TimeLimit(4, HOURS), CALENDAR)
    assert timeliness(at("2023-03-06T11:29"), hours) is Timeliness.early
    assert timeliness(at("2023-03-06T11:30:59"), hours) is Timeliness.on_time
    assert timeliness(at("2023-03-06T11:31"), hours) is Timeliness.overdue


def test_lateness_begins_after_the_due_day_for_days_and_on_it_for_hours() -> None:
    assert deadline(at("2023-03-06T09:00"), TimeLimit(2), CALENDAR).late_from == date(2023, 3, 9)
    assert deadline(at("2023-03-06T09:00"), TimeLimit(2, HOURS), CALENDAR).late_from == date(2023, 3, 6)


def test_days_of_waiting_for_papers_are_not_counted() -> None:
    waiting = (Suspension(at("2023-03-08T10:00"), at("2023-03-13T09:00")),)  # Wednesday to Monday: three working days
    assert due_on("2023-03-06T09:00", 5) == date(2023, 3, 13)
    assert due_on("2023-03-06T09:00", 5, suspensions=waiting) == date(2023, 3, 16)
    assert due_on("2023-03-06T09:00", 10, CALENDAR_DAYS, suspensions=waiting) == date(2023, 3, 21)


def test_waiting_that_begins_after_the_limit_has_run_out_excuses_nothing() -> None:
    afterwards = (Suspension(at("2023-03-14T08:00"), at("2023-03-20T09:00")),)
    assert due_on("2023-03-06T09:00", 5, suspensions=afterwards) == date(2023, 3, 13)


def test_while_papers_are_missing_the_due_date_stands_and_says_so() -> None:
    due = deadline(at("2023-03-06T09:00"), TimeLimit(5), CALENDAR, suspensions=[Suspension(at("2023-03-08T10:00"))])
    assert due.is_suspended
    assert due.due_on == date(2023, 3, 13)


def test_under_the_restart_policy_the_whole_limit_runs_again_from_the_complete_dossier() -> None:
    restart = Policy("x", date(2000, 1, 1), supplement=Effect.restart)
    waiting = (Suspension(at("2023-03-08T10:00"), at("2023-03-13T09:00")),)
    assert due_on("2023-03-06T09:00", 5, policy=restart, suspensions=waiting) == date(2023, 3, 20)
    payment = (Suspension(at("2023-03-08T10:00"), at("2023-03-13T09:00"), SuspensionKind.payment),)
    assert due_on("2023-03-06T09:00", 5, policy=restart, suspensions=payment) == date(2023, 3, 16)
    hours = deadline(at("2023-03-06T07:30"), TimeLimit(4, HOURS), CALENDAR, policy=restart, suspensions=[
        Suspension(at("2023-03-06T10:30"), at("2023-03-07T07:30"))])  # fmt: skip
    assert hours.due_at == at("2023-03-07T11:30")


def test_a_kind_of_waiting_may_leave_the_clock_running() -> None:
    policy = Policy("x", date(2000, 1, 1), payment=Effect.runs_on)
    payment = (Suspension(at("2023-03-08T10:00"), at("2023-03-13T09:00"), SuspensionKind.payment),)
    assert due_on("2023-03-06T09:00", 5, policy=policy, suspensions=payment) == date(2023, 3, 13)


def test_an_extension_is_kept_apart_and_hides_no_lateness() -> None:
    letter = Extension(date(2023, 3, 20), "12/TXL-UBND", date(2023, 3, 13))
    due = deadline(at("2023-03-06T09:00"), TimeLimit(5), CALENDAR, extensions=[letter])
    assert (due.legal_due_on, due.extended_due_on, due.due_on) == (date(2023, 3, 13), date(2023, 3, 20), date(2023, 3, 13))
    assert due.basis is DueBasis.legal
    assert timeliness(at("2023-03-15T09:00"), due) is Timeliness.overdue


def test_where_the_policy_lets_an_extension_count_it_counts_once_and_only_with_its_letter() -> None:
    counts = Policy("x", date(2000, 1, 1), extension=ExtensionRule.counts)

    def extended(*extensions: Extension) -> tuple[date, DueBasis]:
        due = deadline(at("2023-03-06T09:00"), TimeLimit(5), CALENDAR, policy=counts, extensions=extensions)
        return due.due_on, due.basis

    first, second = Extension(date(2023, 3, 20), "12/TXL-UBND"), Extension(date(2023, 3, 30), "19/TXL-UBND")
    assert extended(first, second) == (date(2023, 3, 20), DueBasis.extended)
    assert extended(Extension(date(2023, 3, 20), " ")) == (date(2023, 3, 13), DueBasis.legal)
    assert extended(Extension(date.max, "12/TXL-UBND")) == (date(2023, 3, 13), DueBasis.legal)
    too_late = Extension(date(2023, 3, 20), "12/TXL-UBND", decided_on=date(2023, 3, 14))
    assert extended(too_late) == (date(2023, 3, 13), DueBasis.legal)
    assert extended(Extension(date(2023, 3, 18), "12/TXL-UBND")) == (date(2023, 3, 20), DueBasis.extended)  # a Saturday


def test_the_policy_says_which_event_stops_the_clock() -> None:
    ready, handed = at("2023-03-10T15:00"), at("2023-03-15T08:00")
    assert clock_stopped_at(POLICY, ready, handed) == ready
    assert clock_stopped_at(POLICY, None, handed) == handed
    strict = Policy("x", date(2000, 1, 1), stop_event=StopEvent.delivered)
    assert clock_stopped_at(strict, ready, handed) == handed
    assert clock_stopped_at(strict, ready, None) is None


def test_the_due_date_comes_near_at_one_three_and_five_working_days() -> None:
    assert due_soon(date(2023, 5, 8), CALENDAR) == (date(2023, 5, 5), date(2023, 4, 28), date(2023, 4, 26))
    assert due_soon(date(2023, 5, 7), CALENDAR) == (date(2023, 5, 4), date(2023, 4, 27), date(2023, 4, 25))  # a Sunday
    rng = Random(5)
    for _ in range(500):
        due = date(2022, 1, 1) + timedelta(days=rng.randrange(1500))
        for days, first in zip((1, 3, 5), due_soon(due, CALENDAR), strict=True):
            assert CALENDAR.working_days_between(first, due) <= days
            assert CALENDAR.working_days_between(first - timedelta(days=1), due) > days


def spent(received: str, ended: str, unit: LimitUnit, waiting: tuple[Suspension, ...] = ()) -> int:
    return spent_minutes(deadline(at(received), TimeLimit(5, unit), CALENDAR, suspensions=waiting), at(ended))


def test_working_time_spent_leaves_out_nights_days_off_lunch_and_waiting() -> None:
    assert spent("2023-03-06T07:30", "2023-03-08T07:30", WORKING) == 960
    assert spent("2023-03-06T10:00", "2023-03-06T14:00", HOURS) == 120
    assert spent("2023-04-28T17:00", "2023-05-04T07:30", HOURS) == 0
    assert spent("2023-04-28T17:30", "2023-05-04T17:00", WORKING) == 0  # the first day that counts is that of the receipt
    waiting = (Suspension(at("2023-03-06T13:30"), at("2023-03-07T17:30")),)
    assert spent("2023-03-06T07:30", "2023-03-08T07:30", HOURS, waiting) == 240
    assert spent("2023-03-06T07:30", "2023-03-10T07:30", WORKING, waiting) == 3 * 480
    for unit in LimitUnit:
        assert spent("2023-03-08T07:30", "2023-03-06T07:30", unit) == 0


def test_a_dossier_that_uses_up_its_limit_has_spent_exactly_the_limits_minutes() -> None:
    for amount, unit in ((4, HOURS), (20, HOURS), (3, WORKING), (15, WORKING), (15, CALENDAR_DAYS)):
        received = at("2023-04-26T17:00")  # at closing: no minute of the first day is left
        due = deadline(received, TimeLimit(amount, unit), CALENDAR)
        assert spent_minutes(due, due.due_at or at(f"{due.due_on}T17:00")) == limit_minutes(due)


def test_the_clock_of_an_ended_dossier_waits_for_nobody_any_more() -> None:
    open_end = [Suspension(at("2023-03-08T10:00")), Suspension(at("2023-03-20T10:00"))]
    assert closed_suspensions(open_end, at("2023-03-10T10:00")) == (Suspension(at("2023-03-08T10:00"), at("2023-03-10T10:00")),)


def test_waiting_as_civil_days_is_disjoint_sorted_and_clipped_to_the_days_in_process() -> None:
    waiting = [
        Suspension(at("2023-03-10T10:00"), at("2023-03-14T10:00")),
        Suspension(at("2023-03-01T10:00"), at("2023-03-07T10:00")),
        Suspension(at("2023-03-13T10:00"), at("2023-03-15T10:00")),
        Suspension(at("2023-03-16T10:00"), at("2023-03-16T11:00")),
        Suspension(at("2023-03-17T10:00")),
    ]
    received = date(2023, 3, 6)
    piece = (date(2023, 3, 10), date(2023, 3, 15))
    assert suspended_days(waiting, received) == ((received, date(2023, 3, 7)), piece, (date(2023, 3, 17), None))
    assert suspended_days(waiting, received, date(2023, 3, 12)) == (
        (received, date(2023, 3, 7)),
        (date(2023, 3, 10), date(2023, 3, 12)),
    )


def test_what_cannot_be_meant_is_refused() -> None:
    with pytest.raises(Invalid, match="no offset"):
        deadline(datetime(2023, 3, 6, 9), TimeLimit(1), CALENDAR)  # noqa: DTZ001
    with pytest.raises(Invalid):
        TimeLimit(-1)
    for end_of_time in (datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=VIETNAM)):
        with pytest.raises(OutsideCalendar):
            deadline(end_of_time, TimeLimit(1), CALENDAR)
    for unit in LimitUnit:
        with pytest.raises(OutsideCalendar):
            deadline(at("2045-12-28T09:00"), TimeLimit(100, unit), CALENDAR)
        with pytest.raises(OutsideCalendar):
            deadline(at("1999-12-28T09:00"), TimeLimit(1, unit), CALENDAR)


def test_a_deadline_says_by_which_calendar_and_rule_it_was_computed() -> None:
    due = deadline(at("2023-03-06T09:00"), TimeLimit(5), CALENDAR)
    assert due.calendar_version == CALENDAR.version
    assert due.rule_version == policy_on(date(2023, 3, 6)).version


# ---- 20.000 random cases against the walk -------------------------------------------------------------------------------


def _moment(rng: Random) -> datetime:
    return at("2022-01-01T00:00") + timedelta(minutes=rng.randrange(5 * 365 * 1440))


def _waits(rng: Random, received: datetime) -> list[Suspension]:
    waits, reached = [], received
    for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
        begins = reached + timedelta(minutes=rng.randrange(6 * 1440))
        reached = begins + timedelta(minutes=rng.randrange(12 * 1440))
        waits.append(Suspension(begins, reached, rng.choice(list(SuspensionKind))))
    return waits


@pytest.mark.parametrize("seed", range(3))
def test_limits_in_days_equal_a_walk_day_by_day(seed: int) -> None:
    rng = Random(seed)
    restart = Policy("x", date(2000, 1, 1), supplement=Effect.restart)
    for _ in range(cases(6_000)):
        received = _moment(rng)
        limit = TimeLimit(rng.randrange(40), rng.choice((WORKING, CALENDAR_DAYS)))
        waits = _waits(rng, received)
        due = deadline(received, limit, CALENDAR, suspensions=waits)
        assert due.due_on == due_day(received, limit, CALENDAR, waits, cutoff=cutoff_of(due)), (received, limit, waits)
        due = deadline(received, limit, CALENDAR, policy=restart, suspensions=waits)
        assert due.due_on == due_day(received, limit, CALENDAR, waits, restart), (received, limit, waits)


def test_limits_in_hours_equal_a_walk_minute_by_minute() -> None:
    rng = Random(7)
    for _ in range(cases(2_000)):
        received = _moment(rng)
        amount = rng.randrange(1, 25)
        waits = _waits(rng, received)
        due = deadline(received, TimeLimit(amount, HOURS), CALENDAR, suspensions=waits)
        assert due.due_at == due_minute(received, amount * 60, CALENDAR, waits), (received, amount, waits)
        assert due.due_on == due.late_from


def test_whoever_comes_later_is_never_due_earlier() -> None:
    rng = Random(11)
    for unit in LimitUnit:
        for _ in range(cases(2_000)):
            first = _moment(rng)
            second = first + timedelta(minutes=rng.randrange(rng.choice((1440, 20 * 1440))))
            limit = TimeLimit(rng.randrange(30), unit)
            earlier, later = deadline(first, limit, CALENDAR), deadline(second, limit, CALENDAR)
            assert earlier.due_on <= later.due_on
            if earlier.due_at is not None:
                assert later.due_at is not None
                assert earlier.due_at <= later.due_at
