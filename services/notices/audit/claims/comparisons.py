"""What rose or fell by how much, and how many times as much one is as another. Pure.

A change is told in one or several ways (`tăng 210 hồ sơ, tức 7%`); all of them speak of the same two figures, now and then.
Which two is told by the words: `từ A lên B`, a bracket, `so với`, the times; where they leave it open, the pair is taken
that the ways agree on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.notices.audit.claims.amounts import by_its_amount, in_sentence, in_two_ways
from services.notices.audit.claims.contexts import Context, Role, alike, is_later, until_stop
from services.notices.audit.claims.pairs import pairs_of, unlike
from services.notices.audit.claims.rivals import NAMED, Pair
from services.notices.audit.claims.slips import is_slip, mends
from services.notices.audit.figures import Figure, FigureKind
from services.notices.audit.solver import Equation, Form, Term, rounded
from services.notices.quantities.exact import Fraction
from services.notices.quantities.lexer import TokenKind

SHORTEST_BASE = 2
"""Digits of a figure that another is held against, from which one of it may be told to be wrong."""


def comparisons(contexts: Sequence[Context]) -> Iterator[list[Equation]]:
    """The claims of change."""
    taken: set[int] = set()
    for context in contexts:
        if context.order in taken or context.figure.unit == "level":
            continue
        if context.of_amount is not None:
            amount, then = (Term(one.figure) for one in context.of_amount)
            exact = amount.figure.exact and then.figure.exact
            yield [Equation("change", Form.ratio, Term(context.figure), (amount,), (then,), certain=exact)]
        elif context.role.changes and (not context.same_claim or _is_another(context, contexts)):
            chain = [context]
            while chain[-1].order + 1 < len(contexts) and contexts[chain[-1].order + 1].same_claim:
                if _is_another(contexts[chain[-1].order + 1], contexts):
                    break
                chain.append(contexts[chain[-1].order + 1])
            chain = [one for one in chain if one.figure.kind is not FigureKind.part]
            taken |= {one.order for one in chain}
            yield from _of_chain(chain, contexts)
        elif context.role is Role.multiple and context.figure.kind is FigureKind.times:
            told = _of_chain([context], contexts)
            # `tăng 27 lần so với cùng kỳ` says nothing of figures that stand by chance beside it
            named = "multiple" in context.roles
            yield from (readings for readings in told if named or any(one.certain or one.holds() for one in readings))


def _is_another(context: Context, contexts: Sequence[Context]) -> bool:
    """Whether an amount after an amount is of something else: `giảm 146 lượt, 127 người`, `giảm 2 vụ (-13%), giảm 5 người`."""
    before = contexts[context.order - 1] if context.order else None
    if before is not None and before.role.changes and before.same_claim and before.figure.kind is FigureKind.rate:
        told = contexts[before.order - 1]
        other = told.role.changes and told.figure.kind is context.figure.kind is FigureKind.count
        turned = any(cue.roles & {"increase", "decrease"} for cue in context.cues)
        if other and turned and in_sentence(told, context) and told.figure.value != context.figure.value:
            return True
    return (
        before is not None
        and before.role.changes
        and before.figure.kind is context.figure.kind is FigureKind.count
        and before.figure.value != context.figure.value
        and before.figure.depth == context.figure.depth
        and any(token.text == "," for token in context.lead)
    )


def _of_chain(chain: Sequence[Context], contexts: Sequence[Context]) -> Iterator[list[Equation]]:
    if not chain:
        return
    in_row = _in_row(chain, contexts)
    if in_row is not None:
        yield [in_row]
        return
    pairs = pairs_of(chain, contexts)
    if not pairs:
        two_ways = in_two_ways(chain, contexts)
        yield from [two_ways] if two_ways else _alone(chain, contexts)
        return
    judged = [(*_explained(chain, pair), pair.points) for pair in pairs]
    holding, mistaken, _ = max(judged)
    best = pairs[judged.index(max(judged))]
    if chain[0].figure.unit == "score" and not _are_marks_in_order(best, chain[0]):
        return
    two_ways = [] if holding == len(chain) else in_two_ways(chain, contexts)
    dated = best.then.earlier or is_later(best.now, best.then)
    # amount and rate are of one figure, which no pair explains
    agree = not dated and any(one.holds() and len(one.base) > 1 for one in two_ways[:1])
    if two_ways and (agree or not (holding or mistaken or best.explicit)):
        yield two_ways
        return
    after = contexts[min(best.now.order + 1, len(contexts) - 1)]
    # `37 em, giảm tiếp 5 em. So với lúc đầu đã giảm 90%`: of what is left then
    changed_since = after.role.changes and after.figure.counts and in_sentence(after, best.now)
    changed_since = changed_since and after.order < chain[0].order and not in_sentence(after, chain[0])
    explained = bool(holding) or (mistaken and not changed_since)
    agreed = None if explained else _agreed(chain, best)
    if agreed is not None:
        yield [agreed]
        return
    for one in chain:
        if explained or best.explicit:
            rivals = [pair for pair in pairs if pair is not best and pair.explicit and pair.points >= best.points - 1]
            certain = explained or not rivals
            precise = mistaken and one.figure.decimals > 0 and best.points > 0
            meant = best.explicit or len(chain) > 1 or best.points > NAMED or precise or _is_turned(one, best)
            meant |= _is_level(one, best, contexts) or _is_of_extremes(one, best)
            yield list(_equations(one, best, certain=certain and meant and (explained or not changed_since)))
            continue
        readings = list(_equations(one, best, certain=False))
        for pair in pairs:
            if pair is not best:
                readings.extend(_equations(one, pair, certain=False))
        asked = any(cue.roles & {"against", "prior"} for cue in (*one.cues, *one.following))
        for reading in readings:
            reading.guessed = not asked
        yield readings


def _in_row(chain: Sequence[Context], contexts: Sequence[Context]) -> Equation | None:
    """`tháng 7 là 1.200 hồ sơ, tháng 8 là 1.500 hồ sơ (tăng 25%), tháng 9 là 1.800 hồ sơ (tăng 30%)`: each over the one before
    it, as another one of the row shows."""
    change = chain[0]
    own = _step(contexts, change.order) if len(chain) == 1 else None
    if own is None or own.holds():
        return None
    beside = [one for order in (change.order - 2, change.order + 2) for one in (_step(contexts, order),) if one is not None]
    return own if any(one.holds() and not _is_even(one) for one in beside) else None


def _step(contexts: Sequence[Context], order: int) -> Equation | None:
    """The change in the bracket right behind a figure, over the figure before that in a row of them."""
    if order < 2 or order >= len(contexts):
        return None
    change, now = contexts[order], contexts[order - 1]
    before = contexts[order - 2]
    then = contexts[order - 3] if before.role.changes and order > 2 else before
    depths = (change.figure.depth - 1, now.figure.depth, then.figure.depth)
    plain = not now.role.changes and not then.role.changes and change.role in (Role.rise, Role.fall)
    counts = now.figure.kind is then.figure.kind is FigureKind.count and change.figure.kind is FigureKind.rate
    if not (plain and counts and len(set(depths)) == 1 and in_sentence(now, change) and in_sentence(then, change)):
        return None
    exact = now.figure.exact and then.figure.exact and change.figure.exact
    apart = now.figure.unit == then.figure.unit is not None and now.dated and then.dated and exact
    if not apart or any("against" in cue.roles for cue in (*change.cues, *change.following)):
        return None
    falls = change.role is Role.fall
    return Equation("change", Form.growth, Term(change.figure), (Term(now.figure),), (Term(then.figure),), falls=falls)


def _is_even(one: Equation) -> bool:
    """Whether a change is none, which proves no row."""
    return one.claimed.value == 0


def _are_marks_in_order(pair: Pair, change: Context) -> bool:
    """Whether two marks are of one thing at two times, or held against each other: those of a list are of many."""
    exact = all(one.figure.unit == "score" and one.figure.exact for one in (pair.now, pair.then))
    return exact and (pair.then.earlier or is_later(pair.now, pair.then) or change.role is Role.gap)


def _agreed(chain: Sequence[Context], pair: Pair) -> Equation | None:
    """An amount and a rate that agree on what there was before, of which the figure printed is a slip."""
    if len(chain) != 2 or pair.of_then < NAMED or not all(one.figure.exact for one in (*chain, pair.now, pair.then)):
        return None
    amounts = [one for one in chain if one.figure.counts]
    rates = [one for one in chain if one.figure.kind is FigureKind.rate]
    if (
        not (amounts and rates)
        or amounts[0].role not in (Role.rise, Role.fall)
        or not alike(amounts[0].figure, pair.now.figure)
    ):
        return None
    amount, now = amounts[0].figure.value, pair.now.figure.value
    then = now - amount if amounts[0].role is Role.rise else now + amount
    rate = rates[0].figure
    if then <= 0 or not rate.low <= 100 * amount / then <= rate.high or not is_slip(pair.then.figure, then):
        return None
    equation = next(iter(_equations(amounts[0], pair, certain=True)), None)
    if equation is not None:
        equation.mistaken = True
    return equation


def _alone(chain: Sequence[Context], contexts: Sequence[Context]) -> Iterator[list[Equation]]:
    """A change against a time whose figure is not told: its two ways to say it go together, or nothing can be said."""
    for one in chain:
        told = by_its_amount(one, contexts) if one.figure.kind is FigureKind.rate else None
        if told is not None:
            yield [told]
            continue
        if one.role.changes and (
            any(cue.roles & {"against", "prior"} for cue in (*one.following, *one.cues))
            and one.figure.kind is not FigureKind.count
        ):
            own = Term(one.figure)
            yield [Equation("change", Form.total, own, (own,), certain=False, constant=own.value + 1)]


def _explained(chain: Sequence[Context], pair: Pair) -> tuple[int, bool]:
    """How many of the ways to tell a change hold of a pair, and whether a usual mistake explains one."""
    told = [list(_equations(one, pair, certain=False)) for one in chain]
    return (
        sum(any(equation.holds() for equation in each) for each in told),
        any(equation.mistaken for each in told for equation in each),
    )


def _equations(change: Context, pair: Pair, *, certain: bool) -> Iterator[Equation]:
    now, then, figure, role = pair.now.figure, pair.then.figure, change.figure, change.role
    if {now.approximate, then.approximate} & {"over", "under"}:
        return  # a bound lies any way from another figure
    certain = certain and figure.exact and now.exact and then.exact
    down = now.value < then.value if role is Role.gap else role is Role.fall
    if role is Role.multiple:
        times = Equation("change", Form.multiple, Term(figure), (Term(now),), (Term(then),), certain=certain)
        times.mistaken = pair.of_then > NAMED and figure.decimals > 0 and is_slip(figure, times.computed())
        yield times
        if "increase" in change.roles and "multiple" not in change.roles:
            more = (Term(now), Term(then, -1))  # `tăng 2,8 lần`: so many times more, as some say it
            yield Equation("change", Form.multiple, Term(figure), more, (Term(then),), certain=False)
        return
    up = (Term(then), Term(now, -1)) if down else (Term(now), Term(then, -1))
    both_rates = now.kind is FigureKind.rate and then.kind is FigureKind.rate
    right_way = now.value <= then.value if down else now.value >= then.value
    of_rates = both_rates and figure.kind in (FigureKind.rate, FigureKind.points)
    if of_rates or (not both_rates and figure.kind is FigureKind.count and alike(figure, now)):
        yield _marked(Equation("change", Form.total, Term(figure), up, certain=certain), pair, right_way=right_way)
    elif not both_rates and figure.kind is FigureKind.rate and _tells_level(change, now.value, then.value):
        yield Equation("rate", Form.ratio, Term(figure), (Term(now),), (Term(then),), certain=certain)
    elif not both_rates and figure.kind is FigureKind.rate and (right_way or _are_apart(now, then)):
        apart = _is_of_other_time(change, pair)
        growth = Equation("change", Form.growth, Term(figure), (Term(now),), (Term(then),), certain=certain, falls=down)
        yield _marked(growth, pair, right_way=right_way, of_other_time=apart)


def _are_apart(now: Figure, then: Figure) -> bool:
    """Whether two figures differ, whatever was rounded of them."""
    return now.high < then.low or then.high < now.low


def _tells_level(change: Context, now: Fraction, then: Fraction) -> bool:
    """Whether a rate after a change tells what it came to: `tăng 448 hồ sơ, bằng 114%` of 3.648 after 3.200."""
    if not change.same_claim or not then or not any(token.norm == "bằng" for token in change.lead):
        return False
    level, rate = 100 * now / then, change.figure.value
    return abs(rate - level) < abs(rate - abs(level - 100))


def _is_turned(change: Context, pair: Pair) -> bool:
    """Whether a change is just what lies between two figures of one measure, the other way round: `tăng` where it fell."""
    now, then = pair.now.figure, pair.then.figure
    exact = now.exact and then.exact and change.figure.exact and change.figure.counts
    fell = now.value < then.value
    return (
        exact
        and _is_ordered(pair)
        and abs(now.value - then.value) == change.figure.value
        and fell == (change.role is Role.rise)
    )


def _is_level(change: Context, pair: Pair, contexts: Sequence[Context]) -> bool:
    """Whether a change repeats the rate before it, which tells the level: `bằng 90% tháng trước, như vậy giảm 90%`."""
    before = contexts[change.order - 1] if change.order else None
    return (
        before is not None
        and in_sentence(before, change)
        and before.figure.kind is change.figure.kind is FigureKind.rate
        and before.figure.value == change.figure.value
        and not before.role.changes
        and Equation("rate", Form.ratio, Term(before.figure), (Term(pair.now.figure),), (Term(pair.then.figure),)).holds()
    )


def _is_of_extremes(change: Context, pair: Pair) -> bool:
    """`cao nhất là xã A 94 điểm, thấp nhất là xã B 61 điểm, chênh lệch 33 điểm`"""
    one, other = sorted((pair.now, pair.then), key=lambda each: each.order)
    beside = other.order == change.order - 1 and one.order == other.order - 1 and in_sentence(one, change)
    named = all("examples" in each.roles for each in (one, other))
    return change.role is Role.gap and beside and named and one.figure.unit == other.figure.unit == change.figure.unit


def _is_ordered(pair: Pair) -> bool:
    """Whether two figures count the same thing, one after the other."""
    now, then = pair.now, pair.then
    same = unlike(now.figure, then.figure) == 0 and now.figure.own.keys() == then.figure.own.keys() != set()
    return same and now.figure.unit == then.figure.unit and (then.earlier or is_later(now, then))


def _is_of_other_time(change: Context, pair: Pair) -> bool:
    """Whether a change names a time that is not the one of the figure it would be held against."""
    named = {token.norm for token in until_stop(change.tail) if token.kind is TokenKind.period}
    words = (*pair.then.own_lead, *until_stop(pair.then.tail[:3]))
    return bool(named) and not pair.then.earlier and not named & {one.norm for one in words if one.kind is TokenKind.period}


def _marked(equation: Equation, pair: Pair, *, right_way: bool, of_other_time: bool = False) -> Equation:
    """The equation, with whether a usual mistake explains its figure."""
    figure, now, then = equation.claimed.figure, pair.now.figure.value, pair.then.figure.value
    gap = abs(now - then)
    if equation.holds():
        return equation
    usual: list[Fraction] = []
    if now.denominator and now and then:
        if figure.kind is FigureKind.points or equation.form is Form.total or not right_way:
            usual.append(100 * gap / then)  # points against relative
        if equation.form is Form.growth and right_way and not of_other_time:
            usual += [100 * gap / now, 100 * now / then, 100 * then / now]  # the other base; `bằng` for `tăng`
    if figure.kind is FigureKind.count:
        usual = []
    if not right_way and then and (pair.explicit or _is_ordered(pair)):
        usual += [gap] if figure.kind is not FigureKind.rate or not pair.now.figure.counts else [100 * gap / then]
    equation.mistaken = any(rounded(one, figure.decimals) == figure.value for one in usual) or (
        right_way and pair.of_now + pair.of_then >= NAMED and is_slip(figure, equation.computed())
    )
    if figure.counts and pair.explicit and equation.form is Form.total and len(str(int(then))) > SHORTEST_BASE:
        equation.mistaken |= mends(equation)
    return equation
