"""Where a line of a notice may not break: inside a number with its unit, a citation, a date; before a dash. Pure.

A justified page breaks lines at blanks and, by Unicode's rules, after the hyphens and slashes of `895/QĐ-UBND`. Blanks that
hold are written as no-break spaces, in every form of the document; a reference number is a part of its own, because each
form has its own way to keep one together (a box in the PDF, a no-break hyphen in Word).
"""

from __future__ import annotations

import re

import msgspec

NO_BREAK = "\u00a0"

MIN_LAST_LINE = 10
"""Characters that the last line of a paragraph has at least."""

_BEFORE_NUMBER = re.compile(
    r"\b(số|điều|khoản|điểm|mục|chương|ngày|tháng|năm|quý|kỳ|mức độ|cột|phụ lục|biểu)[ ](?=[0-9IVX]|số[ ]\d)", re.IGNORECASE
)
_AFTER_NUMBER = re.compile(r"(?<=[0-9])[ ](?!(?:đến|tháng|năm|của|và|với|so|tại|theo|do|về|trên|là|từ|thì|mà|để)\b)(?=[\w%])")
"""The word after a number is its unit, unless it is one that leads on."""
_UNIT_OF_TWO = re.compile(
    r"(?<=[0-9]\u00a0)(hồ|cơ|đơn|nhiệm|phản|thủ|văn|hình|bộ|công|cán|biên|báo|ý)[ ]"
    r"(?=(?:sơ|quan|vị|vụ|ánh|tục|bản|thức|phận|chức|bộ|cáo|kiến)\b)",
)
_DASH = re.compile(r"[ ](?=[-–][ ])")
_LEAD = re.compile(r"^([-+])[ ]")
_WHOLE = re.compile(
    r"[^ ]+\u00a0[-–]\u00a0[^ ]+"  # the last words around a dash: a line may break after a hyphen, even before a no-break space
    r"|[^\s();,:]*(?:\d[^\s();,:]*[/-][^\s();,:]*[A-ZĐa-zđ]|[A-ZĐ]{2,}-[A-ZĐ])[^\s();,:]*"
)
"""A number of a document, and a symbol with a hyphen in it."""


class Part(msgspec.Struct, frozen=True):
    """A stretch of a paragraph's text."""

    text: str
    whole: bool
    """Whether no line may break in it, not even at a hyphen or slash."""


def held(text: str) -> str:
    """The text with no-break spaces where a line may not break; otherwise the same words."""
    text = _LEAD.sub(rf"\1{NO_BREAK}", text)
    text = _BEFORE_NUMBER.sub(rf"\1{NO_BREAK}", text)
    text = _AFTER_NUMBER.sub(NO_BREAK, text)
    text = _UNIT_OF_TWO.sub(rf"\1{NO_BREAK}", text)
    text = _DASH.sub(NO_BREAK, text)
    return _with_full_last_line(text)


def _with_full_last_line(text: str) -> str:
    """The last words joined, so that none of them stands alone on a line."""
    place = len(text)
    while (place := text.rfind(" ", 0, place)) > 0 and len(text) - place - 1 < MIN_LAST_LINE:
        text = f"{text[:place]}{NO_BREAK}{text[place + 1 :]}"
    return text


def parts(text: str) -> tuple[Part, ...]:
    """The text as parts between which a line may break as usual, and parts in which it may not break at all."""
    text = held(text)
    found: list[Part] = []
    end = 0
    for match in _WHOLE.finditer(text):
        if match.start() > end:
            found.append(Part(text[end : match.start()], whole=False))
        found.append(Part(match.group(), whole=True))
        end = match.end()
    if end < len(text):
        found.append(Part(text[end:], whole=False))
    return tuple(found)
