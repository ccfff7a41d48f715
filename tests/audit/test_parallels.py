"""Figures of things told side by side: they are no slips of one another, and a figure told again is still found."""

from __future__ import annotations

import pytest

from services.notices.audit.engine import audit_text

SIDE_BY_SIDE = (
    "Đội 1 trả 4.163 kết quả. Đội 2 trả 4.136 kết quả.",
    "Cụm A giải quyết 5.274 hồ sơ. Cụm B giải quyết 5.247 hồ sơ.",
    "Lần kiểm tra thứ nhất có 1.826 hồ sơ đúng hạn. Lần kiểm tra thứ nhì có 1.862 hồ sơ đúng hạn.",
    "I. VÙNG CAO\nTrong tháng giải quyết 3.918 hồ sơ.\nII. VÙNG THẤP\nTrong tháng giải quyết 3.981 hồ sơ.",
    "I. CHIẾN DỊCH MÙA XUÂN\nNộp qua mạng 3.918 hồ sơ.\nII. CHIẾN DỊCH MÙA ĐÔNG\nĐã nộp qua mạng 3.981 hồ sơ.",
    "Buổi sớm nhận 640 hồ sơ, trả 1.572 kết quả. Buổi muộn nhận 655 hồ sơ, trả 1.527 kết quả.",
    "Hộ kinh doanh nộp 6.318 hồ sơ. Doanh nghiệp nộp 6.381 hồ sơ.",
)
AGAIN = (
    ("Quận trả 14.520 kết quả. Với 15.420 kết quả đã trả, quận dẫn đầu thành phố.", "15.420"),
    (
        "I. KẾT QUẢ CHUNG\nHuyện giải quyết 8.316 hồ sơ.\nII. ĐÁNH GIÁ\nTrong 8.361 hồ sơ đã giải quyết, đa số nộp qua mạng.",
        "8.361",
    ),
)


@pytest.mark.parametrize("text", SIDE_BY_SIDE)
def test_figures_of_two_things_are_no_slips_of_one_another(text: str) -> None:
    assert [one.equation for one in audit_text(text).contradictions] == []


@pytest.mark.parametrize(("text", "claimed"), AGAIN)
def test_a_figure_that_refers_back_is_held_against_the_one_before(text: str, claimed: str) -> None:
    assert [one.claimed for one in audit_text(text).contradictions] == [claimed]
