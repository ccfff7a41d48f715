"""Which days are worked."""

from datetime import date, timedelta

import holidays
import pytest

from shared.data import rows
from shared.workdays import OutsideCalendar, build_calendar, calendar_for, national_calendar
from shared.workdays.__main__ import BASE, days_of_the_package
from shared.workdays.calendar import FIRST_YEAR, LAST_YEAR, Override, published_overrides

DAY = timedelta(days=1)


def test_the_kept_base_is_what_the_installed_package_says() -> None:
    assert BASE.read_text(encoding="utf-8") == days_of_the_package(), "run: python -m shared.workdays, and read the difference"


def test_every_day_agrees_with_the_package_unless_an_override_says_otherwise() -> None:
    package = holidays.country_holidays("VN", years=range(FIRST_YEAR, LAST_YEAR + 1))
    calendar = national_calendar()
    overridden = {row.day: row.state for row in published_overrides()}
    day, seen = date(FIRST_YEAR, 1, 1), 0
    while day <= date(LAST_YEAR, 12, 31):
        expected = overridden[day] == "worked" if day in overridden else package.is_working_day(day)
        assert calendar.is_working(day) == expected, day
        day, seen = day + DAY, seen + 1
    assert seen == 16_802


def test_the_reference_period_has_218_days_of_which_147_are_worked() -> None:
    last = date(2023, 7, 20)
    before = date(2022, 12, 14)
    assert (last - before).days == 218
    assert national_calendar().working_days_between(before, last) == 147


def test_the_second_of_january_2026_is_off_and_saturday_the_tenth_is_worked_for_it() -> None:
    calendar = national_calendar()
    assert not calendar.is_working(date(2026, 1, 2))
    assert calendar.is_working(date(2026, 1, 10))
    note = calendar.note(date(2026, 1, 2))
    assert note is not None
    assert "hoán đổi" in note.legal_basis


def test_decisions_from_memory_are_marked_and_a_plain_day_is_not() -> None:
    unverified = {row.day for row in published_overrides() if not row.verified}
    assert unverified == {
        date(2024, 4, 29), date(2024, 5, 4), date(2025, 4, 26), date(2025, 5, 2), date(2026, 1, 2), date(2026, 1, 10),
    }  # fmt: skip
    calendar = national_calendar()
    assert set(calendar.unverified) == unverified
    for day in unverified:
        note = calendar.note(day)
        assert note is not None
        assert not note.verified
    seen = build_calendar([Override(date(2026, 1, 2), "off", "Công văn 12729/VPCP-KGVX", date(2025, 12, 25), verified=True)])
    assert seen.unverified == ()


def test_a_swap_is_not_known_before_it_was_published() -> None:
    before = national_calendar(known_on=date(2024, 4, 11))
    after = national_calendar(known_on=date(2024, 4, 12))
    assert before.is_working(date(2024, 4, 29))
    assert not before.is_working(date(2024, 5, 4))
    assert not after.is_working(date(2024, 4, 29))
    assert after.is_working(date(2024, 5, 4))
    assert before.version != after.version


def test_a_province_may_close_its_offices_alone() -> None:
    storm = Override(date(2024, 9, 9), "off", "Công điện của Chủ tịch UBND tỉnh", date(2024, 9, 8), province="30")
    assert not build_calendar([storm], "30").is_working(date(2024, 9, 9))
    assert build_calendar([storm], "31").is_working(date(2024, 9, 9))


def test_a_provinces_own_decision_that_is_not_yet_known_leaves_the_countrys_swap_alone() -> None:
    own = Override(date(2026, 8, 31), "worked", "Quyết định của UBND tỉnh", date(2026, 8, 1), province="30")
    assert not build_calendar([own], "30", known_on=date(2026, 7, 1)).is_working(date(2026, 8, 31))
    assert build_calendar([own], "30", known_on=date(2026, 8, 1)).is_working(date(2026, 8, 31))


def test_the_version_tells_equal_calendars_apart_from_different_ones() -> None:
    assert calendar_for("30").version == national_calendar().version
    closed = build_calendar([*published_overrides(), Override(date(2026, 3, 2), "off", "x", date(2026, 3, 1))])
    assert closed.version != national_calendar().version


def test_counting_forwards_backwards_and_between_agree_on_every_day_of_five_years() -> None:
    calendar = national_calendar()
    day = date(2022, 1, 1)
    while day < date(2027, 1, 1):
        walked, left = day, 7
        while left:
            walked += DAY
            left -= calendar.is_working(walked)
        assert calendar.add_working_days(day, 7) == walked
        assert calendar.working_days_between(day, walked) == 7
        assert calendar.working_days_between(walked, day) == -7
        walked, left = day, 3
        while left:
            walked -= DAY
            left -= calendar.is_working(walked)
        assert calendar.add_working_days(day, -3) == walked
        walked = day
        while not calendar.is_working(walked):
            walked += DAY
        assert calendar.next_working(day) == walked
        day += DAY


@pytest.mark.parametrize("day", [date(1999, 12, 31), date(2046, 1, 1), date(1, 1, 1), date(9999, 12, 31)])
def test_a_day_outside_the_calendar_is_refused_with_what_to_do(day: date) -> None:
    calendar = national_calendar()
    for ask in (calendar.is_working, calendar.next_working, lambda day: calendar.add_working_days(day, 1)):
        with pytest.raises(OutsideCalendar, match="Check the date"):
            ask(day)


def test_counting_past_either_end_is_refused_and_never_wraps_around() -> None:
    calendar = national_calendar()
    with pytest.raises(OutsideCalendar):
        calendar.add_working_days(date(2045, 12, 20), 30)
    with pytest.raises(OutsideCalendar):
        calendar.add_working_days(date(2000, 1, 10), -30)


def test_every_override_has_its_legal_basis_and_is_a_change_or_a_confirmation_of_a_swap() -> None:
    table = rows("calendar_overrides.csv")
    assert len({(row["day"], row["province"]) for row in table}) == len(table)
    assert all(row["legal_basis"] and row["state"] in ("off", "worked") and row["verified"] in ("0", "1") for row in table)
