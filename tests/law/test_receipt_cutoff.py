"""A receipt after the cut-off of its procedure, or of all that are resolved the same day, counts as the next working day's."""

from datetime import date, datetime, time

import msgspec
import pytest

from shared.civil import VIETNAM
from shared.dossier import Timeliness
from shared.workdays import (
    Extension,
    LimitUnit,
    Policy,
    Suspension,
    TimeLimit,
    deadline,
    national_calendar,
    policies,
    timeliness,
)
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


def test_a_receipt_on_a_day_off_is_never_moved_by_a_policy_that_leaves_it_there() -> None:
    sunday = "2026-03-01T09:00"
    assert deadline(at(sunday), TimeLimit(3), CALENDAR, policy=LENIENT).start_on == date(2026, 3, 1)
    due = deadline(at(sunday), TimeLimit(3), CALENDAR, policy=LENIENT, receipt_cutoff=THREE)
    (moved,) = (step for step in steps(due) if step.step == "counts_as")
    assert (moved.from_on, moved.basis) == (date(2026, 3, 2), "")  # the cut-off is the procedure's


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
    assert "Nhận sau 15:00 (giờ chốt của thủ tục) nên được tính là nhận thứ Hai 09/3/2026." in text(due)
    assert "After the cut-off at 15:00 of the procedure: counts as received on Monday 2026-03-09." in text(due, Language.en)
    evening = deadline(at("2026-03-06T18:00"), TimeLimit(1), CALENDAR)
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


# ---- The cut-off of all procedures that are resolved the same day -----------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-03-06T15:00", "2026-03-06"),
        ("2026-03-06T15:00:01", "2026-03-09"),
        ("2025-07-01T15:30", "2025-07-02"),  # the first day on which it holds
        ("2025-06-30T15:30", "2025-06-30"),
        ("2023-03-06T15:30", "2023-03-06"),
    ],
)
def test_since_the_middle_of_2025_every_procedure_of_the_same_day_has_one(received: str, due: str) -> None:
    for same_day in (SAME_DAY, TimeLimit(0, LimitUnit.calendar_days)):
        assert deadline(at(received), same_day, CALENDAR).due_on == date.fromisoformat(due)


def test_it_holds_for_limits_of_no_days_alone_and_a_procedures_own_goes_before_it() -> None:
    late = at("2026-03-06T15:30")
    assert deadline(late, SAME_DAY, CALENDAR, receipt_cutoff=time(16)).due_on == date(2026, 3, 6)
    assert deadline(late, TimeLimit(1), CALENDAR).start_on == date(2026, 3, 6)
    assert deadline(late, TimeLimit(1, LimitUnit.hours), CALENDAR).due_at == at("2026-03-06T16:30")
    assert deadline(late, TimeLimit(0, LimitUnit.hours), CALENDAR).due_at == late


def test_papers_that_come_after_it_count_as_the_next_working_days_and_the_explanation_says_so() -> None:
    waiting = [Suspension(at("2026-03-05T10:00"), at("2026-03-06T16:00"))]
    due = deadline(at("2026-03-05T09:00"), SAME_DAY, CALENDAR, suspensions=waiting)
    assert due.due_on == date(2026, 3, 9)
    (step,) = (step for step in steps(due) if step.step == "resumed_after_cutoff")
    assert (step.at, step.from_on, step.basis) == (at("2026-03-06T16:00"), date(2026, 3, 9), "Nghị định 118/2025/NĐ-CP")
    assert step.text == "Tiếp tục lúc 16:00 thứ Sáu 06/3/2026, sau giờ chốt 15:00, nên được tính từ thứ Hai 09/3/2026."


def test_the_explanation_says_which_cutoff_was_used_and_that_its_decree_is_from_memory() -> None:
    due = deadline(at("2026-03-06T15:30"), SAME_DAY, CALENDAR)
    assert [step.step for step in steps(due)] == ["received", "after_same_day_cutoff", "limit_in_days", "from_memory", "due_on",
                                                  "reckoned_by"]  # fmt: skip
    assert (
        "2. Nhận sau 15:00 (giờ chốt chung của thủ tục trả kết quả trong ngày) nên được tính là nhận thứ Hai 09/3/2026."
        in text(due)
    )
    assert "of all procedures resolved the same day: counts as received on Monday 2026-03-09. [Nghị định 118/2025" in text(
        due, Language.en
    )
    assert "Căn cứ trích theo trí nhớ, chưa đối chiếu với văn bản công bố: Nghị định 118/2025/NĐ-CP." in text(due)
    assert "Cited from memory, the published text was not seen: Nghị định 118/2025/NĐ-CP." in text(due, Language.en)
    for cites_nothing in (
        deadline(at("2026-03-06T15:00"), SAME_DAY, CALENDAR),
        deadline(at("2026-03-06T15:30"), SAME_DAY, CALENDAR, receipt_cutoff=THREE),
        deadline(at("2026-03-06T15:30"), SAME_DAY, CALENDAR, policy=msgspec.structs.replace(policies()[-1], from_memory=())),
    ):
        assert "from_memory" not in [step.step for step in steps(cites_nothing)]


def test_an_own_cutoff_cites_its_policy() -> None:
    own = Policy("own@1", date(2026, 1, 1), same_day_cutoff=time(14), legal_basis="QĐ 7/UBND")
    due = deadline(at("2026-03-06T14:30"), SAME_DAY, CALENDAR, policy=own)
    (step,) = (step for step in steps(due) if step.step == "after_same_day_cutoff")
    assert (step.basis, due.due_on) == ("QĐ 7/UBND", date(2026, 3, 9))


@pytest.mark.parametrize("until", ["2026-03-20", "2026-03-05"])
def test_an_extension_cites_the_decree_of_its_day_as_from_memory(until: str) -> None:
    for received, decree in (("2026-03-06T09:00", "Nghị định 118/2025/NĐ-CP"), ("2023-03-06T09:00", "Nghị định 61/2018/NĐ-CP")):
        letter = [Extension(date.fromisoformat(received[:4] + until[4:]), "12/TXL")]
        found = steps(deadline(at(received), TimeLimit(1), CALENDAR, extensions=letter))
        assert [step.basis for step in found if step.step.startswith("exten")] == [decree]
        assert [step.basis for step in found if step.step == "from_memory"] == [decree]


def test_a_software_that_ignores_the_cutoff_of_the_same_day_is_told_so() -> None:
    due = deadline(at("2026-03-06T15:30"), SAME_DAY, CALENDAR)
    facts = DelayFacts(
        due=due,
        legal=Timeliness.on_time,
        portal_due_on=date(2026, 3, 6),
        portal=Timeliness.overdue,
        ended_on=date(2026, 3, 9),
        closed_on=date(2026, 3, 9),
    )
    assert cause_of(facts) is DelayCause.after_hours_ignored
