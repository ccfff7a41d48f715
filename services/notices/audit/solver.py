"""Equations over the figures of a text: whether they hold as printed, and the smallest changes that would repair them.

Pure, in exact fractions. A printed figure stands for every value that is printed like it: a rate for half a unit of its last
decimal
on either side, `gần 27.000` for a stretch below. An equation holds where some values within these bounds fulfil it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from math import floor

from services.notices.audit.figures import Figure, FigureKind
from services.notices.quantities import wording

FAR = 4
"""A figure more than so many times another is no slip of it."""


class Form(Enum):
    """The form of an equation; the claimed figure stands on its left."""

    total = "total"
    """claimed = the terms added up."""
    at_least = "at_least"
    """claimed >= the terms added up."""
    ratio = "ratio"
    """claimed = 100 * terms / base."""
    growth = "growth"
    """claimed = 100 * (terms - base) / base."""
    multiple = "multiple"
    """claimed = terms / base."""


@dataclass(frozen=True, slots=True)
class Term:
    """A figure that an equation adds up, `factor` times."""

    figure: Figure
    factor: int = 1
    whole: bool = False
    """Whether the whole of a fraction is meant: the 32 of `30/32`."""

    @property
    def value(self) -> Fraction:
        """Its value as printed."""
        return _value(self.figure, whole=self.whole)

    @property
    def bounds(self) -> tuple[Fraction, Fraction]:
        """The values that are printed like it."""
        if self.whole or self.figure.kind is FigureKind.part:
            return self.value, self.value
        return self.figure.low, self.figure.high


def _value(figure: Figure, *, whole: bool) -> Fraction:
    if whole:
        assert figure.whole is not None
        return figure.whole
    return figure.value


@dataclass(slots=True, eq=False)
class Equation:
    """What the wording claims of some figures."""

    kind: str
    """`sum`, `rate`, `change`, `repeat`, `share`, `list`, `table` or `bound`."""
    form: Form
    claimed: Term
    terms: tuple[Term, ...]
    base: tuple[Term, ...] = ()
    constant: Fraction = Fraction(0)
    """Added to the terms: the 100 of shares."""
    certain: bool = True
    """Whether the text is contradicted when it fails; otherwise another reading is possible."""
    mistaken: bool = False
    """Whether a mistake that people make explains the claimed figure: then it was meant, however far off."""
    guessed: bool = False
    """Whether nothing in the wording asks for it: when it fails, it was not meant."""

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure of it."""
        return (self.claimed.figure, *(term.figure for term in (*self.terms, *self.base)))

    def computed(self) -> Fraction | None:
        """The value that the terms give; None for a division by nothing."""
        return _compute(self, [term.value for term in self.terms], [term.value for term in self.base])

    def bounds(self) -> tuple[Fraction, Fraction] | None:
        """The least and the greatest value that the terms give within their bounds."""
        if all(term.bounds[0] == term.bounds[1] for term in (*self.terms, *self.base)):
            value = self.computed()
            return None if value is None else (value, value)
        out: list[Fraction] = []
        for side in (0, 1):
            terms = [term.bounds[side if term.factor > 0 else 1 - side] for term in self.terms]
            bases = [term.bounds[1 - side if term.factor > 0 else side] for term in self.base]
            value = _compute(self, terms, bases)
            if value is None:
                return None
            out.append(value)
        return min(out), max(out)

    def holds(self) -> bool:
        """Whether it holds as printed."""
        bounds = self.bounds()
        if bounds is None:
            return False
        low, high = self.claimed.bounds
        if self.form is Form.at_least:
            return bounds[0] <= high
        if bounds[0] == bounds[1] and self.form is not Form.total and self.claimed.figure.exact:
            return rounded(bounds[0], self.claimed.figure.decimals) == abs(self.claimed.value) or (
                low <= bounds[0] < high or (low == high == bounds[0])
            )
        return bounds[0] <= high and low <= bounds[1]

    def is_plausible(self) -> bool:
        """Whether it may be a slip when it fails: figures that lie far apart were not meant to be compared."""
        computed, claimed = self.computed(), self.claimed.value
        if computed is None or self.mistaken:
            return True
        if self.form is Form.ratio:
            return computed != 100 or claimed * 2 > 100
        if self.form is Form.at_least or not self.terms:
            return True
        return claimed <= abs(computed) * FAR and abs(computed) <= max(claimed, Fraction(1)) * FAR

    def text(self) -> str:
        """The equation as people write it."""
        terms = " ".join(_signed(term, first=order == 0) for order, term in enumerate(self.terms))
        if self.constant:
            terms = f"{printed(self.constant)} {terms}" if terms.startswith("-") else f"{printed(self.constant)} + {terms}"
        base = " ".join(_signed(term, first=order == 0) for order, term in enumerate(self.base))
        left = _written(self.claimed)
        if not self.terms:
            terms = printed(self.constant)
        if self.form is Form.at_least:
            return f"{terms} ≤ {left}"
        if self.form is Form.ratio:
            up = f"({terms})" if len(self.terms) > 1 else terms
            down = f"({base})" if len(self.base) > 1 else base
            return f"{up} / {down} = {left}"
        if self.form is Form.growth:
            return f"({terms} - {base}) / {base} = {left}"
        if self.form is Form.multiple:
            return f"{terms} / {base} = {left}"
        return f"{left} = {terms}"


