"""Sums of measures, rows that add up, and the value of a KPI: worked by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.counting.measures import FLOWS, STOCKS
from services.metrics.counting.time_buckets import TIME_BUCKETS
from services.metrics.figures.kpis.algebra import (
    COLUMNS,
    EMPTY,
    CounterRow,
    Formulas,
    Kpi,
    Sum,
    When,
    added,
    balance,
    counter_row,
    defined,
    end,
    flow,
    manual_input,
    percentile,
    rounded,
    start,
    unrounded,
    value_of,
)
from services.metrics.manual_inputs.model import MANUAL_INPUTS
from shared.contracts.definitions import DefinedBalance, DefinedKpi, ExampleFigure, Term
from shared.contracts.kpis import KpiFigure, Text

FLOW, OTHER = FLOWS[0], FLOWS[1]
STOCK = STOCKS[0]
NAME = Text("Tên", "Name")
EXAMPLE = ExampleFigure(1, 2, 0.5)


def kpi(numerator: Sum, denominator: Sum | None = None, **more: Any) -> Kpi:
    return Kpi("one", NAME, Text("Là", "Is"), numerator, denominator, example=EXAMPLE, **more)


def row(**counts: int) -> CounterRow:
    """A row of flows; all else is 0."""
    return counter_row(counts, {}, {}, {})


# --- sums ----------------------------------------------------------------------------------------------------------------


def test_sums_are_added_subtracted_and_multiplied_term_by_term() -> None:
    one, other = flow(FLOW), end(STOCK)
    assert one.terms == ((1, When.flow, FLOW),)
    assert other.terms == ((1, When.end, STOCK),)
    assert start(STOCK).terms == ((1, When.start, STOCK),)
    assert (one + other).terms == ((1, When.flow, FLOW), (1, When.end, STOCK))
    assert (one - 3 * other).terms == ((1, When.flow, FLOW), (-3, When.end, STOCK))
    assert (one - (one - other)).terms == ((1, When.flow, FLOW), (-1, When.flow, FLOW), (1, When.end, STOCK))


def test_a_measure_is_taken_as_what_it_is() -> None:
    for take, name in ((flow, STOCK), (start, FLOW), (end, FLOW), (manual_input, FLOW)):
        with pytest.raises(ValueError, match=f"{name} is"):
            take(name)
    assert [manual_input(name).terms for name in MANUAL_INPUTS] == [((1, When.manual_input, name),) for name in MANUAL_INPUTS]


def test_people_enter_ratings_and_feedback() -> None:
    assert MANUAL_INPUTS[:4] == ("ratings", "ratings_satisfied", "feedback", "feedback_in_time")
    assert [when.value for when in When] == ["flow", "start", "end", "manual_input"]


# --- rows ----------------------------------------------------------------------------------------------------------------


def test_a_row_has_a_place_for_each_sum() -> None:
    assert (
        *((When.flow, name) for name in FLOWS),
        *((When.start, name) for name in STOCKS),
        *((When.end, name) for name in STOCKS),
        *((When.manual_input, name) for name in MANUAL_INPUTS),
    ) == COLUMNS
    assert tuple(EMPTY) == (0,) * len(COLUMNS)


def test_the_stock_at_the_end_is_that_at_the_start_and_what_was_added() -> None:
    made = counter_row({FLOW: 5}, {STOCK: 7}, {STOCK: -3}, {"feedback": 2})
    assert (made.flow(FLOW), made.at_start(STOCK), made.at_end(STOCK), made.manual_input("feedback")) == (5, 7, 4, 2)
    assert sum(made) == 5 + 7 + 4 + 2
    assert made.of(2 * flow(FLOW) + end(STOCK) - start(STOCK) + manual_input("feedback")) == 10 + 4 - 7 + 2
    assert counter_row({}, {}, {STOCK: 3}, {}).at_end(STOCK) == 3
    assert counter_row({}, {}, {}, {}) == EMPTY


@pytest.mark.parametrize("size", range(4))
def test_the_row_of_a_group_is_the_sum_of_its_members(size: int) -> None:
    source = Random(size)
    rows = [CounterRow(source.randint(-50, 50) for _ in COLUMNS) for _ in range(size)]
    together = added(rows)
    assert isinstance(together, CounterRow)
    assert list(together) == [sum(one[place] for one in rows) for place in range(len(COLUMNS))]


def test_rows_of_another_length_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="zip"):
        added([EMPTY, CounterRow((1, 2))])


# --- formulas ------------------------------------------------------------------------------------------------------------

SHARE = kpi(flow(FLOW), flow(FLOW) + flow(OTHER), unit="share", decimals=2)
COUNT = kpi(2 * flow(FLOW) - flow(OTHER))
MEDIAN = kpi(
    Sum(tuple(term for name, _ in TIME_BUCKETS for term in flow(name).terms)),
    Sum(tuple(term for name, _ in TIME_BUCKETS for term in flow(name).terms)),
    unit="working_days",
    decimals=1,
    percentile=Fraction(1, 2),
)


def test_the_digits_of_a_share_are_those_of_per_cents() -> None:
    assert (SHARE.digits, COUNT.digits, MEDIAN.digits) == (4, 0, 1)
    assert (kpi(flow(FLOW), unit="share").digits, SHARE.rule, kpi(flow(FLOW), version=3).rule) == (2, "one@1", "one@3")


def test_formulas_count_both_sides_of_each_kpi_and_read_their_columns_alone() -> None:
    formulas = Formulas((SHARE, COUNT))
    assert formulas.counts(row(**{FLOW: 3, OTHER: 5})) == (3, 8, 1, None)
    assert formulas.columns == {(When.flow, FLOW), (When.flow, OTHER)}
    assert formulas.rules == ("one@1", "one@1")
    assert Formulas((COUNT,)).columns == {(When.flow, FLOW), (When.flow, OTHER)}
    assert Formulas((kpi(end(STOCK)),)).columns == {(When.end, STOCK)}


@pytest.mark.parametrize(
    ("one", "counts", "written"),
    [
        (SHARE, {FLOW: 1, OTHER: 2}, {"numerator": 1, "denominator": 3, "value": 0.3333}),
        (SHARE, {}, {"numerator": 0, "denominator": 0, "value": None}),
        (COUNT, {FLOW: 1, OTHER: 5}, {"numerator": -3, "denominator": None, "value": -3}),
        (MEDIAN, {"took_2_days": 4}, {"numerator": None, "denominator": 4, "value": 1.5}),
        (MEDIAN, {}, {"numerator": None, "denominator": 0, "value": None}),
    ],
)
def test_a_figure_is_written_with_its_counts_and_its_rounded_value(
    one: Kpi, counts: dict[str, int], written: dict[str, Any]
) -> None:
    counted = row(**counts)
    text = Formulas((one,)).as_json(counted, "30~9~", "~all")
    assert msgspec.json.decode(text) == {"one": {**written, "rule": "one@1", "figure": "30~9~one@1~all"}}
    numerator, denominator = counted.of(one.numerator), None if one.denominator is None else counted.of(one.denominator)
    assert value_of(one, counted, numerator, denominator) == written["value"]


THIRD = FLOWS[2]
RATE_STATED = kpi(flow(FLOW), flow(OTHER), unit="share", decimals=2, stated=flow(THIRD))
COUNT_STATED = kpi(flow(OTHER) - flow(FLOW), stated=flow(THIRD), among=flow(OTHER))


@pytest.mark.parametrize(
    ("one", "counts", "numerator", "value"),
    [
        (RATE_STATED, {OTHER: 4}, None, None),  # four, and a source states it of none
        (RATE_STATED, {OTHER: 4, THIRD: 1}, 0, 0.0),  # stated of one: the others count as no
        (RATE_STATED, {OTHER: 4, THIRD: 1, FLOW: 1}, 1, 0.25),
        (RATE_STATED, {}, 0, None),  # there is nothing to state it of
        (COUNT_STATED, {OTHER: 4}, None, None),
        (COUNT_STATED, {OTHER: 4, THIRD: 1, FLOW: 1}, 3, 3),
        (COUNT_STATED, {}, 0, 0),
    ],
)
def test_what_no_source_states_is_not_0(one: Kpi, counts: dict[str, int], numerator: int | None, value: float | None) -> None:
    counted, formulas = row(**counts), Formulas((one,))
    found = formulas.counts(counted)
    assert (found[0], value_of(one, counted, *found)) == (numerator, value)
    written = msgspec.json.decode(formulas.as_json(counted, "", ""))["one"]
    assert (written["numerator"], written["value"], written["denominator"]) == (numerator, value, found[1])
    assert {(When.flow, OTHER), (When.flow, THIRD)} <= formulas.columns


def test_figures_of_several_kpis_are_written_one_after_another() -> None:
    text = Formulas((COUNT, SHARE)).as_json(row(**{FLOW: 1}), "<", ">")
    assert text.count('"one":{') == 2
    assert text.count(",") == 2 * 4 + 1


@pytest.mark.parametrize(
    ("numerator", "denominator", "digits", "value"),
    [
        (1, 8, 2, 0.13),
        (-1, 8, 2, -0.13),
        (1, -8, 2, -0.13),
        (-1, -8, 2, 0.13),
        (0, 5, 2, 0.0),
        (5, 2, 0, 3.0),
        (7, 1, 0, 7.0),
        (5, 0, 2, None),
        (None, 5, 2, None),
        (5, None, 2, None),
    ],
)
def test_a_quotient_is_rounded_once(numerator: int | None, denominator: int | None, digits: int, value: float | None) -> None:
    assert rounded(numerator, denominator, digits) == value


def test_what_decides_is_the_quotient_of_the_counts() -> None:
    assert unrounded(KpiFigure(1, 3, 0.33, "one@1", "")) == 1 / 3
    assert unrounded(KpiFigure(1, 0, None, "one@1", "")) is None
    assert unrounded(KpiFigure(7, None, 7, "one@1", "")) == 7
    assert unrounded(KpiFigure(None, 3, 1.5, "one@1", "")) == 1.5


# --- percentiles ---------------------------------------------------------------------------------------------------------

NAMES = [name for name, _ in TIME_BUCKETS]
BOUNDS = [Fraction(0), *(Fraction(str(upper)) for _, upper in TIME_BUCKETS[:-1])]


@pytest.mark.parametrize("place", range(len(TIME_BUCKETS) - 1))
@pytest.mark.parametrize("share", [Fraction(1, 4), Fraction(1, 2), Fraction(9, 10), Fraction(1)])
def test_in_one_bucket_a_percentile_lies_at_its_share_of_the_way(place: int, share: Fraction) -> None:
    numerator, denominator = percentile(share, row(**{NAMES[place]: 20}))
    lower, upper = BOUNDS[place], BOUNDS[place + 1]
    assert Fraction(numerator, denominator) == lower + (upper - lower) * share


def test_in_the_open_bucket_it_is_the_lower_bound() -> None:
    assert Fraction(*percentile(Fraction(1, 2), row(**{NAMES[-1]: 3}))) == 60
    assert Fraction(*percentile(Fraction(2), row(**{NAMES[0]: 3}))) == 60  # more than all
    assert Fraction(*percentile(Fraction(9, 10), row(**{NAMES[0]: 3, NAMES[-1]: 3}))) == 60


@given(st.lists(st.integers(0, 9), min_size=len(NAMES) - 1, max_size=len(NAMES) - 1), st.integers(1, 100))
def test_a_percentile_is_where_a_line_through_the_counts_reaches_it(counts: list[int], per_cent: int) -> None:
    """By another way: every dossier of a bucket has an equal piece of it, and the pieces are walked."""
    numerator, denominator = percentile(Fraction(per_cent, 100), row(**dict(zip(NAMES, counts, strict=False))))
    wanted = Fraction(per_cent, 100) * sum(counts)
    if not sum(counts):
        assert (numerator, denominator) == (0, 0)
        return
    for place, count in enumerate(counts):
        lower, upper = BOUNDS[place], BOUNDS[place + 1]
        for _ in range(count):
            if wanted <= 1:
                number = sum(counts[:place])
                into = Fraction(per_cent, 100) * sum(counts) - number
                assert Fraction(numerator, denominator) == lower + (upper - lower) * into / count
                return
            wanted -= 1
    raise AssertionError("a percentile lies within the counts")


# --- the catalogue -------------------------------------------------------------------------------------------------------


def test_a_kpi_is_shown_with_all_that_it_is_made_of() -> None:
    one = kpi(
        flow(FLOW) - 2 * end(STOCK),
        start(STOCK),
        unit="ratio",
        better="lower",
        target=0.5,
        decimals=1,
        source="Luật",
        valid_from=date(2020, 2, 3),
        version=4,
        parts=("a", "b"),
        base=("c",),
        percentile=Fraction(1, 4),
        stated=flow(OTHER),
    )
    assert defined(one) == DefinedKpi(
        id="one",
        rule="one@4",
        name=NAME,
        description=Text("Là", "Is"),
        numerator=[Term(1, FLOW, "flow"), Term(-2, STOCK, "end")],
        denominator=[Term(1, STOCK, "start")],
        stated=[Term(1, OTHER, "flow")],
        among=[Term(1, STOCK, "start")],
        parts=("a", "b"),
        base=("c",),
        percentile=0.25,
        unit="ratio",
        better="lower",
        target=0.5,
        decimals=1,
        source="Luật",
        valid_from=date(2020, 2, 3),
        version=4,
        example=EXAMPLE,
    )


def test_a_kpi_says_little_where_little_is_to_be_said() -> None:
    plain = defined(kpi(manual_input("ratings")))
    assert plain.numerator == [Term(1, "ratings", "manual_input")]
    assert (plain.denominator, plain.percentile, plain.better, plain.target) == (None, None, None, None)
    assert (plain.stated, plain.among) == (None, None)
    assert (plain.unit, plain.decimals, plain.version, plain.parts, plain.base) == ("dossiers", 0, 1, (), ())
    assert plain.valid_from == date(2018, 6, 21)  # decree 61/2018/NĐ-CP came into force
    assert "Nghị định 61/2018/NĐ-CP" in plain.source


def test_a_balance_is_its_equation_where_it_has_no_title() -> None:
    assert balance(("a", "b"), "=", ("c",)) == DefinedBalance("a + b = c", ("a", "b"), "=", ("c",))
    assert balance(("a",), "<=", ("b", "c"), "A within") == DefinedBalance("A within", ("a",), "<=", ("b", "c"))
