"""The agencies of a province through time."""

from __future__ import annotations

from datetime import date

import msgspec

from shared.contracts.kpis import Text


class ListedUnit(msgspec.Struct, frozen=True, kw_only=True):
    """An agency from a day on."""

    agency: str
    """Unit key, `<code>@<valid from>`."""
    code: str
    """Its code, which other units may have had or may get."""
    name: Text
    """Its name in that time."""
    kind: str
    """Kind of office (`department`, `district`, `commune`, ...)."""
    parent: str | None
    """Code or unit key of what stands above it; null: nothing does."""
    valid_from: date
    """Its first day."""
    valid_to: date | None
    """The first day on which it is no more; null: not known to end."""
    successors: list[str]
    """Unit keys of what it became; empty: nothing, or it still is."""


class AgencyList(msgspec.Struct, frozen=True):
    """`GET /v1/agencies`: the units of a province through time, as far as the key may see them."""

    province: str
    """The province."""
    agencies: list[ListedUnit]
    """All units of all times that the key may see."""
