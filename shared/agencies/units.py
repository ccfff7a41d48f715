"""Agencies (cơ quan, đơn vị) through time: units that are merged, split, renamed, and whose codes are used again.

A unit is a code from a day on: its key is `<code>@<valid from>`. The statistics office gives the code of a merged commune to
its successor, so a code alone names different offices at different times. Intervals are half-open: `valid_to` is the first
day on which the unit is no more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from itertools import islice, pairwise

import msgspec

from shared.errors import Invalid, NotFound
from shared.languages import Bilingual, bilingual, joined
from shared.vietnamese import sort_key

MAX_LEVELS, MAX_UNITS_PER_CODE, MAX_SUCCESSIONS = 20, 100, 100
"""Levels of offices, units that bear one code in turn, and units that follow one another: several times what there is. Without
bounds a short list could make every lookup slow."""
MAX_FINDINGS = 100
"""Contradictions that one problem lists."""


class AgencyKind(StrEnum):
    """The level of an agency."""

    province = "province"  # tỉnh, thành phố trực thuộc trung ương
    department = "department"  # sở, ban, ngành
    district = "district"  # huyện (until 2025-07-01)
    district_office = "district_office"  # phòng chuyên môn của huyện
    commune = "commune"  # xã, phường, thị trấn


class Agency(msgspec.Struct, frozen=True, omit_defaults=True):
    """One unit, for as long as its name, kind and parent stay the same."""

    code: str
    """As the province's software writes it; after a reorganisation another unit may have it."""
    name_vi: str
    """In Vietnamese, as it stands in documents."""
    name_en: str
    """In English."""
    kind: AgencyKind
    """What it is among the province's agencies."""
    valid_from: date
    """Its first day; part of its key `<code>@<valid_from>`."""
    parent: str | None = None
    """Code of the parent, meaning the unit that has the code on the day in question; or the key of one unit."""
    valid_to: date | None = None
    """First day after its end; None while it exists."""
    successors: tuple[str, ...] = ()
    """Keys of the units that took over: one after a merger or renaming, several after a split, none after an abolition."""
    legal_basis: str = ""
    """The decision that established or ended it; empty where none was given."""

    @property
    def key(self) -> str:
        """`<code>@<valid from>`: identifies the unit in figures, dossiers and the API."""
        return f"{self.code}@{self.valid_from.isoformat()}"

    def exists_on(self, day: date) -> bool:
        """Whether the unit exists on the day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


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


def contradictions(agencies: Iterable[Agency]) -> Iterator[Bilingual]:
    """Contradictions in a list of agencies, each as a sentence with what to do; none when the list can be used."""
    units = list(agencies)
    by_key: dict[str, Agency] = {}
    by_code: dict[str, list[Agency]] = defaultdict(list)
    for unit in units:
        if unit.key in by_key:
            yield bilingual(
                "{unit} is listed twice: keep one.", "{unit} có hai lần trong danh mục: giữ lại một.", unit=unit.key
            )
            continue
        by_key[unit.key] = unit
        by_code[unit.code].append(unit)
        if not unit.code or "@" in unit.code:
            yield bilingual(
                "{unit}: a code must not be empty nor hold an @.",
                "{unit}: mã không được trống và không được có ký tự @.",
                unit=unit.key,
            )
        if unit.valid_to is not None and unit.valid_to <= unit.valid_from:
            yield bilingual(
                "{unit} ends on {end}, not after it began: correct valid_to.",
                "{unit} kết thúc ngày {end}, không sau ngày bắt đầu: sửa valid_to.",
                unit=unit.key,
                end=unit.valid_to,
            )
    for code, units in by_code.items():
        units.sort(key=lambda unit: unit.valid_from)
        if len(units) > MAX_UNITS_PER_CODE:
            yield bilingual(
                "{code} was given to {n} units; at most {limit} are taken: correct the list.",
                "Mã {code} được cấp cho {n} đơn vị; tối đa là {limit}: sửa danh mục.",
                code=code,
                n=len(units),
                limit=MAX_UNITS_PER_CODE,
            )
        for earlier, later in pairwise(units):
            if earlier.valid_to is None or earlier.valid_to > later.valid_from:
                yield bilingual(
                    "{earlier} still exists when {later} begins: let it end on {day} or earlier.",
                    "{earlier} chưa kết thúc khi {later} bắt đầu: cho kết thúc vào ngày {day} hoặc sớm hơn.",
                    earlier=earlier.key,
                    later=later.key,
                    day=later.valid_from,
                )
    for unit in by_key.values():
        if unit.parent is not None:
            yield from _parent_findings(unit, by_key, by_code)
        for key in unit.successors:
            successor = by_key.get(key)
            if successor is None:
                yield bilingual(
                    "{unit} names the successor {key}, which is not listed: add it or correct the key.",
                    "{unit} có đơn vị kế thừa {key} không có trong danh mục: bổ sung hoặc sửa khóa.",
                    unit=unit.key,
                    key=key,
                )
            elif unit.valid_to is None:
                yield bilingual(
                    "{unit} has a successor but no end: give it a valid_to.",
                    "{unit} có đơn vị kế thừa nhưng chưa có ngày kết thúc: bổ sung valid_to.",
                    unit=unit.key,
                )
            elif not successor.exists_on(unit.valid_to):
                yield bilingual(
                    "{unit} ends on {end}, when its successor {key} does not exist: correct one of the days.",
                    "{unit} kết thúc ngày {end}, khi đơn vị kế thừa {key} không tồn tại: sửa một trong hai ngày.",
                    unit=unit.key,
                    end=unit.valid_to,
                    key=key,
                )
    yield from _circles(by_key)
    yield from _long_lines(by_key)


def _parent_findings(unit: Agency, by_key: Mapping[str, Agency], by_code: Mapping[str, list[Agency]]) -> Iterator[Bilingual]:
    assert unit.parent is not None
    named = [by_key[unit.parent]] if unit.parent in by_key else by_code.get(unit.parent, [])
    if not named:
        yield bilingual(
            "{unit} has the parent {parent}, which is not listed: add it or correct the parent.",
            "{unit} có đơn vị cấp trên {parent} không có trong danh mục: bổ sung hoặc sửa đơn vị cấp trên.",
            unit=unit.key,
            parent=unit.parent,
        )
        return
    if not any(parent.exists_on(unit.valid_from) for parent in named):
        yield bilingual(
            "{unit} begins when its parent {parent} does not exist: correct the parent or the day.",
            "{unit} bắt đầu khi đơn vị cấp trên {parent} không tồn tại: sửa đơn vị cấp trên hoặc ngày.",
            unit=unit.key,
            parent=unit.parent,
        )
    ends = [parent.valid_to for parent in named]
    if None not in ends:
        last = max(end for end in ends if end is not None)
        if unit.valid_to is None or unit.valid_to > last:
            yield bilingual(
                "{unit} outlives its parent {parent}, which ends on {last}: end it or give it another parent.",
                "{unit} còn tồn tại sau khi đơn vị cấp trên {parent} kết thúc ngày {last}: cho kết thúc hoặc chuyển"
                " sang đơn vị cấp trên khác.",
                unit=unit.key,
                parent=unit.parent,
                last=last,
            )


def _circles(by_key: Mapping[str, Agency]) -> Iterator[Bilingual]:
    """Units that are their own ancestors, and those with more than `MAX_LEVELS` levels above them; visits each code once."""
    above = {unit.code: (unit.parent or "").partition("@")[0] for unit in by_key.values()}
    levels: dict[str, int] = {}
    for first in above:
        line: dict[str, None] = {}
        code = first
        while code in above and code not in levels and code not in line:
            line[code] = None
            code = above[code]
        if code in line:
            circle = list(line)[list(line).index(code) :]
            shown = [*circle[:MAX_LEVELS], *(["..."] if len(circle) > MAX_LEVELS else []), code]
            yield bilingual(
                "{code} is above itself ({line}): correct one of the parents.",
                "{code} là cấp trên của chính nó ({line}): sửa một trong các đơn vị cấp trên.",
                code=code,
                line=" under ".join(shown),
            )
            levels |= dict.fromkeys(circle, 0)
        for code in reversed(line):
            if code not in levels:
                levels[code] = levels.get(above[code], 0) + 1
                if levels[code] == MAX_LEVELS + 1:
                    yield bilingual(
                        "{code} lies more than {n} levels below the top: correct its parent.",
                        "{code} nằm dưới cấp cao nhất quá {n} cấp: sửa đơn vị cấp trên.",
                        code=code,
                        n=MAX_LEVELS,
                    )


def _long_lines(by_key: Mapping[str, Agency]) -> Iterator[Bilingual]:
    """Units with a line of more than `MAX_SUCCESSIONS` successors."""
    lines: dict[str, int] = {}
    # A successor ends later than the unit that it follows, so the last ones come first.
    for unit in sorted(by_key.values(), key=lambda unit: unit.valid_to or date.max, reverse=True):
        lines[unit.key] = 1 + max((lines.get(key, 0) for key in unit.successors), default=0)
        if lines[unit.key] == MAX_SUCCESSIONS + 1:
            yield bilingual(
                "{unit} has a line of more than {n} successors: correct them.",
                "{unit} có chuỗi hơn {n} đơn vị kế thừa: sửa lại.",
                unit=unit.key,
                n=MAX_SUCCESSIONS,
            )
