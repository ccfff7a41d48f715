"""Counts that people enter because no portal has them."""

from __future__ import annotations

from datetime import date

import msgspec


class ManualInputRecorded(msgspec.Struct, frozen=True):
    """`POST /v1/manual-inputs`."""

    agency: str
    """Unit key."""
    on: date
    """The civil day that the counts are of."""
    counts: dict[str, int]
    """The counts that were given, by name."""
