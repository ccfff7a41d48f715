"""Lists whose whole or parts no word announces, where one slip explains why they do not add up. Pure.

`Tiếp nhận 12.850 tờ khai, nộp điện tử 12.799, nộp giấy 51`: what holds is found by `additions`. What fails is told only for
slips that hardly come by chance: digits exchanged, or one of many wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from itertools import pairwise

from services.notices.audit.claims.contexts import Context, Role, alike
from services.notices.audit.claims.slips import is_slip, is_swapped, printed_digits
from services.notices.audit.figures import Figure, FigureKind
from services.notices.audit.solver import Equation, Form, Term
from services.notices.quantities.exact import Fraction

MAX_PARTS = 6
"""Parts of a list."""
MANY = 3
"""Parts of a list that figures near by may add up to by chance."""
CLEAR = 5
"""Digits of a number of which one may be wrong."""


def remainders(contexts: Sequence[Context], slots: Sequence[Sequence[Equation]]) -> Iterator[list[Equation]]:
    """The lists that fail by one slip, of figures that nothing else explains."""
    holding = [
        one for readings in slots for one in readings if one.form is Form.total and one.kind in ("sum", "table") and one.holds()
    ]
    explained = {id(figure) for one in holding for figure in one.figures}
    told = {id(figure) for one in holding if one.certain for figure in one.figures}
    claimed = {id(readings[0].claimed.figure) for readings in slots if readings[0].form is Form.total and readings[0].certain}
    certain = [readings[0] for readings in slots if readings[0].kind == "sum" and readings[0].certain]
    listed = {
        id(term.figure) for one in (*certain, *holding) if one.kind == "sum" and one.form is Form.total for term in one.terms
    }
    counts = [one for one in contexts if one.figure.counts and one.figure.exact and one.figure.depth == 0]
    for position, whole in enumerate(counts):
        if not _may_be_whole(whole) or id(whole.figure) in listed:
            continue
        for parts in _lists(counts, position):
            if id(whole.figure) in claimed and parts[0].paragraph is whole.paragraph:
                continue
            figures = [whole.figure, *(one.figure for one in parts)]
            if len(parts) < MANY and sum(id(one) in explained for one in figures) > 1:
                continue
            equation = Equation("sum", Form.total, Term(whole.figure), tuple(Term(one) for one in figures[1:]))
            if not equation.holds() and _is_clear_slip(equation, told):
                equation.mistaken = True
                yield [equation]
                break


def _may_be_whole(one: Context) -> bool:
    return one.figure.kind is FigureKind.count and one.role in (Role.plain, Role.total) and one.figure.value >= 100


def _lists(counts: Sequence[Context], position: int) -> Iterator[list[Context]]:
    """The counts after a whole to the end of its sentence or to a semicolon, or all of the sentence after."""
    whole = counts[position]
    after = counts[position + 1 : position + 1 + 2 * MAX_PARTS]
    for sentence in (0, 1):
        parts = [
            one
            for one in after
            if one.figure.paragraph == whole.figure.paragraph and one.figure.sentence - whole.figure.sentence == sentence
        ]
        ends = [number for number, one in enumerate(parts) if any(token.text == ";" for token in one.lead)]
        lists = [parts]
        of_unit = [one for one in parts if one.figure.unit == whole.figure.unit is not None]
        if len(of_unit) < len(parts):
            lists.append(of_unit)  # `sai phạm 9,4 tỷ đồng và 310 m2 đất; kiến nghị thu hồi 8,1 tỷ đồng và 310 m2 đất`
        if ends:
            cuts = [0, *ends, len(parts)] if sentence == 0 else [0]
            same = [[one for one in parts[a:b] if one.figure.unit == whole.figure.unit] for a, b in pairwise(cuts)]
            lists += [each for each in same if each is not parts]
        for each in lists:
            if 1 < len(each) <= MAX_PARTS and _may_divide(whole, each):
                yield each
    below = [one for one in after if one.figure.paragraph == whole.figure.paragraph + 1]
    below = [one for one in below if one.figure.sentence == below[0].figure.sentence]
    if MANY <= len(below) <= MAX_PARTS and _may_divide(whole, below):
        yield below  # `... 5.590 đơn đủ điều kiện.` `Qua phân loại, đã hướng dẫn 780 đơn, chuyển 1.740 đơn, ...`


def _may_divide(whole: Context, parts: Sequence[Context]) -> bool:
    plain = all(one.role is Role.plain or one.role is Role.left for one in parts)
    same = all(alike(whole.figure, one.figure) and one.figure.period == whole.figure.period for one in parts)
    some = any("examples" in one.roles for one in (whole, *parts))
    if whole.figure.scope and all(one.figure.scope not in ("", whole.figure.scope) for one in parts):
        return False  # `xã A 115 hồ sơ; xã B 27 hồ sơ; xã C 124 hồ sơ`: one beside the others
    return plain and same and not some and not any(one.earlier for one in parts)


def _is_clear_slip(equation: Equation, vouched: Set[int]) -> bool:
    """Whether one of its figures is clearly mistyped, which no other sum that is told vouches for."""
    computed = equation.computed()
    if computed is None:
        return False
    off = equation.claimed.value - computed
    mended = [(equation.claimed.figure, computed)]
    mended += [(term.figure, term.value + off / term.factor) for term in equation.terms]
    if abs(off) * 3 > equation.claimed.value:
        return any(
            printed_digits(figure) >= CLEAR and id(figure) not in vouched and is_swapped(figure, value)
            for figure, value in mended
        )
    return any(_is_clear(figure, value) for figure, value in mended if len(mended) <= MANY or id(figure) not in vouched)


def _is_clear(figure: Figure, value: Fraction) -> bool:
    if value.denominator != 1 or figure.value.denominator != 1 or not is_slip(figure, value):
        return False
    mine, its = str(int(figure.value)), str(int(value))
    return len(mine) > 2 and len(mine) == len(its) and (sorted(mine) == sorted(its) or len(mine) >= CLEAR)
