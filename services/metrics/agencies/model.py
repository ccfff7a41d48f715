"""Agencies as the counters know them: small numbers for unit keys, and which units make up a scope. Pure.

Counters are stored by the unit that handled the dossier ("then"). By the structure of now or of a day, a unit that is no
more counts where everything it held went; a unit that was split or abolished stays itself, so both structures add up.

What is below a unit is read on one day, so that every unit is below one line of units only: of a structure "then" that is the
last day of the period, or the last one on which the unit existed. A row and the figure that is opened from it have the same
units therefore, and rows of one level do not overlap.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec

from shared.agencies import Agency, AgencyKind, Structure
from shared.contracts.agencies import ListedUnit
from shared.contracts.keys import Scope, SingleUnit, Subtrees, Unmapped, WholeProvince
from shared.contracts.kpis import Text, Unit
from shared.errors import Forbidden, NotFound
from shared.vietnamese import sort_key

UNMAPPED = 0
"""The number under which dossiers count whose agency the catalogue does not know."""

ONE_DAY = timedelta(days=1)
MAX_DAYS = 16
"""Days of which the units below each unit are remembered."""

UNMAPPED_NAME = Text("Chưa xác định cơ quan", "Agency not known yet")
WHOLE_NAME = Text("Toàn tỉnh", "The whole province")


class ListedProcedure(msgspec.Struct, frozen=True, omit_defaults=True):
    """A row of a procedure: its name, when it holds, and what the index of decision 766 asks of it; None: not stated."""

    code: str
    vi: str
    en: str
    since: date | None = None
    """The first day; None of what a release stored that kept names only."""
    until: date | None = None
    """The first day on which it holds no longer."""
    fee: bool = False
    announced_in_time: bool | None = None
    public_in_time: bool | None = None
    complete: bool | None = None
    online_payment: bool | None = None
    population_data: bool | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A row of a response: a unit or several, and the counters that belong to it."""

    scope: Scope
    """As keys of figures name it."""
    unit: Unit
    members: frozenset[int]
    """Numbers of the units whose counters are added."""

    @property
    def key(self) -> str | None:
        """Unit key; None: the whole province, or the dossiers without a known agency."""
        return self.unit.agency


