"""How much slower this machine is now than an ordinary one: bounds in seconds of CPU are so many times as wide."""

from __future__ import annotations

import time

_STEPS = 1_000_000
_ORDINARY_SECONDS = 0.05
"""Of CPU, for so many steps of a plain loop."""


def slowness() -> float:
    """At least 1; measured anew each time, as one machine is not equally fast from hour to hour."""
    counted, began = 0, time.process_time()
    for step in range(_STEPS):
        counted += step
    return max(1.0, (time.process_time() - began) / _ORDINARY_SECONDS)
