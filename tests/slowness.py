"""How wide bounds in seconds of CPU are: they find what grows out of all bounds, and never a slow or busy machine."""

from __future__ import annotations

import time

_STEPS = 1_000_000
_ORDINARY_SECONDS = 0.05
"""Of CPU, for so many steps of a plain loop."""
_ALLOWANCE = 4


def slowness() -> float:
    """At least 4: what a bound is for costs ten times as much. Measured anew each time, as machines change by the hour."""
    counted, began = 0, time.process_time()
    for step in range(_STEPS):
        counted += step
    return _ALLOWANCE * max(1.0, (time.process_time() - began) / _ORDINARY_SECONDS)
