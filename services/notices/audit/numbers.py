"""The numbers of a paragraph that count something: their value, the values that are printed alike, their unit.

Pure. Dots or blanks stand between thousands, a comma or a point before decimals; `4,42 ngàn`, `hai mươi`, `30/32` and
`18 trên 20` are numbers too, the 5 of `Tổ 5` is a name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.notices.audit.approximations import take_approximation
from services.notices.audit.figures import Figure, FigureKind
from services.notices.audit.marks import begins_span, is_mark
from services.notices.audit.misread import misread_spans
from services.notices.audit.vocabulary import Cue, vocabulary
from services.notices.quantities.exact import Fraction
from services.notices.quantities.lexer import Token, TokenKind, positions_among, positions_of

SCALES = {"nghìn": 1000, "ngàn": 1000, "triệu": 10**6, "tỷ": 10**9}
"""Words behind a number, and how many times it they make."""
_DIGITS = {
    "không": 0,
    "đôi": 2,
    "một": 1,
    "mốt": 1,
    "hai": 2,
    "ba": 3,
    "bốn": 4,
    "tư": 4,
    "năm": 5,
    "lăm": 5,
    "sáu": 6,
    "bảy": 7,
    "bẩy": 7,
    "tám": 8,
    "chín": 9,
    "mười": 10,
}
_NUMBERED = frozenset(
    ("mẫu", "biểu", "lục", "nhà", "đường", "tổ", "khu", "quầy", "phòng", "kênh", "tập", ",", ";", "(", "ở", "tại")
)
"""Words before `số` that make what follows a name: `mẫu số 5`, `phòng số 3`."""
_COUNTED = frozenset(("tổng", "có", "là", "con", "còn", "đạt", "trong", "được", "hiện", "ký", "thuật", "đổi"))
"""Words before `số` that make what follows a count, though no unit follows: `tổng số 12`, `thiếu chữ ký số 287`."""
_MEASURED = ("lần", "điểm", "triệu", "tỷ", "nghìn", "ngàn", "ngày", "giờ", "ha", "km")
"""Units that are told with decimals."""
ROW = 40
"""Numbers to either side in a row, by which one sees how thousands are printed."""
SHORTEST_GROUPED = 3
"""Digits up to which nothing need stand between thousands."""
_HALF, _NOTHING = Fraction(1, 2), Fraction(0)
_BLANKS = re.compile(r"[\s\u00a0\u202f\u2009]")
_DOTTED = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_WITH_COMMAS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_DECIMAL = re.compile(r"\d+[.,]\d+")
_GROUP = re.compile(r"\d{1,3}")
_NEXT_GROUP = re.compile(r"\d{3}(?:,\d+)?")
_YEAR = re.compile(r"(?:19|20)\d{2}")
_CALLED = frozenset(("kênh", "đài", "nóng", "hotline", "thoại"))
"""Words before the number that one calls: `tổng đài`, `đường dây nóng`, `điện thoại`."""
_CALL = re.compile(r"0[\d.]{3,}|1\d{3}|1[89]00\d{4}")
_ENUMERATOR = re.compile(r"\d{1,2}(?:\.\d{1,2})*")
_NESTED = re.compile(r"\d{1,2}\.\d{1,2}(?:\.\d{1,2})*")
_CLOCK = re.compile(r"(?<![\d:.,])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?![\d:.,]?\d)")
_MULTIPLIERS = {"mươi": 10, "chục": 10, "trăm": 100, "nghìn": 1000, "ngàn": 1000}


def quantities_of(
    read: list[Token], kinds: Sequence[TokenKind], norms: Sequence[str], text: str, paragraph: int, offset: int
) -> list[Figure]:
    """The figures of a paragraph, of whose tokens `kinds` and `norms` are rows of their own."""
    found: list[Figure] = []
    after, number = 0, TokenKind.number
    misread: list[tuple[int, int]] | None = None
    for position in sorted({*positions_of(number, kinds), *positions_among(_DIGITS, norms)}):
        if position < after:
            continue  # a part of the figure before
        figure = _number_at(read, text, position) if read[position].kind is number else _words_at(read, text, position)
        if figure is None:
            continue
        after = figure.last
        if misread is None:
            misread = misread_spans(text)
        if misread and any(begin < figure.end and figure.start < end for begin, end in misread):
            continue
        figure.paragraph = paragraph
        figure.start += offset
        figure.end += offset
        if found and _ends_range(read, found[-1], figure):
            found[-1].unit = figure.unit
        found.append(figure)
    return found


def _ends_range(read: list[Token], first: Figure, last: Figure) -> bool:
    """Whether a number without a unit begins what another one ends: the 5 of `từ 5 đến 10 ngày`."""
    between = [token.norm for token in read[first.last : last.token]]
    plain = first.unit is None and first.kind is last.kind is FigureKind.count
    return plain and between in (["đến"], ["tới"], ["-"], ["–"]) and first.value < last.value


def _number_at(read: list[Token], text: str, position: int) -> Figure | None:
    token = read[position]
    if token.kind is not TokenKind.number or _is_name_or_enumerator(read, text, position):
        return None
    after = position + 1
    digits = token.text
    # `1 250 hồ sơ`: blanks between thousands, when a unit follows and no name goes before.
    while (
        after < len(read)
        and read[after].kind is TokenKind.number
        and _GROUP.fullmatch(digits.partition(" ")[0])
        and _NEXT_GROUP.fullmatch(read[after].text)
        and read[after].start == read[after - 1].end + 1
        and text[read[after].start - 1] == " "
        and (digits[0] != "0")
        and not (after == position + 1 and _stand_in_a_row(read, after))
    ):
        digits += " " + read[after].text
        after += 1
    percent = _percent_at(read, after)
    if (
        _YEAR.fullmatch(digits)
        and percent is None
        and vocabulary().units.find_at(read, after) is None
        and not _is_listed(read, position)
        and not _is_over(read, after, digits)
    ):
        return None  # a year
    value, decimals, half = _value(digits, decimal=percent is not None or next_is(read, after, ("lần",)))
    if value is None:
        return None
    kind = FigureKind.count
    scale = 1
    if after < len(read) and read[after].norm in SCALES and percent is None:
        scale = SCALES[read[after].norm]
        if decimals or scale > 1:
            half = Fraction(scale, 2 * 10**decimals)
        after += 1
        if scale < SCALES["tỷ"] and next_is(read, after, ("tỷ",)):
            # `139,9 nghìn tỷ đồng`
            scale, half, after = scale * SCALES["tỷ"], half * SCALES["tỷ"], after + 1
    end = read[after - 1].end
    whole = None
    if percent is not None:
        kind, after = percent
        end = read[after - 1].end
    elif (
        after + 1 < len(read)
        and (read[after].text == "/" or (read[after].norm == "trên" and read[after + 1].start - read[after - 1].end <= 6))
        and read[after + 1].kind is TokenKind.number
        and not _percent_at(read, after + 2)
    ):
        whole, _, _ = _value(read[after + 1].text, decimal=False)
        kind, after = FigureKind.part, after + 2
        end = read[after - 1].end
    elif (
        decimals
        and scale == 1
        and not next_is(read, after, _MEASURED)
        and vocabulary().units.find_at(read, after) is None
        and not begins_span(read, position, after)
    ):
        # A decimal number without a unit of its own is a rate or a mark; it counts nothing.
        return None
    if kind is FigureKind.part and whole is not None and value > whole and value <= 31 and whole <= 12:
        return None  # a day: `đến 31/12`
    if scale > 1:
        value *= scale
    if scale == 1 and kind is FigureKind.count and not decimals:
        half = _NOTHING
    if kind is FigureKind.points:
        end = read[position].end
    low, high = (value - half, value + half) if half else (value, value)
    figure = Figure(kind, value, low, high, decimals, text[token.start : end], token.start, end, position, after)
    figure.whole = whole
    if kind in (FigureKind.count, FigureKind.part):
        _take_unit(read, figure)
        if scale >= SCALES["tỷ"] and figure.unit is None:
            figure.unit = "money"  # `trên 89.412 tỷ`: of nothing else are there so many
        if (
            figure.unit == "time"
            and read[figure.last - 1].norm == "lần"
            and _before_is(read, position, ("gấp", "tăng", "giảm"))
        ):
            figure.become(FigureKind.times)
            figure.low, figure.high = value - Fraction(1, 2 * 10**decimals), value + Fraction(1, 2 * 10**decimals)
    if figure.unit is None and figure.kind in (FigureKind.count, FigureKind.part) and is_mark(read, position, figure):
        figure.unit = "score"
    take_approximation(read, figure)
    return figure


def _is_over(read: list[Token], after: int, digits: str) -> bool:
    """Whether four digits that may be a year stand over a greater number that is none: `1977/2379 cán bộ`, not `2024/2025`."""
    if after + 1 >= len(read) or read[after].text != "/" or read[after + 1].kind is not TokenKind.number:
        return False
    base = read[after + 1].text.replace(".", "")
    return base.isdecimal() and not _YEAR.fullmatch(base) and int(base) > int(digits)


def _is_listed(read: list[Token], position: int) -> bool:
    """Whether four digits that may be a year are a count: right after what is counted, before a stop (`bưu chính 2083)`)."""
    following = read[position + 1] if position + 1 < len(read) else None
    if (
        position
        and read[position - 1].text in ("(", ",", ";")
        and _is_measured(vocabulary().phrases.find_at(read, position + 1))
    ):
        return True  # `(66814 sớm hạn, 1990 đúng hạn)`
    if following is not None and following.text not in (",", ";", ".", ")", "\n"):
        return False
    for length in (3, 2, 1):
        cue = vocabulary().phrases.find_at(read, position - length) if position >= length else None
        if cue is not None and cue.end == position:
            return _is_measured(cue)
    return False


def _is_measured(cue: Cue | None) -> bool:
    return cue is not None and bool({*(cue.measure or ())} & {"channel", "time", "level", "service", "opinion"})


def _value(digits: str, *, decimal: bool) -> tuple[Fraction, int, Fraction] | tuple[None, int, Fraction]:
    """The number, its decimals and half a unit of its last digit. Dots stand between thousands, or before decimals."""
    if digits.isdecimal():  # as most are: nothing stands between
        return Fraction(int(digits)), 0, _HALF
    plain = _BLANKS.sub("", digits)
    if _DOTTED.fullmatch(plain) and not (
        decimal and plain.count(".") == 1 and "," not in plain and int(plain.split(".")[0]) <= 100
    ):
        plain = plain.replace(".", "").replace(",", ".")
    elif _WITH_COMMAS.fullmatch(plain) and not decimal:
        plain = plain.replace(",", "")
    elif _DECIMAL.fullmatch(plain):
        plain = plain.replace(",", ".")
    elif not plain.isdecimal():
        return None, 0, _NOTHING
    whole, _, rest = plain.partition(".")
    scale: int = 10 ** len(rest)
    return Fraction(int(whole + rest), scale), len(rest), Fraction(1, 2 * scale)


def _percent_at(read: list[Token], position: int) -> tuple[FigureKind, int] | None:
    """Whether per cent or percentage points follow; the kind and the token after them."""
    words = [token.norm for token in read[position : position + 3]]
    if words[:1] == ["%"]:
        return FigureKind.rate, position + 1
    if words[:2] == ["phần", "trăm"]:
        return FigureKind.rate, position + 2
    if words == ["điểm", "phần", "trăm"]:
        return FigureKind.points, position + 3
    if words[:2] == ["điểm", "%"]:
        return FigureKind.points, position + 2
    return None


def _is_name_or_enumerator(read: list[Token], text: str, position: int) -> bool:
    token = read[position]
    following = read[position + 1] if position + 1 < len(read) else None
    before = read[position - 1] if position else None
    if before is None or before.norm == "\n" or (position <= 2 and all(one.kind is TokenKind.stop for one in read[:position])):
        # `1. Kết quả`, `2.1. Công khai`, `3) ...` at the beginning.
        if following is not None and following.text in (".", ")", "/") and _ENUMERATOR.fullmatch(token.text):
            return following.text != "/" or (position + 2 < len(read) and read[position + 2].kind is not TokenKind.number)
        if _NESTED.fullmatch(token.text):
            return True
    if before is not None and before.text == "." and position > 1 and before.start == read[position - 2].end == token.start - 1:
        return True  # `biểu số II.06`
    if _is_mark_of_note(text, token) or _is_clock(text, token):
        return True
    if text[max(0, token.start - 2) : token.start].rstrip("+").isalpha() and text[token.start - 1] == "+":
        return True  # `GMT+7`
    if before is None or before.kind is not TokenKind.word:
        return False
    if (
        token.start != before.end
        and before.norm in vocabulary().named
        and len(token.text) <= 3
        and not _percent_at(read, position + 1)
    ):
        unit = vocabulary().units.find_at(read, position + 1)
        if before.norm == "số" and position >= 2 and read[position - 2].norm not in _NUMBERED:
            return unit is None and read[position - 2].norm not in _COUNTED
        return unit is None or (before.norm in ("tổ", "thôn", "khu", "phố", "quận") and next_is(read, position + 1, (":",)))
    if before.norm in _CALLED and _CALL.fullmatch(token.text):
        return vocabulary().units.find_at(read, position + 1) is None  # `tổng đài 1022`, `qua kênh 0235.1022`
    # Glued to a word it is a part of a name (`A4`), but for a rate or a count with its unit (`tỷ lệ75,3%`).
    glued = token.start == before.end
    return glued and _percent_at(read, position + 1) is None and vocabulary().units.find_at(read, position + 1) is None


def _stand_in_a_row(read: Sequence[Token], position: int) -> bool:
    """Whether the number at `position` is one of a row of bare ones, between which blanks stand: `1665 1611 54 952 59,1%`."""
    beside = (*read[max(0, position - 2) : position - 1], *read[position + 1 : position + 2])
    if not any(one.kind is TokenKind.number for one in beside):
        return False
    near = read[max(0, position - ROW) : position + ROW]
    bare = [one.text for one in near if one.kind is TokenKind.number and len(one.text) > SHORTEST_GROUPED]
    return any(one.isdecimal() and not _YEAR.fullmatch(one) for one in bare)


def _is_mark_of_note(text: str, token: Token) -> bool:
    """`số thi hành xong[1] là 369 việc`"""
    return text[token.end : token.end + 1] == "]" and text[max(0, token.start - 1) : token.start] == "["


def _is_clock(text: str, token: Token) -> bool:
    """`Cập nhật: 19/01/2021 | 11:05`, `lúc 8:30:15`"""
    beside = text[max(0, token.start - 1) : token.start] == ":" or text[token.end : token.end + 1] == ":"
    if not beside:
        return False
    return any(
        one.start() <= token.start and token.end <= one.end()
        for one in _CLOCK.finditer(text, max(0, token.start - 6), token.end + 6)
    )


def _words_at(read: list[Token], text: str, position: int) -> Figure | None:
    """A number in words with its unit: `hai hồ sơ`, `mười lăm đơn vị`."""
    total, current, after = 0, 0, position
    seen = False
    while after < len(read) and read[after].kind is TokenKind.word:
        word = read[after].norm
        if word == "đôi" and (position == 0 or read[position - 1].norm != "gấp"):
            break
        if word in _DIGITS and (word != "không" or seen):
            current = current * (10 if current >= 20 and current % 10 == 0 and False else 1) + _DIGITS[word]
        elif word in _MULTIPLIERS and seen:
            many = _MULTIPLIERS[word]
            if many == 1000:
                total, current = (total + current) * 1000, 0
            elif many == 100:
                total, current = total + current * 100, 0
            else:
                current *= 10
        elif word in ("linh", "lẻ") and seen:
            pass
        else:
            break
        seen = True
        after += 1
    if not seen or after == position:
        return None
    first = read[position].norm
    alone = after == position + 1
    if alone and position and read[position - 1].norm == "gấp":
        value = Fraction(_DIGITS[first])
        half = Fraction(1, 2)
        end = read[position].end
        start = read[position].start
        return Figure(FigureKind.times, value, value - half, value + half, 0, text[start:end], start, end, position, after)
    unit = vocabulary().units.find_at(read, after)
    counted = read[after].norm in ("tháng", "tuần", "quý") and first not in ("một", "năm", "tư") if unit is not None else False
    if unit is None or (unit.roles & {"day"} and not counted) or unit.roles & {"money", "score", "time", "document"}:
        return None
    before = read[position - 1].norm if position else ""
    if alone and (
        first in ("một", "năm", "tư", "ba")
        and (
            before in ("trong", "của", "cả", "đầu", "cuối", "hằng", "hàng", "mỗi", "từng", "thứ", "tháng", "ngày", "nào")
            or first in ("tư",)
        )
    ):
        return None
    if alone and first == "một" and read[after].norm != "hồ":
        return None
    value = Fraction(total + current)
    end = read[after - 1].end
    figure = Figure(
        FigureKind.count, value, value, value, 0, text[read[position].start : end], read[position].start, end, position, after
    )
    _take_unit(read, figure)
    take_approximation(read, figure)
    return figure


def _take_unit(read: list[Token], figure: Figure) -> None:
    at = figure.last
    # `02 (hai) hồ sơ`
    if (
        at + 2 < len(read)
        and read[at].text == "("
        and read[at + 1].norm in _DIGITS
        and ")" in (one.text for one in read[at + 2 : at + 6])
    ):
        at = next(place for place in range(at + 2, at + 6) if read[place].text == ")") + 1
    unit = vocabulary().units.find_at(read, at)
    if unit is not None:
        figure.unit = next(iter(unit.roles))
        figure.last = unit.end


def next_is(read: Sequence[Token], position: int, words: tuple[str, ...]) -> bool:
    return position < len(read) and read[position].norm in words


def _before_is(read: Sequence[Token], position: int, words: tuple[str, ...]) -> bool:
    return any(token.norm in words for token in read[max(0, position - 3) : position])
