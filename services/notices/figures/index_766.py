"""The index of decision 766/QĐ-TTg as a notice keeps it: what its points are of. Pure.

Metrics gives counts and the rule of each part; the points are computed of them here, exactly, and rounded once. So whoever has
an issued notice alone can compute them again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

import msgspec


class IndexCause(msgspec.Struct, frozen=True):
    """Dossiers that cost points for one reason."""

    kpi: str
    """Id of the KPI that counts them."""
    name: str
    """What is wrong with them, in Vietnamese."""
    dossiers: int
    figure: str
    """Id of their figure at metrics."""


class IndexPart(msgspec.Struct, frozen=True, kw_only=True):
    """Points by a rate of two counts; a count that is not known is None."""

    numerator: int | None
    denominator: int | None
    points_at_full: float
    """Points of the whole rate."""
    full_at: float
    """The rate from which on all points are given."""
    empty: Literal["zero", "full", "unknown"]
    """What 0/0 gives."""
    max_points: float
    causes: tuple[IndexCause, ...] = ()

    @property
    def points(self) -> Fraction | None:
        """Reached, exactly; None: not available."""
        if self.numerator is None or self.denominator is None:
            return None
        most = exact(self.max_points)
        if self.denominator <= 0:
            return {"zero": Fraction(0), "full": most, "unknown": None}[self.empty]
        rate = min(Fraction(1), max(Fraction(0), Fraction(self.numerator, self.denominator)))
        return min(most, exact(self.points_at_full) * rate / exact(self.full_at))


class IndexLine(msgspec.Struct, frozen=True, kw_only=True):
    """A component of the index."""

    id: str
    """As the decision numbers it."""
    group: str
    """Its group, in Vietnamese."""
    name: str
    """In Vietnamese."""
    of: float
    """The most points that it gives."""
    assessed: float | None = None
    """Points that people entered, where nothing is computed."""
    parts: tuple[IndexPart, ...] = ()

    @property
    def points(self) -> Fraction | None:
        """Reached, exactly; None: not available."""
        known = [one.points for one in self.parts if one.points is not None]
        if known:
            return min(exact(self.of), sum(known, Fraction(0)))
        return None if self.assessed is None else exact(self.assessed)

    @property
    def out_of(self) -> Fraction:
        """The points of what is available."""
        known = [exact(one.max_points) for one in self.parts if one.points is not None]
        if known:
            return min(exact(self.of), sum(known, Fraction(0)))
        return Fraction(0) if self.assessed is None else exact(self.of)

    @property
    def lost(self) -> Fraction:
        """Missing to what is available."""
        return self.out_of - (self.points or Fraction(0))


class IndexedAgency(msgspec.Struct, frozen=True):
    """An agency by the index."""

    key: str
    """Its unit key."""
    share: float
    """Points reached of the points that are available for it, as metrics rounds it."""


class Index766(msgspec.Struct, frozen=True, kw_only=True):
    """The index of the scope of a notice, with all that its figures follow from."""

    since: date
    until: date
    """The period, both days inside."""
    period: str
    """Its name in Vietnamese."""
    valid_from: date
    """The first day of the rules."""
    in_force: bool
    """They hold on the last day; False: the period lies before the first rules that are known."""
    lines: tuple[IndexLine, ...]
    agencies: tuple[IndexedAgency, ...]
    """Those with dossiers in the period, the best first; those without have no place."""

    @property
    def groups(self) -> dict[str, list[IndexLine]]:
        """The components by their groups, in the order of the decision."""
        found: dict[str, list[IndexLine]] = {}
        for line in self.lines:
            found.setdefault(line.group, []).append(line)
        return found


def exact(number: float) -> Fraction:
    """A decimal number of JSON as it was written."""
    return Fraction(str(number))


def points_of(lines: Iterable[IndexLine]) -> Fraction:
    """The points that components reach together."""
    return sum((one.points or Fraction(0) for one in lines), Fraction(0))


def out_of(lines: Iterable[IndexLine]) -> Fraction:
    """The points of what is available of components."""
    return sum((one.out_of for one in lines), Fraction(0))


def rounded(points: Fraction) -> Decimal:
    """Points with two decimals, half-up."""
    hundredths = (200 * points.numerator + points.denominator) // (2 * points.denominator)
    return Decimal(hundredths).scaleb(-2)
