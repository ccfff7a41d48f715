"""Totals and remainders that the words announce and the figures near by do not give. Pure.

What holds is found by `additions`. Here is told what does not: where `cộng lại`, `cả ba cấp`, `còn` name a result of figures that
stand before it and one slip among them explains why it fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from services.notices.audit.claims.contexts import Place, Role, alike
from services.notices.audit.claims.slips import mends
from services.notices.audit.figures import FigureKind
from services.notices.audit.solver import Equation, Form, Term

WINDOW = 14
_MORE = frozenset(("carried", "new", "received", "handled"))
_LESS = frozenset(("resolved", "returned", "withdrawn", "supplemented", "suspended"))
_DIVIDED = ("time", "channel", "level", "opinion", "service", "grade")


def totals(places: Sequence[Place], found: Iterable[Equation]) -> Iterator[list[Equation]]:
    """The totals and remainders that fail by one slip; `found` are the sums that hold."""
    told = [
        one
        for one in places
        if one.figure.counts and one.figure.exact and not one.role.changes and one.role is not Role.each
    ]
    explained = {id(figure) for one in found for figure in one.figures}
    for position, place in enumerate(told):
        if place.figure.kind is not FigureKind.count or id(place.figure) in explained:
            continue
        before = told[max(0, position - WINDOW) : position]
        if place.role is Role.total:
            yield from _failing(_totals(place, before))
        elif place.role is Role.left:
            yield from _failing(_left(place, before))
        if "base" in place.roles and any(token.norm == "trong" for token in place.lead[:3]):
            yield from _failing(_wholes(place, told[position + 1 : position + WINDOW]))


def _failing(equations: Iterator[Equation]) -> Iterator[list[Equation]]:
    """The first that one slip explains, unless another one holds."""
    readings = list(equations)
    if any(one.holds() for one in readings):
        return
    slipped = next((one for one in readings if mends(one)), None)
    if slipped is not None:
        slipped.mistaken = True
        yield [slipped]


def _totals(place: Place, before: Sequence[Place]) -> Iterator[Equation]:
    """The list right before a total, and the figures that count the same in sentences before."""
    row = [one for one in before if alike(place.figure, one.figure) and one.paragraph is place.paragraph]
    inside = [one for one in row if one.figure.sentence == place.figure.sentence and one.figure.depth == place.figure.depth]
    first = next((number for number in range(len(inside) - 1, -1, -1) if inside[number].roles & {"opener", "base", "whole"}), 0)
    for parts in (inside, inside[1:], inside[first:], inside[first + 1 :]):
        if len(parts) > 1:
            yield _sum(place, parts)
    same = [one for one in before if alike(place.figure, one.figure) and place.figure.own and one.figure.own == place.figure.own]
    if len(same) > 1:
        yield _sum(place, same)
    for step in (2, 3):
        parallel = list(reversed(row))[step - 1 :: step]
        for many in (3, 4, 2):
            if len(parallel) >= many:
                yield _sum(place, parallel[:many][::-1])
    if not inside:
        for many in (3, 4, 2):
            if len(row) == many:
                yield _sum(place, row)


def _left(place: Place, before: Sequence[Place]) -> Iterator[Equation]:
    """What is left: what there was, without what was done."""
    if any(name in place.figure.own for name in ("channel", "level", "opinion")) or place.figure.own.get("time") == "overdue":
        return
    row = [
        one
        for one in before
        if place.figure.paragraph - one.figure.paragraph <= 1
        and place.figure.sentence - one.figure.sentence <= 3
        and one.figure.depth == 0
        and alike(place.figure, one.figure)
        and not any(name in one.figure.own for name in _DIVIDED)
    ]
    last = max((number for number, one in enumerate(row) if one.role is Role.left), default=-1)
    opening = row[last : last + 1] if last >= 0 else []
    row = row[last + 1 :]
    signed: list[Term] = []
    handled = False
    for one in row:
        stage, change = one.figure.own.get("stage", ""), one.figure.own.get("change", "")
        if stage in _LESS or change == "abolished":
            signed.append(Term(one.figure, -1))
        elif stage in _MORE or change == "new":
            if handled and stage != "handled":
                continue  # what it is made up of
            handled |= stage == "handled"
            signed.append(Term(one.figure))
    if any(term.factor < 0 for term in signed):
        if any(term.factor > 0 for term in signed):
            yield Equation("sum", Form.total, Term(place.figure), tuple(signed))
        told = {id(term.figure) for term in signed}
        bases = [one for one in row if id(one.figure) not in told and not one.figure.own][-1:] or opening
        if not any(term.figure.own.get("stage") in ("handled", "carried") for term in signed):
            yield from (Equation("sum", Form.total, Term(place.figure), (Term(one.figure), *signed)) for one in bases)
    near = row[-3:]
    if len(near) > 1:
        yield Equation("sum", Form.total, Term(place.figure), (Term(near[-2].figure), Term(near[-1].figure, -1)))
    if len(near) > 2:
        yield Equation("sum", Form.total, Term(place.figure), (Term(near[0].figure), Term(near[1].figure, -1), Term(near[2].figure, -1)))


def _wholes(place: Place, after: Sequence[Place]) -> Iterator[Equation]:
    """`Trong 336 hồ sơ quá hạn, đất đai 290 hồ sơ, xây dựng 64 hồ sơ`"""
    parts = [
        one
        for one in after
        if (one.figure.paragraph, one.figure.sentence, one.figure.depth)
        == (place.figure.paragraph, place.figure.sentence, place.figure.depth)
        and alike(place.figure, one.figure)
    ]
    parts = [one for one in parts if one.role is not Role.total and one.figure.value != place.figure.value]
    if len(parts) > 1 and not any("examples" in one.roles for one in parts):
        yield _sum(place, parts)


def _sum(whole: Place, parts: Sequence[Place]) -> Equation:
    return Equation("sum", Form.total, Term(whole.figure), tuple(Term(one.figure) for one in parts))
