"""Figures that stand in brackets or one sentence away: the time before, goals, averages, what is left of a fraction."""

from __future__ import annotations

import pytest

from services.notices.audit.engine import audit_text
from services.notices.audit.model import Verdict

INDEX = "Giá trị cao nhất là vùng đồng bằng, đạt {}%, cao hơn {}% so với năm 2022 ({}%)."
VISITS = (
    "Sáu tháng đầu năm 2020 đã tiếp {} lượt/964 lượt người. So với cùng kỳ năm trước giảm 146 lượt, {} lượt người "
    "(6 tháng đầu năm 2019 đã tiếp {} lượt/1.091 lượt người)."
)
GROUPS = (
    "Đối với đoàn đông người, có 15 lượt đoàn/{} lượt người. So với cùng kỳ năm trước giảm {} lượt đoàn, 166 lượt người "
    "(6 tháng đầu năm 2019 có 22 lượt đoàn/241 lượt người)."
)
GOALS = (
    "Bốn tháng đầu năm tỉnh đã giải ngân được {} tỷ đồng vốn đầu tư công.\nSo với kế hoạch Chính phủ giao (7.318,6 tỷ đồng), "
    "tỷ lệ giải ngân đạt {}%; so với kế hoạch HĐND tỉnh giao ({} tỷ đồng), tỷ lệ giải ngân đạt 21,98% kế hoạch vốn."
)
CAPITAL = (
    "Tháng 11 có {} doanh nghiệp thành lập mới với số vốn đăng ký là {} nghìn tỷ đồng, tăng 0,7% về số doanh nghiệp. "
    "Cả nước còn có 3.326 doanh nghiệp trở lại.\nVốn đăng ký bình quân một doanh nghiệp thành lập mới đạt {} tỷ đồng."
)
FIRMS = "Quý I có {} DN thành lập với số vốn là {} tỷ đồng. Vốn bình quân trên một DN đạt 10,4 tỷ đồng. Có 1.254 DN trở lại."
UPDATED = "Đến nay xã đã cập nhật xong 74/128 hồ sơ, đạt 57,8%. Số còn lại là {} hồ sơ."

HOLDS = (
    INDEX.format("88,33", "1,71", "86,62"),
    VISITS.format("866", "127", "1.012"),
    GROUPS.format("75", "7"),
    GOALS.format("1.862,4", "25,45", "8.473,1"),
    CAPITAL.format("12.265", "139,9", "11,4"),
    FIRMS.format("26.785", "278.489"),
    UPDATED.format("54"),
)
OPEN = (
    # No time stands in the bracket: it tells of the same, in another way.
    "Tiếp 866 lượt. So với cùng kỳ giảm 146 lượt (đột xuất 1.012 lượt).",
    # What follows a change and its time stands beside what there is now.
    "Phân loại có 5.468 việc có điều kiện, giảm 625 việc so với năm 2018 và 2.391 việc chưa có điều kiện giải quyết.",
    # Of another goal than the one before.
    "Đã giải ngân 1.862,4 tỷ đồng. So với kế hoạch (7.318,6 tỷ đồng), tỷ lệ giải ngân vốn trung ương đạt 31,2%.",
    # The capital was rounded too far to divide.
    "Có 126,7 nghìn DN với vốn là 1,5 triệu tỷ đồng. Có 9 DN rút. Vốn bình quân một DN là 12,4 tỷ đồng.",
)
WRONG = (
    (INDEX.format("83,83", "1,71", "86,62"), "1,71% = 83,83% - 86,62%"),
    (INDEX.format("88,33", "1,71", "68,62"), "1,71% = 88,33% - 68,62%"),
    (VISITS.format("686", "127", "1.012"), "146 = 1.012 - 686"),
    (VISITS.format("866", "721", "1.012"), "721 = 1.091 - 964"),
    (VISITS.format("866", "127", "1.102"), "146 = 1.102 - 866"),
    (GROUPS.format("57", "7"), "166 = 241 - 57"),
    (GROUPS.format("75", "17"), "17 = 22 - 15"),
    (GOALS.format("1.862,4", "24,55", "8.473,1"), "1.862,4 tỷ / 7.318,6 tỷ = 24,55%"),
    (GOALS.format("1.862,4", "25,45", "4.873,1"), "1.862,4 tỷ / 4.873,1 tỷ = 21,98%"),
    (CAPITAL.format("12.265", "193,9", "11,4"), "193,9 nghìn tỷ / 12.265 = 11,4 tỷ"),
    (CAPITAL.format("21.265", "139,9", "11,4"), "139,9 nghìn tỷ / 21.265 = 11,4 tỷ"),
    (CAPITAL.format("12.265", "139,9", "14,1"), "139,9 nghìn tỷ / 12.265 = 14,1 tỷ"),
    (FIRMS.format("26.785", "287.489"), "287.489 tỷ / 26.785 = 10,4 tỷ"),
    (UPDATED.format("45"), "45 = 128 - 74"),
)


@pytest.mark.parametrize("text", HOLDS)
def test_nothing_is_wrong_where_all_is_right(text: str) -> None:
    claims = audit_text(text).claims
    assert [one.equation for one in claims if one.verdict is Verdict.contradicted] == []
    assert [one.equation for one in claims if one.verdict is Verdict.holds]


@pytest.mark.parametrize("text", OPEN)
def test_what_does_not_go_together_is_left_open(text: str) -> None:
    assert audit_text(text).contradictions == ()


@pytest.mark.parametrize(("text", "equation"), WRONG)
def test_what_is_wrong_is_told_once(text: str, equation: str) -> None:
    assert [one.equation for one in audit_text(text).contradictions] == [equation]
