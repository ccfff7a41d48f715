"""Language of published notices, reports and news, in words of our own: what holds raises no alarm, what is wrong is told."""

from __future__ import annotations

import pytest

from services.notices.audit.engine import audit_text
from services.notices.audit.model import Verdict

PETITIONS = "Toàn huyện nhận 750 đơn khiếu nại, tố cáo, kiến nghị, phản ánh, trong đó có 560 đơn đủ điều kiện với {}."
SORTED = (
    "Kết quả: 5.589 đơn đủ điều kiện.\n\nQua phân loại, đã hướng dẫn 780 đơn, chuyển {} đơn, đôn đốc 183 đơn; thụ lý 2.884 đơn."
)
TWO_KINDS = (
    "Đã xong 32/52 vụ khiếu nại, 63/78 vụ tố cáo. Trong đó, có 7 vụ khiếu nại, 12 vụ tố cáo đúng; "
    "19 vụ khiếu nại, 37 vụ tố cáo sai; {} vụ khiếu nại, 14 vụ tố cáo đúng một phần."
)
ENFORCED = (
    "Phải thi hành 728.226 việc, trong đó: số có điều kiện là 579.413 việc; số chưa có điều kiện là 148.813 việc.\n"
    "Đã thi hành xong 369.371 việc.\n- Số việc chuyển kỳ sau {} việc."
)
FALLEN = (
    "Đã trả 1.412 hồ sơ, để quá hạn 28 hồ sơ. Trong đó đất đai quá hạn 22 hồ sơ. "
    "So với tháng 3 (quá hạn 37), quá hạn {} 9 hồ sơ."
)
ENFORCED_MONEY = "Phải thi hành 36,3 tỷ đồng, trong đó đủ điều kiện là 10,60 tỷ đồng. Đã xong {} tỷ đồng, đạt {}."
DUE = (
    "Tháng 8 nhận mới 19.630 hồ sơ, trả trước và đúng hạn 19.255 hồ sơ (đạt 96,55%), hồ sơ đến hạn là 19.944 hồ sơ, "
    "hồ sơ quá hạn {} hồ sơ chiếm 3,45%, trả lại 16 hồ sơ (chiếm 0,08%), rút 24 hồ sơ (chiếm 0,12%)."
)
JOINED = "Có 1.190 đơn vị giao dịch, trong đó 1.032 đơn vị đã dùng, 158 đơn vị không bắt buộc. Tỷ lệ đơn vị tham gia đạt {}."
VISITS = (
    "Đã tiếp 3.938 lượt với 3.092 người; trong đó thường xuyên 2.383 lượt với {} người; định kỳ 1.555 lượt với 1.237 người."
)
MARKS = (
    "Chỉ số năm 2024 đạt 88,41 điểm. Trong đó, điểm thẩm định đạt {}/61,5 điểm. Điểm tác động đạt 3,97/6,5 điểm. "
    "Điểm khảo sát lãnh đạo: 18,35/22 điểm. Điểm hài lòng đạt 8,15/10 điểm."
)
KINDS = (
    "Đã xử lý 3.620 đơn. Trong số đơn đã xử lý có 1.235 đơn đủ điều kiện, chiếm 34,1% "
    "(khiếu nại {} đơn, tố cáo 49 đơn, kiến nghị 207 đơn)."
)
TWO_LISTS = (
    "Xong 41/58 vụ khiếu nại và 24/27 vụ tố cáo; trong đó 9 vụ đúng, {} vụ sai; 5 vụ đúng, 14 vụ sai, 5 vụ đúng một phần."
)
CONDITIONS = (
    "Phải thi hành 412,6 tỷ đồng, có điều kiện 268,4 tỷ đồng, chưa có điều kiện 144,2 tỷ đồng. "
    "Đã thi hành xong 121,9 tỷ đồng, đạt {}%."
)
LOST_LINES = """Kết quả theo lĩnh vực
Lĩnh vực Tổng Đã trả Đang xử lý Trước hạn % Đúng hạn %
Đất đai 4812 4610 202 3900 84,6% 710 15,4%
Hộ tịch 1290 {} 64 1020 83,2% 206 16,8%
Xây dựng 655 601 54 390 64,9% 211 35,1%
Chứng thực 2018 2011 7 1508 75,0% 503 25,0%
Số liệu lấy từ hệ thống một cửa."""

