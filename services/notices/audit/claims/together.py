"""Rates of several counts taken together: `Sở A 102 hồ sơ, huyện B 67 hồ sơ. Hai đơn vị này chiếm 68,1% số quá hạn`. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from services.notices.audit.claims.contexts import Context, Role
from services.notices.audit.claims.slips import is_slip
from services.notices.audit.figures import Figure, FigureKind
from services.notices.audit.groups import is_rest
from services.notices.audit.solver import Equation, Form, Term
from services.notices.audit.vocabulary import vocabulary
from services.notices.quantities.lexer import TokenKind

MAX_PARTS = 6
"""Counts that are taken together."""
_NUMBERS = {"hai": 2, "ba": 3, "bốn": 4, "năm": 5, "sáu": 6, "2": 2, "3": 3, "4": 4, "5": 5, "02": 2, "03": 3, "04": 4, "05": 5}
_POINTING = frozenset(("này", "trên", "đó", "nêu", "kể"))
"""Words that point to what stands before."""


def together(contexts: Sequence[Context], sums: Iterable[Equation]) -> Iterator[list[Equation]]:
    """The rates of the counts before them together, over the whole that all of these are parts of."""
    wholes: dict[int, list[Figure]] = {}
    for one in sums:
        if one.form in (Form.total, Form.at_least) and all(term.factor > 0 for term in one.terms):
            for term in one.terms:
                wholes.setdefault(id(term.figure), []).append(one.claimed.figure)
    for context in contexts:
        if context.figure.kind is not FigureKind.rate or context.role is not Role.plain or not context.figure.exact:
            continue
        many = _many(context)
        before = [one for one in contexts[max(0, context.order - MAX_PARTS) : context.order] if one.figure.counts]
        before = [one for one in before if not is_rest(one.figure)]
        parts = before[-many:] if many else []
        if len(parts) < 2 or len({one.paragraph.number for one in parts}) > 1 or parts[-1].paragraph is not context.paragraph:
            continue
        common = [one for one in wholes.get(id(parts[0].figure), ()) if all(one in wholes.get(id(p.figure), ()) for p in parts)]
        if common and len({one.value for one in common}) == 1:
            terms = tuple(Term(one.figure) for one in parts)
            equation = Equation("rate", Form.ratio, Term(context.figure), terms, (Term(common[0]),), certain=False)
            equation.mistaken = equation.certain = is_slip(context.figure, equation.computed())
            yield [equation]


def _many(context: Context) -> int:
    """How many things the words before a rate point to; nothing where they point to none."""
    words = [token for token in context.lead if token.kind in (TokenKind.word, TokenKind.number)]
    for place, token in enumerate(words[:-2]):
        unit = vocabulary().units.find_at(words, place + 1) if token.norm in _NUMBERS else None
        if unit is not None and unit.end < len(words) and words[unit.end].norm in _POINTING:
            return _NUMBERS[token.norm]
    return 0
