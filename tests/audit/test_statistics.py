"""Language of statistics: insurance, taxes, land, courts, hospitals. What holds raises no alarm, what is wrong is told."""

from __future__ import annotations

import pytest

from services.notices.audit.engine import audit_text
from services.notices.audit.model import Verdict

INSURED = (
    "Toàn huyện có 14.820 người tham gia, tăng 1.320 người (tăng 9,78%) so với cùng kỳ năm 2023; trong đó: nhóm bắt buộc là "
    "9.640 người, tăng 640 người (tăng 7,11%) so với cùng kỳ năm 2023; nhóm tự nguyện là 5.180 người, tăng {} người "
    "(tăng {}) so với cùng kỳ năm 2023."
)
PLANS = "Có 52.400 người tham gia. Trong đó: nhóm một: 8.630 người, đạt 97,4% kế hoạch năm; nhóm hai: 43.770 người, đạt {}."
NEEDED = (
    "Toàn tỉnh đã cấp 148.300 giấy, trong đó đất ở đô thị là 12.410 giấy, đạt {} số giấy cần cấp, đất ở nông thôn 61.080 giấy."
)
REVENUES = (
    "Tổng thu ngân sách đạt 4.362 tỷ đồng, đạt 118,4% dự toán. Trong đó, thu nội địa đạt 3.905 tỷ đồng, đạt 114,8% dự toán."
)
PLANNED = "Khám bệnh được 46.320/41.500 lượt người, đạt {} chỉ tiêu kế hoạch. Nội trú: 5.214/4.860 lượt, đạt 107,3% kế hoạch."
PROSECUTED = "Đã thụ lý 1.640 vụ/2.310 bị can; đã giải quyết {} vụ/2.105 bị can, đạt tỷ lệ 95,3%."
CAUGHT = "Bắt giữ 34 vụ/41 đối tượng, trong đó hải quan chủ trì 19 vụ, công an {} vụ, biên phòng 04 vụ."
REPORTS = "Tiếp nhận 418 nguồn tin. Trong đó, tố giác 205 tin; tin báo 209, {} kiến nghị khởi tố; đã chuyển 9 nguồn tin."
FRONTED = (
    "Tổng số phải giải quyết là 6.180 việc, trong đó số cũ là 2.410 việc, số thụ lý mới là {} việc.\n\n"
    "Trong số việc có điều kiện thi hành, số thi hành xong là 2.904 việc, đạt tỷ lệ 81,46%."
)
NARROWED = "Giải quyết 11,46 ngàn việc. Trong đó, số việc có điều kiện là 8,92 ngàn; đã thi hành xong 4,37 ngàn việc (đạt {})."
OPINIONS = (
    "Đã giải quyết 127/172 ý kiến của cử tri.\n\nSở nhận được 172 ý kiến, gồm {} ý kiến về giao thông và 63 ý kiến về đất đai."
)

CALLED = (
    "Tổng đài 1022 tiếp nhận 836 lượt phản ánh qua các kênh 1022 gồm: Email (18 lượt), Zalo ({} lượt), Website (51 lượt), "
    "điện thoại (430 lượt)."
)
BRACKETS = (
    "Có 214/214 phiếu trả lời (không tính 9 phiếu đang giải quyết) được đánh giá là hữu ích (đạt {}), 7 phiếu không phản hồi."
)
SERVICES = "Có 620 nghìn lượt truy cập, tăng 41%; 18.300 hồ sơ đồng bộ, tăng 26%; {} hồ sơ thực hiện, tăng 22%."
COVERED = (
    "Toàn tỉnh có 612.480 người tham gia. Trong đó, số người có thẻ là 608.115 người, tỷ lệ bao phủ đạt {} dân số năm 2024."
)
SCHOOLS = "Tỉnh A cũng tăng tỷ lệ tốt nghiệp trong năm nay với 81,27% (năm ngoái là 74,16%), tỉnh B có 3 trường đỗ 100%."
BEFORE = "Không kể tạm nộp 3/5 kỳ theo quy định, số thu của 3 khu vực này chỉ bằng {} cùng kỳ năm 2023."

HOLDS = (
    # A number that one calls counts nothing.
    CALLED.format("337"),
    # A bracket that is closed has nothing of what the next one tells.
    BRACKETS.format("100%"),
    # What rose, and the next amount of a list.
    SERVICES.format("16.050"),
    # Of all who live there, which nobody prints.
    COVERED.format("84,20%"),
    # With what it rose to.
    SCHOOLS,
    # Of what there was before.
    BEFORE.format("91,3%"),
    # Amount and rate bind what there is now; the time of the change before is not of the next figure.
    INSURED.format("680", "15,11%"),
    # A share of the plan goes on in a list, and is none of the whole.
    PLANS.format("100%"),
    # Of what is needed, which nobody prints.
    NEEDED.format("58,3%"),
    # Two rates of two amounts are not one told again.
    REVENUES,
    # What was done may be above what was planned.
    PLANNED.format("111,6%"),
    # Cases beside persons: the rate is of the cases, which are divided.
    PROSECUTED.format("1.563"),
    CAUGHT.format("11"),
    # A request to prosecute is one of the reports.
    REPORTS.format("4"),
    # What a sentence begins with is what its rate is of, though it is not printed.
    FRONTED.format("3.770"),
    # What came of a part is no part beside it.
    NARROWED.format("48,99%"),
    # The whole of a fraction, told again, is no slip of its part.
    OPINIONS.format("109"),
)

WRONG = (
    (INSURED.format("860", "15,11%"), "860 / (5.180 - 860) = 15,11%"),
    (INSURED.format("680", "11,51%"), "680 / (5.180 - 680) = 11,51%"),
    (PLANNED.format("116,1%"), "46.320 / 41.500 = 116,1%"),
    (PROSECUTED.format("1.365"), "1.365 / 1.640 = 95,3%"),
    (CAUGHT.format("14"), "34 = 19 + 14 + 04"),
    (FRONTED.format("3.707"), "6.180 = 2.410 + 3.707"),
    (NARROWED.format("49,88%"), "4,37 ngàn / 8,92 ngàn = 49,88%"),
    (CALLED.format("373"), "836 = 18 + 373 + 51 + 430"),
    (OPINIONS.format("190"), "172 = 190 + 63"),
)


@pytest.mark.parametrize("text", HOLDS)
def test_statistics_that_hold_raise_no_alarm(text: str) -> None:
    claims = audit_text(text).claims
    assert [one.equation for one in claims if one.verdict is Verdict.contradicted] == []


@pytest.mark.parametrize(("text", "equation"), WRONG)
def test_a_wrong_figure_of_statistics_is_told_once(text: str, equation: str) -> None:
    assert [one.equation for one in audit_text(text).contradictions] == [equation]


def test_the_amount_and_the_rate_of_each_change_are_read() -> None:
    held = {one.equation for one in audit_text(INSURED.format("680", "15,11%")).claims if one.verdict is Verdict.holds}
    assert {
        "1.320 / (14.820 - 1.320) = 9,78%",
        "640 / (9.640 - 640) = 7,11%",
        "680 / (5.180 - 680) = 15,11%",
    } <= held
