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

HOLDS = (
    # What fell is all that is overdue, not what one office has of it.
    FALLEN.format("giảm"),
    # `kiến nghị` among kinds of petitions is no order; `với` divides the part before it.
    PETITIONS.format("65 đơn khiếu nại, 49 đơn tố cáo và 446 đơn kiến nghị"),
    # Two kinds side by side, each of its own fraction.
    TWO_KINDS.format("6"),
    SORTED.format("1.742"),
    ENFORCED.format("358.855"),
)
WRONG = (
    (PETITIONS.format("65 đơn khiếu nại, 49 đơn tố cáo và 464 đơn kiến nghị"), "560 = 65 + 49 + 464"),
    (SORTED.format("1.724"), "5.589 = 780 + 1.724 + 183 + 2.884"),
    (ENFORCED.format("385.855"), "728.226 = 385.855 + 369.371"),
    (
        "Thụ lý 12.640 việc, trong đó: số cũ chuyển sang là 2.490 việc; số thụ lý mới là 8.425 việc.",
        "12.640 = 2.490 + 8.425",
    ),
    (FALLEN.format("tăng"), "9 = 28 - 37"),
)


@pytest.mark.parametrize("text", HOLDS)
def test_nothing_is_wrong_where_all_is_right(text: str) -> None:
    claims = audit_text(text).claims
    assert [one.equation for one in claims if one.verdict is Verdict.contradicted] == []
    assert [one.equation for one in claims if one.verdict is Verdict.holds]


@pytest.mark.parametrize(("text", "equation"), WRONG)
def test_what_is_wrong_is_told_once(text: str, equation: str) -> None:
    assert [one.equation for one in audit_text(text).contradictions] == [equation]
