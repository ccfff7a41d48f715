"""When a figure is told for: years and their parts, put in order. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

_QUARTERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4}


class Time(NamedTuple):
    """When a figure is told for, as far as it can be put in order."""

    year: int | None
    unit: str
    """What it is a part of a year by: `quý`, `tháng`, `tuần`, `nửa`; empty for years."""
    part: int


def time_of(words: str) -> Time:
    """The time that words tell."""
    year = re.search(r"(?:19|20)\d{2}", words)
    found = re.search(r"(quý|tháng|tuần)(?: thứ)? (\w+)", words)
    unit, part = "", 0
    if "đầu năm" in words or "cuối năm" in words:
        unit, part = "nửa", 1 if "đầu" in words else 2
    elif found is not None and ((found.group(2).isdigit() and len(found.group(2)) < 3) or found.group(2) in _QUARTERS):
        unit, part = found.group(1), _QUARTERS.get(found.group(2), 0) if found.group(1) == "quý" else int(found.group(2))
    return Time(int(year.group()) if year is not None else None, unit, part)
