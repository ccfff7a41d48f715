"""Two counts of which one denies the other, in a sentence of their own: together they are all of what was told before. Pure.

`Tổng cộng 45 đơn. Thuộc thẩm quyền 29 đơn, không thuộc thẩm quyền 16 đơn`: told where it holds, and where one slip explains why
it does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from services.notices.audit.claims.contexts import Context, Role, until_stop
from services.notices.audit.claims.slips import mends
from services.notices.audit.figures import FigureKind
from services.notices.audit.solver import Equation, Form, Term
from services.notices.audit.vocabulary import vocabulary
from services.notices.quantities.lexer import TokenKind

ABOVE = 2
"""So many times the whole, the two are of something else."""
BEFORE = 6
"""Figures before the two among which their whole is."""
_NOT = frozenset(("không", "chưa"))
_LITTLE = frozenset(
    ("và", "là", "số", "đã", "có", "trong", "của", "với", "cho", "tại", "ở", "kết", "quả", "hồ", "sơ", "đơn", "phiếu")
)
"""Words that nobody denies by themselves."""


def denials(contexts: Sequence[Context]) -> Iterator[list[Equation]]:
    """The pairs with the last count before them that may be their whole."""
    counts = [one for one in contexts if _is_plain(one)]
    for place, (one, other) in enumerate(pairwise(counts)):
        if not (_joined(one, other) and denies(one, other)):
            continue
        if one.figure.kind is FigureKind.part:
            rest = Equation("sum", Form.total, Term(other.figure), (Term(one.figure, whole=True), Term(one.figure, -1)))
            rest.mistaken = True  # the words say it, however far off it is
            yield [rest]
            continue
        before = [each for each in counts[max(0, place - BEFORE) : place] if _may_be_whole(each, one, other)]
        sums = [_sum(each, one, other) for each in reversed(before)]
        holding = next((each for each in sums if each.holds()), None)
        if holding is not None:
            holding.guessed = True
            yield [holding]
        elif sums and (mends(sums[0]) or _is_above(sums[0])):
            sums[0].mistaken = True
            yield [sums[0]]


def _is_above(total: Equation) -> bool:
    """Whether the two are more than their whole, which they cannot be."""
    computed, claimed = total.computed(), total.claimed.value
    return computed is not None and claimed < computed <= ABOVE * claimed


def _is_plain(one: Context) -> bool:
    figure = one.figure
    told = figure.counts and figure.exact and not figure.wished and figure.unit is not None
    return told and not one.role.changes and one.role is not Role.each and figure.depth == 0


def _joined(one: Context, other: Context) -> bool:
    mine, its = one.figure, other.figure
    return (mine.paragraph, mine.sentence, mine.unit) == (its.paragraph, its.sentence, its.unit)


def denies(one: Context, other: Context) -> bool:
    """Whether the words of one figure are those of the other with `không`, `chưa` before them."""
    words = ((*each.own_lead, *until_stop(each.tail)) for each in (one, other))
    mine, its = ({token.norm for token in each if token.kind is TokenKind.word} for each in words)
    negated = (its | mine) - (its & mine)
    told = (its & mine) - _LITTLE
    return bool(told) and bool(negated & _NOT) and not negated - _NOT - vocabulary().plain


def _may_be_whole(whole: Context, one: Context, other: Context) -> bool:
    figure = whole.figure
    near = one.figure.paragraph == figure.paragraph and one.figure.sentence - figure.sentence <= 2
    larger = figure.value > max(one.figure.value, other.figure.value)
    return (
        near
        and larger
        and figure.kind is FigureKind.count
        and figure.unit == one.figure.unit
        and not whole.earlier
        and figure.period == one.figure.period
    )


def _sum(whole: Context, *parts: Context) -> Equation:
    return Equation("sum", Form.total, Term(whole.figure), tuple(Term(one.figure) for one in parts))
