"""Counts of dossiers per agency to which the reference world is fitted; they add up to the figures of the notice.

What the notice prints per agency is kept (overdue, returned, five online shares); the rest of the breakdown is invented and
plausible. A returned dossier is in no other column of outcomes: the notice's 641 "on time" are 380 + 261.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from importlib.resources import files

DISTRICT = "294"
FIRST_DAY = date(2022, 12, 15)
LAST_DAY = date(2023, 7, 20)


@dataclass(frozen=True, slots=True)
class Row:
    """One agency's dossiers of the period."""

    agency: str
    received_online: int
    received_counter: int
    received_post: int
    carried_over: int
    resolved_early: int
    resolved_on_time: int
    """Resolved on the due day; without the returned ones."""
    resolved_overdue: int
    returned: int
    in_process_within_limit: int
    in_process_overdue: int
    interlinked_received_new: int
    interlinked_carried_over: int
    interlinked_returned: int
    interlinked_resolved_overdue: int
    interlinked_in_process_within_limit: int
    interlinked_in_process_overdue: int
    digitisation_required_new: int
    """Newly received dossiers of procedures that require digitisation."""
    digitised_intake: int
    """Of these, digitised at receipt."""
    digitisation_required_resolved: int
    """Dossiers of such procedures resolved with a result in the period, carried over or new."""
    digitised_result: int
    """Of these, with an electronic result."""

    @property
    def received_new(self) -> int:
        """Newly received by any channel."""
        return self.received_online + self.received_counter + self.received_post

    @property
    def in_process(self) -> int:
        """Open at the end of the period."""
        return self.in_process_within_limit + self.in_process_overdue


@cache
def calibration() -> tuple[Row, ...]:
    """The table; ValueError names a row that does not balance."""
    text = (files(__package__) / "calibration.csv").read_text(encoding="utf-8")
    rows = tuple(
        Row(one["agency"], *(int(one[field.name]) for field in fields(Row)[1:])) for one in csv.DictReader(text.splitlines())
    )
    for row in rows:
        ended = row.resolved_early + row.resolved_on_time + row.resolved_overdue + row.returned
        if row.received_new + row.carried_over != ended + row.in_process:
            raise ValueError(f"the calibration of {row.agency} does not balance")
    return rows


def total() -> Row:
    """The whole district."""
    rows = calibration()
    return Row(DISTRICT, *(sum(getattr(row, field.name) for row in rows) for field in fields(Row)[1:]))
