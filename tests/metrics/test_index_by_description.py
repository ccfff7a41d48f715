"""Points of decision 766 by the published description alone, component by component, equal ours over random counts.

Nothing of the rules' data or of the scoring is read here: each component is written down as the description words it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest

from services.metrics.indices.rules import rulesets
from services.metrics.indices.scoring import printed, scored, total

Known = dict[str, int | None]
Points = Fraction | None


def _rate(counts: Known, above: str, below: str) -> Fraction | None:
    """A share between 0 and 1; None: a count is not known, or there is nothing that it could be a share of."""
    top, bottom = counts[above], counts[below]
    return None if top is None or bottom is None or bottom == 0 else min(Fraction(1), Fraction(top, bottom))


def _by_rate(most: int, above: str, below: str) -> Callable[[Known], Points]:
    """So many points times the rate."""

    def points(counts: Known) -> Points:
        rate = _rate(counts, above, below)
        return None if rate is None else most * rate

    return points


def _reused(counts: Known) -> Points:
    """Two points, all of them from 80 % on."""
    rate = _rate(counts, "received_digitised", "received")
    return None if rate is None else Fraction(2) if rate >= Fraction(4, 5) else 2 * rate / Fraction(4, 5)


def _paid(counts: Known) -> Points:
    """6 A + min(2; 2.5 B) + 2.5 C: of nothing no points; a summand whose counts are not known says nothing."""
    summands: list[Fraction] = []
    for above, below, points, most in (
        ("dossiers_paid_online", "dossiers_with_fee", Fraction(6), Fraction(6)),
        ("procedures_paid_online", "procedures_with_fee", Fraction(5, 2), Fraction(2)),
        ("procedures_of_fee_dossiers", "procedures_with_fee", Fraction(5, 2), Fraction(5, 2)),
    ):
        top, bottom = counts[above], counts[below]
        if top is not None and bottom is not None:
            summands.append(Fraction(0) if bottom == 0 else min(most, points * Fraction(top, bottom)))
    return min(Fraction(10), sum(summands, Fraction(0))) if summands else None


def _population(counts: Known) -> Points:
    """Two points by dossiers and two by procedures, as far as they are known."""
    both = _rate(counts, "received_verified", "received"), _rate(counts, "procedures_connected", "procedures")
    known = [2 * one for one in both if one is not None]
    return sum(known, Fraction(0)) if known else None


def _petitions(above: str, below: str) -> Callable[[Known], Points]:
    """Six points times the rate, and all six where there was no petition."""

    def points(counts: Known) -> Points:
        top, bottom = counts[above], counts[below]
        if top is None or bottom is None:
            return None
        return Fraction(6) if bottom == 0 else 6 * Fraction(top, bottom)

    return points


def _satisfied(counts: Known) -> Points:
    """Six points, all of them from 90 % on; of no dossiers none."""
    top, bottom = counts["dossiers_satisfied"], counts["received_or_handled"]
    if top is None or bottom is None:
        return None
    return (
        Fraction(0)
        if bottom == 0
        else Fraction(6)
        if Fraction(top, bottom) >= Fraction(9, 10)
        else 6 * Fraction(top, bottom) * Fraction(10, 9)
    )


DESCRIPTION: dict[str, tuple[int, Callable[[Known], Points]]] = {
    "1.1": (6, _by_rate(6, "procedures_announced_in_time", "procedures")),
    "1.2": (4, _by_rate(4, "procedures_public_in_time", "procedures")),
    "1.3": (2, _by_rate(2, "procedures_complete", "procedures")),
    "1.4": (6, _by_rate(6, "synchronised", "to_synchronise")),
    "2.1": (20, _by_rate(20, "handled_on_time", "received_or_handled")),
    "3": (12, lambda _: None),
    "3.5-3.6": (10, _paid),
    "4.1": (6, _by_rate(6, "results_linked", "results_due")),
    "4.2": (4, _by_rate(4, "dossiers_digitised", "dossiers_resolved")),
    "4.3": (2, _reused),
    "4.4": (4, _by_rate(4, "received_from_storage", "received")),
    "4.5": (4, _population),
    "4.6": (2, _by_rate(2, "communes_certifying", "communes")),
    "5.2": (6, _petitions("petitions_in_time", "petitions")),
    "5.3": (6, _petitions("petitions_satisfied", "petitions_stated")),
    "5.4": (6, _satisfied),
}
"""By component: the most points, and those that counts give; None: not available."""

BASES = {
    "procedures": ("procedures_announced_in_time", "procedures_public_in_time", "procedures_complete", "procedures_connected"),
    "to_synchronise": ("synchronised",),
    "received_or_handled": ("handled_on_time", "dossiers_satisfied"),
    "dossiers_with_fee": ("dossiers_paid_online",),
    "procedures_with_fee": ("procedures_paid_online", "procedures_of_fee_dossiers"),
    "results_due": ("results_linked",),
    "dossiers_resolved": ("dossiers_digitised",),
    "received": ("received_digitised", "received_from_storage", "received_verified"),
    "communes": ("communes_certifying",),
    "petitions": ("petitions_in_time",),
    "petitions_stated": ("petitions_satisfied",),
}
"""What the counts above the line are parts of."""


def _world(source: random.Random) -> Known:
    """Counts with what decides: nothing, one, exactly on a threshold, one beside it, all of it, and what nobody knows."""
    counts: Known = {}
    for below, aboves in BASES.items():
        base = source.choice([0, 0, 1, 2, 10, 90, 100, 597_918])
        counts[below] = None if source.random() < 0.08 else base
        for above in aboves:
            edges = [0, base, base * 8 // 10, base * 9 // 10, -(-base * 8 // 10), -(-base * 9 // 10) - 1, base // 3]
            counts[above] = None if source.random() < 0.08 else max(0, min(base, source.choice(edges)))
    return counts


@pytest.mark.parametrize("seed", range(4))
def test_points_of_random_counts_are_those_of_the_description(seed: int) -> None:
    source = random.Random(seed)
    (rules,) = rulesets()
    assert {one.id: one.max for one in rules.component} == {name: most for name, (most, _) in DESCRIPTION.items()}
    for _ in range(250):
        counts = _world(source)
        expected = {name: points(counts) for name, (_, points) in DESCRIPTION.items()}
        lines = [scored(one, counts) for one in rules.component]
        assert {one.component.id: one.points for one in lines} == expected, counts
        assert total(lines)[0] == sum((one for one in expected.values() if one is not None), Fraction(0))
        for line in lines:
            if line.points is not None:
                exactly = Decimal(line.points.numerator) / line.points.denominator
                assert Decimal(str(printed(line.points))) == exactly.quantize(Decimal("0.01"), ROUND_HALF_UP)
            assert (line.out_of == 0) is (line.points is None)
            assert (line.points or 0) <= line.out_of <= line.component.max


def test_the_whole_of_the_description_are_100_points() -> None:
    assert sum(most for most, _ in DESCRIPTION.values()) == 100
