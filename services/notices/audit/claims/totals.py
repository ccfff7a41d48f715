"""Totals and remainders that the words announce and the figures near by do not give. Pure.

What holds is found by `additions`. Here is told what does not: where `cộng lại`, `cả ba cấp`, `còn` name a result of
figures that stand before it and one slip among them explains why it fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from services.notices.audit.claims.contexts import Context, Role, alike, until_stop
from services.notices.audit.claims.slips import mends
from services.notices.audit.claims.stages import sign_of
from services.notices.audit.figures import FigureKind
from services.notices.audit.solver import Equation, Form, Term
from services.notices.quantities.lexer import TokenKind

WINDOW = 14
_DIVIDED = ("time", "channel", "level", "opinion", "service", "grade")


def totals(contexts: Sequence[Context], found: Iterable[Equation]) -> Iterator[list[Equation]]:
    """The totals and remainders that fail by one slip; `found` are the sums that hold."""
    told = [
        one for one in contexts if one.figure.counts and one.figure.exact and not one.role.changes and one.role is not Role.each
    ]
    explained = {id(figure) for one in found for figure in one.figures}
    for position, context in enumerate(told):
        if context.figure.kind is not FigureKind.count or id(context.figure) in explained:
            continue
        before = told[max(0, position - WINDOW) : position]
        if context.role is Role.total or _goes_with_total(context, before):
            yield from _failing(_totals(context, before))
        elif context.role is Role.left:
            yield from _failing(_left(context, before))
        if _is_divided(context):
            yield from _failing(_wholes(context, told[position + 1 : position + WINDOW]))


def _failing(equations: Iterator[Equation]) -> Iterator[list[Equation]]:
    """The first that one slip explains, unless another one holds."""
    readings = [one for one in equations if (one.computed() or 0) >= 0]
    if any(one.holds() for one in readings):
        return
    slipped = next((one for one in readings if one.mistaken or mends(one) or _is_too_much(one)), None)
    if slipped is not None:
        slipped.mistaken = True
        yield [slipped]


def _is_exchanged(total: Equation) -> bool:
    """Whether a total has the digits of what its parts give in another order."""
    computed = total.computed()
    return computed is not None and sorted(str(computed)) == sorted(str(total.claimed.value))


def _sums_up(context: Context, row: Sequence[Context]) -> bool:
    """Whether a total has the noun of all figures before it, or a colon announces it: `Tổng cộng: 5.000 hồ sơ`."""
    nouns = {
        tuple(token.norm for token in one.paragraph.tokens[one.figure.token + 1 : one.figure.last]) for one in (context, *row)
    }
    if len(nouns) == 1 and () not in nouns:
        return True
    return [token.text for token in context.lead[-1:]] == [":"]


_CLOSED = frozenset(("task", "premises", "project", "parcel", "vehicle", "agency"))
"""Units of things of which none is carried over unsaid."""


def _is_too_much(rest: Equation) -> bool:
    """Whether what was done and what is left are more than all there is: `23 tồn tại, khắc phục 17, còn 9`."""
    computed, told = rest.computed(), [rest.claimed.figure, *(term.figure for term in rest.terms)]
    if computed is None or len(rest.terms) != 2 or rest.terms[0].factor < 0 or rest.terms[1].factor > 0:
        return False
    same = len({one.unit for one in told}) == 1 and told[0].unit in _CLOSED
    return same and 0 < computed < rest.claimed.value and rest.claimed.value + told[2].value <= 2 * told[1].value


def _totals(context: Context, before: Sequence[Context]) -> Iterator[Equation]:
    """The list right before a total, and the figures that count the same in sentences before."""
    row = [one for one in before if alike(context.figure, one.figure) and one.paragraph is context.paragraph]
    inside = [one for one in row if one.figure.sentence == context.figure.sentence and one.figure.depth == context.figure.depth]
    first = next((number for number in range(len(inside) - 1, -1, -1) if inside[number].roles & {"opener", "base", "whole"}), 0)
    for parts in (inside, inside[1:], inside[first:], inside[first + 1 :]):
        if len(parts) > 1:
            yield _sum(context, parts)
    if len(inside) > 2 and _is_divided(inside[0]) and inside[0].figure.value == context.figure.value:
        # `Trong 107 đơn, đất đai 51, xây dựng 38, khác 8, cộng lại vừa đủ 107`: said twice, it was meant.
        meant = _sum(context, inside[1:])
        meant.mistaken = True
        yield meant
    same = [
        one
        for one in before
        if alike(context.figure, one.figure) and context.figure.own and one.figure.own == context.figure.own
    ]
    if len(same) > 1:
        yield _sum(context, same)
    of_unit = [one for one in row if one.figure.unit == context.figure.unit is not None]
    if not inside and 1 < len(of_unit) < len(row):
        yield _sum(context, of_unit)  # `12 kỳ, 47 lượt với 61 người; thường xuyên 135 lượt với 158 người. Tổng cộng 182 lượt`
    for step in (2, 3):
        parallel = list(reversed(row))[step - 1 :: step]
        for many in (3, 4, 2):
            if len(parallel) >= many:
                yield _sum(context, parallel[:many][::-1])
    if not inside:
        for many in (3, 4, 2):
            loose = _sum(context, row)
            if len(row) == many and (loose.holds() or _sums_up(context, row) or _is_exchanged(loose)):
                yield loose


def _left(context: Context, before: Sequence[Context]) -> Iterator[Equation]:
    """What is left: what there was, without what was done."""
    if (
        any(name in context.figure.own for name in ("channel", "level", "opinion"))
        or context.figure.own.get("time") == "overdue"
    ):
        return
    row = [
        one
        for one in before
        if context.figure.paragraph - one.figure.paragraph <= 1
        and context.figure.sentence - one.figure.sentence <= 3
        and (one.figure.depth == 0 or (one is before[-1] and one.figure.kind is FigureKind.part))
        and alike(context.figure, one.figure)
        and not any(name in one.figure.own for name in _DIVIDED)
    ]
    last = max((number for number, one in enumerate(row) if one.role is Role.left), default=-1)
    opening = row[last : last + 1] if last >= 0 else []
    row = row[last + 1 :]
    signed: list[Term] = []
    handled = False
    for one in row:
        stage, sign = one.figure.own.get("stage", ""), sign_of(one)
        if sign < 0:
            signed.append(Term(one.figure, -1))
        elif sign > 0:
            if handled and stage != "handled":
                continue  # what it is made up of
            handled |= stage == "handled"
            signed.append(Term(one.figure))
    if any(term.factor < 0 for term in signed):
        if any(term.factor > 0 for term in signed):
            balance = Equation("sum", Form.total, Term(context.figure), tuple(signed))
            # Where the words give every amount its sign, no slip is needed to know what was meant.
            balance.mistaken = context.figure.unit == "money" and len(signed) == len(row) > 2
            yield balance
        told = {id(term.figure) for term in signed}
        bases = [one for one in row if id(one.figure) not in told and not one.figure.own][-1:] or opening
        if not any(term.figure.own.get("stage") in ("handled", "carried") for term in signed):
            yield from (Equation("sum", Form.total, Term(context.figure), (Term(one.figure), *signed)) for one in bases)
    if row and row[-1].figure.kind is FigureKind.part and row[-1].figure.whole is not None:
        # `giải quyết 2.364/2.410 hồ sơ, còn 46 hồ sơ`
        part = row[-1].figure
        rest = Equation("sum", Form.total, Term(context.figure), (Term(part, whole=True), Term(part, -1)))
        # At most its rate stands between: `đã xong 74/128 hồ sơ, đạt 57,8%. Số còn lại là 54 hồ sơ`.
        rest.mistaken = row[-1].order == context.order - 1 or (
            context.order - row[-1].order == 2 and (row[-1].figure.sentence == context.figure.sentence or before[-1] is row[-1])
        )
        yield rest
    inside = [one for one in before if _same_sentence(one, context) and alike(context.figure, one.figure)]
    inside = [one for one in inside if one.figure.depth == 0 and one.role is Role.plain]
    first, *others = inside or [context]
    denied = {"chưa", "không"} & {token.norm for token in until_stop(context.tail)}
    if others and first.figure.kind is FigureKind.part and ("opener" in others[0].roles or denied):
        # `8/10 chỉ tiêu hoàn thành, trong đó 3 chỉ tiêu vượt, 5 chỉ tiêu đạt; còn 2 chỉ tiêu`
        rest = Equation("sum", Form.total, Term(context.figure), (Term(first.figure, whole=True), Term(first.figure, -1)))
        rest.mistaken = all(one.figure.kind is FigureKind.count for one in others) and first.figure.exact
        yield rest
    if len(inside) > 2 and inside[0].figure.value > inside[1].figure.value and not any(sign_of(one) > 0 for one in inside[1:]):
        # `điều trị 21.376 người, ra viện 20.914, chuyển tuyến 318, tử vong 12, còn 132`
        yield _rest(context, inside[0], inside[1:])
    if row and context.order - row[-1].order <= 2 and sign_of(row[-1]) <= 0:
        # `Tiếp nhận 318 phản ánh, ... Đã trả lời 301, còn 17`: of the first whole before.
        whole = next((one for one in before if _is_whole_of(one, row[-1], context)), None)
        if whole is not None:
            yield _rest(context, whole, row[-1:])
    if len(row) > 1 and "base" in row[-1].roles and row[-1].figure.value > row[-2].figure.value:
        # `giải ngân 5.218 tỷ đồng trên tổng kế hoạch 8.340 tỷ đồng. Còn lại 3.122 tỷ đồng`
        yield _rest(context, row[-1], row[-2:-1])
    near = row[-3:]
    if near and sign_of(near[-1]) > 0:
        return  # what comes leaves nothing
    if len(near) > 1:
        yield Equation("sum", Form.total, Term(context.figure), (Term(near[-2].figure), Term(near[-1].figure, -1)))
    if len(near) > 2:
        yield Equation(
            "sum", Form.total, Term(context.figure), (Term(near[0].figure), Term(near[1].figure, -1), Term(near[2].figure, -1))
        )


def _rest(left: Context, whole: Context, gone: Sequence[Context]) -> Equation:
    terms = (Term(whole.figure), *(Term(one.figure, -1) for one in gone))
    return Equation("sum", Form.total, Term(left.figure), terms)


def _goes_with_total(context: Context, before: Sequence[Context]) -> bool:
    """Whether a figure of another unit stands right beside a total: `tổng cộng 182 lượt, 219 người`."""
    total = before[-1] if before else None
    beside = total is not None and total.role is Role.total and total.order == context.order - 1
    if total is None or not beside or context.role is not Role.plain or not _same_sentence(total, context):
        return False
    joined = [token.norm for token in context.lead] in ([","], ["/"], ["với"], ["và"])
    return joined and None not in (total.figure.unit, context.figure.unit) and total.figure.unit != context.figure.unit


def _same_sentence(one: Context, other: Context) -> bool:
    return (one.figure.paragraph, one.figure.sentence) == (other.figure.paragraph, other.figure.sentence)


def _is_whole_of(one: Context, gone: Context, left: Context) -> bool:
    """Whether a figure that begins the paragraph may be what `gone` and `left` are taken from."""
    figure = one.figure
    return (
        one.paragraph is left.paragraph
        and one is not gone
        and figure.depth == 0
        and one.role is Role.plain
        and figure.kind is FigureKind.count
        and alike(figure, gone.figure)
        and alike(figure, left.figure)
        and figure.value > gone.figure.value
        and figure.unit == gone.figure.unit == left.figure.unit is not None
    )


def _is_divided(context: Context) -> bool:
    """Whether a sentence begins by what it divides: `Trong 336 hồ sơ quá hạn, ...`."""
    return any(token.norm in ("trong", "với") for token in [one for one in context.lead if one.kind is TokenKind.word][:1])


def _wholes(context: Context, after: Sequence[Context]) -> Iterator[Equation]:
    """`Trong 336 hồ sơ quá hạn, đất đai 290 hồ sơ, xây dựng 64 hồ sơ`"""
    # `Trong nửa đầu năm (11.250 hồ sơ), quý I nhận 5.340 hồ sơ, quý II nhận 5.820 hồ sơ`: it may stand in a bracket alone.
    alone = context.tail[:1] and context.tail[0].text == ")" and context.lead and context.lead[-1].text == "("
    depth = context.figure.depth - bool(alone)
    parts = [
        one
        for one in after
        if (one.figure.paragraph, one.figure.sentence, one.figure.depth)
        == (context.figure.paragraph, context.figure.sentence, depth)
        and alike(context.figure, one.figure)
    ]
    if any(one.role is Role.total and one.figure.value == context.figure.value for one in parts):
        return  # `Trong 336 hồ sơ ..., cộng đủ 336 hồ sơ`: that one claims it
    parts = [one for one in parts if one.role is not Role.total and one.figure.value != context.figure.value]
    if len(parts) > 1 and not any("examples" in one.roles for one in parts):
        yield _sum(context, parts)


def _sum(whole: Context, parts: Sequence[Context]) -> Equation:
    return Equation("sum", Form.total, Term(whole.figure), tuple(Term(one.figure) for one in parts))
