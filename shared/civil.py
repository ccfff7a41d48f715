"""Civil time of Việt Nam: its offset from UTC, and the civil day of an instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

OFFSET = timedelta(hours=7)
"""Offset from UTC. It has not changed since 1975, so it is exact for all dates that the services accept."""
OFFSET_SECONDS = 7 * 3600
VIETNAM = timezone(OFFSET, "Asia/Ho_Chi_Minh")


def civil_day(at: datetime) -> date:
    """The civil day of an instant. Raises OverflowError at the ends of time."""
    # Instants are nearly always in UTC, where adding costs a third of converting.
    return (at + OFFSET).date() if at.tzinfo is UTC else at.astimezone(VIETNAM).date()


def civil_time(at: datetime) -> datetime:
    """The instant on the clocks of Việt Nam. Raises OverflowError at the ends of time."""
    if at.tzinfo is not UTC:
        return at.astimezone(VIETNAM)
    there = at + OFFSET
    return datetime.combine(there.date(), there.time(), VIETNAM)  # half of what converting costs
