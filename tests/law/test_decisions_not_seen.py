"""An explanation names the decisions whose text nobody has seen, where its due date rests on their days, and no others."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Literal

import pytest

from shared.civil import VIETNAM
from shared.errors import Invalid
from shared.workdays import (
    MINUTES_OF_A_DAY,
    Extension,
    LimitUnit,
    OfficeHours,
    Policy,
    Suspension,
    TimeLimit,
    build_calendar,
    deadline,
    spent_minutes,
)
from shared.workdays.calendar import Override
from shared.workdays.explain import steps
from shared.workdays.rules import ExtensionRule

COUNTS = Policy("x", date(2000, 1, 1), extension=ExtensionRule.counts)
CALENDAR_DAYS = LimitUnit.calendar_days


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2023-{text}").replace(tzinfo=VIETNAM)


def on(text: str) -> date:
    return date.fromisoformat(f"2023-{text}")


def wait(begin: str, end: str | None) -> Suspension:
    return Suspension(at(begin), None if end is None else at(end))


def decision(day: str, state: Literal["off", "worked"] = "off", basis: str = "QĐ 1") -> Override:
    return Override(on(day), state, basis, on("01-01"), verified=False)


def not_seen(*decisions: Override, limit: TimeLimit = TimeLimit(5), received: str = "03-06T09:00", **more: Any) -> list[Any]:
    """Days and grounds that the explanation says nobody has seen."""
    found = steps(deadline(at(received), limit, build_calendar(decisions), **more))
    return [(one.from_on, one.until_on, one.basis) for one in found if one.step == "unverified"]


def on_9(basis: str = "QĐ 1") -> list[Any]:
    return [(on("03-09"), on("03-09"), basis)]


def test_days_between_receipt_and_due_date_are_relied_on_both_included() -> None:
    assert not_seen(decision("03-09")) == on_9()
    assert not_seen(decision("03-09"), decision("03-14", basis="QĐ 2")) == [(on("03-09"), on("03-14"), "QĐ 1; QĐ 2")]
    assert not_seen(decision("03-09"), decision("03-10")) == [(on("03-09"), on("03-10"), "QĐ 1")]
    assert not_seen(decision("03-20")) == not_seen(decision("03-03")) == not_seen() == []
    assert not_seen(decision("03-11", "worked")) == [(on("03-11"), on("03-11"), "QĐ 1")]  # then it is due on that Saturday
    assert not_seen(decision("03-06")) == [(on("03-06"), on("03-06"), "QĐ 1")]
    assert not_seen(decision("03-04", "worked"), received="03-04T09:00") == [(on("03-04"), on("03-04"), "QĐ 1")]
    assert not_seen(decision("03-14", "worked"), limit=TimeLimit(5)) == []


def test_what_is_off_while_the_clock_stands_still_does_not_matter() -> None:
    waits = (wait("03-08T10:00", "03-13T09:00"),)
    for day, relied_on in (
        ("03-07", True),
        ("03-08", False),
        ("03-09", False),
        ("03-10", False),
        ("03-13", True),
        ("03-14", True),
    ):
        assert bool(not_seen(decision(day), suspensions=waits)) is relied_on, day
    two = (wait("03-07T10:00", "03-08T09:00"), wait("03-09T10:00", "03-14T09:00"))
    for day, relied_on in (("03-07", False), ("03-08", True), ("03-10", False), ("03-14", True)):
        assert bool(not_seen(decision(day), suspensions=two)) is relied_on, day
    assert bool(not_seen(decision("03-09"), suspensions=(wait("03-08T10:00", None),)))  # it has moved nothing yet


def test_calendar_days_rest_on_the_days_at_which_they_begin_go_on_and_end() -> None:
    ten = TimeLimit(10, CALENDAR_DAYS)  # to Thursday 16 March
    for day, relied_on in (("03-06", True), ("03-09", False), ("03-15", False), ("03-16", True)):
        assert bool(not_seen(decision(day), limit=ten)) is relied_on, day
    assert not_seen(decision("03-17"), decision("03-16"), limit=ten) == [(on("03-16"), on("03-17"), "QĐ 1")]
    waits = (wait("03-08T10:00", "03-13T09:00"),)
    for day, relied_on in (("03-08", False), ("03-09", False), ("03-13", True)):
        assert bool(not_seen(decision(day), limit=ten, suspensions=waits)) is relied_on, day
    assert not_seen(decision("03-06", "worked"), limit=TimeLimit(0, CALENDAR_DAYS)) == [(on("03-06"), on("03-06"), "QĐ 1")]


def test_an_extension_that_counts_rests_on_its_last_day() -> None:
    letter: dict[str, Any] = {"policy": COUNTS, "extensions": [Extension(on("03-20"), "12/TXL")]}
    five = TimeLimit(5, CALENDAR_DAYS)  # to Monday 13 March, as 11 March is a Saturday
    assert not_seen(decision("03-20"), limit=five, **letter) == [(on("03-20"), on("03-20"), "QĐ 1")]
    assert not_seen(decision("03-17"), limit=five, **letter) == []
    assert not_seen(decision("03-20"), limit=five, extensions=letter["extensions"]) == []  # kept apart
    assert not_seen(decision("03-17"), **letter) == [(on("03-17"), on("03-17"), "QĐ 1")]


def test_a_wait_inside_an_extension_that_counts_moves_it() -> None:
    letters = [Extension(on("03-20"), "12/TXL")]

    def extended(*waits: Suspension) -> tuple[date, date | None, bool]:
        due = deadline(
            at("03-06T09:00"), TimeLimit(5), build_calendar([]), policy=COUNTS, extensions=letters, suspensions=waits
        )
        return due.due_on, due.extended_due_on, due.is_suspended

    assert extended() == (on("03-20"), on("03-20"), False)
    assert extended(wait("03-15T09:00", "03-17T09:00")) == (on("03-22"), on("03-22"), False)
    assert extended(wait("03-15T09:00", None)) == (on("03-20"), on("03-20"), True)
    assert extended(wait("03-21T09:00", "03-22T09:00")) == (on("03-20"), on("03-20"), False)


def test_a_decision_against_the_base_does_not_bear_its_name() -> None:
    calendar = build_calendar(
        [Override(on("05-01"), "worked", "QĐ", on("01-01")), Override(on("05-02"), "off", "QĐ", on("01-01"))]
    )
    names = [note.name_en for day in ("05-01", "05-02") if (note := calendar.note(on(day)))]
    assert names[0] == "Make-up day"
    assert names[1] != "Day off by decision"  # the base has it off as well


def test_an_end_is_of_the_day_that_it_is_in_viet_nam() -> None:
    due = deadline(at("03-06T09:00"), TimeLimit(5), build_calendar([]))
    assert spent_minutes(due, datetime(2023, 3, 7, 16, 59, tzinfo=UTC)) == MINUTES_OF_A_DAY
    assert spent_minutes(due, datetime(2023, 3, 7, 17, 0, tzinfo=UTC)) == 2 * MINUTES_OF_A_DAY


@pytest.mark.parametrize("text", ["07:30", "sat 07:30-11:30", "mon-thu 07:30-11:30; fri x", "mon"])
def test_office_hours_that_cannot_be_read_are_named(text: str) -> None:
    with pytest.raises(Invalid, match="cannot be read at"):
        OfficeHours.parse(text)
