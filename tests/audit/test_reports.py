"""Sentences in the manner of reports and news as offices print them: what they claim beside the plainest words."""

from __future__ import annotations

import pytest

from services.notices.audit.documents.plain_text import read_text
from services.notices.audit.engine import audit_text
from services.notices.audit.model import Verdict
from services.notices.audit.understanding import understand

HOLDS = (
    # A change told as an amount and as a rate binds what there is now, though what there was is nowhere printed.
    "Thụ lý 12.640 việc, tăng 1.230 việc (tăng 10,78% so với cùng kỳ), trong đó: số cũ 4.215 việc; số mới 8.425 việc.",
    "Số thu đạt 3.120 hồ sơ, giảm 260 hồ sơ (7,69%) so với năm trước.",
    "Phải thi hành 9.100 việc, trong đó: số có điều kiện là 6.700 việc, tăng 320 việc (tăng 5,02%); số chưa có 2.400 việc.",
    "Năm trước là 18.400 hồ sơ, năm nay tăng 1.380 hồ sơ (tăng 7,5%).",
    # A share whose count stands before its changes; a base that is said by its name, or before.
    "Số có điều kiện là 6.700 việc, tăng 320 việc (tăng 5,02%); chiếm 73,63% trong tổng số phải thi hành (9.100 việc).",
    # Told to the last digit but noughts, a number is as narrow as its digits; `hơn` is no change.
    "Toàn tỉnh nhận hơn 84.470 hồ sơ; trong đó, 61.060 hồ sơ trực tuyến và hơn 23.410 hồ sơ trực tiếp.",
    "Đã trả hơn 52.460 hồ sơ, trong đó, gần 49.610 hồ sơ đúng hạn (đạt hơn 94%) và hơn 2.850 hồ sơ trễ hạn.",
    "Từ ngày 1-7-2025 đến hết ngày 30-9-2025 xã nhận 412 hồ sơ, gồm 300 trực tuyến và 112 trực tiếp.",
    "Đã thi hành 4.819 việc, tương ứng trên 89.412 tỷ (đạt 83,25% về việc). Có 61 đơn, gồm 40 khiếu nại, 21 tố cáo.",
    # Two things counted side by side, each compared with its own.
    "Đã tiếp 766 lượt/864 người. So với cùng kỳ giảm 135 lượt, 138 người (6 tháng đầu năm 2024 tiếp 901 lượt/1.002 người).",
    # Two wholes before one opener.
    "Xong 174 đơn khiếu nại và 95 đơn tố cáo; trong đó 21 đơn khiếu nại đúng, 153 đơn sai; có 19 đơn tố cáo đúng, 76 đơn sai.",
    "Đã xong 19/33 vụ việc thuộc thẩm quyền, 14 vụ còn lại đang xem xét.",
    "Phát sinh 91 vụ. Trong đó: đã giải quyết 38/52 vụ việc, còn lại 14 vụ đang xác minh.",
    # Values of two indices are not compared.
    "Chỉ số SIPAS năm 2023 đạt 82,66%, tăng 2,58% so với năm 2022 (80,08%). Chỉ số PARINDEX đạt 86,98%, hơn năm 2022 2,19%.",
    # What stands in brackets behind the base is the base.
    "Trả 4.138 hồ sơ, trong đó lý lịch 3.905 hồ sơ. Số phiếu lý lịch chiếm 94,4% tổng số hồ sơ đã trả (4.138 hồ sơ).",
    # Bare digits in a row are as many numbers as stand there.
    "Mức 4 1665 1611 54 952 59,1% 388 24,1%",
)
WRONG = (
    (
        "Thụ lý 12.640 việc, tăng 1.320 việc (tăng 10,78% so với cùng kỳ năm trước), trong đó: số cũ 4.215 việc.",
        "1.320 / (12.640 - 1.320) = 10,78%",
    ),
    ("Số thu đạt 3.120 hồ sơ, giảm 260 hồ sơ (8,33%) so với năm trước.", "260 / (3.120 + 260) = 8,33%"),
    (
        "Thụ lý 12.640 việc, tăng 1.230 việc (tăng 10,78% so với cùng kỳ), trong đó: số cũ 4.251 việc; số mới 8.425 việc.",
        "12.640 = 4.251 + 8.425",
    ),
    (
        "Số có điều kiện là 6.700 việc, tăng 320 việc (tăng 5,02%); chiếm 76,33% trong tổng số phải thi hành (9.100 việc).",
        "6.700 / 9.100 = 76,33%",
    ),
    (
        "Số có điều kiện thi hành là 6.700 việc. Trong số có điều kiện thi hành, số thi hành xong là 4.219 việc, đạt 69,27%.",
        "4.219 / 6.700 = 69,27%",
    ),
    ("Số vụ đủ điều kiện trong năm là 1.830 vụ. Đến nay hoàn thành 1.507 vụ, đạt 83,25%.", "1.507 / 1.830 = 83,25%"),
    (
        "Toàn tỉnh nhận hơn 84.740 hồ sơ; trong đó, 61.060 hồ sơ trực tuyến và hơn 23.410 hồ sơ trực tiếp.",
        "84.740 = 23.410 + 61.060",
    ),
    (
        "Đã tiếp 766 lượt/864 người. So với cùng kỳ giảm 135 lượt, 183 người (6 tháng đầu năm 2024 tiếp 901 lượt/1.002 người).",
        "183 = 1.002 - 864",
    ),
    ("Đã xong 19/33 vụ việc thuộc thẩm quyền, 41 vụ còn lại đang xem xét.", "33 = 19 + 41"),
)
"""What is wrong is told, once."""

