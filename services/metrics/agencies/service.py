"""Which units of a province a key may see."""

from __future__ import annotations

from services.metrics.agencies import store as catalogue
from services.metrics.agencies.model import Units
from shared.access.principals import Principal
from shared.database import Connection
from shared.errors import no_province

KnownUnits = dict[str, tuple[catalogue.UnitsVersion, Units]]
"""The units of each province as last read, with the edition of the catalogue that they are from."""
Reach = tuple[Units, frozenset[int] | None]
"""The units of a province, and the numbers of those that a key may see; None: all."""


async def reach_of(known: KnownUnits, tx: Connection, principal: Principal, province: str) -> Reach:
    """What the key may see of a province, read anew only when the catalogue moved on from what is known.

    Raises `no_province` for a province that there is not or that the key may not see.
    """
    principal.demand_province(province)
    units_version = await catalogue.units_version(tx, province)
    if units_version is None:
        raise no_province(province)
    if province not in known or known[province][0] != units_version:
        known[province] = (units_version, await catalogue.units(tx, province))
    units = known[province][1]
    return units, None if principal.agencies is None else units.permitted(principal.agencies)
