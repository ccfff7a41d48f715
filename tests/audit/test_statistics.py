"""Language of statistics: insurance, taxes, land, courts, hospitals. What holds raises no alarm, what is wrong is told."""

from __future__ import annotations

import pytest

from services.notices.audit.engine import audit_text
from services.notices.audit.model import Verdict

INSURED = (
    "Số người tham gia là 14.820 người, tăng 1.320 người (tăng 9,78%) so với cùng kỳ năm 2023; trong đó: bắt buộc là 9.640 "
    "người, tăng 640 người (tăng 7,11%) so với cùng kỳ năm 2023; tự nguyện là 5.180 người, tăng {} người (tăng {}) so với "
    "cùng kỳ năm 2023; thất nghiệp là 9.020 người, tăng 620 người (tăng 7,38%) so với cùng kỳ năm 2023."
)
PLANS = "Có 52.400 người tham gia. Trong đó: nhóm một: 8.630 người, đạt 97,4% kế hoạch năm; nhóm hai: 43.770 người, đạt 100%."
NEEDED = (
    "Toàn tỉnh đã cấp 148.300 giấy, trong đó đất ở đô thị là 12.410 giấy, đạt 58,3% số giấy cần cấp, nông thôn 61.080 giấy."
)
REVENUES = (
    "Tổng thu ngân sách đạt 4.362 tỷ đồng, đạt 118,4% dự toán. Trong đó, thu nội địa đạt 3.905 tỷ đồng, đạt 114,8% dự toán."
)
PLANNED = "Khám bệnh được 46.320/41.500 lượt người, đạt {} chỉ tiêu kế hoạch. Nội trú: 5.214/4.860 lượt, đạt 107,3% kế hoạch."
PROSECUTED = "Toàn ngành đã kiểm sát 1.640 vụ/2.310 bị can. Cơ quan điều tra đã giải quyết {} vụ/2.105 bị can, đạt tỷ lệ 95,3%."
CAUGHT = "Bắt giữ 34 vụ/41 đối tượng, trong đó hải quan chủ trì 19 vụ, công an {} vụ, biên phòng 04 vụ."
REPORTS = (
    "Đã tiếp nhận 418 tin tố giác, tin báo về tội phạm và kiến nghị khởi tố. Trong đó, tố giác 205 tin; tin báo 209, 4 kiến "
    "nghị khởi tố; đã chuyển 9 nguồn tin, còn lại phải giải quyết 409 nguồn tin."
)
FRONTED = (
    "Tổng số phải giải quyết là 6.180 việc, trong đó số cũ là 2.410 việc, số thụ lý mới là {} việc.\n\n"
    "Trong số việc có điều kiện thi hành, số thi hành xong là 2.904 việc, đạt tỷ lệ 81,46%."
)
NARROWED = "Giải quyết 11,46 ngàn việc. Trong đó, số việc có điều kiện là 8,92 ngàn; đã thi hành xong 4,37 ngàn việc (đạt {})."
OPINIONS = (
    "127/157 ý kiến, kiến nghị của cử tri đã được giải quyết\nĐến nay đã có 127/157 ý kiến, kiến nghị của cử tri được giải "
    "quyết.\n\nUBND tỉnh đã nhận được 157 lượt ý kiến, kiến nghị. Trong đó có {} ý kiến về giao thông; 63 ý kiến về đất đai."
)
CALLED = (
    "Từ ngày 1/5 đến 31/5/2023, Tổng đài 1022 tiếp nhận 1.214 lượt phản ánh. Trong đó người dân thực hiện 284 cuộc gọi qua số "
    "tổng đài 0258.1022, tương tác qua các kênh 1022 gồm: Email (18 lượt), Zalo (137 lượt), Chatbot (775 lượt)."
)
CHANNELS = (
    "Đã nhận 836 lượt phản ánh qua các kênh gồm: Email (18 lượt), Zalo ({} lượt), Website (51 lượt), điện thoại (430 lượt)."
)
BRACKETS = (
    "Tổng đài nhận 587 cuộc gọi (gồm: 402 cuộc gọi vào, 185 cuộc gọi ra).\n\nCó 214/214 phiếu trả lời, giải quyết phản ánh "
    "(không tính 9 phiếu đang giải quyết) được tổ chức, cá nhân đánh giá hài lòng (đạt 100%), 7 phiếu không phản hồi."
)
SERVICES = (
    "Có 142 triệu lượt truy cập, tăng 310% so với cùng kỳ; 28 triệu hồ sơ đồng bộ trạng thái, tăng 245%; 618.000 hồ sơ thực "
    "hiện, tăng 190%."
)
COVERED = (
    "Toàn tỉnh có 612.480 người tham gia. Trong đó, số người có thẻ là 608.115 người, tỷ lệ bao phủ đạt 84,20% dân số năm 2024."
)
SCHOOLS = (
    "Tỉnh có 4 trường đỗ tốt nghiệp 100% là trường A, trường B.\n"
    "Tỉnh Tây Hà cũng tăng tỷ lệ tốt nghiệp trong năm nay với 81,27% (năm ngoái là 74,16%)."
)
BEFORE = "Không kể tạm nộp 3/5 kỳ theo quy định, số thu của 3 khu vực này chỉ bằng 91,3% cùng kỳ năm 2023."
RISEN = "Cả nước có 541 xã nâng cao (tăng 139 xã so với cuối năm 2023) và 96 xã kiểu mẫu (tăng 25 xã so với cuối năm 2023)."
FALLEN = (
    "Tỷ lệ hộ nghèo khu vực nông thôn giảm từ 12,46% năm 2021 xuống còn 3,12%. Thu nhập người dân tăng lên 31,8% so với trước."
)
DELEGATIONS = (
    "Toàn tỉnh tiếp 72 lượt đoàn công dân (mỗi lượt đoàn có từ 5 người trở lên), giảm 64 lượt so với cùng kỳ năm 2022."
)
PORTALS = (
    "Có 21/24 đơn vị (gồm Cổng thông tin tỉnh và các trang của các Sở, Ban, ngành, UBND các huyện, thành phố) đã đăng tải 132 "
    "lượt tin."
)
RAIDS = (
    "Làm rõ 58 vụ án xảy ra trước cao điểm, tỷ lệ giải quyết tin báo đạt 91,4%; trong đó đã làm rõ 3 chuyên án trộm xe, triệt "
    "xóa 124 tụ điểm đánh bạc với 148 đối tượng; bắt quả tang 41 vụ mua bán ma túy."
)

