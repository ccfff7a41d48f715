"""Equations over the figures of a text: whether they hold as printed, and the smallest changes that would repair them.

Pure, in exact fractions. A printed figure stands for every value that is printed like it: a rate for half a unit of its last
decimal
on either side, `gần 27.000` for a stretch below. An equation holds where some values within these bounds fulfil it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import floor

from services.notices.audit.figures import Figure, FigureKind
from services.notices.quantities import wording
from services.notices.quantities.exact import Fraction

_ZERO = Fraction(0)
FAR_ABOVE = 10
"""Parts so many times their whole were not meant to be its parts."""
FAR = 5
"""A figure more than so many times another is no slip of it, but for one digit."""
LONG, FEW = 1000, 2
"""A part from which on one digit of it may be what is wrong of a sum that is far off; of so few parts it may be of any."""
SIGNIFICANT, ROUND = 2, 2
"""Digits of an average that are never rounded away, and noughts at its end from which it was rounded."""
SHORTEST = 3
"""Digits of a number of which one may be wrong, however far off it is then."""


class Form(Enum):
    """The form of an equation; the claimed figure stands on its left."""

    total = "total"
    """claimed = the terms added up."""
    at_least = "at_least"
    """claimed >= the terms added up."""
    ratio = "ratio"
    """claimed = 100 * terms / base."""
    growth = "growth"
    """claimed = 100 * (terms - base) / base, or of a fall (base - terms)."""
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
        if not self.whole:
            return self.figure.value
        assert self.figure.whole is not None
        return self.figure.whole

    @property
    def exact(self) -> bool:
        """Whether no other value is printed like it."""
        figure = self.figure
        return self.whole or figure.low is figure.high or figure.kind is FigureKind.part or figure.low == figure.high

    @property
    def bounds(self) -> tuple[Fraction, Fraction]:
        """The values that are printed like it."""
        if self.whole or self.figure.kind is FigureKind.part:
            return self.value, self.value
        return self.figure.low, self.figure.high


@dataclass(slots=True, eq=False)
class Equation:
    """What the wording claims of some figures."""

    kind: str
    """`sum`, `rate`, `change`, `repeat`, `share`, `list`, `table` or `bound`."""
    form: Form
    claimed: Term
    terms: tuple[Term, ...]
    base: tuple[Term, ...] = ()
    constant: Fraction = _ZERO
    """Added to the terms: the 100 of shares."""
    certain: bool = True
    """Whether the text is contradicted when it fails; otherwise another reading is possible."""
    mistaken: bool = False
    """Whether a mistake that people make explains the claimed figure: then it was meant, however far off."""
    guessed: bool = False
    """Whether nothing in the wording asks for it: when it fails, it was not meant."""
    falls: bool = False
    """Of a growth: whether it is told as a fall, so that a rise is below nothing."""
    _held: bool | None = None

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure of it."""
        return (self.claimed.figure, *[term.figure for term in self.terms], *[term.figure for term in self.base])

    def computed(self) -> Fraction | None:
        """The value that the terms give; None for a division by nothing."""
        return _compute(self, [term.value for term in self.terms], [term.value for term in self.base])

    def bounds(self) -> tuple[Fraction, Fraction] | None:
        """The least and the greatest value that the terms give within their bounds."""
        if all(term.exact for term in (*self.terms, *self.base)):
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
        """Whether it holds as printed; asked of it often, computed once."""
        if self._held is None:
            self._held = self.holds_now()
        return self._held

    def holds_now(self) -> bool:
        """Whether it holds with the values that its figures have now: a repair that is tried changes them."""
        if self.form is Form.total and not self.constant:
            added = self._whole_numbers()
            if added is not None:
                return added
        elif self.form is Form.ratio or self.form is Form.growth:
            share = self._whole_share()
            if share is not None:
                return share
        if self._is_far_off():
            return False
        bounds = self.bounds()
        if bounds is None:
            return False
        low, high = self._rounded_average() or self.claimed.bounds
        slack = self._slack()
        if slack is not None:
            computed = self.computed()
            assert computed is not None
            off = computed - self.claimed.value
            return off <= slack and (self.form is Form.at_least or -off <= slack)
        if self.form is Form.at_least:
            return bounds[0] <= high
        if bounds[0] == bounds[1] and self.form is not Form.total and self.claimed.figure.exact:
            return rounded(bounds[0], self.claimed.figure.decimals) == abs(self.claimed.value) or (
                low <= bounds[0] < high or (low == high == bounds[0])
            )
        return bounds[0] <= high and low <= bounds[1]

    def _rounded_average(self) -> tuple[Fraction, Fraction] | None:
        """The values of an average in round numbers, which was rounded to them: `bình quân 150.000 đồng`."""
        figure = self.claimed.figure
        digits = str(figure.value.numerator)
        noughts = min(len(digits) - len(digits.rstrip("0")), len(digits) - SIGNIFICANT)
        if self.form is not Form.multiple or figure.kind is not FigureKind.count or not figure.exact or noughts < ROUND:
            return None
        half = Fraction(10**noughts, 2)
        return figure.value - half, figure.value + half

    def _whole_numbers(self) -> bool | None:
        """Whether a sum of exact whole numbers holds, in integers; None where it is of others."""
        total = 0
        for term in self.terms:
            figure = term.figure
            value = figure.whole if term.whole else figure.value
            if value is None or value.denominator != 1 or not (term.whole or figure.low is figure.high):
                return None
            total += value.numerator * term.factor
        claimed = self.claimed.figure
        value = claimed.whole if self.claimed.whole else claimed.value
        if value is None or value.denominator != 1 or not (self.claimed.whole or claimed.low is claimed.high):
            return None
        return total == value.numerator

    def _whole_share(self) -> bool | None:
        """Whether a share or growth of exact whole numbers holds, in integers; None where it is of others."""
        if len(self.terms) != 1 or len(self.base) != 1 or self.constant:
            return None
        term, base, claimed = self.terms[0], self.base[0], self.claimed
        part, whole, rate = term.figure, base.figure, claimed.figure
        if term.whole or base.whole or claimed.whole or term.factor != 1 or base.factor != 1 or rate.kind is FigureKind.part:
            return None
        if part.value.denominator != 1 or whole.value.denominator != 1:
            return None
        if not (
            (part.low is part.high or part.kind is FigureKind.part)
            and (whole.low is whole.high or whole.kind is FigureKind.part)
        ):
            return None
        down = whole.value.numerator
        if down <= 0:
            return None
        up = 100 * part.value.numerator
        if self.form is Form.growth:
            up = (100 * down - up) if self.falls else (up - 100 * down)
        low, high = rate.low, rate.high
        if low is high:
            return None
        above = up * low.denominator - low.numerator * down
        below = high.numerator * down - up * high.denominator
        if above < 0 or below < 0:
            return False
        if below > 0 or above == 0 == below or not rate.exact:
            return True
        value = abs(rate.value)
        scale: int = 10**rate.decimals
        return (2 * up * scale + down) // (2 * down) * value.denominator == value.numerator * scale

    def _slack(self) -> Fraction | None:
        """How far sums of scaled counts (`12,5 tỷ`) may be off: half a unit of the finest decimal printed; else None.

        Whole ones of one scale add up exactly: as printed, `10 tỷ = 6 tỷ + 3 tỷ` is wrong whatever was rounded. A total that is
        told more roughly than all its parts was rounded from them, and of things that are counted one by one each figure may
        have been: `12,6 nghìn hồ sơ`.
        """
        printed_as = (self.claimed, *self.terms)
        if self.form not in (Form.total, Form.at_least) or len(self.terms) < 2 or self.constant:
            return None
        if not all(term.figure.counts and term.figure.exact for term in printed_as):
            return None
        if all(term.bounds[0] == term.bounds[1] for term in printed_as):
            return None
        claimed, *parts = ((term.bounds[1] - term.bounds[0]) / 2 for term in printed_as)
        halves = {claimed, *parts}
        if claimed > max(parts) or (len(halves) > 1 and not self._is_of_money()) or self._is_of_decimals():
            return claimed + sum(parts, _ZERO)
        whole = all(term.figure.decimals == 0 for term in printed_as)
        return Fraction(0) if whole and len(halves) == 1 else min(halves)

    def _is_of_money(self) -> bool:
        return any(figure.unit == "money" for figure in self.figures)

    def _is_of_decimals(self) -> bool:
        """Whether all are things counted one by one, told by scales with decimals."""
        return all(figure.decimals for figure in self.figures) and not self._is_of_money()

    def may_be_rounded(self) -> bool:
        """Whether scaled counts that fail as printed may each have been rounded for itself: `12,5 = 8,2 + 4,2`."""
        computed = self.computed()
        if self.form is not Form.total or computed is None or self._slack() is None:
            return False
        told = [term for term in (self.claimed, *self.terms) if term.figure.decimals or not self._is_of_money()]
        rounding = [term.bounds[1] - term.value for term in told]
        return abs(computed - self.claimed.value) < sum(rounding, Fraction(0))

    def _is_far_off(self) -> bool:
        """Whether a share is so far off that no exact arithmetic is needed to see it."""
        if self.form is not Form.ratio or len(self.terms) != 1 or len(self.base) != 1 or self.constant:
            return False
        part, base, rate = self.terms[0], self.base[0], self.claimed.figure
        if not (part.figure.exact and base.figure.exact and rate.exact and base.factor == part.factor == 1) or not base.value:
            return False
        if part.figure.low != part.figure.high or base.figure.low != base.figure.high:
            return False
        off = abs(100 * float(part.value) / float(base.value) - float(rate.value))
        return off * 10.0**rate.decimals > 1.5

    def is_plausible(self) -> bool:
        """Whether it may be a slip when it fails: figures that lie far apart were not meant to be compared."""
        computed, claimed = self.computed(), self.claimed.value
        if computed is None or self.mistaken:
            return True
        if self.form is Form.ratio:
            return computed != 100 or claimed * 2 > 100
        if self.form is Form.at_least:
            return computed <= FAR_ABOVE * max(claimed, Fraction(1))
        if not self.terms:
            return True
        near = claimed <= abs(computed) * FAR and abs(computed) <= max(claimed, Fraction(1)) * FAR
        return near or self._is_digit_off(computed)

    def _is_digit_off(self, computed: Fraction) -> bool:
        """Whether one digit of the claimed figure, or of one part of a sum, explains by how much it is off."""
        scale: int = 10**self.claimed.figure.decimals
        claimed = self.claimed.value * scale
        if _is_one_digit_off(claimed, computed * scale):
            return True
        off = claimed - computed * scale
        return any(
            _is_one_digit_off(value, mended)
            for value, mended in ((term.value * scale, term.value * scale + off / term.factor) for term in self.terms)
            if self.form is Form.total and (len(self.terms) <= FEW or max(value, mended) >= LONG)
        )

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
            change = f"{base} - {terms}" if self.falls else f"{terms} - {base}"
            return f"({change}) / {base} = {left}"
        if self.form is Form.multiple:
            return f"{terms} / {base} = {left}"
        return f"{left} = {terms}"


