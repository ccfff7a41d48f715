"""What shows that a list was read whole, and what only seems to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.ingest.reconciliation.model import Window
from services.ingest.reconciliation.totals import OurTotals, compared
from services.ingest.sources.kinds.igate.cursor import ListCursor
from services.ingest.sources.kinds.igate.verification import PassRead, verification_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("total", "distinct", "again", "verified"),
    [
        (250_000, 10_000, True, False),  # a window of a search engine: the total is right, the list ends
        (250_001, 10_001, True, False),
        (None, 10_000, True, False),
        (10_000, 10_000, False, False),
        (100, 230, True, True),  # a capped total, the list goes on behind it
        (None, 231, True, True),
        (230, 230, False, True),
        (0, 0, True, False),
        (None, 0, True, False),
    ],
)
def test_a_list_is_whole_only_where_nothing_may_stand_behind_its_end(
    total: int | None, distinct: int, again: bool, verified: bool
) -> None:
    at = ListCursor(total=total, ordered=True, number=5, sequence=7 if distinct else 0, previous=7 if again else None)
    found = verification_of(at, PassRead(distinct), filtered=False, passes=5)
    assert found is not None
    assert found[0] is verified, found


@pytest.mark.parametrize(
    ("at", "read", "verified"),
    [
        (ListCursor(total=230, ordered=True, moved=True), PassRead(230), False),  # one that left may stand for one skipped
        (ListCursor(total=30_230, ordered=True, moved=True), PassRead(30_230), False),
        (ListCursor(total=30_230, ordered=True, moved=True, fallen=True), PassRead(30_230), False),
        (ListCursor(total=230, ordered=True), PassRead(230), True),
        (ListCursor(total=230, ordered=False), PassRead(230), False),
        (ListCursor(total=230, ordered=False), PassRead(230, one_page=True), True),
        (ListCursor(total=230, ordered=False, members=7), PassRead(230, members=7), True),
        (ListCursor(total=230, ordered=False, members=7, fallen=True), PassRead(230, members=7), False),
        (ListCursor(total=230, ordered=False), PassRead(228, counted=230, read_again=True), True),
        (ListCursor(total=100, ordered=False), PassRead(99, counted=100, read_again=True), False),
    ],
)
def test_a_count_shows_nothing_where_one_that_left_may_stand_for_one_that_was_skipped(
    at: ListCursor, read: PassRead, verified: bool
) -> None:
    at.sequence = 1
    found = verification_of(at, read, filtered=False, passes=5)
    assert (found is not None and found[0]) is verified, found


def test_the_list_of_an_agency_may_be_empty_and_end_anywhere() -> None:
    for number in (0, 100):
        found = verification_of(ListCursor(total=number, ordered=True), PassRead(number), filtered=True, passes=5)
        assert found is not None
        assert found[0]


def _totals(*there: tuple[str, str, dict[str, int]]) -> dict[str, bool]:
    window = Window(NOW, NOW)
    return {one.agency: one.equal for one in compared(there, OurTotals(window, window, NOW)).totals}


def test_totals_that_say_nothing_are_not_equal() -> None:
    assert _totals(("1", "A", {})) == {"A": False}
    assert _totals(("1", "A", {"tiepNhan": 5_000})) == {"A": False}
    assert _totals(("1", "A", {"receivedOnline": 0})) == {"A": False}
    assert _totals(("1", "A", {"received": 0})) == {"A": True}
    assert _totals(("1", "A", {"resolved": 0, "unresolved": 0})) == {"A": True}


def test_units_of_one_code_are_counted_together() -> None:
    assert _totals(("old", "A", {"received": 7}), ("new", "A", {"received": 0})) == {"A": False}
    assert _totals(("old", "A", {"received": 0}), ("new", "A", {"received": 0})) == {"A": True}
