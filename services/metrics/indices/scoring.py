"""Points of the index of decision 766/QĐ-TTg from counts, with exact arithmetic. Pure.

Nothing is rounded before it is printed: a component's points, and a total, are fractions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from services.metrics.figures.kpis.algebra import rounded
from services.metrics.indices.rules import Component, Part

DIGITS = 2
"""Digits after the point with which points are printed, half-up."""

Counts = Mapping[str, int | None]
"""Counts of a scope and period by name; None, or absent: not known, and never 0."""


@dataclass(frozen=True, slots=True)
class PartScore:
    """The outcome of a part."""

    part: Part
    numerator: int | None
    """None: not known."""
    denominator: int | None
    """None: not known."""
    points: Fraction | None
    """None: not available, since a count is not known or 0/0 says nothing."""

    @property
    def out_of(self) -> Fraction:
        """The points that it could give; 0 where it is not available."""
        return Fraction(0) if self.points is None else Fraction(self.part.max)


@dataclass(frozen=True, slots=True)
class ComponentScore:
    """The outcome of a component."""

    component: Component
    parts: tuple[PartScore, ...]

    @property
    def points(self) -> Fraction | None:
        """Points reached, of its parts that are available; None: none is."""
        known = [one.points for one in self.parts if one.points is not None]
        return min(Fraction(self.component.max), sum(known, Fraction(0))) if known else None

    @property
    def out_of(self) -> Fraction:
        """The points of its available parts."""
        return min(Fraction(self.component.max), sum((one.out_of for one in self.parts), Fraction(0)))


def scored(component: Component, counts: Counts) -> ComponentScore:
    """The points that counts give by the rule of a component."""
    return ComponentScore(component, tuple(_scored(part, counts) for part in component.part))


def _scored(part: Part, counts: Counts) -> PartScore:
    numerator, denominator = counts.get(part.numerator), counts.get(part.denominator)
    known = numerator is not None and denominator is not None
    return PartScore(part, numerator, denominator, part.reached(numerator or 0, denominator or 0) if known else None)


def printed(points: Fraction | None) -> float | None:
    """Points as they are printed: rounded once, half-up; None stays None."""
    return None if points is None else rounded(points.numerator, points.denominator, DIGITS)


def total(found: Iterable[ComponentScore]) -> tuple[Fraction, Fraction]:
    """Points reached, and out of how many that are available."""
    lines = list(found)
    return sum((one.points or Fraction(0) for one in lines), Fraction(0)), sum((one.out_of for one in lines), Fraction(0))
