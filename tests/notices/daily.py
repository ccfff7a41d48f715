"""Counts by day and agency that give the figures of the reference notice: dossiers of nobody, each on a random day."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from functools import cache
from typing import Any

import msgspec

from services.metrics.figures.kpis.algebra import defined
from services.metrics.figures.kpis.catalogue import BY_ID
from services.notices.figures.counts import CountedAgency, CountedDays
from services.notices.figures.model import Figure
from shared.contracts.counts import DailyCounts, Formula
from tests.notices import answers
from tests.notices.reference import inspection, pinned

_BEFORE = {"open": "carried_over", "interlinked_open": "interlinked_carried_over"}
_EVENTS: tuple[tuple[str, dict[str, int]], ...] = (
    ("received_online", {"received_online": 1, "open": 1}),
    ("received_counter", {"received_counter": 1, "open": 1}),
    ("resolved_early", {"resolved_early": 1, "open": -1}),
    ("resolved_on_time", {"resolved_to_the_day": 1, "open": -1}),
    ("returned", {"returned": 1, "resolved_to_the_day": -1}),
    ("resolved_overdue", {"resolved_overdue": 1, "open": -1}),
    ("in_process_overdue", {"late": 1}),
    ("digitised_intake.base", {"intake_to_digitise": 1}),
    ("digitised_intake.part", {"intake_digitised": 1}),
    ("digitised_result.base", {"result_to_digitise": 1}),
    ("digitised_result.part", {"result_digitised": 1}),
    ("interlinked_received_new", {"received_interlinked": 1, "interlinked_open": 1}),
    ("interlinked_resolved_in_time", {"interlinked_in_time": 1, "interlinked_open": -1}),
    ("interlinked_resolved_overdue", {"interlinked_overdue": 1, "interlinked_open": -1}),
    ("interlinked_in_process_overdue", {"interlinked_late": 1}),
)
"""What happens on a day so often as a figure of an agency counts it."""


def counted_answers() -> dict[str, dict[str, Any]]:
    """The reference answers, with the interlinked dossiers counted at an agency: no notice states them by agency."""
    made = answers.reference()
    first = made["agency"]["rows"][0]["kpis"]
    first |= {kpi: one for kpi, one in made["total"]["total"]["kpis"].items() if kpi.startswith("interlinked_")}
    return made


@cache
def reference_counts() -> CountedDays:
    """Counts of the reference period."""
    given = pinned(counted_answers())
    period, figures = inspection().period, given.figures
    chance, days = random.Random(8), (period.end - period.start).days + 1
    causes = {part: _causes(figures, part) for part in ("resolved_overdue", "in_process_overdue", "overdue_by_portal_only")}
    agencies = {}
    for number, agency in enumerate(given.agencies):
        counted: dict[str, Counter[int]] = {}

        def happen(changes: dict[str, int], counted: dict[str, Counter[int]] = counted) -> None:
            day = chance.randrange(days)
            for name, by in changes.items():
                counted.setdefault(name, Counter())[day] += by

        for kpi, changes in _EVENTS:
            for _ in range(_size(figures, f"{kpi}@{agency.key}")):
                happen(changes | ({causes[kpi].pop(): 1} if kpi in causes else {}))
        while number == 0 and causes["overdue_by_portal_only"]:  # metrics tells these of the whole alone
            happen({"portal_only_overdue": 1, causes["overdue_by_portal_only"].pop(): 1})
        measures = {
            name: _daily(_size(figures, f"{_BEFORE[name]}@{agency.key}") if name in _BEFORE else 0, one)
            for name, one in counted.items()
        }
        agencies[agency.key] = CountedAgency(measures, {})
    stated = [kpi for kpi in BY_ID.values() if kpi.id in figures]
    formulas = [Formula(one.rule, one.numerator, one.denominator) for one in map(defined, stated)]
    return CountedDays(date(2022, 12, 15), date(2023, 7, 20), formulas, agencies)


def _daily(before: int, counted: Counter[int]) -> DailyCounts:
    moved = sorted((day, count) for day, count in counted.items() if count)
    return DailyCounts(before, [day for day, _ in moved], [count for _, count in moved])


def _size(figures: dict[str, Figure], key: str) -> int:
    return figures[key].numerator or 0 if key in figures else 0


def _causes(figures: dict[str, Figure], part: str) -> list[str]:
    """A measure for each dossier, of the causes that are counted."""
    front, measure = {
        "resolved_overdue": ("resolved_overdue_", "overdue_"),
        "in_process_overdue": ("in_process_overdue_", "late_"),
        "overdue_by_portal_only": ("overdue_", "overdue_"),
    }[part]
    names = [kpi for kpi in answers.LATENESS if kpi.startswith(front) and kpi != "overdue_by_portal_only"]
    return [measure + key.removeprefix(front) for key in names for _ in range(_size(figures, key))]


def counts_json() -> str:
    """The same as it is attached."""
    return msgspec.json.encode(reference_counts()).decode()
