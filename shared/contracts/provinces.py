"""How far provinces are counted."""

from __future__ import annotations

import msgspec

from shared.contracts.consistency import ConsistencySummary
from shared.contracts.kpis import Freshness


class ProvinceState(Freshness, frozen=True, kw_only=True):
    """How far a province is counted, and what its responses lack."""

    province: str
    """The province."""
    position: int
    """The last one that is counted."""
    revision: int
    """Moves with everything that can change a response."""
    catalogue: int
    """Version of the catalogue of agencies and procedures."""
    open_alerts: int
    """How many alerts are open."""
    consistency_check: ConsistencySummary | None
    """The checks of its counters; null: none was made yet."""


class ProvinceList(msgspec.Struct, frozen=True):
    """`GET /v1/provinces`."""

    provinces: list[ProvinceState]
    """Those that the key may see, by name."""


class ResyncResult(msgspec.Struct, frozen=True):
    """`POST /v1/provinces/{province}/resync`."""

    province: str
    """The province."""
    forgotten: int
    """The position that it was counted up to."""
