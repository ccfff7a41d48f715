"""A planned reorganisation, checked before it takes effect: units that begin and end, and missing successors and parents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from shared.agencies.agency import MAX_FINDINGS, Agency
from shared.agencies.contradictions import contradictions
from shared.agencies.units import Structure


class Plan(msgspec.Struct, frozen=True):
    """What a list of new and changed units would change; nothing has been changed yet."""

    begins: tuple[str, ...]
    """Units that are new."""
    ends: tuple[str, ...]
    """Units that get an end they did not have."""
    moves: dict[str, tuple[str, ...]]
    """Ending unit to the units that take over its dossiers."""
    abolished: tuple[str, ...]
    """Ending units without a successor: their figures stay with them, their open dossiers have no agency."""
    without_parent: tuple[str, ...]
    """Units that continue while their parent ends and no unit with its code follows."""
    findings: tuple[str, ...]
    """Contradictions, each with what to do. A plan without findings can be applied."""

    @property
    def sound(self) -> bool:
        """Whether the plan can be applied as it is."""
        return not self.findings


def check_plan(now: Structure, planned: Iterable[Agency]) -> Plan:
    """What `planned` would change: a row with the key of a known unit replaces it, any other row is a new unit.

    A known unit may get an end, successors, a name in English and a legal basis; what it was is history and stays, so a new
    name, kind or parent begins a new unit.
    """
    rows = {unit.key: unit for unit in planned}
    known = {unit.key: unit for unit in now}
    after = {**known, **rows}
    ends = {
        key for key, unit in rows.items() if unit.valid_to is not None and (key not in known or known[key].valid_to is None)
    }
    findings = [
        f"{key} changes its {field} from {getattr(known[key], field)!r} to {getattr(unit, field)!r}: "
        "end the unit and begin a new one on the day of the change."
        for key, unit in rows.items()
        if key in known
        for field in ("name_vi", "kind", "parent")
        if getattr(known[key], field) != getattr(unit, field)
    ]
    findings += [
        f"{key} had ended on {known[key].valid_to} already: figures of that time are published, leave its end as it is."
        for key, unit in rows.items()
        if key in known and known[key].valid_to not in (None, unit.valid_to)
    ]
    findings += (one.en for one in islice(contradictions(after.values()), MAX_FINDINGS))
    return Plan(
        begins=tuple(sorted(rows.keys() - known.keys())),
        ends=tuple(sorted(ends)),
        moves={key: rows[key].successors for key in sorted(ends) if rows[key].successors},
        abolished=tuple(sorted(key for key in ends if not rows[key].successors)),
        without_parent=tuple(sorted(_orphans(after.values()))),
        findings=tuple(findings),
    )


def _orphans(units: Iterable[Agency]) -> Iterator[str]:
    """Units that outlive every unit their parent's code or key names."""
    named: dict[str, list[Agency]] = defaultdict(list)
    for unit in units:
        named[unit.code].append(unit)
        named[unit.key].append(unit)
    for unit in units:
        ends = [above.valid_to for above in named.get(unit.parent or "", ())]
        last = max((end for end in ends if end is not None), default=None)
        if last is not None and None not in ends and (unit.valid_to is None or unit.valid_to > last):
            yield unit.key
