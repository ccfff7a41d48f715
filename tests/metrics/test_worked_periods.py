"""Worked examples of periods: names, neighbours, pieces and cuts, day by day."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from services.metrics.periods import EARLIEST, LATEST, ROLLING, Against, Cut, Period, Step, before, cut, named, steps
from shared.errors import Invalid

TODAY = date(2023, 7, 20)


def day(text: str) -> date:
    return date.fromisoformat(text)


def period(since: str, until: str, name: str | None = None) -> Period:
    return Period(day(since), day(until), name)


def test_periods_lie_in_this_century_and_count_both_ends() -> None:
    assert (date(2000, 1, 1), date(2099, 12, 31)) == (EARLIEST, LATEST)
    assert Period(EARLIEST, LATEST).days == 36_525
    assert Period(TODAY, TODAY).days == 1
    for since, until in ((EARLIEST - timedelta(days=1), TODAY), (TODAY, LATEST + timedelta(days=1))):
        with pytest.raises(Invalid, match="between 2000-01-01 and 2099-12-31"):
            Period(since, until)
    with pytest.raises(Invalid, match="before it begins"):
        Period(TODAY, TODAY - timedelta(days=1))


@pytest.mark.parametrize(
    ("days", "since"), [(1, "2023-07-20"), (7, "2023-07-14"), (30, "2023-06-21"), (90, "2023-04-22"), (365, "2022-07-21")]
)
def test_a_rolling_window_ends_today(days: int, since: str) -> None:
    assert days in ROLLING
    assert named(f"{days}d", TODAY) == period(since, "2023-07-20", f"{days}d")


def test_no_other_window_has_a_name() -> None:
    assert ROLLING == (1, 7, 30, 90, 365)
    for name in ("0d", "2d", "8d", "31d", "366d", "d", "07d0"):
        with pytest.raises(Invalid, match="rolling window of 1d, 7d, 30d, 90d, 365d"):
            named(name, TODAY)


MONTHS = [f"2023-M{number:02d}" for number in range(1, 13)]


def test_the_months_of_a_year_follow_one_another_and_quarters_and_halves_are_made_of_them() -> None:
    months = [named(name, TODAY) for name in MONTHS]
    assert months[0] == period("2022-12-15", "2023-01-14", "2023-M01")
    assert months[1] == period("2023-01-15", "2023-02-14", "2023-M02")
    assert months[11] == period("2023-11-15", "2023-12-14", "2023-M12")
    for earlier, later in pairwise(months):
        assert later.since == earlier.until + timedelta(days=1)
    for kind, size in (("Q", 3), ("H", 6)):
        for number in range(12 // size):
            whole = named(f"2023-{kind}{number + 1}", TODAY)
            assert (whole.since, whole.until) == (months[number * size].since, months[number * size + size - 1].until)
    year = named("2023", TODAY)
    assert (year.since, year.until) == (months[0].since, months[11].until)


@pytest.mark.parametrize(
    ("name", "against", "expected"),
    [
        ("2023-M01", "previous", "2022-M12"),
        ("2023-M02", "previous", "2023-M01"),
        ("2023-M11", "previous", "2023-M10"),
        ("2023-Q1", "previous", "2022-Q4"),
        ("2023-Q2", "previous", "2023-Q1"),
        ("2023-H1", "previous", "2022-H2"),
        ("2023-H2", "previous", "2023-H1"),
        ("2023", "previous", "2022"),
        ("2023", "year_before", "2022"),
        ("2023-M01", "year_before", "2022-M01"),
        ("2023-Q4", "year_before", "2022-Q4"),
        ("2023-H2", "year_before", "2022-H2"),
    ],
)
def test_before_a_legal_period_lies_one_of_its_kind(name: str, against: Against, expected: str) -> None:
    assert before(named(name, TODAY), against) == named(expected, TODAY)


@pytest.mark.parametrize(
    ("of", "against", "expected"),
    [
        (period("2023-03-01", "2023-03-10"), "previous", period("2023-02-19", "2023-02-28")),
        (period("2023-03-01", "2023-03-01"), "previous", period("2023-02-28", "2023-02-28")),
        (period("2023-06-21", "2023-07-20", "30d"), "previous", period("2023-05-22", "2023-06-20")),
        (period("2023-06-21", "2023-07-20", "30d"), "year_before", period("2022-06-21", "2022-07-20")),
        (period("2024-02-29", "2024-02-29"), "year_before", period("2023-02-28", "2023-02-28")),
        (period("2025-02-28", "2025-03-31"), "year_before", period("2024-02-28", "2024-03-31")),
    ],
)
def test_before_free_days_and_windows_lie_as_many_or_the_same_days_of_a_year_earlier(
    of: Period, against: Against, expected: Period
) -> None:
    assert before(of, against) == expected


@pytest.mark.parametrize(
    ("of", "step", "pieces"),
    [
        (period("2023-03-01", "2023-03-03"), "day", ["03-01 03-01", "03-02 03-02", "03-03 03-03"]),
        (period("2023-03-01", "2023-03-14"), "week", ["03-01 03-05", "03-06 03-12", "03-13 03-14"]),  # 5 March is a Sunday
        (period("2023-03-05", "2023-03-06"), "week", ["03-05 03-05", "03-06 03-06"]),
        (period("2023-03-06", "2023-03-12"), "week", ["03-06 03-12"]),
        (period("2023-01-15", "2023-03-14"), "month", ["01-15 01-31", "02-01 02-28", "03-01 03-14"]),
        (period("2023-02-28", "2023-03-31"), "month", ["02-28 02-28", "03-01 03-31"]),
        (period("2023-03-31", "2023-03-31"), "month", ["03-31 03-31"]),
    ],
)
def test_pieces_end_with_days_weeks_and_months(of: Period, step: Step, pieces: list[str]) -> None:
    assert [f"{piece.since:%m-%d} {piece.until:%m-%d}" for piece in steps(of, step)] == pieces


def days(*ranges: str) -> tuple[tuple[date, date], ...]:
    return tuple((day(f"2023-{one[:5]}"), day(f"2023-{one[6:]}")) for one in ranges)


def months(first: int, last: int) -> tuple[date, date]:
    return date(2023, first, 1), date(2023, last, 1)


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("03-01", "03-31", Cut((), months(3, 3))),
        ("03-01", "04-30", Cut((), months(3, 4))),
        ("03-02", "04-30", Cut(days("03-02 03-31"), months(4, 4))),
        ("03-01", "04-29", Cut(days("04-01 04-29"), months(3, 3))),
        ("02-28", "05-01", Cut(days("02-28 02-28", "05-01 05-01"), months(3, 4))),
        ("03-02", "03-31", Cut(days("03-02 03-31"), None)),
        ("03-01", "03-30", Cut(days("03-01 03-30"), None)),
        ("03-15", "04-14", Cut(days("03-15 04-14"), None)),
        ("03-15", "04-30", Cut(days("03-15 03-31"), months(4, 4))),
        ("03-15", "03-15", Cut(days("03-15 03-15"), None)),
        ("01-01", "12-31", Cut((), months(1, 12))),
        ("03-15", "03-14", Cut((), None)),
    ],
)
def test_whole_months_are_cut_out_of_the_days_around_them(since: str, until: str, expected: Cut) -> None:
    assert cut(day(f"2023-{since}"), day(f"2023-{until}")) == expected


def test_a_cut_crosses_the_year() -> None:
    assert cut(date(2022, 12, 1), date(2023, 1, 31)) == Cut((), (date(2022, 12, 1), date(2023, 1, 1)))
