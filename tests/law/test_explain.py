"""An explained due date tells what was counted, and never another day than the clock's."""

from datetime import date, datetime, time, timedelta
from random import Random

import msgspec
import pytest

from shared.civil import VIETNAM
from shared.dossier import SuspensionKind
from shared.workdays import (
    Extension,
    LimitUnit,
    Policy,
    Suspension,
    TimeLimit,
    deadline,
    national_calendar,
)
from shared.workdays.explain import explain, steps, text
from shared.workdays.rules import Effect, ExtensionRule
from shared.workdays.wording import SENTENCES, Language

CALENDAR = national_calendar()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def test_a_due_date_after_the_holidays_of_2023_is_explained_in_vietnamese() -> None:
    due = deadline(at("2023-04-28T09:00"), TimeLimit(3), CALENDAR)
    assert text(due).splitlines() == [
        "1. Tiếp nhận lúc 09:00 thứ Sáu 28/4/2023.",
        "2. Thời hạn giải quyết là 3 ngày làm việc; ngày nhận không tính vào thời hạn. [Bộ luật Dân sự 2015, Điều 147]",
        "3. Không tính 5 ngày nghỉ thứ Bảy 29/4/2023 – thứ Tư 03/5/2023: Ngày Giỗ Tổ Hùng Vương, Ngày Chiến thắng, "
        "Ngày Quốc tế Lao động, Ngày Giỗ Tổ Hùng Vương (nghỉ bù), Ngày Chiến thắng (nghỉ bù).",
        "4. Không tính 2 ngày thứ Bảy, Chủ nhật.",
        "5. Đủ 3 ngày: ngày thứ nhất là thứ Năm 04/5/2023, ngày cuối là thứ Hai 08/5/2023.",
        "6. Hạn trả kết quả: hết thứ Hai 08/5/2023.",
        f"7. Tính theo lịch {CALENDAR.version}, quy tắc {due.rule_version}. [{due.policy.legal_basis}]",
    ]


def test_the_same_steps_are_told_in_english() -> None:
    due = deadline(at("2023-04-28T09:00"), TimeLimit(3, LimitUnit.calendar_days), CALENDAR)
    told = [step.text for step in steps(due, Language.en)]
    assert told[3].startswith("The last day, Monday 2023-05-01, is off (International Labor Day")
    assert told[3].endswith("the limit ends on the next working day, Thursday 2023-05-04.")
    assert [step.step for step in steps(due, Language.en)] == [step.step for step in steps(due, Language.vi)]


def test_the_decision_behind_a_swapped_day_is_cited() -> None:
    due = deadline(at("2025-12-31T09:00"), TimeLimit(2), CALENDAR)
    skipped = next(step for step in steps(due) if step.step == "skipped")
    assert (skipped.from_on, skipped.until_on, skipped.days) == (date(2026, 1, 1), date(2026, 1, 4), 4)
    assert "hoán đổi" in skipped.basis
    worked = deadline(at("2025-04-25T09:00"), TimeLimit(1), CALENDAR)
    made_up = next(step for step in steps(worked) if step.step == "make_up")
    assert made_up.from_on == date(2025, 4, 26)
    assert "6150/TB-BLĐTBXH" in made_up.basis


def unverified(received: str, limit: TimeLimit, *suspensions: Suspension) -> list[str]:
    due = deadline(at(received), limit, CALENDAR, suspensions=suspensions)
    return [step.text for step in steps(due, Language.en) if step.step == "unverified"]


def test_a_due_date_that_rests_on_a_decision_from_memory_says_so() -> None:
    due = deadline(at("2025-12-31T09:00"), TimeLimit(2), CALENDAR)
    (step,) = (step for step in steps(due) if step.step == "unverified")
    assert step.text == ("Kết quả này dựa vào ngày nghỉ, ngày làm bù chưa đối chiếu với văn bản công bố: thứ Sáu 02/01/2026.")
    assert "hoán đổi" in step.basis
    assert unverified("2025-12-31T09:00", TimeLimit(2)) == [
        "This rests on decisions about days whose published text was not seen: Friday 2026-01-02."
    ]
    assert len(unverified("2024-04-26T09:00", TimeLimit(4))) == 1
    assert "2025-04-26" in unverified("2025-04-25T09:00", TimeLimit(1))[0]
    assert unverified("2025-04-25T09:00", TimeLimit(4, LimitUnit.hours)) == []
    assert len(unverified("2025-04-25T16:00", TimeLimit(4, LimitUnit.hours))) == 1


def test_a_due_date_that_does_not_rest_on_it_says_nothing() -> None:
    assert unverified("2026-01-12T09:00", TimeLimit(5)) == []
    assert unverified("2023-04-28T09:00", TimeLimit(3)) == []  # days off by law
    # Calendar days run through days off: only where they end does it matter.
    assert unverified("2025-12-29T09:00", TimeLimit(20, LimitUnit.calendar_days)) == []
    assert len(unverified("2025-12-29T09:00", TimeLimit(4, LimitUnit.calendar_days))) == 1
    waiting = Suspension(at("2025-12-30T09:00"), at("2026-01-12T09:00"))
    assert unverified("2025-12-29T09:00", TimeLimit(3), waiting) == []
    assert len(unverified("2025-12-29T09:00", TimeLimit(3), Suspension(waiting.from_at, at("2026-01-02T09:00")))) == 1


