"""What adds up as printed and what does not: money in thousands of millions, balances with their signs, names with numbers."""

from __future__ import annotations

import pytest

from services.notices.audit.engine import audit_text

WRONG = {
    "Chi 7,5 tỷ đồng, gồm: lương 5 tỷ đồng, mua sắm 2,7 tỷ đồng.": ("7,5 tỷ = 5 tỷ + 2,7 tỷ", "7.700.000.000"),
    "Chi 20 tỷ đồng, gồm: lương 12 tỷ đồng, mua sắm 7 tỷ đồng.": ("20 tỷ = 12 tỷ + 7 tỷ", "19.000.000.000"),
    "Chi 500 triệu đồng, gồm: lương 300 triệu đồng, mua sắm 201 triệu đồng.": (
        "500 triệu = 300 triệu + 201 triệu",
        "501.000.000",
    ),
    "Đầu kỳ chuyển sang 250 hồ sơ, nhận mới 640 hồ sơ, đã trả 690 hồ sơ, cuối kỳ còn 300 hồ sơ.": (
        "300 = 250 + 640 - 690",
        "200",
    ),
    "Số dư đầu kỳ 2,3 tỷ đồng, thu vào 5,1 tỷ đồng, chi ra 4,2 tỷ đồng, số dư cuối kỳ 3,4 tỷ đồng.": (
        "3,4 tỷ = 2,3 tỷ + 5,1 tỷ - 4,2 tỷ",
        "3.200.000.000",
    ),
    "Tồn 310 hồ sơ, tiếp nhận 720 hồ sơ, đã giải quyết 760 hồ sơ, còn 280 hồ sơ.": ("280 = 310 + 720 - 760", "270"),
}
RIGHT = (
    "Chi 7,7 tỷ đồng, gồm: lương 5 tỷ đồng, mua sắm 2,7 tỷ đồng.",
    "Chi 12,5 tỷ đồng, gồm: lương 8,2 tỷ đồng, mua sắm 4,2 tỷ đồng.",
    "Đầu kỳ chuyển sang 250 hồ sơ, nhận mới 640 hồ sơ, đã trả 690 hồ sơ, cuối kỳ còn 200 hồ sơ.",
    "Quầy số 3 trả 4.163 kết quả. Quầy số 4 trả 4.136 kết quả.",
    "Kíp trực số 1 tiếp nhận 3.518 hồ sơ. Kíp trực số 2 tiếp nhận 3.581 hồ sơ.",
    "Xã trả 8.400 kết quả, tăng 5% so với quý trước và giảm 4% so với cùng kỳ (8.750 kết quả).",
    "Xã nộp 5.750 hồ sơ qua mạng, tăng 9% so với tháng trước và tăng 15% so với cùng kỳ (5.000 hồ sơ).",
)
"""Also rounded each for itself: nothing is contradicted."""


@pytest.mark.parametrize("text", WRONG)
def test_what_does_not_add_up_as_printed_is_told_once(text: str) -> None:
    assert [(one.equation, one.computed) for one in audit_text(text).contradictions] == [WRONG[text]]


@pytest.mark.parametrize("text", RIGHT)
def test_what_may_be_right_raises_no_alarm(text: str) -> None:
    assert [one.equation for one in audit_text(text).contradictions] == []