APART = (
    ("Trong số 3.405 hồ sơ đang giải quyết, chưa đến hạn là 2.436 hồ sơ và có 969 hồ sơ đã quá hạn.", "969 ≤ 2.436"),
    (
        "Xong 80,7 tỷ đồng. Đối với án thu cho ngân sách có 1.708 vụ việc, trong đó có 1.191 vụ việc đủ điều kiện.",
        "1.708 ≤ 80,7 tỷ",
    ),
    (
        "Trả 51.780 hồ sơ, đúng hạn 51.072 hồ sơ. Trong số hồ sơ đang giải quyết gồm 2.800 hồ sơ có 128 hồ sơ quá hạn.",
        "2.800 ≤ 51.072",
    ),
)
"""Figures of which neither is a part of the other."""

NOTHING_COUNTED = ("Cập nhật 19/01/2021 | 11:05 GMT+7", "lúc 8:30:15", "như chú thích [12]", "06/06/2021 - 13:18")


@pytest.mark.parametrize("text", HOLDS)
def test_nothing_is_wrong_where_all_is_right(text: str) -> None:
    claims = audit_text(text).claims
    assert [one.equation for one in claims if one.verdict is Verdict.contradicted] == []
    assert [one.equation for one in claims if one.verdict is Verdict.holds]


@pytest.mark.parametrize(("text", "equation"), WRONG)
def test_what_is_wrong_is_told_once(text: str, equation: str) -> None:
    assert [one.equation for one in audit_text(text).contradictions] == [equation]


@pytest.mark.parametrize("text", NOTHING_COUNTED)
def test_the_time_of_the_day_and_the_mark_of_a_note_count_nothing(text: str) -> None:
    assert [one.text for one in understand(read_text(text)).figures] == []


def test_bare_digits_in_a_row_stand_each_for_itself() -> None:
    assert [one.text for one in understand(read_text("Mức 4 1665 1611 54 952 59,1%")).figures][-4:] == [
        "1611",
        "54",
        "952",
        "59,1%",
    ]
    assert [one.text for one in understand(read_text("Xã nhận 1 520 hồ sơ, trả 1204 hồ sơ")).figures] == ["1 520", "1204"]


@pytest.mark.parametrize(("text", "bound"), APART)
def test_figures_side_by_side_do_not_bound_one_another(text: str, bound: str) -> None:
    assert bound not in [one.equation for one in audit_text(text).claims]


def test_a_repair_is_printed_as_the_figure_is() -> None:
    told = audit_text("Chi 54 tỷ đồng, gồm: lương 30 tỷ đồng, mua sắm 15,5 tỷ đồng.").contradictions
    assert [(one.from_, one.to) for each in told for one in each.repairs] == [
        ("54 tỷ", "45,50 tỷ"),
        ("30 tỷ", "38,50 tỷ"),
        ("15,5 tỷ", "24 tỷ"),
    ]


def test_a_share_of_a_part_is_not_taken_for_one_of_its_whole() -> None:
    text = "Tuyển 51.000 em. Đăng ký 19.840 em, gồm: đợt 1 là 18.451 em, đạt 39%; đợt 2 là 1.389 em."
    assert "19.840 / 51.000 = 39%" not in [one.equation for one in audit_text(text).claims]


def test_parts_that_open_a_paragraph_are_of_the_one_before_whatever_they_add_up_to() -> None:
    text = "Nhận 12 đơn, theo kế hoạch, của huyện, và đã xử lý 30 đơn.\nTrong đó: 20 đơn khiếu nại, 25 đơn tố cáo."
    assert audit_text(text).figures == 4
