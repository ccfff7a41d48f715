"""On which day an instant falls in Việt Nam, whatever offset it is told in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from shared.civil import VIETNAM, civil_day


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 11, 25, 16, 59, 59, 999_999, UTC), date(2026, 11, 25)),
        (datetime(2026, 11, 25, 17, tzinfo=UTC), date(2026, 11, 26)),
        (datetime(2026, 11, 26, tzinfo=VIETNAM), date(2026, 11, 26)),
        (datetime(2026, 11, 25, 18, tzinfo=timezone(timedelta(hours=1))), date(2026, 11, 26)),
        (datetime(2026, 11, 26, 1, 59, tzinfo=timezone(timedelta(hours=9))), date(2026, 11, 25)),
    ],
)
def test_a_day_begins_at_seventeen_hours_utc(at: datetime, day: date) -> None:
    assert civil_day(at) == day
