"""Averages and amounts: so many times so much for each (`48 tổ, mỗi tổ 3.500.000 đồng, tổng số 168.000.000 đồng`). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.notices.audit.claims.contexts import Context, Role, alike
from services.notices.audit.claims.slips import is_slip
from services.notices.audit.solver import Equation, Form, Term
from services.notices.quantities.lexer import TokenKind

BEFORE, AFTER = 10, 4
"""Figures around an average that it may be of."""
_EACH = frozenset(("mỗi", "một", "từng"))


def averages(contexts: Sequence[Context]) -> Iterator[list[Equation]]:
    """The claims of averages, amounts and prices."""
    for context in contexts:
        if not _is_average(context) or not context.figure.counts or context.figure.value == 0:
            continue
        near = [
            one
            for one in (
                *contexts[max(0, context.order - BEFORE) : context.order],
                *contexts[context.order + 1 : context.order + 1 + AFTER],
            )
            if one.figure.counts and one.figure.value > 0 and context.figure.paragraph - one.figure.paragraph in (0, 1)
        ]
        found = _held(context, near)
        if found is None:
            found = _claimed(context, near)
        if found is not None:
            yield [found]


def _is_average(context: Context) -> bool:
    first = next((token for token in context.tail[:2] if token.kind is TokenKind.word), None)
    after = first is not None and first.norm in _EACH and bool(context.tail) and context.tail[0].kind is TokenKind.word
    signed = any(token.text in ("x", "×", "*") for token in context.lead[-1:])
    return context.role is Role.each or "each" in context.roles or after or signed


def _held(context: Context, near: Sequence[Context]) -> Equation | None:
    """The total and the number that give an average, the nearest first."""
    ways = sorted(
        ((total, many) for total in near for many in near if total is not many and total.figure.value > many.figure.value),
        key=lambda pair: abs(pair[0].order - context.order) + abs(pair[1].order - context.order),
    )
    for total, many in ways:
        if not alike(context.figure, total.figure) and total.figure.unit is not None and context.figure.unit is not None:
            continue
        if many.figure.unit == "money":
            continue
        product = context.figure.value * many.figure.value
        if not total.figure.value * 9 <= product * 10 <= total.figure.value * 11:
            continue
        of_total = Equation(
            "rate", Form.multiple, Term(context.figure), (Term(total.figure),), (Term(many.figure),), certain=False
        )
        if of_total.holds():
            return of_total
        if context.figure.exact and not total.figure.exact and total.figure.low <= product <= total.figure.high:
            return Equation(
                "rate", Form.multiple, Term(many.figure), (Term(total.figure),), (Term(context.figure),), certain=False
            )
    return None


def _claimed(context: Context, near: Sequence[Context]) -> Equation | None:
    """Number, price and amount told one after another, where the amount is a slip of what they give."""
    here = (context.figure.paragraph, context.figure.sentence)
    inside = [one for one in near if (one.figure.paragraph, one.figure.sentence) == here]
    amounts = [
        one for one in inside if context.order < one.order <= context.order + 2 and one.figure.value > context.figure.value
    ]
    numbers = [one for one in inside if abs(one.order - context.order) == 1 and one.figure.unit != "money"]
    for amount in amounts:
        for many in numbers:
            if many is amount or not alike(amount.figure, context.figure):
                continue
            equation = Equation("rate", Form.multiple, Term(context.figure), (Term(amount.figure),), (Term(many.figure),))
            if is_slip(amount.figure, context.figure.value * many.figure.value):
                equation.mistaken = True
                return equation
    return None
