"""Consistency checks of the counters, and their rebuild."""

from __future__ import annotations

from datetime import datetime

import msgspec


class ConsistencySummary(msgspec.Struct, frozen=True, kw_only=True):
    """The consistency checks of a province in the last month."""

    province: str
    """The province."""
    checked_at: datetime
    """When the last one was made."""
    whole_at: datetime | None
    """When the last one of all agencies was; null: there was none."""
    failed: int
    """How many found differences."""
    checks: int
    """How many there were."""


class ConsistencyCheck(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of one comparison of counters with the versions."""

    whole: bool
    """Of all agencies."""
    position: int
    """The counters are those of it."""
    cells: int
    """Cells compared: (agency, day), (agency, month), and the ledger's sums of (agency, day)."""
    differences: int
    """Must be 0."""
    seconds: float
    """How long it took."""
    checked_at: datetime
    """When it was made."""
    agency: str | None
    """Unit key; null of all, and of agencies that are not in the catalogue."""


class ConsistencyCheckPage(msgspec.Struct, frozen=True):
    """`GET /v1/consistency-checks`, newest first."""

    province: str
    """The province."""
    checks: list[ConsistencyCheck]
    """Newest first."""


class ConsistencyResult(msgspec.Struct, frozen=True):
    """`POST /v1/consistency-checks`."""

    province: str
    """The province."""
    cells: int
    """Cells compared."""
    differences: int
    """Must be 0."""
    ok: bool
    """There are no differences."""


class RebuildResult(msgspec.Struct, frozen=True):
    """`POST /v1/rebuilds`."""

    province: str
    """The province."""
    mended: int
    """How many cells of days differed."""
