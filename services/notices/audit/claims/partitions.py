"""Counts with their shares, side by side, that are all there is: the base is what they add up to, printed or not. Pure.

`Công dân nộp 3.200 hồ sơ (64%), doanh nghiệp nộp 1.800 hồ sơ (36%)`: nobody says 5.000, and both rates are of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from services.notices.audit.claims.contexts import Context, Role, alike
from services.notices.audit.figures import FigureKind
from services.notices.audit.solver import Equation, Form, Term
from services.notices.quantities.exact import Fraction

LEAD = 3
"""Words between a count and its share."""
TOTAL = 3
"""Figures around the counts among which their total is."""
LEAST = 10
"""Rates below have too few digits to prove a base."""


class _Share(NamedTuple):
    """A count with its rate."""

    part: Context
    rate: Context

    @property
    def first(self) -> int:
        """The place of the one that stands first."""
        return min(self.part.order, self.rate.order)

    @property
    def last(self) -> int:
        """The place of the one that stands last."""
        return max(self.part.order, self.rate.order)


def with_partitions(slots: Sequence[Sequence[Equation]], contexts: Sequence[Context]) -> list[Sequence[Equation]]:
    """The slots, with the shares of what counts beside one another add up to, where no other base holds."""
    holding = [one for readings in slots for one in readings if one.kind == "rate" and one.holds()]
    held = {id(one.claimed.figure) for one in holding}
    based: dict[int, set[Fraction]] = {}
    for readings in slots:
        known = (one.base[0].value for one in readings if one.kind == "rate" and len(one.base) == 1)
        based.setdefault(id(readings[0].claimed.figure), set()).update(known)
    found: dict[int, Equation] = {}
    totals: list[Equation] = []
    for run in _runs(contexts):
        if all(id(one.rate.figure) in held for one in run):
            continue
        told = _shares(run)
        added = sum((one.part.figure.value for one in run), Fraction(0))
        for one in told:
            rate = id(one.claimed.figure)
            if rate not in held and added not in based.get(rate, ()):  # a total that is printed is named
                found[rate] = one
        if told and all(one.holds() for one in told):
            totals.extend(_total(run, contexts))
    totals.extend(_of_bases(contexts, {id(one.claimed.figure): one for one in holding if len(one.base) == 1}))
    out = [readings for readings in slots if readings[0].kind != "rate" or id(readings[0].claimed.figure) not in found]
    return [*out, *([one] for one in (*found.values(), *totals))]


def _of_bases(contexts: Sequence[Context], held: Mapping[int, Equation]) -> Iterator[Equation]:
    """`31 hồ sơ, chiếm 47% tổng số (66 hồ sơ); các xã 39 hồ sơ, chiếm 53%`: shares that make 100 are of parts that make up
    their base; told where all of them but one hold over it."""
    pairs = list(_pairs(contexts))
    for _, group in groupby(
        pairs, key=lambda one: (one.part.paragraph.number, one.part.figure.sentence, one.part.figure.depth)
    ):
        row = list(group)
        failing = [one for one in row if id(one.rate.figure) not in held]
        if len(row) < 2 or len(failing) != 1 or not all(alike(row[0].part.figure, one.part.figure) for one in row):
            continue
        bases = {id(one.base[0].figure): one.base[0] for one in (held[id(r.rate.figure)] for r in row if r not in failing)}
        slack = sum((one.rate.figure.high - one.rate.figure.value for one in row), Fraction(0))
        if len(bases) == 1 and abs(sum((one.rate.figure.value for one in row), Fraction(0)) - 100) <= slack:
            base = next(iter(bases.values()))
            parts = tuple(Term(one.part.figure) for one in row)
            if base.figure.value != sum((term.value for term in parts), Fraction(0)) and base.figure.exact:
                yield Equation("sum", Form.total, base, parts)


def _runs(contexts: Sequence[Context]) -> Iterator[list[_Share]]:
    """The counts of a sentence with their shares, each right behind it."""
    run: list[_Share] = []
    for one in _pairs(contexts):
        if run and not (run[-1].last == one.first - 1 and _same_row(run[-1], one)):
            yield run
            run = []
        run.append(one)
    yield run


def _pairs(contexts: Sequence[Context]) -> Iterator[_Share]:
    """Every rate with the count in the bracket behind it, and else with the count before it."""
    for order, rate in enumerate(contexts):
        if rate.figure.kind is not FigureKind.rate:
            continue
        behind = next(iter(contexts[order + 1 : order + 2]), None)
        if behind is not None and _is_share(behind, rate) and _is_its_count(behind, rate):
            yield _Share(behind, rate)
        elif order and _is_share(contexts[order - 1], rate):
            yield _Share(contexts[order - 1], rate)


def _is_its_count(part: Context, rate: Context) -> bool:
    """`60% là của cá nhân (1.440 hồ sơ)`, not `60% tổng số hồ sơ (2.400 hồ sơ)`."""
    bracket = part.figure.depth == rate.figure.depth + 1 and part.lead[-1].text == "("
    return bracket and not any(token.norm in ("tổng", "số") for token in part.lead)


def _is_share(part: Context, rate: Context) -> bool:
    count, share = part.figure, rate.figure
    plain = part.role in (Role.plain, Role.left) and rate.role is Role.plain
    return (
        count.kind is FigureKind.count
        and share.kind is FigureKind.rate
        and plain
        and count.exact
        and share.exact
        and 0 < share.value < 100
        and not rate.roles & {"target", "against", "prior"}
        and (count.paragraph, count.sentence) == (share.paragraph, share.sentence)
        and (len(rate.lead) <= LEAD or part.order > rate.order)
    )


def _same_row(one: _Share, other: _Share) -> bool:
    mine, its = one.part.figure, other.part.figure
    return (
        (mine.paragraph, mine.sentence, mine.depth) == (its.paragraph, its.sentence, its.depth)
        and one.rate.figure.depth == other.rate.figure.depth
        and alike(mine, its)
        and mine.period == its.period
    )


def _shares(run: Sequence[_Share]) -> list[Equation]:
    """The rates over the sum of all counts; nothing unless all of them but one show that this is what they are of."""
    if len(run) < 2:
        return []
    base = tuple(Term(one.part.figure) for one in run)
    told = [Equation("rate", Form.ratio, Term(one.rate.figure), (Term(one.part.figure),), base) for one in run]
    failing = [one for one in told if not one.holds()]
    proved = [one for one in told if one not in failing and one.claimed.value >= LEAST]
    return told if len(failing) <= 1 and proved else []


def _total(run: Sequence[_Share], contexts: Sequence[Context]) -> Iterator[Equation]:
    """What the counts are said to be all of, where it is another number."""
    first, begin, end = run[0].part, run[0].first, run[-1].last + 1
    near = (*contexts[max(0, begin - TOTAL) : begin], *contexts[end : end + TOTAL])
    added = sum((one.part.figure.value for one in run), Fraction(0))
    for one in near:
        same = (one.figure.paragraph, one.figure.sentence) == (first.figure.paragraph, first.figure.sentence)
        total = (one.role is Role.total or "base" in one.roles) and one.figure.kind is FigureKind.count and one.figure.exact
        if same and total and alike(one.figure, first.figure) and one.figure.value != added:
            yield Equation("sum", Form.total, Term(one.figure), tuple(Term(share.part.figure) for share in run))
