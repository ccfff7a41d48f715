"""What is sampled: for each craft its pure modules, and the fast tests that must notice a change in them."""

from __future__ import annotations

from typing import NamedTuple


class Craft(NamedTuple):
    """A part of the product whose arithmetic must not change unnoticed. A later one is one more entry of `CRAFTS`."""

    name: str
    modules: tuple[str, ...]
    """Modules, or packages with all that is in them."""
    tests: tuple[str, ...]
    """Test files and folders; pure ones, since they run once for each mutant."""


CRAFTS: tuple[Craft, ...] = (
    Craft(
        "clock",
        ("shared.workdays",),
        ("tests/law",),
    ),
    Craft(
        "dossiers",
        ("services.ingest.dossiers.folding", "services.ingest.dossiers.contradictions", "services.ingest.dossiers.dating"),
        (
            "tests/ingest/test_worked_courses.py",
            "tests/ingest/test_worked_steps.py",
            "tests/ingest/test_worked_facts.py",
            "tests/ingest/test_worked_movements.py",
            "tests/ingest/test_worked_assessments.py",
            "tests/ingest/test_contradictions.py",
            "tests/ingest/test_folding.py",
            "tests/ingest/test_dating.py",
        ),
    ),
    Craft(
        "figures",
        ("services.metrics.figures.kpis.algebra", "services.metrics.periods", "services.metrics.agencies.model"),
        (
            "tests/metrics/test_algebra.py",
            "tests/metrics/test_units.py",
            "tests/metrics/test_worked_periods.py",
            "tests/metrics/test_periods.py",
        ),
    ),
)
