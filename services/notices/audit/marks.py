"""Numbers that are marks though no unit stands beside them: `đạt điểm 10`, `là 82,4/100`, `từ 71,35 lên 78,20 điểm`. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from services.notices.audit.figures import Figure, FigureKind
from services.notices.audit.vocabulary import vocabulary
from services.notices.quantities.exact import Fraction
from services.notices.quantities.lexer import Token, TokenKind

_FULL_MARKS = (Fraction(10), Fraction(100))


def begins_span(read: Sequence[Token], position: int, after: int) -> bool:
    """Whether what a number rose or fell to has the unit of both: `từ 71,35 lên 78,20 điểm`."""
    if not position or read[position - 1].norm != "từ":
        return False
    for place in range(after, min(after + 3, len(read) - 1)):
        if read[place].kind is TokenKind.number:
            unit = vocabulary().units.find_at(read, place + 1)
            return place > after and unit is not None and "score" in unit.roles
        if read[place].norm not in ("lên", "xuống", "còn", "đến", "tới"):
            return False
    return False


def is_mark(read: Sequence[Token], position: int, figure: Figure) -> bool:
    """Whether a number is a mark: `đạt điểm 10`, `là 82,4/100`."""
    if figure.decimals and figure.kind is FigureKind.count:
        return begins_span(read, position, figure.last)
    if figure.kind is FigureKind.part:
        return bool(figure.decimals) and figure.whole in _FULL_MARKS
    return position > 0 and read[position - 1].norm == "điểm" and figure.value <= max(_FULL_MARKS)
