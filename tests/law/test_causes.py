"""Why a portal calls overdue what the law does not, and the other way round."""

from datetime import date, datetime, timedelta

import pytest

from shared.civil import VIETNAM
from shared.dossier import Timeliness
from shared.workdays import (
    Extension,
    LimitUnit,
    Suspension,
    TimeLimit,
    deadline,
    national_calendar,
    timeliness,
    timeliness_on,
)
from shared.workdays.causes import CAUSE_TEXTS, DelayCause, DelayFacts, cause_of, explain_cause
from shared.workdays.wording import Language

CALENDAR = national_calendar()
DAY = timedelta(days=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def account(
    received: str,
    limit: TimeLimit,
    *,
    promised: str,
    ended: str | None = None,
    closed: str | None = None,
    waits: tuple[Suspension, ...] = (),
    extensions: tuple[Extension, ...] = (),
    **more: object,
) -> DelayFacts:
    due = deadline(at(received), limit, CALENDAR, suspensions=waits, extensions=extensions)
    portal_due_on = date.fromisoformat(promised)
    ended_at = at(ended) if ended else None
    closed_on = at(closed).date() if closed else ended_at.date() if ended_at else None
    return DelayFacts(
        due=due,
        portal_due_on=portal_due_on,
        legal=timeliness(ended_at, due) if ended_at else None,
        portal=timeliness_on(closed_on, portal_due_on) if closed_on else None,
        ended_on=ended_at.date() if ended_at else None,
        closed_on=closed_on,
        **more,  # type: ignore[arg-type]
    )


WAIT = (Suspension(at("2023-03-08T10:00"), at("2023-03-13T09:00")),)


@pytest.mark.parametrize("promised", ["2023-05-01", "2023-05-03"])  # all days counted; holidays counted
def test_days_off_were_counted_as_working_days(promised: str) -> None:
    late = account("2023-04-28T09:00", TimeLimit(3), promised=promised, ended="2023-05-05T10:00")
    assert (late.legal, late.portal) == (Timeliness.early, Timeliness.overdue)
    assert cause_of(late) is DelayCause.days_off_counted


def test_a_limit_in_hours_was_counted_through_the_night() -> None:
    late = account("2023-03-03T16:00", TimeLimit(8, LimitUnit.hours), promised="2023-03-04", ended="2023-03-06T10:00")
    assert cause_of(late) is DelayCause.days_off_counted


def test_a_suspension_was_hidden() -> None:
    late = account("2023-03-06T09:00", TimeLimit(5), promised="2023-03-13", ended="2023-03-15T10:00", waits=WAIT)
    assert cause_of(late) is DelayCause.suspension_hidden


def test_of_two_faults_the_one_that_alone_made_it_overdue_is_told() -> None:
    limit = TimeLimit(5)  # all days counted: 11 March; without the wait: 13 March; by law: 16 March
    before = account("2023-03-06T09:00", limit, promised="2023-03-11", ended="2023-03-13T10:00", waits=WAIT)
    after = account("2023-03-06T09:00", limit, promised="2023-03-11", ended="2023-03-15T10:00", waits=WAIT)
    assert (cause_of(before), cause_of(after)) == (DelayCause.days_off_counted, DelayCause.suspension_hidden)


def test_the_result_was_ready_in_time_and_closed_late() -> None:
    late = account("2023-03-06T09:00", TimeLimit(5), promised="2023-03-13", ended="2023-03-10T10:00", closed="2023-03-17T10:00")
    assert cause_of(late) is DelayCause.not_closed_in_software


def test_a_receipt_after_closing_was_counted_as_that_days() -> None:
    late = account("2023-03-09T17:30", TimeLimit(2), promised="2023-03-13", ended="2023-03-14T10:00")
    assert cause_of(late) is DelayCause.after_hours_ignored
    over_tet = account("2023-01-19T17:30", TimeLimit(2), promised="2023-01-30", ended="2023-01-31T10:00")
    assert cause_of(over_tet) is DelayCause.after_hours_ignored


def test_the_day_of_receipt_was_counted() -> None:
    late = account("2023-04-26T09:00", TimeLimit(3), promised="2023-04-28", ended="2023-05-04T10:00")
    assert cause_of(late) is DelayCause.first_day_counted


def test_the_days_off_were_decided_after_the_date_was_given() -> None:
    then = national_calendar(known_on=date(2024, 4, 11))
    late = account("2024-04-10T09:00", TimeLimit(12), promised="2024-04-29", ended="2024-05-02T10:00", calendar_then=then)
    assert (late.legal, late.portal) == (Timeliness.on_time, Timeliness.overdue)
    assert cause_of(late) is DelayCause.calendar_changed


def test_late_by_law_but_not_by_the_portal() -> None:
    moved = account("2023-03-06T09:00", TimeLimit(5), promised="2023-03-20", ended="2023-03-16T10:00")
    assert cause_of(moved) is DelayCause.due_moved
    letter = (Extension(date(2023, 3, 20), "12/TXL-UBND"),)
    extended = account("2023-03-06T09:00", TimeLimit(5), promised="2023-03-20", ended="2023-03-16T10:00", extensions=letter)
    assert cause_of(extended) is DelayCause.extended
    minutes = account("2023-03-06T08:00", TimeLimit(4, LimitUnit.hours), promised="2023-03-06", ended="2023-03-06T15:00")
    assert (minutes.legal, minutes.portal, cause_of(minutes)) == (Timeliness.overdue, Timeliness.on_time, DelayCause.staff)


def test_late_by_both_is_the_offices_own() -> None:
    late = account("2023-03-06T09:00", TimeLimit(5), promised="2023-03-13", ended="2023-03-16T10:00")
    assert cause_of(late) is DelayCause.staff
    asked = account("2023-03-06T09:00", TimeLimit(5), promised="2023-03-13", ended="2023-03-16T10:00", supplements=1)
    assert cause_of(asked) is DelayCause.supplement_needed


def test_what_the_dates_do_not_tell_is_not_invented() -> None:
    odd = account("2023-03-06T09:00", TimeLimit(10), promised="2023-03-07", ended="2023-03-10T10:00")
    assert cause_of(odd) is DelayCause.other
    told_late = account("2023-03-06T09:00", TimeLimit(10), promised="2023-03-07", ended="2023-03-10T10:00", synced_late=True)
    assert cause_of(told_late) is DelayCause.synced_late


def test_in_time_by_both_has_no_cause() -> None:
    fine = account("2023-03-06T09:00", TimeLimit(5), promised="2023-03-09", ended="2023-03-08T10:00")
    assert cause_of(fine) is None


def test_of_a_dossier_in_process_the_cause_is_that_of_its_lateness_to_come() -> None:
    assert cause_of(account("2023-04-28T09:00", TimeLimit(3), promised="2023-05-01")) is DelayCause.days_off_counted
    assert cause_of(account("2023-04-28T09:00", TimeLimit(3), promised="2023-05-08")) is DelayCause.staff
    assert cause_of(account("2023-04-28T09:00", TimeLimit(3), promised="2023-05-10")) is DelayCause.due_moved
    waiting = (Suspension(at("2023-05-04T09:00")),)
    assert (
        cause_of(account("2023-04-28T09:00", TimeLimit(3), promised="2023-05-08", waits=waiting))
        is DelayCause.suspension_hidden
    )
    nothing = DelayFacts(due=None, legal=None, portal_due_on=None, portal=None)
    assert cause_of(nothing) is None


def test_without_a_limit_by_law_the_portals_date_is_judged_by_its_own_end() -> None:
    day = date(2023, 3, 13)
    late = DelayFacts(due=None, legal=Timeliness.overdue, portal_due_on=day, portal=Timeliness.overdue, ended_on=day + DAY)
    assert cause_of(late) is DelayCause.staff
    closed = DelayFacts(
        due=None, legal=Timeliness.early, portal_due_on=day, portal=Timeliness.overdue, ended_on=day - DAY, closed_on=day + DAY
    )
    assert cause_of(closed) is DelayCause.not_closed_in_software


def test_a_cause_is_told_with_its_dates_and_with_what_to_do() -> None:
    late = account("2023-04-28T09:00", TimeLimit(3), promised="2023-05-01", ended="2023-05-05T10:00")
    found = explain_cause(DelayCause.days_off_counted, late)
    assert found.text == "Phần mềm tính cả ngày nghỉ nên hẹn trả thứ Hai 01/5/2023; hạn đúng luật là thứ Hai 08/5/2023."
    assert found.action.endswith("không tính là quá hạn.")
    english = explain_cause(DelayCause.days_off_counted, late, Language.en)
    assert "set Monday 2023-05-01; the legal date is Monday 2023-05-08" in english.text


def test_every_cause_has_its_words() -> None:
    assert CAUSE_TEXTS.keys() == set(DelayCause)
