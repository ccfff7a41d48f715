"""Numbers, rates, days and names as Vietnamese administrative texts write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notices.quantities import wording
from services.notices.quantities.references import quantities


@pytest.mark.parametrize(("number", "text"), [(0, "00"), (2, "02"), (9, "09"), (10, "10"), (261, "261"), (30938, "30.938")])
def test_counts_below_ten_have_two_digits_in_running_text_and_dots_between_thousands(number: int, text: str) -> None:
    assert wording.count(number) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (24458, 30566, "80,02\u00a0%"),
        (30500, 30515, "99,95\u00a0%"),
        (25037, 25318, "98,89\u00a0%"),
        (24585, 25069, "98,07\u00a0%"),
        (2405, 2415, "99,59\u00a0%"),
        (30, 32, "93,75\u00a0%"),
        (1, 800, "0,13\u00a0%"),  # 0,125: a half goes up, not to the even neighbour
        (3, 800, "0,38\u00a0%"),
        (1, 1, "100\u00a0%"),
        (0, 7, "0\u00a0%"),
    ],
)
def test_rates_are_rounded_half_up_once(part: int, whole: int, text: str) -> None:
    value = wording.percent(part, whole)
    assert value is not None
    assert wording.rate(value) == text


def test_nothing_of_nothing_has_no_value() -> None:
    assert wording.percent(0, 0) is None


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_rounded_rate_is_never_further_off_than_half_a_hundredth(part: int, whole: int) -> None:
    value = wording.percent(part, whole)
    assert value is not None
    assert abs(Fraction(value) - Fraction(part * 100, whole)) <= Fraction(1, 200)


def test_days_have_a_leading_zero_below_ten_and_months_only_for_january_and_february() -> None:
    assert wording.day(date(2023, 3, 9)) == "09/3/2023"
    assert wording.day(date(2023, 2, 1)) == "01/02/2023"
    assert wording.long_day(date(2022, 12, 15)) == "ngày 15 tháng 12 năm 2022"


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Phòng Tài nguyên và Môi trường", "Tài nguyên và Môi trường"),
        ("Ủy ban nhân dân xã An Phượng", "An Phượng"),
        ("Xã Thanh Hải", "Thanh Hải"),
        ("Thị trấn Thanh Hà", "thị trấn Thanh Hà"),
        ("Thanh tra huyện", "Thanh tra huyện"),
        ("Phòng 7", "Phòng 7"),
        ("Văn phòng HĐND và UBND huyện", "Văn phòng HĐND và UBND huyện"),
    ],
)
def test_lists_print_agencies_by_their_short_names(name: str, printed: str) -> None:
    assert wording.printed_name(name) == printed


def test_points_of_a_list_follow_the_vietnamese_alphabet() -> None:
    assert wording.POINTS[:9] == "abcdđeghi"


@pytest.mark.parametrize(
    "text",
    [
        "theo Nghị định số 63/2010/NĐ-CP ngày 08/6/2010 của Chính phủ",
        "Kế hoạch số 34/KH-UBND ngày 09 tháng 3 năm 2023",
        "Nghị định 45/2020/NĐ-CP, Điều 15, giai đoạn 2022-2025, từ ngày 01/7//2023",
        "so với năm 2022 (kèm Biểu số 01)",
    ],
)
def test_numbers_of_documents_and_days_are_not_quantities(text: str) -> None:
    assert quantities(text) == []


def test_what_counts_something_is_found_beside_references() -> None:
    assert quantities("12 TTHC theo Quyết định số 484/QĐ-UBND ngày 24/3/2023, đạt 98,5%") == ["12", "98,5"]


def test_decimal_points_become_commas() -> None:
    assert wording.decimal(Decimal("1234.5")) == "1.234,50"
