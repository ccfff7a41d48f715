"""Ordinary passages, right and with one error each: what generated notices showed to be passed over or read wrong."""

from __future__ import annotations

import pytest

from services.notices.audit.engine import audit_text
from services.notices.audit.model import Verdict
from services.notices.quantities.references import quantities

PAIRS = (
    ("Số tiền thu là {} đồng (tiền mặt 48.179.000 đồng, chuyển khoản 7.578.000 đồng).", "55.757.000", "55.775.000"),
    ("Thủ tục được đơn giản hóa: văn hóa 209, y tế 575, xây dựng {} thủ tục; cộng 1.152 thủ tục.", "368", "57"),
    ("Thủ tục được đơn giản hóa: đất đai 755, xây dựng 750 thủ tục; cộng {} thủ tục.", "1.505", "2.398"),
    ("Trong {} hồ sơ phải bổ sung có 233 hồ sơ thiếu thành phần.", "326", "226"),
    (
        "Tháng 4 nhận 1.066 văn bản, xử lý 1.029 văn bản, còn 37 văn bản chuyển sang tháng 5. "
        "Tháng 5 nhận mới 1.717 văn bản, cùng với {} văn bản tháng 4 chuyển sang là 1.754 văn bản.",
        "37",
        "33",
    ),
    (
        "Hồ sơ mới: trực tuyến 83.228 hồ sơ; trực tiếp 15.637 hồ sơ; cộng 98.865 hồ sơ.\n"
        "{} hồ sơ trực tuyến, đạt 84,2 % số hồ sơ mới tiếp nhận.",
        "83.228",
        "83.282",
    ),
    (
        "Quý I, xã nhận mới 643 hồ sơ, cộng với 36 hồ sơ tồn thành 679 hồ sơ phải giải quyết.\n"
        "- 9 hồ sơ quá hạn; tổng số đã giải quyết 10.433 hồ sơ.\n"
        "- Như vậy, Quý I năm 2024 xã Hồng Thái đã giải quyết {} hồ sơ.",
        "10.433",
        "14.033",
    ),
    ("Đã giải quyết 1.190 hồ sơ. Tóm lại, số hồ sơ đã giải quyết là {} hồ sơ.", "1.190", "11.190"),
    ("Phát gần {} tờ rơi (thực tế 16914 tờ).", "17000", "16000"),
    ("Về mức độ hài lòng, có 46,43% rất hài lòng, 27,73% hài lòng, còn lại {}% chưa hài lòng.", "25,84", "52,84"),
    (
        "Cả quý có {} lượt tra cứu, trong đó tháng 1 có 5.000 lượt, tháng 2 có 4.000 lượt, tháng 3 có 5.945 lượt.",
        "14.945",
        "15.495",
    ),
    ("853/1.567 thủ tục được rút ngắn thời gian (tỷ lệ {}%).", "54,4", "59,4"),
    ("Đã cấp tài khoản cho 1977/2379 cán bộ, đạt {}%.", "83,10", "86,10"),
    ("Số hồ sơ mới là {} hồ sơ (trực tuyến 1.143, trực tiếp 119, bưu chính 18).", "1.280", "12.880"),
    ("Đã giải quyết 14.603 hồ sơ, trong đó trước hạn {} hồ sơ, đúng hạn 2.220 hồ sơ, quá hạn 36 hồ sơ.", "12.347", "123.477"),
    (
        "Đã giải quyết 793 hồ sơ, trong đó trước hạn 722 hồ sơ, đúng hạn 66 hồ sơ, quá hạn 5 hồ sơ. "
        "Còn {} hồ sơ đang giải quyết: trong hạn 50 hồ sơ; quá hạn 1 hồ sơ.",
        "51",
        "15",
    ),
    (
        "Hồ sơ mới: trực tuyến 9.125 hồ sơ; trực tiếp 1.833 hồ sơ; cộng 10.958 hồ sơ.\n"
        "{} hồ sơ trực tuyến, đạt 83,27 % số hồ sơ mới.",
        "9.125",
        "91.125",
    ),
    ("Đến nay đã cập nhật xong 74/128 hồ sơ, đạt 57,8%. Số còn lại là {} hồ sơ, cam kết xử lý dứt điểm.", "54", "45"),
    ("Chứng thực 4.215 bản sao, 386 chữ ký, 72 hợp đồng, cộng {} việc; lệ phí 31.480.000 đồng.", "4.673", "4.763"),
    ("Tiếp nhận: 386 hs.\nĐã trả: 352 hs.\nTrung bình mỗi ngày {} hs (5 ngày làm việc).", "77,2", "72,7"),
    (
        "| Đơn vị | Đã giải quyết | Đúng hạn | Quá hạn |\n|---|---|---|---|\n| Hà Tu | 2.816 | 2.790 | 26 |\n"
        "| Vân Hải | 1.995 | 1.954 | 41 |\n| Ba Khe | 885 | 873 | 12 |\n| Tổng cộng | 5.696 | 5.617 | 79 |\n"
        "Tỷ lệ đúng hạn chung là {}%.",
        "98,61",
        "96,81",
    ),
    ("Số cuộc gọi là 4.113 cuộc, bằng {}% so với cùng kỳ năm trước (7.699 cuộc).", "53,42", "48,09"),
    (
        "+ Có 987 hồ sơ. Trong đó 958 hồ sơ phát sinh mới, 29 hồ sơ của kỳ trước.\n"
        "+ Số hồ sơ mới là 958 hồ sơ (trực tuyến 644, trực tiếp 289, bưu chính\n{}).\n+ Đã giải quyết 933 hồ sơ.",
        "25",
        "52",
    ),
    ("Số lượt tra cứu: tháng 1 là 1.726 lượt, tháng 2 là 1.708 lượt; cộng cả quý {} lượt.", "3.434", "4.343"),
    (
        "Đã giải quyết 110 hồ sơ. Thủ tục được đơn giản hóa: văn hóa 591, đất đai 405, giáo dục 222 thủ tục; cộng {} thủ tục.",
        "1.218",
        "12.188",
    ),
    ("Hồ sơ nộp trực tuyến 104.099 hồ sơ, trực tiếp 23.807 hồ sơ, cộng 127.906 hồ sơ.\n"
     "{} hồ sơ trực tuyến, đạt 81,39 % số hồ sơ mới tiếp nhận.", "104.099", "104.097"),
    (
        "Trong quý đã giải quyết nhiều hồ sơ hơn so với quý trước, xã và phường đều báo cáo.\n"
        "Số đã giải quyết: 10.342 hồ sơ; trước hạn 9.465; đúng hạn 837; quá hạn\n{}.\nHồ sơ được số hóa đầy đủ.",
        "40",
        "94",
    ),
    (
        "- Số đã giải quyết: 125501 hồ sơ; trước hạn 108211; đúng hạn 16839;\nquá hạn {}.\n- Hồ sơ được số hóa đầy đủ.",
        "451",
        "415",
    ),
    (
        "Số đã giải quyết trong kỳ: 13.067 hồ sơ; trước hạn 11.761; đúng hạn 1.264; quá hạn\n"
        "{}. Tỷ lệ giải quyết trước và đúng hạn đạt 99,68%.",
        "42",
        "24",
    ),
    (
        "Báo cáo công tác kiểm soát TTHC\n\nĐã giải quyết 53.870 hồ sơ trên 58.214 hồ sơ phải giải quyết. Số hồ sơ đang\n"
        "   3\nBáo cáo công tác kiểm soát TTHC\n\ngiải quyết là {} hồ sơ.",
        "4.344",
        "4.434",
    ),
    (
        "Tháng 4 nhận 1.198 văn bản, xử lý 1.118 văn bản, còn 80 văn bản chuyển sang tháng 5. "
        "Tháng 5 nhận mới 988 văn bản, cùng với {} văn bản tháng 4 chuyển sang là 1.068 văn bản.",
        "80",
        "10",
    ),
    ("Kết quả: {} hồ sơ đã giải quyết (66814 sớm hạn, 1990 đúng hạn, 446 trễ hạn).", "69250", "76450"),
    (
        "+ Tháng 1 là 2.482 lượt.\n+ Tỷ lệ thanh toán trực tuyến là 94,00 %, năm 2021 là 64,93 %, {} 29,07 điểm phần trăm.",
        "tăng",
        "giảm",
    ),
    ("Kiểm tra được 140 hộ. Phải sửa {} tờ khai, trong đó có 79 tờ khai sai mẫu.", "91", "61"),
    (
        "quận Hồng Thái có {} hồ sơ cần xử lý trong kỳ. Trong đó\n12.884 hồ sơ phát sinh mới, 381 hồ sơ của kỳ trước.\n"
        "- Hồ sơ được số hóa đầy đủ.\n- Không có hồ sơ bị mất.",
        "13.265",
        "13.165",
    ),
    (
        "Đã trả 3204 giấy phép. Đã cấp 888 giấy phép, gồm 599 giấy phép xây dựng (544 đúng hạn, 55 quá hạn) "
        "và {} giấy phép kinh doanh (216 đúng hạn, 73 quá hạn).",
        "289",
        "829",
    ),
    (
        "- Trả lại {} hồ sơ, trong đó nhiều nhất gồm: Phòng Nội vụ 106 hồ sơ; Phòng\nTư pháp 121 hồ sơ; xã An Hòa 104 hồ sơ.\n"
        "- Hồ sơ được số hóa đầy đủ.",
        "378",
        "244",
    ),
    ("Còn 64 hồ sơ đang giải quyết: trong hạn {} hồ sơ; quá hạn 1 hồ sơ.", "63", "13"),
    ("Còn 5.060 hồ sơ đang giải quyết: trong hạn {} hồ sơ; quá hạn 2 hồ sơ.", "5.058", "505"),
)  # fmt: skip
HARMLESS = (
    "| Lĩnh vực | Cấp tỉnh | Cấp xã | Cộng |\n|---|---|---|---|\n| Đất đai | 636 | 1721 | 2357 |\n"
    "| Giáo dục | 558 | 1399 | 1957 |\n| Lao động | 1057 | 100 | 1157 |\n| Tổng cộng | 2251 | 3220 | 5471 |\n"
    "Trong 283 tờ khai phải sửa có 221 tờ khai thiếu chữ ký.",
    "Thủ tục được đơn giản hóa: văn hóa 396, y tế 129 thủ tục; cộng 525 thủ tục.\nTrong 346 tờ khai phải sửa có 9 tờ sai mẫu.",
    "Nhận mới 10.498 hồ sơ, cộng với 272 hồ sơ tồn thành 10.770 hồ sơ. Trong 172 tờ khai phải sửa có 23 tờ khai thiếu chữ ký.",
    "Đã giải quyết 745 hồ sơ, đúng hạn 740 hồ sơ, quá hạn 5 hồ sơ. Trong 145 tờ khai phải sửa có 69 tờ khai thiếu chữ ký.",
    "Năm học 2024/2025 tuyển 320 học sinh.",
)
TWO_TABLES = """| Đơn vị | Đã giải quyết | Đúng hạn | Quá hạn | Quá hạn (%) |
|---|---|---|---|---|
| Phòng Y tế | 4.604 | 4.576 | 28 | 0,6 |
| xã Suối Giàng | 3.137 | 3.087 | 50 | 1,6 |
| xã Tề Lỗ | 1.000 | 990 | 10 | 1,0 |
| Lĩnh vực | Cấp tỉnh | Cấp huyện | Cấp xã | Cộng |
|---|---|---|---|---|
| Đất đai | 1.138 | 654 | 637 | 2.429 |
| Giáo dục | 148 | {} | 1.153 | 1.506 |
| Văn hóa | 1.425 | 1.696 | 948 | 4.069 |
"""
YEARS = """| Đơn vị | Kỳ trước chuyển sang | Tiếp nhận mới | Tổng số | Đã giải quyết | Đang giải quyết |
|---|---|---|---|---|---|
| xã Liên Châu | {} | 1905 | 1966 | 1816 | 150 |
| xã Hoàng Đan | 59 | 3543 | 3602 | 3527 | 75 |
| xã An Hòa | 14 | 2720 | 2734 | 1730 | 1004 |
| Tổng cộng | 134 | 8168 | 8302 | 7073 | 1229 |
"""


