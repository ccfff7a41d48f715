"""A check as it is stored and as callers see it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.ingest.sources.checks import CheckedRecord, CheckedStep, CheckOutcome, CheckStep


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """What the trial of a source found."""

    steps: list[CheckedStep]
    """In the order in which they were tried."""
    record: CheckedRecord | None
    """A record as it is understood; null where none was read."""
    calls: int
    """Calls that were made to the source."""
    seconds: float
    """How long it took."""


class SourceCheck(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a source works as it is set."""

    source: str
    """Name of the source."""
    province: str
    """The province that it speaks of."""
    kind: str
    """Which adapter speaks with it."""
    enabled: bool
    """Whether it is read; a check tries it all the same."""
    ok: bool
    """Every step works or is not needed; where the list is empty there may be no record. What was not tried is not ok."""
    checked_at: datetime
    """When it was tried."""
    calls: int
    """Calls that were made to it, six at most."""
    seconds: float
    """How long that took."""
    steps: list[CheckedStep]
    """Each with what was found, in the order in which they were tried."""
    record: CheckedRecord | None
    """A record as it is understood; null where none was read."""


def works(steps: list[CheckedStep]) -> bool:
    """Whether every step was tried and none fails: an empty list alone leaves a step untried, that of the record."""
    fine = (CheckOutcome.works, CheckOutcome.not_needed)
    outcomes = {one.step: one.outcome for one in steps}
    listed = outcomes.get(CheckStep.list) is CheckOutcome.works
    return outcomes.keys() >= set(CheckStep) and all(
        outcome in fine or (step is CheckStep.record and outcome is CheckOutcome.not_tried and listed)
        for step, outcome in outcomes.items()
    )
