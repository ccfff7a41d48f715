"""Rates and marks that only tell which ones are counted: `48/77 đơn vị đạt trên 90% (62,3%), 26 đơn vị đạt từ 80% đến 90%`.
Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from services.notices.audit.figures import Figure, FigureKind, ParagraphFigures
from services.notices.quantities.lexer import Token, TokenKind

NEAR = 8
"""Words between what is counted and the threshold that it is counted by."""
_COUNTED = frozenset(("agency", "person", "place"))


def settle_thresholds(paragraph: ParagraphFigures) -> None:
    """Mark the figures that are thresholds of the count before them."""
    for counted, one in pairwise(paragraph.figures):
        if not (_may_be(one) and counted.counts and counted.unit in _COUNTED and counted.depth == one.depth):
            continue
        between = paragraph.tokens[counted.last : one.token]
        if len(between) > NEAR or any(token.kind is TokenKind.stop for token in between):
            continue
        if one.approximate in ("over", "under"):
            one.threshold = True
        elif _begins_span(between):
            last = paragraph.figures[paragraph.figures.index(one) + 1 :][:1]
            if last and _may_be(last[0]) and _ends_span(paragraph.tokens[one.last : last[0].token]):
                one.threshold = last[0].threshold = True


def _may_be(one: Figure) -> bool:
    return one.kind is FigureKind.rate or one.unit == "score"


def _begins_span(words: Sequence[Token]) -> bool:
    return [token.norm for token in words[-1:]] == ["từ"]


def _ends_span(words: Sequence[Token]) -> bool:
    return [token.norm for token in words] in (["đến"], ["đến", "dưới"], ["tới"], ["-"], ["–"])
