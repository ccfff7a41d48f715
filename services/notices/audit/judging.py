"""Judges equations, and finds the smallest changes that would repair those that fail.

Pure. A repair changes one printed figure, mends most and breaks nothing that holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import floor

from services.notices.audit.figures import FigureKind
from services.notices.audit.numbers import SCALES
from services.notices.audit.solver import Equation, Form, Term, printed, rounded
from services.notices.quantities import wording
from services.notices.quantities.exact import Fraction

_ALL = 100
"""The rate of all there is."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one printed figure."""

    term: Term
    to: Fraction

    @property
    def key(self) -> tuple[int, bool]:
        """What is changed."""
        return id(self.term.figure), self.term.whole

    def text(self) -> str:
        """The figure as it should be printed."""
        figure = self.term.figure
        if figure.kind in (FigureKind.rate, FigureKind.points):
            near = rounded(self.to, figure.decimals)
            whole, _, rest = f"{float(near):.{figure.decimals}f}".partition(".")
            number = wording.cell(int(whole)) + ("," + rest if rest else "")
            return number + ("%" if figure.kind is FigureKind.rate else "")
        scale = next((many for word, many in SCALES.items() if figure.text.endswith(" " + word)), 1)
        first = figure.text.split()[-2:-1]
        scale *= SCALES.get(first[0], 1) if scale > 1 and first else 1
        if scale > 1 and figure.decimals <= 2 and (self.to * 100 / scale).denominator == 1:
            words = " ".join(word for word in figure.text.split() if not word[0].isdigit())
            fits = (self.to * 10**figure.decimals / scale).denominator == 1
            return f"{printed(self.to / scale, figure.decimals if fits else 2)} {words}"  # `45 tỷ`, not all its noughts
        return printed(
            self.to, figure.decimals if (self.to * 10**figure.decimals).denominator == 1 else max(figure.decimals, 2)
        )


def changes(equation: Equation) -> list[Change]:
    """Every change of one figure that makes an equation hold, the claimed figure first."""
    out: list[Change] = []
    computed = equation.computed()
    if computed is None:
        return out
    claimed = equation.claimed
    if equation.form is Form.at_least:
        if computed > claimed.value:
            out.append(Change(claimed, computed))
        return out
    exact = claimed.figure.kind in (FigureKind.count, FigureKind.part) and equation.form is Form.total
    if computed >= 0:
        out.append(Change(claimed, computed if exact else rounded(computed, claimed.figure.decimals)))
    if equation.form is Form.total and len({id(term.figure) for term in equation.terms}) == len(equation.terms):
        off = claimed.value - computed
        for term in equation.terms:
            value = term.value + off / term.factor
            if term.figure.counted:
                continue
            if term.figure.kind is FigureKind.rate and value > _ALL >= term.value:
                continue  # more than there is
            fits = (value * 10**term.figure.decimals).denominator == 1
            if value >= 0 and (fits or term.figure.kind in (FigureKind.rate, FigureKind.points)):
                out.append(Change(term, value))
    elif equation.form is Form.ratio and len(equation.terms) == 1 and equation.terms[0].factor == 1:
        part, base = equation.terms[0], sum((term.value * term.factor for term in equation.base), Fraction(0))
        least, most = _counts_for(claimed, base)
        if least == most:
            out.append(Change(part, Fraction(least)))
    return out


def _counts_for(claimed: Term, base: Fraction) -> tuple[int, int]:
    """The least and the greatest part of a base that gives a rate."""
    low, high = claimed.bounds
    least = -floor(-low * base / 100)
    most = floor(high * base / 100)
    if high * base / 100 == most and high > low:
        most -= 1
    return least, most


@dataclass(slots=True, eq=False)
class Judged:
    """An equation with its verdict."""

    equation: Equation
    verdict: str
    """`holds`, `contradicted` or `undecided`."""
    computed: Fraction | None
    """What the other figures give; with a total's only repair applied."""
    repairs: list[Change] = field(default_factory=list)


def judge(slots: Sequence[Sequence[Equation]]) -> list[Judged]:
    """Judge claims; each is given by its possible readings, the most natural first.

    A claim holds if some reading does. It is contradicted if the first certain reading fails and no other holds. It is
    undecided if no
    reading is certain. Totals come first: where only one change repairs them, the rest is also held against the repaired
    figure.
    """
    given = [readings for readings in slots if readings]
    totals = [readings for readings in given if readings[0].form is Form.total and readings[0].kind in ("sum", "table")]
    judged = {id(readings): _verdict(readings) for readings in totals}
    _repair(list(judged.values()))
    sole: dict[tuple[int, bool], Change] = {}
    for one in judged.values():
        if one.verdict == "contradicted" and len(one.repairs) == 1:
            sole.setdefault(one.repairs[0].key, one.repairs[0])
    rest = [readings for readings in given if id(readings) not in judged]
    for readings in rest:
        judged[id(readings)] = _verdict(readings)
    broken = [readings for readings in rest if judged[id(readings)].verdict == "contradicted"]
    if sole and broken:
        with ExitStack() as repaired:
            for change in sole.values():
                repaired.enter_context(_Changed(change))
            for readings in broken:
                mended = _verdict(readings, changed=True)
                if mended.verdict != "holds":
                    judged[id(readings)] = mended
            _repair([one for one in judged.values() if one.verdict != "undecided"])
            of_repaired = {id(readings): judged[id(readings)].repairs for readings in broken}
        _repair(list(judged.values()))
        for key, repairs in of_repaired.items():
            own = [change for change in repairs if change.to != change.term.value]  # not what another makes of it
            judged[key].repairs = own or judged[key].repairs
    else:
        _repair(list(judged.values()))
    _follow(judged)
    told = [judged[id(one)] for one in given if judged[id(one)].verdict != "undecided" or not all(each.guessed for each in one)]
    return list({_stated(one.equation): one for one in reversed(told)}.values())[::-1]


