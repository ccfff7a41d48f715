"""What the index of decision 766 counts of the catalogue: procedures in force, and communes with electronic copies. Pure.

A count is known where every row states the fact; what nobody stated is not no, and no catalogue is no 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from services.metrics.agencies.model import ListedProcedure, Units
from services.metrics.indices.scoring import Counts
from shared.agencies import AgencyKind

OF_PROCEDURES: dict[str, str] = {
    "procedures_announced_in_time": "announced_in_time",
    "procedures_public_in_time": "public_in_time",
    "procedures_complete": "complete",
    "procedures_connected": "population_data",
}
"""The fact that a count of all procedures is of."""
PAID_ONLINE = "procedures_paid_online"


def in_force(rows: Iterable[ListedProcedure], on: date) -> list[ListedProcedure]:
    """The rows that hold on a day."""
    return [one for one in rows if one.since is not None and one.since <= on and (one.until is None or on < one.until)]


def of_procedures(rows: Sequence[ListedProcedure]) -> Counts:
    """The counts of the rules over procedures in force: of the whole province, which answers for the list."""
    with_fee = [one for one in rows if one.fee]
    return {
        "procedures": len(rows) or None,
        **{name: _stated([getattr(one, fact) for one in rows]) for name, fact in OF_PROCEDURES.items()},
        "procedures_with_fee": len(with_fee) or None,
        PAID_ONLINE: _stated([one.online_payment for one in with_fee]),
    }


def lacking(rows: Sequence[ListedProcedure], name: str) -> list[str]:
    """Codes of the procedures that cost a count points."""
    if name == PAID_ONLINE:
        return sorted(one.code for one in rows if one.fee and one.online_payment is False)
    fact = OF_PROCEDURES.get(name)
    return [] if fact is None else sorted(one.code for one in rows if getattr(one, fact) is False)


def of_communes(units: Units, members: frozenset[int], on: date) -> Counts:
    """The counts of the rules over the communes among these units that exist on a day."""
    found = [
        one.certifies_copies
        for one in units.structure
        if one.kind is AgencyKind.commune and one.exists_on(on) and units.numbers.get(one.key) in members
    ]
    return {"communes": len(found) or None, "communes_certifying": _stated(found)}


def _stated(facts: Sequence[bool | None]) -> int | None:
    """How many are true; None where one is not stated, or there is none."""
    return sum(bool(one) for one in facts) if facts and None not in facts else None
