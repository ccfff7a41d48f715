"""Brings what the words claim together with what the figures show: one slot for each claim. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.notices.audit.solver import Equation, Form

TURNED = 3
"""Figures of a sum that holds the other way round by chance: a whole and two parts."""


def merged(slots: Iterable[Sequence[Equation]], found: Iterable[Equation]) -> list[Sequence[Equation]]:
    """The slots, with the sums that hold among neighbours: as another reading of what fails, or as claims of their own."""
    out: list[Sequence[Equation]] = [readings for readings in slots if readings]
    known: set[frozenset[int]] = set()
    failing: list[int] = []
    parts: set[int] = set()
    for position, readings in enumerate(out):
        holding = next((one for one in readings if one.holds()), None)
        if holding is not None:
            known.add(_figures(holding))
            if _is_sum(holding) and holding.certain and not holding.guessed:
                parts |= _figures(holding)
        elif _is_sum(readings[0]):
            failing.append(position)
    by_figure: dict[int, list[int]] = {}
    for position in failing:
        for figure in out[position][0].figures:
            by_figure.setdefault(id(figure), []).append(position)
    taken: dict[int, list[frozenset[int]]] = {}
    for one in found:
        figures = _figures(one)
        if figures in known:
            continue
        whole = id(one.claimed.figure)
        terms = figures - {whole}
        near = dict.fromkeys(position for figure in figures for position in by_figure.get(figure, ()))
        if any(_is_by_chance(figures, terms, parts, out[position][0]) for position in near):
            continue
        if any(len(terms & other) * 2 > len(terms) for other in taken.get(whole, ())):
            continue
        known.add(figures)
        taken.setdefault(whole, []).append(terms)
        explained = False
        for position in near:
            if _explains(figures, whole, out[position][0]):
                out[position] = [*out[position], one]
                explained = True
        if not explained:
            out.append([one])
    return out


def _is_by_chance(figures: frozenset[int], terms: frozenset[int], parts: set[int], failing: Equation) -> bool:
    """Whether a sum holds by chance, where words claim one of its figures: with a figure of another whole besides (`đúng hạn
    66 hồ sơ, ... Còn 15 hồ sơ: trong hạn 50 hồ sơ; quá hạn 1 hồ sơ`), as a whole added to its own parts, or the other way round
    (`58 hồ sơ (59 còn hạn, 1 quá hạn)`)."""
    its = _figures(failing)
    claimed = failing.certain and not failing.guessed and failing.form is Form.total
    turned = its == figures and id(failing.claimed.figure) in terms and len(its) == TURNED
    return claimed and (turned or (its < figures and (figures - its <= parts or its <= terms)))


def _explains(figures: frozenset[int], whole: int, other: Equation) -> bool:
    """Whether a sum that holds says what one that fails was taken for."""
    its = _figures(other)
    if figures < its:
        return False  # a piece of a list
    if id(other.claimed.figure) == whole and (other.guessed or not other.certain):
        return len(its & figures) > 1
    return its <= figures


def _is_sum(equation: Equation) -> bool:
    return equation.form in (Form.total, Form.at_least) and equation.kind in ("sum", "list", "bound")


def _figures(equation: Equation) -> frozenset[int]:
    return frozenset(id(figure) for figure in equation.figures)