def _follow(judged: dict[int, Judged]) -> None:
    """Parts that were only held to be no more than a figure with one repair, and are just what that makes of it, claim the
    same: `24 hồ sơ ... vẫn còn 42 hồ sơ: đất đai 20, hộ tịch 4`.
    """
    sole = {
        one.repairs[0].key: one.repairs[0] for one in judged.values() if one.verdict == "contradicted" and len(one.repairs) == 1
    }
    for key, one in judged.items():
        equation = one.equation
        change = sole.get((id(equation.claimed.figure), equation.claimed.whole))
        if change is None or equation.form is not Form.at_least or one.verdict != "holds" or len(equation.terms) < 2:
            continue
        if equation.computed() == change.to:
            total = Equation("sum", Form.total, equation.claimed, equation.terms)
            judged[key] = Judged(total, "contradicted", change.to, [change])


def _stated(equation: Equation) -> tuple[object, ...]:
    """What an equation says, whichever words led to it."""
    terms, base = (
        frozenset((id(term.figure), term.whole, term.factor) for term in side) for side in (equation.terms, equation.base)
    )
    return id(equation.claimed.figure), equation.claimed.whole, equation.form, terms, base, equation.constant


def _verdict(readings: Sequence[Equation], *, changed: bool = False) -> Judged:
    """The verdict of a claim; `changed` where figures have other values than the text."""
    holding = next((one for one in readings if (one.holds_now() if changed else one.holds())), None)
    if holding is not None:
        return Judged(holding, "holds", holding.computed())
    certain = next((one for one in readings if one.certain and one.is_plausible() and not one.may_be_rounded()), None)
    chosen = certain or readings[0]
    return Judged(chosen, "contradicted" if certain is not None else "undecided", chosen.computed())


def _repair(judged: Sequence[Judged]) -> None:
    """Give every contradiction its smallest repairs: one figure changed, which mends most and breaks nothing that holds."""
    held = {id(one.equation) for one in judged if one.verdict == "holds" and one.equation.form is not Form.at_least}
    # What only the numbers tell may hold by chance, because a figure is wrong: it gives way where every change would break it.
    meant = held - {id(one.equation) for one in judged if one.equation.guessed}
    broken = [one for one in judged if one.verdict == "contradicted"]
    by_figure: dict[tuple[int, bool], list[Equation]] = {}
    for one in judged:
        if id(one.equation) in held or one.verdict == "contradicted":
            for term in (one.equation.claimed, *one.equation.terms, *one.equation.base):
                by_figure.setdefault((id(term.figure), term.whole), []).append(one.equation)
    wanted = {id(one): changes(one.equation) for one in broken}
    wanted_of: dict[tuple[int, bool], dict[Fraction, Change]] = {}
    for asking in wanted.values():
        for change in asking:
            wanted_of.setdefault(change.key, {}).setdefault(change.to, change)
    for one in broken:
        possible = _possible(one, wanted[id(one)], wanted_of)
        found = _mending(possible, by_figure, held)
        best = max((mended for _, mended in found), default=0)
        by_chance = [each for each in _mending(possible, by_figure, meant) if each[1] > best]
        if by_chance and (best or not found):
            # What mends more than all others is what is wrong, though figures beside it add up with it by chance.
            found, best = by_chance[:1], by_chance[0][1]
        one.repairs = [change for change, mended in found if mended == best or best <= 1] or wanted[id(one)][:1]


def _mending(
    possible: Sequence[Change], by_figure: Mapping[tuple[int, bool], Sequence[Equation]], held: Set[int]
) -> list[tuple[Change, int]]:
    """The changes that break none of the equations `held`, by their ids, and how many each mends."""
    found: list[tuple[Change, int]] = []
    for change in possible:
        touched = by_figure[change.key]
        with _Changed(change):
            if not any(id(other) in held and not other.holds_now() for other in touched):
                found.append((change, sum(id(other) not in held and other.holds_now() for other in touched)))
    return found


def _possible(
    judged: Judged, own: Sequence[Change], wanted_of: Mapping[tuple[int, bool], Mapping[Fraction, Change]]
) -> list[Change]:
    """The changes that mend an equation: its own, and those that other broken ones ask of a figure of it."""
    out = list(own)
    known = {(one.key, one.to) for one in out}
    equation = judged.equation
    for key in dict.fromkeys((id(term.figure), term.whole) for term in (equation.claimed, *equation.terms, *equation.base)):
        for change in wanted_of.get(key, {}).values():
            if (key, change.to) in known:
                continue
            with _Changed(change):
                if equation.holds_now():
                    known.add((key, change.to))
                    out.append(change)
    return out


class _Changed:
    """Within it, a figure has another value."""

    def __init__(self, change: Change) -> None:
        self._figure = change.term.figure
        self._whole = change.term.whole
        self._to = change.to
        self._kept = (self._figure.value, self._figure.low, self._figure.high, self._figure.whole)

    def __enter__(self) -> None:
        if self._whole:
            self._figure.whole = self._to
            return
        half = self._figure.high - self._figure.value if self._figure.exact else Fraction(0)
        self._figure.value, self._figure.low, self._figure.high = self._to, self._to - half, self._to + half

    def __exit__(self, *_: object) -> None:
        self._figure.value, self._figure.low, self._figure.high, self._figure.whole = self._kept
