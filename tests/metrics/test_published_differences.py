"""Of random counts of every component, the comparison with published scores finds each planted difference, and no other."""

from __future__ import annotations

import random
from datetime import date

import pytest

from services.metrics.indices.comparing import compared
from services.metrics.indices.rules import Component, Part, rulesets
from services.metrics.indices.scoring import Counts, printed, scored
from services.metrics.indices.store import PublishedRow
from shared.contracts.kpis import Text

RULES = rulesets()[0]
DAY = date(2026, 10, 3)
UNITS = (None, "H30.1", "H30.2", "H30.3")
CODED: list[tuple[str, Component, Part]] = [
    (part.published or component.published, component, part)
    for component in RULES.component
    for part in (component.part if component.part[:1] and component.part[0].published else component.part[:1])
]
"""What the portal publishes with counts: components by their first part, and parts with codes of their own."""


def _counts(source: random.Random) -> dict[str, int | None]:
    """Of all components: a few are not known, some are of nothing."""
    found: dict[str, int | None] = {}
    for component in RULES.component:
        for part in component.part:
            base = found.setdefault(part.denominator, source.choice([0, 1, 3, 250, 9_041]) if source.random() < 0.9 else None)
            found[part.numerator] = None if base is None else source.randint(0, base)
    return found


def _points(component: Component, part: Part, counts: Counts) -> float | None:
    line = scored(component, counts)
    if part.published is not None:
        return printed(next(one.points for one in line.parts if one.part is part))
    return printed(line.points)


def _planted(source: random.Random, row: PublishedRow, ours: Counts, component: Component) -> tuple[PublishedRow, str | None]:
    """The row with a difference, and its cause; as it is where none of the kind can be planted."""
    above, below = row.numerator, row.denominator
    kind = source.choice(["not_synchronised", "other_base", "judged_otherwise", "other_points", "missing"])
    if above is None or below is None:
        # What is not known here and was published anyway.
        return row._replace(numerator=1, denominator=2, points=1.0), "not_scored_here"
    if kind == "missing":
        return row._replace(numerator=None, denominator=None, points=None), None
    if kind == "not_synchronised" and below:
        return row._replace(numerator=min(above, below - 1), denominator=below - 1), kind
    if kind == "other_base":
        return row._replace(denominator=below + source.choice([1, 0.75, 12])), kind
    if kind == "judged_otherwise" and below:
        return row._replace(numerator=above - 1 if above else 1), kind
    all_known = part_of(row.code).published is not None or all(
        ours.get(one.numerator) is not None and ours.get(one.denominator) is not None for one in component.part
    )
    if kind == "other_points" and row.points is not None and all_known:
        return row._replace(points=row.points + source.choice([0.03, -0.03, 2])), kind
    return row, None


def part_of(code: str) -> Part:
    return next(part for known, _, part in CODED if known == code)


@pytest.mark.parametrize("seed", range(40))
def test_each_planted_difference_is_found_and_no_other(seed: int) -> None:
    source = random.Random(seed)
    names = {unit: Text("Đơn vị", "Unit") for unit in UNITS}
    expected, found = {}, {}
    for unit in UNITS:
        ours = _counts(source)
        for code, component, part in CODED:
            above, below = ours.get(part.numerator), ours.get(part.denominator)
            points = _points(component, part, ours)
            # The portal rounds in its own way.
            points = None if points is None or source.random() < 0.1 else points + source.choice([0, 0.01, -0.01])
            row = PublishedRow(
                code=code, unit=unit, published_on=DAY, out_of=None, numerator=above, denominator=below, points=points
            )
            cause = None
            if source.random() < 0.2:
                row, cause = _planted(source, row, ours, component)
            if cause is not None:
                expected[unit, code] = cause
            one = compared(row, ours, RULES, names)
            if one.cause is not None:
                found[unit, code] = one.cause
            assert (one.component, one.our_numerator, one.our_denominator) == (component.id, above, below)
    assert found == expected
    stranger = PublishedRow(code="PROGRESS", unit="H99.9", published_on=DAY, out_of=None, numerator=1, denominator=2, points=10)
    assert compared(stranger, None, RULES, names).cause == "unmapped_unit"