URGED = "Đã xử lý 540 đơn đủ điều kiện, trong đó thụ lý 162 đơn, hướng dẫn 287 đơn, chuyển {} đơn, đôn đốc giải quyết 34 đơn."
CUT = "Có {} thủ tục được cắt giảm hoặc đơn giản hóa, đạt 63,1%. Đồng thời, 815/2.410 điều kiện được cắt giảm, tương ứng {}%."
HANDED_ON = "Đã xem xét, giải quyết 148/296 vụ việc do đoàn đại biểu và các ban chuyển đến, đạt {}."
PLANNED = "Tỉnh giải ngân đạt 8.412 tỷ đồng, đạt tỷ lệ {} kế hoạch vốn Thủ tướng Chính phủ giao năm 2025 là 9.240 tỷ đồng."
CAPITAL = "Có 1.520 doanh nghiệp với vốn là 18,4 nghìn tỷ đồng. Vốn bình quân một doanh nghiệp là {} tỷ đồng."

HOLDS = (
    # What was urged is done; `cắt giảm`, `chuyển đến` speak of what is counted, not of how it changed.
    URGED.format("57"),
    CUT.format("1.924/3.049", "33,8"),
    HANDED_ON.format("50,0%"),
    # A goal whose name is long; thousands of milliards.
    PLANNED.format("91,0%"),
    CAPITAL.format("12,1"),
    # What fell is all that is overdue, not what one office has of it.
    FALLEN.format("giảm"),
    # `kiến nghị` among kinds of petitions is no order; `với` divides the part before it.
    PETITIONS.format("65 đơn khiếu nại, 49 đơn tố cáo và 446 đơn kiến nghị"),
    # Two kinds side by side, each of its own fraction.
    TWO_KINDS.format("6"),
    SORTED.format("1.742"),
    ENFORCED.format("358.855"),
    # Rows of a table that lost its lines.
    LOST_LINES.format("1226"),
    # What the sentence before tells last, and what other rates are of, is what a rate is of.
    ENFORCED_MONEY.format("5,67", "53,47%"),
    DUE.format("689"),
    JOINED.format("86,7%"),
    # Two rows side by side; the marks of groups of criteria; kinds behind a share.
    VISITS.format("1.855"),
    MARKS.format("57,94"),
    TWO_LISTS.format("32"),
    CONDITIONS.format("45,42"),
    KINDS.format("979"),
    KINDS.format("979"),
    # What stands out is no list of all parts; a gap that is named is no change.
    "Vốn là 1.986 tỉ đồng. Trong đó, tăng mạnh nhất ở công ty cổ phần 1.071 tỉ đồng (cùng kỳ 79 tỉ đồng), TNHH 666 tỉ đồng.",
    "Vốn có sự chênh lệch đáng kể, là 1.960 tỉ đồng, tăng 112,8% so với cùng kỳ năm trước (921 tỉ đồng).",
    # An amount and its rate, with what they are held against between them.
    "Trả 2.760 hồ sơ, giảm 240 hồ sơ so với tháng trước (8,0%).",
    "Có 119 doanh nghiệp tạm ngừng, tăng 37 trường hợp so với cùng kỳ (45,1%).",
    # A part that is taken out has rates of its own.
    "Tỷ lệ trả đúng hạn đạt 99,2%; 103 hồ sơ trễ hạn.\nRiêng cấp xã có 2.760 hồ sơ, đúng hạn 2.655 hồ sơ, chiếm 96,2%.",
)
WRONG = (
    (URGED.format("75"), "162 + 287 + 75 + 34 ≤ 540"),
    (CUT.format("1.294/3.049", "33,8"), "1.294 / 3.049 = 63,1%"),
    (CUT.format("1.924/3.049", "38,3"), "815 / 2.410 = 38,3%"),
    (HANDED_ON.format("55,0%"), "148 / 296 = 55,0%"),
    (PLANNED.format("19,0%"), "8.412 tỷ / 9.240 tỷ = 19,0%"),
    (PETITIONS.format("65 đơn khiếu nại, 49 đơn tố cáo và 464 đơn kiến nghị"), "560 = 65 + 49 + 464"),
    (SORTED.format("1.724"), "5.589 = 780 + 1.724 + 183 + 2.884"),
    (ENFORCED.format("385.855"), "728.226 = 385.855 + 369.371"),
    (
        "Thụ lý 12.640 việc, trong đó: số cũ chuyển sang là 2.490 việc; số thụ lý mới là 8.425 việc.",
        "12.640 = 2.490 + 8.425",
    ),
    (FALLEN.format("tăng"), "9 = 28 - 37"),
    (VISITS.format("1.585"), "3.092 = 1.585 + 1.237"),
    (TWO_KINDS.format("6").replace("19 vụ", "91 vụ"), "32 = 7 + 91 + 6"),
    (TWO_LISTS.format("23"), "41 = 9 + 23"),
    (CONDITIONS.format("54,42"), "121,9 tỷ / 268,4 tỷ = 54,42%"),
    (MARKS.format("59,74"), "88,41 = 59,74 + 3,97 + 18,35 + 8,15"),
    (KINDS.format("997"), "1.235 = 997 + 49 + 207"),
    (ENFORCED_MONEY.format("5,67", "35,47%"), "5,67 tỷ / 10,60 tỷ = 35,47%"),
    (ENFORCED_MONEY.format("5,76", "53,47%"), "5,76 tỷ / 10,60 tỷ = 53,47%"),
    ("Có 1.708 vụ, trong đó 1.191 vụ đủ điều kiện. Đã xong 1.045 vụ, đạt tỷ lệ 88,5%.", "1.045 / 1.191 = 88,5%"),
    (DUE.format("698"), "698 / 19.944 = 3,45%"),
    (JOINED.format("87,6%"), "1.032 / 1.190 = 87,6%"),
    (
        "Tài khoản đã kích hoạt là 684.210, so với năm trước (570.175 tài khoản) tăng 02,0%.",
        "(684.210 - 570.175) / 570.175 = 02,0%",
    ),
    ("Trả 2.760 hồ sơ, giảm 240 hồ sơ so với tháng trước (9,0%).", "240 / (2.760 + 240) = 9,0%"),
)