class Units:
    """The units of one province at one version of its catalogue. Responses never change."""

    def __init__(self, agencies: Iterable[Agency], numbers: Mapping[str, int]) -> None:
        """`numbers` maps every unit key that was ever counted or catalogued to its number."""
        self.structure = Structure(agencies)
        self.numbers = dict(numbers)
        self.keys = {number: key for key, number in self.numbers.items()}
        self.everything = frozenset((UNMAPPED, *self.keys))
        self._known_children: dict[tuple[date, date | None], Mapping[str, Sequence[str]]] = {}

    def scope(self, names: Sequence[str], until: date, structure_on: date | None, permitted: frozenset[int] | None) -> Group:
        """The units that `names` (codes or unit keys) cover, themselves and all below; no names: the whole province.

        A code is read on `until`, the last day of the period. `structure_on`: a day whose structure counts; None: that of then.
        Raises `NotFound` for a name that no unit has, and the same for one that is not wholly `permitted` (None: all are);
        `Forbidden` when not the whole province is.
        """
        if not names:
            if permitted is not None:
                raise Forbidden("This key does not reach the whole province. Name a scope inside its agencies.")
            return Group(WholeProvince(), Unit(agency=None, code=None, name=WHOLE_NAME, kind=None), self.everything)
        on = until if structure_on is None else structure_on
        roots = []
        found: set[int] = set()
        for name in names:
            root = self._find(name, on)
            numbers = {self.numbers[key] for key in self._below(root, until, structure_on) if key in self.numbers}
            if permitted is not None and not (self.numbers.get(root) in permitted and numbers <= permitted):
                raise _unknown(name, on)
            roots.append(root)
            found |= numbers
        members = frozenset(found)
        scope = Subtrees(tuple(roots))
        if len(roots) == 1:
            return Group(scope, self.unit(roots[0]), members)
        named = [self.unit(root) for root in roots]
        together = Unit(
            agency=str(scope),
            code=",".join(one.code or "" for one in named),
            name=Text(", ".join(one.name.vi for one in named), ", ".join(one.name.en for one in named)),
            kind=None,
        )
        return Group(scope, together, members)

    def members(self, scope: Scope, until: date, structure_on: date | None, permitted: frozenset[int] | None) -> frozenset[int]:
        """Numbers of the units that a figure's scope covers; raises `NotFound` for what is not there or not `permitted`."""
        match scope:
            case Subtrees(units):
                return self.scope(units, until, structure_on, permitted).members
            case SingleUnit(unit):
                return self._alone(unit, structure_on, permitted)
        if permitted is not None:
            raise NotFound("This key knows no figure of the whole province. Take an id from a response that it was given.")
        return self.everything if isinstance(scope, WholeProvince) else frozenset((UNMAPPED,))

    def permitted(self, roots: Sequence[str]) -> frozenset[int]:
        """Numbers of all units, of any time, below the roots that a key may see."""
        keys: set[str] = set()
        for root in roots:
            found = [root] if "@" in root else [unit.key for unit in self.structure if unit.code == root]
            for key in found:
                if key in self.structure:
                    keys.update(self.structure.descendants(key))
        return frozenset(self.numbers[key] for key in keys if key in self.numbers)

    def rows(self, scope: Group, level: AgencyKind | None, since: date, until: date, structure_on: date | None) -> list[Group]:
        """The rows of a table over `scope`: each unit for itself, or each unit of `level` with all below it.

        A unit for itself is listed when it existed within the period and nothing is below it, or when it counted something.
        Rows do not overlap. Without a level they add up to the scope; with one, units that are not below such a unit of the
        scope are left out, and of several such above one another the topmost is the row. Vietnamese alphabetical order,
        unmapped last.
        """
        holder = self._holders(structure_on)
        inside = self._inside(scope, until, structure_on) if level is not None else frozenset()
        groups: dict[str | None, set[int]] = {}
        for number in scope.members:
            key = self.keys.get(number)
            if key is None:
                groups.setdefault(None, set()).add(number)
                continue
            held = holder.get(key, key)
            row = held if level is None else self._topmost(held, level, inside, until, structure_on)
            if row is not None:
                groups.setdefault(row, set()).add(number)
        found = [
            Group(
                Unmapped() if key is None else SingleUnit(key) if level is None else Subtrees((key,)),
                self.unit(key),
                frozenset(members),
            )
            for key, members in groups.items()
        ]
        return sorted(found, key=lambda group: (group.key is None, sort_key(group.unit.name.vi), group.key or ""))

    def is_expected(self, group: Group, since: date, until: date) -> bool:
        """Whether a table lists the unit even when it counted nothing: it lived within the period and nothing is below it."""
        if group.key is None or group.key not in self.structure:
            return False
        unit = self.structure[group.key]
        return (
            unit.valid_from <= until
            and (unit.valid_to is None or unit.valid_to > since)
            and not self.structure.children_of(unit.key)
        )

    def _alone(self, key: str, structure_on: date | None, permitted: frozenset[int] | None) -> frozenset[int]:
        holder = self._holders(structure_on)
        members = frozenset(number for one, number in self.numbers.items() if holder.get(one, one) == key)
        if key not in self.numbers or (permitted is not None and not members | {self.numbers[key]} <= permitted):
            raise _unknown(key)
        return members

    def seen(self, number: int | None, permitted: frozenset[int] | None) -> str | None:
        """The key of a unit, if it has one and is permitted."""
        return self.keys.get(number) if number is not None and (permitted is None or number in permitted) else None

    def _find(self, name: str, on: date) -> str:
        if name in self.structure:
            return name
        if "@" not in name:
            # A code whose unit ended within the period is still meant: its latest unit that had begun.
            begun = [unit for unit in self.structure if unit.code == name and unit.valid_from <= on]
            if begun:
                return max(begun, key=lambda unit: unit.valid_from).key
        elif name in self.numbers:
            return name
        raise _unknown(name, on)

    def _below(self, root: str, until: date, structure_on: date | None) -> set[str]:
        if root not in self.structure:
            return {root}
        holder = self._holders(structure_on)
        below = self._subtree([root], until, structure_on)
        return below if structure_on is None else {key for key, held in holder.items() if held in below}

    def _subtree(self, roots: Iterable[str], until: date, structure_on: date | None) -> set[str]:
        """Keys of these units and of all below them."""
        found = {root for root in roots if root in self.structure}
        children = self._children(until, structure_on)
        ahead = list(found)
        while ahead:
            below = [key for key in children.get(ahead.pop(), ()) if key not in found]
            found.update(below)
            ahead += below
        return found

    def _children(self, until: date, structure_on: date | None) -> Mapping[str, Sequence[str]]:
        at = until, structure_on
        if at not in self._known_children:
            children: dict[str, list[str]] = {}
            for unit in self.structure:
                parent = self._parent(unit, until, structure_on)
                if parent is not None:
                    children.setdefault(parent, []).append(unit.key)
            while len(self._known_children) >= MAX_DAYS:
                self._known_children.pop(next(iter(self._known_children)), None)
            self._known_children[at] = children
        return self._known_children[at]

    def _parent(self, unit: Agency, until: date, structure_on: date | None) -> str | None:
        """The unit directly above: that of the structure's day, or of the unit's last day by `until`."""
        if structure_on is not None:
            on = structure_on
            if not unit.exists_on(on):
                return None  # a former unit, or one to come, is below nobody of the day
        else:
            on = until if unit.valid_to is None else min(until, unit.valid_to - ONE_DAY)
        parent = self.structure.parent_of(unit.key, on)
        if parent is None or (structure_on is not None and not parent.exists_on(on)):
            return None
        return parent.key

    def _inside(self, scope: Group, until: date, structure_on: date | None) -> Collection[str]:
        """Keys of the units that a scope covers by the structure."""
        if isinstance(scope.scope, Subtrees):
            return self._subtree(scope.scope.units, until, structure_on)
        return {unit.key for unit in self.structure}

    def _holders(self, structure_on: date | None) -> Mapping[str, str]:
        return {} if structure_on is None else self.structure.successions(structure_on)

    def _topmost(
        self, key: str, level: AgencyKind, inside: Collection[str], until: date, structure_on: date | None
    ) -> str | None:
        found: str | None = None
        at: str | None = key
        while at is not None and at in inside:
            unit = self.structure[at]
            if unit.kind is level:
                found = at
            at = self._parent(unit, until, structure_on)
        return found

    def unit(self, key: str | None) -> Unit:
        """The unit of a key as responses show it; None: what stands for agencies that are not known."""
        if key is None:
            return Unit(agency=None, code=None, name=UNMAPPED_NAME, kind=None)
        if key not in self.structure:
            return Unit(agency=key, code=key.partition("@")[0], name=Text(key, key), kind=None)
        unit = self.structure[key]
        return Unit(agency=unit.key, code=unit.code, name=Text(unit.name_vi, unit.name_en), kind=unit.kind.value)

    def listed(self, permitted: frozenset[int] | None = None) -> list[ListedUnit]:
        """All permitted units; None permits all."""
        return [
            ListedUnit(
                agency=unit.key,
                code=unit.code,
                name=Text(unit.name_vi, unit.name_en),
                kind=unit.kind.value,
                parent=unit.parent,
                valid_from=unit.valid_from,
                valid_to=unit.valid_to,
                successors=list(unit.successors),
            )
            for unit in self.structure
            if permitted is None or self.numbers.get(unit.key) in permitted
        ]


def _unknown(name: str, on: date | None = None) -> NotFound:
    """The same problem for an agency that does not exist and for one that the key may not see."""
    when = f" on {on}" if on else ""
    return NotFound(f"This key knows no agency {name!r}{when}. GET /v1/agencies lists the units and their keys.")
