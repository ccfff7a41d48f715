"""Shares of one whole, which make 100 %; and rates that follow a row of counts in their order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from services.notices.audit.claims.contexts import Context, alike
from services.notices.audit.claims.slips import is_exchanged, is_slip
from services.notices.audit.figures import Figure, FigureKind
from services.notices.audit.frames import PRIOR, is_name
from services.notices.audit.groups import DIVIDING
from services.notices.audit.solver import Equation, Form, Term
from services.notices.audit.vocabulary import vocabulary
from services.notices.quantities.exact import Fraction
from services.notices.quantities.lexer import TokenKind

NEAR = (80, 120)
"""Per cent between which rates of a list are meant to make 100."""
LONG = 3
"""Digits of a rate that is a slip however far off it is, when it has more."""
LABEL = 8
"""Words of the label of a share in a list."""
BEFORE = 14
"""Figures before a row of rates among which its counts are."""


def shares(contexts: Sequence[Context], sums: Iterable[Equation]) -> Iterator[list[Equation]]:
    """Rates that make 100 %, or that the words say to; `sums` are those that hold."""
    rates = [one for one in contexts if _is_share(one)]
    taken: set[int] = set()
    for _, group in groupby(rates, key=lambda one: (one.paragraph.number, one.figure.sentence)):
        row = list(group)
        for depth in sorted({one.figure.depth for one in row}):
            yield from _of_row([one for one in row if one.figure.depth == depth], taken)
    by_figure = {id(one.figure): one for one in contexts}
    for one in sums:
        parts = [by_figure[id(term.figure)] for term in one.terms if id(term.figure) in by_figure]
        if len(parts) < len(one.terms) or len(parts) < 2 or one.form is not Form.total or any(t.factor != 1 for t in one.terms):
            continue
        row = [contexts[part.order + 1] for part in parts if part.order + 1 < len(contexts)]
        if len(row) == len(parts) and all(
            _is_share(rate) and rate.order not in taken and _is_of_part(rate, part)
            for rate, part in zip(row, parts, strict=True)
        ):
            # Every part of a whole has its rate beside it: all but one of them are shares of it.
            failing = [
                rate for rate, part in zip(row, parts, strict=True) if not _ratio(rate, part, one.claimed.figure).holds()
            ]
            if len(failing) == 0 or (len(failing) == 1 and len(row) > 1):
                wrong = failing[0] if failing else row[-1]
                taken |= {rate.order for rate in row}
                yield [_share([*(rate for rate in row if rate is not wrong), wrong], certain=True)]


def _is_of_part(rate: Context, part: Context) -> bool:
    return (rate.paragraph.number, rate.figure.sentence) == (part.paragraph.number, part.figure.sentence)


def _is_share(context: Context) -> bool:
    figure = context.figure
    plain = not context.role.changes and not context.roles & {"target", "against", "prior"} and figure.period != PRIOR
    return figure.kind is FigureKind.rate and figure.exact and plain and 0 < figure.value < 100


def _of_row(row: Sequence[Context], taken: set[int]) -> Iterator[list[Equation]]:
    """The rates of a sentence: a run of them that makes 100, or all of a list that says what it divides."""
    start, found = 0, False
    while start < len(row) - 1:
        for end in range(len(row), start + 1, -1):
            equation = _share(row[start:end], certain=False)
            if equation.holds():
                taken |= {one.order for one in row[start:end]}
                yield [equation]
                found, start = True, end - 1
                break
        start += 1
    if found or len(row) < 2:
        return
    values = _values(row)
    complete = values is not None
    divided = "breakdown" in row[0].roles and any(token.text == ":" for token in row[0].lead)
    closed = any(cue.roles & {"closed"} for one in row for cue in one.following) or _is_rest(row[-1])
    total = _added(row)
    slipped = [one for one in row if is_slip(one.figure, 100 - total + one.figure.value)]
    near = NEAR[0] <= total <= NEAR[1] or any(len(one.digits) > LONG for one in slipped)
    if (divided or closed or complete) and len(row) >= (2 if divided else 3) and near:
        taken |= {one.order for one in row}
        wrong = slipped[0] if slipped else row[-1]
        yield [_share([*(one for one in row if one is not wrong), wrong], certain=True)]
        return
    exchanged = _exchanged(row)
    if exchanged is not None:
        taken |= {one.order for one in row}
        yield [_share([*(one for one in row if one is not exchanged), exchanged], certain=True)]


def _is_rest(last: Context) -> bool:
    """Whether the last rate of a list is told as what is left: `còn lại 25,84% chưa hài lòng`."""
    words = [token.norm for token in last.lead if token.kind is TokenKind.word]
    return words[:2] == ["còn", "lại"]


def _exchanged(row: Sequence[Context]) -> Context | None:
    """The rate with two digits exchanged of a list that makes 100 but for it: `Thời gian: mau 31,5%, vừa 51,2%, lâu 16,4%`."""
    begins = any(token.text == ":" for token in row[0].lead) and not row[0].figure.depth
    plain = begins and all(len(one.lead) <= LABEL and not any(t.text == ":" for t in one.lead) for one in row[1:])
    if len(row) < 3 or not plain or any(is_name(one.figure.name) for one in row):
        return None
    rest = 100 - _added(row)
    found = [one for one in row if is_exchanged(one.figure, one.figure.value + rest)]
    return found[0] if len(found) == 1 else None


def _values(row: Sequence[Context]) -> frozenset[str] | None:
    """The values of one dimension that the rates tell of, where they are all there are."""
    for dimension in DIVIDING:
        values = [one.figure.own.get(dimension) for one in row]
        if None not in values and frozenset(v for v in values if v) in vocabulary().complete.get(dimension, ()):
            return frozenset(v for v in values if v)
    return None


def _added(row: Sequence[Context]) -> Fraction:
    return sum((one.figure.value for one in row), Fraction(0))


def _share(row: Sequence[Context], *, certain: bool) -> Equation:
    terms = tuple(Term(one.figure, -1) for one in row[:-1])
    return Equation("share", Form.total, Term(row[-1].figure), terms, constant=Fraction(100), certain=certain)


def respectively(contexts: Sequence[Context]) -> Iterator[list[Equation]]:
    """`các sở 68.950, cấp huyện 82.740, cấp xã 124.110. Tỷ trọng tương ứng là 25%, 30% và 45%`: rates of counts in their order,
    over the base that most of them have."""
    position = 0
    while position < len(contexts):
        row = _row_at(contexts, position)
        position += max(len(row), 1)
        if len(row) < 2:
            continue
        first = row[0].order
        before = [one for one in contexts[max(0, first - BEFORE) : first] if one.figure.counts and not one.role.changes]
        parts = before[-len(row) :]
        if len(parts) < len(row) or not all(alike(parts[0].figure, one.figure) for one in parts):
            continue
        best: tuple[int, bool, Figure] | None = None
        added = sum(one.figure.value for one in parts)
        for base in reversed(before):
            if base in parts or base.figure.value < max(one.figure.value for one in parts):
                continue
            held = sum(_ratio(rate, part, base.figure).holds() for rate, part in zip(row, parts, strict=True))
            if best is None or (held, base.figure.value == added) > best[:2]:
                best = (held, base.figure.value == added, base.figure)
        if best is None or best[0] * 2 < len(row):
            continue
        told = [_ratio(rate, part, best[2]) for rate, part in zip(row, parts, strict=True)]
        yield from ([one] for one in told)
        failing = [rate for rate, one in zip(row, told, strict=True) if not one.holds()]
        if best[1] and len(failing) < 2:
            # The counts are all of their base, and so are the rates.
            wrong = failing[0] if failing else row[-1]
            yield [_share([*(rate for rate in row if rate is not wrong), wrong], certain=True)]


def _row_at(contexts: Sequence[Context], position: int) -> list[Context]:
    """The rates that follow `lần lượt là`, `tương ứng là`."""
    first = contexts[position]
    if first.figure.kind is not FigureKind.rate or "respectively" not in first.roles or first.role.changes:
        return []
    row = [first]
    for one in contexts[position + 1 :]:
        short = len(one.lead) <= 2
        if one.figure.kind is not FigureKind.rate or not short or one.figure.sentence != first.figure.sentence:
            break
        row.append(one)
    return row


def _ratio(rate: Context, part: Context, base: Figure) -> Equation:
    return Equation("rate", Form.ratio, Term(rate.figure), (Term(part.figure),), (Term(base),))
