"""Parts that may not be above the whole they are examples of: `260 hồ sơ, nhiều nhất là xã A 130 hồ sơ`. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.notices.audit.claims.contexts import Context, Role, alike
from services.notices.audit.figures import FigureKind
from services.notices.audit.groups import UNCOUNTED
from services.notices.audit.solver import Equation, Form, Term
from services.notices.quantities.lexer import TokenKind

BEFORE = 6
"""Figures before a part among which its whole is."""
FAR = 10
"""So many times the whole, a part was not meant to be one."""
_ADDED = (Form.total, Form.at_least)
_NONE: frozenset[int] = frozenset()
PLAUSIBLE = 2
"""So many times the whole, examples are none of it."""


def with_bounds(slots: list[Sequence[Equation]], contexts: Sequence[Context]) -> list[Sequence[Equation]]:
    """The slots, with the bounds that examples keep; a bound of fewer figures of the same list gives way."""
    out = list(slots)
    of_whole: dict[int, list[int]] = {}
    for number, readings in enumerate(out):
        of_whole.setdefault(id(readings[0].claimed.figure), []).append(number)
    given_way: set[int] = set()
    of_sums = _sums_by_part(slots)
    of_claimed = _sums_by_part([one for one in slots if not one[0].guessed])
    for readings in bounds(contexts):
        bound = readings[0]
        sums = of_claimed if bound.certain else of_sums
        if any(sums.get(id(bound.claimed.figure), _NONE) & sums.get(id(term.figure), _NONE) for term in bound.terms):
            continue  # both are parts of one whole: neither bounds the other
        parts = {id(term.figure) for term in bound.terms}
        of_bound = of_whole.setdefault(id(bound.claimed.figure), [])
        added = [number for number in of_bound if number not in given_way and out[number][0].form in _ADDED]
        its = {number: {id(term.figure) for term in out[number][0].terms} for number in added}
        if any(parts <= figures for figures in its.values()):
            continue
        given_way.update(number for number, figures in its.items() if figures < parts and out[number][0].form is Form.at_least)
        of_bound.append(len(out))
        out.append(readings)
    return [readings for number, readings in enumerate(out) if number not in given_way]


def _sums_by_part(slots: Sequence[Sequence[Equation]]) -> dict[int, set[int]]:
    """By the id of a figure: the numbers of the sums that it is a part of."""
    out: dict[int, set[int]] = {}
    for number, readings in enumerate(slots):
        told = readings[0]
        if told.form is Form.total and told.kind == "sum" and (told.certain or told.holds()):
            for term in told.terms:
                out.setdefault(id(term.figure), set()).add(number)
    return out


# The result


def bounds(contexts: Sequence[Context]) -> Iterator[list[Equation]]:
    """Examples and parts with the whole that stands before them."""
    counts = [
        one
        for one in contexts
        if one.figure.counts and one.figure.unit not in UNCOUNTED and not one.role.changes and one.role is not Role.each
    ]
    order = 0
    while order < len(counts):
        parts = _examples(counts, order)
        order += max(len(parts), 1)
        if not parts:
            continue
        first = parts[0]
        start = order - len(parts)
        before = [one for one in counts[max(0, start - BEFORE) : start] if _may_hold(one, first)]
        wholes = [one for one in before if one.figure.value >= first.figure.value] or before
        announced = bool(before) and _is_announced(before[-1], first)
        if announced:
            wholes = before
        if not wholes:
            continue
        whole = wholes[-1]
        near = whole.paragraph is first.paragraph and first.figure.sentence - whole.figure.sentence <= 1
        terms = tuple(Term(one.figure) for one in parts)
        equation = Equation("bound" if len(terms) == 1 else "list", Form.at_least, Term(whole.figure), terms, certain=False)
        above = equation.holds()
        total = sum(one.figure.value for one in parts)
        meant = near and "examples" in first.roles and total <= PLAUSIBLE * whole.figure.value
        meant |= _is_done_of(whole, first) and total <= PLAUSIBLE * whole.figure.value
        meant |= announced and first.figure.value > whole.figure.value and total <= FAR * whole.figure.value
        equation.certain = meant and whole.order == first.order - 1 and not above
        equation.guessed = True
        yield [equation]


def _is_announced(whole: Context, part: Context) -> bool:
    """Whether `trong đó`, `riêng`, `nhiều nhất là` stands between two figures next to one another, or `trong` before them."""
    here = (whole.figure.paragraph, whole.figure.sentence) == (part.figure.paragraph, part.figure.sentence)
    stage = part.figure.own.get("stage")
    return (
        here
        and whole.order == part.order - 1
        and (bool(part.roles & {"examples", "opener"}) or _begins_with(whole, part))
        and whole.figure.exact
        and part.figure.exact
        and whole.figure.unit == part.figure.unit
        and part.role is Role.plain
        and stage in (None, whole.figure.own.get("stage"))
        and part.figure.period == whole.figure.period
    )


def _begins_with(whole: Context, part: Context) -> bool:
    """`Trong 226 hồ sơ bị trả lại có 233 hồ sơ thiếu thành phần`"""
    first = next((token.norm for token in whole.lead if token.kind is TokenKind.word), "")
    return first == "trong" and "some" in part.roles and not any(token.kind is TokenKind.stop for token in part.lead)


def _is_done_of(whole: Context, part: Context) -> bool:
    """`Có 40 nhiệm vụ giao trong tháng, số hoàn thành là 43 nhiệm vụ`: of tasks none is carried over unsaid."""
    here = (whole.figure.paragraph, whole.figure.sentence) == (part.figure.paragraph, part.figure.sentence)
    done = part.figure.own.get("stage") == "resolved" and "stage" not in whole.figure.own
    return here and done and whole.figure.unit == part.figure.unit == "task" and whole.figure.exact and part.figure.exact


def _examples(counts: Sequence[Context], order: int) -> list[Context]:
    """The figures of a list of examples that begins here; of one figure where it stands alone."""
    first = counts[order]
    done = order > 0 and _is_done_of(counts[order - 1], first) and first.role is Role.plain
    if first.figure.kind is not FigureKind.count or not (done or first.roles & {"examples", "opener", "some"}):
        return []
    parts = [first]
    for one in counts[order + 1 :]:
        same = (one.paragraph.number, one.figure.sentence) == (first.paragraph.number, first.figure.sentence)
        if one.figure.depth > first.figure.depth:
            continue
        if not same or not alike(one.figure, first.figure) or one.role is Role.total or one.roles & {"opener", "base", "whole"}:
            break
        parts.append(one)
    return parts if "examples" in first.roles else parts[:1]


def _same_noun(one: Context, other: Context) -> bool:
    """Whether two figures are told with one noun, or one of them with none."""
    nouns = [[token.norm for token in each.paragraph.tokens[each.figure.token + 1 : each.figure.last]] for each in (one, other)]
    return nouns[0] == nouns[1] or not all(nouns)


def _may_hold(one: Context, part: Context) -> bool:
    if one.figure.kind is not FigureKind.count or not alike(one.figure, part.figure) or one.earlier:
        return False
    if one.figure.sentence != part.figure.sentence and not part.roles & {"examples", "opener"} and not _same_noun(one, part):
        return False  # `15.630 hộ kinh doanh. Có 4.079 người nộp thuế`
    if one.figure.own.get("stage") == "in_process" != part.figure.own.get("stage", "in_process"):
        return False  # `đang giải quyết 40 hồ sơ, có 12 hồ sơ đã trả`: neither is of the other
    if part.figure.own.get("stage") == "in_process" and one.figure.meaning.get("stage") == "resolved":
        return False
    if (one.figure.unit == "money") != (part.figure.unit == "money"):
        return False
    mine, its = one.figure.own.get("time"), part.figure.own.get("time")
    if mine is not None and its is not None and (mine == "overdue") != (its == "overdue"):
        return False  # `trong hạn 90 hồ sơ, có 3 hồ sơ quá hạn`
    return part.figure.paragraph - one.figure.paragraph <= 1 and one.figure.depth <= part.figure.depth
