"""What rates are of where their words leave it open: shown by the rates beside them, by their sentence, by the text. Pure.

Rates told side by side are of one base: `đất đai 30 hồ sơ (30%), hộ tịch 20 hồ sơ (20%), xây dựng 50 hồ sơ (51%)`. A sentence
with one count above the part is about that; a text has a total that most of its rates are of. The last two are believed where
one slip, undone, makes the rate hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from services.notices.audit.claims.contexts import Context, Role, alike
from services.notices.audit.claims.slips import holds_exchanged, is_exchanged, is_slip, mends, printed_digits
from services.notices.audit.figures import Figure, FigureKind
from services.notices.audit.solver import Equation, Form, Term, rounded
from services.notices.audit.vocabulary import vocabulary

NEAR = 4
"""Paragraphs between items of one list."""
ENOUGH = 2
"""Rates of one base that show what the others are of, whatever their figures."""
POPULAR = 3
"""Bases of other rates of the text that are tried."""
BRACKETED = 20
"""Words between a count and the bracket with its rate."""
SHORTEST = 3
"""Digits of a rate that is not taken for a slip of another by chance."""


_GOALS = (["kế", "hoạch"], ["dự", "toán"], ["chỉ", "tiêu"])


class _Known(NamedTuple):
    """A rate that holds, with what it is of."""

    rate: Figure
    part: Figure
    base: Figure


class Bases:
    """Finds what rates are of by what other figures show."""

    def __init__(self, slots: Sequence[Sequence[Equation]], held: Iterable[Equation], contexts: Sequence[Context]) -> None:
        self._sums: dict[int, set[int]] = {}
        for number, one in enumerate(held):
            for term in one.terms:
                self._sums.setdefault(id(term.figure), set()).add(number)
        self._known: dict[int, list[_Known]] = {}
        self._popular: Counter[int] = Counter()
        self._by_id: dict[int, Figure] = {}
        self._rated: set[int] = set()
        for readings in slots:
            if _is_share(readings[0]):
                self._rated.add(id(readings[0].terms[0].figure))
            holding = next((one for one in readings if one.holds()), None)
            if holding is not None and _is_share(holding):
                rate, base = holding.claimed.figure, holding.base[0].figure
                self._known.setdefault(rate.paragraph, []).append(_Known(rate, holding.terms[0].figure, base))
                self._popular[id(base)] += 1
                self._by_id[id(base)] = base
        self._sentences: dict[tuple[int, int], list[Context]] = {}
        for context in contexts:
            self._sentences.setdefault((context.figure.paragraph, context.figure.sentence), []).append(context)

    def reading(self, readings: Sequence[Equation]) -> Equation | None:
        """The reading of a rate whose base is shown; None where nothing shows it, or its words say enough."""
        first = readings[0]
        if not _is_share(first) or any((one.holds() and not _is_of_itself(one)) or one.certain for one in readings):
            return None
        rate, part = first.claimed.figure, first.terms[0].figure
        if rate.paragraph < 0 or not (rate.exact and part.exact) or part.kind is FigureKind.part:
            return None
        if rate.period and rate.period != part.period and rate.sentence != part.sentence:
            return None  # of another time
        if part.own.get("stage") in ("left", "in_process") and rate.own.get("stage") == "resolved":
            rest = _complement(rate, part, first.base[0].figure)
            return rest if rest.holds() else None  # `còn 118 kiến nghị; tỷ lệ đã xử lý 94,5%`
        named = self._by_noun(rate, part)
        if named is not None:
            return named
        beside = self._of_siblings(rate, part)
        if beside is not None:
            return beside
        for base in self._candidates(rate, part):
            equation = _ratio(rate, part, base)
            if rate.value <= 100 and mends(equation):
                equation.mistaken = True
                return equation
        for base in self._bases_by_siblings(rate, part):
            equation = _ratio(rate, part, base)
            if holds_exchanged(equation):
                equation.mistaken = True
                return equation
        return self._exchanged(rate, part, first.base[0].figure) if rate.value <= 100 else None

    def _by_noun(self, rate: Figure, part: Figure) -> Equation | None:
        """A rate of what its words name, of which one number is told before: `2.364 hộ; lắp 1.773 đồng hồ, đạt 75% số hộ`."""
        context = next((one for one in self._sentences.get((rate.paragraph, rate.sentence), ()) if one.figure is rate), None)
        if context is None:
            return None
        if [token.norm for token in context.tail[:1]] not in (["số"], ["tổng"]):
            return self._of_plan(context, part)
        read = context.paragraph.tokens
        place = rate.last + 1 + (read[rate.last].norm == "tổng" and read[rate.last + 1].norm == "số")
        unit = vocabulary().units.find_at(read, place)
        if unit is None:
            return None
        noun = [token.norm for token in read[unit.start : unit.end]]
        told = [
            one.figure
            for number in (rate.sentence - 1, rate.sentence)
            for one in self._sentences.get((rate.paragraph, number), ())
            if one.figure.start < rate.start and one.figure.kind is FigureKind.count and not one.role.changes
        ]
        told = [one for one in told if [token.norm for token in read[one.token + 1 : one.last]] == noun and one is not part]
        if len(told) != 1 or not told[0].exact or told[0].value < part.value:
            return None
        equation = _ratio(rate, part, told[0])
        equation.mistaken = not equation.holds() and (mends(equation) or holds_exchanged(equation))
        return equation if equation.mistaken or equation.holds() else None

    def _of_plan(self, context: Context, part: Figure) -> Equation | None:
        """A rate of the plan of which one amount is told before: `Trong 1.320 tỷ đồng vốn kế hoạch, ... Giải ngân 726 tỷ đồng,
        bằng 55% kế hoạch`."""
        rate, read = context.figure, context.paragraph.tokens
        goal = [token.norm for token in context.tail[:2]]
        if goal not in _GOALS or any(token.norm in ("năm", "quý", "tháng") for token in context.tail[2:3]):
            return None
        told = [
            one
            for number in (rate.sentence - 1, rate.sentence)
            for one in self._sentences.get((rate.paragraph, number), ())
            if one.figure.start < rate.start and one.figure.counts and one.figure.unit == part.unit and not one.role.changes
        ]
        planned = [
            one.figure
            for one in told
            if goal
            in (
                [each.norm for each in pair] for pair in pairwise((*one.own_lead, *read[one.figure.last : one.figure.last + 4]))
            )
        ]
        if len(planned) != 1 or planned[0] is part or not planned[0].exact or planned[0].value < part.value:
            return None
        equation = _ratio(rate, part, planned[0])
        equation.mistaken = not equation.holds() and (mends(equation) or _is_a_digit_off(rate, equation))
        return equation if equation.mistaken or equation.holds() else None

    def _exchanged(self, rate: Figure, part: Figure, base: Figure) -> Equation | None:
        """A rate that holds once two digits of its count, its base or itself are exchanged, of what stands by them: whichever
        of the two is larger now.
        """
        turned = [base] if part.start < base.start < rate.start and base.counts and base.exact else []
        for one in (part, *turned, *self._partner(part)):
            inside = self._inside(one)
            bases = [*inside, *self._after(rate, one)]
            if not inside and printed_digits(rate) >= SHORTEST:
                bases += self._last_before(one)
            pairs = [(one, other) for other in bases]
            if one.roles & {"total", "base"}:
                pairs += [(other, one) for other in inside]  # `trực tuyến là 115 hồ sơ và tổng số là 168 hồ sơ, chiếm 68,5%`
            for told, other in pairs:
                equation = _ratio(rate, told, other)
                beside = one is not part and is_exchanged(rate, rounded(equation.computed() or rate.value, rate.decimals))
                if holds_exchanged(equation) or beside:
                    equation.mistaken = True
                    return equation
        return None

    def _partner(self, part: Figure) -> list[Figure]:
        """The count of another unit right before one: `đã giải quyết 874 vụ, 1.172 bị can, đạt 99,3%`."""
        row = [one for one in self._sentences.get((part.paragraph, part.sentence), ()) if one.figure.start < part.start]
        if not row or row[-1].role.changes or row[-1].figure.depth != part.depth or row[-1].figure.kind is not FigureKind.count:
            return []
        before = row[-1].figure
        return [before] if before.exact and before.unit and part.unit and before.unit != part.unit else []

    def _inside(self, part: Figure) -> list[Figure]:
        """The only count of its unit before a part in its sentence, or since its last semicolon."""
        found = [
            one
            for one in self._sentences.get((part.paragraph, part.sentence), ())
            if one.figure.start < part.start
            and one.figure.kind is FigureKind.count
            and not one.role.changes
            and one.role is not Role.each
            and one.figure.unit == part.unit
            and one.figure.depth <= part.depth
        ]
        if len(found) > 1:
            read = found[0].paragraph.tokens[: part.token]
            since = max((place for place in range(found[0].figure.token, part.token) if read[place].text == ";"), default=0)
            found = [one for one in found if one.figure.token > since] if since else []
        base = found[0].figure if len(found) == 1 else None
        return [base] if base is not None and base.exact and not base.wished else []

    def _after(self, rate: Figure, part: Figure) -> list[Figure]:
        """The base that a rate announces: `giải quyết 338 vụ (đạt 87,5%) trong tổng số 387 vụ`."""
        row = [one for one in self._sentences.get((part.paragraph, part.sentence), ()) if one.figure.start > rate.start]
        after = row[0] if row else None
        if after is None or after.figure.kind is not FigureKind.count or "base" not in after.roles or after.role.changes:
            return []
        return [after.figure] if after.figure.exact and after.figure.unit == part.unit else []

    def _last_before(self, part: Figure) -> list[Figure]:
        """The last count of the sentence before, of the same unit and time."""
        before = [one for one in self._sentences.get((part.paragraph, part.sentence - 1), ()) if not one.role.changes]
        before = [one for one in before if one.figure.depth <= part.depth]
        if not before or before[-1].figure.kind is not FigureKind.count or not before[-1].figure.exact:
            return []
        base = before[-1].figure
        return [base] if base.unit == part.unit and base.period in ("", part.period) else []

    def _of_siblings(self, rate: Figure, part: Figure) -> Equation | None:
        beside = [
            one
            for number in range(rate.paragraph - NEAR, rate.paragraph + NEAR + 1)
            for one in self._known.get(number, ())
            if _are_siblings(part, rate, one)
        ]
        if len({one.base.value for one in beside}) != 1:
            return None
        base = beside[0].base
        if not base.exact or base.value < part.value or base is part:
            return None
        equation = _ratio(rate, part, base)
        summed = self._sums.get(id(part), set())
        together = any(summed & self._sums.get(id(one.part), set()) for one in beside)
        slipped = mends(equation)
        if len(beside) < ENOUGH and not together and not slipped:
            return None
        equation.mistaken = slipped
        return equation

    def _candidates(self, rate: Figure, part: Figure) -> Iterator[Figure]:
        """The only count above the part in its sentence, then what other rates of the text are of."""
        inside = [
            one.figure
            for one in self._sentences.get((part.paragraph, part.sentence), ())
            if one.figure.start < part.start
            and one.figure.kind is FigureKind.count
            and not one.role.changes
            and one.role is not Role.each
            and one.figure.value > part.value
            and one.figure.unit == part.unit
            and one.figure.exact
            and not any(token.text == ";" for token in one.paragraph.tokens[one.figure.last : part.token])
            and id(one.figure) not in self._rated  # it has a rate of its own: the two stand side by side
        ]
        if len(inside) == 1 and inside[0].depth <= part.depth:
            yield inside[0]
        if sum(char.isdigit() for char in rate.text) < SHORTEST:
            return
        if not inside and sum(char.isdigit() for char in rate.text) > SHORTEST:
            yield from self._stated_before(part)
        if sum(char.isdigit() for char in rate.text) > SHORTEST:
            yield from self._any_stated_before(part)
        for key, many in self._popular.most_common(POPULAR):
            base = self._by_id[key]
            fits = base.unit == part.unit and base.period == part.period and base.value > part.value
            if many >= ENOUGH and fits and is_slip(rate, _ratio(rate, part, base).computed()):
                yield base

    def _bases_by_siblings(self, rate: Figure, part: Figure) -> Iterator[Figure]:
        """What a rate of enough digits may be of where two digits, exchanged, make it hold: the last of the sentence before,
        and what several rates of the paragraph are of."""
        if rate.value > 100 or sum(char.isdigit() for char in rate.text) < SHORTEST:
            return
        yield from self._stated_before(part)
        if sum(char.isdigit() for char in rate.text) > SHORTEST:
            yield from self._any_stated_before(part)
        for key, many in self._popular.most_common(POPULAR):
            base = self._by_id[key]
            near = (base.paragraph == part.paragraph or many > ENOUGH) and base.unit == part.unit and base.period == part.period
            if many >= ENOUGH and near and base.value > part.value:
                yield base

    def _any_stated_before(self, part: Figure) -> Iterator[Figure]:
        """Counts of the sentence before but the last: `có điều kiện 268,4 tỷ đồng, chưa có 144,2 tỷ đồng. Thi hành 121,9 tỷ
        đồng, đạt 45,42%`."""
        before = self._sentences.get((part.paragraph, part.sentence - 1), ())[-NEAR:]
        counts = [one.figure for one in before if one.figure.kind is FigureKind.count and not one.role.changes]
        first = next(iter(self._sentences.get((part.paragraph, part.sentence - 1), ())), None)
        if first is not None and first.figure not in counts and first.figure.kind is FigureKind.count:
            counts.insert(0, first.figure)  # `Nhận 412 phản ánh: đô thị 168, an ninh 97, môi trường 81, khác 66. Đã xử lý 389`
        yield from (one for one in counts[:-1] if one.exact and one.unit == part.unit and one.value > part.value)

    def _stated_before(self, part: Figure) -> Iterator[Figure]:
        """The count of the sentence before: `Số vụ đủ điều kiện là 1.432 vụ. Đã xong 1.190 vụ, đạt 83,10%`."""
        before = [
            one.figure
            for one in self._sentences.get((part.paragraph, part.sentence - 1), ())
            if one.figure.depth <= part.depth and not one.role.changes
        ]
        if before[-1:] and before[-1].kind is FigureKind.count and before[-1].exact:
            base = before[-1]
            if base.value > part.value and base.unit == part.unit and base.period in ("", part.period):
                yield base


def _complement(rate: Figure, part: Figure, base: Figure) -> Equation:
    """What is not left of a base, in per cent of it."""
    return Equation("rate", Form.ratio, Term(rate), (Term(base), Term(part, -1)), (Term(base),))


def _is_a_digit_off(rate: Figure, equation: Equation) -> bool:
    """Whether one digit of a rate is another than it would be: `65%` for `55%`."""
    computed = equation.computed()
    if computed is None:
        return False
    scale = 10**rate.decimals
    mine, its = str(int(rate.value * scale)), str(int(rounded(computed, rate.decimals) * scale))
    return len(mine) == len(its) > 1 and sum(one != other for one, other in zip(mine, its, strict=True)) == 1


def _ratio(rate: Figure, part: Figure, base: Figure) -> Equation:
    return Equation("rate", Form.ratio, Term(rate), (Term(part),), (Term(base),))


def with_bases(
    slots: Sequence[Sequence[Equation]], held: Iterable[Equation], contexts: Sequence[Context]
) -> list[Sequence[Equation]]:
    """The slots, with the base that other figures show for the rates that are left open; `held` are sums."""
    found = Bases(slots, held, contexts)
    out: list[Sequence[Equation]] = []
    for readings in slots:
        told = found.reading(readings)
        out.append(readings if told is None else [told, *(one for one in readings if not _is_of_itself(one))])
    return out


def _is_of_itself(one: Equation) -> bool:
    """Whether nothing tells what a count is a share of, so that it stands for its base, too."""
    return one.base == one.terms


def _is_share(one: Equation) -> bool:
    return one.kind == "rate" and one.form is Form.ratio and len(one.terms) == len(one.base) == 1 and not one.constant


def _stands_with(part: Figure, rate: Figure) -> bool:
    """Whether a rate stands beside its count, or in the bracket that ends its words: `13 hồ sơ thiếu phiếu kiểm soát (16%)`."""
    bracket = rate.depth == part.depth + 1 and rate.segment == part.segment + 1
    return 0 < rate.token - part.token < (BRACKETED if bracket else 6)


def _are_siblings(part: Figure, rate: Figure, one: _Known) -> bool:
    """Whether a count with its rate stands beside another one in the same way."""
    same_list = one.rate.paragraph != rate.paragraph or one.rate.sentence == rate.sentence
    return (
        one.part is not part
        and same_list
        and alike(one.part, part)
        and one.part.depth == part.depth
        and one.rate.depth == rate.depth
        and _stands_with(one.part, one.rate)
        and _stands_with(part, rate)
        and one.part.period == part.period
        and one.part.own.get("stage") == part.own.get("stage")
        and ("time" in one.part.own) == ("time" in part.own)
        and ("channel" in one.part.own) == ("channel" in part.own)
    )
