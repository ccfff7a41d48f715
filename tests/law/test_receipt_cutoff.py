"""A receipt after the cut-off of its procedure counts as the next working day's."""

from datetime import date, datetime, time

import pytest

from shared.civil import VIETNAM
from shared.dossier import Timeliness
from shared.workdays import LimitUnit, Policy, Suspension, TimeLimit, deadline, national_calendar, timeliness
from shared.workdays.causes import DelayCause, DelayFacts, cause_of
from shared.workdays.explain import steps, text
from shared.workdays.rules import AfterHours
from shared.workdays.wording import Language

CALENDAR = national_calendar()
SAME_DAY = TimeLimit(0)
THREE = time(15)
LENIENT = Policy("lenient", date(2000, 1, 1), after_hours=AfterHours.same_day)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-03-06T14:59", "2026-03-06"),  # Friday
        ("2026-03-06T15:00", "2026-03-06"),
        ("2026-03-06T15:00:01", "2026-03-09"),
        ("2026-03-06T18:00", "2026-03-09"),
        ("2026-03-07T09:00", "2026-03-09"),  # Saturday
        ("2026-03-07T16:00", "2026-03-09"),
        ("2025-12-31T15:01", "2026-01-05"),  # the first to the fourth are off
    ],
)
def test_a_procedure_of_the_same_day_is_due_on_the_next_working_day_after_the_cutoff(received: str, due: str) -> None:
    assert deadline(at(received), SAME_DAY, CALENDAR, receipt_cutoff=THREE).due_on == date.fromisoformat(due)


def test_the_cutoff_is_the_procedures_and_goes_before_the_policy_about_closing() -> None:
    assert deadline(at("2026-03-06T15:01"), SAME_DAY, CALENDAR, policy=LENIENT, receipt_cutoff=THREE).due_on == date(2026, 3, 9)
    assert deadline(at("2026-03-06T18:00"), SAME_DAY, CALENDAR, policy=LENIENT).due_on == date(2026, 3, 6)
    saturday = at("2026-03-07T09:00")
    assert deadline(saturday, SAME_DAY, CALENDAR, policy=LENIENT, receipt_cutoff=THREE).start_on == date(2026, 3, 9)
    assert deadline(saturday, SAME_DAY, CALENDAR, policy=LENIENT).start_on == date(2026, 3, 7)
    late = deadline(at("2026-03-06T17:01"), SAME_DAY, CALENDAR, receipt_cutoff=time(19))
    assert late.due_on == date(2026, 3, 9)  # the office closes at 17:00


def test_longer_limits_begin_a_day_later_and_hours_run_from_the_next_opening() -> None:
    assert deadline(at("2026-03-05T16:00"), TimeLimit(2), CALENDAR, receipt_cutoff=THREE).due_on == date(2026, 3, 10)
    hours = deadline(at("2026-03-05T16:00"), TimeLimit(4, LimitUnit.hours), CALENDAR, receipt_cutoff=THREE)
    assert (hours.runs_from, hours.due_at) == (at("2026-03-06T07:30"), at("2026-03-06T11:30"))
    assert [step.step for step in steps(hours)][:4] == ["received", "after_cutoff", "limit_in_hours", "opens"]


def test_papers_that_come_after_the_cutoff_count_as_the_next_working_days() -> None:
    for until, due in (("2026-03-06T14:00", date(2026, 3, 6)), ("2026-03-06T16:00", date(2026, 3, 9))):
        waiting = [Suspension(at("2026-03-05T10:00"), at(until))]
        found = deadline(at("2026-03-05T09:00"), SAME_DAY, CALENDAR, suspensions=waiting, receipt_cutoff=THREE)
        assert found.due_on == due


def test_the_explanation_names_the_cutoff_in_both_languages() -> None:
    due = deadline(at("2026-03-06T15:30"), SAME_DAY, CALENDAR, receipt_cutoff=THREE)
    assert "Nhận sau 15:00 nên được tính là nhận thứ Hai 09/3/2026." in text(due)
    assert "After the cut-off at 15:00: counts as received on Monday 2026-03-09." in text(due, Language.en)
    evening = deadline(at("2026-03-06T18:00"), SAME_DAY, CALENDAR)
    assert "15:00" not in text(evening)


def test_a_software_that_ignores_the_cutoff_is_told_so() -> None:
    due = deadline(at("2026-03-06T15:30"), SAME_DAY, CALENDAR, receipt_cutoff=THREE)
    ended = at("2026-03-09T10:00")
    assert timeliness(ended, due) is Timeliness.on_time
    facts = DelayFacts(
        due=due,
        legal=Timeliness.on_time,
        portal_due_on=date(2026, 3, 6),
        portal=Timeliness.overdue,
        ended_on=ended.date(),
        closed_on=ended.date(),
    )
    assert cause_of(facts) is DelayCause.after_hours_ignored
