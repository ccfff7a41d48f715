"""Sentences in words that neither the corpus nor the engine's vocabulary was made for: what holds, and what is wrong."""

from __future__ import annotations

import pytest

from services.notices.audit.engine import audit_text
from services.notices.audit.model import Verdict

HOLDS = (
    "Sáu tháng qua, quận xử lý 8.420 hồ sơ, nhiều hơn cùng kỳ năm ngoái (7.655 hồ sơ) 765 hồ sơ, tức tăng 10,0%.",
    "Nửa đầu năm huyện trả 5.130 kết quả: 3.204 kết quả qua bưu điện, 1.926 kết quả tại quầy.",
    "Đầu tháng tồn 37 hồ sơ; trong tháng nhận 612 hồ sơ, trả 598 hồ sơ, công dân rút 4 hồ sơ; cuối tháng còn 47 hồ sơ.",
    "Tỷ lệ trễ hẹn từ 2,4% xuống 1,1%, giảm 1,3 điểm phần trăm.",
    "Có 1.250 phiếu hỏi phát ra, thu về 1.175 phiếu, đạt 94%.",
    "Chi phí in ấn mỗi hồ sơ 12.000 đồng, 3.500 hồ sơ hết 42.000.000 đồng.",
    "Số hồ sơ đất đai gấp 2,5 lần hộ tịch (1.500 so với 600).",
    "Theo độ tuổi người nộp: dưới 35 tuổi 41,2%, từ 35 đến 60 tuổi 44,3%, trên 60 tuổi 14,5%.",
    "Xã có 4 thôn vùng cao là Nà Mèo, Khe Sung, Pắc Ta, Bản Ngà.",
    "Trong 540 đơn có 320 đơn đất đai, 150 đơn xây dựng, 70 đơn khác.",
    "Quý I nhận 2.310 hồ sơ, quý II nhận 2.541 hồ sơ, tăng 10% so với quý I.",
    "Ba tháng làm được 930 hồ sơ, bình quân mỗi tháng 310 hồ sơ.",
    "Thang 9 phuong tiep nhan 1.240 ho so, trong do truc tuyen 1.054 ho so, truc tiep 186 ho so; da giai quyet 1.198 ho so.",
    "Cả hai kỳ nhận 4.851 hồ sơ, gồm kỳ một 2.310 hồ sơ và kỳ hai 2.541 hồ sơ.",
)
"""Nothing is contradicted, and every one has a claim that is decided."""

WRONG = (
    ("Sáu tháng qua, quận xử lý 8.420 hồ sơ, nhiều hơn cùng kỳ năm ngoái (7.655 hồ sơ) 675 hồ sơ.", "675"),
    ("Nửa đầu năm huyện trả 5.310 kết quả: 3.204 kết quả qua bưu điện, 1.926 kết quả tại quầy.", "5.310"),
    ("Đầu tháng tồn 37 hồ sơ; trong tháng nhận 612 hồ sơ, trả 598 hồ sơ, công dân rút 4 hồ sơ; cuối tháng còn 74 hồ sơ.", "74"),
    ("Tỷ lệ trễ hẹn từ 2,4% xuống 1,1%, giảm 54,2 điểm phần trăm.", "54,2"),
    ("Có 1.250 phiếu hỏi phát ra, thu về 1.175 phiếu, đạt 49%.", "49%"),
    ("Chi phí in ấn mỗi hồ sơ 12.000 đồng, 3.500 hồ sơ hết 24.000.000 đồng.", "12.000"),
    ("Theo độ tuổi người nộp: dưới 35 tuổi 42,1%, từ 35 đến 60 tuổi 44,3%, trên 60 tuổi 14,5%.", "42,1%"),
    ("Xã có 5 thôn vùng cao là Nà Mèo, Khe Sung, Pắc Ta, Bản Ngà.", "5"),
    ("Trong 540 đơn có 320 đơn đất đai, 150 đơn xây dựng, 90 đơn khác.", "540"),
    ("Thang 9 phuong tiep nhan 1.240 ho so, trong do truc tuyen 1.045 ho so, truc tiep 186 ho so.", "1.240"),
    ("Quý I nhận 2.310 hồ sơ, quý II nhận 2.541 hồ sơ, tăng 9,1% so với quý I.", "9,1%"),
    ("Huyện giải quyết 27.930 hồ sơ. Với 29.730 hồ sơ đã giải quyết, huyện đứng thứ hai toàn tỉnh.", "29.730"),
    ("Có 95 hồ sơ trễ, nhiều nhất là các xã như Tân Lập 48 hồ sơ, Hòa Bình 37 hồ sơ, Yên Sơn 26 hồ sơ.", "95"),
)
"""What is claimed wrongly."""


TABLE = """| Đơn vị | Đầu kỳ | Nhận | Trả | Cuối kỳ |
|---|---|---|---|---|
| Nà Mèo | 41 | 612 | 598 | 55 |
| Khe Sung | 27 | 480 | 491 | 16 |
| Pắc Ta | 33 | 705 | 690 | 84 |
| Cộng | 101 | 1.797 | 1.779 | 119 |
"""


def test_what_is_left_is_a_balance_across_the_columns_of_a_table() -> None:
    assert "84" in [one.claimed for one in audit_text(TABLE).claims if one.verdict is Verdict.contradicted]
    assert not [one for one in audit_text(TABLE.replace("84", "48")).claims if one.verdict is Verdict.contradicted]


@pytest.mark.parametrize("text", HOLDS)
def test_what_holds_is_decided_and_raises_no_alarm(text: str) -> None:
    claims = audit_text(text).claims
    assert [one.equation for one in claims if one.verdict is Verdict.contradicted] == []
    assert any(one.verdict is Verdict.holds for one in claims)


@pytest.mark.parametrize(("text", "claimed"), WRONG)
def test_what_is_wrong_is_found(text: str, claimed: str) -> None:
    assert claimed in [one.claimed for one in audit_text(text).claims if one.verdict is Verdict.contradicted]
