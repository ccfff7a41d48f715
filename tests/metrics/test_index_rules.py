"""The rules of the index of decision 766 give the scores that the national portal published, to the printed digit."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from services.metrics import indices
from services.metrics.agencies.model import Units
from services.metrics.indices.counts import COUNTED
from services.metrics.indices.publication import of_communes, of_procedures
from services.metrics.indices.rules import ruleset_on, rulesets
from services.metrics.indices.scoring import printed, scored, total

RULES = ruleset_on(date(2026, 9, 30))


@pytest.mark.parametrize(
    ("received", "on_time", "points"),
    [
        (597_918, 528_684, 17.68),
        (161, 156, 19.38),
        (1_840, 1_689, 18.36),
        (2_270, 1_652, 14.56),
        (1_120, 758, 13.54),
        (8_253, 7_368, 17.86),
        (3_443, 2_775, 16.12),
        (5, 3, 12),
    ],
)
def test_progress_has_the_points_that_were_published(received: int, on_time: int, points: float) -> None:
    line = scored(RULES.by_id["2.1"], {"handled_on_time": on_time, "received_or_handled": received})
    assert printed(line.points) == points


@pytest.mark.parametrize(
    ("paid", "with_fee", "paid_procedures", "third", "fee_procedures", "points"),
    [
        (309_542, 358_625, 119, 68, 313, 6.67),
        (18, 18, 2, 0, 3, 7.67),
        (118, 118, 12, 0, 13, 8),
        (0, 2, 0, 0, 2, 0),
        (4_015, 4_920, 18, 10, 38, 6.74),
        (3_384, 3_804, 15, 5, 40, 6.59),
        (0, 0, 0, 0, 1, 0),
        (5_154, 5_553, 20, 11, 39, 7.56),
    ],
)
def test_payment_has_the_points_that_were_published(
    paid: int, with_fee: int, paid_procedures: int, third: int, fee_procedures: int, points: float
) -> None:
    counts = {
        "dossiers_paid_online": paid,
        "dossiers_with_fee": with_fee,
        "procedures_paid_online": paid_procedures,
        "procedures_of_fee_dossiers": third,
        "procedures_with_fee": fee_procedures,
    }
    assert printed(scored(RULES.by_id["3.5-3.6"], counts).points) == points


@pytest.mark.parametrize(
    ("component", "counts", "points"),
    [
        ("5.2", {"petitions_in_time": 0, "petitions": 0}, 6),
        ("5.3", {"petitions_satisfied": 0, "petitions_stated": 0}, 6),
        ("5.4", {"dossiers_satisfied": 0, "received_or_handled": 0}, 0),
        ("5.4", {"dossiers_satisfied": 9, "received_or_handled": 10}, 6),
        ("4.3", {"received_digitised": 79, "received": 100}, 1.98),
        ("4.3", {"received_digitised": 80, "received": 100}, 2),
        ("4.2", {"dossiers_digitised": 80, "dossiers_resolved": 100}, 3.2),
        ("2.1", {"handled_on_time": 0, "received_or_handled": 0}, None),
        ("2.1", {"handled_on_time": None, "received_or_handled": 5}, None),
        ("2.1", {}, None),
        ("3", {"received": 1}, None),
    ],
)
def test_what_nothing_gives_and_where_points_are_full(
    component: str, counts: dict[str, int | None], points: float | None
) -> None:
    assert printed(scored(RULES.by_id[component], counts).points) == points


def _by_the_reference(counts: Mapping[str, int]) -> dict[str, Decimal]:
    """Points by the words of the description alone, in decimals, rounded half-up to two digits."""

    def rate(above: str, below: str) -> Fraction | None:
        return Fraction(counts[above], counts[below]) if counts[below] else None

    def printed_points(points: Fraction) -> Decimal:
        return (Decimal(points.numerator) / Decimal(points.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)

    found: dict[str, Fraction] = {}
    for component, most, above, below in (
        ("1.1", 6, "procedures_announced_in_time", "procedures"),
        ("1.2", 4, "procedures_public_in_time", "procedures"),
        ("1.3", 2, "procedures_complete", "procedures"),
        ("1.4", 6, "synchronised", "to_synchronise"),
        ("2.1", 20, "handled_on_time", "received_or_handled"),
        ("4.1", 6, "results_linked", "results_due"),
        ("4.2", 4, "dossiers_digitised", "dossiers_resolved"),
        ("4.4", 4, "received_from_storage", "received"),
        ("4.6", 2, "communes_certifying", "communes"),
    ):
        if (share := rate(above, below)) is not None:
            found[component] = most * share
    if (share := rate("received_digitised", "received")) is not None:
        found["4.3"] = 2 * min(Fraction(1), share / Fraction(80, 100))
    population = [rate("received_verified", "received"), rate("procedures_connected", "procedures")]
    if any(one is not None for one in population):
        found["4.5"] = sum((2 * one for one in population if one is not None), Fraction(0))
    a, b, c = (
        rate("dossiers_paid_online", "dossiers_with_fee"),
        rate("procedures_paid_online", "procedures_with_fee"),
        rate("procedures_of_fee_dossiers", "procedures_with_fee"),
    )
    half = Fraction(5, 2)
    found["3.5-3.6"] = min(Fraction(10), 6 * (a or 0) + min(Fraction(2), half * (b or 0)) + half * (c or 0))
    for component, above, below in (
        ("5.2", "petitions_in_time", "petitions"),
        ("5.3", "petitions_satisfied", "petitions_stated"),
    ):
        share = rate(above, below)
        found[component] = Fraction(6) if share is None else 6 * share
    share = rate("dossiers_satisfied", "received_or_handled")
    found["5.4"] = Fraction(0) if share is None else 6 * min(Fraction(1), share / Fraction(90, 100))
    return {component: printed_points(points) for component, points in found.items()}


def test_some_hundred_units_have_the_points_that_the_description_gives() -> None:
    source = random.Random(766)
    pairs = [(part.numerator, part.denominator) for component in RULES.component for part in component.part]
    for _ in range(200):
        size = source.choice([1, 3, 20, 1_000, 600_000])
        counts = {below: source.choice([0, source.randint(0, size)]) for _, below in pairs}
        counts |= {above: source.choice([0, counts[below], source.randint(0, counts[below])]) for above, below in pairs}
        lines = {one.id: scored(one, counts).points for one in RULES.component}
        found = {name: Decimal(str(printed(points))) for name, points in lines.items() if points is not None}
        assert found == _by_the_reference(counts), counts


def test_the_total_is_out_of_what_is_available_and_an_open_rule_is_not() -> None:
    counts = {"handled_on_time": 1, "received_or_handled": 3, "received_verified": 1, "received": 3}
    reached, out_of = total(scored(one, counts) for one in RULES.component)
    assert reached == Fraction(20, 3) + Fraction(2, 3)
    assert out_of == 20 + 2
    assert RULES.by_id["3"].evidence == "open"
    assert RULES.of == 100


def test_rules_are_found_by_day_and_before_the_first_they_are_the_first() -> None:
    first = rulesets()[0]
    assert ruleset_on(date(2023, 1, 1)) is first is ruleset_on(first.valid_from)
    by_group: dict[str, int] = {}
    for one in first.component:
        by_group[one.group] = by_group.get(one.group, 0) + one.max
    assert by_group == {
        "transparency": 18,
        "progress": 20,
        "service": 12,
        "payment": 10,
        "digitisation": 22,
        "satisfaction": 18,
    }


def test_the_readme_names_what_is_never_computed_and_out_of_how_many_points_the_rest_is() -> None:
    known = {*COUNTED, *of_procedures([]), *of_communes(Units([], {}), frozenset(), date(2026, 9, 30))}
    lines = [scored(one, dict.fromkeys(known, 1)) for one in RULES.component]
    readme = (Path(indices.__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    assert f"at most {total(lines)[1]} of them are computed" in readme
    for line in lines:
        missing = line.component.max - line.out_of
        assert (f"\n  | {line.component.id} " in readme) == bool(missing), line.component.id
        assert not missing or f"| {missing} |" in readme.split(f"\n  | {line.component.id} ")[1].splitlines()[0]
