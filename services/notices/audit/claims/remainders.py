"""Lists whose whole or parts no word announces, where one slip explains why they do not add up. Pure.

`Tiếp nhận 12.850 tờ khai, nộp điện tử 12.799, nộp giấy 51`: what holds is found by `additions`. What fails is told only for
slips that hardly come by chance: digits exchanged, or one of many wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from itertools import pairwise

from services.notices.audit.claims.contexts import Context, Role, alike, until_stop
from services.notices.audit.claims.denials import denies
from services.notices.audit.claims.slips import is_slip, is_swapped, mends, mends_exchange, printed_digits
from services.notices.audit.figures import Figure, FigureKind
from services.notices.audit.groups import is_rest
from services.notices.audit.solver import Equation, Form, Term
from services.notices.quantities.exact import Fraction
from services.notices.quantities.lexer import TokenKind

MAX_PARTS = 6
"""Parts of a list."""
MANY = 3
NEARLY = 8
"""Parts of a list that figures near by may add up to by chance."""
LEAST, SMALLEST = 100, 20
"""The least value of a whole that no word announces, and of one that is announced."""
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
            announced = _is_announced(whole, parts) or _is_divided_by_words(parts)
            if whole.figure.value < LEAST and not announced:
                continue
            if id(whole.figure) in claimed and parts[0].paragraph is whole.paragraph and not announced:
                continue
            figures = [whole.figure, *(one.figure for one in parts)]
            if len(parts) < MANY and sum(id(one) in explained for one in figures) > 1:
                continue
            equation = Equation("sum", Form.total, Term(whole.figure), tuple(Term(one) for one in figures[1:]))
            sure = announced or _leaves_nothing(parts)
            slipped = not equation.holds() and (_is_clear_slip(equation, told) or (sure and _is_near(equation, parts)))
            if slipped:
                equation.mistaken = True
                yield [equation]
                break


def _is_announced(whole: Context, parts: Sequence[Context]) -> bool:
    """Whether the sentence after a whole begins to divide it: `Đã giải quyết 89 tin. Trong số tin đã giải quyết: khởi tố 34 vụ,
    không khởi tố 47 vụ, tạm đình chỉ 8 vụ`."""
    first = parts[0]
    if first.paragraph is not whole.paragraph or first.figure.sentence != whole.figure.sentence + 1:
        return False
    words = [token.norm for token in first.lead if token.kind is TokenKind.word]
    comma = next((place for place, token in enumerate(first.lead) if token.text in (":", ",")), None)
    if words == ["trong", "số", "này"] or words == ["trong", "số", "đó"]:
        comma = len(first.lead)  # `Tiếp 1.276 lượt. Trong số này 714 lượt nộp hồ sơ, 402 lượt nhận kết quả, ...`
    if comma is None or words[:1] != ["trong"] or not all(one.figure.kind is FigureKind.count for one in parts):
        return False
    divided = [any(token.text == ";" for token in one.lead) for one in parts[1:]]
    if any(divided) and not all(divided):
        return False  # `tố giác 205 tin; tin báo 209, kiến nghị khởi tố 4; đã chuyển 9 tin`: where it ends is not told
    if any("attribute" in one.roles or "gender" in one.figure.own for one in parts):
        return False  # `trong đó, đảng viên 1.725 người; nữ 1.932 người`: many are both
    named = set(pairwise(token.norm for token in first.lead[:comma])) & set(pairwise(token.norm for token in whole.own_lead))
    opened = words[:2] in (["trong", "số"], ["trong", "đó"]) or bool(named)
    return opened and whole.figure.own.get("stage") == first.figure.own.get("stage", whole.figure.own.get("stage"))


def _is_divided_by_words(parts: Sequence[Context]) -> bool:
    """Whether a list ends with what is still being done, after what was done well and what was not: `hòa giải thành 306 vụ,
    không thành 88 vụ, đang hòa giải 94 vụ`."""
    last = parts[-1]
    left = last.role is Role.left or "đang" in {token.norm for token in (*last.own_lead, *until_stop(last.tail))}
    done = parts[:-1] if left else parts
    denied = any(denies(one, other) for one in done for other in done if one.order < other.order)
    return len(parts) >= MANY and denied


def _leaves_nothing(parts: Sequence[Context]) -> bool:
    """Whether a list of several parts ends with all others: `đô thị 168, môi trường 81, lĩnh vực khác 66`."""
    last = parts[-1]
    return len(parts) >= MANY and is_rest(last.figure) and "khác" in {token.norm for token in last.own_lead}


def _is_near(equation: Equation, parts: Sequence[Context]) -> bool:
    """Whether a sum that is claimed fails by a slip, or by no more than a list told in full may."""
    computed, claimed = equation.computed(), equation.claimed.value
    if computed is None:
        return False
    if mends_exchange(equation) or mends(equation):
        return True
    if _is_divided_by_words(parts) and claimed < computed <= claimed * (NEARLY + 1) / NEARLY:
        return True
    return _leaves_nothing(parts) and len(parts) > MANY and abs(computed - claimed) * NEARLY <= claimed


def _may_be_whole(one: Context) -> bool:
    return (
        one.figure.kind is FigureKind.count
        and not (one.held_against or "against" in one.roles)
        and one.role in (Role.plain, Role.total)
        and one.figure.value >= SMALLEST
    )


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
    some = any("examples" in one.roles for one in (whole, *parts)) and not _leaves_nothing(parts)
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
