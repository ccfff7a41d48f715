"""Where a line of a notice may not break: inside a number with its unit, a citation, a date; before a dash. Pure.

A justified page breaks lines at blanks and, by Unicode's rules, after the hyphens and slashes of `895/QĐ-UBND`. Blanks that
hold are written as no-break spaces, in every form of the document; a reference number is a part of its own, because each
form has its own way to keep one together (a box in the PDF, a no-break hyphen in Word).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

NO_BREAK = "\u00a0"

MIN_LAST_LINE = 10
"""Characters that the last line of a paragraph has at least."""

_BEFORE_NUMBER = re.compile(
    r"\b(số|điều|khoản|điểm|mục|chương|ngày|tháng|năm|quý|kỳ|mức độ|cột|phụ lục|biểu)[ ](?=[0-9IVX]|số[ ]\d)", re.IGNORECASE
)
_AFTER_NUMBER = re.compile(r"(?<=[0-9])[ ](?!(?:đến|tháng|năm|của|và|với|so|tại|theo|do|về|trên|là|từ|thì|mà|để)\b)(?=[\w%])")
"""The word after a number is its unit, unless it is one that leads on."""
_MONTHS = re.compile(r"(?<=[0-9])[ ](?=tháng[ ](?:đầu|cuối|qua|cùng)\b)")
"""`6 tháng đầu năm`: months are counted there, and of no date."""
_A_YEAR = re.compile(
    r"(?:\bnăm[ \u00a0]|\btháng[ \u00a0][0-9]{1,2}/|\b[IVX]{1,4}/|/[0-9]{1,2}/)(?:19|20)[0-9]{2}$", re.IGNORECASE
)
_YEAR_SPAN = 14
"""Characters in which a year stands with what makes it one: `năm 2023`, `tháng 12/2023`, `quý I/2023`, `15/5/2023`."""
_UNIT_OF_TWO = re.compile(
    r"(?<=[0-9]\u00a0)(hồ|cơ|đơn|nhiệm|phản|thủ|văn|hình|bộ|công|cán|biên|báo|ý)[ ]"
    r"(?=(?:sơ|quan|vị|vụ|ánh|tục|bản|thức|phận|chức|bộ|cáo|kiến)\b)",
)
_COMPOUNDS = (
    "báo cáo, bộ phận, công chức, cơ quan, dịch vụ, doanh nghiệp, điện tử, đơn vị, giải quyết, hài lòng, hành chính, hồ sơ,"
    " kết quả, kiểm soát, kiểm tra, kiến nghị, một cửa, người dân, nhiệm vụ, phản ánh, quy định, quy trình, thủ tục,"
    " tiếp nhận, trực tuyến"
)
_IN_A_COMPOUND = re.compile(
    "|".join(r"(?<=\b{})[ ](?={}\b)".format(*one.split(" ")) for one in _COMPOUNDS.split(", ")), re.IGNORECASE
)
"""Words of two syllables: a heading is short and not justified, so that it can keep them whole."""
_DASH = re.compile(r"[ ](?=[-–][ ])")
_LEAD = re.compile(r"^([-+])[ ]")
_WORD = re.compile("[^ ]+")
_TOO_LONG = re.compile("[^ ]{50,}")
_HELD_DASH = re.compile("\u00a0[-–]\u00a0(?=.)", re.DOTALL)
"""Between the last words: a line may break after a hyphen, even before a no-break space."""
_TOKEN = re.compile(r"[^\s();,:]+")
_HYPHENED = re.compile("[A-ZĐ]{2}-[A-ZĐ]|[0-9]-[0-9]")
"""A symbol, the code of a dossier, a span of years."""
_IN_A_NUMBER = (re.compile(r"\d"), re.compile("[/-]"), re.compile("[A-ZĐa-zđ]"))
"""What the number of a document has, in this order."""


class Part(msgspec.Struct, frozen=True):
    """A stretch of a paragraph's text."""

    text: str
    whole: bool
    """Whether no line may break in it, not even at a hyphen or slash."""


def held(text: str) -> str:
    """The text with no-break spaces where a line may not break; otherwise the same words."""
    text = _LEAD.sub(rf"\1{NO_BREAK}", text)
    text = _BEFORE_NUMBER.sub(rf"\1{NO_BREAK}", text)
    text = _AFTER_NUMBER.sub(_before_unit, text)
    text = _MONTHS.sub(NO_BREAK, text)
    text = _UNIT_OF_TWO.sub(rf"\1{NO_BREAK}", text)
    text = _DASH.sub(NO_BREAK, text)
    # What is held would be longer than a line: it is no number with its unit, whatever it is.
    text = _TOO_LONG.sub(lambda found: found.group().replace(NO_BREAK, " "), text)
    return _with_full_last_line(text)


def _before_unit(blank: re.Match[str]) -> str:
    """The blank after a number."""
    return " " if ends_with_year(blank.string, blank.start()) else NO_BREAK


def ends_with_year(text: str, end: int) -> bool:
    """Whether a year stands before `end`: what follows is no unit of it (`báo cáo năm 2023 chậm 06 ngày`)."""
    return _A_YEAR.search(text[max(0, end - _YEAR_SPAN) : end]) is not None


def _with_full_last_line(text: str) -> str:
    """The last words joined, so that none of them stands alone on a line."""
    place = len(text)
    while (place := text.rfind(" ", 0, place)) > 0 and len(text) - place - 1 < MIN_LAST_LINE:
        text = f"{text[:place]}{NO_BREAK}{text[place + 1 :]}"
    return text


def held_in_heading(text: str) -> str:
    """As `held`; the words of two syllables are not broken either."""
    return held(_IN_A_COMPOUND.sub(NO_BREAK, text))


def parts(text: str, *, is_heading: bool = False) -> tuple[Part, ...]:
    """The text as parts between which a line may break as usual, and parts in which it may not break at all."""
    text = held_in_heading(text) if is_heading else held(text)
    found: list[Part] = []
    end = 0
    for start, stop in _wholes(text):
        if start > end:
            found.append(Part(text[end:start], whole=False))
        found.append(Part(text[start:stop], whole=True))
        end = stop
    if end < len(text):
        found.append(Part(text[end:], whole=False))
    return tuple(found)


def _wholes(text: str) -> Iterator[tuple[int, int]]:
    """Where numbers of documents, symbols, codes and spans with a hyphen, and the last words around a dash stand.

    Each is found by searches that take time in proportion to the text: people write what stands there.
    """
    for word in _WORD.finditer(text):
        if _HELD_DASH.search(text, word.start() + 1, word.end()):
            yield word.span()
            continue
        for token in _TOKEN.finditer(text, *word.span()):
            if _HYPHENED.search(token.group()) or _is_number_of_a_document(token.group()):
                yield token.span()


def _is_number_of_a_document(token: str) -> bool:
    place = 0
    for part in _IN_A_NUMBER:
        found = part.search(token, place)
        if found is None:
            return False
        place = found.end()
    return True
