"""Which units of a province a key may see."""

from __future__ import annotations

from services.metrics.agencies import store as catalogue
from services.metrics.agencies.model import Units
from shared.access.principals import Principal
from shared.database import Connection
from shared.errors import no_province

MAX_KNOWN = 100
"""Units that a process holds: a province's of now, and those of earlier positions that were asked for."""
Reach = tuple[Units, frozenset[int] | None]
"""The units of a province, and the numbers of those that a key may see; None: all."""


class KnownUnits:
    """The units of provinces as they were last read, at some versions of their catalogues; the least used are dropped."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._known: dict[tuple[str, catalogue.UnitsVersion], Units] = {}

    async def read(self, tx: Connection, province: str, position: int | None) -> Units:
        """The units that were known at a position (None: now), read only when they are not at hand.

        Raises `no_province` where there is no such province.
        """
        version = await catalogue.units_version(tx, province, position)
        if version is None:
            raise no_province(province)
        key = province, version
        units = self._known.pop(key, None) or await catalogue.units(tx, province, position)
        self._known[key] = units
        while len(self._known) > MAX_KNOWN:
            del self._known[next(iter(self._known))]
        return units


async def reach_of(
    known: KnownUnits, tx: Connection, principal: Principal, province: str, position: int | None = None
) -> Reach:
    """What the key may see of a province by the structure that was known at a position; None: of now.

    A figure that was given to a key stays open to it, whatever becomes of its agencies later. Raises `no_province` for a
    province that there is not or that the key may not see.
    """
    principal.demand_province(province)
    units = await known.read(tx, province, position)
    return units, None if principal.agencies is None else units.permitted(principal.agencies)
