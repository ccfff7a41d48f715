"""Verdicts and repairs: a first digit that is wrong, signs, whole numbers of which one way to divide them fails."""

from __future__ import annotations

import pytest

from services.notices.audit.engine import audit_text
from services.notices.audit.model import Claim, Verdict

FAR_OFF = {
    "Số hồ sơ mới là 954.816 hồ sơ (trực tuyến 124.169, trực tiếp 29.682, bưu chính 965).": "954.816->154.816",
    "Xã có 83.088 hồ sơ cần xử lý. Trong đó 12.882 hồ sơ phát sinh mới, 206 hồ sơ của kỳ trước.": "83.088->13.088",
}
DIVIDED = """1. Hồ sơ đang giải quyết: 497 hồ sơ. Giao cho xã An Khê 214 hồ sơ, xã Phú Lộc 187 hồ sơ, xã Tân Hiệp 96 hồ sơ.
Theo tình trạng: còn hạn {} hồ sơ, sắp đến hạn (trong 03 ngày) 71 hồ sơ, đã quá hạn 18 hồ sơ.
Theo lĩnh vực: đất đai 265 hồ sơ, đăng ký kinh doanh 88 hồ sơ, xây dựng 144 hồ sơ."""


def contradicted(text: str) -> list[Claim]:
    return [one for one in audit_text(text).claims if one.verdict is Verdict.contradicted]


def changes(claim: Claim) -> list[str]:
    return [f"{one.from_}->{one.to}" for one in claim.repairs]


@pytest.mark.parametrize("text", FAR_OFF)
def test_a_wrong_first_digit_contradicts_however_far_off_it_is(text: str) -> None:
    found = contradicted(text)
    assert found
    assert all(changes(one)[0] == FAR_OFF[text] for one in found)


def test_a_rate_that_fell_many_times_over_is_not_said_to_have_risen() -> None:
    text = "Tỷ lệ thanh toán trực tuyến là 88,15 %, kỳ trước là 14,92 %, {} 73,23 điểm phần trăm."
    assert not contradicted(text.format("tăng"))
    assert [one.computed for one in contradicted(text.format("giảm"))] == ["-73,23"]


def test_the_growth_of_a_fall_is_written_as_it_is_computed() -> None:
    text = "Số hồ sơ tháng 10 {} 14,25% so với tháng 9, từ {} hồ sơ {} {} hồ sơ."
    assert not contradicted(text.format("tăng", 842, "lên", 962))
    turned = contradicted(text.format("giảm", 842, "lên", 962))
    assert [(one.equation, one.computed) for one in turned] == [("(842 - 962) / 842 = 14,25%", "-14,25%")]
    fallen = contradicted(text.format("giảm", 842, "xuống", 702))
    assert [(one.equation, one.computed) for one in fallen] == [("(842 - 702) / 842 = 14,25%", "16,63%")]


def test_each_way_to_divide_a_whole_is_held_against_the_whole_alone() -> None:
    assert not contradicted(DIVIDED.format(408))
    found = contradicted(DIVIDED.format(480))
    assert {one.claimed for one in found} == {"497"}
    assert [changes(one) for one in found] == [["480->408"]] * len(found)


def test_no_repair_leaves_a_figure_as_it_is_or_makes_a_share_more_than_all() -> None:
    (points,) = contradicted("Tỷ lệ số hóa là 77,85%, kỳ trước là 52,40%, tăng 48,57 điểm phần trăm.")
    assert changes(points) == ["48,57->25,45", "52,40%->29,28%"]


def test_what_came_through_a_switchboard_is_no_telephone_number() -> None:
    text = "Tiếp nhận 41.205 yêu cầu qua các kênh: Cổng Dịch vụ công 9.870, ứng dụng 21.460, tổng đài {}, quầy 2.490."
    assert not contradicted(text.format("7.385"))
    assert contradicted(text.format("7.835"))
    assert not audit_text("Xin gọi tổng đài 1900 9095, điện thoại 0225.3.123.456, ĐT: 38.123.456.").claims


def test_a_list_of_all_channels_is_not_taken_for_the_parts_of_its_first() -> None:
    text = "Hồ sơ mới theo hình thức nộp: trực tuyến 725 hồ sơ; trực tiếp {} hồ sơ; bưu chính 11 hồ sơ; cộng 907 hồ sơ."
    assert not contradicted(text.format(171))
    assert {one.equation for one in contradicted(text.format(174))} == {"907 = 725 + 174 + 11"}
