"""Causes where one side has no date or no known fault gives it, and what is said of each cause in both languages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from shared.civil import VIETNAM
from shared.dossier import Timeliness
from shared.workdays import Deadline, Extension, LimitUnit, TimeLimit, deadline, national_calendar
from shared.workdays.causes import CAUSE_TEXTS, DelayCause, DelayFacts, cause_of, describe_cause
from shared.workdays.wording import Language

CALENDAR = national_calendar()
EARLY, ON_TIME, OVERDUE = Timeliness.early, Timeliness.on_time, Timeliness.overdue


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2023-{text}").replace(tzinfo=VIETNAM)


def on(text: str) -> date:
    return date.fromisoformat(f"2023-{text}")


def due(
    received: str = "03-06T09:00", amount: int = 5, unit: LimitUnit = LimitUnit.working_days, *letters: Extension
) -> Deadline:
    return deadline(at(received), TimeLimit(amount, unit), CALENDAR, extensions=letters)


def cause(
    law: Deadline | None, legal: Timeliness | None, portal_due: str | None, portal: Timeliness | None = None, **more: Any
) -> DelayCause | None:
    portal_due_on = None if portal_due is None else on(portal_due)
    return cause_of(DelayFacts(due=law, legal=legal, portal_due_on=portal_due_on, portal=portal, **more))


def test_in_process_with_one_date_alone_the_office_answers_for_it() -> None:
    assert cause(None, None, None) is None
    assert cause(due(), None, None) is DelayCause.staff
    assert cause(None, None, "03-13") is DelayCause.staff
    assert cause(None, None, "03-13", supplements=2) is DelayCause.supplement_needed


def test_what_came_back_to_where_it_had_been_is_late_of_that_whatever_papers_were_asked_for() -> None:
    assert cause(due(), None, "03-13", misrouted=1, supplements=2) is DelayCause.misrouted
    assert cause(due(), OVERDUE, "03-13", OVERDUE, misrouted=2) is DelayCause.misrouted
    assert cause(due(), OVERDUE, "03-14", ON_TIME, misrouted=2) is DelayCause.due_moved  # the office moved its own date
    assert cause(due(), EARLY, "03-09", OVERDUE, ended_on=on("03-10"), misrouted=1) is DelayCause.other
    assert cause(due(), EARLY, "03-13", EARLY, misrouted=1) is None
    assert "2 lần" in words(DelayCause.misrouted, misrouted=2)


def test_in_process_with_two_dates_the_earlier_tells_the_cause() -> None:
    assert cause(due(), None, "03-13") is DelayCause.staff
    assert cause(due(), None, "03-14") is DelayCause.due_moved
    assert cause(due(), None, "03-10") is DelayCause.first_day_counted
    assert cause(due(), None, "03-09") is DelayCause.other
    assert (
        cause(due("03-06T09:00", 5, LimitUnit.working_days, Extension(on("03-20"), "1")), None, "03-20") is DelayCause.extended
    )


def test_overdue_by_law_the_portals_date_excuses_nothing() -> None:
    assert cause(due(), OVERDUE, None) is DelayCause.staff
    assert cause(due(), OVERDUE, "03-13", ON_TIME) is DelayCause.staff  # the same day, closed in time there
    assert cause(due(), OVERDUE, "03-14", ON_TIME) is DelayCause.due_moved
    assert cause(due(), OVERDUE, "03-20", OVERDUE) is DelayCause.staff
    assert cause(None, OVERDUE, "03-20", ON_TIME, supplements=1) is DelayCause.supplement_needed


def test_in_time_by_law_the_portals_fault_is_looked_for() -> None:
    assert cause(due(), EARLY, "03-09", EARLY) is None
    assert cause(due(), EARLY, None, OVERDUE) is None
    assert cause(due(), EARLY, "03-09", OVERDUE, ended_on=on("03-09")) is DelayCause.not_closed_in_software
    assert cause(due(), EARLY, "03-09", OVERDUE, ended_on=on("03-10")) is DelayCause.other
    assert cause(due(), EARLY, "03-09", OVERDUE, ended_on=on("03-10"), synced_late=True) is DelayCause.synced_late
    assert cause(None, EARLY, "03-09", OVERDUE, ended_on=on("03-10")) is DelayCause.other
    assert cause(due(), EARLY, "03-10", OVERDUE, ended_on=on("03-13"), synced_late=True) is DelayCause.first_day_counted
    assert cause(due(), ON_TIME, "03-20", OVERDUE, ended_on=on("03-21")) is DelayCause.other  # later than the law's


def test_a_calendar_of_then_that_does_not_give_the_date_explains_nothing() -> None:
    assert cause(due(), None, "03-10", calendar_then=CALENDAR) is DelayCause.first_day_counted
    assert cause(due(), None, "03-09", calendar_then=CALENDAR) is DelayCause.other


def test_the_first_day_is_counted_in_days_alone() -> None:
    fifteen = due("03-06T08:30", 15, LimitUnit.hours)  # to Wednesday 08:30; with an hour less to Tuesday evening
    assert (fifteen.due_on, due("03-06T08:30", 14, LimitUnit.hours).due_on) == (on("03-08"), on("03-07"))
    assert cause(fifteen, None, "03-07") is DelayCause.other
    assert cause(due("03-03T18:00", 0), None, "03-04") is DelayCause.other  # a limit of no days has no first one
    assert cause(due("03-06T09:00", 10, LimitUnit.calendar_days), None, "03-15") is DelayCause.first_day_counted


@pytest.mark.parametrize(
    ("portal_due", "found"),
    [
        ("05-01", DelayCause.days_off_counted),  # every day a working day, from the day of receipt
        ("05-03", DelayCause.days_off_counted),  # weekends known, and no holidays
        ("04-30", DelayCause.other),
        ("05-05", DelayCause.first_day_counted),
    ],
)
def test_days_off_were_counted_by_software_that_knows_none_or_weekends_alone(portal_due: str, found: DelayCause) -> None:
    assert cause(due("04-28T09:00", 3), None, portal_due) is found


def test_software_counts_days_off_from_the_receipt_or_from_the_day_it_counts_as() -> None:
    late = due("04-28T18:00", 3)  # counts as Thursday 4 May
    assert late.due_on == on("05-09")
    assert cause(late, None, "05-01") is DelayCause.days_off_counted
    assert cause(late, None, "05-07") is DelayCause.days_off_counted
    assert cause(late, None, "05-08") is DelayCause.after_hours_ignored


def words(of: DelayCause, language: Language = Language.vi, **more: Any) -> str:
    dates = {"portal_due_on": on("03-10"), "legal_due_on": on("03-13"), **more}
    return describe_cause(of, language, **dates).text


def test_a_date_that_is_not_there_is_a_dash_or_some_later_day() -> None:
    told = words(DelayCause.not_closed_in_software, ended_on=on("03-09"), closed_on=on("03-20"))
    assert told == (
        "Có kết quả thứ Năm 09/3/2023, trước khi hết hạn thứ Sáu 10/3/2023, "
        "nhưng đến thứ Hai 20/3/2023 mới kết thúc trên phần mềm."
    )
    assert "đến một ngày sau đó mới" in words(DelayCause.not_closed_in_software, ended_on=on("03-09"))
    english = words(DelayCause.not_closed_in_software, Language.en)
    assert "ready on –" in english
    assert "on a later day" in english
    assert words(DelayCause.staff, legal_due_on=None).count("–") == 1
    assert "3 lần" in words(DelayCause.supplement_needed, supplements=3)
    assert "0 lần" in words(DelayCause.supplement_needed)


@pytest.mark.parametrize("of", DelayCause)
def test_each_cause_is_told_in_both_languages_with_what_to_do(of: DelayCause) -> None:
    (vietnamese, english), actions = CAUSE_TEXTS[of]
    for language, text, action in ((Language.vi, vietnamese, actions[0]), (Language.en, english, actions[1])):
        told = describe_cause(of, language, portal_due_on=None, legal_due_on=None)
        assert (told.cause, told.action) == (of, action)
        assert told.text.startswith(text.partition("{")[0])
        assert "{" not in told.text
