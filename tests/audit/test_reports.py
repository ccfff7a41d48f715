"""Sentences in the manner of reports and news as offices print them: what they claim beside the plainest words."""

from __future__ import annotations

import pytest

from services.notices.audit.documents.plain_text import read_text
from services.notices.audit.engine import audit_text, understand
from services.notices.audit.model import Verdict

HOLDS = (
    # A change told as an amount and as a rate binds what there is now, though what there was is nowhere printed.
    "Thụ lý 12.640 việc, tăng 1.230 việc (tăng 10,78% so với cùng kỳ), trong đó: số cũ 4.215 việc; số mới 8.425 việc.",
    "Số thu đạt 3.120 hồ sơ, giảm 260 hồ sơ (7,69%) so với năm trước.",
    "Phải thi hành 9.100 việc, trong đó: số có điều kiện là 6.700 việc, tăng 320 việc (tăng 5,02%); số chưa có 2.400 việc.",
    "Năm trước là 18.400 hồ sơ, năm nay tăng 1.380 hồ sơ (tăng 7,5%).",
    # Bare digits in a row are as many numbers as stand there.
    "Mức 4 1665 1611 54 952 59,1% 388 24,1%",
)
WRONG = (
    (
        "Thụ lý 12.640 việc, tăng 1.320 việc (tăng 10,78% so với cùng kỳ năm trước), trong đó: số cũ 4.215 việc.",
        "1.320 / (12.640 - 1.320) = 10,78%",
    ),
    ("Số thu đạt 3.120 hồ sơ, giảm 260 hồ sơ (8,33%) so với năm trước.", "260 / (3.120 + 260) = 8,33%"),
    (
        "Thụ lý 12.640 việc, tăng 1.230 việc (tăng 10,78% so với cùng kỳ), trong đó: số cũ 4.251 việc; số mới 8.425 việc.",
        "12.640 = 4.251 + 8.425",
    ),
)
"""What is wrong is told, once."""

NOTHING_COUNTED = ("Cập nhật 19/01/2021 | 11:05 GMT+7", "lúc 8:30:15", "như chú thích [12]", "06/06/2021 - 13:18")


@pytest.mark.parametrize("text", HOLDS)
def test_nothing_is_wrong_where_all_is_right(text: str) -> None:
    claims = audit_text(text).claims
    assert [one.equation for one in claims if one.verdict is Verdict.contradicted] == []
    assert [one.equation for one in claims if one.verdict is Verdict.holds]


@pytest.mark.parametrize(("text", "equation"), WRONG)
def test_what_is_wrong_is_told_once(text: str, equation: str) -> None:
    assert [one.equation for one in audit_text(text).contradictions] == [equation]


@pytest.mark.parametrize("text", NOTHING_COUNTED)
def test_the_time_of_the_day_and_the_mark_of_a_note_count_nothing(text: str) -> None:
    assert [one.text for one in understand(read_text(text)).figures] == []


def test_bare_digits_in_a_row_stand_each_for_itself() -> None:
    assert [one.text for one in understand(read_text("Mức 4 1665 1611 54 952 59,1%")).figures][-4:] == [
        "1611",
        "54",
        "952",
        "59,1%",
    ]
    assert [one.text for one in understand(read_text("Xã nhận 1 520 hồ sơ, trả 1204 hồ sơ")).figures] == ["1 520", "1204"]
