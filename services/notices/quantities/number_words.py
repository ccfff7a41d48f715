"""Numbers of dossiers in words, which count as much as digits do. Pure."""

from __future__ import annotations

import re

_WORD = r"(?:một|hai|ba|bốn|tư|năm|lăm|sáu|bảy|bẩy|tám|chín|mười|mươi|mốt|chục|trăm|nghìn|ngàn|linh|lẻ)"
_IN_WORDS = re.compile(
    rf"\b(?:{_WORD}(?: {_WORD})+|(?:có|còn|là|với|gồm|tổng số) năm|hai|ba|bốn|sáu|bảy|bẩy|tám|chín|mười"
    r"|(?:hàng|vài|mấy) (?:chục|trăm|nghìn|ngàn)) hồ sơ\b",
    re.IGNORECASE,
)


def dossiers_in_words(text: str) -> str | None:
    """A number of dossiers in words: `năm mươi hồ sơ`, `hàng trăm hồ sơ`; None where there is none.

    `một hồ sơ` counts none, and `năm hồ sơ` alone may tell of a year.
    """
    found = _IN_WORDS.search(text)
    return found.group() if found is not None else None
