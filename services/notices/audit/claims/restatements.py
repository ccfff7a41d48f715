"""Figures told roughly and then exactly: `gần 5.000 hồ sơ (4.978 hồ sơ)`, a title that rounds what its text tells. Pure.

`hơn` is a lower bound and `gần` an upper one that is not far off; what is told exactly beside it must keep them. Of a title,
only figures of its own measure, unit and noun are asked, and only where none of them keeps its bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.notices.audit.claims.contexts import Context, Role, alike
from services.notices.audit.figures import FigureKind
from services.notices.audit.solver import Equation, Form, Term
from services.notices.quantities.lexer import TokenKind

TITLE = 30
"""Words of a paragraph that may be a title."""
BELOW = 3
"""Paragraphs below a title that tell what it rounds."""
NOUN = 4
"""Words of a rough figure's noun before the bracket with the exact one: `gần 17.000 tờ rơi (thực tế 16.914 tờ)`."""
FAR = 2
"""A figure so many times another is not what it rounds."""
SHARED, ALL = 1, 4
"""Words that a title and what it rounds have in common; the second where no measure is known."""
_EXACTLY = frozenset(("cụ", "thể", "chính", "xác", "là", "thực", "tế", "đạt", "con", "số", "đúng", "hơn", "tức"))
"""Words between a figure told roughly and the exact one."""
_ANNOUNCING = frozenset(("cụ", "chính", "thực", "tức"))
"""The same, without which a comma leads to something else."""


def restatements(contexts: Sequence[Context]) -> Iterator[list[Equation]]:
    """The exact figures that stand beside rough ones, and those that titles round."""
    for order, context in enumerate(contexts):
        if context.figure.approximate is None or context.role.changes or context.figure.wished:
            continue
        after = contexts[order + 1 : order + 2]
        if after and _is_restated(context, after[0]):
            yield [_equation(context, after[0])] if _is_bounded(context, after[0]) else []
        elif _is_of_title(context):
            yield _of_title(context, contexts[order + 1 :])


def _equation(rough: Context, exact: Context) -> Equation:
    return Equation("repeat", Form.total, Term(rough.figure), (Term(exact.figure),))


def _is_bounded(rough: Context, exact: Context) -> bool:
    """Whether a bound says something of a figure: `hơn 4.000` of 4.900 is loose, and not wrong."""
    return not (rough.figure.approximate == "over" and exact.figure.value > rough.figure.high)


def _is_restated(rough: Context, exact: Context) -> bool:
    """Whether an exact figure stands in the bracket behind a rough one, or after `cụ thể là`."""
    one, other = rough.figure, exact.figure
    if (one.paragraph, one.sentence) != (other.paragraph, other.sentence) or one.kind is not other.kind or not other.exact:
        return False
    if not alike(one, other) or exact.role is not Role.plain or other.wished or one.counts != other.counts:
        return False
    lead = exact.lead[next((place for place, token in enumerate(exact.lead[:NOUN]) if token.text == "("), 0) :]
    words = [token.norm for token in lead if token.kind is TokenKind.word]
    stops = [token.text for token in lead if token.kind is not TokenKind.word]
    if not all(word in _EXACTLY for word in words):
        return False
    noun = [token.norm for token in rough.tail[:1] if token.kind is TokenKind.word]
    tail = exact.tail[1:] if noun and [token.norm for token in exact.tail[:1]] == noun else exact.tail
    closed = bool(tail[:1]) and tail[0].text == ")"
    if stops == ["("] and other.depth == one.depth + 1:
        return closed
    ends = not tail[:1] or tail[0].kind is TokenKind.stop
    return stops in ([","], [], [":"]) and ends and bool(_ANNOUNCING & set(words))


def _is_of_title(rough: Context) -> bool:
    """Whether a rough count stands in a title: a short first paragraph that ends with no stop."""
    paragraph = rough.paragraph
    if rough.figure.kind is not FigureKind.count or len(paragraph.figures) > 1:
        return False
    if rough.figure.scope or rough.figure.depth or len(paragraph.tokens) > TITLE:
        return False
    return paragraph.number == 0 and paragraph.text.rstrip()[-1:] not in (".", ":", ";", ",")


def _of_title(rough: Context, below: Sequence[Context]) -> list[Equation]:
    figure = rough.figure
    stated: list[Context] = []
    for one in below:
        if one.figure.paragraph > figure.paragraph + BELOW:
            break
        its = one.figure
        if (
            its.kind is FigureKind.count
            and its.unit == figure.unit
            and {**figure.own, "stage": ""} == {**its.own, "stage": ""}
            and figure.own.get("stage") in (None, its.own.get("stage"))
            and its.scope == figure.scope
            and one.role in (Role.plain, Role.total)
            and not (its.wished or its.depth or one.earlier)
            and its.exact
            and len(one.near(8) & rough.near(8)) >= (SHARED if its.own else ALL)
        ):
            stated.append(one)
    if not stated or any(_equation(rough, one).holds() or not _is_bounded(rough, one) for one in stated):
        return [_equation(rough, one) for one in stated if _equation(rough, one).holds()][:1]
    least, most = figure.value / FAR, figure.value * FAR
    first = stated[0]
    alone = len({one.figure.value for one in stated}) == 1 and least < first.figure.value < most
    return [_equation(rough, first)] if alone else []
