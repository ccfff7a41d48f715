"""Lists whose whole or parts no word announces, where one slip explains why they do not add up. Pure.

`Tiếp nhận 12.850 tờ khai, nộp điện tử 12.799, nộp giấy 51`: what holds is found by `additions`. What fails is told only for
slips that hardly come by chance: digits exchanged, or one of many wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.notices.audit.claims.contexts import Context, Role, alike
from services.notices.audit.claims.slips import is_slip
from services.notices.audit.figures import Figure, FigureKind
from services.notices.audit.solver import Equation, Form, Term
from services.notices.quantities.exact import Fraction

MAX_PARTS = 6
"""Parts of a list."""
CLEAR = 5
"""Digits of a number of which one may be wrong."""


def remainders(contexts: Sequence[Context], slots: Sequence[Sequence[Equation]]) -> Iterator[list[Equation]]:
    """The lists that fail by one slip, of figures that nothing else explains."""
    explained = {
        id(figure)
        for readings in slots
        for one in readings
        if one.form is Form.total and one.holds() and one.kind in ("sum", "table")
        for figure in one.figures
    }
    claimed = {id(readings[0].claimed.figure) for readings in slots if readings[0].form is Form.total and readings[0].certain}
    listed = {
        id(term.figure)
        for readings in slots
        for term in readings[0].terms
        if readings[0].kind in ("sum", "list", "bound") and readings[0].form in (Form.total, Form.at_least)
    }
    counts = [one for one in contexts if one.figure.counts and one.figure.exact and one.figure.depth == 0]
    for position, whole in enumerate(counts):
        if not _may_be_whole(whole) or id(whole.figure) in claimed or id(whole.figure) in listed:
            continue
        for parts in _lists(counts, position):
            figures = [whole.figure, *(one.figure for one in parts)]
            if sum(id(one) in explained for one in figures) > 1:
                continue
            equation = Equation("sum", Form.total, Term(whole.figure), tuple(Term(one) for one in figures[1:]))
            if not equation.holds() and _is_clear_slip(equation):
                equation.mistaken = True
                yield [equation]
                break


def _may_be_whole(one: Context) -> bool:
    return one.figure.kind is FigureKind.count and one.role in (Role.plain, Role.total) and one.figure.value >= 100


def _lists(counts: Sequence[Context], position: int) -> Iterator[list[Context]]:
    """The counts after a whole to the end of its sentence or to a semicolon, or all of the sentence after."""
    whole = counts[position]
    after = counts[position + 1 : position + 1 + MAX_PARTS]
    for sentence in (0, 1):
        parts = [
            one
            for one in after
            if one.figure.paragraph == whole.figure.paragraph and one.figure.sentence - whole.figure.sentence == sentence
        ]
        ends = [number for number, one in enumerate(parts) if any(token.text == ";" for token in one.lead)]
        lists = [parts]
        if sentence == 0 and ends:
            first, more = ends[0], next(iter(ends[1:]), len(parts))
            lists += [parts[:first], [one for one in parts[first:more] if one.figure.unit == whole.figure.unit]]
        for each in lists:
            if len(each) > 1 and _may_divide(whole, each):
                yield each


def _may_divide(whole: Context, parts: Sequence[Context]) -> bool:
    plain = all(one.role is Role.plain or one.role is Role.left for one in parts)
    same = all(alike(whole.figure, one.figure) and one.figure.period == whole.figure.period for one in parts)
    some = any("examples" in one.roles for one in (whole, *parts))
    return plain and same and not some and not any(one.earlier for one in parts)


def _is_clear_slip(equation: Equation) -> bool:
    computed = equation.computed()
    if computed is None:
        return False
    off = equation.claimed.value - computed
    if abs(off) * 3 > equation.claimed.value:
        return False
    return _is_clear(equation.claimed.figure, computed) or any(
        _is_clear(term.figure, term.value + off / term.factor) for term in equation.terms
    )


def _is_clear(figure: Figure, value: Fraction) -> bool:
    if value.denominator != 1 or figure.value.denominator != 1 or not is_slip(figure, value):
        return False
    mine, its = str(int(figure.value)), str(int(value))
    return len(mine) > 2 and len(mine) == len(its) and (sorted(mine) == sorted(its) or len(mine) >= CLEAR)