def test_a_suspension_tells_from_where_to_where_it_moved_the_date() -> None:
    waiting = (Suspension(at("2023-03-08T10:00"), at("2023-03-13T09:00")),)
    due = deadline(at("2023-03-06T09:00"), TimeLimit(5), CALENDAR, suspensions=waiting)
    assert "hạn chuyển từ thứ Hai 13/3/2023 sang thứ Năm 16/3/2023" in text(due)
    assert "the due date moves from Monday 2023-03-13 to Thursday 2023-03-16" in text(due, Language.en)
    afterwards = (Suspension(at("2023-03-14T08:00"), at("2023-03-20T09:00")),)
    due = deadline(at("2023-03-06T09:00"), TimeLimit(5), CALENDAR, suspensions=afterwards)
    assert "suspended" not in [step.step for step in steps(due)]


def test_a_limit_in_hours_is_told_day_by_day() -> None:
    due = deadline(at("2023-03-06T16:00"), TimeLimit(4, LimitUnit.hours), CALENDAR)
    counted = [(step.from_on, step.minutes) for step in steps(due) if step.step == "counted_on_day"]
    assert counted == [(date(2023, 3, 6), 60), (date(2023, 3, 7), 180)]


def test_every_sentence_can_be_reached_and_is_written_in_both_languages() -> None:
    restart = Policy("x", date(2000, 1, 1), supplement=Effect.restart)
    counts = Policy("x", date(2000, 1, 1), extension=ExtensionRule.counts)
    twice = [Extension(date(2023, 3, 20), "12/TXL"), Extension(date(2023, 3, 30), "13/TXL")]
    wait = [Suspension(at("2023-03-07T10:00"), at("2023-03-07T15:00"))]
    cases = [
        deadline(at("2025-04-25T18:00"), TimeLimit(9), CALENDAR),
        deadline(at("2025-04-24T09:00"), TimeLimit(9), CALENDAR, suspensions=[Suspension(at("2025-04-28T09:00"))]),
        deadline(at("2023-03-06T09:00"), TimeLimit(5), CALENDAR, policy=restart, suspensions=wait, extensions=twice),
        deadline(at("2023-03-06T09:00"), TimeLimit(5), CALENDAR, policy=counts, suspensions=wait, extensions=twice),
        deadline(at("2023-03-03T09:00"), TimeLimit(1, LimitUnit.calendar_days), CALENDAR),
        deadline(at("2023-04-28T09:00"), TimeLimit(1, LimitUnit.calendar_days), CALENDAR),
        deadline(at("2023-03-03T18:00"), TimeLimit(9, LimitUnit.hours), CALENDAR, suspensions=wait),
        deadline(at("2023-03-06T15:30"), TimeLimit(0), CALENDAR, receipt_cutoff=time(15)),
        deadline(
            at("2026-03-06T15:30"),
            TimeLimit(0),
            CALENDAR,
            suspensions=[Suspension(at("2026-03-09T09:00"), at("2026-03-09T16:00"))],
        ),
    ]
    told = {step.step for due in cases for language in Language for step in steps(due, language)}
    assert told == SENTENCES.keys()
    assert all("{" not in step.text for due in cases for language in Language for step in steps(due, language))


def test_steps_are_plain_json() -> None:
    due = deadline(at("2023-04-28T09:00"), TimeLimit(3), CALENDAR)
    first = explain(due)[0]
    assert first == {"step": "received", "text": "Tiếp nhận lúc 09:00 thứ Sáu 28/4/2023.", "at": "2023-04-28T09:00:00+07:00"}
    assert msgspec.json.encode(explain(due))


@pytest.mark.parametrize("seed", range(2))
def test_the_walk_that_is_told_ends_where_the_clock_ends_in_random_cases(seed: int) -> None:
    rng = Random(seed)
    effects = list(Effect)
    for _ in range(1_500):
        received = at("2022-01-01T00:00") + timedelta(minutes=rng.randrange(5 * 365 * 1440))
        waits, reached = [], received
        for _ in range(rng.choice((0, 1, 2, 3))):
            begins = reached + timedelta(minutes=rng.randrange(6 * 1440))
            reached = begins + timedelta(minutes=rng.randrange(12 * 1440))
            waits.append(Suspension(begins, reached if rng.random() < 0.9 else None, rng.choice(list(SuspensionKind))))
        policy = Policy("x", date(2000, 1, 1), rng.choice(effects), rng.choice(effects), rng.choice(effects))
        limit = TimeLimit(rng.randrange(30), rng.choice(list(LimitUnit)))
        due = deadline(received, limit, CALENDAR, policy=policy, suspensions=waits)
        assert steps(due)  # raises when the walk and the tables disagree
