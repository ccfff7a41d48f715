"""Shares of one whole, which make 100 %. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from services.notices.audit.figures import Figure, FigureKind
from services.notices.audit.groups import DIVIDING
from services.notices.audit.solver import Equation, Form, Term
from services.notices.audit.vocabulary import vocabulary


def listed_shares(parts: Sequence[Figure]) -> Iterator[list[Equation]]:
    """The rates of a list that divides one whole: `Theo lĩnh vực: đất đai 44,1%; hộ tịch 30,6%; khác 25,3%.`"""
    found = [one for one in parts if one.kind is FigureKind.rate and one.exact]
    if len(found) < 3 or any(one.kind is FigureKind.count for one in parts):
        return
    total = sum((one.value for one in found), Fraction(0))
    last, others = found[-1], found[:-1]
    near = Fraction(85) <= total <= Fraction(115)
    terms = tuple(Term(one, -1) for one in others)
    yield [Equation("share", Form.total, Term(last), terms, constant=Fraction(100), certain=near, guessed=not near)]


def shares(rates: Sequence[Figure]) -> Iterator[list[Equation]]:
    """Rates of all parts of a whole, which make 100 %."""
    by: dict[tuple[str, str, str, int, frozenset[tuple[str, str]], str], dict[str, Figure]] = {}
    for rate in rates:
        for dimension in DIVIDING:
            value = rate.meaning.get(dimension)
            if value is None or dimension == "level" or not rate.exact:
                continue
            rest = frozenset((name, kept) for name, kept in rate.meaning.items() if name != dimension)
            key = (rate.scope, rate.period, rate.topic, rate.paragraph, rest, dimension)
            by.setdefault(key, {}).setdefault(value, rate)
    for (*_, dimension), told in by.items():
        sets = [one for one in vocabulary().complete.get(dimension, ()) if one <= told.keys()]
        if not sets:
            continue
        largest = max(sets, key=len)
        if largest in (frozenset(("early", "on_time")),):
            continue
        figures = sorted((told[value] for value in largest), key=lambda one: one.start)
        last, others = figures[-1], figures[:-1]
        yield [
            Equation(
                "share",
                Form.total,
                Term(last),
                tuple(Term(one, -1) for one in others),
                constant=Fraction(100),
                certain=dimension != "time" or "in_time" in largest or len(largest) == 3,
            )
        ]
