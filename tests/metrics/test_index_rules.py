"""The rules of the index of decision 766 give the scores that the national portal published, to the printed digit."""

from __future__ import annotations

from datetime import date
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
