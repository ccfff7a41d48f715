"""Figures that are parts of lists before a change, which is seldom of one of them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from services.notices.audit.claims.contexts import Context


def is_in_list(one: Context, first: Context, contexts: Sequence[Context]) -> bool:
    """Whether a figure is a part in a bracket of several before a change: `17 người (khiển trách 11, cảnh cáo 6), giảm 3`."""
    figure = one.figure
    if figure.depth <= first.figure.depth or (figure.paragraph, figure.sentence) != (
        first.figure.paragraph,
        first.figure.sentence,
    ):
        return False
    beside = [each.figure for each in contexts[max(0, one.order - 1) : one.order + 2] if each is not one]
    return any(each.depth == figure.depth and each.segment != figure.segment and each.counts for each in beside)


def listed_before(first: Context, before: Sequence[Context]) -> frozenset[int]:
    """`Kim ngạch 924 triệu USD, gồm xuất khẩu 546 triệu, nhập khẩu 378 triệu; tăng 5%`: the two parts."""
    inside = [one for one in before if (one.paragraph, one.figure.sentence) == (first.paragraph, first.figure.sentence)]
    if not any(token.text == ";" for token in first.own_lead or first.lead):
        return frozenset()
    opened = next((number for number, one in enumerate(inside) if "opener" in one.roles), len(inside))
    return frozenset(one.order for one in inside[opened:]) if opened else frozenset()
