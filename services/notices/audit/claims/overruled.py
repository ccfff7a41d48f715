"""Claims that the words seem to make, and that what holds shows to be none. Pure.

`Đất đai 4.215 hồ sơ, hộ tịch 3.120 hồ sơ; hai lĩnh vực này chiếm 85,4% tổng số 8.589 hồ sơ`: the two are no more than 85,4 % of
the whole, so nobody says that they make it up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.notices.audit.solver import Equation, Form
from services.notices.quantities.exact import Fraction

_SUMS = ("sum", "list", "bound")


def without_overruled(slots: Sequence[Sequence[Equation]]) -> list[Sequence[Equation]]:
    """The slots, without those that fail and of whose figures something else is told that holds."""
    held = Held(slots)
    return [readings for readings in slots if any(one.holds() for one in readings) or not held.overrules(readings[0])]


class Held:
    """What holds of the figures of a text."""

    def __init__(self, slots: Iterable[Sequence[Equation]]) -> None:
        self._rates: set[int] = set()
        """Rates, by their ids."""
        self._shares: set[tuple[int, frozenset[int]]] = set()
        """Wholes, with the parts that together are some of it."""
        self._adjusted: set[int] = set()
        """Rates that make 100 with the others of their list."""
        self._sums: dict[int, list[frozenset[int]]] = {}
        """The parts of a whole, by its id."""
        for readings in slots:
            one = next((one for one in readings if one.holds()), None)
            if one is None:
                continue
            if one.kind == "rate" and one.form is Form.ratio and not one.guessed:
                self._rates.add(id(one.claimed.figure))
                if len(one.base) == 1 and one.claimed.value < 100:
                    self._shares.add((id(one.base[0].figure), _terms(one)))
            elif one.kind == "share":
                self._adjusted.update(id(figure) for figure in one.figures)
            elif one.form is Form.total and one.kind == "sum" and len(one.terms) > 1:
                self._sums.setdefault(id(one.claimed.figure), []).append(_terms(one))

    def overrules(self, failing: Equation) -> bool:
        """Whether what fails is not meant: a rate that is of something else, or was rounded so that all make 100; a whole that
        is told to be more than its parts; a bound of which some parts make up the whole, so that the others are of something
        else."""
        claimed, terms = id(failing.claimed.figure), _terms(failing)
        if failing.kind == "rate" and failing.form is Form.ratio:
            return claimed in self._rates or (claimed in self._adjusted and _is_of_last_digit(failing))
        if failing.kind not in _SUMS or len(terms) < 2:
            return False
        run = [id(term.figure) for term in failing.terms]
        made_up = failing.form is Form.at_least and any(
            parts < terms and _is_run(parts, run) for parts in self._sums.get(claimed, ())
        )
        return made_up or (claimed, terms) in self._shares


def _is_of_last_digit(rate: Equation) -> bool:
    """Whether a rate is off by less than one of its last digit: `45,6%, 31,2%, 23,2%` where the last would be 23,3."""
    computed = rate.computed()
    return computed is not None and abs(computed - rate.claimed.value) < Fraction(1, 10**rate.claimed.figure.decimals)


def _is_run(parts: frozenset[int], row: Sequence[int]) -> bool:
    """Whether parts stand together in a row, or all in the same place of its pairs: those that do not add up by chance."""
    places = [place for place, one in enumerate(row) if one in parts]
    step = places[1] - places[0]
    in_pairs = len(row) % step == 0 and places == list(range(places[0], len(row), step))
    return places[-1] - places[0] < len(places) or in_pairs


def _terms(equation: Equation) -> frozenset[int]:
    return frozenset(id(term.figure) for term in equation.terms)
