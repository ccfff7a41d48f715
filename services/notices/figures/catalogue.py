"""The catalogue of KPIs as metrics gives it: which way a KPI is better, what adds up to it, what must hold between KPIs. Pure.

A notice stores the catalogue that it was composed and checked by. How KPIs depend on one another is written nowhere else in
notices.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from shared.errors import Unavailable


class KpiName(msgspec.Struct, frozen=True):
    """What a KPI is called."""

    vi: str
    en: str = ""
    """Empty in notices drafted before it was stored."""


class Kpi(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the catalogue."""

    id: str
    rule: str
    """Id and version of its formula, as figures carry them."""
    name: KpiName
    unit: str
    """`share` where it is one."""
    better: Literal["higher", "lower"] | None = None
    parts: tuple[str, ...] = ()
    """KPIs that add up to its numerator; empty: none do."""
    base: tuple[str, ...] = ()
    """KPIs that add up to its denominator."""


class Balance(msgspec.Struct, frozen=True):
    """What must hold between sums of KPIs, in every scope and period."""

    name: str
    left: tuple[str, ...]
    relation: Literal["=", "<="]
    right: tuple[str, ...]


class Catalogue(msgspec.Struct, frozen=True):
    """`GET /v1/kpis/catalogue` of metrics, as far as a notice needs it."""

    kpis: tuple[Kpi, ...] = ()
    balances: tuple[Balance, ...] = ()

    def __getitem__(self, kpi: str) -> Kpi:
        """The entry of a KPI; raises `Unavailable` where metrics does not know it."""
        for one in self.kpis:
            if one.id == kpi:
                return one
        raise Unavailable(
            f"Metrics has no KPI '{kpi}', so the notice cannot be composed. Check that metrics and notices are of "
            "versions that go together."
        )

    @property
    def shares(self) -> tuple[str, ...]:
        """The KPIs that are shares with a direction: those that can become better or worse."""
        return tuple(one.id for one in self.kpis if one.unit == "share" and one.better is not None)

    def is_lower_better(self, kpi: str) -> bool:
        """Whether less of it is better."""
        return self[kpi].better == "lower"