def _compute(equation: Equation, terms: Sequence[Fraction], bases: Sequence[Fraction]) -> Fraction | None:
    top = equation.constant + sum((value * term.factor for value, term in zip(terms, equation.terms, strict=True)), Fraction(0))
    if equation.form in (Form.total, Form.at_least):
        return top
    bottom = sum((value * term.factor for value, term in zip(bases, equation.base, strict=True)), Fraction(0))
    if bottom == 0:
        return None
    if equation.form is Form.ratio:
        return 100 * top / bottom
    if equation.form is Form.growth:
        return abs(100 * (top - bottom) / bottom)
    return top / bottom


def rounded(value: Fraction, decimals: int) -> Fraction:
    """A value as printed with so many decimals, rounded half-up."""
    scale: int = 10**decimals
    return Fraction(floor(value * scale + Fraction(1, 2)), scale)


def printed(value: Fraction, decimals: int = 2) -> str:
    """A number as reports print it: `30.566`, `80,02`."""
    if value.denominator == 1:
        return wording.cell(int(value))
    near = rounded(value, decimals)
    whole, _, rest = f"{float(near):.{decimals}f}".partition(".")
    return wording.cell(int(whole)) + "," + rest


def _written(term: Term) -> str:
    if term.whole:
        return printed(term.value)
    if term.figure.kind is FigureKind.part:
        return printed(term.value)
    return " ".join(term.figure.text.split())


def _signed(term: Term, *, first: bool) -> str:
    sign = "-" if term.factor < 0 else "" if first else "+"
    many = f"{abs(term.factor)} × " if abs(term.factor) != 1 else ""
    return f"{sign}{' ' if sign and not first else ''}{many}{_written(term)}"


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
        return printed(self.to, max(figure.decimals, 2))


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
    if computed >= 0:
        decimals = claimed.figure.decimals
        exact = claimed.figure.kind in (FigureKind.count, FigureKind.part) and equation.form is Form.total
        out.append(Change(claimed, computed if exact else rounded(computed, decimals)))
    if equation.form is Form.total and len({id(term.figure) for term in equation.terms}) == len(equation.terms):
        off = claimed.value - computed
        for term in equation.terms:
            value = term.value + off / term.factor
            if term.figure.counted:
                continue
            if value >= 0 and (value.denominator == 1 or term.figure.kind in (FigureKind.rate, FigureKind.points)):
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
                mended = _verdict(readings)
                if mended.verdict != "holds":
                    judged[id(readings)] = mended
            _repair([one for one in judged.values() if one.verdict != "undecided"])
            of_repaired = {id(readings): judged[id(readings)].repairs for readings in broken}
        _repair(list(judged.values()))
        for key, repairs in of_repaired.items():
            judged[key].repairs = repairs
    else:
        _repair(list(judged.values()))
    return [judged[id(one)] for one in given if judged[id(one)].verdict != "undecided" or not all(each.guessed for each in one)]


def _verdict(readings: Sequence[Equation]) -> Judged:
    holding = next((one for one in readings if one.holds()), None)
    if holding is not None:
        return Judged(holding, "holds", holding.computed())
    certain = next((one for one in readings if one.certain and one.is_plausible()), None)
    chosen = certain or readings[0]
    return Judged(chosen, "contradicted" if certain is not None else "undecided", chosen.computed())


def _repair(judged: Sequence[Judged]) -> None:
    """Give every contradiction its smallest repairs: one figure changed, which mends most and breaks nothing that holds."""
    held = {id(one.equation) for one in judged if one.verdict == "holds" and one.equation.form is not Form.at_least}
    broken = [one for one in judged if one.verdict == "contradicted"]
    by_figure: dict[tuple[int, bool], list[Equation]] = {}
    for one in judged:
        if id(one.equation) in held or one.verdict == "contradicted":
            for term in (one.equation.claimed, *one.equation.terms, *one.equation.base):
                by_figure.setdefault((id(term.figure), term.whole), []).append(one.equation)
    wanted = {id(one): changes(one.equation) for one in broken}
    for one in broken:
        found: list[tuple[Change, int]] = []
        for change in _possible(one, wanted, by_figure, broken):
            touched = by_figure[change.key]
            with _Changed(change):
                if not any(id(other) in held and not other.holds() for other in touched):
                    found.append((change, sum(id(other) not in held and other.holds() for other in touched)))
        best = max((mended for _, mended in found), default=0)
        one.repairs = [change for change, mended in found if mended == best or best <= 1] or wanted[id(one)][:1]


def _possible(
    judged: Judged,
    wanted: dict[int, list[Change]],
    by_figure: dict[tuple[int, bool], list[Equation]],
    broken: Sequence[Judged],
) -> list[Change]:
    """The changes that mend an equation: its own, and those that other broken ones ask of a figure of it."""
    out = list(wanted[id(judged)])
    known = {(one.key, one.to) for one in out}
    for other in broken:
        for change in wanted[id(other)]:
            if (change.key, change.to) in known or judged.equation not in by_figure.get(change.key, ()):
                continue
            with _Changed(change):
                if judged.equation.holds():
                    known.add((change.key, change.to))
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
