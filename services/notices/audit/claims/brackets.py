"""Changes whose time before stands in the bracket behind them, and shares of a goal that stands in one before them. Pure.

`đạt 87,79%, cao hơn 3,05% so với năm 2022 (84,74%)`; `đã tiếp 866 lượt/964 người. So với cùng kỳ giảm 146 lượt, 127 người (năm
trước đã tiếp 1.012 lượt/1.091 người)`: the order says which figures go together. What fails is told where one of several side
by side holds, or where two digits that are exchanged explain it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from services.notices.audit.claims.contexts import Context, Role, alike
from services.notices.audit.claims.slips import holds_exchanged
from services.notices.audit.figures import FigureKind
from services.notices.audit.frames import PRIOR
from services.notices.audit.solver import Equation, Form, Term
from services.notices.quantities.lexer import TokenKind

MAX_CHANGES = 3
"""Changes that are told side by side."""
NEAR = 8
"""Figures before a change among which those of now are looked for."""
_REPLACED = ("change", "rate")
_KINDS = (FigureKind.count, FigureKind.rate, FigureKind.points)


def with_brackets(slots: Sequence[Sequence[Equation]], contexts: Sequence[Context]) -> list[Sequence[Equation]]:
    """The slots, with what is wrong of changes whose time before stands in the bracket behind them."""
    holding = {id(readings[0].claimed.figure) for readings in slots if any(one.holds() for one in readings)}
    wrong: dict[int, Equation] = {}
    for row in (*_rows(contexts), *_goals(contexts)):
        held = any(one.holds() for one in row)
        for one in row:
            key = id(one.claimed.figure)
            if key not in holding and not one.holds() and (held or holds_exchanged(one)):
                one.mistaken = True
                wrong[key] = one
    out = [readings for readings in slots if id(readings[0].claimed.figure) not in wrong or readings[0].kind not in _REPLACED]
    return [*out, *([one] for one in wrong.values())]


def _goals(contexts: Sequence[Context]) -> Iterator[list[Equation]]:
    """The shares of goals that are told in a bracket right before them, of what was reached before."""
    for goal, rate in pairwise(contexts):
        if not _is_share_of_goal(goal, rate):
            continue
        before = [one for one in contexts[max(0, goal.order - NEAR) : goal.order] if one.figure.depth == rate.figure.depth]
        reached = [one for one in before if one.figure.kind is FigureKind.count and one.figure.unit == goal.figure.unit]
        last = reached[-1] if reached else None
        near = last is not None and goal.figure.paragraph - last.figure.paragraph <= 1
        if last is None or not near or last.role.changes or last.earlier or last.figure.wished or not last.figure.exact:
            continue
        yield [Equation("rate", Form.ratio, Term(rate.figure), (Term(last.figure),), (Term(goal.figure),))]


def _is_share_of_goal(goal: Context, rate: Context) -> bool:
    """`So với kế hoạch giao (8.412,5 tỷ đồng), tỷ lệ giải ngân đạt 24,5%`"""
    kinds = goal.figure.kind is FigureKind.count and rate.figure.kind is FigureKind.rate
    apart = goal.figure.depth == rate.figure.depth + 1 and _here(goal) == _here(rate)
    if not (kinds and apart and goal.figure.exact and rate.figure.exact) or rate.role.changes or goal.role.changes:
        return False
    held = any("target" in cue.roles for cue in goal.cues) and any("against" in cue.roles for cue in goal.cues)
    return held and "ratio" in rate.roles and not any(token.text == ";" for token in rate.lead)


def _rows(contexts: Sequence[Context]) -> Iterator[list[Equation]]:
    """The changes that stand side by side, each with its figures of now and then."""
    done = 0
    for first in contexts:
        if first.order < done or not _is_plain_change(first):
            continue
        changes = [first]
        for one in contexts[first.order + 1 : first.order + MAX_CHANGES]:
            if not (_is_plain_change(one) and _here(one) == _here(first) and one.figure.depth == first.figure.depth):
                break
            changes.append(one)
        done = changes[-1].order + 1
        many = len(changes)
        then = _bracketed(changes[-1], contexts[done : done + many + 1])
        before = [one for one in contexts[max(0, first.order - NEAR) : first.order] if one.figure.depth == first.figure.depth]
        now = before[-many:]
        if len(then) != many or len(now) != many or len({_here(one) for one in now}) > 1 or not _is_near(now[-1], first):
            continue
        rows = list(zip(changes, now, then, strict=True))
        if all(_go_together(*row) for row in rows):
            yield [_difference(*row) for row in rows]


def _is_plain_change(one: Context) -> bool:
    return one.role in (Role.rise, Role.fall) and one.figure.kind in _KINDS and one.figure.exact and not one.figure.wished


def _bracketed(last: Context, after: Sequence[Context]) -> list[Context]:
    """The figures in the bracket behind a change that tells its time: `(năm 2019 có 12 lượt)`, `so với năm 2022 (80%)`."""
    inside = [one for one in after if _here(one) == _here(last) and one.figure.depth == last.figure.depth + 1]
    if not inside or inside[0].order != last.order + 1:
        return []
    dated = any(token.kind is TokenKind.period for token in inside[0].lead)
    return inside if dated else []


def _is_near(now: Context, change: Context) -> bool:
    """Whether a figure stands in the sentence of a change or at the end of the one before."""
    one, other = now.figure, change.figure
    return one.paragraph == other.paragraph and other.sentence - one.sentence <= 1


def _here(one: Context) -> tuple[int, int]:
    return one.figure.paragraph, one.figure.sentence


def _go_together(change: Context, now: Context, then: Context) -> bool:
    kinds = now.figure.kind is then.figure.kind
    rates = now.figure.kind is FigureKind.rate and change.figure.kind in (FigureKind.rate, FigureKind.points)
    counts = now.figure.kind is FigureKind.count is change.figure.kind and alike(now.figure, change.figure)
    # `đối với đoàn đông người, có 5 lượt`, `trung bình cả nước là 82,66%`: of now all the same
    plain = not (now.role.changes or then.role.changes or "prior" in now.near_roles or now.figure.period == PRIOR)
    return kinds and (rates or counts) and plain and alike(now.figure, then.figure) and now.figure.exact and then.figure.exact


def _difference(change: Context, now: Context, then: Context) -> Equation:
    more, less = (now, then) if change.role is Role.rise else (then, now)
    return Equation("change", Form.total, Term(change.figure), (Term(more.figure), Term(less.figure, -1)))
