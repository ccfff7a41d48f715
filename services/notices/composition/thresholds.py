"""From which rates a conclusion praises or criticises: `thresholds.toml`, read once. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import msgspec


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rates in per cent."""

    max_agencies: int
    """Agencies that a list in a sentence names at most."""
    max_lowest: int
    """Agencies named for a low rate."""
    max_best: int
    """Agencies named for a high rate."""
    min_lead: Decimal
    """Percentage points by which those named for a high rate are before the next one."""
    min_gap: Decimal
    """Percentage points by which a rate of an agency is below that of the whole, before they are called uneven."""
    deadline_days: int
    """Days after the team's report until a recommendation with a deadline is to be carried out."""
    praise: Mapping[str, Decimal]
    """Rates from which something is praised, by what they are of."""
    below: Mapping[str, Decimal]
    """Rates below which something is a shortcoming, by KPI."""
    above: Mapping[str, Decimal]
    """Rates above which something is a shortcoming, by KPI."""

    def is_praised(self, name: str, rate: Decimal | None) -> bool:
        """Whether a rate is worth praise; one of nothing is not."""
        return rate is not None and rate >= self.praise[name]

    def is_too_low(self, name: str, rate: Decimal | None) -> bool:
        """Whether a rate is a shortcoming because it is low; one of nothing is none."""
        return rate is not None and rate < self.below[name]

    def is_too_high(self, name: str, rate: Decimal | None) -> bool:
        """Whether a rate is a shortcoming because it is high; one of nothing is none."""
        return rate is not None and rate > self.above[name]


def _decimals(type_: type, number: object) -> object:
    return Decimal(str(number)) if type_ is Decimal else number


def read_thresholds(text: bytes) -> Thresholds:
    """Thresholds of a text in TOML; raises `msgspec.ValidationError` for what is none."""
    return msgspec.toml.decode(text, type=Thresholds, dec_hook=_decimals)


THRESHOLDS = read_thresholds((Path(__file__).parent / "thresholds.toml").read_bytes())
