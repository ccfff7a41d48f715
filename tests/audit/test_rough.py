"""What is told roughly: rounded sums, bounds, titles; and rates that say of which unit they are."""

from __future__ import annotations

import pytest

from services.notices.audit.engine import audit_text
from services.notices.audit.model import Verdict

ENFORCED = "Phải xong 920 việc với 51,2 tỷ đồng. Đã xong 644 việc với 20,7 tỷ đồng, đạt {} về việc và {} về tiền."
BEFORE = "Có điều kiện 920 việc, ứng với 51,2 tỷ đồng; xong 644 việc, thu 20,7 tỷ đồng (về việc đạt {}, về tiền đạt 40,4%)."

HOLDS = (
    # Things counted one by one: each figure may have been rounded for itself, or the total from exact parts.
    "Sở nhận 8,7 nghìn hồ sơ, trong đó trực tuyến 6,2 nghìn hồ sơ, trực tiếp 2,4 nghìn hồ sơ.",
    "Sở nhận 8,7 nghìn hồ sơ, gồm 6.214 hồ sơ trực tuyến và 2.468 hồ sơ trực tiếp.",
    "Ba cấp trả 31 nghìn hồ sơ: cấp tỉnh 8.412 hồ sơ, cấp huyện 12.301 hồ sơ, cấp xã 10.520 hồ sơ.",
    "Thu 9,3 tỷ đồng, gồm 7.105 triệu đồng phí và 2.187 triệu đồng lệ phí.",
    # Bounds that are kept, however loosely.
    "Xã nhận gần 3.000 hồ sơ (2.914 hồ sơ).",
    "Trả 2.500 hồ sơ, trong đó đúng hạn 2.150 hồ sơ, chiếm hơn 85%.",
    "Trả đúng hạn 1.940/2.000 hồ sơ (gần 98%).",
    "Nợ hồ sơ dưới 5% (2%). Trả 98 hồ sơ, trong đó đúng hạn 95 hồ sơ, trễ hạn 3 hồ sơ.",
    "Hơn 7 nghìn hồ sơ được trả đúng hạn\nSáu tháng qua, thành phố trả đúng hạn 7.318 hồ sơ.",
    "Gần 9.000 hồ sơ nộp trực tuyến\nHuyện nhận trực tuyến 8.870 hồ sơ; riêng tháng 5 nhận trực tuyến 1.204 hồ sơ.",
    # Each rate of its own unit.
    ENFORCED.format("70,0%", "40,4%"),
    BEFORE.format("70,0%"),
    # `trường hợp` behind a number sets no condition.
    "Xử phạt 96 trường hợp, giảm 24 trường hợp so với tháng trước (20,0%).",
)
OPEN = (
    "Sở nhận 31 nghìn hồ sơ: cấp tỉnh 8 nghìn hồ sơ, cấp huyện 12 nghìn hồ sơ, cấp xã 10 nghìn hồ sơ.",
    "Xã nhận hơn 2.000 hồ sơ (2.914 hồ sơ).",
    "Hơn 7 nghìn hồ sơ được trả đúng hạn\nTrong đó, riêng tháng 6 xã An Phú trả đúng hạn 1.318 hồ sơ.",
    "Cả tỉnh có 40 xã, trong đó 20 xã đạt trên 90%.",
    "Có 7/10 huyện đạt trên 75%.",
)
"""Nothing is contradicted."""
WRONG = (
    (
        "Sở nhận 8,7 nghìn hồ sơ, trong đó trực tuyến 6,2 nghìn hồ sơ, trực tiếp 4,2 nghìn hồ sơ.",
        "8,7 nghìn = 6,2 nghìn + 4,2 nghìn",
    ),
    ("Sở nhận 8,7 nghìn hồ sơ, gồm 6.214 hồ sơ trực tuyến và 2.648 hồ sơ trực tiếp.", "8,7 nghìn = 6.214 + 2.648"),
    ("Thu 9,3 tỷ đồng, gồm 7.105 triệu đồng phí và 2.817 triệu đồng lệ phí.", "9,3 tỷ = 7.105 triệu + 2.817 triệu"),
    ("Xã nhận gần 3.000 hồ sơ (2.194 hồ sơ).", "gần 3.000 = 2.194"),
    ("Xã nhận gần 3.000 hồ sơ, cụ thể là 3.142 hồ sơ.", "gần 3.000 = 3.142"),
    ("Tỷ lệ trả đúng hạn của xã đạt trên 95% (94,8%).", "trên 95% = 94,8%"),
    ("Trả 2.500 hồ sơ, trong đó đúng hạn 2.050 hồ sơ, chiếm hơn 85%.", "2.050 / 2.500 = hơn 85%"),
    ("Trả đúng hạn 1.490/2.000 hồ sơ (gần 98%).", "1.490 / 2.000 = gần 98%"),
    ("Hơn 7 nghìn hồ sơ được trả đúng hạn\nSáu tháng qua, thành phố trả đúng hạn 6.318 hồ sơ.", "Hơn 7 nghìn = 6.318"),
    ("Gần 9.000 hồ sơ nộp trực tuyến\nTheo báo cáo, huyện nhận trực tuyến 7.870 hồ sơ.", "Gần 9.000 = 7.870"),
    (ENFORCED.format("77,0%", "40,4%"), "644 / 920 = 77,0%"),
    (ENFORCED.format("70,0%", "44,0%"), "20,7 tỷ / 51,2 tỷ = 44,0%"),
    (BEFORE.format("77,0%"), "644 / 920 = 77,0%"),
    ("Xử phạt 96 trường hợp, giảm 24 trường hợp so với tháng trước (25,0%).", "24 / (96 + 24) = 25,0%"),
    ("Có 131 trường hợp vi phạm, tăng 31 trường hợp (13,0%) so với năm trước.", "31 / (131 - 31) = 13,0%"),
)


@pytest.mark.parametrize("text", HOLDS)
def test_what_is_told_roughly_holds(text: str) -> None:
    claims = audit_text(text).claims
    assert [one.equation for one in claims if one.verdict is not Verdict.holds] == []
    assert claims


@pytest.mark.parametrize("text", OPEN)
def test_what_no_bound_speaks_of_is_left_open(text: str) -> None:
    assert audit_text(text).contradictions == ()


@pytest.mark.parametrize(("text", "equation"), WRONG)
def test_what_lies_beyond_what_is_told_roughly_is_wrong(text: str, equation: str) -> None:
    told = [one.equation for one in audit_text(text).contradictions]
    assert [one[:1].lower() + one[1:] for one in told] == [equation[:1].lower() + equation[1:]]
