"""Changes told by an amount and a rate that go together, whatever stood before is printed or not. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.notices.audit.claims.contexts import Context, Role, alike
from services.notices.audit.claims.settings import is_of_cases
from services.notices.audit.claims.slips import is_slip, printed_digits
from services.notices.audit.figures import FigureKind
from services.notices.audit.solver import Equation, Form, Term
from services.notices.quantities.lexer import TokenKind

MEASURED = 60
"""Figures before a change among which what it is a change of is looked for by its measure."""
PRECISE = 3
"""Digits of a rate that is no slip of another by chance."""
SPOKEN_OF = 4
"""Figures before a change that is told in two ways, of one of which it may be."""


def by_its_amount(rate: Context, contexts: Sequence[Context]) -> Equation | None:
    """`đạt 642,8 tỷ đồng, tăng 41,3 tỷ đồng so với đầu năm, tốc độ tăng 6,9%`: of what there was before."""
    amount, now = contexts[rate.order - 1 : rate.order][:1], contexts[max(0, rate.order - 2) : rate.order - 1][:1]
    if not (amount and now):
        return None
    told = _over_before(rate, amount[0], now[0])
    if told is not None:
        exact = amount[0].figure.exact and now[0].figure.exact and rate.figure.exact
        slip = is_slip(rate.figure, told.computed())
        told.mistaken = told.certain = exact and amount[0].figure.unit == now[0].figure.unit and slip
    return told


def _over_before(rate: Context, amount: Context, now: Context) -> Equation | None:
    """What an amount that something rose or fell by is of what it was before, which only the two tell."""
    if amount.role is not rate.role or rate.role not in (Role.rise, Role.fall):
        return None
    change, whole = amount.figure, now.figure
    plain = now.role in (Role.plain, Role.total, Role.left) and whole.kind is FigureKind.count and not now.earlier
    same = alike(change, whole) or (
        is_of_cases(amount.paragraph, amount.figure) and whole.unit not in ("day", "money", "score")
    )
    if not (plain and change.counts and same and in_sentence(amount, rate) and in_sentence(now, rate)):
        return None
    if rate.role is Role.rise and change.value >= whole.value:
        return None
    base = (Term(whole), Term(change, -1 if rate.role is Role.rise else 1))
    return Equation("change", Form.ratio, Term(rate.figure), (Term(change),), base, certain=False)


def in_two_ways(chain: Sequence[Context], contexts: Sequence[Context]) -> list[Equation]:
    """`thụ lý 736.747 việc, tăng 39.080 việc (tăng 5,60% so với cùng kỳ)`: amount and rate bind what there is now, though
    nobody prints what there was. What stands right before is meant; another figure of the sentence may be."""
    amounts = [one for one in chain if one.figure.kind is FigureKind.count]
    rates = [one for one in chain if one.figure.kind is FigureKind.rate]
    if len(chain) != 2 or not (amounts and rates):
        return []
    amount, rate = amounts[0], rates[0]
    before = [
        one for one in contexts[max(0, chain[0].order - SPOKEN_OF) : chain[0].order] if one.figure.depth <= amount.figure.depth
    ]
    dated = any(token.kind is TokenKind.period for token in chain[0].own_lead) and "against" not in chain[0].near_roles
    if any(one.earlier for one in before[-1:]) or dated:
        # `năm 2022 là 18.650 hồ sơ, năm 2023 tăng 1.465 hồ sơ (tăng 7,86%)`: what stands before was before
        then = [one for one in before[-1:] if one.figure.kind is FigureKind.count and in_sentence(one, rate)]
        then = [one for one in then if alike(one.figure, amount.figure) and not one.role.changes]
        own, change = Term(rate.figure), (Term(amount.figure),)
        return [Equation("change", Form.ratio, own, change, (Term(one.figure),), certain=False) for one in then]
    told = [(one, _over_before(rate, amount, one)) for one in reversed(before)]
    readings = [equation for _, equation in told if equation is not None]
    if not any(one.holds() for one in readings):
        readings.extend(_of_measure(rate, amount, contexts))
    if not readings:
        return _over_sentence_before(rate, amount, contexts)
    nearest = next((one for one, equation in told if equation is not None), None)
    # `214.630 người, đạt 97,2% kế hoạch, tăng 11.870 người (5,9%)`: rates of the figure may stand between
    counted = [one.order for one in before if one.figure.kind is not FigureKind.rate]
    if nearest is not None and nearest.order == max(counted, default=-1):
        exact = amount.figure.exact and nearest.figure.exact and rate.figure.exact
        readings[0].certain = exact and (
            amount.figure.unit == nearest.figure.unit or is_of_cases(amount.paragraph, amount.figure)
        )
    return readings


def _over_sentence_before(rate: Context, amount: Context, contexts: Sequence[Context]) -> list[Equation]:
    """`Xảy ra 214 vụ, làm chết 98 người. So cùng kỳ giảm 32 vụ (-13,0%), giảm 15 người chết (-13,3%)`: of the counts of the
    sentence before in their order; wrong where the rate is a slip of what the one in its place gives."""
    figure = amount.figure
    around = contexts[max(0, amount.order - 2 * SPOKEN_OF) : amount.order]
    here = [one for one in around if in_sentence(one, amount) and one.role.changes and one.figure.unit == figure.unit]
    last = figure.sentence - 1
    before = [
        one
        for one in around
        if (one.figure.paragraph, one.figure.sentence, one.figure.unit) == (figure.paragraph, last, figure.unit)
        and one.figure.kind is FigureKind.count
        and not one.role.changes
        and one.figure.depth == 0
    ]
    amounts = [one for one in here if one.figure.kind is FigureKind.count]
    if figure.unit is None or len(amounts) >= len(before) or amount.role not in (Role.rise, Role.fall):
        return []
    whole = before[len(amounts)]
    base = (Term(whole.figure), Term(figure, -1 if amount.role is Role.rise else 1))
    told = Equation("change", Form.ratio, Term(rate.figure), (Term(figure),), base, certain=False)
    exact = whole.figure.exact and figure.exact and rate.figure.exact and not whole.earlier
    told.mistaken = told.certain = exact and not told.holds() and is_slip(rate.figure, told.computed())
    return [told] if told.mistaken or told.holds() else []


def _of_measure(rate: Context, amount: Context, contexts: Sequence[Context]) -> Iterator[Equation]:
    """The same of what was told of its measure further up: `số hồ sơ tiếp nhận mới tăng 31.205 hồ sơ (tăng 12,96%)`."""
    measure, figure = amount.figure.own, amount.figure
    for one in reversed(contexts[max(0, amount.order - MEASURED) : amount.order] if measure else ()):
        same = one.figure.own == measure and one.figure.unit == figure.unit and one.figure.scope == figure.scope
        if not same or one.figure.kind is not FigureKind.count or one.role.changes or one.earlier or one.figure.wished:
            continue
        if one.figure.period != figure.period or figure.value >= one.figure.value or in_sentence(one, amount):
            continue
        base = (Term(one.figure), Term(figure, -1 if rate.role is Role.rise else 1))
        told = Equation("change", Form.ratio, Term(rate.figure), (Term(figure),), base, certain=False)
        exact = all(each.exact for each in (one.figure, figure, rate.figure))
        told.mistaken = told.certain = (
            exact and printed_digits(rate.figure) >= PRECISE and is_slip(rate.figure, told.computed())
        )
        yield told
        return


def in_sentence(one: Context, other: Context) -> bool:
    """Whether two figures stand in one sentence."""
    return (one.figure.paragraph, one.figure.sentence) == (other.figure.paragraph, other.figure.sentence)
