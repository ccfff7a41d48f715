"""Slow tests begin first, at each worker another; none is lost, and those that are called slow are there."""

from __future__ import annotations

import pytest

from deploy.local.services import ROOT
from tests.order import SECONDS, spread


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 30, 99])
def test_slow_tests_are_spread_over_the_heads_of_the_parts_and_all_others_follow_in_their_order(workers: int) -> None:
    seconds = [0.0] * 100
    seconds[7], seconds[40], seconds[41], seconds[90] = 50, 30, 170, 60
    found = spread(range(100), seconds, workers)
    assert sorted(found) == list(range(100))
    assert [one for one in found if not seconds[one]] == [one for one in range(100) if not seconds[one]]
    parts, left = [], found
    for number in range(workers):
        size = len(left) // (workers - number)
        parts.append(left[:size])
        left = left[size:]
    assert [part[0] for part in parts][:4] == [41, 90, 7, 40][:workers]


@pytest.mark.parametrize("name", SECONDS)
def test_what_is_called_slow_is_there(name: str) -> None:
    path, _, function = name.partition("::")
    assert f"def {function or 'test_'}" in (ROOT / path).read_text()
