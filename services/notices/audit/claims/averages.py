"""Averages and amounts: so many times so much for each (`48 tổ, mỗi tổ 3.500.000 đồng, tổng số 168.000.000 đồng`). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.notices.audit.claims.contexts import Context, Role, alike
from services.notices.audit.claims.slips import SHORTEST, holds_exchanged, is_exchanged, is_slip, printed_digits
from services.notices.audit.figures import FigureKind
from services.notices.audit.numbers import SCALES
from services.notices.audit.solver import Equation, Form, Term, rounded
from services.notices.audit.vocabulary import vocabulary
from services.notices.quantities.lexer import Token, TokenKind

BEFORE, AFTER = 18, 4
"""Figures around an average that it may be of."""
FAR = 3
"""Paragraphs between an average and what it is of."""
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
            if one.figure.counts and one.figure.value > 0 and 0 <= context.figure.paragraph - one.figure.paragraph <= FAR
        ]
        found = _of_bracket(context, contexts) or _held(context, near)
        if found is None:
            found = (
                _claimed(context, near)
                or _of_days(context, contexts)
                or _named(context, [one for one in near if one.order < context.order])
            )
        if found is not None:
            yield [found]


def _is_average(context: Context) -> bool:
    first = next((token for token in context.tail[:2] if token.kind is TokenKind.word), None)
    after = first is not None and first.norm in _EACH and bool(context.tail) and context.tail[0].kind is TokenKind.word
    signed = any(token.text in ("x", "×", "*") for token in context.lead[-1:])
    return context.role is Role.each or "each" in context.roles or after or signed


def _of_bracket(many: Context, contexts: Sequence[Context]) -> Equation | None:
    """`Đo 126 thửa, bình quân mỗi tổ (9 tổ) 14 thửa`: the number of what it is for each of stands before the average."""
    average = next(iter(contexts[many.order + 1 : many.order + 2]), None)
    opened = [token.text for token in many.lead[-1:]] == ["("] and many.tail[:1] and many.tail[0].text == ")"
    if average is None or not opened or average.figure.depth != many.figure.depth - 1 or average.role is not Role.plain:
        return None
    each = many.paragraph.tokens[many.figure.token - 3].norm if many.figure.token > 2 else ""
    here = [one for one in contexts[max(0, many.order - 2) : many.order] if _here(one) == _here(average)]
    totals = [one for one in here if one.figure.counts and one.figure.exact and one.figure.unit == average.figure.unit]
    if each not in _EACH or _counted_in(many)[:1] != (many.lead[-2].norm,) or len(totals) != 1 or not average.figure.exact:
        return None
    terms, base = (Term(totals[0].figure),), (Term(many.figure),)
    return Equation("rate", Form.multiple, Term(average.figure), terms, base, certain=average.figure.unit is not None)


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


def _named(context: Context, before: Sequence[Context]) -> Equation | None:
    """Of as many as the words name: `24 lớp với 936 học sinh, bình quân 39 học sinh/lớp`."""
    noun = _noun(context)
    if not noun or not context.figure.exact or context.figure.unit is None:
        return None
    near = [one for one in before if not one.role.changes and one.role is not Role.each and one.figure.exact]
    numbers = [one for one in near if one.figure.kind is FigureKind.count and _counted_in(one)[: len(noun)] == noun]
    units = (context.figure.unit, "form") if context.figure.unit == "person" else (context.figure.unit,)  # `lượt người`
    totals = [
        one for one in near if one.figure.unit in units and one.figure.value > context.figure.value and one not in numbers
    ]
    if not numbers:
        return None
    if len({one.figure.value for one in numbers}) > 1:
        return _exchanged(context, numbers, totals)
    many = numbers[-1]
    beside = [one for one in totals if _here(one) == _here(many)]
    opened = next((number for number, one in enumerate(beside) if "opener" in one.roles), 0)
    beside = beside[:opened] or beside  # `5.180 lượt, trong đó ...`: of the whole, not of its parts
    if not beside or len({one.figure.value for one in beside}) > 1 or many.figure.value < 2:
        return None
    return Equation("rate", Form.multiple, Term(context.figure), (Term(beside[-1].figure),), (Term(many.figure),))


def _of_days(context: Context, contexts: Sequence[Context]) -> Equation | None:
    """`Trung bình mỗi ngày 77,2 hồ sơ (5 ngày làm việc)`: of the one total near by of which it is a slip."""
    days = next(iter(contexts[context.order + 1 : context.order + 2]), None)
    if days is None or days.figure.unit != "day" or days.figure.depth != context.figure.depth + 1 or days.figure.value < 2:
        return None
    if not context.figure.exact or _noun(context)[:1] != _counted_in(days)[:1]:
        return None
    before = contexts[max(0, context.order - BEFORE) : context.order]
    totals = [one for one in before if one.figure.counts and one.figure.unit == context.figure.unit and one.figure.exact]
    slipped = [
        one
        for one in totals
        if is_exchanged(context.figure, rounded(one.figure.value / days.figure.value, context.figure.decimals))
    ]
    if len({one.figure.value for one in slipped}) != 1:
        return None
    average = Equation("rate", Form.multiple, Term(context.figure), (Term(slipped[-1].figure),), (Term(days.figure),))
    average.mistaken = True
    return average


def _exchanged(context: Context, numbers: Sequence[Context], totals: Sequence[Context]) -> Equation | None:
    """Of the number and the amount that the last sentence with both tells, where two digits that are exchanged show it:
    `có 12.265 doanh nghiệp với vốn là 139,9 nghìn tỷ đồng. Vốn bình quân một doanh nghiệp đạt 14,1 tỷ đồng`.
    """
    for many in reversed(numbers):
        inside = [one for one in numbers if _here(one) == _here(many)]
        beside = [one for one in totals if _here(one) == _here(many)]
        if not beside:
            continue
        told = (context, many, beside[0])
        if len(inside) > 1 or len(beside) > 1 or any(printed_digits(one.figure) < SHORTEST for one in told):
            return None
        equation = Equation("rate", Form.multiple, Term(context.figure), (Term(beside[0].figure),), (Term(many.figure),))
        equation.mistaken = holds_exchanged(equation)
        return equation if equation.mistaken else None
    return None


def _noun(context: Context) -> tuple[str, ...]:
    """What an average is for each of: the words of `mỗi cán bộ`, `một lớp`, `/hộ`."""
    read = context.paragraph.tokens
    start, last = context.figure.token - len(context.lead), context.figure.last
    places = [last + number for number, token in enumerate(context.tail[:3]) if token.norm in _EACH or token.text == "/"]
    places += [
        start + number
        for number, token in enumerate(context.lead)
        if token.norm in _EACH and (token.norm != "một" or _is_for_each(context.lead[:number]))
    ][::-1]
    for place in places:
        unit = vocabulary().units.find_at(read, place + 1)
        if unit is not None:
            return tuple(token.norm for token in read[unit.start : unit.end] if token.kind is TokenKind.word)[:2]
    return ()


def _is_for_each(before: Sequence[Token]) -> bool:
    """Whether `một` after these words is each one: `bình quân một doanh nghiệp`, `trung bình trên một hộ`."""
    words = [token.norm for token in before if token.norm not in ("trên", "của", "cho", "mỗi")]
    return words[-2:] in (["bình", "quân"], ["trung", "bình"])


def _counted_in(one: Context) -> tuple[str, ...]:
    read = one.paragraph.tokens[one.figure.token + 1 : one.figure.last + 1]
    return tuple(token.norm for token in read if token.kind is TokenKind.word and token.norm not in SCALES)


def _here(one: Context) -> tuple[int, int]:
    return one.figure.paragraph, one.figure.sentence


def _is_each_of(context: Context, many: Context) -> bool:
    """Whether `mỗi` and the noun of a number stand between that and what there is of each: `4 điểm, mỗi điểm 15 mẫu`."""
    words = [token.norm for token in context.lead]
    noun = list(_counted_in(many)[:1])
    place = words.index("mỗi") if "mỗi" in words else -1
    exact = many.figure.exact and context.figure.exact and many.order == context.order - 1
    return exact and place >= 0 and bool(noun) and words[place + 1 : place + 2] == noun


def _claimed(context: Context, near: Sequence[Context]) -> Equation | None:
    """Number, price and amount told one after another, where the amount is a slip of what they give."""
    here = (context.figure.paragraph, context.figure.sentence)
    inside = [one for one in near if (one.figure.paragraph, one.figure.sentence) == here]
    amounts = [
        one
        for one in inside
        if (context.order < one.order <= context.order + 2 or (context.figure.depth and one.order == context.order - 2))
        and one.figure.value > context.figure.value
    ]
    numbers = [one for one in inside if abs(one.order - context.order) == 1 and one.figure.unit != "money"]
    for amount in amounts:
        for many in numbers:
            if many is amount or not alike(amount.figure, context.figure):
                continue
            equation = Equation("rate", Form.multiple, Term(context.figure), (Term(amount.figure),), (Term(many.figure),))
            number = amount.figure.value / context.figure.value
            if amount.role is Role.total and amount.order == context.order + 1 and _is_each_of(context, many):
                equation.mistaken = True  # `4 điểm, mỗi điểm lấy 15 mẫu, tổng 60 mẫu`: the words say it
                return equation
            if is_slip(amount.figure, context.figure.value * many.figure.value) or (
                number.denominator == 1 and context.figure.unit == "money" and is_slip(many.figure, number)
            ):
                equation.mistaken = True
                return equation
    return None
