"""What inspections found and proposed, what courts and prosecutors handled: told in sums and rates without a word for it."""

from __future__ import annotations

import pytest

from services.notices.audit.engine import audit_text
from services.notices.audit.model import Verdict

PROPOSED = (
    "Qua thanh tra, phát hiện sai phạm {} triệu đồng và 2.418 m2 đất; kiến nghị thu hồi 7.214,30 triệu đồng "
    "(đã thu hồi 5.050,01 triệu đồng, đạt tỷ lệ {}%) và 2.418 m2 đất; kiến nghị khác 1.590,62 triệu đồng."
)
FOUND = "Tổng vi phạm được phát hiện là {} triệu đồng, đã kiến nghị thu hồi 1.240 triệu đồng, kiến nghị khác {} triệu đồng."
COLLECTED = "Số tiền vi phạm 8.120,4 triệu đồng; kiến nghị thu hồi 3.416,2 triệu đồng, đã thu {} triệu đồng, đạt tỷ lệ 100%."
TRIED = "Tòa án đã thụ lý {} vụ với {} bị cáo; đã xét xử {} vụ với {} bị cáo, đạt tỷ lệ {}% về số vụ và {}% về số bị cáo."
PROSECUTED = (
    "Phải giải quyết {} vụ, 1.214 bị can, giảm 20 vụ so với cùng kỳ; đã giải quyết {} vụ, 1.190 bị can, đạt tỷ lệ 98,9%."
)
AFTER = "Năm 2017, tòa giải quyết {} vụ (đạt 87,5%) trong tổng số {} vụ."
BEFORE = "Nhiệm kỳ này thụ lý {} vụ việc, giải quyết {} vụ việc, đạt tỷ lệ 97,6%."
VOTERS = "Đã tổng hợp {} kiến nghị chuyển đến các cơ quan. Có {} kiến nghị đã được trả lời, đạt 98,1%."
AMONG = "Trong tổng số {} đơn khiếu nại thuộc thẩm quyền, đã giải quyết được {} đơn, đạt 89%."
LEADER = "Tỉnh dẫn đầu với số hồ sơ toàn trình là {} và tổng số hồ sơ giải quyết TTHC là 168.746, chiếm {}%."
REPORTS = (
    "Thụ lý 386 tin báo; giải quyết {} tin, đạt tỷ lệ 94,6%, trong đó khởi tố {} vụ án, không khởi tố 198 tin, tạm dừng 8 tin."
)
HOTLINE = "Quý I nhận 20.602 yêu cầu: Cổng dịch vụ công 4.935, ứng dụng 10.730, tổng đài {}, quầy giao dịch 1.245."

HOLDS = (
    PROPOSED.format("8.804,92", "70"),
    FOUND.format("7.004,24", "5.764,24"),
    COLLECTED.format("3.416,2"),
    TRIED.format("38.615", "65.046", "38.420", "64.162", "99,5", "98,6"),
    PROSECUTED.format("880", "870"),
    AFTER.format("33.867", "38.705"),
    BEFORE.format("243.363", "237.598"),
    VOTERS.format("2.593", "2.543"),
    AMONG.format("264", "235"),
    REPORTS.format("365", "159"),
    LEADER.format("115.665", "68,54"),
    HOTLINE.format("3.692"),
    # What is denied is not what the one before had.
    "Kết quả: 24 vụ tố cáo đúng, 52 vụ tố cáo sai, 15 vụ tố cáo có đúng có sai và 39 vụ tố cáo không có cơ sở.",
    # What a body asks of others is an order still.
    "Thu phí đạt 4,2 tỷ đồng. Kiến nghị UBND tỉnh cấp thêm 4,5 tỷ đồng, kiến nghị Sở Tài chính cấp 2,4 tỷ đồng.",
)
OPEN = (
    # Of the year before nothing is printed; what is smaller now is no base for that.
    "Năm 2023 thụ lý 1.260 vụ. Năm 2024 đã giải quyết 1.435 vụ, đạt 91,2%.",
    "Tiếp 4.310 lượt, với 2.845 người; có 1.770 đơn thuộc thẩm quyền được giải quyết, đạt 96,4%.",
    "Gọi tổng đài 1900.1006 hoặc 18001522; nhận 1.215 hồ sơ: trực tuyến 1.000, trực tiếp 215.",
)
WRONG = (
    (PROPOSED.format("8.804,29", "70"), "8.804,29 triệu = 7.214,30 triệu + 1.590,62 triệu"),
    (
        PROPOSED.format("8.804,92", "70").replace("7.214,30", "2.714,30"),
        "8.804,92 triệu = 2.714,30 triệu + 1.590,62 triệu; 5.050,01 triệu / 2.714,30 triệu = 70%",
    ),
    (FOUND.format("7.004,24", "7.564,24"), "7.004,24 triệu = 1.240 triệu + 7.564,24 triệu"),
    (COLLECTED.format("4.316,2"), "4.316,2 triệu / 3.416,2 triệu = 100%"),
    (TRIED.format("38.615", "65.046", "34.820", "64.162", "99,5", "98,6"), "34.820 / 38.615 = 99,5%"),
    (TRIED.format("38.615", "65.046", "38.420", "64.162", "95,9", "98,6"), "38.420 / 38.615 = 95,9%"),
    (TRIED.format("38.615", "56.046", "38.420", "64.162", "99,5", "98,6"), "64.162 / 56.046 = 98,6%"),
    (PROSECUTED.format("880", "780"), "780 / 880 = 98,9%"),
    (AFTER.format("33.867", "83.705"), "33.867 / 83.705 = 87,5%"),
    (BEFORE.format("234.363", "237.598"), "237.598 / 234.363 = 97,6%"),
    (VOTERS.format("2.593", "5.243"), "5.243 / 2.593 = 98,1%"),
    (AMONG.format("264", "325"), "325 / 264 = 89%"),
    (AMONG.format("246", "235"), "235 / 246 = 89%"),
    (LEADER.format("115.665", "86,54"), "115.665 / 168.746 = 86,54%"),
    (LEADER.format("151.665", "68,54"), "151.665 / 168.746 = 68,54%"),
    (REPORTS.format("365", "195"), "365 = 195 + 198 + 8"),
    (HOTLINE.format("3.962"), "20.602 = 4.935 + 10.730 + 3.962 + 1.245"),
)


@pytest.mark.parametrize("text", HOLDS)
def test_nothing_is_wrong_where_all_is_right(text: str) -> None:
    claims = audit_text(text).claims
    assert [one.equation for one in claims if one.verdict is Verdict.contradicted] == []


@pytest.mark.parametrize("text", OPEN)
def test_what_the_text_does_not_print_is_left_open(text: str) -> None:
    assert audit_text(text).contradictions == ()


@pytest.mark.parametrize(("text", "equation"), WRONG)
def test_exchanged_digits_are_told_once(text: str, equation: str) -> None:
    assert [one.equation for one in audit_text(text).contradictions] == [equation]