LEFT_OPEN = (
    # Of the time that is named nothing is printed, though by chance 22,3 % is what the one is of the other.
    "Trong tháng 3 có 8.082 doanh nghiệp thành lập mới. Trong tháng có 1.801 doanh nghiệp trở lại, giảm 22,3% so với tháng 2.",
    # Agencies of a list that goes on: none is the whole of those after it.
    "Một số nơi trả lại nhiều như: xã Hoàng Đan 147 hồ sơ; xã Liên Châu 115 hồ sơ; xã Đồng Tĩnh 27 hồ sơ; xã Tề Lỗ 124 hồ sơ.",
    # An average that was rounded tells nothing of a fall.
    "Vốn bình quân tháng 3 đạt 10 tỷ đồng. Vốn bình quân quý I đạt 10,4 tỷ đồng, tăng 1,5% so với cùng kỳ năm ngoái.",
)


@pytest.mark.parametrize("text", LEFT_OPEN)
def test_what_only_chance_relates_is_left_open(text: str) -> None:
    claims = audit_text(text).claims
    assert not [one.equation for one in claims if one.verdict is Verdict.contradicted]
    assert not [one.equation for one in claims if one.kind.value == "change" and one.verdict is Verdict.holds]


@pytest.mark.parametrize("text", HOLDS)
def test_nothing_is_wrong_where_all_is_right(text: str) -> None:
    claims = audit_text(text).claims
    assert [one.equation for one in claims if one.verdict is Verdict.contradicted] == []
    assert [one.equation for one in claims if one.verdict is Verdict.holds]


@pytest.mark.parametrize(("text", "equation"), WRONG)
def test_what_is_wrong_is_told_once(text: str, equation: str) -> None:
    assert [one.equation for one in audit_text(text).contradictions] == [equation]


def test_a_table_that_lost_its_lines_shows_what_its_columns_are() -> None:
    told = audit_text(LOST_LINES.format("1262")).contradictions
    assert [one.equation for one in told] == ["1290 = 1262 + 64; 1020 / 1262 = 83,2%; 206 / 1262 = 16,8%"]
    assert [one.to for one in told[0].repairs] == ["1.226"]


def test_one_rate_of_a_column_is_wrong_where_exchanged_digits_explain_it() -> None:
    text = LOST_LINES.format("1226").replace("64,9%", "46,9%")
    assert [one.equation for one in audit_text(text).contradictions] == ["390 / 601 = 46,9%"]


def test_lines_that_end_with_a_number_or_two_are_no_table() -> None:
    text = "Xã Tân An 12 15\nXã Hải Lý 8 9\nXã Ba Vì 7 3\nTổ 5 đạt 12 trên 30 phiếu, quý 2 năm 2024\nTổ 6 đạt 14\nTổ 7 đạt 15"
    assert "table" not in {one.kind.value for one in audit_text(text).claims}