HOLDS = (
    # Amount and rate bind what there is now; the time of the change before is not of the next figure.
    INSURED.format("1.680", "48,00%"),
    # A share of the plan goes on in a list, and is none of the whole.
    PLANS,
    # Of what is needed, and of all who live there, which nobody prints.
    NEEDED,
    COVERED,
    # Two rates of two amounts are not one told again.
    REVENUES,
    # What was done may be above what was planned.
    PLANNED.format("111,6%"),
    # Cases beside persons: the rate is of the cases, which are divided.
    PROSECUTED.format("1.563"),
    CAUGHT.format("11"),
    # A request to prosecute is one of the reports.
    REPORTS,
    # What a sentence begins with is what its rate is of, though it is not printed.
    FRONTED.format("3.770"),
    # What came of a part is no part beside it.
    NARROWED.format("48,99%"),
    # The whole of a fraction, told again, is no slip of its part.
    OPINIONS.format("94"),
    # A number that one calls counts nothing; a list may have a bracket for each name.
    CALLED,
    CHANNELS.format("337"),
    # A bracket that is closed has nothing of what the next one tells.
    BRACKETS,
    # What rose, and the next amount of a list.
    SERVICES,
    # With what it rose to; and what there is of what there was.
    SCHOOLS,
    BEFORE,
    # What stands behind the bracket of a change is beside what there is now.
    RISEN,
    # What fell and what rose are two things.
    FALLEN,
    # From how many on something counts is no average of it.
    DELEGATIONS,
    # Many of one kind are no names that could be counted.
    PORTALS,
    # What is counted by a noun of its own is no part of cases.
    RAIDS,
)

WRONG = (
    (INSURED.format("1.860", "48,00%"), "1.860 / (5.180 - 1.860) = 48,00%"),
    (INSURED.format("1.680", "84,00%"), "1.680 / (5.180 - 1.680) = 84,00%"),
    (PLANNED.format("116,1%"), "46.320 / 41.500 = 116,1%"),
    (
        "Đã thụ lý 1.640 vụ/2.310 bị can; đã giải quyết 1.365 vụ/2.105 bị can, đạt tỷ lệ 95,3%.",
        "1.365 / 1.640 = 95,3%",
    ),
    (CAUGHT.format("14"), "34 = 19 + 14 + 04"),
    (FRONTED.format("3.707"), "6.180 = 2.410 + 3.707"),
    (NARROWED.format("49,88%"), "4,37 ngàn / 8,92 ngàn = 49,88%"),
    (CHANNELS.format("373"), "836 = 18 + 373 + 51 + 430"),
    (OPINIONS.format("49"), "157 = 49 + 63"),
)


@pytest.mark.parametrize("text", HOLDS)
def test_statistics_that_hold_raise_no_alarm(text: str) -> None:
    claims = audit_text(text).claims
    assert [one.equation for one in claims if one.verdict is Verdict.contradicted] == []


@pytest.mark.parametrize(("text", "equation"), WRONG)
def test_a_wrong_figure_of_statistics_is_told_once(text: str, equation: str) -> None:
    assert [one.equation for one in audit_text(text).contradictions] == [equation]


def test_the_amount_and_the_rate_of_each_change_are_read() -> None:
    held = {one.equation for one in audit_text(INSURED.format("1.680", "48,00%")).claims if one.verdict is Verdict.holds}
    each = ((14_820, 1_320, "9,78"), (9_640, 640, "7,11"), (5_180, 1_680, "48,00"), (9_020, 620, "7,38"))
    told = {f"{more:,} / ({now:,} - {more:,})".replace(",", ".") + f" = {rate}%" for now, more, rate in each}
    assert told <= held
