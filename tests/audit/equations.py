"""Figures as they are printed, and equations over them: the arithmetic of the keys, independent of any engine.

A figure stands for every value that would be printed so: `80,18` of a rate for 80,175 to 80,185, `4,42 ngàn` for 4.415 to
4.425, a count for itself. An equation holds when some of those values fulfil it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

UNITS = {"ngàn": 3, "nghìn": 3, "triệu": 6, "tỷ": 9}
"""Words after a number, and the zeros that they stand for."""
UNBOUNDED = 10**6
NEAR = Fraction(1, 20)
"""How far from a value `khoảng` reaches."""
_NUMBER = re.compile(r"(\d+(?:[.,]\d+)*)(?: (ngàn|nghìn|triệu|tỷ))?")
_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d{1,3}(?:,\d{3}){2,}")
_SIGNS = re.compile(r" (\+|-|\*|/|->|or|>=|<=) |([()])")


class Interval(NamedTuple):
    """Values from `low` to `high`, both included."""

    low: Fraction
    high: Fraction

    def meets(self, other: Interval) -> bool:
        """Whether some value is in both."""
        return self.low <= other.high and other.low <= self.high

    def scaled(self, factor: int) -> Interval:
        """Every value times a positive factor."""
        return Interval(self.low * factor, self.high * factor)


class Figure(NamedTuple):
    """A printed figure as a key names it: `[<>~]printed[#nth][=value]`."""

    bound: str
    """`>` for "trên", `<` for "gần", `~` for "khoảng", or nothing."""
    printed: str
    nth: int
    """Which of the equal figures of the text, from 1."""
    value: str
    """What it is worth where the print does not tell, as of number words."""

    def __str__(self) -> str:
        nth = f"#{self.nth}" if self.nth > 1 else ""
        return f"{self.bound}{self.printed}{nth}{'=' + self.value if self.value else ''}"


@lru_cache(maxsize=8192)
def figure(notation: str) -> Figure:
    """Reads the notation of a key."""
    found = re.fullmatch(r"([<>~]?)([^#=]+?)(?:#(\d+))?(?:=(.+))?", notation.strip())
    if not found:
        raise ValueError(f"no figure: {notation!r}")
    return Figure(found[1], found[2], int(found[3] or 1), found[4] or "")


@lru_cache(maxsize=8192)
def number(printed: str) -> tuple[Fraction, int | None]:
    """The value of a printed number, and the decimal exponent of its last digit; None for a count without a unit."""
    found = _NUMBER.fullmatch(printed.strip().rstrip("%").strip())
    if not found:
        raise ValueError(f"no number: {printed!r}; give its value after `=`")
    digits, zeros = found[1], UNITS.get(found[2] or "", 0)
    if _THOUSANDS.fullmatch(digits):
        whole, _, decimals = digits.replace(".", "").partition(",") if "." in digits else (digits.replace(",", ""), "", "")
    else:
        whole, _, decimals = digits.replace(".", ",").partition(",")
    value = Fraction(int(whole + decimals), 10 ** len(decimals)) * 10**zeros
    return value, zeros - len(decimals) if decimals or zeros else None


@lru_cache(maxsize=8192)
def interval(one: Figure, *, rounded: bool) -> Interval:
    """What a figure may stand for; `rounded` for rates, whose last digit is rounded even without decimals."""
    value, exponent = number(one.value or one.printed)
    if one.bound:
        return {
            ">": Interval(value, value * UNBOUNDED + UNBOUNDED),
            "<": Interval(Fraction(0), value),
            "~": Interval(value * (1 - NEAR), value * (1 + NEAR)),
        }[one.bound]
    if exponent is None and not rounded:
        return Interval(value, value)
    half = Fraction(10) ** (exponent or 0) / 2
    return Interval(value - half, value + half)


def figures(equation: str) -> Iterator[Figure]:
    """The figures of an equation, in order; what is not printed (`?`) is none."""
    for part in _SIGNS.split(re.sub(r"^[<>]= ", "", equation)):
        if part and part.strip() and part not in {"+", "-", "*", "/", "->", "or", ">=", "<=", "(", ")"} and part.strip() != "?":
            yield figure(part)


def compute(expression: str, worth: Callable[[Figure], Interval]) -> Interval:
    """An expression of `+ - * /` and brackets over figures."""
    tokens = [part.strip() for part in _SIGNS.split(expression) if part and part.strip()]
    result, rest = _sum(tokens, worth)
    if rest:
        raise ValueError(f"cannot read {expression!r} from {rest[0]!r}")
    return result


def _sum(tokens: list[str], worth: Callable[[Figure], Interval]) -> tuple[Interval, list[str]]:
    left, tokens = _product(tokens, worth)
    while tokens and tokens[0] in {"+", "-"}:
        sign = tokens[0]
        right, tokens = _product(tokens[1:], worth)
        if sign == "+":
            left = Interval(left.low + right.low, left.high + right.high)
        else:
            left = Interval(left.low - right.high, left.high - right.low)
    return left, tokens


def _product(tokens: list[str], worth: Callable[[Figure], Interval]) -> tuple[Interval, list[str]]:
    left, tokens = _atom(tokens, worth)
    while tokens and tokens[0] in {"*", "/"}:
        sign = tokens[0]
        right, tokens = _atom(tokens[1:], worth)
        if sign == "*":
            left = Interval(left.low * right.low, left.high * right.high)
        elif right.low > 0:
            left = Interval(left.low / right.high, left.high / right.low)
        else:
            left = Interval(Fraction(0), Fraction(UNBOUNDED))
    return left, tokens


def _atom(tokens: list[str], worth: Callable[[Figure], Interval]) -> tuple[Interval, list[str]]:
    if tokens[0] == "(":
        inner, rest = _sum(tokens[1:], worth)
        return inner, rest[1:]
    return worth(figure(tokens[0])), tokens[1:]


def printed(value: Fraction, decimals: int, *, dots: bool = True, point: bool = False) -> str:
    """A value as officials print it: `30.938`, `80,18`; rounded half up."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    text = f"{exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,.{decimals}f}"
    whole, _, rest = text.partition(".")
    whole = whole.replace(",", "." if dots else "")
    return f"{whole}{'.' if point else ','}{rest}" if rest else whole
