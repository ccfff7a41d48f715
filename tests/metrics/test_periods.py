"""Periods: legal reporting periods, rolling windows, and cutting them for short sums."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.metrics.periods import Period, Step, before, cut, kind_of, named, steps
from shared.errors import Invalid
from tests.quick import cases

TODAY = date(2023, 7, 20)
DAYS = st.dates(date(2021, 12, 1), date(2024, 3, 31))


@pytest.mark.parametrize(
    ("name", "since", "until"),
    [
        ("2023", "2022-12-15", "2023-12-14"),
        ("2023-H1", "2022-12-15", "2023-06-14"),
        ("2023-H2", "2023-06-15", "2023-12-14"),
        ("2023-Q1", "2022-12-15", "2023-03-14"),
        ("2023-Q4", "2023-09-15", "2023-12-14"),
        ("2023-M01", "2022-12-15", "2023-01-14"),
        ("2023-M05", "2023-04-15", "2023-05-14"),
        ("C2023", "2023-01-01", "2023-12-31"),
        ("C2023-H2", "2023-07-01", "2023-12-31"),
        ("C2024-Q1", "2024-01-01", "2024-03-31"),
        ("C2024-M02", "2024-02-01", "2024-02-29"),
        ("30d", "2023-06-21", "2023-07-20"),
        ("1d", "2023-07-20", "2023-07-20"),
    ],
)
def test_a_name_means_these_days(name: str, since: str, until: str) -> None:
    period = named(name, TODAY)
    assert (str(period.since), str(period.until)) == (since, until)


@pytest.mark.parametrize("name", ["2023-Q5", "2023-M13", "2023-H0", "13d", "yesterday", "", "1999"])
def test_any_other_name_is_refused_with_the_ones_there_are(name: str) -> None:
    with pytest.raises(Invalid, match="2023-Q2"):
        named(name, TODAY)


@pytest.mark.parametrize(
    ("name", "previous", "year_before"),
    [
        ("2023-Q1", "2022-Q4", "2022-Q1"),
        ("2023-Q3", "2023-Q2", "2022-Q3"),
        ("2023-M01", "2022-M12", "2022-M01"),
        ("2023-M10", "2023-M09", "2022-M10"),
        ("2023-H1", "2022-H2", "2022-H1"),
        ("2023", "2022", "2022"),
        ("C2023-M01", "C2022-M12", "C2022-M01"),
        ("C2023", "C2022", "C2022"),
    ],
)
def test_the_period_before_is_the_one_of_the_same_kind(name: str, previous: str, year_before: str) -> None:
    assert before(named(name, TODAY), "previous").name == previous
    assert before(named(name, TODAY), "year_before").name == year_before


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("2023-M01", "legal_month"),
        ("2023-Q4", "legal_quarter"),
        ("2023-H1", "legal_half"),
        ("2023", "legal_year"),
        ("C2023-M12", "civil_month"),
        ("C2024-Q1", "civil_quarter"),
        ("C2023", "civil_year"),
        ("C2023-H1", "other"),
        ("30d", "other"),
    ],
)
def test_what_a_period_is_its_days_say(name: str, kind: str) -> None:
    period = named(name, TODAY)
    assert kind_of(Period(period.since, period.until)) == kind


def test_before_free_days_lie_as_many_days_and_a_leap_day_has_a_year_before() -> None:
    earlier = before(Period(date(2023, 3, 1), date(2023, 3, 10)), "previous")
    assert (earlier.since, earlier.until) == (date(2023, 2, 19), date(2023, 2, 28))
    leap = before(Period(date(2024, 2, 1), date(2024, 2, 29)), "year_before")
    assert (leap.since, leap.until) == (date(2023, 2, 1), date(2023, 2, 28))


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(Invalid, match="Exchange"):
        Period(date(2023, 2, 2), date(2023, 2, 1))


@given(DAYS, DAYS)
@settings(max_examples=cases(300))
def test_cut_into_whole_months_and_single_days_every_day_is_there_once(one: date, other: date) -> None:
    since, until = min(one, other), max(one, other)
    pieces = cut(since, until)
    days: list[date] = []
    for first, last in pieces.days:
        days += [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    if pieces.months:
        month = pieces.months[0]
        while month <= pieces.months[1]:
            following = (month + timedelta(days=31)).replace(day=1)
            days += [month + timedelta(days=offset) for offset in range((following - month).days)]
            month = following
    assert sorted(days) == [since + timedelta(days=offset) for offset in range((until - since).days + 1)]
    assert len(pieces.days) <= 2


def test_steps_cover_the_period_without_overlap() -> None:
    source = random.Random(1)
    for _ in range(100):
        since = date(2022, 1, 1) + timedelta(days=source.randrange(700))
        period = Period(since, since + timedelta(days=source.randrange(200)))
        for step in get_args(Step):
            pieces = list(steps(period, step))
            assert pieces[0].since == period.since
            assert pieces[-1].until == period.until
            assert all(after.since == piece.until + timedelta(days=1) for piece, after in pairwise(pieces))
