"""Digits that count nothing: numbers of documents, articles, days, years and annexes.

Pure. What is left when they are taken away are the quantities of a text, and each of those must be bound to a figure.
"""

from __future__ import annotations

import re

REFERENCE = re.compile(
    r"""
      \bsố[ ]\d+[a-zđ]?/[\wĐđ.&/-]+                        # số 34/KH-UBND, số 61/2018/NĐ-CP
    | \b\d+/(?:\d{4}/)?[A-ZĐ][\wĐđ.&-]*                      # 45/2020/NĐ-CP
    | \b\d{1,2}/\d{1,2}/+\d{4}\b                             # 30/3/2023
    | \bngày[ ]\d{1,2}[ ]tháng[ ]\d{1,2}[ ]năm[ ]\d{4}\b
    | \b(?:tháng|Tháng)[ ]\d{1,2}(?:[ ]năm[ ]|/)\d{4}\b
    | \b(?:ngày|Ngày)[ ]\d{1,2}/\d{1,2}(?:/+\d{4})?\b
    | \b(?:năm|Năm)[ ]\d{4}(?:[ ]?[-–][ ]?\d{4})?\b
    | \b(?:giai[ ]đoạn|nhiệm[ ]kỳ)[ ]\d{4}[ ]?[-–][ ]?\d{4}\b
    | \b0?[369][ ]tháng[ ](?:đầu|cuối)[ ]năm\b
    | \b(?:Điều|điều|Khoản|khoản|Mục|mục|Chương|Phần|Mẫu[ ]số|Biểu[ ]số|Phụ[ ]lục|Quý|quý)[ ]\d+\b
    | \b(?:mức[ ]độ|Đề[ ]án|Đề[ ]án[ ]số)[ ]\d+\b
    """,
    re.VERBOSE,
)
"""Patterns of administrative references, as decree 30/2020 and usage write them."""

_NUMBER = re.compile(r"\d[\d.,/]*\d|\d")


def without_references(text: str) -> str:
    """The text with every reference blanked out, of the same length."""
    return REFERENCE.sub(lambda match: " " * len(match.group()), text)


def quantities(text: str) -> list[str]:
    """The numbers in `text` that count something, as written."""
    return _NUMBER.findall(without_references(text))
