"""Rates told side by side are of one base: `đất đai 30 hồ sơ (30%), hộ tịch 20 hồ sơ (20%), xây dựng 50 hồ sơ (51%)`. Pure.

Where nothing next to a rate says what it is of, the rates beside it do: those that hold show their base.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from services.notices.audit.claims.contexts import alike
from services.notices.audit.claims.slips import is_slip
from services.notices.audit.figures import Figure
from services.notices.audit.solver import Equation, Form, Term

NEAR = 4
"""Paragraphs between items of one list."""
ENOUGH = 2
"""Rates of one base that show what the others are of, whatever their figures."""


class _Shown(NamedTuple):
    """A rate that holds, with what it is of."""

    rate: Figure
    part: Figure
    base: Figure


def with_siblings(slots: Sequence[Sequence[Equation]], held: Iterable[Equation]) -> list[Sequence[Equation]]:
    """The slots, with the base that the rates beside show for those that are left open; `held` are sums."""
    sums: dict[int, set[int]] = {}
    for number, one in enumerate(held):
        for term in one.terms:
            sums.setdefault(id(term.figure), set()).add(number)
    shown: dict[int, list[_Shown]] = {}
    for readings in slots:
        one = next((one for one in readings if one.holds()), None)
        if one is not None and _is_share(one):
            rate = one.claimed.figure
            shown.setdefault(rate.paragraph, []).append(_Shown(rate, one.terms[0].figure, one.base[0].figure))
    out: list[Sequence[Equation]] = []
    for readings in slots:
        told = _told(readings, shown, sums)
        out.append(readings if told is None else [told, *readings])
    return out


def _told(
    readings: Sequence[Equation], shown: dict[int, list[_Shown]], sums: dict[int, set[int]]
) -> Equation | None:
    first = readings[0]
    if not _is_share(first) or any(one.holds() or one.certain for one in readings):
        return None
    rate, part = first.claimed.figure, first.terms[0].figure
    if rate.paragraph < 0 or not (rate.exact and part.exact):
        return None
    beside = [
        one
        for number in range(rate.paragraph - NEAR, rate.paragraph + NEAR + 1)
        for one in shown.get(number, ())
        if _are_siblings(part, rate, one)
    ]
    bases = {one.base.value for one in beside}
    if len(bases) != 1 or not beside[0].base.exact or beside[0].base.value < part.value or beside[0].base is part:
        return None
    equation = Equation("rate", Form.ratio, Term(rate), (Term(part),), (Term(beside[0].base),))
    summed = sums.get(id(part), set())
    together = any(summed & sums.get(id(one.part), set()) for one in beside)
    if len(beside) >= ENOUGH or together or is_slip(rate, equation.computed()):
        equation.mistaken = is_slip(rate, equation.computed())
        return equation
    return None


def _is_share(one: Equation) -> bool:
    return one.kind == "rate" and one.form is Form.ratio and len(one.terms) == len(one.base) == 1 and not one.constant


def _are_siblings(part: Figure, rate: Figure, one: _Shown) -> bool:
    """Whether a count with its rate stands beside another one in the same way."""
    same_list = one.rate.paragraph != rate.paragraph or one.rate.sentence == rate.sentence
    return (
        one.part is not part
        and same_list
        and alike(one.part, part)
        and one.part.depth == part.depth
        and one.rate.depth == rate.depth
        and one.rate.token - one.part.token < 6
        and 0 < rate.token - part.token < 6
        and set(one.part.own) == set(part.own)
        and one.part.period == part.period
        and all(one.part.own[name] == part.own[name] for name in one.part.own if name == "stage")
    )
