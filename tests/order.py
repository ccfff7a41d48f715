"""In which order tests run: what takes long begins at once, at each worker another, and all else fills the time beside it.

A storm that began last would be waited for alone. `--dist worksteal` gives each worker a part of the list as it stands, so the
slow tests are put at the heads of the parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

SECONDS = {
    "tests/faults/test_storm.py": 120,
    "tests/deploy/test_stack.py::test_a_run_answers": 75,
    "tests/faults/test_answers.py": 50,
    "tests/ingest/test_portal_habits.py": 50,
    "tests/deploy/test_stack.py::test_the_demo": 35,
    "tests/deploy/test_alerts_fire.py": 35,
    "tests/ingest/test_random_lists.py": 30,
    "tests/metrics/test_reasons.py": 60,
    "tests/deploy/test_backups.py": 20,
    "tests/deploy/test_stack.py::test_a_run_without_a_world": 20,
    "tests/ingest/test_turns.py": 18,
    "tests/metrics/test_restored.py": 15,
}
"""What slow tests take, by how their names begin; an estimate is enough."""


def seconds_of(name: str) -> float:
    """What a test takes, if it is slow; else 0."""
    return next((seconds for beginning, seconds in SECONDS.items() if name.startswith(beginning)), 0)


def spread(tests: Sequence[T], seconds: Sequence[float], workers: int) -> list[T]:
    """The tests so that a list cut into as many parts of one size as there are workers has slow ones at the head of each.

    Each part has about the same of them, and the others in the order in which they were.
    """
    parts: list[list[T]] = [[] for _ in range(workers)]
    taken = [0.0] * workers
    for number in sorted((number for number, one in enumerate(seconds) if one), key=lambda number: -seconds[number]):
        least = taken.index(min(taken))
        parts[least].append(tests[number])
        taken[least] += seconds[number]
    others = iter([test for test, one in zip(tests, seconds, strict=True) if not one])
    left = len(tests)
    for number, part in enumerate(parts):
        size = left // (workers - number)
        left -= size
        part += islice(others, max(0, size - len(part)))
    return [test for part in parts for test in part]
