"""Structures of agencies one after another: rows, scopes and figures that are opened have the same units in each of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

from services.metrics.agencies.model import Units
from shared.agencies import Agency, AgencyKind, Structure, contradictions
from shared.contracts.keys import Subtrees
from tests.quick import cases

FIRST = date(2020, 1, 1)
KINDS = (AgencyKind.district, AgencyKind.department, AgencyKind.commune)


def day(source: random.Random) -> date:
    return FIRST + timedelta(days=30 * source.randrange(60))


def random_agencies(source: random.Random) -> list[Agency]:
    """Units with codes that are used again and parents that change, merged, split, closed, and nested in their own kind."""
    found: list[Agency] = []
    for number in range(source.randint(4, 14)):
        code = f"U{number}"
        parent = f"U{source.randrange(number)}" if number and source.random() < 0.85 else None
        begins: date | None = FIRST
        for _ in range(source.randint(1, 3)):
            assert begins is not None
            ends = begins + timedelta(days=30 * source.randint(1, 25)) if source.random() < 0.6 else None
            named = f"{parent}@{FIRST}" if parent is not None and source.random() < 0.3 else parent
            successors: tuple[str, ...] = ()
            if ends is not None and source.random() < 0.7:
                ahead = [unit.key for unit in found if unit.exists_on(ends)]
                successors = tuple(source.sample(ahead, min(len(ahead), source.randint(0, 2))))
            unit = Agency(
                code, f"Xã {number}", code, source.choice(KINDS), begins, parent=named, valid_to=ends, successors=successors
            )
            if not [*contradictions([*found, unit])]:
                found.append(unit)
            elif not [*contradictions([*found, loose := Agency(code, code, code, unit.kind, begins, valid_to=ends)])]:
                found.append(loose)
            begins = ends and ends + timedelta(days=source.choice([0, 0, 45]))
            if begins is None:
                break
    return found


def successive(source: random.Random) -> Iterator[Units]:
    """The structures of a province as its list is replaced, changed and emptied; numbers are given once and stay."""
    numbers: dict[str, int] = {"GONE@2019-01-01": 1}
    for _ in range(3):
        agencies = random_agencies(source) if source.random() < 0.9 else []
        for unit in agencies:
            numbers.setdefault(unit.key, len(numbers) + 1)
        yield Units(agencies, numbers)


def walked_up(structure: Structure, key: str, until: date, structure_on: date | None) -> list[str]:
    """The units above one another from `key` on, found by looking at every unit."""
    line = [key]
    while True:
        unit = structure[line[-1]]
        last = unit.valid_to - timedelta(days=1) if unit.valid_to else date.max
        on = structure_on or max(min(until, last), unit.valid_from)
        by_key = unit.parent is not None and "@" in unit.parent
        above = [
            one.key
            for one in structure
            if unit.parent == (one.key if by_key else one.code) and (one.exists_on(on) or (by_key and structure_on is None))
        ]
        if (structure_on is not None and not unit.exists_on(on)) or not above:
            return line
        line += above


def test_rows_scopes_and_opened_figures_have_the_same_units_in_every_structure() -> None:
    for seed in range(cases(150)):
        source = random.Random(seed)
        for units in successive(source):
            for _ in range(4):
                until, structure_on = day(source), source.choice([None, day(source)])
                keys = [unit.key for unit in units.structure if unit.key in units.numbers]
                names = source.sample(keys, min(len(keys), source.choice([0, 1, 1, 2])))
                scope = units.scope(names, until, structure_on, None)
                assert units.members(scope.scope, until, structure_on, None) == scope.members
                held = {} if structure_on is None else units.structure.successions(structure_on)
                if names:
                    below = {
                        number
                        for key, number in units.numbers.items()
                        if key in units.structure
                        and set(names) & set(walked_up(units.structure, held.get(key, key), until, structure_on))
                    }
                    assert scope.members == below, (seed, names, until, structure_on)
                for level in (None, *KINDS):
                    rows = units.rows(scope, level, FIRST, until, structure_on)
                    listed = [number for row in rows for number in row.members]
                    assert len(listed) == len(set(listed)), "rows overlap"
                    assert set(listed) <= scope.members
                    assert level is not None or set(listed) == scope.members
                    for row in rows:
                        at = (seed, str(row.scope), until, structure_on)
                        assert units.members(row.scope, until, structure_on, None) == row.members, at
                        if isinstance(row.scope, Subtrees):
                            assert units.scope(row.scope.units, until, structure_on, None).members == row.members, at
