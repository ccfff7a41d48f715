"""The buckets of working time by which resolved dossiers are counted. Pure."""

from __future__ import annotations

MINUTES_OF_A_DAY = 480
"""A working day, as limits are published."""

TIME_BUCKETS: tuple[tuple[str, float], ...] = (
    ("took_half_day", 0.5),
    ("took_1_day", 1),
    ("took_2_days", 2),
    ("took_3_days", 3),
    ("took_5_days", 5),
    ("took_7_days", 7),
    ("took_10_days", 10),
    ("took_15_days", 15),
    ("took_20_days", 20),
    ("took_30_days", 30),
    ("took_60_days", 60),
    ("took_longer", 120),
)
"""Upper bounds in working days of the additive buckets that percentiles are read from; the last one is open, and a percentile
that falls into it is given as its lower bound or more."""
