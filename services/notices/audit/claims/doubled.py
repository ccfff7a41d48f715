"""Parts that are counted in two ways, each with its count of the other: `04 hội nghị cho 1.326 lượt người, trong đó 02 hội nghị
trực tiếp với 486 lượt người và 02 hội nghị trực tuyến với 840 lượt người`. Pure.

Where they make up the whole in one way, they do in the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.notices.audit.claims.contexts import Context
from services.notices.audit.figures import FigureKind
from services.notices.audit.solver import Equation, Form, Term

BEFORE = 5
"""Figures before the parts, among which the wholes are."""
MAX_PARTS = 6
"""Parts that are told in two ways."""


def with_doubled(slots: Sequence[Sequence[Equation]], contexts: Sequence[Context]) -> list[Sequence[Equation]]:
    """The slots, with the sums of parts that are told in pairs."""
    known = {_stated(readings[0]): number for number, readings in enumerate(slots) if readings}
    out = list(slots)
    for sums in _doubled(contexts):
        held = [one for one in sums if one.holds()]
        for one in sums:
            one.mistaken = one.certain = bool(held) and not one.holds()
            one.guessed = not held  # neither makes up its whole: the parts are some of it
            if not held and _stated(one) in known:
                out[known[_stated(one)]] = [one]
            elif held:
                out.append([one])
    return out


def _stated(one: Equation) -> tuple[int, frozenset[int]]:
    return id(one.claimed.figure), frozenset(id(term.figure) for term in one.terms)


def _doubled(contexts: Sequence[Context]) -> Iterator[list[Equation]]:
    """For each list of parts in pairs the sums of both ways to count."""
    for first in contexts:
        if "opener" not in first.roles or not _is_count(first):
            continue
        told = _run(first, contexts)
        if len(told) < 4 or len(told) % 2 or _is_alike(told[0], told[1]):
            continue
        ways = [told[0::2], told[1::2]]
        before = [one for one in contexts[max(0, first.order - BEFORE) : first.order] if _goes_with(one, first)]
        wholes = [next((one for one in before if _is_alike(one, parts[0])), None) for parts in ways]
        if wholes[0] is None or wholes[1] is None or not all(_is_alike(one, way[0]) for way in ways for one in way):
            continue
        yield [
            Equation("sum", Form.total, Term(whole.figure), tuple(Term(one.figure) for one in parts), certain=False)
            for whole, parts in zip((wholes[0], wholes[1]), ways, strict=True)
        ]


def _run(first: Context, contexts: Sequence[Context]) -> list[Context]:
    """The counts from the first part on that stand side by side in its sentence."""
    out: list[Context] = []
    for one in contexts[first.order : first.order + 2 * MAX_PARTS]:
        if not (_goes_with(one, first) and _is_count(one)):
            break
        out.append(one)
    return out


def _is_count(one: Context) -> bool:
    return one.figure.kind is FigureKind.count and one.figure.exact and not one.role.changes and one.figure.unit is not None


def _goes_with(one: Context, first: Context) -> bool:
    same = (one.figure.paragraph, one.figure.sentence) == (first.figure.paragraph, first.figure.sentence)
    return same and one.figure.depth == first.figure.depth and _is_count(one)


def _is_alike(one: Context, other: Context) -> bool:
    """Whether two counts are of one unit, or begin with one word: `1.326 lượt cán bộ`, `486 lượt người`."""
    words = [context.paragraph.tokens[context.figure.token + 1 : context.figure.token + 2] for context in (one, other)]
    return one.figure.unit == other.figure.unit or (all(words) and words[0][0].norm == words[1][0].norm)
