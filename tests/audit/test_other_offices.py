"""Figures of a wider whole are not held against those of the office that writes; changes and shares said in other places."""

from __future__ import annotations

import pytest

from services.notices.audit.engine import audit_text
from services.notices.audit.model import ClaimKind, Verdict

HOLDS = (
    "Tỷ lệ đúng hạn của Sở 99,31%, bình quân toàn tỉnh 97,86%. Sở đã giải quyết 1.736 hồ sơ (1.724 đúng hạn, 12 quá hạn).",
    "UBND XÃ TÂN LẬP\n\nXã trả 420 hồ sơ, đúng hạn 415 hồ sơ, quá hạn 5 hồ sơ. Toàn huyện tỷ lệ đúng hạn đạt 95,40%.",
    "UBND HUYỆN BA BỂ\n\nTrả 4.200 hồ sơ, đúng hạn 4.158 hồ sơ, đạt 99,0%. Tỷ lệ đúng hạn bình quân cả nước là 96,10%.",
    "Nhận 3.648 hồ sơ, so với năm trước (3.200 hồ sơ) tăng 448 hồ sơ, bằng 114%.",
    "Nhận 2.880 hồ sơ, so với năm trước (3.200 hồ sơ) giảm 320 hồ sơ, bằng 90%.",
    "Nhận 2.880 hồ sơ, so với năm trước (3.200 hồ sơ) giảm 320 hồ sơ, tức 10%.",
    "Thời gian chờ rút ngắn từ 21 ngày xuống 15 ngày (6 ngày).",
    "Hồ sơ chậm giảm 41 hồ sơ so với tháng 10 (1.815 hồ sơ), tương đương 2,3%.",
    "Rà soát 80 hồ sơ, thấy 22 hồ sơ thiếu phiếu kiểm soát quá trình (27,5%), 13 hồ sơ yêu cầu thêm giấy tờ ngoài quy định "
    "(16,3%).",
    "Ý kiến về thời gian: nhanh 31,5%, vừa phải 52,1%, lâu 16,4%.",
    "Tỷ lệ trực tuyến: Tân Lập 31,5%, Hòa Bình 51,2%, Yên Sơn 16,4%.",
)
"""Nothing is contradicted."""

WRONG = (
    ("Nhận 3.648 hồ sơ, so với năm trước (3.200 hồ sơ) tăng 448 hồ sơ, bằng 141%.", "141%"),
    ("Thời gian chờ rút ngắn từ 21 ngày xuống 15 ngày (9 ngày).", "9"),
    ("Hồ sơ chậm giảm 41 hồ sơ so với tháng 10 (1.815 hồ sơ), tương đương 3,2%.", "3,2%"),
    (
        "Rà soát 80 hồ sơ, thấy 22 hồ sơ thiếu phiếu kiểm soát quá trình (27,5%), 13 hồ sơ yêu cầu thêm giấy tờ ngoài quy định "
        "(13,6%).",
        "13,6%",
    ),
    ("Ý kiến về thời gian: nhanh 31,5%, vừa phải 51,2%, lâu 16,4%.", "51,2%"),
    ("Tháng 11 nhận mới 1.774 hồ sơ, cùng với 48 hồ sơ tháng 10 chuyển sang là 1.282 hồ sơ.", "1.282"),
)
"""What is claimed wrongly."""

RATES = """| Tháng | Tiếp nhận | Trực tuyến | Trực tiếp | Tỷ lệ trực tuyến (%) |
|---|---|---|---|---|
| Tháng 10 | 771 | 540 | 231 | 70,0 |
| Tháng 11 | 800 | 589 | 202 | 74,8 |
| Tháng 12 | 808 | 633 | 175 | 73,8 |
| Cả quý | 2.379 | 1.771 | 608 | 74,4 |
"""


@pytest.mark.parametrize("text", HOLDS)
def test_what_is_right_raises_no_alarm(text: str) -> None:
    assert [one.equation for one in audit_text(text).claims if one.verdict is Verdict.contradicted] == []


@pytest.mark.parametrize(("text", "claimed"), WRONG)
def test_what_is_wrong_is_found(text: str, claimed: str) -> None:
    wrong = [one for one in audit_text(text).claims if one.verdict is Verdict.contradicted]
    assert claimed in {one.claimed for one in wrong} | {each.from_ for one in wrong for each in one.repairs}


def test_half_of_the_rows_show_what_a_column_is_of_that_its_heading_names() -> None:
    wrong = {one.claimed: one.computed for one in audit_text(RATES).claims if one.verdict is Verdict.contradicted}
    assert wrong["73,8"] == "78,3%"
    assert "74,8" in wrong


def test_what_is_some_of_a_count_is_told_with_its_noun() -> None:
    text = "Quản lý 19.750 người nộp thuế, gồm 4.120 doanh nghiệp và 15.630 hộ kinh doanh. Có 4.079 doanh nghiệp nộp điện tử."
    bounds = {one.equation for one in audit_text(text).claims if one.kind is ClaimKind.bound}
    assert bounds == {"4.079 ≤ 4.120"}
