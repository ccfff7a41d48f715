"""The structure of a province's agencies on any day: which unit a code names, what lies below it, what succeeded it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from itertools import islice

import msgspec

from shared.agencies.agency import MAX_FINDINGS, Agency, AgencyKind
from shared.agencies.contradictions import contradictions
from shared.errors import Invalid, NotFound
from shared.languages import Bilingual, bilingual, joined
from shared.vietnamese import sort_key


class LikeForLike(msgspec.Struct, frozen=True):
    """Units before and after a change that cover the same territory, so that their figures can be compared."""

    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def changed(self) -> bool:
        """Whether the units differ; if so a comparison has to state that it is over the group."""
        return self.before != self.after


class Structure:
    """All units of a province, past and present. Immutable; raises `Invalid` with all contradictions."""

    def __init__(self, agencies: Iterable[Agency]) -> None:
        self.agencies = tuple(agencies)
        self._by_key = {unit.key: unit for unit in self.agencies}
        by_code: dict[str, list[Agency]] = defaultdict(list)
        for unit in sorted(self.agencies, key=lambda unit: unit.valid_from):
            by_code[unit.code].append(unit)
        self._by_code: Mapping[str, list[Agency]] = by_code
        self._newest_first: Mapping[str, tuple[tuple[date, Agency, str], ...]] = {
            code: tuple((unit.valid_from, unit, unit.key) for unit in reversed(units)) for code, units in by_code.items()
        }
        findings = list(islice(contradictions(self.agencies), MAX_FINDINGS))
        if findings:
            begins = Bilingual("The list of agencies contradicts itself:", "Danh mục cơ quan mâu thuẫn:")
            raise Invalid.of_findings(joined([begins, *findings]), findings)
        self._children: dict[str, list[Agency]] = defaultdict(list)
        for unit in self.agencies:
            for parent in self._parents(unit):
                self._children[parent.key].append(unit)

    def __len__(self) -> int:
        return len(self.agencies)

    def __iter__(self) -> Iterator[Agency]:
        return iter(self.agencies)

    def __contains__(self, key: str) -> bool:
        return key in self._by_key

    def __getitem__(self, key: str) -> Agency:
        try:
            return self._by_key[key]
        except KeyError:
            raise NotFound(
                bilingual(
                    "No agency has the key {key!r}. Keys look like 10828@2024-12-01; GET /v1/catalogue lists them.",
                    "Không có cơ quan nào có khóa {key!r}. Khóa có dạng 10828@2024-12-01; xem GET /v1/catalogue.",
                    key=key,
                )
            ) from None

    def unit_for(self, code: str, on: date) -> Agency | None:
        """The unit that carries the code on the day; None if there was none."""
        for valid_from, unit, _ in self._newest_first.get(code, ()):
            if valid_from <= on:
                return unit if unit.exists_on(on) else None
        return None

    @property
    def codes(self) -> Collection[str]:
        """The codes of all units, past and present."""
        return self._newest_first.keys()

    def key_for(self, code: str, on: date) -> str | None:
        """Key of the unit that carries the code on the day; None if there was none."""
        for valid_from, unit, key in self._newest_first.get(code, ()):
            if valid_from <= on:
                return key if unit.valid_to is None or on < unit.valid_to else None
        return None

    def find(self, name: str, on: date | None = None) -> Agency:
        """The unit of a key, or of a code on a day (None: the last unit that had the code). Raises NotFound."""
        if "@" in name:
            return self[name]
        units = self._by_code.get(name)
        unit = self.unit_for(name, on) if on is not None else units[-1] if units else None
        if unit is not None:
            return unit
        if units:
            known = ", ".join(unit.key for unit in units)
            raise NotFound(
                bilingual(
                    "No agency carried the code {name} on {on}. Its units are {known}: ask for one of these keys.",
                    "Không cơ quan nào mang mã {name} vào ngày {on}. Các đơn vị của mã này: {known}; dùng một khóa trong đó.",
                    name=name,
                    on=on,
                    known=known,
                )
            )
        raise NotFound(
            bilingual(
                "No agency has the code {name!r}. GET /v1/catalogue lists them.",
                "Không có cơ quan nào có mã {name!r}. Xem GET /v1/catalogue.",
                name=name,
            )
        )

    def at(self, on: date) -> list[Agency]:
        """The units that exist on the day, in Vietnamese alphabetical order."""
        return sorted((unit for unit in self.agencies if unit.exists_on(on)), key=lambda unit: sort_key(unit.name_vi))

    def parent_of(self, key: str, on: date | None = None) -> Agency | None:
        """The unit's parent on a day (None: when the unit began)."""
        unit = self[key]
        if unit.parent is None:
            return None
        if "@" in unit.parent:
            return self._by_key.get(unit.parent)
        return self.unit_for(unit.parent, max(on or unit.valid_from, unit.valid_from))

    def children_of(self, key: str, on: date | None = None) -> list[Agency]:
        """Units directly below; on a day, or at any time (None)."""
        parent = self[key]
        return [
            unit
            for unit in self._children.get(key, ())
            if on is None or (unit.exists_on(on) and parent.exists_on(on) and self.parent_of(unit.key, on) == parent)
        ]

    def descendants(self, key: str, on: date | None = None) -> list[str]:
        """Keys of the unit itself and of all below it; on a day, or at any time (None)."""
        found = {self[key].key: None}  # a dict keeps the order
        above = [key]
        while above:
            below = [unit.key for parent in above for unit in self.children_of(parent, on) if unit.key not in found]
            found.update(dict.fromkeys(below))
            above = below
        return list(found)

    def successor_at(self, key: str, on: date) -> str | None:
        """The unit that has taken over all of this unit by the day; itself while it exists.

        None where there is no such unit: it was split, abolished, or does not exist yet.
        """
        unit = self[key]
        while not unit.exists_on(on):
            if on < unit.valid_from or len(unit.successors) != 1:
                return None
            unit = self[unit.successors[0]]
        return unit.key

    def successions(self, on: date) -> dict[str, str]:
        """The unit of a day's structure in which each unit is counted: key to key, for all units, so that sums stay complete.

        A unit without exactly one successor is mapped to itself: its figures are shown as those of a former unit.
        """
        return {unit.key: self.successor_at(unit.key, on) or unit.key for unit in self.agencies}

    def like_for_like(self, before: date, after: date, kind: AgencyKind | None = None) -> list[LikeForLike]:
        """The smallest groups of units of two days that cover the same territory, in Vietnamese alphabetical order.

        A merger gives several before and one after, a split one before and several after, an abolition none after.
        """
        group: dict[str, set[str]] = {}

        def join(members: Iterable[str]) -> None:
            sets = {id(one): one for one in (group.get(member, {member}) for member in members)}
            # The smaller ones join the largest, so no member moves often.
            merged, *others = sorted(sets.values(), key=len, reverse=True)
            for one in (merged if len(merged) == 1 else (), *others):
                for member in tuple(one):
                    merged.add(member)
                    group[member] = merged

        old = [unit for unit in self.at(before) if kind is None or unit.kind is kind]
        new = [unit for unit in self.at(after) if kind is None or unit.kind is kind]
        for unit in old:
            join({unit.key, *self._reached(unit, after)})
        for unit in new:
            join({unit.key})
        olds, news = [unit.key for unit in old], [unit.key for unit in new]
        groups: dict[int, set[str]] = {}
        for key in (*olds, *news):
            groups[id(group[key])] = group[key]
        return [
            LikeForLike(
                tuple(key for key in olds if key in members),
                tuple(key for key in news if key in members),
            )
            for members in groups.values()
        ]

    def _reached(self, unit: Agency, on: date) -> list[str]:
        met = {unit.key: unit}
        ahead = [unit]
        while ahead:
            one = ahead.pop()
            if not one.exists_on(on) and on >= one.valid_from:
                following = [self[key] for key in one.successors if key not in met]
                met |= {successor.key: successor for successor in following}
                ahead += following
        return [key for key, one in met.items() if one.exists_on(on)]

    def _parents(self, unit: Agency) -> list[Agency]:
        if unit.parent is None:
            return []
        if "@" in unit.parent:
            return [self._by_key[unit.parent]]
        return [
            parent
            for parent in self._by_code[unit.parent]
            if (unit.valid_to is None or parent.valid_from < unit.valid_to)
            and (parent.valid_to is None or unit.valid_from < parent.valid_to)
        ]
