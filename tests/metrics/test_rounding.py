"""Values are rounded once, half-up, from counts that stay exact; what is decided is decided by the counts."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.metrics.figures.comparisons import difference, to_target
from services.metrics.figures.kpis.algebra import COLUMNS, CounterRow, rounded
from services.metrics.figures.kpis.catalogue import BY_ID, KPIS
from services.metrics.figures.query import KpiQuery, key_of_row
from services.metrics.figures.service import figures_of, formulas_of
from services.metrics.periods import Period
from shared.contracts.keys import WholeProvince
from shared.contracts.kpis import KpiFigure
from tests.metrics.worlds import day

COUNTS = st.one_of(st.integers(0, 200), st.integers(0, 10**9))
KEY = key_of_row(KpiQuery("30", Period(day(0), day(9))), 1, WholeProvince())
FORMULAS = formulas_of(KPIS)


def half_up(numerator: int, denominator: int, digits: int) -> float:
    """By another way: decimals with more digits than any tie needs."""
    return float((Decimal(numerator) / Decimal(denominator)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


@given(st.integers(-(10**7), 10**7), st.integers(1, 10**7), st.integers(0, 4))
@example(1, 8, 2)
@example(-1, 8, 2)
@example(24_458, 30_566, 4)
def test_a_quotient_is_rounded_half_up(numerator: int, denominator: int, digits: int) -> None:
    assert rounded(numerator, denominator, digits) == half_up(numerator, denominator, digits)
    assert rounded(-numerator, -denominator, digits) == half_up(numerator, denominator, digits)


@pytest.mark.parametrize("counts", [(0, 0), (5, 0), (None, 4), (4, None)])
def test_without_a_base_there_is_no_value(counts: tuple[int | None, int | None]) -> None:
    assert rounded(*counts, 2) is None


@settings(max_examples=60, deadline=None)
@given(st.lists(COUNTS, min_size=len(COLUMNS), max_size=len(COLUMNS)))
def test_both_writers_give_exact_counts_and_the_same_rounded_value(counts: list[int]) -> None:
    row = CounterRow(counts)
    figures = figures_of(FORMULAS, row, KEY)
    written: dict[str, Any] = msgspec.json.decode(FORMULAS.as_json(row, *KEY.around()))
    assert written == msgspec.to_builtins(figures)
    for kpi in KPIS:
        figure = figures[kpi.id]
        among = kpi.among or kpi.denominator
        known = kpi.stated is None or among is None or row.of(kpi.stated) > 0 or row.of(among) == 0
        numerator = row.of(kpi.numerator) if known else None
        if kpi.denominator is None:
            assert (figure.numerator, figure.denominator, figure.value) == (numerator, None, numerator)
            continue
        assert figure.denominator == row.of(kpi.denominator)
        if kpi.percentile is not None:
            assert figure.value is None or Decimal(str(figure.value)).as_tuple().exponent == -1
            continue
        denominator = row.of(kpi.denominator)
        assert figure.numerator == numerator
        expected = half_up(numerator, denominator, kpi.digits) if denominator and numerator is not None else None
        assert figure.value == expected, kpi.id


def test_the_notice_prints_what_the_answer_says() -> None:
    assert BY_ID["online_share"].digits == 4
    assert rounded(24_458, 30_566, BY_ID["online_share"].digits) == 0.8002


def test_a_difference_is_that_of_the_values_as_shown() -> None:
    moved = difference(BY_ID["online_share"], 0.8002, 0.7001)
    assert moved is not None
    assert (moved.value, moved.unit) == (10.01, "points")
    days = difference(BY_ID["processing_days_mean"], 3.1, 2.8)
    assert days is not None
    assert (days.value, days.per_cent) == (0.3, 10.71)


def test_a_target_is_reached_by_the_counts_and_not_by_a_value_that_is_rounded_up_to_it() -> None:
    share = BY_ID["online_share"]
    for numerator, reached in ((49_999, False), (50_000, True)):
        figure = KpiFigure(numerator, 100_000, rounded(numerator, 100_000, 4), share.rule, "")
        assert figure.value == 0.5
        distance = to_target(share, figure)
        assert distance is not None
        assert (distance.value, distance.reached) == (0.0, reached)
