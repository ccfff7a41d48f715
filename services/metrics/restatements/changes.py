"""By which kinds of dossiers a restatement came about: counted from what each dossier was before and is now. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from services.metrics.agencies.model import Group
from services.metrics.figures.kpis.algebra import Kpi, Sum, When
from shared.contracts.restatements import ChangedKpis, DossierChange, DossierEffect

Inside = tuple[frozenset[int], frozenset[int]]
"""The units of a row, at the earlier and at the later position."""


class DossierChanges(NamedTuple):
    """Dossiers that changed alike: in the same way, between the same agencies and procedures, with the same effect."""

    change: DossierChange
    agency_before: int | None
    """Number of the unit; None: it was not there."""
    agency_after: int
    procedure_before: str | None
    """Of an interlinked dossier; None of others."""
    procedure_after: str | None
    before: list[int]
    """What one of them contributed to each sum of `sums_of`."""
    after: list[int]
    """What one of them contributes now."""
    dossiers: int
    """How many they are."""


def sums_of(kpis: Iterable[Kpi]) -> tuple[Sum, ...]:
    """The numerators and denominators of KPIs that dossiers contribute to, each once."""
    found = (side for kpi in kpis for side in (kpi.numerator, kpi.denominator) if side is not None)
    return tuple(dict.fromkeys(side for side in found if any(when is not When.manual_input for _, when, _ in side.terms)))


class _Effects:
    """What dossiers made of the KPIs of a row."""

    def __init__(self) -> None:
        self.kpis: dict[str, dict[DossierChange, list[int]]] = {}

    def add(self, kpi: str, change: DossierChange, dossiers: int, numerator: int, denominator: int) -> None:
        effect = self.kpis.setdefault(kpi, {}).setdefault(change, [0, 0, 0])
        for place, number in enumerate((dossiers, numerator, denominator)):
            effect[place] += number

    def listed(self, shares: frozenset[str]) -> ChangedKpis:
        return {
            kpi: {
                change: DossierEffect(dossiers, numerator, denominator if kpi in shares else None)
                for change, (dossiers, numerator, denominator) in sorted(changes.items())
            }
            for kpi, changes in self.kpis.items()
        }


class ChangesOfRows(NamedTuple):
    """The effects of dossiers on KPIs."""

    dossiers: dict[DossierChange, int]
    """How many moved at least one of the KPIs in the whole scope."""
    total: ChangedKpis
    rows: list[tuple[Group, ChangedKpis]]
    """Of groups of which something moved."""
    procedures: dict[str, ChangedKpis]
    """By code, of interlinked dossiers in the whole scope."""


def changes_of(
    kpis: Sequence[Kpi], found: Iterable[DossierChanges], scope: Inside, groups: Sequence[tuple[Group, Inside]]
) -> ChangesOfRows:
    """Add up what dossiers contributed before and after, for the scope, each group and each procedure.

    A dossier counts where it contributes another number than before; so all effects of a figure add up to its difference.
    """
    places = {one: place for place, one in enumerate(sums_of(kpis))}
    sides = [(kpi.id, places.get(kpi.numerator), places.get(kpi.denominator) if kpi.denominator else None) for kpi in kpis]
    shares = frozenset(kpi.id for kpi in kpis if kpi.denominator is not None)
    before, after = (_groups_by_unit(groups, side) for side in (0, 1))
    dossiers: dict[DossierChange, int] = {}
    total, rows, procedures = _Effects(), {place: _Effects() for place in range(len(groups))}, dict[str, _Effects]()

    def count(into: _Effects, one: DossierChanges, was: bool, now: bool) -> bool:
        moved = False
        for kpi, numerator, denominator in sides:
            by = [
                0 if place is None else one.after[place] * now - one.before[place] * was for place in (numerator, denominator)
            ]
            if any(by):
                into.add(kpi, one.change, one.dossiers, by[0] * one.dossiers, by[1] * one.dossiers)
                moved = True
        return moved

    for one in found:
        was, now = one.agency_before in scope[0], one.agency_after in scope[1]
        if count(total, one, was, now):
            dossiers[one.change] = dossiers.get(one.change, 0) + one.dossiers
        old, new = before.get(one.agency_before, frozenset()), after.get(one.agency_after, frozenset())
        for place in old | new:
            count(rows[place], one, place in old, place in new)
        for code in {one.procedure_before, one.procedure_after} - {None}:
            assert code is not None
            effects = procedures.setdefault(code, _Effects())
            count(effects, one, was and one.procedure_before == code, now and one.procedure_after == code)
    return ChangesOfRows(
        dict(sorted(dossiers.items())),
        total.listed(shares),
        [(groups[place][0], effects.listed(shares)) for place, effects in rows.items() if effects.kpis],
        {code: effects.listed(shares) for code, effects in sorted(procedures.items()) if effects.kpis},
    )


def _groups_by_unit(groups: Sequence[tuple[Group, Inside]], side: int) -> Mapping[int | None, frozenset[int]]:
    found: dict[int | None, set[int]] = {}
    for place, (_, inside) in enumerate(groups):
        for unit in inside[side]:
            found.setdefault(unit, set()).add(place)
    return {unit: frozenset(places) for unit, places in found.items()}