def _is_one_digit_off(one: Fraction, other: Fraction) -> bool:
    """Whether two whole numbers differ by one digit that is another, too many or too few, or by two exchanged: `954.816` for
    `154.816`, `12.880` for `1.280`."""
    if one.denominator != 1 or other.denominator != 1:
        return False
    short, long = sorted((str(one.numerator), str(other.numerator)), key=len)
    if len(short) < SHORTEST:
        return False
    if len(long) > len(short):
        return len(long) - len(short) == 1 and any(long[:place] + long[place + 1 :] == short for place in range(len(long)))
    apart = [pair for pair in zip(short, long, strict=True) if pair[0] != pair[1]]
    return len(apart) == 1 or (len(apart) == 2 and apart[0] == apart[1][::-1])


def _compute(equation: Equation, terms: Sequence[Fraction], bases: Sequence[Fraction]) -> Fraction | None:
    top = equation.constant + _added(terms, equation.terms)
    if equation.form in (Form.total, Form.at_least):
        return top
    bottom = _added(bases, equation.base)
    if bottom == 0:
        return None
    if equation.form is Form.ratio:
        return 100 * top / bottom
    if equation.form is Form.growth:
        return 100 * (bottom - top if equation.falls else top - bottom) / bottom
    return top / bottom


def _added(values: Sequence[Fraction], terms: Sequence[Term]) -> Fraction:
    if all(value.denominator == 1 for value in values):  # whole numbers add up faster
        return Fraction(sum(value.numerator * term.factor for value, term in zip(values, terms, strict=True)))
    return sum((value * term.factor for value, term in zip(values, terms, strict=True)), Fraction(0))


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
    plain = " ".join(term.figure.text.split())
    return f"{term.figure.roughly} {plain}" if term.figure.roughly else plain


def _signed(term: Term, *, first: bool) -> str:
    sign = "-" if term.factor < 0 else "" if first else "+"
    many = f"{abs(term.factor)} × " if abs(term.factor) != 1 else ""
    return f"{sign}{' ' if sign and not first else ''}{many}{_written(term)}"
