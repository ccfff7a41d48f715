"""The different codes of a file of a million rows are counted in some bytes for each."""

from __future__ import annotations

import random
import tracemalloc

from services.ingest.imports.distinct import DistinctCount


def test_codes_that_come_again_count_once() -> None:
    chance = random.Random(1)
    codes = [f"H30-{chance.randrange(30_000)}" for _ in range(100_000)]
    counting = DistinctCount()
    for code in codes:
        counting.add(code)
    assert counting.total() == len(set(codes))
    assert DistinctCount().total() == 0


def test_a_code_takes_some_bytes_however_long_it_is_and_however_often_it_comes() -> None:
    counting = DistinctCount()
    tracemalloc.start()
    for number in range(200_000):
        counting.add(f"000.00.19.H30-230615-{number % 100_000:06}")
    kept, peak = tracemalloc.get_traced_memory()
    assert counting.total() == 100_000
    tracemalloc.stop()
    assert kept < 24 * 100_000
    assert peak < 32 * 100_000
