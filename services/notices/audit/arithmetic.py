"""Shares as a text prints them, and the bases that give a printed share. Pure."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from services.notices.audit.reading import Amount
from services.notices.quantities import wording


def decimals_of(rate: Amount) -> int:
    """How many decimals a rate has in the text."""
    return len(rate.text.rstrip("% ").partition(",")[2])


def rounded(part: Decimal, base: Decimal, decimals: int) -> Decimal | None:
    """The share in per cent with as many decimals as the text prints, rounded half-up; None for 0/0."""
    if base == 0:
        return None
    scale: int = 10**decimals
    exact = Fraction(part) * 100 / Fraction(base)
    return Decimal(floor(exact * scale + Fraction(1, 2))) / scale


def possible_bases(part: Decimal, rate: Decimal, decimals: int) -> tuple[int, int]:
    """The least and the greatest base that gives the rate."""
    half = Fraction(1, 2 * 10**decimals)
    least = Fraction(part) * 100 / (Fraction(rate) + half)
    greatest = Fraction(part) * 100 / (Fraction(rate) - half) if Fraction(rate) > half else least
    # The upper edge of the rate rounds up to the next one, so its base is excluded.
    return floor(least) + 1, max(ceil(greatest) - (0 if greatest.denominator == 1 else 1), floor(least) + 1)


def printed_number(value: Decimal) -> str:
    """A number as a report prints it."""
    return wording.cell(int(value)) if value == value.to_integral() else wording.decimal(value)
