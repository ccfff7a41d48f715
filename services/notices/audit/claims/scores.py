"""Marks of an index by its groups of criteria, which make up the mark of the whole. Pure.

`Đạt 87,33 điểm. ... thẩm định đạt 57,92/61,5 điểm. ... 2,97/6,5 điểm. ... 18,29/22 điểm. ... 8,15/10 điểm`: where the marks
that can be had make 100, the ones that were had make the mark told before them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.notices.audit.claims.contexts import Context
from services.notices.audit.claims.slips import holds_exchanged, mends
from services.notices.audit.figures import FigureKind
from services.notices.audit.solver import Equation, Form, Term

GROUPS = 3
"""Groups of criteria that make an index."""
MAX_GROUPS = 11
"""Groups of criteria before the last that are added up."""
BEFORE = 12
"""Figures before the groups among which the mark of the whole is."""
NEARLY = (8, 13)
"""So many tenths of its whole the parts of a mark are together."""
_ALL = 100


def scores(contexts: Sequence[Context]) -> Iterator[list[Equation]]:
    """The marks of groups of criteria, with the mark of the whole."""
    parts: list[Context] = []
    for one in contexts:
        figure = one.figure
        if figure.kind is not FigureKind.part or figure.whole is None or figure.unit not in ("score", None) or not figure.exact:
            continue
        if parts and figure.paragraph - parts[-1].figure.paragraph > 1:
            parts = []
        parts = [*parts[-MAX_GROUPS:], one]
        most = [sum(each.figure.whole or 0 for each in parts[start:]) for start in range(len(parts))]
        start = next((place for place, added in enumerate(most) if added == _ALL), None)
        if start is None or len(parts) - start < GROUPS:
            continue
        told = parts[start:]
        before = contexts[max(0, told[0].order - BEFORE) : told[0].order]
        wholes = [each for each in before if _is_mark(each) and each.figure.value > max(part.figure.value for part in told)]
        parts = []
        following = contexts[one.order + 1 : one.order + 2]
        if following and _is_of_all(following[0], one):
            yield [Equation("sum", Form.total, Term(following[0].figure), tuple(Term(each.figure) for each in told))]
            continue
        for whole in wholes[-1:] if wholes and wholes[-1].figure.whole == _ALL else wholes[:1]:
            equation = Equation("sum", Form.total, Term(whole.figure), tuple(Term(each.figure) for each in told), certain=False)
            opened = whole.figure.whole == _ALL and "opener" in told[0].roles
            equation.mistaken = equation.certain = not equation.holds() and (opened or _is_near(equation))
            yield [equation]


def divided(contexts: Sequence[Context]) -> Iterator[list[Equation]]:
    """Marks that are told with all that they are made of: `91,75 điểm, gồm thẩm định 62,25 điểm và điều tra 29,50 điểm`."""
    for whole in contexts:
        parts = [one for one in contexts[whole.order + 1 : whole.order + 1 + MAX_GROUPS] if _shares_sentence(one, whole)]
        if not _is_mark(whole) or len(parts) < 2 or parts[0].order != whole.order + 1:
            continue
        opened = "exhaustive" in parts[0].roles and parts[0].figure.depth == whole.figure.depth
        bracketed = parts[0].figure.depth == whole.figure.depth + 1 and len({one.figure.depth for one in parts}) == 1
        told = Equation("sum", Form.total, Term(whole.figure), tuple(Term(one.figure) for one in parts), certain=False)
        added = sum((one.figure.value for one in parts), start=0 * whole.figure.value)
        nearly = whole.figure.value * NEARLY[0] <= added * 10 <= whole.figure.value * NEARLY[1]
        if not (opened or bracketed) or not nearly or max(one.figure.value for one in parts) >= whole.figure.value:
            continue  # the parts of an average are about as high as it
        told.mistaken = told.certain = not told.holds() and (opened or mends(told))
        yield [told]


def _shares_sentence(one: Context, whole: Context) -> bool:
    """Whether a mark stands in the sentence of another, or in its bracket."""
    same = (one.figure.paragraph, one.figure.sentence) == (whole.figure.paragraph, whole.figure.sentence)
    mark = one.figure.kind is FigureKind.count and one.figure.unit == "score" and one.figure.exact
    return same and mark and not one.role.changes and one.figure.depth - whole.figure.depth in (0, 1)


def _is_of_all(one: Context, last: Context) -> bool:
    """Whether a mark after the groups is that of the whole: `Tổng điểm đạt 88/100 điểm`."""
    figure = one.figure
    whole = figure.whole == _ALL if figure.kind is FigureKind.part else figure.unit == "score" and "total" in one.roles
    return whole and figure.exact and not one.role.changes and figure.paragraph - last.figure.paragraph <= 1


def _is_mark(one: Context) -> bool:
    plain = not one.role.changes and not one.earlier
    if one.figure.kind is FigureKind.part:
        return one.figure.whole == _ALL and plain and one.figure.exact  # `88,42/100 điểm; trong đó: ...`
    return one.figure.kind is FigureKind.count and one.figure.unit == "score" and plain and one.figure.value <= _ALL


def _is_near(equation: Equation) -> bool:
    """Whether two digits of a mark, exchanged, explain why the marks do not add up."""
    computed = equation.computed()
    if computed is None:
        return False
    off = equation.claimed.value - computed
    if holds_exchanged(equation):
        return True
    for term in equation.terms:
        mine, its = (str(int(value * 10**term.figure.decimals)) for value in (term.value, term.value + off))
        if mine != its and len(mine) == len(its) and sorted(mine) == sorted(its):
            return True
    return False