def contradicted(text: str) -> list[str]:
    return [one.equation for one in audit_text(text).claims if one.verdict is Verdict.contradicted]


@pytest.mark.parametrize(("text", "right", "wrong"), PAIRS)
def test_a_passage_is_contradicted_just_where_it_is_wrong(text: str, right: str, wrong: str) -> None:
    assert not contradicted(text.format(right))
    assert audit_text(text.format(right)).claims
    assert contradicted(text.format(wrong))


@pytest.mark.parametrize("text", HARMLESS)
def test_what_counts_something_else_is_no_slip(text: str) -> None:
    assert not contradicted(text)


def test_a_table_right_below_another_has_its_own_head() -> None:
    assert not contradicted(TWO_TABLES.format("205"))
    assert contradicted(TWO_TABLES.format("250"))


def test_a_row_of_counts_that_look_like_years_is_no_head() -> None:
    assert not contradicted(YEARS.format(61))
    assert set(contradicted(YEARS.format(16))) == {"1966 = 16 + 1905", "134 = 16 + 59 + 14"}


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("Công bố danh mục 1.842 TTHC", ["1.842"]),
        ("danh mục 35 thủ tục", ["35"]),
        ("mở tài khoản 1.250 người", ["1.250"]),
        ("chuyển khoản 7.578.000 đồng", ["7.578.000"]),
        ("các khoản 5 tỷ đồng", ["5"]),
        ("Mục 2.1.3, khoản 5 Điều 3, Phụ lục 1.2, trang 12", []),
    ],
)
def test_what_a_list_or_an_account_counts_is_no_article(text: str, counted: list[str]) -> None:
    assert quantities(text) == counted
