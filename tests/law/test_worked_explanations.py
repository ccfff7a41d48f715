"""Worked examples of explained due dates: every step with all that it tells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pytest

from shared.civil import VIETNAM
from shared.dossier import SuspensionKind
from shared.workdays import (
    CalendarEditions,
    Extension,
    LimitUnit,
    Policy,
    Suspension,
    TimeLimit,
    build_calendar,
    deadline,
    national_calendar,
)
from shared.workdays.calendar import DayNote, Override, published_overrides
from shared.workdays.explain import steps
from shared.workdays.rules import Effect, ExtensionRule
from shared.workdays.wording import Language, format_value

CALENDAR = national_calendar()
CIVIL_147, CIVIL_148 = "Bộ luật Dân sự 2015, Điều 147", "Bộ luật Dân sự 2015, Điều 148"


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2023-{text}").replace(tzinfo=VIETNAM)


def on(text: str) -> date:
    return date.fromisoformat(f"2023-{text}")


def told(received: str, amount: int, unit: LimitUnit = LimitUnit.working_days, **more: Any) -> list[tuple[Any, ...]]:
    """Each step but the first and the last: name, first and last day, days or minutes, basis."""
    due = deadline(at(received), TimeLimit(amount, unit), CALENDAR, **more)
    found = steps(due, Language.en)
    assert (found[0].step, found[0].at) == ("received", at(received))
    assert (found[-1].step, found[-1].basis) == ("reckoned_by", due.policy.legal_basis)
    assert (found[-2].step, found[-2].until_on) == ("due_at" if due.due_at else "due_on", due.due_on)
    assert found[-2].at == due.due_at
    count = [(one.days if one.minutes is None else one.minutes) for one in found]
    return [
        (one.step, one.from_on, one.until_on, number, one.basis) for one, number in zip(found[1:-2], count[1:-2], strict=True)
    ]


def wait(begin: str, end: str | None, kind: SuspensionKind = SuspensionKind.supplement) -> Suspension:
    return Suspension(at(begin), None if end is None else at(end), kind)


def test_working_days_with_weekends() -> None:
    assert told("03-06T09:00", 10) == [
        ("limit_in_days", None, None, 10, CIVIL_147),
        ("weekends", None, None, 4, ""),
        ("counted", on("03-07"), on("03-20"), 10, ""),
    ]


def test_calendar_days_roll_on_over_a_weekend_or_a_holiday() -> None:
    assert told("03-03T09:00", 1, LimitUnit.calendar_days) == [
        ("limit_in_days", None, None, 1, CIVIL_147),
        ("counted", on("03-04"), on("03-04"), 1, ""),
        ("rolled_on", on("03-04"), on("03-06"), None, CIVIL_148),
    ]
    assert told("04-28T09:00", 2, LimitUnit.calendar_days)[-1] == (
        "rolled_over_holidays",
        on("04-30"),
        on("05-04"),
        None,
        CIVIL_148,
    )
    assert [one[0] for one in told("03-06T09:00", 2, LimitUnit.calendar_days)] == ["limit_in_days", "counted"]


def test_a_limit_of_no_days_counts_none() -> None:
    assert told("03-06T09:00", 0) == [("limit_in_days", None, None, 0, CIVIL_147)]


def test_a_receipt_after_closing_counts_as_another_days() -> None:
    rule = deadline(at("03-03T18:00"), TimeLimit(1), CALENDAR).rule_version
    assert told("03-03T18:00", 1) == [
        ("counts_as", on("03-06"), None, None, rule),
        ("limit_in_days", None, None, 1, CIVIL_147),
        ("counted", on("03-07"), on("03-07"), 1, ""),
    ]


@pytest.mark.parametrize(
    ("effect", "waits", "moves", "counted"),
    [
        (
            Effect.pause,
            [wait("03-08T10:00", "03-13T09:00")],
            [("suspended", on("03-08"), on("03-13"))],
            (on("03-07"), on("03-16")),
        ),
        (
            Effect.restart,
            [wait("03-08T10:00", "03-13T09:00")],
            [("restarted", on("03-08"), on("03-13"))],
            (on("03-14"), on("03-20")),
        ),
        (Effect.pause, [wait("03-08T10:00", None)], [("suspended_now", on("03-08"), None)], (on("03-07"), on("03-13"))),
        (Effect.runs_on, [wait("03-08T10:00", "03-13T09:00")], [], (on("03-07"), on("03-13"))),
        (
            Effect.restart,
            [wait("03-08T10:00", "03-09T09:00"), wait("03-14T10:00", "03-16T09:00", SuspensionKind.stop)],
            [("restarted", on("03-08"), on("03-09")), ("suspended", on("03-14"), on("03-16"))],
            (on("03-10"), on("03-20")),
        ),
    ],
)
def test_waits_in_days(
    effect: Effect, waits: list[Suspension], moves: list[tuple[Any, ...]], counted: tuple[date, date]
) -> None:
    policy = Policy("x", date(2000, 1, 1), supplement=effect)
    found = told("03-06T09:00", 5, policy=policy, suspensions=waits)
    assert [one[:3] for one in found if one[0] in {"suspended", "restarted", "suspended_now"}] == moves
    (days,) = (one for one in found if one[0] == "counted")
    assert days[1:4] == (*counted, 5)


def test_hours_are_told_day_by_day_with_their_waits() -> None:
    waits = [wait("03-06T16:30", "03-07T08:00"), wait("03-07T09:00", "03-07T10:00")]
    assert told("03-06T16:00", 4, LimitUnit.hours, suspensions=waits) == [
        ("limit_in_hours", None, None, 240, CIVIL_147),
        ("suspended", on("03-06"), on("03-07"), None, ""),
        ("suspended", on("03-07"), on("03-07"), None, ""),
        ("counted_on_day", on("03-06"), on("03-06"), 30, ""),
        ("counted_on_day", on("03-07"), on("03-07"), 210, ""),
    ]
    restart = Policy("x", date(2000, 1, 1), supplement=Effect.restart)
    assert told("03-06T16:00", 4, LimitUnit.hours, suspensions=waits[:1], policy=restart) == [
        ("limit_in_hours", None, None, 240, CIVIL_147),
        ("restarted", on("03-06"), on("03-07"), None, ""),
        ("counted_on_day", on("03-07"), on("03-07"), 240, ""),
    ]
    assert told("03-06T16:00", 1, LimitUnit.hours, suspensions=[wait("03-06T16:30", None)]) == [
        ("limit_in_hours", None, None, 60, CIVIL_147),
        ("suspended_now", on("03-06"), None, None, ""),
        ("counted_on_day", on("03-06"), on("03-06"), 60, ""),
    ]


def test_hours_begin_when_the_office_opens() -> None:
    found = told("03-03T18:00", 4, LimitUnit.hours)
    assert [one[0] for one in found] == ["limit_in_hours", "opens", "counted_on_day"]
    assert "opens" not in [one[0] for one in told("03-03T09:00", 4, LimitUnit.hours)]


def extended(rule: ExtensionRule, letters: Sequence[Extension]) -> list[tuple[Any, ...]]:
    found = told("03-06T09:00", 5, policy=Policy("x", date(2000, 1, 1), extension=rule), extensions=letters)
    return [one[:3] for one in found if one[0].startswith("exten")]


def test_letters_are_told_as_what_they_come_to() -> None:
    letters = [Extension(on("03-20"), "12/TXL"), Extension(on("03-30"), "13/TXL")]
    void = ("extension_void", None, on("03-30"))
    assert extended(ExtensionRule.apart, letters) == [("extended_apart", None, on("03-20")), void]
    assert extended(ExtensionRule.counts, letters) == [("extended", None, on("03-20")), void]
    assert extended(ExtensionRule.counts, letters[:1])[0][0] == "extended"
    assert extended(ExtensionRule.apart, [Extension(on("03-30"), " ")]) == [void]


def test_days_off_are_told_run_by_run_and_their_decisions_once() -> None:
    found = told("04-28T09:00", 10)
    assert [one for one in found if one[0] in {"skipped", "weekends"}] == [
        ("skipped", on("04-29"), on("05-03"), 5, ""),
        ("weekends", None, None, 4, ""),
    ]
    decided = [
        Override(on("03-08"), "off", "QĐ 1", on("01-01")),
        Override(on("03-09"), "off", "QĐ 1", on("01-01")),
        Override(on("03-11"), "worked", "QĐ 2", on("01-01")),
    ]
    due = deadline(at("03-06T09:00"), TimeLimit(5), build_calendar(decided))
    told_of = [(one.step, one.from_on, one.until_on, one.days, one.basis) for one in steps(due)]
    assert ("skipped", on("03-08"), on("03-09"), 2, "QĐ 1") in told_of
    assert ("make_up", on("03-11"), None, None, "QĐ 2") in told_of
    assert ("weekends", None, None, 1, "") in told_of


# --- the calendar's own words --------------------------------------------------------------------------------------------


def test_a_decision_bears_the_name_of_the_day_that_it_confirms_or_says_what_it_is() -> None:
    calendar = build_calendar(
        [
            Override(on("04-29"), "off", "QĐ 1", on("01-01")),
            Override(on("03-08"), "off", "QĐ 2", on("01-01")),
            Override(on("03-11"), "worked", "QĐ 3", on("01-01")),
            Override(on("05-01"), "worked", "QĐ 4", on("01-01")),
        ]
    )

    def note(day: str) -> tuple[Any, ...]:
        found = calendar.note(on(day))
        assert found is not None
        return found.kind, found.name_vi, found.name_en, found.legal_basis, found.worked

    assert note("04-29") == ("decided_off", "Ngày Giỗ Tổ Hùng Vương", "Hung Kings' Commemoration Day", "QĐ 1", False)
    assert note("03-08") == ("decided_off", "Ngày nghỉ theo quyết định", "Day off by decision", "QĐ 2", False)
    assert note("03-11") == ("decided_worked", "Ngày làm bù", "Make-up day", "QĐ 3", True)
    assert note("05-01")[0] == "decided_worked"
    assert calendar.note(on("03-07")) is None


def test_a_province_goes_over_the_country_and_the_later_decision_over_the_earlier() -> None:
    decisions = [
        Override(on("03-08"), "off", "of the province", on("01-01"), "30"),
        Override(on("03-08"), "worked", "of the country", on("01-02")),
        Override(on("03-09"), "worked", "later", on("01-02")),
        Override(on("03-09"), "off", "earlier", on("01-01")),
        Override(on("03-10"), "off", "of another", on("01-01"), "31"),
    ]
    calendar = build_calendar(decisions, "30")
    assert [calendar.is_working(on(day)) for day in ("03-08", "03-09", "03-10")] == [False, True, True]
    assert not build_calendar(decisions[:1], "30", known_on=on("01-01")).is_working(on("03-08"))
    assert build_calendar(decisions[:1], "30", known_on=date(2022, 12, 31)).is_working(on("03-08"))


def test_editions_change_on_the_day_a_decision_is_published() -> None:
    decisions = [
        Override(on("03-08"), "off", "1", on("02-01")),
        Override(on("03-09"), "off", "2", on("02-05"), "30"),
        Override(on("03-10"), "off", "3", on("02-09"), "31"),
    ]
    editions = CalendarEditions(decisions, "30")
    known = [editions.known_on(on(day)) for day in ("01-31", "02-01", "02-04", "02-05", "02-28")]
    assert [[one.is_working(on(day)) for day in ("03-08", "03-09", "03-10")] for one in known] == [
        [True, True, True],
        [False, True, True],
        [False, True, True],
        [False, False, True],
        [False, False, True],
    ]
    assert known[1] is known[2]
    assert known[3] is known[4] is editions.latest
    assert CalendarEditions([], "30").latest.version == build_calendar([]).version
    assert CalendarEditions(published_overrides()).latest.version == CALENDAR.version


# --- values in words -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "vietnamese", "english"),
    [
        (date(2023, 1, 2), "thứ Hai 02/01/2023", "Monday 2023-01-02"),
        (date(2023, 2, 12), "Chủ nhật 12/02/2023", "Sunday 2023-02-12"),
        (date(2023, 3, 4), "thứ Bảy 04/3/2023", "Saturday 2023-03-04"),
        (datetime(2023, 3, 7, 8, 5, tzinfo=VIETNAM), "08:05 thứ Ba 07/3/2023", "08:05 Tuesday 2023-03-07"),
        (TimeLimit(3), "3 ngày làm việc", "3 working days"),
        (TimeLimit(3, LimitUnit.calendar_days), "3 ngày", "3 calendar days"),
        (TimeLimit(3, LimitUnit.hours), "3 giờ làm việc", "3 office hours"),
        (SuspensionKind.payment, "chờ thực hiện nghĩa vụ tài chính", "waiting for a payment"),
        (
            (date(2023, 3, 8), date(2023, 3, 9)),
            "thứ Tư 08/3/2023 – thứ Năm 09/3/2023",
            "Wednesday 2023-03-08 – Thursday 2023-03-09",
        ),
        ((date(2023, 3, 10), date(2023, 3, 10)), "thứ Sáu 10/3/2023", "Friday 2023-03-10"),
        ([DayNote(on("04-29"), "holiday", "Giỗ Tổ", "Kings")] * 2, "Giỗ Tổ", "Kings"),
        ("x", "x", "x"),
        (7, "7", "7"),
    ],
)
def test_values_are_written_as_the_language_has_them(value: object, vietnamese: str, english: str) -> None:
    assert format_value(value, Language.vi) == vietnamese
    assert format_value(value, Language.en) == english
