"""What people mistype: digits exchanged, one digit another, a digit too many or too few. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor

from services.notices.audit.figures import Figure, FigureKind
from services.notices.audit.solver import Equation, Form, rounded
from services.notices.quantities.exact import Fraction

SHORTEST = 3
"""Digits of a number that is not taken for a slip of another by chance."""
WIDEST = 8
"""Counts of which a share gives one rate as printed; of more, one is a slip by chance."""


def is_slip(figure: Figure, value: Fraction | None) -> bool:
    """Whether a figure is printed as `value` would be but for a slip."""
    if value is None or value <= 0:
        return False
    scale = 10**figure.decimals
    width = figure.decimals + 1  # `0,5` for `5,0`: the nought before the comma is printed
    mine, its = str(int(figure.value * scale)).zfill(width), str(int(rounded(value, figure.decimals) * scale)).zfill(width)
    printed = "".join(char for char in figure.text if char.isdigit())
    if figure.text[:1] == "0" and len(printed) == len(its) == len(mine) + 1:
        mine = printed  # `02,0` for `20,0`
    return is_slip_of(mine, its)


def is_exchanged(figure: Figure, value: Fraction) -> bool:
    """Whether a figure is printed as `value` would be with two digits exchanged."""
    mine, its = (str(int(one * 10**figure.decimals)) for one in (figure.value, value))
    return value > 0 and len(mine) == len(its) >= SHORTEST and mine != its and sorted(mine) == sorted(its)


def is_swapped(figure: Figure, value: Fraction) -> bool:
    """Whether a figure is printed as `value` would be with two digits exchanged that stand side by side."""
    if value <= 0:
        return False
    mine, its = (str(int(one * 10**figure.decimals)) for one in (figure.value, value))
    apart = [place for place, (one, other) in enumerate(zip(mine, its, strict=False)) if one != other]
    return (
        len(mine) == len(its)
        and len(apart) == 2
        and apart[1] == apart[0] + 1
        and mine[apart[0]] == its[apart[1]]
        and mine[apart[1]] == its[apart[0]]
    )


def printed_digits(figure: Figure) -> int:
    """How many digits a figure is printed with."""
    return sum(char.isdigit() for char in figure.text)


def is_slip_of(one: str, other: str) -> bool:
    """Whether two runs of digits differ by a slip."""
    if len(one) == len(other) == 2 and one != other:
        return one == other[::-1]
    if one == other or max(len(one), len(other)) < SHORTEST:
        return False
    if len(one) == len(other):
        return sorted(one) == sorted(other) or sum(a != b for a, b in zip(one, other, strict=True)) == 1
    short, long = sorted((one, other), key=len)
    return (
        len(short) >= SHORTEST
        and len(long) - len(short) == 1
        and any(long[:position] + long[position + 1 :] == short for position in range(len(long)))
    )


def mends(equation: Equation) -> bool:
    """Whether one slip, undone, makes a sum or a share hold."""
    computed = equation.computed()
    if equation.form is Form.ratio:
        return computed is not None and _mends_share(equation, computed)
    if computed is None or equation.form is not Form.total:
        return False
    claimed = equation.claimed
    if is_slip(claimed.figure, computed):
        return True
    off = claimed.value - computed
    return any(is_slip(term.figure, term.value + off / term.factor) for term in equation.terms if term.figure.exact)


def mends_exchange(total: Equation) -> bool:
    """Whether two digits of one of its figures, exchanged, make a sum hold."""
    computed = total.computed()
    if computed is None or total.form is not Form.total:
        return False
    off = total.claimed.value - computed
    return is_exchanged(total.claimed.figure, computed) or any(
        is_exchanged(term.figure, term.value + off / term.factor) for term in total.terms
    )


def holds_exchanged(equation: Equation) -> bool:
    """Whether an equation holds, within what is printed alike, once two digits side by side of one figure are exchanged."""
    for term in (equation.claimed, *equation.terms, *equation.base):
        figure = term.figure
        kept = figure.value, figure.low, figure.high
        for value in _exchanged_values(figure):
            figure.value, figure.low, figure.high = value, value - kept[0] + kept[1], value - kept[0] + kept[2]
            held = equation.holds_now()
            figure.value, figure.low, figure.high = kept
            if held:
                return True
    return False


def _exchanged_values(figure: Figure) -> Iterator[Fraction]:
    digits = "".join(char for char in figure.text if char.isdigit())
    if len(digits) < SHORTEST or not int(digits) or figure.kind is FigureKind.part:
        return
    for place in range(len(digits) - 1):
        one, other = digits[place], digits[place + 1]
        if one != other and not (place == 0 and other == "0"):
            yield figure.value * Fraction(int(digits[:place] + other + one + digits[place + 2 :]), int(digits))


def _mends_share(equation: Equation, computed: Fraction) -> bool:
    claimed = equation.claimed
    if is_slip(claimed.figure, computed):
        return True
    if len(equation.terms) != 1 or len(equation.base) != 1:
        return False
    part, base = equation.terms[0], equation.base[0]
    low, high = claimed.bounds
    if low <= 0 or part.figure.low != part.figure.high or base.figure.low != base.figure.high:
        return False
    parts = (low * base.value / 100, high * base.value / 100)
    wholes = (100 * part.value / high, 100 * part.value / low)
    return any(
        least > 0
        and most - least <= (WIDEST if len(str(int(term.value))) > SHORTEST else 1)
        and any(_is_close(str(int(term.value)), str(value)) for value in range(ceil(least), floor(most) + 1))
        for term, (least, most) in ((part, parts), (base, wholes))
    )


def _is_close(one: str, other: str) -> bool:
    """Whether one digit is another, or two are exchanged."""
    apart = [(a, b) for a, b in zip(one, other, strict=False) if a != b]
    exchanged = len(apart) == 2 and apart[0] == apart[1][::-1]
    return len(one) == len(other) >= SHORTEST and (len(apart) == 1 or exchanged)
