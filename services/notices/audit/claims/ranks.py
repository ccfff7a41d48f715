"""Ranks and how many places somebody rose or fell: `xếp thứ 21/63, tăng 5 bậc so với năm 2023 (thứ 26)`. Pure.

A rank counts nothing and is no figure of its own; the higher somebody rises, the smaller it gets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.notices.audit.figures import Figure, FigureKind, ParagraphFigures
from services.notices.audit.solver import Equation, Form, Term
from services.notices.quantities.exact import Fraction

_RANK = r"(?:thứ hạng|vị trí thứ|vị trí|thứ|hạng)\s+(?:thứ\s+)?0?(?P<{}>\d{{1,3}})(?!\d|[.,]\d|/\d{{4}})(?:/\d{{1,3}})?"
_MOVE = (
    r"(?P<way>tăng|lên|thăng|vượt|cải thiện|giảm|tụt|hạ|xuống|rớt)\s+(?:được\s+|thêm\s+)?"
    r"0?(?P<many>\d{1,2})\s+(?:bậc|hạng|vị trí|thứ bậc)"
)
_NOW_AND_BEFORE = re.compile(
    _RANK.format("now") + r"[^;\n\d]{0,60}?" + _MOVE + r"[^;.\n]{0,50}?" + _RANK.format("then"), re.IGNORECASE
)
_FROM_TO = re.compile(
    r"từ\s+"
    + _RANK.format("then")
    + r"[^;.\n\d]{0,30}?(?:lên|xuống|còn)\s+"
    + _RANK.format("now")
    + r"[^;.\n\d]{0,30}?"
    + _MOVE,
    re.IGNORECASE,
)
_UP = frozenset(("tăng", "lên", "thăng", "vượt", "cải thiện"))


def ranks(paragraph: ParagraphFigures) -> Iterator[list[Equation]]:
    """The moves between two ranks that are both told."""
    text = paragraph.text
    if not paragraph.figures or not ("bậc" in text or "hạng" in text or "vị trí" in text):
        return
    first = paragraph.figures[0]
    base = first.start - paragraph.tokens[first.token].start
    for pattern in (_NOW_AND_BEFORE, _FROM_TO):
        for found in pattern.finditer(text):
            now, then, many = (_figure(paragraph, base, found, name) for name in ("now", "then", "many"))
            up = found["way"].lower() in _UP
            terms = (Term(then), Term(now, -1)) if up else (Term(now), Term(then, -1))
            yield [Equation("change", Form.total, Term(many), terms, mistaken=True)]


def _figure(paragraph: ParagraphFigures, base: int, found: re.Match[str], name: str) -> Figure:
    value = Fraction(int(found[name]))
    start, end = found.span(name)
    place = next((number for number, token in enumerate(paragraph.tokens) if token.end >= end), 0)
    return Figure(
        FigureKind.count,
        value,
        value,
        value,
        0,
        found[name],
        base + start,
        base + end,
        place,
        place + 1,
        paragraph=paragraph.number,
    )
